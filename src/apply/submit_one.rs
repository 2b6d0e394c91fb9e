//! One submission, from its intent to its last response. Only this file spends money.

use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::Instrument as _;

use super::cancellation::Cancellation;
use super::records::TaskOwners;
use super::{
    ApplyContext, ApplyEvent, LockfileWriteFailure, Outcome, PlannedSubmission, RecordWriter, RefusedSubmission,
    RunEnd, SkipReason, SkippedSubmission, Submitted, TakeInDoubt, Uploads, records,
};
use crate::lockfile::{Record, Take};
use crate::spec::{LocalFile, marker, submitted_name};
use crate::vendor::{
    Backoff, CallError, Form, InDoubt, KeyRefused, NotAccepted, Refusal, SubmitOutcome, Vendor, submission_form,
};

/// Maximum tries of a submission if the previous request could not reach the vendor either.
const MAX_TRIES_UNREACHABLE: u32 = 2;

/// The state that all submissions of a run share.
pub(super) struct SharedState<'a> {
    pub(super) cancellation: Cancellation<'a>,
    /// One permit for each submission that may have an open intent.
    pub(super) permits: Semaphore,
    pub(super) tasks: TaskOwners<'a>,
    pub(super) uploads: &'a Uploads,
}

/// The result of one submission.
enum SubmissionOutcome {
    Submitted(Submitted),
    Refused(RefusedSubmission),
    InDoubt(TakeInDoubt),
    NotSent(SkippedSubmission),
    /// Accepted, but its record could not be written.
    Unwritten,
}

/// One submission in progress.
pub(super) struct SubmissionTask<'a, V, L> {
    context: ApplyContext<'a, V, L>,
    shared: &'a SharedState<'a>,
    work: &'a PlannedSubmission,
    /// Held from before the intent until the record of its response is queued.
    permit: Option<SemaphorePermit<'a>>,
    /// The records that were written, and the reasons why the run ends for all.
    outcome: Outcome,
    /// Whether any try reached the vendor.
    reached_vendor: bool,
}

impl<'a, V: Vendor, L: RecordWriter> SubmissionTask<'a, V, L> {
    pub(super) fn new(
        context: ApplyContext<'a, V, L>,
        shared: &'a SharedState<'a>,
        work: &'a PlannedSubmission,
    ) -> Self {
        Self { context, shared, work, permit: None, outcome: Outcome::default(), reached_vendor: false }
    }

    /// Runs the submission.
    pub(super) async fn run(mut self) -> Outcome {
        let ended = match self.wait_for_permit().await {
            Ok((form, intent)) => self.submit(&form, &intent).await,
            Err(ended) => ended,
        };
        match ended {
            SubmissionOutcome::Submitted(one) => self.outcome.submitted.push(one),
            SubmissionOutcome::Refused(one) => self.outcome.refused.push(one),
            SubmissionOutcome::InDoubt(one) => self.outcome.in_doubt.push(one),
            SubmissionOutcome::NotSent(one) => self.outcome.not_sent.push(one),
            SubmissionOutcome::Unwritten => {}
        }
        self.outcome
    }

    /// Waits for a permit, first come, first served. Returns the form and its intent, which lacks the time of its try.
    ///
    /// Both are built before the permit is acquired, so a free permit does not wait for them.
    async fn wait_for_permit(&mut self) -> Result<(Form, Take), SubmissionOutcome> {
        let form = self.form();
        let intent = records::intent(self.work, &self.context.options.host, (self.context.now)());
        let SharedState { cancellation, permits, .. } = self.shared;
        let Some(Ok(permit)) = cancellation.or_cancelled(permits.acquire()).await else {
            return Err(self.skipped());
        };
        self.permit = Some(permit);
        form.map(|form| (form, intent)).map_err(|message| self.refused(None, message))
    }

    /// Builds the form of the submission. The error says why it cannot be sent.
    fn form(&self) -> Result<Form, String> {
        let uploads = self.shared.uploads;
        if let Some(message) = uploads.upload_error(&self.work.spec) {
            return Err(message);
        }
        let name = submitted_name(self.work.spec.name(), &marker(&self.work.digest, self.work.attempt));
        let asset = |file: &LocalFile| uploads.id(&file.upload_key()).map(str::to_owned);
        submission_form(&self.work.spec, &name, asset).ok_or_else(|| "a local file of it was not uploaded".to_owned())
    }

