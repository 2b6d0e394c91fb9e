//! Writes a value in a spec, in canonical JSON or in a form part, and describes its type.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::read_value::MAX_EXACT;
use super::{Range, Type, Value, without_signature, without_signature_at};

impl Type {
    /// Returns the value as specs show it. A URL has no signature, and a file is its content.
    pub fn to_json(&self, value: &Value) -> Json {
        match value {
            Value::Text(text) if matches!(self, Self::Url) => json!(without_signature(text)),
            Value::Text(text) => json!(**text),
            Value::Integer(number) => json!(number),
            Value::Number(number) => json!(number),
            Value::Flag(flag) => json!(flag),
            Value::Word(index) => json!(self.word_text(*index)),
            Value::File(file) => json!(file.sha256),
            Value::Items(_) => Json::Null,
        }
    }

    /// Writes the value as canonical JSON (RFC 8785). URLs lack the signatures that a revision of the table knew.
    pub fn write_canonical(&self, value: &Value, revision: u8, out: &mut String) {
        match value {
            Value::Text(text) if matches!(self, Self::Url) => write_string(&without_signature_at(text, revision), out),
            Value::Text(text) => write_string(text, out),
            Value::Integer(number) if number.unsigned_abs() <= MAX_EXACT => {
                let _infallible = write!(out, "{number}");
            }
            Value::Integer(number) => write_number(number, out),
            Value::Number(number) => write_number(number, out),
            Value::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Value::Word(index) => write_string(self.word_text(*index), out),
            Value::File(file) => write_string(&file.sha256, out),
            Value::Items(_) => {}
        }
    }

    /// Returns the value of the form part, or `None` for files and lists.
    pub fn to_part(&self, value: &Value) -> Option<String> {
        Some(match value {
            Value::Text(text) => text.to_string(),
            Value::Integer(number) => number.to_string(),
            Value::Number(number) => {
                let mut text = number.to_string();
                if !text.contains('.') {
                    text.push_str(".0");
                }
                text
            }
            Value::Flag(flag) => flag.to_string(),
            Value::Word(index) => self.words()?.get(usize::from(*index))?.vendor_code.to_string(),
            Value::File(_) | Value::Items(_) => return None,
        })
    }

    fn word_text(&self, index: u8) -> &'static str {
        self.words().and_then(|words| words.get(usize::from(index))).map_or("", |word| word.text)
    }

    /// Returns the expected value in a manifest: `a whole number`.
    pub fn expected(&self) -> String {
        match self {
            Self::Integer(..) => "a whole number".to_owned(),
            Self::Number(_) => "a number".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Words(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("`{}`", word.text)).collect();
                format!("one of {}", words.join(", "))
            }
            Self::Items(_) => "a list".to_owned(),
            _ => "a text".to_owned(),
        }
    }

    /// Returns the expected value of a form part.
    pub fn expected_in_part(&self) -> String {
        match self {
            Self::Words(_) => "a whole number".to_owned(),
            Self::Number(_) => "a number such as 1.0".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Id => "an id".to_owned(),
            other => other.expected(),
        }
    }

    /// Returns the bounds: `between 0.5 and 1.5` for `("between", "and")`, or `above 0`. `None` for types without
    /// bounds.
    pub fn bounds(&self, from: &str, to: &str) -> Option<String> {
        match self {
            Self::Integer(min, max) => Some(format!("{from} {min} {to} {max}")),
            Self::Number(Range { min, inclusive: true, max: Some(max) }) => Some(format!("{from} {min} {to} {max}")),
            Self::Number(Range { min, inclusive, .. }) => {
                Some(format!("{} {min}", if *inclusive { "at least" } else { "above" }))
            }
            Self::Words(words) => {
                let codes = || words.iter().map(|word| word.vendor_code);
                Some(format!("{from} {} {to} {}", codes().min()?, codes().max()?))
            }
            _ => None,
        }
    }
}

/// Writes a string as canonical JSON.
pub(super) fn write_string(value: &str, out: &mut String) {
    out.push('"');
    let mut rest = value;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            0x0c => out.push_str("\\f"),
            b'\r' => out.push_str("\\r"),
            other => {
                let _infallible = write!(out, "\\u{other:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

fn write_number(number: &impl serde::Serialize, out: &mut String) {
    out.push_str(serde_json_canonicalizer::to_string(number).as_deref().unwrap_or("null"));
}
