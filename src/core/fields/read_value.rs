//! Reads a value from each of its four forms: a literal, the result of a template, a form part, a stored spec.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{EnumWord, LocalFile, MediaFormat, Type, Value, ValueError};
use crate::diagnostic::Code;
use crate::yaml::{Node, Value as Yaml};

/// Maximum magnitude up to which a float represents every integer.
pub(super) const MAX_EXACT: u64 = 1 << 53;

/// Maximum size of ids in a form part, in bytes.
const MAX_ID_BYTES: usize = 256;

impl Type {
    /// Reads a literal of a manifest. A file is read as its path.
    ///
    /// # Errors
    /// Returns an error if the literal has another type or breaks a rule of the type.
    pub fn read(&self, node: &Node) -> Result<Value, ValueError> {
        let value = match (self, &node.value) {
            (Self::Integer(..), Yaml::Int(number)) => Value::Integer(*number),
            (Self::Integer(..), Yaml::Float(number)) if number.fract() == 0.0 && number.abs() <= MAX_EXACT as f64 => {
                Value::Integer(*number as i64)
            }
            (Self::Number(_), Yaml::Int(number)) => Value::Number(*number as f64),
            (Self::Number(_), Yaml::Float(number)) => Value::Number(*number),
            (Self::Flag, Yaml::Bool(flag)) => Value::Flag(*flag),
            (Self::Words(words), Yaml::String(text)) => word(words, &text.text)?,
            (Self::Words(words), Yaml::Int(number)) => return Err(vendor_code(words, *number)),
            (Self::Words(_) | Self::Integer(..) | Self::Number(_) | Self::Flag | Self::Items(_), _) => {
                return Err(ValueError::Type);
            }
            (_, Yaml::String(text)) => Value::Text((&*text.text).into()),
            _ => return Err(ValueError::Type),
        };
        self.check(value)
    }

    /// Parses the result of a template. A file is read as its path.
    ///
    /// # Errors
    /// Returns an error if the result has another type or breaks a rule of the type.
    pub fn parse(&self, text: &str) -> Result<Value, ValueError> {
        let trimmed = text.trim();
        let value = match self {
            Self::Integer(..) => Value::Integer(trimmed.parse().map_err(|_| ValueError::Type)?),
            Self::Number(_) => Value::Number(number(trimmed).ok_or(ValueError::Type)?),
            Self::Flag => match trimmed.to_ascii_lowercase().as_str() {
                "true" => Value::Flag(true),
                "false" => Value::Flag(false),
                _ => return Err(ValueError::Type),
            },
            Self::Words(words) => word(words, trimmed)?,
            Self::Items(_) => return Err(ValueError::Type),
            _ => Value::Text(text.into()),
        };
        self.check(value)
    }

    /// Reads a form part, as strictly as the vendor does.
    ///
    /// # Errors
    /// Returns an error if the part has another type or breaks a rule of the type.
    pub fn receive(&self, text: &str) -> Result<Value, ValueError> {
        let value = match self {
            Self::Integer(..) => Value::Integer(digits(text).ok_or(ValueError::Type)?),
            Self::Number(_) => Value::Number(decimal(text).ok_or(ValueError::Type)?),
            Self::Flag => Value::Flag(text.parse().map_err(|_| ValueError::Type)?),
            Self::Words(words) => {
                let code = digits(text).ok_or(ValueError::Type)?;
                let index = words.iter().position(|word| word.vendor_code == code).ok_or(ValueError::Bounds)?;
                Value::Word(index as u8)
            }
            Self::Id if !is_token(text) => return Err(ValueError::Type),
            // The rule's message is about a text, not about a part.
            Self::Speech if text.trim().is_empty() => return Err(ValueError::rule(Code::TextLength, "is empty", None)),
            Self::Items(_) => return Err(ValueError::Type),
            _ => Value::Text(text.into()),
        };
        self.check(value)
    }

    /// Reads a value of a canonical spec, or returns `None` if it has another type.
    ///
    /// Bounds do not apply, because a spec that was paid under other bounds remains valid.
    pub fn restore(&self, json: &Json) -> Option<Value> {
        Some(match self {
            Self::Integer(..) => Value::Integer(json.as_i64()?),
            Self::Number(_) => Value::Number(json.as_f64()?),
            Self::Flag => Value::Flag(json.as_bool()?),
            Self::Words(words) => word(words, json.as_str()?).ok()?,
            Self::File(_) => Value::File(Arc::new(LocalFile {
                name: String::new(),
                path: PathBuf::new(),
                sha256: json.as_str()?.to_owned(),
                bytes: 0,
                // A spec does not store the format, and callsheet never opens a file without a path.
                format: MediaFormat::Png,
                kind: MediaFormat::Png.kind(),
                seconds: None,
            })),
            Self::Items(_) => return None,
            _ => Value::Text(json.as_str()?.into()),
        })
    }
}

fn word(words: &[EnumWord], text: &str) -> Result<Value, ValueError> {
    match words.iter().position(|word| word.text == text) {
        Some(index) => Ok(Value::Word(index as u8)),
        None => Err(text.parse().map_or(ValueError::Type, |number| vendor_code(words, number))),
    }
}

fn vendor_code(words: &[EnumWord], number: i64) -> ValueError {
    words
        .iter()
        .find(|word| word.vendor_code == number)
        .map_or(ValueError::Type, |word| ValueError::VendorCode(word.text))
}

/// Parses a number without `inf`, `NaN` or hexadecimal digits.
fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
    text.parse::<f64>().ok().filter(|value| plain && value.is_finite())
}

/// Parses an integer without plus sign or spaces.
fn digits(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let plain = !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Parses a number with or without a fraction, without exponent or plus sign.
fn decimal(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (plain(whole) && plain(fraction)).then(|| text.parse::<f64>().ok()).flatten().filter(|value| value.is_finite())
}

/// Returns `true` if a text is an id in the vendor's format: visible characters, no quotes.
fn is_token(text: &str) -> bool {
    let visible = |one: char| !one.is_control() && !matches!(one, '"' | '\'' | '`');
    text.len() <= MAX_ID_BYTES && text.chars().all(visible)
}
