//! Waves: with a shared ledger, work is claimed there in portions before it is sent, and answers go back with the next.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::context::Sharing;
use super::{
    ApplyContext, ApplyEvent, Claim, Outcome, PlannedSubmission, PriorState, RecordWriter, SkipReason,
    SkippedSubmission, records, submit_all, upload_missing,
};
use crate::ledger::{ClaimStatus, LedgerError, claim_status, open_claims};
use crate::lockfile::{Lockfile, Record, Take, TakeState};
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

/// The takes that this run has sent without an answer: only a proof frees them.
pub(super) type Sent = HashSet<(Digest, u32)>;

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

/// The result of a claim.
#[derive(Default)]
pub(super) struct ClaimResult {
    pub(super) work: Vec<PlannedSubmission>,
    not_sent: Vec<SkippedSubmission>,
    by_others: Vec<Digest>,
    until: Option<Timestamp>,
    over_budget: Option<String>,
}

/// Sends the work in waves. Then the ledger holds all answers, and no claim of this run that never left.
///
/// `sent` is what this run has sent without an answer so far; it is added to.
pub(super) async fn send_in_waves<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    sharing: Sharing<'_>,
    (lockfile, sent): (&mut Lockfile, &mut Sent),
    work: Vec<PlannedSubmission>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut seen = HashSet::new();
    let mut queue: VecDeque<PlannedSubmission> = VecDeque::new();
    for one in work {
        if seen.insert(one.digest) {
            queue.push_back(one);
        } else {
            outcome.not_sent.push(one.skipped(SkipReason::Duplicate));
        }
    }
    let mut pace = WavePacing::new(context.options.concurrency);
    while !queue.is_empty() && !outcome.must_stop() {
        let wave: Vec<PlannedSubmission> = queue.drain(..pace.size.min(queue.len())).collect();
        let late = send_wave(context, sharing, (lockfile, &mut *sent), (wave, &mut pace), &mut outcome).await;
        late.into_iter().rev().for_each(|one| queue.push_front(one));
    }
    let reason = skip_reason(&outcome);
    outcome.not_sent.extend(queue.iter().map(|one| one.skipped(reason)));
    publish(context, sharing, (lockfile, sent), &mut outcome).await;
    outcome
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
    } else if matches!(outcome.halted, Some(super::Halt::UnknownCode(_))) {
        SkipReason::UnknownCode
    } else {
        SkipReason::NoToken
    }
}

/// Uploads, claims and sends one wave. Returns the work whose claim ended before it could leave.
async fn send_wave<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    sharing: Sharing<'_>,
    (lockfile, sent): (&mut Lockfile, &mut Sent),
    (wave, pace): (Vec<PlannedSubmission>, &mut WavePacing),
    outcome: &mut Outcome,
) -> Vec<PlannedSubmission> {
    // Slow things come before the claim.
    let uploads = upload_missing(context, &wave, lockfile).await;
    uploads.written.iter().for_each(|record| lockfile.insert(record.clone()));
    outcome.written.extend(uploads.written.iter().cloned());
    if let Some(end) = uploads.ended.clone() {
        let reason = end.reason();
        outcome.end_run(end);
        outcome.not_sent.extend(wave.iter().map(|one| one.skipped(reason)));
        return Vec::new();
    }
    if context.stop.is_stop_requested() {
        outcome.interrupted = true;
        outcome.not_sent.extend(wave.iter().map(|one| one.skipped(SkipReason::Stopped)));
        return Vec::new();
    }
    let span = pace.claim_duration(wave.len(), &sharing);
    let granted = match claim(context, sharing, (lockfile, sent), (&wave, span)).await {
        Ok(granted) => granted,
        Err(error) => {
            outcome.shared.unclaimed = Some(error.to_string());
            outcome.not_sent.extend(wave.iter().map(|one| one.skipped(SkipReason::Unclaimed)));
            return Vec::new();
        }
    };
    if let Some(words) = granted.over_budget {
        outcome.shared.over_budget = Some(words);
        outcome.not_sent.extend(wave.iter().map(|one| one.skipped(SkipReason::OverBudget)));
        return Vec::new();
    }
    outcome.not_sent.extend(granted.not_sent);
    outcome.shared.by_others.extend(granted.by_others);
    let work = granted.work;
    if work.is_empty() {
        return Vec::new();
    }
    if let Some(until) = granted.until {
        context.progress.event(&ApplyEvent::Claimed { count: work.len(), until });
    }
    let began = Instant::now();
    let claimed = lockfile.clone();
    let mut done = {
        let sending = submit_all(context, &work, PriorState { uploads: &uploads, lockfile: &claimed });
        tokio::pin!(sending);
        tokio::select! {
            biased;
            done = &mut sending => done,
            () = context.stop.stop_requested() => {
                // Publish what is known immediately: a canceled job may be killed within seconds.
                let (done, ()) = tokio::join!(sending, publish_stopped(context, sharing, &claimed, &work));
                done
            }
        }
    };
    pace.record_wave(work.len(), began.elapsed());
    done.written.iter().for_each(|record| lockfile.insert(record.clone()));
    sent.extend(done.in_doubt.iter().map(|one| (one.digest, one.attempt)));
    let is_late = |one: &SkippedSubmission| one.reason == SkipReason::Late;
    let late: HashSet<Digest> = done.not_sent.iter().filter(|one| is_late(one)).map(|one| one.digest).collect();
    done.not_sent.retain(|one| !is_late(one));
    outcome.merge(done);
    work.into_iter().filter(|one| late.contains(&one.digest)).collect()
}

