//! The lines that tell what became of a take.
//!
//! Their time stays that of the submission, as far as it is known: from it follow the day on which the vendor deletes
//! the result, and the month in which it was paid for, when the line of the submission is folded away.

use jiff::Timestamp;

use crate::lockfile::{How, Record, State, Take};

/// Made by the vendor. An adopted take has the time of its adoption; the vendor may say that it was `sent` earlier.
pub(super) fn done(take: &Take, sent: Option<Timestamp>, seconds: Option<f64>) -> Record {
    let at = sent.filter(|sent| take.how == Some(How::Adopted) && *sent < take.at).unwrap_or(take.at);
    Record::Take(Take { state: State::Done, at, seconds: seconds.or(take.seconds), message: None, ..take.clone() })
}

/// Failed at the vendor.
pub(super) fn failed(take: &Take, message: &str) -> Record {
    let message = if message.is_empty() { "the vendor gave no reason" } else { message };
    Record::Take(Take { state: State::Failed, message: Some(message.to_owned()), ..take.clone() })
}

/// Saved. Another file than the one saved before is just after it: of equal ranks the later line holds.
pub(super) fn pulled(take: &Take, sha256: &str, bytes: u64, seconds: Option<f64>) -> Record {
    let again = take.state == State::Pulled && take.sha256.as_deref() != Some(sha256);
    let at = if again { take.just_after() } else { take.at };
    Record::Take(Take {
        state: State::Pulled,
        at,
        sha256: Some(sha256.to_owned()),
        bytes: Some(bytes),
        seconds: seconds.or(take.seconds),
        message: None,
        ..take.clone()
    })
}
