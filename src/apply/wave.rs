//! Waves: with a shared ledger, work is claimed there in portions before it is sent, and answers go back with the next.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::context::Sharing;
use super::run::{Run, Sent};
use super::{
    ApplyEvent, Claim, LockfileWriteFailure, Outcome, PlannedSubmission, RecordWriter, SharedOutcome, SkipReason,
    records, submit_all,
};
use crate::ledger::{LedgerError, open_claims};
use crate::lockfile::{Lockfile, Record, TakeState};
use crate::spec::Digest;
use crate::vendor::Vendor;

/// The smallest first wave.
const FIRST_WAVE: usize = 8;
/// The largest wave.
const MAX_WAVE: usize = 2_000;
/// Maximum time of a wave, by the pace of the previous one: GitHub recommends at most six pushes a minute.
const MAX_WAVE_TIME: Duration = Duration::from_mins(1);
/// A wave that took less is followed by one of four times its size, not two.
const FAST_WAVE_TIME: Duration = Duration::from_secs(10);
/// The longest claim.
const MAX_CLAIM_TIME: Duration = Duration::from_mins(30);

/// The size of waves, and the time that one is claimed for.
struct WavePacing {
    size: usize,
    /// Submissions a second.
    measured: Option<f64>,
}

impl WavePacing {
    fn new(concurrency: usize) -> Self {
        Self { size: concurrency.saturating_mul(2).clamp(FIRST_WAVE, MAX_WAVE), measured: None }
    }

    fn record_wave(&mut self, count: usize, time: Duration) {
        let pace = count as f64 / time.as_secs_f64().max(0.001);
        let most = (pace * MAX_WAVE_TIME.as_secs_f64()).max(1.0) as usize;
        let factor = if time < FAST_WAVE_TIME { 4 } else { 2 };
        self.size = self.size.saturating_mul(factor).min(most).clamp(1, MAX_WAVE);
        self.measured = Some(pace);
    }

    /// How long a wave is claimed: twice what it may take, and time for two requests.
    fn claim_duration(&self, count: usize, sharing: &Sharing<'_>) -> Duration {
        let sending = self.measured.map_or(0.0, |pace| 2.0 * count as f64 / pace.max(0.001));
        let span = Duration::from_secs_f64(sending.min(MAX_CLAIM_TIME.as_secs_f64())) + 2 * sharing.timeout;
        span.max(sharing.least).min(MAX_CLAIM_TIME)
    }
}

/// The input of a claim that does not come from the ledger.
pub(super) struct ClaimRequest<'a> {
    pub(super) wave: &'a [PlannedSubmission],
    pub(super) host: &'a Arc<str>,
    pub(super) run: &'a Arc<str>,
    /// The line of the run.
    pub(super) line: &'a Record,
    pub(super) sent: &'a Sent,
    /// How long the wave is claimed.
    pub(super) span: Duration,
    /// See [`Sharing::budget`].
    pub(super) budget: &'a (dyn Fn(&Lockfile) -> Option<String> + Sync),
}

/// Decides what of a wave this run may send. Returns the lines to publish, the work, and the outcome of the rest. Pure: it
/// runs again each time the ledger is read.
pub(super) fn grant(
    known: &Lockfile,
    request: &ClaimRequest<'_>,
    now: Timestamp,
) -> (Vec<Record>, (Vec<PlannedSubmission>, Outcome)) {
    let ClaimRequest { wave, host, run, line, sent, span, budget } = *request;
    let begun = Instant::now();
    let until = now.checked_add(SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX)).unwrap_or(now);
    let (mut work, mut left) = (Vec::new(), Outcome::default());
    let mut records = vec![line.clone()];
    for one in wave {
        if known.paid(host, &one.digest, &one.key).is_some() {
            left.shared.by_others.insert(one.digest);
            continue;
        }
        let (attempt, again) = match (known.in_doubt(host, &one.digest), known.failed(host, &one.digest)) {
            // A claim of this run is renewed only if it never left.
            (Some(open), _) if open.run.as_ref() == Some(run) && !sent.contains(&(one.digest, open.attempt)) => {
                (open.attempt, true)
            }
            // The rounds after the waves wait for it, or settle it.
            (Some(_), _) => continue,
            // The plan sends a failure again only if it was asked to.
            (None, Some(failed)) if failed.attempt >= one.attempt => {
                left.not_sent.push(one.skipped(SkipReason::SubmittedElsewhere));
                continue;
            }
            (None, _) => (known.next_attempt(host, &one.digest), false),
        };
        let claim = Claim { run: Arc::clone(run), until, deadline: begun + span, again };
        let one = PlannedSubmission { attempt, claim: Some(claim), ..one.clone() };
        records.push(Record::Take(records::intent(&one, host, now)));
        work.push(one);
    }
    if work.is_empty() {
        // Nothing is claimed, so nothing has to be known of this run.
        return (Vec::new(), (work, left));
    }
    let mut with = known.clone();
    for record in &records {
        with.insert(record.clone());
    }
    if let Some(words) = budget(&with) {
        let shared = SharedOutcome { over_budget: Some(words), ..SharedOutcome::default() };
        return (Vec::new(), (Vec::new(), Outcome { shared, ..Outcome::default() }));
    }
    (records, (work, left))
}

