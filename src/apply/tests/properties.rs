//! The most important property: whatever happens, in any order, nothing is paid for twice, and nothing paid is lost.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::fakes::{Answer, Fakes, HOST, Lister, WriteBehavior, options, wanted};
use crate::apply::{
    ApplyOptions, DesiredVideo, PlannedSubmission, ReconcileError, RoundInput, list_and_reconcile, submit_rounds,
};
use crate::lockfile::{Lockfile, Record, TakeState};
use crate::vendor::{StopSource, StopToken};

/// Some labels are prefixes of another, so that a cut name may match several.
const KEYS: [&str; 4] = ["a", "a longer label", "a longer label still", "b"];

#[derive(Clone, Debug)]
enum Step {
    Run(Run),
    /// Both lockfiles become their union.
    Merge,
    /// The user says that the key's take in doubt was not accepted.
    Free(usize),
    /// One of the lockfiles records a paid take under another key.
    Rename(usize, bool),
    /// An accepted video fails at the vendor.
    Fail(usize),
    Pause(u64),
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "what may go wrong in a run is many yes or no")]
struct Run {
    second_lock: bool,
    keys: Vec<usize>,
    answers: Vec<(usize, Vec<Answer>)>,
    ink: Vec<WriteBehavior>,
    lag: u64,
    dressed: bool,
    list_fails: bool,
    retry_failed: bool,
    stop_after: Option<u64>,
    concurrency: usize,
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        3 => Just(Answer::Accept),
        3 => Just(Answer::Lost),
        3 => Just(Answer::Silent),
        1 => (0_u64..90).prop_map(Answer::TooFast),
        1 => Just(Answer::Unreachable),
        1 => Just(Answer::Refuse(402)),
        1 => Just(Answer::Key),
        2 => Just(Answer::CrashBefore),
        2 => Just(Answer::CrashAfter),
    ]
}

fn ink() -> impl Strategy<Value = WriteBehavior> {
    prop_oneof![12 => Just(WriteBehavior::Writes), 1 => Just(WriteBehavior::Fails), 1 => Just(WriteBehavior::CrashBefore), 1 => Just(WriteBehavior::CrashAfter)]
}

fn a_run() -> impl Strategy<Value = Run> {
    let answers = prop::collection::vec((0..KEYS.len(), prop::collection::vec(answer(), 1..4)), 0..4);
    let keys = prop::sample::subsequence((0..KEYS.len()).collect::<Vec<_>>(), 1..=KEYS.len()).prop_shuffle();
    let lag = prop_oneof![3 => Just(0), 3 => 100_u64..200, 1 => 0_u64..20_000];
    let stop = prop::option::weighted(0.2, 0_u64..200);
    let flags = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.2), any::<bool>());
    (flags, keys, answers, prop::collection::vec(ink(), 0..10), lag, stop, 1_usize..4).prop_map(
        |((second_lock, dressed, list_fails, retry_failed), keys, answers, ink, lag, stop_after, concurrency)| Run {
            second_lock,
            keys,
            answers,
            ink,
            lag,
            dressed,
            list_fails,
            retry_failed,
            stop_after,
            concurrency,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => a_run().prop_map(Step::Run),
        2 => Just(Step::Merge),
        1 => (0..KEYS.len()).prop_map(Step::Free),
        1 => (0..KEYS.len(), any::<bool>()).prop_map(|(key, second)| Step::Rename(key, second)),
        1 => (0_usize..8).prop_map(Step::Fail),
        2 => (1_u64..400).prop_map(Step::Pause),
    ]
}

/// Two lockfiles, one vendor, and how often each content may be paid for.
struct Tale {
    fakes: Fakes,
    locks: [Vec<Record>; 2],
    /// How often the user freed a take of the key.
    freed: HashMap<String, usize>,
    /// Whether both lockfiles were written between two merges. Until a truthful list was read, a line of one may hide a
    /// take in doubt of the other.
    apart: bool,
    /// Number of lines that they have in common.
    common: usize,
    cut: usize,
}

impl Tale {
    fn new(cut: usize) -> Self {
        Self { fakes: Fakes::new(), locks: Default::default(), freed: HashMap::new(), apart: false, common: 0, cut }
    }

