//! A fake vendor, an in-memory journal, and a clock that tokio advances.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use crate::apply::{
    ApplyContext, ApplyEvent, ApplyOptions, Outcome, PlannedSubmission, RecordWriter, Uploads, submit_all,
};
use crate::lockfile::{Lockfile, Record, Take};
use crate::spec::{LocalFile, MediaKind};
use crate::vendor::{
    CallError, Form, InDoubt, KeyRefused, ListedVideo, NotAccepted, ProgressReporter, Refusal, StopToken,
    SubmitOutcome, TaskDetail, UnknownCode, Vendor,
};

pub use super::records::{host, line, lockfile, spec, wanted, work};

pub const HOST: &str = "devapi.vidnoz.com";

/// The fake vendor's reaction to a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Accepts and says so.
    Accept,
    /// Accepts. The response is lost.
    Lost,
    /// Neither accepts nor responds. If the vendor is late, it accepts after 50 s.
    Silent,
    /// 803, with the requested wait in seconds.
    TooFast(u64),
    /// No connection.
    Unreachable,
    /// Refuses with a code.
    Refuse(i64),
    /// 401, and nothing else.
    Key,
    /// 401, but the vendor may have accepted.
    DoubtfulKey,
    /// A code that no table has, with a message.
    Code(i64),
    /// Accepts, with the task id of the first video.
    SameTask,
    /// The process ends before the submission arrives.
    CrashBefore,
    /// The process ends after the submission was accepted.
    CrashAfter,
}

/// The fake vendor's list.
#[derive(Clone, Copy, Debug)]
pub struct Lister {
    /// Maximum age of accepted videos that are not listed yet.
    pub lag: Duration,
    /// Number of characters after which names are cut.
    pub cut: usize,
    /// Whether names are uppercase and escaped.
    pub dressed: bool,
    /// Whether listing fails.
    pub fails: bool,
}

impl Default for Lister {
    fn default() -> Self {
        Self { lag: Duration::ZERO, cut: usize::MAX, dressed: false, fails: false }
    }
}

/// An accepted video.
#[derive(Clone, Debug)]
pub struct Made {
    pub name: String,
    pub at: Timestamp,
    pub status: i64,
}

/// The journal's reaction to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteBehavior {
    Writes,
    /// The write fails, and nothing is on disk.
    Fails,
    /// The process ends before the line is on disk.
    CrashBefore,
    /// The process ends after the line is on disk.
    CrashAfter,
}

/// Vendor, journal, clock and progress reporter in one.
pub struct Fakes {
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    pub answers: Mutex<HashMap<String, VecDeque<Answer>>>,
    pub made: Mutex<Vec<Made>>,
    pub lister: Mutex<Lister>,
    pub posts: Mutex<Vec<(String, Timestamp)>>,
    pub in_flight: Mutex<(usize, usize)>,
    pub lines: Mutex<Vec<Record>>,
    pub ink: Mutex<VecDeque<WriteBehavior>>,
    pub events: Mutex<Vec<ApplyEvent>>,
    pub uploads: Mutex<Vec<Result<String, CallError>>>,
    pub uploaded: Mutex<Vec<LocalFile>>,
    /// The uploaded files that the vendor lists. `None` if listing fails.
    pub assets: Mutex<Option<HashSet<String>>>,
    /// How often they were listed.
    pub asked: Mutex<usize>,
    pub latency: Mutex<Duration>,
    /// The duration of a write.
    pub sync: Mutex<Duration>,
    /// Whether the last request could not reach the vendor.
    pub out_of_reach: Mutex<bool>,
    /// The results of token renewals. When empty, the token is fixed.
    pub renewals: Mutex<VecDeque<Result<(), CallError>>>,
    /// Number of renewals that were requested.
    pub renewed: Mutex<usize>,
    /// The reason why no token is issued.
    pub tokenless: Mutex<Option<CallError>>,
    /// The time that a submission waits for the rate.
    pub turn: Mutex<Duration>,
    /// Whether submissions without a response are accepted late.
    pub late: Mutex<bool>,
    pub crash: Notify,
}

impl Fakes {
    pub fn new() -> Self {
        let started = tokio::time::Instant::now();
        Self {
            now: Box::new(move || noon().checked_add(SignedDuration::try_from(started.elapsed()).unwrap()).unwrap()),
            answers: Mutex::default(),
            made: Mutex::default(),
            lister: Mutex::default(),
            posts: Mutex::default(),
            in_flight: Mutex::default(),
            lines: Mutex::default(),
            ink: Mutex::default(),
            events: Mutex::default(),
            uploads: Mutex::default(),
            uploaded: Mutex::default(),
            assets: Mutex::default(),
            asked: Mutex::default(),
            latency: Mutex::new(Duration::from_secs(1)),
            sync: Mutex::new(Duration::from_millis(1)),
            out_of_reach: Mutex::default(),
            late: Mutex::default(),
            turn: Mutex::default(),
            renewals: Mutex::default(),
            renewed: Mutex::default(),
            tokenless: Mutex::default(),
            crash: Notify::new(),
        }
    }

