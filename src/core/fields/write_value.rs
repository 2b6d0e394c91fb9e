//! Writes a value in a spec, in canonical JSON or in a form part, and describes its type.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::read_value::MAX_EXACT;
use super::{Range, Type, Value, without_signature, without_signature_at};
use crate::source::quoted;

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
    pub fn write_canonical(&self, value: &Value, revision: u8, out: &mut Vec<u8>) {
        match value {
            Value::Text(text) if matches!(self, Self::Url) => write_plain(&*without_signature_at(text, revision), out),
            Value::Text(text) => write_plain(&**text, out),
            Value::Integer(number) if number.unsigned_abs() <= MAX_EXACT => write_plain(number, out),
            Value::Integer(number) => write_number(number, out),
            Value::Number(number) => write_number(number, out),
            Value::Flag(flag) => write_plain(flag, out),
            Value::Word(index) => write_plain(self.word_text(*index), out),
            Value::File(file) => write_plain(&file.sha256, out),
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
            Self::Words(words) => format!("one of {}", quoted(words.iter().map(|word| word.text))),
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

/// Writes a string, an integer or a flag, whose canonical form is that of `serde_json`.
fn write_plain(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    let _infallible = serde_json::to_writer(out, value);
}

fn write_number(number: &impl Serialize, out: &mut Vec<u8>) {
    out.extend_from_slice(serde_json_canonicalizer::to_string(number).as_deref().unwrap_or("null").as_bytes());
}
