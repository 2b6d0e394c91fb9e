//! The trait `Vendor`: the operations that callsheet needs. The real client and the fake vendors of tests implement it.

use std::collections::HashSet;
use std::future::Future;

use jiff::SignedDuration;

use super::{CallError, Form, KeyRefused, ListedVideo, SubmitOutcome, TaskDetail};
use crate::spec::{LocalFile, MediaKind};

/// The vendor's API.
pub trait Vendor: Send + Sync + 'static {
    /// Waits until the shared rate permits the next submission and the token is valid. A call that is dropped while it
    /// waits uses no permit.
    ///
    /// Called before the intent is written. So a stop never finds an intent that only waits for its permit. The time of
    /// an intent is the time of sending, although an exchange for a token may take minutes.
    fn wait_for_rate(&self) -> impl Future<Output = Result<(), CallError>> + Send {
        std::future::ready(Ok(()))
    }

    /// Gets another token after a refusal. Refusals of one token share one renewal.
    fn renew_token(&self, refused: &KeyRefused) -> impl Future<Output = Result<(), CallError>> + Send {
        std::future::ready(Err(CallError::Key(refused.message.clone())))
    }

    /// Whether every try of the last call failed to connect.
    fn is_unreachable(&self) -> bool {
        false
    }

    /// Returns how far the vendor's clock is ahead of this machine's. `None` before the first response with a `Date`.
    fn clock_offset(&self) -> Option<SignedDuration> {
        None
    }

    /// Sends one submission once, without retries, and returns its outcome. The caller has waited for its permit.
    fn submit(&self, form: &Form) -> impl Future<Output = SubmitOutcome> + Send;

    /// Returns all videos that the vendor lists, from all pages. Retries while the vendor is busy.
    fn list_videos(&self) -> impl Future<Output = Result<Vec<ListedVideo>, CallError>> + Send;

    /// Returns the state of a task. Retries while the vendor is busy.
    fn task_detail(&self, task: &str) -> impl Future<Output = Result<TaskDetail, CallError>> + Send;

    /// Uploads a media file and returns its asset id. A file that differs from the planned content is not uploaded.
    fn upload(&self, file: &LocalFile) -> impl Future<Output = Result<String, CallError>> + Send;

    /// Returns the ids of all uploaded files of a kind that the vendor still has.
    fn list_assets(&self, kind: MediaKind) -> impl Future<Output = Result<HashSet<String>, CallError>> + Send;
}
