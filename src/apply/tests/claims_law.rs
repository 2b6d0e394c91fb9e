//! A law: whatever runs, crashes, lost answers and late pushes come together, no content is paid for twice. Each rule of
//! the protocol is switched off once, and then the law must fail.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::world::{HOST, after, options, work};
use crate::apply::{ApplyOptions, Listing, Work, record, settle};
use crate::ledger::{Standing, open_claims, standing};
use crate::lockfile::{Lockfile, Record, Run, State, Take, encode, parse};
use crate::spec::{marker, submitted_name};
use crate::vendor::ListedVideo;

/// Seconds of a claim, of a request, until the list shows a video, and of the grace.
const CLAIM: i64 = 30;
const TIMEOUT: i64 = 5;
const LAG: i64 = 8;
const GRACE: i64 = 20;
const KEYS: [&str; 2] = ["a", "b"];
const RUNS: usize = 3;

/// A rule that is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Without {
    Nothing,
    /// A run looks at the end of its claim before it sends.
    End,
    /// Another run's claim is judged from its end on.
    ProofFromEnd,
    /// A `freed` names the run that it answers.
    RunOfFreed,
    /// An absent ledger is an error.
    AbsentIsError,
    /// Clocks that differ judge nothing.
    Veto,
}

/// What happens to a push.
#[derive(Clone, Copy, Debug)]
enum Push {
    Works,
    NeverLeft,
    AnswerLost,
    /// It arrives later, if nothing else has changed the branch.
    Late,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug)]
enum Post {
    Answered,
    AnswerLost,
    NeverArrived,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Read(usize),
    Push(usize, Push),
    Arrive,
    Send(usize, Post),
    Crash(usize),
    Settle(usize),
    Publish(usize),
    Tick(i64),
    /// The branch is deleted and, by a machine that knows it, pushed again.
    Absent(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let run = 0..RUNS;
    let push = prop::sample::select(vec![Push::Works, Push::Works, Push::NeverLeft, Push::AnswerLost, Push::Late]);
    let post = prop::sample::select(vec![Post::Answered, Post::Answered, Post::AnswerLost, Post::NeverArrived]);
    prop_oneof![
        4 => run.clone().prop_map(Step::Read),
        4 => (run.clone(), push).prop_map(|(run, push)| Step::Push(run, push)),
        1 => Just(Step::Arrive),
        6 => (run.clone(), post).prop_map(|(run, post)| Step::Send(run, post)),
        1 => run.clone().prop_map(Step::Crash),
        3 => run.clone().prop_map(Step::Settle),
        2 => run.clone().prop_map(Step::Publish),
        4 => prop::sample::select(vec![1, 10, 25, 40]).prop_map(Step::Tick),
        1 => run.prop_map(Step::Absent),
    ]
}

struct Pending {
    version: u64,
    text: String,
    claims: Vec<Take>,
}

struct Runner {
    id: String,
    /// Seconds that its clock is ahead.
    clock: i64,
    journal: Lockfile,
    pending: Option<Pending>,
    /// Claims that it won, and that never left.
    claims: Vec<Take>,
    /// Takes that it sent.
    sent: Vec<Take>,
}

struct World {
    now: i64,
    without: Without,
    place: (u64, String),
    late: Vec<Pending>,
    /// Names and times of what the vendor accepted.
    accepted: Vec<(String, i64)>,
    runs: Vec<Runner>,
    ids: usize,
}

impl World {
    fn new(without: Without, clocks: [i64; RUNS]) -> Self {
        let mut ledger = Lockfile::default();
        ledger.share("home");
        let runs = clocks.map(|clock| Runner {
            id: String::new(),
            clock,
            journal: Lockfile::default(),
            pending: None,
            claims: Vec::new(),
            sent: Vec::new(),
        });
        let place = (0, encode(&ledger));
        let mut world =
            Self { now: 0, without, place, late: Vec::new(), accepted: Vec::new(), runs: runs.into(), ids: 0 };
        (0..RUNS).for_each(|run| world.begin(run));
        world
    }

    /// A process begins: another id, nothing in memory.
    fn begin(&mut self, run: usize) {
        self.ids += 1;
        let runner = &mut self.runs[run];
        runner.id = format!("run{}", self.ids);
        (runner.pending, runner.claims, runner.sent) = (None, Vec::new(), Vec::new());
    }

    fn ledger(&self) -> Lockfile {
        parse("l", &self.place.1).unwrap().lockfile
    }

