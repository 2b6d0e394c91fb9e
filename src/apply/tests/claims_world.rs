//! A model of runs with one ledger, for the property of claims: a branch, a vendor, and processes that crash.
//!
//! Everything that decides is the real function: the fold, claims, the end of a claim, proofs, and what a user frees.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::claims_steps::{CLAIM, GRACE, KEYS, LAG, Post, Push, RUNS, Step, TIMEOUT, What, Without};
use super::fakes::{HOST, after, options, wanted, work};
use crate::apply::run::Sent;
use crate::apply::wave::{ClaimRequest, grant, never_left};
use crate::apply::{ApplyOptions, DesiredVideo, ManualEdit, PlannedSubmission, VendorListing, reconcile, records};
use crate::lockfile::{Lockfile, Record, Run, Take, TakeState, encode, parse_bytes};
use crate::spec::{marker, submitted_name};
use crate::vendor::ListedVideo;

/// A change that the branch may not have yet.
#[derive(Clone)]
struct Change {
    version: Option<u64>,
    text: String,
    claims: Vec<PlannedSubmission>,
}

struct Runner {
    id: Arc<str>,
    /// Seconds that its clock is ahead.
    clock: i64,
    /// The lockfile of its machine.
    journal: Lockfile,
    change: Option<Change>,
    /// The claims that it may send.
    claims: VecDeque<PlannedSubmission>,
    sent: Sent,
}

pub struct World {
    now: i64,
    without: Without,
    /// Version and text of the branch.
    place: Option<(u64, String)>,
    deleted: Option<(u64, String)>,
    versions: u64,
    late: Vec<Change>,
    /// Names and times of what the vendor accepted.
    accepted: Vec<(String, i64)>,
    runs: Vec<Runner>,
    ids: usize,
}

impl World {
    pub fn new(without: Without, clocks: [i64; RUNS]) -> Self {
        let mut ledger = Lockfile::default();
        ledger.share("home");
        let runs = clocks.map(|clock| Runner {
            id: "".into(),
            clock,
            journal: Lockfile::default(),
            change: None,
            claims: VecDeque::new(),
            sent: Sent::new(),
        });
        let place = Some((0, encode(&ledger)));
        let (deleted, late, accepted, runs) = (None, Vec::new(), Vec::new(), runs.into());
        let mut world = Self { now: 0, without, place, deleted, versions: 0, late, accepted, runs, ids: 0 };
        (0..RUNS).for_each(|run| world.begin(run));
        world
    }

    /// Starts another process: it remembers nothing.
    fn begin(&mut self, run: usize) {
        self.ids += 1;
        let id = if self.without == Without::FreshId { "stored".into() } else { format!("run{}", self.ids).into() };
        let (clock, journal) = (self.runs[run].clock, std::mem::take(&mut self.runs[run].journal));
        self.runs[run] = Runner { id, clock, journal, change: None, claims: VecDeque::new(), sent: Sent::new() };
    }

    fn clock(&self, run: usize) -> i64 {
        self.now + self.runs[run].clock
    }

    fn line(&self, run: usize) -> Record {
        let Runner { id, clock, .. } = &self.runs[run];
        let clock = if self.without == Without::Veto { 0.0 } else { *clock as f64 };
        let who = "a run".to_owned();
        Record::Run(Run { run: Arc::clone(id), who, url: None, commit: None, clock: Some(clock), at: after(0) })
    }

    pub fn step(&mut self, step: Step) {
        match step {
            Step::Read(run, what) => self.read(run, what),
            Step::Push(run, push) => self.push(run, push),
            Step::Arrive => {
                if let Some(late) = self.late.pop() {
                    self.arrive(&late);
                }
            }
            Step::Send(run, post, delay) => self.send(run, post, delay),
            Step::Crash(run) => self.begin(run),
            Step::Gone(run) => {
                self.runs[run].journal = Lockfile::default();
                self.begin(run);
            }
            Step::Merge(run, other) => {
                let other = self.runs[other].journal.clone();
                self.runs[run].journal.union(&other);
            }
            Step::OldBranch(run) => {
                for key in KEYS {
                    let intent = records::intent(&work(key), &HOST.into(), after(-100));
                    self.runs[run].journal.insert(Record::Take(records::freed(intent, after(-50))));
                }
            }
            Step::Delete => {
                if let Some(place) = self.place.take() {
                    // A push that is on its way would restore an older version, which the contract does not cover.
                    self.late.clear();
                    self.runs.iter_mut().for_each(|run| run.change = None);
                    self.deleted = Some(place);
                }
            }
            Step::Restore => {
                if let Some(place) = self.deleted.take() {
                    self.place = Some(place);
                }
            }
            Step::Tick(seconds) => self.now += seconds,
        }
    }

