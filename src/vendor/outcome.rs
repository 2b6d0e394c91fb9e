//! The outcome of a submission, by what it proves about billing: accepted, not accepted, refused, or in doubt; and
//! the next step after a refusal.

use std::time::Duration;

use thiserror::Error;

use super::TaskResult;

/// The outcome of one submission. Only [`SubmitOutcome::NotAccepted`] may be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitOutcome {
    /// Accepted, and billed.
    Accepted {
        /// The task id, opaque.
        task: String,
    },
    /// Certainly not accepted. A retry may succeed.
    NotAccepted(NotAccepted),
    /// Certainly not accepted. A retry of the same request cannot succeed.
    Refused(Refusal),
    /// The vendor refused the token, so it accepts no other submission either.
    KeyRefused(KeyRefused),
    /// The vendor may have accepted it. Never sent again blindly.
    InDoubt(InDoubt),
}

/// A submission that was certainly not accepted: no connection was made, or the vendor asked to slow down.
///
/// Only this module can construct one, so that callsheet never repeats a submission that may have been billed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAccepted {
    /// The reason, as text.
    pub reason: String,
    /// The wait that the vendor requests, at most 60 s.
    pub retry_after: Option<Duration>,
    /// `true` for 429 and 803: the shared rate must slow down. Otherwise no connection was made, so the vendor knows
    /// nothing of the request.
    pub too_fast: bool,
    /// Keeps the constructor private to this module.
    sure: Seal,
}

/// A seal that only this file can create.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seal;

impl NotAccepted {
    /// Returns the value for a connection that was never made.
    pub(super) fn never_connected(reason: String) -> Self {
        Self { reason, retry_after: None, too_fast: false, sure: Seal }
    }

    /// Returns the value for a vendor that asked to slow down.
    pub(super) fn too_fast(reason: String, retry_after: Option<Duration>) -> Self {
        Self { reason, retry_after, too_fast: true, sure: Seal }
    }

    /// For the fake vendors of tests.
    #[cfg(test)]
    pub fn for_tests(reason: &str, retry_after: Option<Duration>, too_fast: bool) -> Self {
        Self { reason: reason.to_owned(), retry_after, too_fast, sure: Seal }
    }
}

/// A refusal with a code that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The envelope's code, or the HTTP status.
    pub code: i64,
    /// The vendor's message, without control characters and secrets.
    pub message: String,
}

/// A refusal of the token. The vendor certainly accepted nothing: HTTP status and code agree on 401, and no task is
/// named.
///
/// Only this module can construct one, so that a submission is repeated only after a certain refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRefused {
    /// The text to show if nothing helps: the vendor's message, and what to check.
    pub message: String,
    /// The generation of the refused token.
    pub(super) generation: Option<u64>,
    /// Keeps the constructor inside the module.
    sure: Seal,
}

impl KeyRefused {
    /// Creates a refusal with this message of the vendor.
    pub(super) fn new(message: String) -> Self {
        Self { message, generation: None, sure: Seal }
    }

    /// For the fake vendors of tests.
    #[cfg(test)]
    pub fn for_tests(message: &str) -> Self {
        Self::new(message.to_owned())
    }
}

/// Why it is not known whether a submission was accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InDoubt {
    /// The reason, as text: `the answer did not come within 60s`.
    pub reason: String,
    /// The text to show if the response also refuses the token. Then the vendor accepts no other submission either.
    pub unauthorized: Option<String>,
    /// The response's code, if no table has it and the vendor explains it.
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

/// The final failure of a call that costs nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError {
    /// The vendor refused the credentials. The text says which, the vendor's message, and what to check.
    #[error("{0}")]
    Key(String),
    /// The client id and secret could not be exchanged for a token after all tries.
    #[error("no access token: {0}")]
    NoToken(String),
    /// The vendor responded with an error.
    #[error("the vendor answered code {code}: {message}")]
    Refused {
        /// The envelope's code, or the HTTP status.
        code: i64,
        /// The vendor's message, cleaned.
        message: String,
    },
    /// No connection was made in any try.
    #[error("{0}")]
    Unreachable(String),
    /// No usable response.
    #[error("{0}")]
    InvalidResponse(String),
    /// A local file differs from the planned content.
    #[error("the file changed since the plan was made; plan again")]
    FileChanged,
    /// A local file cannot be read.
    #[error("the file cannot be read: {0}")]
    File(String),
}

/// One video in the vendor's list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListedVideo {
    /// The list id, which is not the task id.
    pub id: String,
    /// The name, as the vendor stored it: possibly cut or changed.
    pub name: String,
    /// 0 draft only, 1 generated, 2 generating, 3 failed. The vendor may add numbers.
    pub status: Option<i64>,
    /// The time of creation, UTC, if readable.
    pub created: Option<jiff::Timestamp>,
    /// Seconds of video, once generated.
    pub seconds: Option<f64>,
    /// The files, once generated, in order of quality, the best first.
    pub results: Vec<TaskResult>,
}

/// Returns the next step after a refusal with this code.
pub fn hint_for(code: i64) -> &'static str {
    match code {
        400 | 422 => {
            "the vendor rejected a field: compare its message with `callsheet render KEY`; only the vendor can check \
             avatar, voice and asset ids"
        }
        402 => {
            "the account has no credits left for this video: buy credits or wait for the next month, then apply \
             again; nothing was made"
        }
        403 => {
            "the account may not do this: its plan may not cover the API, this avatar or this voice; check which \
             account the credentials belong to"
        }
        404 => "no such avatar, voice or asset at the vendor; check the ids in your account there, and `base_url`",
        _ => "nothing was made; fix what the vendor names, then apply again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_names_its_next_step() {
        assert!(hint_for(403).contains("credentials"));
        assert!(hint_for(402).contains("credits"));
        assert!(hint_for(404).contains("base_url"));
        assert!(hint_for(400).contains("callsheet render"));
        assert_eq!(hint_for(400), hint_for(422));
    }
}
