//! Why a template gives no text: the engine's errors in our words.

use std::ops::Range;

use minijinja::{Error, ErrorKind};

use super::advice::{Advice, advice};
use super::identifiers::{Edits, decode};
use crate::diagnostic::Code;

/// Why a template gives no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The kind of fault.
    pub code: Code,
    /// What is wrong, for all faults but an undefined name.
    pub message: String,
    /// The bytes of the template that are at fault.
    pub range: Option<Range<usize>>,
    /// The expression that is not defined.
    pub undefined: Option<String>,
    /// What to do about other faults.
    pub help: Vec<String>,
}

impl Failure {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), range: None, undefined: None, help: Vec::new() }
    }

    /// The same failure with the places and names of the text that was rewritten.
    pub(super) fn original(mut self, edits: Option<&Edits>) -> Self {
        if let Some(edits) = edits {
            self.range = self.range.map(|range| edits.original(range));
            self.message = decode(&self.message);
            self.undefined = self.undefined.as_deref().map(decode);
            self.help = self.help.iter().map(|help| decode(help)).collect();
        }
        self
    }
}

/// The engine's error in our words.
pub(super) fn failure(error: &Error, source: &str) -> Failure {
    let detail = error.detail().unwrap_or_default();
    let Advice { range: meant, help } = advice(error, source);
    let range =
        meant.or_else(|| error.range()).filter(|range| source.get(range.clone()).is_some_and(|part| !part.is_empty()));
    let undefined = undefined_name(error, detail, source, range.as_ref());
    let range = undefined.as_deref().and_then(|name| place_of(name, source, range.clone())).or(range);
    let (code, message) = match error.kind() {
        _ if undefined.is_some() => (Code::UndefinedVariable, String::new()),
        ErrorKind::OutOfFuel => (Code::TemplateLimit, "the template runs too long or makes too much text".into()),
        ErrorKind::SyntaxError | ErrorKind::BadEscape if detail.contains("maximum recursion") => {
            (Code::TemplateLimit, "the template nests too deeply".into())
        }
        ErrorKind::SyntaxError | ErrorKind::BadEscape => {
            (Code::TemplateSyntax, format!("the template is malformed: {detail}"))
        }
        ErrorKind::TemplateNotFound => (Code::TemplateError, "a template cannot include or extend another".into()),
        ErrorKind::InvalidOperation
            if ["too large", "too many elements", "recursion limit"].iter().any(|part| detail.contains(part)) =>
        {
            (Code::TemplateLimit, format!("the template makes too much: {detail}"))
        }
        kind if detail.is_empty() => (Code::TemplateError, format!("the template fails: {kind}")),
        _ => (Code::TemplateError, format!("the template fails: {detail}")),
    };
    let help = if undefined.is_some() { Vec::new() } else { help };
    Failure { code, message, range, undefined, help }
}

/// The expression that has no value: as the engine describes it, else as it stands in the template.
fn undefined_name(error: &Error, detail: &str, source: &str, range: Option<&Range<usize>>) -> Option<String> {
    if let Some((before, _)) = detail.split_once("` is undefined")
        && let Some((_, name)) = before.rsplit_once('`')
    {
        return Some(name.to_owned());
    }
    (error.kind() == ErrorKind::UndefinedError)
        .then(|| range.and_then(|range| source.get(range.clone())).unwrap_or("a name").trim().to_owned())
}

/// The place of an undefined name: the error's own, or the name itself where the error points at what uses it.
fn place_of(name: &str, source: &str, range: Option<Range<usize>>) -> Option<Range<usize>> {
    let range = range?;
    let near = source.get(range.clone()).is_some_and(|part| part.contains(name));
    let start = if near { return None } else { source.get(..range.end)?.rfind(name)? };
    Some(start..start + name.len())
}