    fn known(&self, run: usize) -> Lockfile {
        let mut known = self.runs[run].journal.clone();
        known.union(&self.ledger());
        known
    }

    fn line(&self, run: usize) -> Record {
        let Runner { id, clock, .. } = &self.runs[run];
        let clock = Some(*clock as f64).filter(|_| self.without != Without::Veto).or(Some(0.0));
        Record::Run(Run { run: id.as_str().into(), who: "run".into(), url: None, commit: None, clock, at: after(0) })
    }

    fn clock(&self, run: usize) -> i64 {
        self.now + self.runs[run].clock
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Read(run) => self.read(run, self.known(run)),
            Step::Absent(run) if self.without == Without::AbsentIsError => {
                self.read(run, self.runs[run].journal.clone())
            }
            Step::Absent(run) => self.runs[run].pending = None,
            Step::Push(run, push) => self.push(run, push),
            Step::Arrive => {
                if let Some(late) = self.late.pop() {
                    self.arrive(&late);
                }
            }
            Step::Send(run, post) => self.send(run, post),
            Step::Crash(run) => self.begin(run),
            Step::Settle(run) => self.settle(run),
            Step::Publish(run) => self.publish(run),
            Step::Tick(seconds) => self.now += seconds,
        }
    }

    fn read(&mut self, run: usize, mut known: Lockfile) {
        let (now, id) = (after(self.clock(run)), self.runs[run].id.clone());
        let mut claims = Vec::new();
        known.insert(self.line(run));
        for key in KEYS {
            let one = work(key);
            let attempt = match standing(&known, HOST, (&one.digest, key), &id, now) {
                Standing::Free(attempt) => attempt,
                Standing::Own(attempt)
                    if self.runs[run].sent.iter().all(|take| (take.digest, take.attempt) != (one.digest, attempt)) =>
                {
                    attempt
                }
                _ => continue,
            };
            let intent = record::intent(&Work { attempt, ..one }, &HOST.into(), now);
            let until = Some(after(self.clock(run) + CLAIM));
            claims.push(Take { until, run: Some(id.as_str().into()), ..intent });
        }
        claims.iter().for_each(|take| known.insert(Record::Take(take.clone())));
        self.runs[run].pending = Some(Pending { version: self.place.0, text: encode(&known), claims });
    }

    fn arrive(&mut self, pending: &Pending) -> bool {
        // Without the ledger, a run takes the branch for a new one.
        let free = self.place.0 == pending.version;
        if free {
            let mut union = parse("l", &pending.text).unwrap().lockfile;
            if self.without == Without::AbsentIsError {
                union.union(&self.ledger());
            }
            self.place = (pending.version + 1, encode(&union));
        }
        free
    }

    fn push(&mut self, run: usize, push: Push) {
        let Some(pending) = self.runs[run].pending.take() else { return };
        match push {
            Push::Works => {
                if self.arrive(&pending) {
                    self.runs[run].claims = pending.claims;
                }
            }
            Push::NeverLeft => {}
            Push::AnswerLost => drop(self.arrive(&pending)),
            Push::Late => self.late.push(pending),
        }
    }

    fn send(&mut self, run: usize, post: Post) {
        let now = self.clock(run);
        let Some(claim) = self.runs[run].claims.pop() else { return };
        let in_time = claim.until.is_some_and(|until| after(now + TIMEOUT) <= until);
        if !in_time && self.without != Without::End {
            // It surely never left; the next reading finds it as its own.
            return;
        }
        let intent = Take { at: after(now), ..claim };
        self.runs[run].sent.push(intent.clone());
        self.runs[run].journal.insert(Record::Take(intent.clone()));
        let key = intent.key.clone();
        if !matches!(post, Post::NeverArrived) {
            self.accepted.push((submitted_name(&key, &marker(&intent.digest, intent.attempt)), self.now + TIMEOUT - 1));
        }
        if matches!(post, Post::Answered) {
            let task = format!("task{}", self.accepted.len());
            self.runs[run].journal.insert(Record::Take(record::submitted(intent, task)));
        }
    }

    fn publish(&mut self, run: usize) {
        let mut known = self.known(run);
        let Runner { id, sent, journal, claims, .. } = &mut self.runs[run];
        let open: Vec<Take> = open_claims(&known, id).cloned().collect();
        for take in open {
            if sent.iter().all(|sent| (sent.digest, sent.attempt) != (take.digest, take.attempt)) {
                let freed = Record::Take(record::freed(take, after(self.now)));
                journal.insert(freed.clone());
                known.insert(freed);
            }
        }
        claims.clear();
        self.place = (self.place.0 + 1, encode(&known));
    }

