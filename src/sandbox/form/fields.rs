//! The parts of a form by name, and the faults found so far.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Part;
use crate::diagnostic::nearest;

/// More faults than anyone reads.
const MOST_FAULTS: usize = 20;
/// What curl and its kind say of a field that is no file.
const PLAIN_TYPES: [&str; 2] = ["application/json", "text/plain"];

/// Why a form was refused: each fault names its part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(Vec<String>);

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.len().min(MOST_FAULTS);
        out.write_str(&self.0[..shown].join("; "))?;
        if self.0.len() > shown { write!(out, "; and {} more", self.0.len() - shown) } else { Ok(()) }
    }
}

/// The parts by name.
pub struct Fields<'a> {
    /// None for a faulty one: it is there, so that nothing is called missing on top.
    values: BTreeMap<&'a str, Option<&'a str>>,
    faults: Vec<String>,
}

impl<'a> Fields<'a> {
    /// Parts of which each must be `known`; unknown ones, repeated ones, files and unreadable ones are faults.
    pub fn new(parts: &'a [Part], known: &BTreeSet<String>) -> Fields<'a> {
        let mut fields = Fields { values: BTreeMap::new(), faults: Vec::new() };
        for part in parts {
            let name = part.name.as_str();
            if !known.contains(name) {
                fields.fault(unknown(name, known));
            } else if fields.values.contains_key(name) {
                fields.fault(format!("`{name}` is there twice"));
            } else if part.file {
                fields.fault(format!("`{name}` is a value, not a file"));
            } else if !part.content_type.as_deref().is_none_or(is_plain) {
                let given = part.content_type.as_deref().unwrap_or_default();
                fields.fault(format!("`{name}` must be sent as application/json or without a type, not as {given}"));
            } else if let Ok(value) = std::str::from_utf8(&part.value) {
                fields.values.insert(name, Some(value));
                continue;
            } else {
                fields.fault(format!("`{name}` is not UTF-8"));
            }
            if known.contains(name) {
                fields.values.entry(name).or_insert(None);
            }
        }
        fields
    }

    /// True if the part is there, even if faulty.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// True if any part stands in the group: `voice[tts]` holds `voice[tts][id]`.
    pub fn group(&self, prefix: &str) -> bool {
        self.values.keys().any(|name| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('[')))
    }

    /// Notes a fault.
    pub fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// The value of a part, read; a fault if it cannot be.
    pub fn read<T>(&mut self, name: &str, read: impl FnOnce(&'a str) -> Result<T, String>) -> Option<T> {
        match read((*self.values.get(name)?)?) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.fault(format!("`{name}` {reason}"));
                None
            }
        }
    }

    /// As [`Fields::read`]; a fault if the part is missing.
    pub fn require<T>(&mut self, name: &str, read: impl FnOnce(&'a str) -> Result<T, String>) -> Option<T> {
        if !self.has(name) {
            self.fault(format!("`{name}` is required"));
        }
        self.read(name, read)
    }

    /// The whole, if no fault was found.
    pub fn finish<T>(self, whole: Option<T>) -> Result<T, Refused> {
        match whole {
            Some(whole) if self.faults.is_empty() => Ok(whole),
            _ => Err(Refused(self.faults)),
        }
    }
}

fn is_plain(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    PLAIN_TYPES.iter().any(|known| known.eq_ignore_ascii_case(essence))
}

fn unknown(name: &str, known: &BTreeSet<String>) -> String {
    if let Some(rest) = name.strip_prefix("backround") {
        return format!("`{name}` is not a part; the group is spelled `background{rest}`");
    }
    let hint = nearest(name, known.iter().map(String::as_str)).map(|near| format!(", did you mean `{near}`?"));
    format!("`{name}` is not a part of this form{}", hint.unwrap_or_default())
}
