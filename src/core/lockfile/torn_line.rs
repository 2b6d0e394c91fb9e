//! Salvages a torn last line: a digest in it may have cost money, so it counts as in doubt.

use std::sync::Arc;

use jiff::Timestamp;

use super::record_line::{self, ParsedLine};
use super::{ANY_HOST, Lockfile, Record, Take, TakeId, TakeState};
use crate::spec::Digest;

/// Folds in the content of a torn line: complete records before the tear, then the torn one as an intent.
///
/// Missing fields are chosen so that the digest stays in doubt instead of being sent again:
///
/// - host: `last_host`, else [`ANY_HOST`]
/// - attempt: the highest known one if it is in doubt or paid, else the next
/// - time: the latest known
/// - key: that of another take of the digest, else the digest
pub(super) fn salvage(lockfile: &mut Lockfile, text: &str, last_host: Option<&Arc<str>>) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Box<serde_json::value::RawValue>>();
    let mut end = 0;
    while let Some(Ok(value)) = values.next() {
        if let Ok(ParsedLine::Record(record)) = record_line::read(value.get()) {
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
        Some(take) if take.state == TakeState::Intent || take.state.is_paid() => take.attempt,
        _ => lockfile.next_attempt(&host, &digest),
    };
    let attempt = number(text, "attempt").filter(|attempt| *attempt > 0).unwrap_or_else(next);
    let key = plain("key").map(Arc::from).or_else(|| known.map(|take| Arc::clone(&take.key)));
    let key = key.unwrap_or_else(|| digest.to_string().into());
    let at = string(text, "at").and_then(|at| at.parse().ok()).unwrap_or_else(|| latest(lockfile));
    Some(Take {
        task: plain("task"),
        video: plain("video"),
        name: plain("name"),
        until: string(text, "until").and_then(|until| until.parse().ok()),
        run: plain("run").map(Arc::from),
        ..Take::new(TakeId { host, digest, attempt }, key, TakeState::Intent, at)
    })
}

fn latest(lockfile: &Lockfile) -> Timestamp {
    lockfile.takes().map(|take| take.at).max().unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Returns the value of a string field, if its closing quote was written. Quotes inside strings are escaped, so no
/// string can look like a field.
fn string(text: &str, field: &str) -> Option<String> {
    let value = after(text, field)?;
    serde_json::Deserializer::from_str(value).into_iter::<String>().next()?.ok()
}

/// Returns the value of an integer field, if a character follows it: `1` may be the start of `12`.
fn number(text: &str, field: &str) -> Option<u32> {
    let value = after(text, field)?;
    let end = value.find(|one: char| !one.is_ascii_digit())?;
    value[..end].parse().ok()
}

/// Returns the text after `"field":`. The fields of the spec are last, so the first match is the line's own.
fn after<'text>(text: &'text str, field: &str) -> Option<&'text str> {
    let name = format!("\"{field}\"");
    let rest = text[text.find(&name)? + name.len()..].trim_start();
    Some(rest.strip_prefix(':')?.trim_start())
}