    async fn submit(&mut self, form: &Form, draft: &Take) -> SubmissionOutcome {
        let mut backoff = Backoff::for_submission(self.context.random);
        // The intent of the previous try, which was certainly not accepted.
        let mut before: Option<Take> = None;
        let mut tries = 0;
        // Whether the vendor rejected the token of the previous try, and this one has a new token.
        let mut renewed = false;
        loop {
            tries += 1;
            let intent = match self.write_intent(draft, before).await {
                Ok(intent) => intent,
                Err(outcome) => return outcome,
            };
            self.report(&ApplyEvent::Submitting {
                key: self.work.key.clone(),
                digest: self.work.digest,
                attempt: self.work.attempt,
                tries,
            });
            if self.is_too_late() {
                // Nothing was sent, so the next wave claims it again with the same number.
                return self.not_sent(SkipReason::Late);
            }
            let again = match self.send(form).await {
                SubmitOutcome::Accepted { task } => return self.accepted(intent, task).await,
                SubmitOutcome::InDoubt(doubt) => return self.in_doubt(intent, doubt).await,
                SubmitOutcome::Refused(Refusal { code, message }) => {
                    self.shared.cancellation.count_response(None);
                    self.free_intent(intent).await;
                    return self.refused(Some(code), message);
                }
                SubmitOutcome::KeyRefused(refused) => {
                    if let Some(outcome) = self.renew_token(&refused, &intent, renewed).await {
                        return outcome;
                    }
                    (renewed, before) = (true, Some(intent));
                    continue;
                }
                SubmitOutcome::NotAccepted(again) => again,
            };
            renewed = false;
            if let Some(outcome) = self.wait(&mut backoff, &again, &intent, tries).await {
                return outcome;
            }
            before = Some(intent);
        }
    }

    /// Writes the intent of a try, after waiting for the rate. Nothing was sent if this is not `Ok`.
    async fn write_intent(&mut self, draft: &Take, before: Option<Take>) -> Result<Take, SubmissionOutcome> {
        match self.shared.cancellation.or_cancelled(self.context.vendor.wait_for_rate()).await {
            Some(Ok(())) => {}
            Some(Err(error)) => return Err(self.without_token(before, error).await),
            None => return Err(self.cancelled(before).await),
        }
        let intent = Take { at: (self.context.now)(), ..draft.clone() };
        let again = before.is_some() || self.work.claim.as_ref().is_some_and(|claim| claim.again);
        match self.context.writer.write_intent(intent.clone(), again).await {
            Ok(true) => {}
            Ok(false) => {
                // A merged record ranks above this one. Only our previous try, which certainly failed, is freed.
                if let Some(before) = before {
                    self.free_intent(before).await;
                }
                return Err(self.not_sent(SkipReason::SubmittedElsewhere));
            }
            Err(error) => {
                let freed = before.map(|before| Record::Take(records::freed(before, (self.context.now)())));
                self.fail(error, freed.into_iter().collect());
                return Err(self.not_sent(SkipReason::LockFailure));
            }
        }
        tracing::debug!(key = &*intent.key, attempt = intent.attempt, name = intent.name, "intent written");
        self.outcome.written.push(Record::Take(intent.clone()));
        // The run may have ended during the sync.
        if self.shared.cancellation.reason().is_some() {
            return Err(self.cancelled(Some(intent)).await);
        }
        Ok(intent)
    }

    /// Whether a request that starts now could end after its claim.
    fn is_too_late(&self) -> bool {
        let (Some(claim), Some(shared)) = (&self.work.claim, &self.context.shared) else { return false };
        !claim.has_time((self.context.now)(), shared.timeout)
    }