    async fn tell(&mut self, step: &Step) {
        match step {
            Step::Run(run) => self.run(run).await,
            Step::Merge => self.merge(),
            Step::Pause(seconds) => tokio::time::sleep(Duration::from_secs(*seconds)).await,
            Step::Fail(index) => {
                if let Some(made) = self.fakes.made.lock().unwrap().get_mut(*index) {
                    made.status = 3;
                }
            }
            Step::Free(key) => self.free(KEYS[*key]),
            Step::Rename(key, second) => self.rename(&wanted(KEYS[*key]), usize::from(*second)),
        }
    }

    fn merge(&mut self) {
        self.apart |= self.locks.iter().all(|lines| lines.len() > self.common);
        let both = [self.locks[0].clone(), self.locks[1].clone()].concat();
        self.common = both.len();
        self.locks = [both.clone(), both];
    }

    fn free(&mut self, key: &str) {
        let host = HOST.into();
        for lines in &mut self.locks {
            let lockfile = folded(lines);
            let hand = crate::apply::ManualEdit { lockfile: &lockfile, host: &host, now: self.fakes.now() };
            if let Ok(record) = hand.free(key, None) {
                lines.push(record);
                *self.freed.entry(key.to_owned()).or_default() += 1;
            }
        }
    }

    fn rename(&mut self, wanted: &DesiredVideo, place: usize) {
        let lockfile = folded(&self.locks[place]);
        if let Some(take) = lockfile.paid(HOST, &wanted.digest, &wanted.key) {
            let key = format!("{}'s new name", take.key).into();
            self.locks[place].push(Record::Take(crate::apply::renamed(take, &key, Some(&wanted.spec))));
        }
    }

