//! Finds the secrets of URLs in any text: a URL, a message, a line of a manifest.

use std::borrow::Cow;
use std::ops::Range;

/// The format that proves that a value is a secret, if the name of the parameter is ambiguous.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SecretFormat {
    Any,
    /// A hash in hexadecimal digits.
    Hash,
    /// A time, then more than one word.
    Stamp,
}

/// Parameters with values that allow fetching or signing, in lower case.
const SECRETS: &[(&str, SecretFormat)] = &[
    ("signature", SecretFormat::Any),
    ("policy", SecretFormat::Any),
    ("sig", SecretFormat::Any),
    ("x-amz-credential", SecretFormat::Any),
    ("x-goog-credential", SecretFormat::Any),
    ("awsaccesskeyid", SecretFormat::Any),
    ("googleaccessid", SecretFormat::Any),
    ("ossaccesskeyid", SecretFormat::Any),
    ("kssaccesskeyid", SecretFormat::Any),
    ("accesskeyid", SecretFormat::Any),
    ("x-oss-credential", SecretFormat::Any),
    ("x-oss-access-key-id", SecretFormat::Any),
    ("x-tos-credential", SecretFormat::Any),
    ("q-ak", SecretFormat::Any),
    ("auth_key", SecretFormat::Any),
    ("authkey", SecretFormat::Any),
    ("authorization", SecretFormat::Any),
    ("auth", SecretFormat::Any),
    ("jwt", SecretFormat::Any),
    ("pwd", SecretFormat::Any),
    ("passwd", SecretFormat::Any),
    ("hdnts", SecretFormat::Any),
    ("hdnea", SecretFormat::Any),
    ("__token__", SecretFormat::Any),
    ("session_id", SecretFormat::Any),
    ("sessionid", SecretFormat::Any),
    ("hm", SecretFormat::Hash),
    ("s", SecretFormat::Hash),
    ("verify", SecretFormat::Stamp),
];

/// Suffixes of further secret parameters: `access_token`, `x-cos-security-token`, `client_secret`.
const SECRET_ENDS: &[&str] = &[
    "-signature",
    "_signature",
    "_sig",
    "token",
    "secret",
    "password",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "access-key",
    "secret_key",
    "secret-key",
    "private_key",
    "private-key",
    "subscription-key",
];

/// The replacement of a secret.
pub const REDACTED: &str = "[redacted]";

/// Maximum length in bytes of a parameter's name.
const MAX_PARAM_NAME_BYTES: usize = 96;

/// Returns the values of secret parameters, as byte ranges of the text in order.
pub fn signature_ranges(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    // Most texts have no equals sign of a parameter, and few have several.
    for (sign, start) in signs(text) {
        if found.last().is_some_and(|last| sign < last.end) {
            continue;
        }
        let end = text[start..].find(ends_value).map_or(text.len(), |length| start + length);
        let value = &text[start..end];
        if is_secret(&name_before(text, sign), value) {
            found.push(start..end);
        }
    }
    found
}

/// Returns the text with the values of all secret parameters redacted.
pub fn redact_signatures(text: &str) -> Cow<'_, str> {
    let found = signature_ranges(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut done = String::with_capacity(text.len());
    let mut from = 0;
    for secret in found {
        done.push_str(&text[from..secret.start]);
        done.push_str(REDACTED);
        from = secret.end;
    }
    done.push_str(&text[from..]);
    Cow::Owned(done)
}

/// Returns the positions of each equals sign and of the value after it. A URL inside a parameter of another URL has
/// its equals signs percent-encoded, once or more.
fn signs(text: &str) -> impl Iterator<Item = (usize, usize)> {
    memchr::memchr2_iter(b'=', b'%', text.as_bytes()).filter_map(|at| {
        let rest = &text[at..];
        if rest.starts_with('=') {
            return Some((at, at + 1));
        }
        let after = rest[1..].trim_start_matches("25");
        after.get(..2).filter(|code| code.eq_ignore_ascii_case("3d")).map(|_| (at, text.len() - after.len() + 2))
    })
}

fn ends_value(one: char) -> bool {
    matches!(one, '&' | '#' | '"' | '\'' | '<' | '>' | '`' | ')' | ']' | '}' | '\\' | ',' | ';' | '\u{1b}')
        || one.is_whitespace()
}

/// Returns the name before an equals sign, decoded and in lower case.
fn name_before(text: &str, sign: usize) -> String {
    let names = |one: u8| one.is_ascii_alphanumeric() || matches!(one, b'_' | b'-' | b'%');
    let before = &text.as_bytes()[sign.saturating_sub(MAX_PARAM_NAME_BYTES)..sign];
    let start = before.iter().rposition(|one| !names(*one)).map_or(0, |last| last + 1);
    let mut name = String::from_utf8_lossy(&before[start..]).into_owned();
    // A name that is encoded twice is decoded twice.
    while name.contains('%') {
        let decoded = super::presigned::decode(&name).into_owned();
        if decoded == name {
            break;
        }
        name = decoded;
    }
    let own = name.rfind(|one: char| !(one.is_ascii_alphanumeric() || matches!(one, '_' | '-')));
    own.map_or(&*name, |last| name[last..].trim_start_matches(|one: char| !one.is_ascii_alphanumeric() && one != '_'))
        .to_ascii_lowercase()
}

fn is_secret(name: &str, value: &str) -> bool {
    // A value that is already redacted or masked stays unchanged.
    let is_hidden = REDACTED.strip_suffix(']') == Some(value) || value.chars().all(|one| matches!(one, '=' | '•'));
    if name.is_empty() || is_hidden {
        return false;
    }
    let known = SECRETS.iter().find(|(secret, _)| **secret == *name).map(|(_, value)| *value);
    match known {
        Some(SecretFormat::Any) => true,
        Some(SecretFormat::Hash) => value.len() >= 32 && value.bytes().all(|one| one.is_ascii_hexdigit()),
        Some(SecretFormat::Stamp) => value.len() > 24 && value.bytes().take(9).all(|one| one.is_ascii_digit()),
        None => SECRET_ENDS.iter().any(|end| name.ends_with(end)),
    }
}