    /// Returns what a run sees: the union of the ledger and its lockfile.
    fn known(&self, run: usize) -> Option<(Option<u64>, Lockfile)> {
        let mut known = self.runs[run].journal.clone();
        let version = match &self.place {
            Some((version, text)) => {
                known.union(&parse_bytes("ledger", text).unwrap().lockfile);
                Some(*version)
            }
            None if self.without == Without::AbsentIsError => None,
            None => return None,
        };
        known.share("home");
        if self.without == Without::RunOfAnswer {
            let freed = |line: &Take| {
                line.state == TakeState::Intent
                    && known.lines().any(|other| {
                        (other.digest, other.attempt, other.state) == (line.digest, line.attempt, TakeState::Freed)
                    })
            };
            let lines: Vec<Take> = known.lines().filter(|line| !freed(line)).cloned().collect();
            let mut folded = Lockfile::default();
            for line in lines {
                folded.insert(Record::Take(line));
            }
            known.runs().for_each(|run| folded.insert(Record::Run(run.clone())));
            known = folded;
        }
        Some((version, known))
    }

    fn read(&mut self, run: usize, what: What) {
        // A run reads when the wave before is over.
        self.runs[run].claims.clear();
        let Some((version, mut known)) = self.known(run) else { return };
        let (now, line) = (after(self.clock(run)), self.line(run));
        let (records, claims) = match what {
            What::Claim => self.claim(run, &known, &line),
            What::Publish => {
                let Runner { id, sent, .. } = &self.runs[run];
                let freed = never_left(&known, (HOST, id, sent), now);
                for record in &freed {
                    self.runs[run].journal.insert(record.clone());
                }
                (freed, Vec::new())
            }
            What::Settle => (self.reconcile(run, &known, &line), Vec::new()),
            What::Free => (self.free(&known, now), Vec::new()),
        };
        for record in records {
            known.insert(record);
        }
        self.runs[run].change = Some(Change { version, text: encode(&known), claims });
    }

    fn claim(&self, run: usize, known: &Lockfile, line: &Record) -> (Vec<Record>, Vec<PlannedSubmission>) {
        let Runner { id, sent, .. } = &self.runs[run];
        let none = Sent::new();
        let wave = KEYS.map(work);
        let request = ClaimRequest {
            wave: &wave,
            host: &HOST.into(),
            run: id,
            line,
            sent: if self.without == Without::SentIsNotRenewed { &none } else { sent },
            span: Duration::from_secs(CLAIM as u64),
            budget: &|_| None,
        };
        let (records, (work, _)) = grant(known, &request, after(self.clock(run)));
        (records, work)
    }

    fn reconcile(&self, run: usize, known: &Lockfile, line: &Record) -> Vec<Record> {
        let shown = self.accepted.iter().enumerate().filter(|(_, (_, at))| *at + LAG <= self.now);
        let video = |(index, (name, _)): (usize, &(String, i64))| ListedVideo {
            id: format!("v{index}"),
            name: name.clone(),
            status: Some(1),
            ..ListedVideo::default()
        };
        let (now, id) = (after(self.clock(run)), &self.runs[run].id);
        let listing = VendorListing { videos: shown.map(video).collect(), taken_at: now };
        let mut seen = known.clone();
        seen.insert(line.clone());
        if self.without == Without::ProofFromEnd {
            let ended = |take: &Take| take.state == TakeState::Intent && take.until.is_some_and(|until| until < now);
            let mut judged = Lockfile::default();
            for take in seen.lines() {
                let until = if ended(take) { None } else { take.until };
                judged.insert(Record::Take(Take { until, ..take.clone() }));
            }
            seen.runs().for_each(|run| judged.insert(Record::Run(run.clone())));
            seen = judged;
        }
        let settle_grace = Duration::from_secs(GRACE as u64);
        let settings = ApplyOptions { run: Some(Arc::clone(id)), settle_grace, ..options() };
        let videos: Vec<DesiredVideo> = KEYS.map(wanted).into();
        let mut records = reconcile(&listing, &seen, &videos, &settings, now).records;
        if !records.is_empty() {
            records.push(line.clone());
        }
        records
    }

