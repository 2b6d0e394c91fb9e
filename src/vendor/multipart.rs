//! Encodes a form as `multipart/form-data`, as curl and browsers do.

use memchr::memmem;

use super::Form;

/// An encoded form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The value of the `Content-Type` header.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Form {
    /// Encodes the body with a boundary. Returns `None` if the boundary is invalid or occurs in a value.
    pub fn encode(&self, boundary: &str) -> Option<Vec<u8>> {
        if !is_boundary(boundary)
            || self.parts.iter().any(|part| memmem::find(&part.value, boundary.as_bytes()).is_some())
        {
            return None;
        }
        let size: usize = self.parts.iter().map(|part| part.value.len() + part.name.len() + 256).sum();
        let mut body = Vec::with_capacity(size);
        for part in &self.parts {
            let name = escape(&part.name);
            let file_name =
                part.file_name.as_ref().map(|name| format!("; filename=\"{}\"", escape(name))).unwrap_or_default();
            let content_type = part.content_type.map(|kind| format!("\r\nContent-Type: {kind}")).unwrap_or_default();
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}{content_type}\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(&part.value);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Some(body)
    }

    /// Encodes the body with a boundary that occurs in no value, made from `random`.
    pub fn encode_with(&self, mut random: impl FnMut() -> u64) -> Encoded {
        let mut round: u64 = 0;
        loop {
            // Adding the round ends this loop even if `random` always returns the same number.
            let boundary = format!("callsheet-{}{}", letters(random().wrapping_add(round)), letters(random()));
            if let Some(body) = self.encode(&boundary) {
                return Encoded { content_type: format!("multipart/form-data; boundary={boundary}"), body };
            }
            round += 1;
        }
    }
}

/// Maximum length of a boundary (RFC 2046).
const MAX_BOUNDARY_BYTES: usize = 70;

/// Whether a text is a valid boundary. Stricter than RFC 2046: no character that needs quotes.
fn is_boundary(text: &str) -> bool {
    (1..=MAX_BOUNDARY_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Returns thirteen letters and digits for 64 random bits. None of them needs quotes in the header.
fn letters(bits: u64) -> String {
    data_encoding::BASE32_NOPAD.encode(&bits.to_be_bytes()).to_ascii_lowercase()
}

/// Escapes a name for a header, as browsers and curl do.
fn escape(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests;
