//! The hash of a spec's content, and the marker that carries it to the vendor.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{VideoSpec, canonical_json};

/// `v1:` and 32 hex digits: the first half of SHA-256 over the canonical JSON of a spec without its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(Arc<str>);

impl Digest {
    /// A digest from its text; none unless it is `v1:` and 32 lower-case hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        Self::is_well_formed(text).then(|| Self(text.into()))
    }

    /// Whether a text is `v1:` and 32 lower-case hex digits.
    pub fn is_well_formed(text: &str) -> bool {
        let hex = text.strip_prefix("v1:").unwrap_or_default();
        hex.len() == 32 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    }

    /// The text: `v1:9f…`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A digest without its text: what is kept of each video and each take when there are a hundred thousand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DigestBits([u8; 16]);

impl DigestBits {
    /// The digest of a spec.
    pub fn of(spec: &VideoSpec) -> Self {
        let hash = Sha256::digest(canonical_json(spec, false).as_bytes());
        let mut bits = [0; 16];
        bits.copy_from_slice(&hash[..16]);
        Self(bits)
    }
}

impl Digest {
    /// The digest without its text; none unless it is well formed.
    pub fn bits(&self) -> Option<DigestBits> {
        let hex = self.0.strip_prefix("v1:")?.as_bytes();
        let mut bits = [0; 16];
        let fits = data_encoding::HEXLOWER.decode_len(hex.len()) == Ok(bits.len());
        (fits && data_encoding::HEXLOWER.decode_mut(hex, &mut bits).is_ok()).then_some(DigestBits(bits))
    }
}

impl From<DigestBits> for Digest {
    fn from(bits: DigestBits) -> Self {
        let mut text = [0; 35];
        text[..3].copy_from_slice(b"v1:");
        data_encoding::HEXLOWER.encode_mut(&bits.0, &mut text[3..]);
        Self(String::from_utf8_lossy(&text).into())
    }
}

/// The digest of a spec.
pub fn digest(spec: &VideoSpec) -> Digest {
    DigestBits::of(spec).into()
}

/// The marker of a take: 10 characters of lower-case base32 of SHA-256 over `DIGEST ATTEMPT`.
///
/// The hashed text is the digest as written, a blank, the attempt in decimal: `v1:9f… 1`.
pub fn marker(digest: &Digest, attempt: u32) -> String {
    let hash = Sha256::digest(format!("{digest} {attempt}").as_bytes());
    let mut text = data_encoding::BASE32_NOPAD.encode(&hash).to_ascii_lowercase();
    text.truncate(10);
    text
}