/// Claims a wave in the ledger, with the answers of the waves before.
async fn claim<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    sharing: Sharing<'_>,
    (lockfile, sent): (&mut Lockfile, &Sent),
    (wave, span): (&[PlannedSubmission], Duration),
) -> Result<ClaimResult, LedgerError> {
    let ledger = sharing.ledger;
    let line = ledger.run_line(context.vendor.clock_offset());
    let (host, run, budget) = (&context.options.host, ledger.run(), sharing.budget);
    let request = ClaimRequest { wave, host, run, line: &line, sent, span, budget };
    let decide = |known: &Lockfile| grant(known, &request, (context.now)());
    let note = format!("claim {}", wave.len());
    let stop = context.stop;
    let updated = ledger.update(lockfile, &note, &|| stop.is_stop_requested(), decide).await?;
    if updated.created {
        let message = format!("the ledger {} was deleted, and is complete again", ledger.location());
        context.progress.event(&ApplyEvent::Warning { message });
    }
    *lockfile = updated.known;
    Ok(updated.result)
}

/// Decides what of a wave this run may send. Pure: it runs again on every reading of the ledger.
pub(super) fn grant(known: &Lockfile, request: &ClaimRequest<'_>, now: Timestamp) -> (Vec<Record>, ClaimResult) {
    let ClaimRequest { wave, host, run, line, sent, span, budget } = *request;
    let begun = Instant::now();
    let until = now.checked_add(SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX)).unwrap_or(now);
    let mut granted = ClaimResult { until: Some(until), ..ClaimResult::default() };
    let mut records = vec![line.clone()];
    for one in wave {
        let (attempt, again) = match claim_status(known, host, (&one.digest, &one.key), run, now) {
            ClaimStatus::Free(attempt) => (attempt, false),
            // A claim is renewed only if it never left.
            ClaimStatus::Own(attempt) if !sent.contains(&(one.digest, attempt)) => (attempt, true),
            // The plan sends a failure again only if it was asked to.
            ClaimStatus::Failed(attempt) if attempt < one.attempt => (known.next_attempt(host, &one.digest), false),
            ClaimStatus::Paid => {
                granted.by_others.push(one.digest);
                continue;
            }
            // The rounds after the waves wait for them, or settle them.
            ClaimStatus::Own(_) | ClaimStatus::Elsewhere { .. } | ClaimStatus::InDoubt => continue,
            ClaimStatus::Failed(_) => {
                granted.not_sent.push(one.skipped(SkipReason::SubmittedElsewhere));
                continue;
            }
        };
        let claim = Claim { run: Arc::clone(run), until, deadline: begun + span, again };
        let one = PlannedSubmission { attempt, claim: Some(claim), ..one.clone() };
        records.push(Record::Take(records::intent(&one, host, now)));
        granted.work.push(one);
    }
    if granted.work.is_empty() {
        // Nothing is claimed, so nothing has to be known of this run.
        return (Vec::new(), granted);
    }
    let mut with = known.clone();
    for record in &records {
        with.insert(record.clone());
    }
    if let Some(words) = budget(&with) {
        return (Vec::new(), ClaimResult { over_budget: Some(words), ..ClaimResult::default() });
    }
    (records, granted)
}

