//! Sending the work: some at a time, in the given order, until done or until the gate is shut.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt};

use super::gate::Gate;
use super::lanes::Lanes;
use super::send::{Course, Sent, Verdict};
use super::tasks::Tasks;
use super::{Clock, Event, Ledger, Means, NotSent, Outcome, Unsent, Uploads, Work};
use crate::lockfile::Lockfile;
use crate::vendor::Vendor;

/// Knowledge from before the first submission.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The local files of the work.
    pub uploads: &'a Uploads,
    /// All takes, so that no task id counts for two of them.
    pub lockfile: &'a Lockfile,
}

/// Sends every submission of the work once, in the given order, `concurrency` at a time.
///
/// An intent is durably written before a submission leaves, and the answer before it is told; the next submission may
/// leave as soon as the answer has arrived. At no moment has the lockfile more than twice as many open intents as
/// may be sent at once, besides those whose answer was lost. Only what is surely not
/// accepted is tried again. The work must be what the plan sends: nothing here asks whether it is paid for already.
pub async fn execute<V: Vendor, L: Ledger, C: Clock>(
    means: Means<'_, V, L, C>,
    work: &[Work],
    known: Known<'_>,
) -> Outcome {
    let Known { uploads, lockfile } = known;
    let tasks = Tasks::new(lockfile, &means.options.host);
    let gate = Gate::new(means.stop);
    let lanes = Lanes::new(means.options.concurrency);
    if uploads.lock_failure.is_some() {
        gate.close(NotSent::LockFailure);
    } else if uploads.key_refused.is_some() {
        gate.close(NotSent::KeyRefused);
    } else if uploads.unreachable.is_some() {
        gate.close(NotSent::Unreachable);
    } else if uploads.halted.is_some() {
        gate.close(NotSent::NoToken);
    }
    let mut seen = HashSet::new();
    let (first, twice): (Vec<_>, Vec<_>) = work.iter().partition(|one| seen.insert(&one.digest));
    // Made before they are streamed: a closure inside the stream would tie the run to one thread.
    let mut courses = Vec::with_capacity(first.len());
    for (place, one) in first.into_iter().enumerate() {
        let course = Course::new(means, (&gate, &lanes, &tasks), one);
        courses.push(async move { (place, course.run(uploads).await) });
    }
    let mut courses = stream::iter(courses).buffer_unordered(Lanes::at_once(means.options.concurrency));
    let mut sent = Vec::new();
    let mut told = false;
    loop {
        tokio::select! {
            biased;
            () = means.stop.finishing(), if !told => {
                told = true;
                means.progress.event(&Event::Stopping);
            }
            one = courses.next() => match one {
                Some(one) => sent.push(one),
                None => break,
            },
        }
    }
    drop(courses);
    sent.sort_by_key(|(place, _)| *place);
    let mut outcome = Outcome { interrupted: means.stop.is_finishing(), ..Outcome::default() };
    for (_, one) in sent {
        gather(&mut outcome, one);
    }
    outcome.not_sent.extend(twice.into_iter().map(|one| Unsent {
        key: one.key.clone(),
        digest: one.digest,
        reason: NotSent::Duplicate,
    }));
    outcome
}

fn gather(outcome: &mut Outcome, sent: Sent) {
    match sent.verdict {
        Verdict::Submitted(one) => outcome.submitted.push(one),
        Verdict::Refused(one) => outcome.refused.push(one),
        Verdict::InDoubt(one) => outcome.in_doubt.push(one),
        Verdict::NotSent(one) => outcome.not_sent.push(one),
        Verdict::Unwritten => {}
    }
    outcome.written.extend(sent.written);
    outcome.key_refused = outcome.key_refused.take().or(sent.key_refused);
    outcome.unreachable = outcome.unreachable.take().or(sent.unreachable);
    outcome.halted = outcome.halted.take().or(sent.halted);
    if let Some(error) = sent.failure {
        outcome.fail(error.to_string(), sent.unwritten);
    }
}