/// Frees the open claims of a run that it has not sent.
pub(super) fn never_left(known: &Lockfile, (host, run, sent): (&str, &Arc<str>, &Sent), now: Timestamp) -> Vec<Record> {
    let open = open_claims(known, run).filter(|take| *take.host == *host);
    let unsent = open.filter(|take| !sent.contains(&(take.digest, take.attempt)));
    unsent.map(|take| Record::Take(records::freed(take.clone(), now))).collect()
}

/// The number of answers of a run.
fn unpublished_answers(known: &Lockfile, run: &Arc<str>) -> usize {
    known.lines().filter(|line| line.run.as_ref() == Some(run) && line.state != TakeState::Intent).count()
}

fn skip_reason(outcome: &Outcome) -> SkipReason {
    if outcome.interrupted {
        SkipReason::Stopped
    } else if outcome.key_refused.is_some() {
        SkipReason::KeyRefused
    } else if outcome.lock_failure.is_some() {
        SkipReason::LockFailure
    } else if outcome.unreachable.is_some() {
        SkipReason::Unreachable
    } else if outcome.shared.over_budget.is_some() {
        SkipReason::OverBudget
    } else if outcome.shared.unclaimed.is_some() {
        SkipReason::Unclaimed
    } else if outcome.unknown_code.is_some() {
        SkipReason::UnknownCode
    } else {
        SkipReason::NoToken
    }
}

