//! The parts of a form by name, and the errors found so far.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequest, Multipart, Request};
use thiserror::Error;

use crate::diagnostic::nearest;
use crate::fields::{Type, Value};

/// Maximum number of errors in one message.
const MAX_SHOWN_ERRORS: usize = 20;
/// Content types that curl gives to a part that is not a file.
const PLAIN_TYPES: [&str; 2] = ["application/json", "text/plain"];

/// Why a form was rejected: each error names its part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormErrors(Vec<String>);

impl fmt::Display for FormErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.len().min(MAX_SHOWN_ERRORS);
        out.write_str(&self.0[..shown].join("; "))?;
        if self.0.len() > shown { write!(out, "; and {} more", self.0.len() - shown) } else { Ok(()) }
    }
}

/// The parts of a form by name, and the errors found so far.
pub struct FormReader<'a> {
    /// `None` for a rejected part: it was sent, so it is not reported as missing too.
    texts: BTreeMap<&'a str, Option<&'a str>>,
    errors: Vec<String>,
}

impl<'a> FormReader<'a> {
    /// Reads the parts. Unknown and repeated parts, files and parts that are not text are errors.
    pub fn new(parts: &'a [ReceivedPart], known: &[&str]) -> Self {
        let mut reader = Self { texts: BTreeMap::new(), errors: Vec::new() };
        for part in parts {
            let name = part.name.as_str();
            if !known.contains(&name) {
                let near = nearest(name, known.iter().copied()).map(|near| format!(", did you mean `{near}`?"));
                reader.error(format!("`{name}` is not a part of this form{}", near.unwrap_or_default()));
            } else if reader.has(name) {
                reader.error(format!("`{name}` occurs twice"));
            } else {
                let text = text(part).map_err(|error| reader.error(format!("`{name}` {error}"))).ok();
                reader.texts.insert(name, text);
            }
        }
        reader
    }

    /// Returns whether the form has a part, even a rejected one.
    pub fn has(&self, name: &str) -> bool {
        self.texts.contains_key(name)
    }

    /// Adds an error.
    pub fn error(&mut self, error: String) {
        self.errors.push(error);
    }

    /// Returns the value of a part. `None` if the part is missing or rejected.
    pub fn receive(&mut self, name: &str, ty: &Type) -> Option<Value> {
        let text = (*self.texts.get(name)?)?;
        ty.receive(text).map_err(|error| self.error(error.part_message(ty, name, text))).ok()
    }

    /// Returns what was read from the form.
    ///
    /// # Errors
    /// All errors found.
    pub fn finish<T>(self, read: T) -> Result<T, FormErrors> {
        if self.errors.is_empty() { Ok(read) } else { Err(FormErrors(self.errors)) }
    }
}

fn text(part: &ReceivedPart) -> Result<&str, String> {
    if part.file {
        return Err("is a value, not a file".to_owned());
    }
    match part.content_type.as_deref() {
        Some(given) if !is_plain(given) => {
            Err(format!("must be sent as application/json or without a type, not as {given}"))
        }
        _ => std::str::from_utf8(&part.value).map_err(|_| "is not UTF-8".to_owned()),
    }
}

fn is_plain(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    PLAIN_TYPES.iter().any(|known| known.eq_ignore_ascii_case(essence))
}

/// Returns the id of the task.
///
/// # Errors
/// All errors of the form, each with the name of its part.
pub fn id_form(parts: &[ReceivedPart]) -> Result<Arc<str>, FormErrors> {
    let mut reader = FormReader::new(parts, &["id"]);
    if !reader.has("id") {
        reader.error("`id` is required".to_owned());
    }
    let id = match reader.receive("id", &Type::Id) {
        Some(Value::Text(id)) => id,
        _ => Arc::default(),
    };
    reader.finish(id)
}

/// Maximum number of parts. More than any form of the vendor has.
const MAX_PARTS: usize = 400;

/// One part, as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedPart {
    /// Its name.
    pub name: String,
    /// Its `Content-Type`, if it has one.
    pub content_type: Option<String>,
    /// Whether it is a file: it has a file name.
    pub file: bool,
    /// Its content.
    pub value: Vec<u8>,
}

/// Why a body is not a valid form.
#[derive(Debug, Error)]
pub enum FormError {
    /// Another content type, or no boundary.
    #[error("the body must be multipart/form-data with a boundary")]
    NotMultipart,
    /// Broken framing, or a truncated body.
    #[error("the multipart body is unreadable: {0}")]
    Broken(String),
    /// A part without a name.
    #[error("part {0} has no name")]
    Nameless(usize),
    /// More than the maximum number of parts.
    #[error("the form has more than {MAX_PARTS} parts")]
    TooMany,
}

/// Returns all parts in order.
///
/// # Errors
/// If the body is not a multipart form.
pub async fn read_parts(request: Request) -> Result<Vec<ReceivedPart>, FormError> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| FormError::NotMultipart)?;
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| FormError::Broken(error.body_text()))? {
        if parts.len() == MAX_PARTS {
            return Err(FormError::TooMany);
        }
        let name = field.name().ok_or(FormError::Nameless(parts.len() + 1))?.to_owned();
        let content_type = field.content_type().map(str::to_owned);
        let file = field.file_name().is_some();
        let value = field.bytes().await.map_err(|error| FormError::Broken(error.body_text()))?.to_vec();
        parts.push(ReceivedPart { name, content_type, file, value });
    }
    Ok(parts)
}
