//! What a torn last line still tells: the digest in it may have cost money, so it counts as in doubt.

use std::sync::Arc;

use jiff::Timestamp;

use super::line::{self, Line};
use super::{ANY_HOST, Lockfile, Record, State, Take};
use crate::spec::Digest;

/// Folds in what a torn line tells: whole records glued before the tear, then the torn one as an intent.
///
/// What the torn line does not reach is chosen so that the digest stays in doubt rather than being sent again:
/// the host is `last_host`, else [`ANY_HOST`]; the attempt is the highest known one while that is in doubt or paid,
/// else the next; the time is the latest known; the key is that of another take of the digest, else the digest.
pub(super) fn salvage(lockfile: &mut Lockfile, text: &str, last_host: Option<&Arc<str>>) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Box<serde_json::value::RawValue>>();
    let mut end = 0;
    while let Some(Ok(value)) = values.next() {
        if let Ok(Line::Record(record)) = line::read(value.get()) {
            lockfile.insert(record);
        }
        end = values.byte_offset();
    }
    if let Some(take) = intent(lockfile, &text[end..], last_host) {
        lockfile.insert(Record::Take(take));
    }
}

fn intent(lockfile: &Lockfile, text: &str, last_host: Option<&Arc<str>>) -> Option<Take> {
    let digest = string(text, "digest").and_then(|digest| Digest::parse(&digest))?;
    let plain = |field| string(text, field).filter(|value| !value.is_empty() && !value.chars().any(char::is_control));
    let host: Arc<str> =
        plain("host").map(Arc::from).or_else(|| last_host.cloned()).unwrap_or_else(|| Arc::from(ANY_HOST));
    let known = lockfile.takes_of(&host, &digest).last();
    let next = || match known {
        Some(take) if take.state == State::Intent || take.state.is_paid() => take.attempt,
        _ => lockfile.next_attempt(&host, &digest),
    };
    let attempt = number(text, "attempt").filter(|attempt| *attempt > 0).unwrap_or_else(next);
    let key = plain("key").map(Arc::from).or_else(|| known.map(|take| Arc::clone(&take.key)));
    let at = string(text, "at").and_then(|at| at.parse().ok());
    Some(Take {
        key: key.unwrap_or_else(|| digest.to_string().into()),
        digest,
        attempt,
        state: State::Intent,
        task: plain("task"),
        video: plain("video"),
        name: plain("name"),
        host,
        at: at.unwrap_or_else(|| latest(lockfile)),
        how: None,
        seconds: None,
        sha256: None,
        bytes: None,
        message: None,
        spec: None,
    })
}

fn latest(lockfile: &Lockfile) -> Timestamp {
    lockfile.takes().map(|take| take.at).max().unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The value of a text field, if its closing quote was reached. A quote inside a text is escaped, so no text can
/// pass for a field.
fn string(text: &str, field: &str) -> Option<String> {
    let value = after(text, field)?;
    serde_json::Deserializer::from_str(value).into_iter::<String>().next()?.ok()
}

/// The value of a whole number, if the character after it was reached: `1` may be the beginning of `12`.
fn number(text: &str, field: &str) -> Option<u32> {
    let value = after(text, field)?;
    let end = value.find(|one: char| !one.is_ascii_digit())?;
    value[..end].parse().ok()
}

/// What follows `"field":`; fields of the spec stand behind all others, so the first is the line's own.
fn after<'text>(text: &'text str, field: &str) -> Option<&'text str> {
    let name = format!("\"{field}\"");
    let rest = text[text.find(&name)? + name.len()..].trim_start();
    Some(rest.strip_prefix(':')?.trim_start())
}