impl<V: Vendor, L: RecordWriter> Run<'_, V, L> {
    /// Sends the work in waves. Then the ledger holds all answers, and no claim of this run that never left.
    pub(super) async fn send_in_waves(&mut self, sharing: Sharing<'_>, work: Vec<PlannedSubmission>) {
        let mut seen = HashSet::new();
        let (mut queue, twice): (VecDeque<_>, VecDeque<_>) = work.into_iter().partition(|one| seen.insert(one.digest));
        self.outcome.not_sent.extend(twice.iter().map(|one| one.skipped(SkipReason::Duplicate)));
        let mut pace = WavePacing::new(self.context.options.concurrency);
        while !queue.is_empty() && !self.outcome.must_stop() {
            let wave: Vec<PlannedSubmission> = queue.drain(..pace.size.min(queue.len())).collect();
            let left = self.send_wave(sharing, wave, &mut pace).await;
            left.into_iter().rev().for_each(|one| queue.push_front(one));
        }
        let reason = skip_reason(&self.outcome);
        self.outcome.not_sent.extend(queue.iter().map(|one| one.skipped(reason)));
        self.publish(sharing).await;
    }

    /// Uploads, claims and sends one wave. Returns what did not leave: after a reason to stop all of it, else the work
    /// whose claim ended before.
    async fn send_wave(
        &mut self,
        sharing: Sharing<'_>,
        wave: Vec<PlannedSubmission>,
        pace: &mut WavePacing,
    ) -> Vec<PlannedSubmission> {
        let context = self.context;
        // Slow things come before the claim.
        let uploads = self.upload(&wave).await;
        if uploads.ended.is_some() {
            return wave;
        }
        if context.stop.is_stop_requested() {
            self.outcome.interrupted = true;
            return wave;
        }
        let claimed = self.claim(sharing, &wave, pace.claim_duration(wave.len(), &sharing)).await;
        let work = claimed.unwrap_or_else(|error| {
            self.outcome.shared.unclaimed = Some(error.to_string());
            Vec::new()
        });
        if self.outcome.must_stop() {
            return wave;
        }
        let Some(claim) = work.first().and_then(|one| one.claim.as_ref()) else { return Vec::new() };
        context.progress.event(&ApplyEvent::Claimed { count: work.len(), until: claim.until });
        let began = Instant::now();
        let mut done = {
            let sending = submit_all(context, &work, (&uploads, self.lockfile));
            tokio::pin!(sending);
            tokio::select! {
                biased;
                done = &mut sending => done,
                () = context.stop.stop_requested() => {
                    // Publish what is known immediately: a canceled job may be killed within seconds.
                    let (done, ()) = tokio::join!(sending, self.publish_stopped(sharing, &work));
                    done
                }
            }
        };
        pace.record_wave(work.len(), began.elapsed());
        self.sent.extend(done.in_doubt.iter().map(|one| (one.digest, one.attempt)));
        let late = done.not_sent.extract_if(.., |one| one.reason == SkipReason::Late);
        let late: HashSet<Digest> = late.map(|one| one.digest).collect();
        self.add(done);
        work.into_iter().filter(|one| late.contains(&one.digest)).collect()
    }

    /// Claims a wave in the ledger, with the answers of the waves before.
    async fn claim(
        &mut self,
        sharing: Sharing<'_>,
        wave: &[PlannedSubmission],
        span: Duration,
    ) -> Result<Vec<PlannedSubmission>, LedgerError> {
        let (context, Sharing { ledger, budget, .. }) = (self.context, sharing);
        let line = ledger.run_line(context.vendor.clock_offset());
        let (host, run) = (&context.options.host, ledger.run());
        let request = ClaimRequest { wave, host, run, line: &line, sent: &self.sent, span, budget };
        let decide = |known: &Lockfile| grant(known, &request, (context.now)());
        let note = format!("claim {}", wave.len());
        let updated = ledger.update(self.lockfile, &note, &|| context.stop.is_stop_requested(), decide).await?;
        if updated.created {
            let message = format!("the ledger {} was deleted, and is complete again", ledger.location());
            context.progress.event(&ApplyEvent::Warning { message });
        }
        *self.lockfile = updated.known;
        let (work, left) = updated.result;
        self.outcome.merge(left);
        Ok(work)
    }

    /// Publishes the answers so far after a stop, and frees the claims of which no intent was written: the run is
    /// stopped, so they never leave.
    async fn publish_stopped(&self, sharing: Sharing<'_>, work: &[PlannedSubmission]) {
        let (context, run) = (self.context, sharing.ledger.run());
        let Some(known) = context.writer.known().await else { return };
        let ours = known.lines().filter(|line| line.run.as_ref() == Some(run));
        let begun: HashSet<(Digest, u32)> = ours.map(|line| (line.digest, line.attempt)).collect();
        let now = (context.now)();
        let never_left = work.iter().filter(|one| !begun.contains(&(one.digest, one.attempt)));
        let freed: Vec<Record> = never_left
            .map(|one| Record::Take(records::freed(records::intent(one, &context.options.host, now), now)))
            .collect();
        let mut local = self.lockfile.clone();
        local.union(&known);
        match sharing.ledger.update(&local, "stop", &|| true, |_| (freed.clone(), ())).await {
            Ok(updated) => context.progress.event(&ApplyEvent::Published { count: updated.added }),
            // The last update says it, if it fails too.
            Err(error) => tracing::debug!(%error, "not published after the stop"),
        }
    }

    /// Publishes all answers, and frees every claim of this run that never left.
    async fn publish(&mut self, sharing: Sharing<'_>) {
        let (context, ledger) = (self.context, sharing.ledger);
        let Self { lockfile, sent, outcome, .. } = self;
        // A later round publishes what an earlier one could not.
        outcome.shared.unpublished = None;
        // Answers that the disk did not take are paid for too.
        for record in outcome.lock_failure.iter().flat_map(|failure| &failure.records) {
            lockfile.insert(record.clone());
        }
        let now = (context.now)();
        let never_left = |known: &Lockfile| never_left(known, (&context.options.host, ledger.run(), sent), now);
        // The intents of those are in the lockfile of this machine too.
        let freed = never_left(lockfile);
        if !freed.is_empty()
            && outcome.lock_failure.is_none()
            && let Err(message) = context.writer.write(freed.clone()).await
        {
            outcome.add_write_failure(LockfileWriteFailure { message, records: freed.clone() });
        }
        for record in freed {
            lockfile.insert(record);
        }
        if unpublished_answers(lockfile, ledger.run()) == 0 {
            return;
        }
        let stopped = || context.stop.is_stop_requested();
        match ledger.update(lockfile, "record", &stopped, |known| (never_left(known), ())).await {
            Ok(updated) => {
                if updated.added > 0 {
                    context.progress.event(&ApplyEvent::Published { count: updated.added });
                }
                **lockfile = updated.known;
            }
            Err(error) => {
                let answers = unpublished_answers(lockfile, ledger.run());
                outcome.shared.unpublished = Some((answers, error.to_string()));
            }
        }
    }
}