    /// Frees what is claimed and has ended so long ago that a user may know that the vendor does not have it.
    fn free(&self, known: &Lockfile, now: jiff::Timestamp) -> Vec<Record> {
        let hand = ManualEdit { lockfile: known, host: &HOST.into(), now };
        let listed = |take: &Take| {
            let marker = marker(&take.digest, take.attempt);
            self.accepted.iter().any(|(name, _)| name.ends_with(&marker))
        };
        let dead = |take: &&Take| take.until.is_some_and(|until| after(self.now - 4 * GRACE) > until) && !listed(take);
        let open: Vec<&Take> = known.takes_in_doubt(HOST).filter(dead).collect();
        open.iter().filter_map(|take| hand.free(&take.key, None).ok()).collect()
    }

    fn arrive(&mut self, change: &Change) -> bool {
        let version = self.place.as_ref().map(|(version, _)| *version);
        let wins = version == change.version || self.without == Without::Condition;
        if wins {
            self.versions += 1;
            self.place = Some((self.versions, change.text.clone()));
        }
        wins
    }

    fn push(&mut self, run: usize, push: Push) {
        let Some(change) = self.runs[run].change.take() else { return };
        match push {
            Push::Works => {
                if self.arrive(&change) {
                    self.runs[run].claims.extend(change.claims);
                }
            }
            Push::NeverLeft => {}
            Push::AnswerLost => drop(self.arrive(&change)),
            Push::Late => self.late.push(change),
        }
    }

    fn send(&mut self, run: usize, post: Post, delay: i64) {
        let now = after(self.clock(run));
        let without = self.without;
        let Runner { journal, claims, sent, .. } = &mut self.runs[run];
        let Some(work) = claims.pop_front() else { return };
        let claim = work.claim.clone().unwrap();
        let intent = records::intent(&work, &HOST.into(), now);
        if journal.conflicts_with(&intent, claim.again) {
            return;
        }
        journal.insert(Record::Take(intent.clone()));
        if !claim.has_time(now, Duration::from_secs(TIMEOUT as u64)) && without != Without::End {
            return;
        }
        if matches!(post, Post::Answered | Post::AnswerLost) {
            self.accepted.push((submitted_name(&work.key, &marker(&work.digest, work.attempt)), self.now + delay));
        }
        match post {
            Post::Answered => {
                let task = format!("task{}", self.accepted.len());
                journal.insert(Record::Take(records::submitted(intent, task)));
            }
            Post::AnswerLost | Post::NeverArrived => drop(sent.insert((work.digest, work.attempt))),
            Post::NotAccepted => journal.insert(Record::Take(records::freed(intent, now))),
        }
    }

    /// How often each content was paid for.
    fn paid(&self) -> BTreeMap<&str, usize> {
        let mut paid = BTreeMap::new();
        for (name, _) in &self.accepted {
            *paid.entry(name.split_once(" #").unwrap().0).or_default() += 1;
        }
        paid
    }

    pub fn is_paid_twice(&self) -> bool {
        self.paid().values().any(|count| *count > 1)
    }

    /// Ends all processes. Much later, one run with an empty lockfile does the rest.
    pub fn ends_well(&mut self) -> bool {
        self.step(Step::Restore);
        self.step(Step::Tick(10_000));
        (0..RUNS).for_each(|run| self.step(Step::Crash(run)));
        // Machines that know more publish it.
        for run in 0..RUNS {
            self.step(Step::Read(run, What::Publish));
            self.step(Step::Push(run, Push::Works));
        }
        self.step(Step::Gone(0));
        for what in [What::Settle, What::Free, What::Claim] {
            self.step(Step::Read(0, what));
            self.step(Step::Push(0, Push::Works));
        }
        for _ in KEYS {
            self.step(Step::Send(0, Post::Answered, 0));
        }
        self.step(Step::Read(0, What::Publish));
        self.step(Step::Push(0, Push::Works));
        let (_, known) = self.known(1).unwrap();
        let lost = |name: &String| {
            let paid = |take: &Take| take.state.is_paid() && name.ends_with(&marker(&take.digest, take.attempt));
            !known.takes().any(paid)
        };
        KEYS.iter().all(|key| self.paid().get(key) == Some(&1)) && !self.accepted.iter().any(|(name, _)| lost(name))
    }
}
