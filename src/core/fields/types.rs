//! The types of fields, with one rule for the values of each type.

use std::sync::Arc;

use super::pattern::is_color;
use super::{EnumWord, MediaKind, Value, ValueError, truncated, without_signature};
use crate::diagnostic::Code;

/// Maximum number of characters (Unicode scalars, after trimming) in a spoken text. The vendor's limits page says
/// under 5,000.
pub const MAX_SCRIPT_CHARS: usize = 4_999;

/// The type of a field's values.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A label of one line, which is not part of the content.
    Label,
    /// An opaque id of the vendor, on one line.
    Id,
    /// A spoken text: 1 to [`MAX_SCRIPT_CHARS`] characters after trimming.
    Speech,
    /// `#rrggbb`, stored in lower case.
    Color,
    /// An http(s) URL. A presigned one is sent complete and stored without its signature.
    Url,
    /// A file of the project, of one of these kinds. Specs store the hash of its content.
    File(&'static [MediaKind]),
    /// An integer, from the first bound to the second.
    Integer(i64, i64),
    /// A number within bounds.
    Number(Range),
    /// `true` or `false`.
    Flag,
    /// One of a list of words.
    Words(&'static [EnumWord]),
    /// A list of objects.
    Items(List),
}

/// A list of objects of a group without some of its fields. In manifests, each item has the group and a script.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// Name of an item's definition in the published schema, and prefix of the definitions inside it: `SceneVoice`.
    pub title: &'static str,
    /// Description of an item, for users.
    pub description: &'static str,
    /// Path of the group of each item.
    pub group: &'static str,
    /// Fields of the group that an item does not accept, relative to the group.
    pub without: &'static [&'static str],
}

/// The bounds of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Lower bound.
    pub min: f64,
    /// `true` if the lower bound itself is allowed.
    pub inclusive: bool,
    /// Upper bound, which is itself allowed.
    pub max: Option<f64>,
}

impl Range {
    /// Returns the range from `min` to `max`, both allowed.
    pub const fn between(min: f64, max: f64) -> Self {
        Self { min, inclusive: true, max: Some(max) }
    }

    /// Returns the range above `min`.
    pub const fn above(min: f64) -> Self {
        Self { min, inclusive: false, max: None }
    }

    fn contains(self, number: f64) -> bool {
        let enough = if self.inclusive { number >= self.min } else { number > self.min };
        number.is_finite() && enough && self.max.is_none_or(|max| number <= max)
    }
}

impl Type {
    /// Returns `true` if a value is a text for readers or listeners, or a string such as an id.
    pub const fn is_text(&self) -> bool {
        matches!(self, Self::Label | Self::Id | Self::Speech | Self::Url)
    }

    /// Converts the value to its stored form. The same rule applies to literals, templates and form parts.
    ///
    /// # Errors
    ///
    /// Returns an error if the value breaks a rule of the type.
    pub fn check(&self, value: Value) -> Result<Value, ValueError> {
        match (self, value) {
            (Self::Integer(min, max), Value::Integer(number)) if !(*min..=*max).contains(&number) => {
                Err(ValueError::Bounds)
            }
            (Self::Number(range), Value::Number(number)) if !range.contains(number) => Err(ValueError::Bounds),
            (Self::Label, Value::Text(text)) => one_line(text, Code::BadKey).map(Value::Text),
            (Self::Id, Value::Text(text)) => one_line(text, Code::WrongResult).map(Value::Text),
            (Self::Speech, Value::Text(text)) => speech(text).map(Value::Text),
            (Self::Color, Value::Text(text)) => color(text).map(Value::Text),
            (Self::Url, Value::Text(text)) => url(text).map(Value::Text),
            (_, value) => Ok(value),
        }
    }

    /// Returns the allowed words, or `None` for other types.
    pub fn words(&self) -> Option<&'static [EnumWord]> {
        match self {
            Self::Words(words) => Some(words),
            _ => None,
        }
    }
}

fn one_line(text: Arc<str>, code: Code) -> Result<Arc<str>, ValueError> {
    if text.trim().is_empty() {
        return Err(ValueError::rule(code, "is empty", None));
    }
    if text.chars().any(char::is_control) {
        return Err(ValueError::rule(code, "has a line break or another control character", None));
    }
    Ok(text)
}

fn color(text: Arc<str>) -> Result<Arc<str>, ValueError> {
    if !is_color(&text) {
        let predicate = format!("is `{}`, not a color", truncated(&text));
        return Err(ValueError::rule(Code::BadColor, predicate, Some("write a color as `#rrggbb`")));
    }
    Ok(if text.bytes().any(|byte| byte.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { text })
}

fn speech(text: Arc<str>) -> Result<Arc<str>, ValueError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(ValueError::rule(Code::TextLength, "to be spoken is empty", None));
    }
    // A text never has more characters than bytes, so most texts need no count.
    let count = if trimmed.len() > MAX_SCRIPT_CHARS { trimmed.chars().count() } else { 0 };
    if count > MAX_SCRIPT_CHARS {
        let predicate = format!("has {count} characters, more than the {MAX_SCRIPT_CHARS} that the vendor speaks");
        return Err(ValueError::rule(Code::TextLength, predicate, Some("split it into several videos")));
    }
    if !text.contains(|one: char| one.is_control() && one != '\n') {
        return Ok(text);
    }
    // Line endings from another system must not cause a second take.
    let unix = text.replace("\r\n", "\n");
    match unix.chars().find(|one| one.is_control() && !matches!(one, '\n' | '\t')) {
        Some(one) => {
            let predicate = format!("holds the control character U+{:04X}", u32::from(one));
            Err(ValueError::rule(Code::NulByte, predicate, Some("remove it: a control character cannot be spoken")))
        }
        None => Ok(unix.into()),
    }
}

fn url(text: Arc<str>) -> Result<Arc<str>, ValueError> {
    let wrong = |why: &str, help| {
        let predicate = format!("is `{}`, {why}", truncated(&without_signature(&text)));
        Err(ValueError::rule(Code::BadUrl, predicate, help))
    };
    if text.chars().any(|one| one.is_control() || one.is_whitespace()) {
        return wrong("which has a space or a control character", None);
    }
    match url::Url::parse(&text) {
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            wrong("which is not a URL", Some("begin it with `https://`, or name a file of the project with `path`"))
        }
        Err(error) => wrong(&format!("which is not a URL: {error}"), None),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => wrong("whose scheme is neither http nor https", None),
        Ok(url) if !url.username().is_empty() || url.password().is_some() => Err(ValueError::rule(
            Code::BadUrl,
            "holds a user name or password",
            Some("a manifest must not hold a password"),
        )),
        Ok(_) => Ok(text),
    }
}
