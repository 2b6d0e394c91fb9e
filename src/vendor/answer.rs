//! What an answer means for money: accepted, surely not accepted, refused, key refused, or in doubt.

use std::time::Duration;

use thiserror::Error;

use super::TaskResult;

/// What is certain about one submission; only [`Submission::NotAccepted`] may ever be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submission {
    /// Accepted, and billed.
    Accepted(Accepted),
    /// Surely not accepted, and worth another try.
    NotAccepted(NotAccepted),
    /// Surely not accepted, and never will be as it is.
    Refused(Refusal),
    /// The key is refused: nothing else will be accepted either.
    KeyRefused(KeyRefused),
    /// Accepted or not: we do not know. Never sent again blindly.
    InDoubt(Doubt),
}

/// The vendor made a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its id, opaque.
    pub task: String,
}

/// Surely not accepted: the connection was never made, or the vendor said that we are too fast.
///
/// Only this room can make one, so that nothing but a sure thing is ever sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAccepted {
    /// In words.
    pub reason: String,
    /// How long the vendor asks to wait, capped at 60 s.
    pub retry_after: Option<Duration>,
    /// True for 429 and 803: the shared rate must slow down.
    pub too_fast: bool,
    /// Keeps the constructor inside the room.
    sure: Sure,
}

/// What only this file can say.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sure;

impl NotAccepted {
    /// The connection was never made.
    pub(super) fn never_connected(reason: String) -> Self {
        Self { reason, retry_after: None, too_fast: false, sure: Sure }
    }

    /// Whether the connection was never made: the vendor has heard nothing of it.
    pub fn is_unheard(&self) -> bool {
        !self.too_fast
    }

    /// The vendor said that we are too fast.
    pub(super) fn too_fast(reason: String, retry_after: Option<Duration>) -> Self {
        Self { reason, retry_after, too_fast: true, sure: Sure }
    }

    /// For the vendors that tests play.
    #[cfg(test)]
    pub fn for_tests(reason: &str, retry_after: Option<Duration>, too_fast: bool) -> Self {
        Self { reason: reason.to_owned(), retry_after, too_fast, sure: Sure }
    }
}

/// Refused with a code that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The envelope's code, or the HTTP status.
    pub code: i64,
    /// The vendor's words, cleaned of control characters and of the key.
    pub message: String,
}

/// The vendor refused the token, and certainly accepted nothing: HTTP status and code agree on 401, and no task is named.
///
/// Only this module can make one, so that a submission is repeated only after a certain refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRefused {
    /// What to show if nothing helps: the vendor's message, and what to check.
    pub message: String,
    /// Which token it was.
    pub(super) generation: Option<u64>,
    /// Keeps the constructor inside the module.
    sure: Sure,
}

impl KeyRefused {
    /// Refused with this message of the vendor.
    pub(super) fn new(message: String) -> Self {
        Self { message, generation: None, sure: Sure }
    }

    /// For the vendors that tests play.
    #[cfg(test)]
    pub fn for_tests(message: &str) -> Self {
        Self::new(message.to_owned())
    }
}

/// Why it is not known whether a submission was accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubt {
    /// In words: `the answer did not come within 60s`.
    pub reason: String,
    /// What to show if the answer also refuses the token. Then nothing else will be accepted either.
    pub unauthorized: Option<String>,
    /// The answer's code, if no table knows it and the vendor explains it.
    pub unknown_code: Option<UnknownCode>,
}

/// A code that is in no table, with the vendor's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCode {
    /// The code.
    pub code: i64,
    /// The vendor's message, cleaned.
    pub message: String,
}

/// A call that spends nothing failed for good.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError {
    /// The credentials were refused. The text says which, the vendor's message, and what to check.
    #[error("{0}")]
    Key(String),
    /// The client id and secret could not be exchanged for a token, however often it was tried.
    #[error("no access token: {0}")]
    NoToken(String),
    /// The vendor answered with an error.
    #[error("the vendor answered code {code}: {message}")]
    Refused {
        /// The envelope's code, or the HTTP status.
        code: i64,
        /// The vendor's words, cleaned.
        message: String,
    },
    /// The connection was never made, however often it was tried.
    #[error("{0}")]
    Unreachable(String),
    /// No usable answer.
    #[error("{0}")]
    Unusable(String),
    /// A local file is not what was planned.
    #[error("the file changed since the plan was made; plan again")]
    Changed,
    /// A local file cannot be read.
    #[error("the file cannot be read: {0}")]
    File(String),
}

/// One video as the vendor lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedVideo {
    /// The list id; not the task id.
    pub id: String,
    /// The name that was submitted, as far as the vendor kept it.
    pub name: String,
    /// 0 draft only, 1 generated, 2 generating, 3 failed; others may come.
    pub status: Option<i64>,
    /// When it was made, UTC, if readable.
    pub created: Option<jiff::Timestamp>,
    /// Seconds of video, once generated.
    pub seconds: Option<f64>,
    /// The files, once generated, the best first.
    pub results: Vec<TaskResult>,
}
