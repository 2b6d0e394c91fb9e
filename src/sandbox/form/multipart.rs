//! A multipart body as a list of small parts.

use axum::extract::{FromRequest, Multipart, Request};
use thiserror::Error;

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