    async fn run(&mut self, run: &Run) {
        let place = usize::from(run.second_lock);
        let other = &self.locks[1 - place];
        if self.cut != usize::MAX && !other.is_empty() {
            // If markers do not survive, two lockfiles must be merged before either spends.
            self.merge();
        }
        let late = *self.fakes.late.lock().unwrap();
        if late && self.locks[1 - place].len() > self.common {
            // Another lockfile may spend only when nothing is in flight.
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        let lag = if late { run.lag.min(60) } else { run.lag };
        let honest = self.apart || self.locks[1 - place].len() > self.common;
        *self.fakes.lister.lock().unwrap() = Lister {
            lag: if honest { Duration::ZERO } else { Duration::from_secs(lag) },
            cut: self.cut,
            dressed: run.dressed,
            fails: run.list_fails && !honest,
        };
        *self.fakes.lines.lock().unwrap() = self.locks[place].clone();
        *self.fakes.ink.lock().unwrap() = run.ink.iter().copied().collect();
        self.fakes.answers.lock().unwrap().clear();
        for (key, answers) in &run.answers {
            self.fakes.plays(KEYS[*key], answers);
        }
        let _ = self.fakes.crash.notified().now_or_never();
        let keys: Vec<DesiredVideo> = run.keys.iter().map(|key| wanted(KEYS[*key])).collect();
        tokio::select! {
            biased;
            () = self.fakes.crash.notified() => {}
            settled = apply(&self.fakes, &keys, run) => self.apart &= !(honest && settled),
        }
        self.locks[place] = self.fakes.lines.lock().unwrap().clone();
    }

    fn judge(&self) -> Result<(), TestCaseError> {
        for key in KEYS {
            let made = self.fakes.made.lock().unwrap();
            let ours = |name: &str| name.rsplit_once(" #").is_some_and(|(label, _)| label == key);
            let paid = made.iter().filter(|one| ours(&one.name)).count();
            let failed = made.iter().filter(|one| ours(&one.name) && one.status == 3).count();
            let allowed = 1 + failed + self.freed.get(key).copied().unwrap_or(0);
            prop_assert!(paid <= allowed, "`{key}` was paid for {paid} times, allowed {allowed}");
        }
        Ok(())
    }

    /// Every video that the vendor made and that did not fail is paid for, or in doubt, in one of the lockfiles.
    fn nothing_is_lost(&self) -> Result<(), TestCaseError> {
        let locks = [folded(&self.locks[0]), folded(&self.locks[1])];
        for key in KEYS {
            let digest = wanted(key).digest;
            let known = locks
                .iter()
                .any(|lock| lock.paid(HOST, &digest, key).is_some() || lock.in_doubt(HOST, &digest).is_some());
            let made = self.fakes.made.lock().unwrap();
            let there = made.iter().any(|one| one.status == 1 && one.name.starts_with(&format!("{key} #")));
            let by_hand = self.freed.contains_key(key);
            prop_assert!(known || !there || by_hand || self.apart, "`{key}` was paid for and is not known");
        }
        Ok(())
    }
}

fn folded(lines: &[Record]) -> Lockfile {
    let mut lockfile = Lockfile::default();
    lines.iter().cloned().for_each(|line| lockfile.insert(line));
    lockfile
}

/// Runs one `apply`: list, settle, plan, run. Returns whether the first list was settled.
async fn apply(fakes: &Fakes, keys: &[DesiredVideo], given: &Run) -> bool {
    let (switch, stop) = StopSource::pair();
    let options = ApplyOptions { concurrency: given.concurrency, ..options() };
    let context = fakes.context(&options, &stop);
    let mut lockfile = fakes.lockfile();
    let in_doubt = match list_and_reconcile(context, &mut lockfile, keys).await {
        Ok(settlement) => settlement.in_doubt,
        Err(ReconcileError::ListFailed(_)) => Vec::new(),
        Err(_) => return false,
    };
    let (mut work, mut standby) = (Vec::new(), Vec::new());
    for one in keys {
        if lockfile.paid(HOST, &one.digest, &one.key).is_some() {
            continue;
        }
        if lockfile.in_doubt(HOST, &one.digest).is_some() {
            standby.push(one.clone());
        } else if lockfile.failed(HOST, &one.digest).is_none() || given.retry_failed {
            work.push(PlannedSubmission::new(one, lockfile.next_attempt(HOST, &one.digest)));
        }
    }
    let assignment = RoundInput { work, standby, in_doubt };
    let stopping = async {
        match given.stop_after {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
        switch.request_stop();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = submit_rounds(context, &mut lockfile, assignment) => {}
        () = stopping => {}
    }
    true
}

fn at_ease(keys: Vec<usize>) -> Run {
    Run {
        second_lock: false,
        keys,
        answers: Vec::new(),
        ink: Vec::new(),
        lag: 0,
        dressed: false,
        list_fails: false,
        retry_failed: false,
        stop_after: None,
        concurrency: 1,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_paid_for_twice_and_nothing_paid_for_is_lost(
        steps in prop::collection::vec(step(), 1..9),
        cut in prop_oneof![3 => Just(usize::MAX), 1 => 10_usize..34],
        latency in prop_oneof![Just(1_u64), Just(30)],
        late in prop::bool::weighted(0.3),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut tale = Tale::new(cut);
            *tale.fakes.late.lock().unwrap() = late;
            *tale.fakes.latency.lock().unwrap() = Duration::from_secs(latency);
            for step in &steps {
                tale.tell(step).await;
                tale.judge()?;
                tale.nothing_is_lost()?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }

    #[test]
    fn when_all_is_well_again_everything_is_settled(steps in prop::collection::vec(step(), 1..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut tale = Tale::new(usize::MAX);
            for step in &steps {
                tale.tell(step).await;
            }
            tale.merge();
            tokio::time::sleep(Duration::from_mins(10)).await;
            tale.tell(&Step::Run(at_ease(vec![0, 1, 2, 3]))).await;
            // A later submission proves what the first run could not.
            let options = options();
            let stop = StopToken::never();
            let mut lockfile = tale.fakes.lockfile();
            let later = RoundInput { work: vec![super::fakes::work("later")], ..RoundInput::default() };
            submit_rounds(tale.fakes.context(&options, &stop), &mut lockfile, later).await;
            tale.locks[0] = tale.fakes.lines.lock().unwrap().clone();
            tale.tell(&Step::Run(at_ease(vec![0, 1, 2, 3]))).await;
            tale.judge()?;
            let lockfile = folded(&tale.locks[0]);
            prop_assert_eq!(lockfile.takes_in_doubt(HOST).count(), 0);
            for key in KEYS {
                let digest = wanted(key).digest;
                let last = lockfile.takes_of(HOST, &digest).last().map(|take| take.state);
                prop_assert!(
                    lockfile.paid(HOST, &digest, key).is_some() || last == Some(TakeState::Failed),
                    "`{}` is neither paid for nor failed: {:?}", key, last
                );
            }
            Ok(())
        })?;
    }
}
