//! Presigned URLs. Their signature is a secret, and it changes with every signing although the object does not.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use percent_encoding::percent_decode_str;

pub use schemes::SCHEMES_REVISION;
use schemes::{Expires, SCHEMES, SigningScheme, ValueFormat};

impl SigningScheme {
    fn is(&self, name: &str, known: &str) -> bool {
        if self.any_case { name.eq_ignore_ascii_case(known) } else { name == known }
    }

    fn signs(&self, host: &str, pairs: &[QueryPair<'_>]) -> bool {
        let has = |known: &str, form: ValueFormat| {
            pairs.iter().any(|(name, value)| self.is(name, known) && !value.is_empty() && form.fits(&decode(value)))
        };
        self.members.iter().all(|(known, form)| has(known, *form))
            && (self.one_of.is_empty() || self.one_of.iter().any(|known| has(known, ValueFormat::Any)))
            && self.host.is_none_or(|end| host.to_ascii_lowercase().ends_with(end))
    }

    fn is_signature_param(&self, name: &str) -> bool {
        let head = |prefix: &str| name.get(..prefix.len()).is_some_and(|head| self.is(head, prefix));
        self.names.iter().any(|known| self.is(name, known)) || self.prefix.is_some_and(head)
    }

    fn value(&self, pairs: &[QueryPair<'_>], known: &str) -> Option<String> {
        pairs.iter().find(|(name, _)| self.is(name, known)).map(|(_, value)| decode(value).into_owned())
    }

    fn expiry(&self, query: &[QueryPair<'_>]) -> Option<Timestamp> {
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

/// Returns a URL without the parameters of its signature. A family's parameters are removed only if its signature is
/// present.
///
/// Everything else stays byte for byte: order, escapes, fragment, and a user name or password before the host.
pub fn without_signature(url: &str) -> Cow<'_, str> {
    without_signature_at(url, SCHEMES_REVISION)
}

/// Strips a URL by the families of an earlier revision of the table, because the digests of that time did the same.
/// See [`without_signature`].
pub fn without_signature_at(url: &str, revision: u8) -> Cow<'_, str> {
    let (before, query, fragment) = split(url);
    let host = host_of(before);
    let kept = query.and_then(|query| unsigned(host, query, revision));
    // Since revision 1. The fragment, which a browser does not send, may contain a signature too.
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

/// Joins two parts, or returns the first if the second is empty.
fn joined(head: &str, between: char, tail: &str) -> String {
    if tail.is_empty() { head.to_owned() } else { format!("{head}{between}{tail}") }
}

/// Returns a query without its signature, or `None` if it has none.
fn unsigned(host: &str, query: &str, revision: u8) -> Option<String> {
    let pairs = pairs(query);
    let known = SCHEMES.iter().filter(|family| family.since <= revision);
    let signing: Vec<&SigningScheme> = known.filter(|family| family.signs(host, &pairs)).collect();
    if signing.is_empty() {
        return None;
    }
    let owned = |(name, _): &QueryPair<'_>| signing.iter().any(|family| family.is_signature_param(name));
    let kept: Vec<&str> = query.split('&').zip(&pairs).filter(|(_, pair)| !owned(pair)).map(|(text, _)| text).collect();
    Some(kept.join("&"))
}

/// Returns the expiry of a presigned URL if its query contains one, and the earliest if it is signed twice.
pub fn expiry(url: &str) -> Option<Timestamp> {
    let (before, query, _) = split(url);
    let pairs = pairs(query?);
    let signing = SCHEMES.iter().filter(|family| family.signs(host_of(before), &pairs));
    signing.filter_map(|family| family.expiry(&pairs)).min()
}

/// Splits a URL into the part before the `?`, the query, and the fragment.
fn split(url: &str) -> (&str, Option<&str>, Option<&str>) {
    let (head, fragment) = url.split_once('#').map_or((url, None), |(head, fragment)| (head, Some(fragment)));
    match head.split_once('?') {
        Some((before, query)) => (before, Some(query), fragment),
        None => (head, None, fragment),
    }
}

/// Returns the host from the part before the `?`, without user and port.
fn host_of(before: &str) -> &str {
    let rest = before.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}

/// A parameter: its decoded name, and its value verbatim.
type QueryPair<'a> = (Cow<'a, str>, &'a str);

/// Returns the parameters of a query.
fn pairs(query: &str) -> Vec<QueryPair<'_>> {
    let pair = |pair| -> QueryPair<'_> {
        let (name, value) = str::split_once(pair, '=').unwrap_or((pair, ""));
        (decode(name), value)
    };
    query.split('&').map(pair).collect()
}

/// Decodes percent escapes. Invalid escapes and text that is not UTF-8 stay unchanged.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text))
}

/// Parses an instant in UTC: `20250313T031916Z`, `2025-03-13T03:19:16Z`, `2025-03-13T03:19Z` or `2025-03-13`.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let civil = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let civil: DateTime = civil.parse().ok().or_else(|| Some(civil.parse::<Date>().ok()?.into()))?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

mod schemes;
#[cfg(test)]
mod tests;
