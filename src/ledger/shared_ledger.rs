//! The ledger of one project and environment, for one run.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::error::LedgerError;
use super::run::printable_name;
use super::{Branch, BranchSetting, BranchVersion};
use crate::lockfile::{Lockfile, Record, Run, TakeState, encode, parse_bytes};
use crate::source::{OWN_DIRECTORY, make_directory};

/// Maximum time for one change of the ledger.
const UPDATE_TIMEOUT: Duration = Duration::from_mins(2);
/// Maximum time for it after the run was stopped: GitHub kills a canceled job ten seconds after its first signal.
const UPDATE_TIMEOUT_AFTER_STOP: Duration = Duration::from_secs(5);
/// Number of times that an unreachable remote is tried before anything is spent.
const MAX_READ_TRIES: u32 = 3;
/// The first pause between two tries; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(8);
/// The file whose time says when the ledger was last read here.
const READ_TIME_FILE: &str = "ledger.read";

/// The result of an update.
#[derive(Debug)]
pub struct Updated<T> {
    /// The decision on the version that was swapped.
    pub result: T,
    /// All that is known: the ledger, this machine's lockfile and what was added.
    pub known: Lockfile,
    /// Number of lines that the ledger did not have.
    pub added: usize,
    /// Whether the branch was gone, and was created again.
    pub created: bool,
}

/// The ledger of one project and environment, for one run.
#[derive(Clone, Debug)]
pub struct Ledger {
    branch: Arc<Branch>,
    root: PathBuf,
    /// The lockfile's name: `callsheet.lock`.
    file: String,
    /// This run, without its clock.
    run: Run,
    grace: Duration,
}

impl Ledger {
    /// Opens the ledger, without network.
    ///
    /// `grace` is how far in the future a line may be. A `run` without `who` or a commit gets those that git knows.
    ///
    /// # Errors
    /// If there is no git, no repository or no such remote.
    pub fn open(
        root: &Path,
        setting: &BranchSetting,
        file: &str,
        (mut run, grace): (Run, Duration),
    ) -> Result<Self, LedgerError> {
        let branch = Branch::open(root, setting)?;
        let (user, commit) = branch.user();
        run.who = printable_name(if run.who.is_empty() { user.as_deref().unwrap_or_default() } else { &run.who });
        run.commit = run.commit.or(commit);
        Ok(Self { branch: Arc::new(branch), root: root.to_owned(), file: file.to_owned(), run, grace })
    }

    /// The id of this run.
    pub fn run(&self) -> &Arc<str> {
        &self.run.run
    }

    /// The branch.
    pub fn branch(&self) -> &Branch {
        &self.branch
    }

    /// The place, for messages: `callsheet/ledger at origin`.
    pub fn location(&self) -> String {
        self.branch.location()
    }

    /// The line of this run. `offset` is how far the vendor's clock is ahead of this machine's.
    pub fn run_line(&self, offset: Option<SignedDuration>) -> Record {
        // Tenths of a second: the vendor names whole ones.
        let clock = offset.map(|offset| (-offset.as_secs_f64() * 10.0).round() / 10.0 + 0.0);
        Record::Run(Run { clock, ..self.run.clone() })
    }

    /// Returns what was fetched before, without network, and when the ledger was last read here. `None` if it never was.
    ///
    /// # Errors
    /// If git does not answer or the text cannot be read.
    pub fn last_fetched(&self) -> Result<Option<(Lockfile, Option<Timestamp>)>, LedgerError> {
        let mut known: Option<Lockfile> = None;
        for text in self.branch.fetched_texts(&self.file)? {
            known.get_or_insert_default().union(&parse_bytes(&self.file, &text)?.lockfile);
        }
        let read =
            std::fs::metadata(self.root.join(OWN_DIRECTORY).join(READ_TIME_FILE)).and_then(|meta| meta.modified());
        Ok(known.map(|known| (known, read.ok().and_then(|time| Timestamp::try_from(time).ok()))))
    }