    fn settle(&mut self, run: usize) {
        let now = self.clock(run);
        let shown = self.accepted.iter().enumerate().filter(|(_, (_, at))| *at + LAG <= self.now);
        let videos = shown.map(|(index, (name, _))| ListedVideo {
            id: format!("v{index}"),
            name: name.clone(),
            status: Some(1),
            created: None,
            seconds: None,
            results: Vec::new(),
        });
        let listing = Listing { videos: videos.collect(), taken_at: after(now) };
        let mut known = self.known(run);
        known.insert(self.line(run));
        let settings = ApplyOptions {
            run: Some(self.runs[run].id.as_str().into()),
            settle_grace: std::time::Duration::from_secs(GRACE as u64),
            ..options()
        };
        // Its own claims are not in doubt: it knows which of them never left.
        let own = |take: &Take| take.run.as_deref() == Some(self.runs[run].id.as_str()) && take.state == State::Intent;
        let judged = if self.without == Without::ProofFromEnd {
            let lines = known.lines().map(|take| Take { until: None, run: None, ..take.clone() });
            lines.fold(Lockfile::default(), |mut judged, take| {
                judged.insert(Record::Take(take));
                judged
            })
        } else {
            known.clone()
        };
        let mut settled = settle(&listing, &judged, &[], &settings, after(now)).records;
        settled.retain(|record| match record {
            Record::Take(take) => !known.in_doubt(HOST, &take.digest).is_some_and(own),
            _ => true,
        });
        for record in settled {
            let Record::Take(take) = record else { continue };
            let claimant = known
                .lines()
                .find(|line| (line.digest, line.attempt) == (take.digest, take.attempt) && line.run.is_some());
            let run = match self.without {
                Without::ProofFromEnd => claimant.and_then(|line| line.run.clone()),
                _ => take.run.clone(),
            };
            known.insert(Record::Take(Take { run, ..take }));
        }
        if self.without == Without::RunOfFreed {
            // An old branch says that it freed its own attempt 1, which this ledger never heard of.
            for key in KEYS {
                let freed = record::freed(record::intent(&work(key), &HOST.into(), after(now)), after(now));
                let wipes = known.in_doubt(HOST, &freed.digest).and_then(|take| take.run.clone());
                known.insert(Record::Take(Take { run: wipes, ..freed }));
            }
        } else {
            for key in KEYS {
                let freed = record::freed(record::intent(&work(key), &HOST.into(), after(now)), after(now));
                known.insert(Record::Take(freed));
            }
        }
        self.place = (self.place.0 + 1, encode(&known));
    }

    /// Whether a content was paid for more than once.
    fn paid_twice(&self) -> bool {
        KEYS.iter().any(|key| {
            let markers: Vec<String> =
                (1..40).map(|attempt| submitted_name(key, &marker(&work(key).digest, attempt))).collect();
            self.accepted.iter().filter(|(name, _)| markers.contains(name)).count() > 1
        })
    }
}

fn holds(without: Without, clocks: [i64; RUNS], cases: u32) -> bool {
    let config = Config { cases, max_shrink_iters: 0, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let lawful = runner.run(&prop::collection::vec(step(), 1..60), |steps| {
        let mut world = World::new(without, clocks);
        for step in steps {
            world.step(step);
            prop_assert!(!world.paid_twice());
        }
        Ok(())
    });
    lawful.is_ok()
}

#[test]
fn no_content_is_paid_twice() {
    assert!(holds(Without::Nothing, [0, 0, 0], 100));
    // Clocks that differ by less than half the grace.
    assert!(holds(Without::Nothing, [0, 4, -5], 100));
    // Clocks that differ by more judge nothing.
    assert!(holds(Without::Nothing, [0, 60, -60], 100));
}

#[test]
fn without_any_of_its_rules_the_law_fails() {
    for without in [Without::End, Without::ProofFromEnd, Without::RunOfFreed, Without::AbsentIsError] {
        assert!(!holds(without, [0, 0, 0], 3_000), "{without:?}");
    }
    assert!(!holds(Without::Veto, [0, 60, -60], 3_000), "clocks a minute apart");
}
