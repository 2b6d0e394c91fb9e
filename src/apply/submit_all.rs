//! All submissions of a run: in the given order, `concurrency` at a time, until the work is done or the run ends.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt};
use tokio::sync::Semaphore;

use super::cancellation::Cancellation;
use super::records::TaskOwners;
use super::submit_one::{SharedState, SubmissionTask};
use super::{ApplyContext, ApplyEvent, Outcome, PlannedSubmission, RecordWriter, SkipReason, Uploads};
use crate::lockfile::Lockfile;
use crate::vendor::Vendor;

/// Sends every submission of the work once, in the given order, `concurrency` at a time.
///
/// An intent is durably written before its submission leaves, and the response before it is reported. A submission
/// needs a permit before its intent is written, and returns it when the record of its response is queued after that
/// intent. So the lockfile never has more than `concurrency` open intents, apart from those whose response was lost.
/// The next intent shares the sync of that response: a permit that waited for the sync would wait for a second one.
///
/// `uploads` has the local files of the work. `lockfile` has all takes, so that no task id counts for two of them.
///
/// Only a submission that was certainly not accepted is tried again. The work must be what the plan sends: this
/// function does not check whether it is already paid for.
pub async fn submit_all<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    work: &[PlannedSubmission],
    (uploads, lockfile): (&Uploads, &Lockfile),
) -> Outcome {
    let concurrency = context.options.concurrency.clamp(1, Semaphore::MAX_PERMITS / 2);
    let shared = SharedState {
        cancellation: Cancellation::new(context.stop),
        permits: Semaphore::new(concurrency),
        tasks: TaskOwners::new(lockfile, &context.options.host),
        uploads,
    };
    if let Some(end) = &uploads.ended {
        shared.cancellation.cancel(end.reason());
    }
    let mut seen = HashSet::new();
    let (first, twice): (Vec<_>, Vec<_>) = work.iter().partition(|one| seen.insert(&one.digest));
    // Built before they are streamed: a closure inside the stream would tie the run to one thread.
    let mut submissions = Vec::with_capacity(first.len());
    for (place, one) in first.into_iter().enumerate() {
        let task = SubmissionTask::new(context, &shared, one);
        submissions.push(async move { (place, task.run().await) });
    }
    // The submissions with a permit, and as many whose response is being written: a new intent waits for the same sync.
    let mut submissions = stream::iter(submissions).buffer_unordered(2 * concurrency);
    let mut reports = Vec::new();
    let mut told = false;
    loop {
        tokio::select! {
            biased;
            () = context.stop.stop_requested(), if !told => {
                told = true;
                context.progress.event(&ApplyEvent::Stopping);
            }
            one = submissions.next() => match one {
                Some(one) => reports.push(one),
                None => break,
            },
        }
    }
    drop(submissions);
    reports.sort_by_key(|(place, _)| *place);
    let mut outcome = Outcome { interrupted: context.stop.is_stop_requested(), ..Outcome::default() };
    for (_, report) in reports {
        outcome.merge(report);
    }
    outcome.not_sent.extend(twice.into_iter().map(|one| one.skipped(SkipReason::Duplicate)));
    outcome
}
