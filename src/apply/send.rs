//! One submission from its intent to its last answer; the only place where money is spent.

use tokio::time::Instant;
use tracing::Instrument as _;

use super::gate::Gate;
use super::lanes::{Lanes, Place, Slot};
use super::tasks::Tasks;
use super::{
    Clock, Doubtful, Event, Halt, Ledger, LedgerError, Means, NotSent, Refused, Submitted, Unsent, Uploads, Work,
    record,
};
use crate::lockfile::{Record, Take};
use crate::spec::{LocalFile, marker, submitted_name};
use crate::vendor::{
    Backoff, CallError, Doubt, Form, KeyRefused, NotAccepted, Refusal, Submission, Vendor, submission_form,
};

/// How often a submission is tried at a vendor that could not be reached for the question before it.
const TRIES_OUT_OF_REACH: u32 = 2;

/// What became of one submission.
pub(super) enum Verdict {
    Submitted(Submitted),
    Refused(Refused),
    InDoubt(Doubtful),
    NotSent(Unsent),
    /// Accepted; the line is among the unwritten ones.
    Unwritten,
}

/// What became of one submission, and of its lines.
pub(super) struct Sent {
    pub(super) verdict: Verdict,
    /// Lines durably written.
    pub(super) written: Vec<Record>,
    /// Lines that could not be written and must not be lost.
    pub(super) unwritten: Vec<Record>,
    /// Why lines could not be written.
    pub(super) failure: Option<LedgerError>,
    /// What to show if the vendor refused the credentials.
    pub(super) key_refused: Option<String>,
    /// Why the vendor could not be reached, if all tries ended so.
    pub(super) unreachable: Option<String>,
    /// Why else nothing further starts.
    pub(super) halted: Option<Halt>,
}

/// The course of one submission.
pub(super) struct Course<'a, V, L: Ledger, C> {
    pub(super) means: Means<'a, V, L, C>,
    pub(super) gate: &'a Gate<'a>,
    pub(super) lanes: &'a Lanes,
    tasks: &'a Tasks<'a>,
    pub(super) work: &'a Work,
    /// Held while an intent is open.
    pub(super) place: Option<Place<'a>>,
    /// Held from the sending, or from the intent where it is not written ahead, to the last answer.
    pub(super) slot: Option<Slot<'a>>,
    /// The answer's line, for which others may wait.
    pub(super) promise: Option<L::Promise>,
    pub(super) written: Vec<Record>,
    pub(super) unwritten: Vec<Record>,
    failure: Option<LedgerError>,
    key_refused: Option<String>,
    unreachable: Option<String>,
    halted: Option<Halt>,
    /// Whether the vendor heard of any try.
    heard: bool,
}

