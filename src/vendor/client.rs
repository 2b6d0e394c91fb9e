//! What callsheet needs of the vendor, as a trait: tests and the real client implement it.

use std::collections::HashSet;
use std::future::Future;

use jiff::SignedDuration;

use super::{CallError, Form, ListedVideo, Submission, TaskDetail};
use crate::spec::{LocalFile, MediaKind};

/// The vendor.
pub trait Vendor: Send + Sync + 'static {
    /// Waits until the shared rate lets the next submission go; dropped while waiting it takes no one's turn.
    ///
    /// Asked before the intent is written, so that a stop never finds intents that only wait for their turn.
    fn turn(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Whether submissions have to wait for their turn at all now. If not, an intent may be written before there is a
    /// slot for its submission.
    fn is_paced(&self) -> bool {
        false
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
