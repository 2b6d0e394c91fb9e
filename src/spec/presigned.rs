//! Presigned URLs: their signature is a secret and changes at every signing, though the object does not.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A way of signing URLs.
struct Family {
    /// Members that a signed URL has, all of them; without them nothing is taken for a signature.
    members: &'static [&'static str],
    /// One of these too, where the members alone could mean anything; empty where they are plain enough.
    one_of: &'static [&'static str],
    /// What belongs to the signature, by name.
    names: &'static [&'static str],
    /// What belongs to it by the beginning of its name.
    prefix: Option<&'static str>,
    /// True where the case of names does not count.
    any_case: bool,
    /// How it says when it expires.
    expires: Expires,
}

enum Expires {
    /// Signed at a date, valid for seconds.
    DateAndSeconds(&'static str, &'static str),
    /// An ISO 8601 instant.
    Iso(&'static str),
    /// Unix seconds.
    Unix(&'static str),
}

const FAMILIES: &[Family] = &[
    // Amazon S3 and all that speak its language (Signature Version 4).
    Family {
        members: &["X-Amz-Signature"],
        one_of: &[],
        names: &[],
        prefix: Some("X-Amz-"),
        any_case: true,
        expires: Expires::DateAndSeconds("X-Amz-Date", "X-Amz-Expires"),
    },
    // Google Cloud Storage (V4).
    Family {
        members: &["X-Goog-Signature"],
        one_of: &[],
        names: &[],
        prefix: Some("X-Goog-"),
        any_case: true,
        expires: Expires::DateAndSeconds("X-Goog-Date", "X-Goog-Expires"),
    },
    // Azure shared access signatures. `sig` alone is anybody's word; a version or an expiry makes it Azure's.
    Family {
        members: &["sig"],
        one_of: &["sv", "se"],
        names: &[
            "sig", "sv", "se", "sp", "sr", "st", "spr", "sip", "si", "ss", "srt", "sdd", "ses", "skoid", "sktid",
            "skt", "ske", "sks", "skv", "saoid", "suoid", "scid",
        ],
        prefix: None,
        any_case: false,
        expires: Expires::Iso("se"),
    },
    // Amazon CloudFront.
    Family {
        members: &["Signature", "Key-Pair-Id"],
        one_of: &[],
        names: &["Signature", "Key-Pair-Id", "Expires", "Policy"],
        prefix: None,
        any_case: false,
        expires: Expires::Unix("Expires"),
    },
];

impl Family {
    fn is(&self, name: &str, known: &str) -> bool {
        if self.any_case { name.eq_ignore_ascii_case(known) } else { name == known }
    }

    fn signs(&self, query: &str) -> bool {
        let has = |known: &&str| pairs(query).any(|(name, value)| !value.is_empty() && self.is(&name, known));
        self.members.iter().all(has) && (self.one_of.is_empty() || self.one_of.iter().any(has))
    }

    fn owns(&self, name: &str) -> bool {
        let head = |prefix: &str| name.get(..prefix.len()).is_some_and(|head| self.is(head, prefix));
        self.names.iter().any(|known| self.is(name, known)) || self.prefix.is_some_and(head)
    }

    fn value(&self, query: &str, known: &str) -> Option<String> {
        pairs(query).find(|(name, _)| self.is(name, known)).map(|(_, value)| decode(value).into_owned())
    }

    fn expiry(&self, query: &str) -> Option<Timestamp> {
        match self.expires {
            Expires::DateAndSeconds(date, seconds) => {
                let signed = instant(&self.value(query, date)?)?;
                let seconds: u32 = self.value(query, seconds)?.parse().ok()?;
                signed.checked_add(jiff::SignedDuration::from_secs(i64::from(seconds))).ok()
            }
            Expires::Iso(name) => instant(&self.value(query, name)?),
            Expires::Unix(name) => Timestamp::from_second(self.value(query, name)?.parse().ok()?).ok(),
        }
    }
}

/// A URL without the parameters of its signature; a family's parameters go only when its signature member is there.
///
/// Everything else stays byte for byte: order, escapes, fragment, and a user name or password before the host too,
/// which is no part of a signature.
pub fn without_signature(url: &str) -> Cow<'_, str> {
    let (before, query, after) = split(url);
    let Some(query) = query else { return Cow::Borrowed(url) };
    let signing: Vec<&Family> = FAMILIES.iter().filter(|family| family.signs(query)).collect();
    if signing.is_empty() {
        return Cow::Borrowed(url);
    }
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let name = name_of(pair);
            !signing.iter().any(|family| family.owns(&name))
        })
        .collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    Cow::Owned(format!("{before}{mark}{}{after}", kept.join("&")))
}

/// When a presigned URL expires, as far as its query says; the earliest where it is signed twice.
pub fn expiry(url: &str) -> Option<Timestamp> {
    let (_, query, _) = split(url);
    let query = query?;
    FAMILIES.iter().filter(|family| family.signs(query)).filter_map(|family| family.expiry(query)).min()
}

/// What stands before the `?`, the query, and the fragment with its `#`.
fn split(url: &str) -> (&str, Option<&str>, &str) {
    let (head, fragment) = url.find('#').map_or((url, ""), |at| url.split_at(at));
    match head.split_once('?') {
        Some((before, query)) => (before, Some(query), fragment),
        None => (head, None, fragment),
    }
}

/// The pairs of a query: names decoded, values as they stand.
fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    query.split('&').map(|pair| (name_of(pair), pair.split_once('=').map_or("", |(_, value)| value)))
}

fn name_of(pair: &str) -> Cow<'_, str> {
    decode(pair.split_once('=').map_or(pair, |(name, _)| name))
}

/// Percent-decoded; what is no escape, or no UTF-8 once decoded, stays as it is.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digit = |at: usize| tail.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (first, digit(0), digit(1)) {
            bytes.push((high * 16 + low) as u8);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// An instant in UTC: `20250313T031916Z`, `2025-03-13T03:19:16Z`, `2025-03-13T03:19Z` or `2025-03-13`.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let civil = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let civil: DateTime = civil.parse().ok().or_else(|| Some(civil.parse::<Date>().ok()?.into()))?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests;