    /// Sets the reactions to the submissions of a label. Later ones are accepted.
    pub fn plays(&self, label: &str, answers: &[Answer]) {
        self.answers.lock().unwrap().insert(label.to_owned(), answers.iter().copied().collect());
    }

    /// Returns the written states, line by line: `welcome 1 intent`.
    pub fn written(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        let takes = lines.iter().filter_map(|line| match line {
            Record::Take(take) => Some(format!("{} {} {}", take.key, take.attempt, take.state.word())),
            Record::Asset(_) | Record::Run(_) => None,
        });
        takes.collect()
    }

    /// Returns the lockfile that the lines on disk form.
    pub fn lockfile(&self) -> Lockfile {
        let mut lockfile = Lockfile::default();
        self.lines.lock().unwrap().iter().cloned().for_each(|line| lockfile.insert(line));
        lockfile
    }

    pub fn sent(&self) -> usize {
        self.posts.lock().unwrap().len()
    }

    /// Returns the number of accepted submissions of a label.
    pub fn accepted(&self, label: &str) -> usize {
        self.made.lock().unwrap().iter().filter(|one| label_of(&one.name) == label).count()
    }

    pub fn context<'a>(&'a self, options: &'a ApplyOptions, stop: &'a StopToken) -> ApplyContext<'a, Self, Self> {
        ApplyContext {
            vendor: self,
            writer: self,
            now: &self.now,
            random: || 1 << 63,
            options,
            progress: self,
            stop,
            shared: None,
        }
    }

    pub async fn execute(&self, work: &[PlannedSubmission]) -> Outcome {
        self.execute_until(work, &StopToken::never(), 4).await
    }

    pub async fn execute_until(&self, work: &[PlannedSubmission], stop: &StopToken, concurrency: usize) -> Outcome {
        let options = ApplyOptions { concurrency, ..options() };
        submit_all(self.context(&options, stop), work, (&Uploads::default(), &self.lockfile())).await
    }

    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    async fn end<T>(&self) -> T {
        self.crash.notify_one();
        std::future::pending().await
    }

    fn accept(&self, name: &str, at: Timestamp) -> String {
        let mut made = self.made.lock().unwrap();
        made.push(Made { name: name.to_owned(), at, status: 1 });
        format!("task-{}", made.len())
    }
}

fn label_of(name: &str) -> &str {
    name.rsplit_once(" #").map_or(name, |(label, _)| label)
}

impl ProgressReporter<ApplyEvent> for Fakes {
    fn event(&self, event: &ApplyEvent) {
        self.events.lock().unwrap().push(event.clone());
    }
}

impl RecordWriter for Fakes {
    async fn write(&self, records: Vec<Record>) -> Result<(), String> {
        let ink = self.ink.lock().unwrap().pop_front().unwrap_or(WriteBehavior::Writes);
        let sync = *self.sync.lock().unwrap();
        tokio::time::sleep(sync).await;
        match ink {
            WriteBehavior::Fails => return Err("the disk is full".to_owned()),
            WriteBehavior::CrashBefore => return self.end().await,
            WriteBehavior::Writes | WriteBehavior::CrashAfter => self.lines.lock().unwrap().extend(records),
        }
        if ink == WriteBehavior::CrashAfter { self.end().await } else { Ok(()) }
    }

    async fn write_intent(&self, intent: Take, again: bool) -> Result<bool, String> {
        if self.lockfile().conflicts_with(&intent, again) {
            return Ok(false);
        }
        self.write(vec![Record::Take(intent)]).await.map(|()| true)
    }
}