    /// The only place from which a submission leaves. A stop never drops it: an answer in flight may have been paid for.
    async fn send(&mut self, form: &Form) -> SubmitOutcome {
        let PlannedSubmission { key, attempt, .. } = self.work;
        let span = tracing::debug_span!("submission", key = &**key, attempt);
        self.context.vendor.submit(form).instrument(span).await
    }

    /// Waits before the next try. Returns an outcome if this one was the last.
    async fn wait(
        &mut self,
        backoff: &mut Backoff,
        again: &NotAccepted,
        intent: &Take,
        tries: u32,
    ) -> Option<SubmissionOutcome> {
        self.reached_vendor |= again.too_fast;
        let in_vain = !self.reached_vendor && tries >= MAX_TRIES_UNREACHABLE && self.context.vendor.is_unreachable();
        let Some(wait) = backoff.next(again).filter(|_| !in_vain) else {
            if !self.reached_vendor {
                return Some(self.unreachable(intent.clone(), again.reason.clone()).await);
            }
            self.free_intent(intent.clone()).await;
            return Some(self.refused(None, format!("gave up after {tries} tries: {}", again.reason)));
        };
        let asked = again.retry_after.is_some();
        let why = if asked { "the vendor requests it" } else { "backoff" };
        tracing::debug!(key = &*self.work.key, ?wait, why, tries, "waiting");
        if self.shared.cancellation.reason().is_none() {
            self.report(&ApplyEvent::Waiting {
                key: self.work.key.clone(),
                seconds: wait.as_secs() + u64::from(wait.subsec_nanos() > 0),
                reason: again.reason.clone(),
            });
        }
        if self.shared.cancellation.sleep(wait).await {
            return None;
        }
        Some(self.cancelled(Some(intent.clone())).await)
    }

    async fn accepted(&mut self, intent: Take, task: String) -> SubmissionOutcome {
        self.shared.cancellation.count_response(None);
        if let Some(owner) = self.shared.tasks.claim(&task, &self.work.key) {
            let reason = format!("the vendor answered with task `{task}`, which is the task of `{owner}`");
            return self.in_doubt(intent, InDoubt { reason, ..InDoubt::default() }).await;
        }
        let PlannedSubmission { key, digest, attempt, .. } = self.work.clone();
        let line = Record::Take(records::submitted(intent, task.clone()));
        let submitted = Submitted { key, digest, attempt, task };
        if self.write(line).await {
            self.report(&ApplyEvent::Submitted(submitted.clone()));
            SubmissionOutcome::Submitted(submitted)
        } else {
            self.report(&ApplyEvent::Unwritten(submitted));
            SubmissionOutcome::Unwritten
        }
    }

    /// Gets a new token after a refusal, for one repetition. Returns an outcome if the submission is not repeated.
    ///
    /// The refusal is certain, so the same submission may leave again, after another intent. A fixed token has no
    /// renewal, so the refusal ends the run while this submission still has its permit.
    async fn renew_token(&mut self, refused: &KeyRefused, intent: &Take, renewed: bool) -> Option<SubmissionOutcome> {
        self.reached_vendor = true;
        if renewed {
            let error = CallError::Key(refused.message.clone());
            return Some(self.without_token(Some(intent.clone()), error).await);
        }
        match self.shared.cancellation.or_cancelled(self.context.vendor.renew_token(refused)).await {
            Some(Ok(())) => None,
            Some(Err(error)) => Some(self.without_token(Some(intent.clone()), error).await),
            None => Some(self.cancelled(Some(intent.clone())).await),
        }
    }

    /// Ends the run for all submissions, because no token is left to send them with. `intent` was certainly not
    /// accepted.
    async fn without_token(&mut self, intent: Option<Take>, error: CallError) -> SubmissionOutcome {
        let end = RunEnd::without_token(error).unwrap_or_else(|error| RunEnd::NoToken(error.to_string()));
        let reason = end.reason();
        self.end_run(end);
        if let Some(intent) = intent {
            self.free_intent(intent).await;
        }
        self.not_sent(reason)
    }

