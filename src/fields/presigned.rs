//! Presigned URLs: their signature is a secret and changes at every signing, though the object does not.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use families::{Expires, FAMILIES, Family, Form};

/// The revision of the table of families: raised whenever a row is added or widened, so that more is stripped.
pub const REVISION: u8 = 1;

impl Family {
    fn is(&self, name: &str, known: &str) -> bool {
        if self.any_case { name.eq_ignore_ascii_case(known) } else { name == known }
    }

    fn signs(&self, host: &str, pairs: &[Pair<'_>]) -> bool {
        let has = |known: &str, form: Form| {
            pairs.iter().any(|(name, value)| self.is(name, known) && !value.is_empty() && form.fits(&decode(value)))
        };
        self.members.iter().all(|(known, form)| has(known, *form))
            && (self.one_of.is_empty() || self.one_of.iter().any(|known| has(known, Form::Any)))
            && self.host.is_none_or(|end| host.to_ascii_lowercase().ends_with(end))
    }

    fn owns(&self, name: &str) -> bool {
        let head = |prefix: &str| name.get(..prefix.len()).is_some_and(|head| self.is(head, prefix));
        self.names.iter().any(|known| self.is(name, known)) || self.prefix.is_some_and(head)
    }

    fn value(&self, pairs: &[Pair<'_>], known: &str) -> Option<String> {
        pairs.iter().find(|(name, _)| self.is(name, known)).map(|(_, value)| decode(value).into_owned())
    }

    fn expiry(&self, query: &[Pair<'_>]) -> Option<Timestamp> {
        let unix = |text: &str| Timestamp::from_second(text.parse().ok()?).ok();
        match self.expires {
            Expires::Unsaid => None,
            Expires::DateAndSeconds(date, seconds) => {
                let signed = instant(&self.value(query, date)?)?;
                let seconds: u32 = self.value(query, seconds)?.parse().ok()?;
                signed.checked_add(jiff::SignedDuration::from_secs(i64::from(seconds))).ok()
            }
            Expires::Iso(name) => instant(&self.value(query, name)?),
            Expires::Unix(name) => {
                let value = self.value(query, name)?;
                unix(value.split_once('_').map_or(&*value, |(seconds, _)| seconds))
            }
            Expires::UnixRange(name) => unix(self.value(query, name)?.split_once(';')?.1),
        }
    }
}

/// A URL without the parameters of its signature; a family's parameters go only when its signature member is there.
///
/// Everything else stays byte for byte: order, escapes, fragment, and a user name or password before the host too,
/// which is no part of a signature.
pub fn without_signature(url: &str) -> Cow<'_, str> {
    without_signature_at(url, REVISION)
}

/// [`without_signature`] by the families that a revision of the table knew: what digests of then were made of.
pub fn without_signature_at(url: &str, revision: u8) -> Cow<'_, str> {
    let (before, query, fragment) = split(url);
    let host = host_of(before);
    let kept = query.and_then(|query| unsigned(host, query, revision));
    // Since revision 1: what a browser keeps to itself may hold a signature too.
    let inner = fragment.filter(|_| revision > 0).and_then(|fragment| {
        let (way, query) = fragment.split_once('?').map_or(("", fragment), |(way, query)| (way, query));
        Some(joined(way, '?', &unsigned(host, query, revision)?))
    });
    if kept.is_none() && inner.is_none() {
        return Cow::Borrowed(url);
    }
    let mut made = match (query, kept) {
        (_, Some(kept)) => joined(before, '?', &kept),
        (Some(query), None) => format!("{before}?{query}"),
        (None, None) => before.to_owned(),
    };
    match (fragment, inner) {
        (_, Some(inner)) => made = joined(&made, '#', inner.trim_start_matches('?')),
        (Some(fragment), None) => made = format!("{made}#{fragment}"),
        (None, None) => {}
    }
    Cow::Owned(made)
}

/// Joins two parts; the first alone if the second is empty.
fn joined(head: &str, between: char, tail: &str) -> String {
    if tail.is_empty() { head.to_owned() } else { format!("{head}{between}{tail}") }
}

/// A query without what signs it; `None` if nothing does.
fn unsigned(host: &str, query: &str, revision: u8) -> Option<String> {
    let pairs = pairs(query);
    let known = FAMILIES.iter().filter(|family| family.since <= revision);
    let signing: Vec<&Family> = known.filter(|family| family.signs(host, &pairs)).collect();
    if signing.is_empty() {
        return None;
    }
    let owned = |(name, _): &Pair<'_>| signing.iter().any(|family| family.owns(name));
    let kept: Vec<&str> = query.split('&').zip(&pairs).filter(|(_, pair)| !owned(pair)).map(|(text, _)| text).collect();
    Some(kept.join("&"))
}

/// When a presigned URL expires, as far as its query says; the earliest where it is signed twice.
pub fn expiry(url: &str) -> Option<Timestamp> {
    let (before, query, _) = split(url);
    let pairs = pairs(query?);
    let signing = FAMILIES.iter().filter(|family| family.signs(host_of(before), &pairs));
    signing.filter_map(|family| family.expiry(&pairs)).min()
}

/// What stands before the `?`, the query, and the fragment.
fn split(url: &str) -> (&str, Option<&str>, Option<&str>) {
    let (head, fragment) = url.split_once('#').map_or((url, None), |(head, fragment)| (head, Some(fragment)));
    match head.split_once('?') {
        Some((before, query)) => (before, Some(query), fragment),
        None => (head, None, fragment),
    }
}

/// The host of a URL's beginning, without user and port.
fn host_of(before: &str) -> &str {
    let rest = before.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}

/// A parameter: its name decoded, its value verbatim.
type Pair<'a> = (Cow<'a, str>, &'a str);

/// The pairs of a query.
fn pairs(query: &str) -> Vec<Pair<'_>> {
    let pair = |pair| -> Pair<'_> {
        let (name, value) = str::split_once(pair, '=').unwrap_or((pair, ""));
        (decode(name), value)
    };
    query.split('&').map(pair).collect()
}

/// Percent-decoded; what is no escape, or no UTF-8 once decoded, stays as it is.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
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

mod families;
#[cfg(test)]
mod tests;