    /// Reads the ledger from the remote.
    ///
    /// # Errors
    /// If it cannot be read or used; see [`LedgerError`]. An absent one is an error, never an empty set.
    pub async fn read(&self) -> Result<Lockfile, LedgerError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.read_version().await {
                Err(error) if error.is_passing() && tries < MAX_READ_TRIES => {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                Ok((ledger, _)) => return self.ensure_clock(&ledger).map(|()| ledger),
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads the ledger once, on this thread.
    ///
    /// # Errors
    /// As [`Ledger::read`].
    pub fn read_now(&self) -> Result<Lockfile, LedgerError> {
        let (ledger, _) = self.decode_version(self.branch.read(&self.file)?)?;
        self.ensure_clock(&ledger).map(|()| ledger)
    }

    async fn read_version(&self) -> Result<(Lockfile, BranchVersion), LedgerError> {
        let (branch, file) = (Arc::clone(&self.branch), self.file.clone());
        let reading = blocking(move || branch.read(&file)).await;
        self.decode_version(reading.map_err(|words| LedgerError::Unreachable(self.location(), words))??)
    }

    fn decode_version(&self, reading: BranchVersion) -> Result<(Lockfile, BranchVersion), LedgerError> {
        let Some(text) = &reading.text else {
            return Err(LedgerError::Absent(self.location()));
        };
        let ledger = parse_bytes(&self.branch.path(&self.file), text)?.lockfile;
        self.ensure_usable(&ledger)?;
        self.record_read_time();
        Ok((ledger, reading))
    }

    /// Checks that this run may use the ledger.
    fn ensure_usable(&self, ledger: &Lockfile) -> Result<(), LedgerError> {
        let place = || self.location();
        if let Some(closed) = ledger.closed() {
            return Err(LedgerError::Closed(place(), closed));
        }
        match ledger.home() {
            Some(home) if home != self.branch.home => {
                let (home, here) = (home.to_owned(), self.branch.home.clone());
                Err(LedgerError::OtherHome { place: place(), home, here })
            }
            _ => Ok(()),
        }
    }

    /// Checks that no line is from the future: then a clock is wrong, here or there. A run reads, claims and judges nothing
    /// then, but publishes what it has paid for.
    fn ensure_clock(&self, ledger: &Lockfile) -> Result<(), LedgerError> {
        let latest = Timestamp::now().checked_add(self.grace).unwrap_or(Timestamp::MAX);
        let times = ledger.takes().map(|take| take.at).chain(ledger.runs().map(|run| run.at));
        match times.max().filter(|at| *at > latest) {
            Some(at) => Err(LedgerError::Future(self.location(), at)),
            None => Ok(()),
        }
    }

    /// Remembers when the ledger was read: a plan without network says how old its knowledge is.
    fn record_read_time(&self) {
        let directory = self.root.join(OWN_DIRECTORY);
        let noted = make_directory(&self.root, &directory).and_then(|()| {
            let file = std::fs::File::options()
                .create(true)
                .truncate(true)
                .write(true)
                .open(directory.join(READ_TIME_FILE))?;
            file.set_modified(std::time::SystemTime::now())
        });
        if let Err(error) = noted {
            tracing::debug!(%error, "the time of the reading is not kept");
        }
    }

    /// Changes the ledger: reads, decides and swaps, until the ledger holds what was decided.
    ///
    /// `decide` is pure: it runs again on each reading. Lines of this run in the ledger are its own changes, won by a
    /// try whose answer was lost. All that `local` knows and the ledger does not is added too, so no list of pending
    /// answers can be lost. `stopped` says that the run was stopped, so that little time is left.
    ///
    /// # Errors
    /// If the ledger cannot be used, or cannot be changed in time.
    // Boxed, so that a caller's future stays free to move between threads, whatever `decide` borrows.
    pub fn update<'a, T: Send + 'a>(
        &'a self,
        local: &'a Lockfile,
        note: &'a str,
        stopped: &'a (dyn Fn() -> bool + Sync),
        mut decide: impl FnMut(&Lockfile) -> (Vec<Record>, T) + Send + 'a,
    ) -> BoxFuture<'a, Result<Updated<T>, LedgerError>> {
        let updating = async move {
            let began = Instant::now();
            let mut pause = FIRST_PAUSE;
            loop {
                let words = match self.read_version().await {
                    Err(error) if error.is_passing() => error.to_string(),
                    Err(error) => return Err(error),
                    Ok((ledger, reading)) => {
                        let mut known = local.clone();
                        known.union(&ledger);
                        let (records, result) = decide(&known);
                        if records.iter().any(|record| !self.is_own_answer(record)) {
                            self.ensure_clock(&ledger)?;
                        }
                        for record in records {
                            known.insert(record);
                        }
                        let (before, after) = (encode(&ledger), encode(&known));
                        if before == after {
                            return Ok(Updated { result, known, added: 0, created: false });
                        }
                        let there: HashSet<&str> = before.lines().collect();
                        let added = after.lines().skip(1).filter(|line| !there.contains(line)).count();
                        match self.swap(reading.commit, after, note).await {
                            Ok(created) => return Ok(Updated { result, known, added, created }),
                            Err(words) => words,
                        }
                    }
                };
                let limit = if stopped() { UPDATE_TIMEOUT_AFTER_STOP } else { UPDATE_TIMEOUT };
                let left = limit.saturating_sub(began.elapsed());
                tracing::debug!(words, ?left, "the ledger was not changed");
                if left.is_zero() {
                    return Err(LedgerError::Unsettled(self.location(), words));
                }
                // Full jitter: runs that lost to one another must not meet again.
                let share = RandomState::new().hash_one(0_u8) % 1000;
                let nap = Instant::now() + (pause * u32::try_from(share).unwrap_or(1000) / 1000).min(left);
                let was_stopped = stopped();
                while Instant::now() < nap && stopped() == was_stopped {
                    tokio::time::sleep(FIRST_PAUSE.min(nap.saturating_duration_since(Instant::now()))).await;
                }
                pause = (pause * 2).min(MAX_PAUSE);
            }
        };
        Box::pin(updating)
    }

    /// Whether a line only has the result of a take of this run, or describes the run.
    fn is_own_answer(&self, record: &Record) -> bool {
        let Record::Take(take) = record else { return true };
        take.state != TakeState::Intent && take.run.as_ref() == Some(self.run())
    }

    async fn swap(&self, old: Option<String>, text: String, note: &str) -> Result<bool, String> {
        let branch = Arc::clone(&self.branch);
        let (files, note, run) = (vec![(self.file.clone(), text)], note.to_owned(), Arc::clone(self.run()));
        blocking(move || branch.swap(old.as_deref(), &files, (&note, &run))).await.flatten()
    }
}

/// Runs git commands on a separate thread. The error says that it panicked.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())
}