impl Vendor for Fakes {
    async fn wait_for_rate(&self) -> Result<(), CallError> {
        let turn = *self.turn.lock().unwrap();
        tokio::time::sleep(turn).await;
        self.tokenless.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    async fn renew_token(&self, refused: &KeyRefused) -> Result<(), CallError> {
        *self.renewed.lock().unwrap() += 1;
        let Some(renewal) = self.renewals.lock().unwrap().pop_front() else {
            return Err(CallError::Key(refused.message.clone()));
        };
        tokio::time::sleep(Duration::from_secs(3)).await;
        renewal
    }

    fn is_unreachable(&self) -> bool {
        *self.out_of_reach.lock().unwrap()
    }

    async fn submit(&self, form: &Form) -> SubmitOutcome {
        let name = form.text("name").unwrap().to_owned();
        let answer = self.answers.lock().unwrap().get_mut(label_of(&name)).and_then(VecDeque::pop_front);
        let answer = answer.unwrap_or(Answer::Accept);
        self.posts.lock().unwrap().push((name.clone(), self.now()));
        if answer == Answer::CrashBefore {
            return self.end().await;
        }
        {
            let mut in_flight = self.in_flight.lock().unwrap();
            in_flight.0 += 1;
            in_flight.1 = in_flight.1.max(in_flight.0);
        }
        let accepts = matches!(answer, Answer::Accept | Answer::Lost | Answer::CrashAfter | Answer::SameTask);
        let task = if accepts { self.accept(&name, self.now()) } else { String::new() };
        if answer == Answer::Silent && *self.late.lock().unwrap() {
            self.accept(&name, self.now().checked_add(SignedDuration::from_secs(50)).unwrap());
        }
        let latency = *self.latency.lock().unwrap();
        tokio::time::sleep(latency).await;
        self.in_flight.lock().unwrap().0 -= 1;
        match answer {
            Answer::Accept => SubmitOutcome::Accepted { task },
            Answer::Lost | Answer::Silent => {
                SubmitOutcome::InDoubt(InDoubt { reason: "the connection was reset".to_owned(), ..InDoubt::default() })
            }
            Answer::TooFast(seconds) => {
                let wait = Some(Duration::from_secs(seconds)).filter(|wait| !wait.is_zero());
                SubmitOutcome::NotAccepted(NotAccepted::for_tests("frequent requests", wait, true))
            }
            Answer::Unreachable => {
                SubmitOutcome::NotAccepted(NotAccepted::for_tests("connection refused", None, false))
            }
            Answer::Refuse(code) => SubmitOutcome::Refused(Refusal { code, message: "no such avatar".to_owned() }),
            Answer::DoubtfulKey => SubmitOutcome::InDoubt(InDoubt {
                reason: "the vendor answered HTTP 401 without a code".to_owned(),
                unauthorized: Some("not authorised".to_owned()),
                ..InDoubt::default()
            }),
            Answer::Code(code) => SubmitOutcome::InDoubt(InDoubt {
                reason: format!("the vendor answered HTTP 200 with code {code}: frozen"),
                unknown_code: Some(UnknownCode { code, message: "frozen".to_owned() }),
                ..InDoubt::default()
            }),
            Answer::SameTask => SubmitOutcome::Accepted { task: "task-1".to_owned() },
            Answer::Key => SubmitOutcome::KeyRefused(KeyRefused::for_tests("not authorised")),
            Answer::CrashBefore | Answer::CrashAfter => self.end().await,
        }
    }

    async fn list_videos(&self) -> Result<Vec<ListedVideo>, CallError> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let lister = *self.lister.lock().unwrap();
        if lister.fails {
            return Err(CallError::InvalidResponse("the list did not come".to_owned()));
        }
        let until = self.now().checked_sub(SignedDuration::try_from(lister.lag).unwrap()).unwrap();
        let made = self.made.lock().unwrap();
        let shown = made.iter().enumerate().filter(|(_, one)| one.at <= until);
        Ok(shown.map(|(index, one)| dressed(index, one, lister)).collect())
    }

    async fn task_detail(&self, _: &str) -> Result<TaskDetail, CallError> {
        Err(CallError::InvalidResponse("an apply asks for no details".to_owned()))
    }

    async fn upload(&self, file: &LocalFile) -> Result<String, CallError> {
        let content = std::fs::read(&file.path).map_err(|error| CallError::File(error.to_string()))?;
        if data_encoding::HEXLOWER.encode(&Sha256::digest(&content)) != file.sha256 {
            return Err(CallError::FileChanged);
        }
        self.uploaded.lock().unwrap().push(file.clone());
        let mut uploads = self.uploads.lock().unwrap();
        if uploads.is_empty() { Ok("asset-1".to_owned()) } else { uploads.remove(0) }
    }

    async fn list_assets(&self, _: MediaKind) -> Result<HashSet<String>, CallError> {
        *self.asked.lock().unwrap() += 1;
        self.assets.lock().unwrap().clone().ok_or_else(|| CallError::InvalidResponse("no list".to_owned()))
    }
}

fn dressed(index: usize, one: &Made, lister: Lister) -> ListedVideo {
    let mut name = one.name.clone();
    if lister.dressed {
        name = name.to_uppercase().replace('&', "&amp;").replace('#', "&#35;");
    }
    let name: String = name.chars().take(lister.cut).collect();
    ListedVideo {
        id: format!("v{index}"),
        name: name.trim_end().to_owned(),
        status: Some(one.status),
        // The vendor's clock is hours slow.
        created: one.at.checked_sub(SignedDuration::from_hours(5)).ok(),
        ..ListedVideo::default()
    }
}

pub fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub fn after(seconds: i64) -> Timestamp {
    noon().checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

pub fn options() -> ApplyOptions {
    ApplyOptions {
        host: HOST.into(),
        concurrency: 4,
        settle_grace: Duration::from_mins(2),
        check_remote: true,
        run: None,
    }
}