/// Publishes the answers so far after a stop, and frees the claims of which no intent was written: the run is stopped,
/// so they never leave.
async fn publish_stopped<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    sharing: Sharing<'_>,
    claimed: &Lockfile,
    work: &[PlannedSubmission],
) {
    let Some(known) = context.writer.known().await else { return };
    let run = sharing.ledger.run();
    let begun: HashSet<(Digest, u32)> =
        known.lines().filter(|line| line.run.as_ref() == Some(run)).map(|line| (line.digest, line.attempt)).collect();
    let now = (context.now)();
    let never_left = work.iter().filter(|one| !begun.contains(&(one.digest, one.attempt)));
    let freed: Vec<Record> = never_left
        .map(|one| Record::Take(records::freed(records::intent(one, &context.options.host, now), now)))
        .collect();
    let mut local = claimed.clone();
    local.union(&known);
    let stopped = || true;
    let published = sharing.ledger.update(&local, "stop", &stopped, |_| (freed.clone(), ())).await;
    match published {
        Ok(updated) => context.progress.event(&ApplyEvent::Published { count: updated.added }),
        // The last update says it, if it fails too.
        Err(error) => tracing::debug!(%error, "not published after the stop"),
    }
}

/// Publishes all answers, and frees every claim of this run that never left.
async fn publish<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    sharing: Sharing<'_>,
    (lockfile, sent): (&mut Lockfile, &Sent),
    outcome: &mut Outcome,
) {
    let (ledger, host) = (sharing.ledger, &context.options.host);
    // Answers that the disk did not take are paid for too.
    let unwritten = outcome.lock_failure.as_ref().map(|failure| failure.records.clone()).unwrap_or_default();
    for record in unwritten {
        lockfile.insert(record);
    }
    let now = (context.now)();
    let never_left = |known: &Lockfile| never_left(known, (host, ledger.run(), sent), now);
    // The intents of those are in the lockfile of this machine too.
    let freed = never_left(lockfile);
    if !freed.is_empty()
        && outcome.lock_failure.is_none()
        && let Err(error) = context.writer.write(freed.clone()).await
    {
        outcome.add_write_failure(error.to_string(), freed.clone());
    }
    for record in freed {
        lockfile.insert(record);
    }
    if unpublished_answers(lockfile, ledger.run()) == 0 {
        return;
    }
    let stop = context.stop;
    let updated =
        ledger.update(lockfile, "record", &|| stop.is_stop_requested(), |known| (never_left(known), ())).await;
    match updated {
        Ok(updated) => {
            if updated.added > 0 {
                context.progress.event(&ApplyEvent::Published { count: updated.added });
            }
            *lockfile = updated.known;
        }
        Err(error) => {
            let answers = unpublished_answers(lockfile, ledger.run());
            outcome.shared.unpublished = Some((answers, error.to_string()));
        }
    }
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

/// The contents that another run has, or had, by digest.
pub(super) fn held_by_others<'a>(
    lockfile: &'a Lockfile,
    host: &str,
    digests: impl Iterator<Item = Digest>,
    run: &str,
) -> HashMap<Digest, &'a Take> {
    let others = |take: &&Take| take.run.as_deref().is_some_and(|claimant| claimant != run);
    digests.filter_map(|digest| Some((digest, lockfile.in_doubt(host, &digest).filter(others)?))).collect()
}
