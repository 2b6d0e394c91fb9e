//! The hash of a spec's content, and the submitted name with the marker that identifies a take at the vendor.

use std::fmt;

use data_encoding::HEXLOWER;
use schemars::JsonSchema;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::{Spec, canonical_json};

/// The prefix of every digest.
const VERSION: &str = "v1:";
/// Maximum number of characters of a submitted name, including the marker.
const NAME_LIMIT: usize = 60;

/// The first half of SHA-256 over the canonical JSON of a spec without its name. Its text is `v1:` and 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, JsonSchema)]
#[schemars(inline)]
pub struct Digest(#[schemars(with = "String")] [u8; 16]);

impl Digest {
    /// Returns the digest of the canonical JSON of a spec without its name.
    pub fn from_canonical(json: &str) -> Self {
        let hash = Sha256::digest(json.as_bytes());
        let mut bits = [0; 16];
        bits.copy_from_slice(&hash[..16]);
        Self(bits)
    }

    /// Parses a digest, or returns `None` if the text is not `v1:` and 32 lower-case hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix(VERSION)?.as_bytes();
        let mut bits = [0; 16];
        let fits = HEXLOWER.decode_len(hex.len()) == Ok(bits.len());
        (fits && HEXLOWER.decode_mut(hex, &mut bits).is_ok()).then_some(Self(bits))
    }

    /// Returns the 32 hex digits, without the version.
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(VERSION)?;
        HEXLOWER.encode_display(&self.0).fmt(formatter)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(DigestVisitor)
    }
}

/// Reads a digest as it is written.
struct DigestVisitor;

impl Visitor<'_> for DigestVisitor {
    type Value = Digest;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("`v1:` and 32 lower-case hex digits")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Digest, E> {
        Digest::parse(text)
            .ok_or_else(|| E::custom(format_args!("`{text}` is not a digest: `v1:` and 32 lower-case hex digits")))
    }
}

/// Returns the digest of a spec.
pub fn digest(spec: &Spec) -> Digest {
    Digest::from_canonical(&canonical_json(spec, false))
}

/// Returns the marker of a take: 10 characters of lower-case base32 of SHA-256 over `DIGEST ATTEMPT`.
///
/// The hashed text is the digest as text, a space, and the attempt in decimal: `v1:9f… 1`.
pub fn marker(digest: &Digest, attempt: u32) -> String {
    let hash = Sha256::digest(format!("{digest} {attempt}").as_bytes());
    let mut text = data_encoding::BASE32_NOPAD.encode(&hash).to_ascii_lowercase();
    text.truncate(10);
    text
}

/// Returns the submitted name: the truncated label, then ` #` and the marker, at most 60 characters.
pub fn submitted_name(label: &str, marker: &str) -> String {
    let tail = format!(" #{marker}");
    let room = NAME_LIMIT - tail.chars().count();
    let head: String = label.chars().filter(|one| !one.is_control()).take(room).collect();
    format!("{}{tail}", head.trim_end())
}

/// Returns the label of a submitted name.
pub fn label_of(name: &str) -> &str {
    name.rsplit_once(" #").map_or(name, |(label, _)| label)
}
