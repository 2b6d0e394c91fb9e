//! A form as bytes: `multipart/form-data` the way curl and browsers write it.

use memchr::memmem;

use super::Form;

/// Characters allowed in our boundaries; all of them need no quotes in the header.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A form as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The value of the `Content-Type` header.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Form {
    /// The body under a boundary; none when the boundary cannot be used, because it occurs in a value or is no boundary.
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

    /// The body under a boundary that occurs in no value, made from `random`.
    pub fn encode_with(&self, mut random: impl FnMut() -> u64) -> Encoded {
        let mut round: u64 = 0;
        loop {
            // The round is mixed in, so that this ends even with a source that always says the same.
            let boundary = format!("callsheet-{}{}", letters(random().wrapping_add(round)), letters(random()));
            if let Some(body) = self.encode(&boundary) {
                return Encoded { content_type: content_type(&boundary), body };
            }
            round += 1;
        }
    }
}

/// The longest boundary (RFC 2046).
const MOST_BOUNDARY: usize = 70;

/// The `Content-Type` header of a form under a boundary.
pub fn content_type(boundary: &str) -> String {
    format!("multipart/form-data; boundary={boundary}")
}

/// Ours are stricter than RFC 2046 allows: nothing that would want quotes.
fn is_boundary(text: &str) -> bool {
    (1..=MOST_BOUNDARY).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Thirteen letters for 64 random bits.
fn letters(bits: u64) -> String {
    (0..13).map(|place| char::from(ALPHABET[((bits >> (place * 5)) & 31) as usize])).collect()
}

/// Names in a header as browsers and curl escape them.
fn escape(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests;