impl<'a, V: Vendor, L: Ledger, C: Clock> Course<'a, V, L, C> {
    pub(super) fn new(
        means: Means<'a, V, L, C>,
        (gate, lanes, tasks): (&'a Gate<'a>, &'a Lanes, &'a Tasks<'a>),
        work: &'a Work,
    ) -> Self {
        Self {
            means,
            gate,
            lanes,
            tasks,
            work,
            place: None,
            slot: None,
            promise: None,
            written: Vec::new(),
            unwritten: Vec::new(),
            failure: None,
            key_refused: None,
            unreachable: None,
            halted: None,
            heard: false,
        }
    }

    /// Runs it.
    pub(super) async fn run(mut self, uploads: &Uploads) -> Sent {
        let verdict = match self.enter(uploads).await {
            Ok(form) => self.submit(&form).await,
            Err(verdict) => verdict,
        };
        let Self { written, unwritten, failure, key_refused, unreachable, halted, .. } = self;
        Sent { verdict, written, unwritten, failure, key_refused, unreachable, halted }
    }

    /// Waits until it may begin; what is sent then.
    async fn enter(&mut self, uploads: &Uploads) -> Result<Form, Verdict> {
        let Some((place, slot)) = self.gate.unless_shut(self.lanes.enter()).await else {
            return Err(self.shut_out());
        };
        (self.place, self.slot) = (Some(place), slot);
        if let Some(message) = uploads.obstacle(&self.work.spec) {
            return Err(self.refused(None, message));
        }
        let name = submitted_name(&self.work.label, &marker(&self.work.digest, self.work.attempt));
        let asset = |file: &LocalFile| uploads.id(&file.sha256).map(str::to_owned);
        submission_form(&self.work.spec, &name, asset)
            .ok_or_else(|| self.refused(None, "a local file of it was not uploaded".to_owned()))
    }

    async fn submit(&mut self, form: &Form) -> Verdict {
        let mut backoff = Backoff::for_submission(self.means.random);
        // The intent of the try before, surely not accepted.
        let mut before: Option<Take> = None;
        let mut tries = 0;
        // Whether the try before was refused, and a new token got for this one.
        let mut renewed = false;
        loop {
            tries += 1;
            let intent = match self.ready(before).await {
                Ok(intent) => intent,
                Err(verdict) => return verdict,
            };
            self.tell(&Event::Submitting {
                key: self.work.key.clone(),
                digest: self.work.digest,
                attempt: self.work.attempt,
                tries,
            });
            let again = match self.send(form).await {
                Submission::Accepted(accepted) => return self.accepted(intent, accepted.task).await,
                Submission::InDoubt(doubt) => return self.in_doubt(intent, doubt).await,
                Submission::Refused(Refusal { code, message }) => {
                    self.gate.answered(None);
                    self.give_back(intent).await;
                    return self.refused(Some(code), message);
                }
                Submission::KeyRefused(refused) => {
                    if let Some(verdict) = self.renew(&refused, &intent, renewed).await {
                        return verdict;
                    }
                    (renewed, before) = (true, Some(intent));
                    continue;
                }
                Submission::NotAccepted(again) => again,
            };
            renewed = false;
            if let Some(verdict) = self.wait(&mut backoff, &again, &intent, tries).await {
                return verdict;
            }
            before = Some(intent);
        }
    }

    /// The one place from which a submission leaves. Never dropped for a stop: an answer that is under way may have
    /// been paid for.
    ///
    /// Once it is decided what became of it, the next one may use the slot. Nobody else is polled before the first
    /// await after that: an answer's line is in the ledger's hands before the next intent, so that no more than
    /// [`Lanes`] lets be open are ever open on the disk; and a refused key has shut the gate.
    async fn send(&mut self, form: &Form) -> Submission {
        self.promise = self.lanes.is_brisk().then(|| self.means.ledger.promise());
        let begun = Instant::now();
        let Work { key, attempt, .. } = self.work;
        let span = tracing::debug_span!("submission", key = &**key, attempt);
        let answer = self.means.vendor.submit(form).instrument(span).await;
        self.lanes.answered(begun.elapsed(), self.means.vendor.is_paced());
        if matches!(answer, Submission::NotAccepted(_) | Submission::KeyRefused(_)) {
            // It keeps its slot for the next try, but no line comes now.
            self.promise = None;
        } else {
            (self.slot, self.place) = (None, None);
        }
        answer
    }

    /// Waits before the next try; a verdict when there is none.
    async fn wait(
        &mut self,
        backoff: &mut Backoff<impl FnMut() -> u64>,
        again: &NotAccepted,
        intent: &Take,
        tries: u32,
    ) -> Option<Verdict> {
        self.heard |= !again.is_unheard();
        let in_vain = !self.heard && tries >= TRIES_OUT_OF_REACH && self.means.vendor.is_out_of_reach();
        let Some(wait) = backoff.next(again).filter(|_| !in_vain) else {
            if !self.heard {
                return Some(self.unreachable(intent.clone(), again.reason.clone()).await);
            }
            self.give_back(intent.clone()).await;
            return Some(self.refused(None, format!("gave up after {tries} tries: {}", again.reason)));
        };
        let asked = again.retry_after.is_some();
        let why = if asked { "the vendor asks for it" } else { "backoff" };
        tracing::debug!(key = &*self.work.key, ?wait, why, tries, "waiting");
        if self.gate.is_shut().is_none() {
            self.tell(&Event::Waiting {
                key: self.work.key.clone(),
                seconds: wait.as_secs() + u64::from(wait.subsec_nanos() > 0),
                reason: again.reason.clone(),
            });
        }
        if self.gate.wait(wait).await {
            return None;
        }
        self.give_back(intent.clone()).await;
        Some(self.shut_out())
    }

    async fn accepted(&mut self, intent: Take, task: String) -> Verdict {
        self.gate.answered(None);
        if let Some(owner) = self.tasks.claim(&task, &self.work.key) {
            let reason = format!("the vendor answered with task `{task}`, which is the task of `{owner}`");
            return self.in_doubt(intent, Doubt { reason, ..Doubt::default() }).await;
        }
        let Work { key, digest, attempt, .. } = self.work.clone();
        let line = Record::Take(record::submitted(intent, task.clone()));
        if self.write(line).await {
            self.tell(&Event::Submitted { key: key.clone(), digest, attempt, task: task.clone() });
            Verdict::Submitted(Submitted { key, digest, attempt, task })
        } else {
            self.tell(&Event::Unwritten { key, digest, attempt, task });
            Verdict::Unwritten
        }
    }

    /// Gets a new token after a refusal, for one repetition. Returns a verdict if there will be none.
    ///
    /// The refusal is certain, so the same submission may leave again, with an intent of its own. For a fixed token this
    /// shuts the gate without an await in between.
    async fn renew(&mut self, refused: &KeyRefused, intent: &Take, renewed: bool) -> Option<Verdict> {
        self.heard = true;
        if renewed {
            let error = CallError::Key(refused.message.clone());
            return Some(self.without_token(Some(intent.clone()), error).await);
        }
        match self.gate.unless_shut(self.means.vendor.renew(refused)).await {
            Some(Ok(())) => None,
            Some(Err(error)) => Some(self.without_token(Some(intent.clone()), error).await),
            None => {
                self.give_back(intent.clone()).await;
                Some(self.shut_out())
            }
        }
    }

    /// Ends the run for all submissions, since there is no token to send them with. `intent` was certainly not accepted.
    pub(super) async fn without_token(&mut self, intent: Option<Take>, error: CallError) -> Verdict {
        let reason = match error {
            CallError::Key(message) => {
                self.unauthorized(message);
                NotSent::KeyRefused
            }
            error => {
                let reason = match error {
                    CallError::NoToken(reason) => reason,
                    error => error.to_string(),
                };
                self.halt(NotSent::NoToken, Halt::NoToken(reason));
                NotSent::NoToken
            }
        };
        if let Some(intent) = intent {
            self.give_back(intent).await;
        }
        self.not_sent(reason)
    }

    fn unauthorized(&mut self, message: String) {
        if self.gate.close(NotSent::KeyRefused) {
            self.tell(&Event::KeyRefused { message: message.clone() });
        }
        self.key_refused = Some(message);
    }

    fn halt(&mut self, reason: NotSent, halt: Halt) {
        if self.gate.close(reason) {
            self.tell(&Event::Halted { halt: halt.clone() });
            self.halted = Some(halt);
        }
    }

    /// No try of it ever had a connection: neither will the others, and nobody refused anything.
    async fn unreachable(&mut self, intent: Take, reason: String) -> Verdict {
        if self.gate.is_shut().is_none() {
            self.gate.close(NotSent::Unreachable);
            self.tell(&Event::Unreachable { reason: reason.clone() });
            self.unreachable = Some(reason);
        }
        self.give_back(intent).await;
        self.shut_out()
    }

    async fn in_doubt(&mut self, intent: Take, doubt: Doubt) -> Verdict {
        let Doubt { reason, unauthorized, unknown_code } = doubt;
        if let Some(message) = unauthorized {
            self.unauthorized(message);
        }
        let Take { key, digest, attempt, at: since, .. } = intent.clone();
        self.tell(&Event::InDoubt { key: key.clone(), reason: reason.clone() });
        if let Some(unknown) = unknown_code {
            let message = Some(format!("code {}: {}", unknown.code, unknown.message));
            if self.gate.answered(Some(unknown.code)) {
                self.halt(NotSent::UnknownCode, Halt::UnknownCode(unknown));
            }
            self.note(intent, message).await;
        }
        Verdict::InDoubt(Doubtful { key, digest, attempt, since, reason })
    }

    /// Writes the vendor's message next to an intent, for `status` and later runs. Nothing depends on that line.
    async fn note(&mut self, intent: Take, message: Option<String>) {
        self.promise = None;
        // Of two lines of one rank the later one holds.
        let Ok(at) = intent.at.checked_add(jiff::SignedDuration::from_millis(1)) else { return };
        let line = Record::Take(Take { at, message, ..intent });
        match self.means.ledger.write(vec![line.clone()]).await {
            Ok(()) => self.written.push(line),
            Err(error) => self.fail(error),
        }
    }

    fn refused(&self, code: Option<i64>, message: String) -> Verdict {
        let Work { key, digest, attempt, .. } = self.work.clone();
        self.tell(&Event::Refused { key: key.clone(), code, message: message.clone() });
        Verdict::Refused(Refused { key, digest, attempt, code, message })
    }

    /// Not sent, because the gate is shut.
    pub(super) fn shut_out(&self) -> Verdict {
        self.not_sent(self.gate.is_shut().unwrap_or(NotSent::Stopped))
    }

    pub(super) fn not_sent(&self, reason: NotSent) -> Verdict {
        tracing::debug!(key = &*self.work.key, reason = ?reason, "not sent");
        let Work { key, digest, .. } = self.work.clone();
        Verdict::NotSent(Unsent { key, digest, reason })
    }

    /// Frees a submission that surely was not accepted.
    pub(super) async fn give_back(&mut self, intent: Take) {
        let line = record::freed(intent, self.means.clock.now());
        self.write(Record::Take(line)).await;
    }

    /// Writes what became of a submission; what cannot be written is kept, and nothing new starts.
    async fn write(&mut self, line: Record) -> bool {
        let done = match self.promise.take() {
            Some(promise) => self.means.ledger.keep(promise, vec![line.clone()]).await,
            None => self.means.ledger.write(vec![line.clone()]).await,
        };
        match done {
            Ok(()) => {
                self.written.push(line);
                true
            }
            Err(error) => {
                self.unwritten.push(line);
                self.fail(error);
                false
            }
        }
    }

    pub(super) fn fail(&mut self, error: LedgerError) {
        self.gate.close(NotSent::LockFailure);
        self.tell(&Event::LockFailure { message: error.to_string() });
        self.failure.get_or_insert(error);
    }

    fn tell(&self, event: &Event) {
        self.means.progress.event(event);
    }
}