    /// Ends the run for all submissions. Only the first reason is reported, but each record that was not written.
    fn end_run(&mut self, end: RunEnd) {
        let first = self.shared.cancellation.cancel(end.reason());
        if first || matches!(end, RunEnd::LockFailure(_)) {
            self.report(&ApplyEvent::from(&end));
        }
        if first || matches!(end, RunEnd::LockFailure(_) | RunEnd::KeyRefused(_)) {
            self.outcome.end_run(end);
        }
    }

    /// Ends the run after tries without a connection: the other submissions would not get one either.
    async fn unreachable(&mut self, intent: Take, reason: String) -> SubmissionOutcome {
        if self.shared.cancellation.reason().is_none() {
            self.end_run(RunEnd::Unreachable(reason));
        }
        self.cancelled(Some(intent)).await
    }

    async fn in_doubt(&mut self, intent: Take, doubt: InDoubt) -> SubmissionOutcome {
        let InDoubt { reason, unauthorized, unknown_code } = doubt;
        if let Some(message) = unauthorized {
            self.end_run(RunEnd::KeyRefused(message));
        }
        let Take { key, digest, attempt, at: since, .. } = intent.clone();
        self.report(&ApplyEvent::InDoubt { key: key.clone(), reason: reason.clone() });
        if let Some(unknown) = unknown_code {
            let message = Some(format!("code {}: {}", unknown.code, unknown.message));
            if self.shared.cancellation.count_response(Some(unknown.code)) {
                self.end_run(RunEnd::UnknownCode(unknown));
            }
            self.record_message(intent, message).await;
        }
        SubmissionOutcome::InDoubt(TakeInDoubt { key, digest, attempt, since, reason })
    }

    /// Writes the vendor's message next to an intent, for `status` and later runs. Nothing depends on that line.
    async fn record_message(&mut self, intent: Take, message: Option<String>) {
        // Of two lines with one rank, the later wins.
        let Ok(at) = intent.at.checked_add(jiff::SignedDuration::from_millis(1)) else { return };
        let line = Record::Take(Take { at, message, ..intent });
        match self.context.writer.write(vec![line.clone()]).await {
            Ok(()) => self.outcome.written.push(line),
            Err(error) => self.fail(error, Vec::new()),
        }
    }

    fn refused(&self, code: Option<i64>, message: String) -> SubmissionOutcome {
        let PlannedSubmission { key, digest, .. } = self.work.clone();
        self.report(&ApplyEvent::Refused { key: key.clone(), code, message: message.clone() });
        SubmissionOutcome::Refused(RefusedSubmission { key, digest, code, message })
    }

    /// Frees an intent that was certainly not accepted, because the run has ended.
    async fn cancelled(&mut self, intent: Option<Take>) -> SubmissionOutcome {
        if let Some(intent) = intent {
            self.free_intent(intent).await;
        }
        self.skipped()
    }

    /// Returns the outcome of a submission that is not sent because the run has ended.
    fn skipped(&self) -> SubmissionOutcome {
        self.not_sent(self.shared.cancellation.reason().unwrap_or(SkipReason::Stopped))
    }

    fn not_sent(&self, reason: SkipReason) -> SubmissionOutcome {
        tracing::debug!(key = &*self.work.key, reason = ?reason, "not sent");
        SubmissionOutcome::NotSent(self.work.skipped(reason))
    }

    /// Records that a submission was certainly not accepted.
    async fn free_intent(&mut self, intent: Take) {
        let line = records::freed(intent, (self.context.now)());
        self.write(Record::Take(line)).await;
    }

    /// Writes the record of a response. If that fails, keeps the record for the report, and nothing new starts.
    ///
    /// The permit is free as soon as the record is queued: the next intent comes after it in the file.
    async fn write(&mut self, line: Record) -> bool {
        let written = self.context.writer.write(vec![line.clone()]);
        self.permit = None;
        match written.await {
            Ok(()) => {
                self.outcome.written.push(line);
                true
            }
            Err(error) => {
                self.fail(error, vec![line]);
                false
            }
        }
    }

    fn fail(&mut self, message: String, records: Vec<Record>) {
        self.end_run(RunEnd::LockFailure(LockfileWriteFailure { message, records }));
    }

    fn report(&self, event: &ApplyEvent) {
        self.context.progress.event(event);
    }
}
