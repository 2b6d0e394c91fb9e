//! What callsheet needs of the vendor, as a trait: tests and the real client implement it.

use std::collections::HashSet;
use std::future::Future;

use jiff::SignedDuration;

use super::{CallError, Form, KeyRefused, ListedVideo, Submission, TaskDetail};
use crate::spec::{LocalFile, MediaKind};

/// The vendor.
pub trait Vendor: Send + Sync + 'static {
    /// Waits until the shared rate lets the next submission go, with a token that is alive. Dropped while waiting it
    /// takes no one's turn.
    ///
    /// Called before the intent is written: a stop never finds intents that only wait for their turn, and the time of an
    /// intent is that of its sending, though an exchange for a token may take minutes.
    fn turn(&self) -> impl Future<Output = Result<(), CallError>> + Send {
        std::future::ready(Ok(()))
    }

    /// Gets another token after a refusal. Refusals of one token share one renewal.
    fn renew(&self, refused: &KeyRefused) -> impl Future<Output = Result<(), CallError>> + Send {
        std::future::ready(Err(CallError::Key(refused.message.clone())))
    }

    /// Whether no connection could be made when the vendor was last asked something, however often it was tried.
    fn is_out_of_reach(&self) -> bool {
        false
    }

    /// Returns how far the vendor's clock is ahead of this machine's. `None` before an answer has a `Date`.
    fn clock_offset(&self) -> Option<SignedDuration> {
        None
    }

    /// Sends one submission once, its turn having come, without any retry, and says what is certain about it.
    fn submit(&self, form: &Form) -> impl Future<Output = Submission> + Send;

    /// All videos that the vendor lists, paged through; retried when the vendor is busy.
    fn list_videos(&self) -> impl Future<Output = Result<Vec<ListedVideo>, CallError>> + Send;

    /// The state of a task; retried when the vendor is busy.
    fn task_detail(&self, task: &str) -> impl Future<Output = Result<TaskDetail, CallError>> + Send;

    /// Uploads a media file and gives its asset id; what is not the planned content is not uploaded.
    fn upload(&self, file: &LocalFile) -> impl Future<Output = Result<String, CallError>> + Send;

    /// The ids of all uploaded files of a kind that the vendor still has.
    fn list_assets(&self, kind: MediaKind) -> impl Future<Output = Result<HashSet<String>, CallError>> + Send;
}
