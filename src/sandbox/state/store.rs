//! The only writer: numbers an order, syncs its line, and only then shows it to readers and confirms it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::journal::{StateJournal, encode};
use super::record::{StateHeader, StateRecord, VERSION};
use super::{RenderJob, SandboxError, StateError, StoredAsset, Task};

/// Maximum number of lines per sync.
const MAX_GROUP: usize = 256;

type Done = oneshot::Sender<Result<(), StateError>>;

/// The state of a sandbox.
#[derive(Debug)]
pub struct StateStore {
    /// The state directory.
    pub directory: PathBuf,
    /// The seed, which was set when the state directory was created.
    pub seed: u64,
    tables: Arc<Mutex<StateIndex>>,
    sequencer: Mutex<Sequencer>,
}

/// Assigns numbers to orders. The queue keeps them in that order.
#[derive(Debug)]
struct Sequencer {
    next_task: u64,
    next_asset: u64,
    credits: f64,
    limit: Option<f64>,
    queue: Option<Sender<(StateRecord, Done)>>,
    writer: Option<JoinHandle<()>>,
}

impl StateStore {
    /// Opens the state of a directory. `seed` applies only to a new directory; `limit` is the total number of credits.
    ///
    /// # Errors
    /// If the directory is in use, the journal is broken, or the disk fails.
    pub fn open(directory: &Path, seed: u64, limit: Option<f64>) -> Result<StateStore, SandboxError> {
        let mut tables = StateIndex::default();
        let fresh = StateHeader { version: VERSION, seed };
        let (journal, header) = StateJournal::open(directory, fresh, |record| tables.apply(record))?;
        let (next_task, next_asset) = tables.next_numbers();
        let credits = tables.credits();
        let tables = Arc::new(Mutex::new(tables));
        let (queue, orders) = channel();
        let shown = Arc::clone(&tables);
        let writer = std::thread::Builder::new()
            .name("sandbox journal".to_owned())
            .spawn(move || write(journal, &orders, &shown))
            .map_err(|source| SandboxError::State { path: directory.to_owned(), source })?;
        let sequencer = Sequencer { next_task, next_asset, credits, limit, queue: Some(queue), writer: Some(writer) };
        Ok(StateStore { directory: directory.to_owned(), seed: header.seed, tables, sequencer: Mutex::new(sequencer) })
    }

    /// Returns everything stored so far. Do not hold the lock across slow operations.
    pub fn tables(&self) -> MutexGuard<'_, StateIndex> {
        lock(&self.tables)
    }

    /// Stores a valid submission as a task, and returns it once it is durable. Without a name, it gets a random one.
    ///
    /// # Errors
    /// If the credits are used up, the disk fails, or the sandbox shuts down.
    pub async fn add_task(&self, name: Option<&str>, at: Timestamp, work: RenderJob) -> Result<Task, StateError> {
        let (task, done) = {
            let mut sequencer = lock(&self.sequencer);
            let cost = work.credits;
            if let Some(limit) = sequencer.limit
                && sequencer.credits + cost > limit
            {
                return Err(StateError::Credits { wanted: cost, left: (limit - sequencer.credits).max(0.0) });
            }
            let number = sequencer.next_task;
            let video = self.id("video", number);
            let name = name.map_or_else(|| format!("video {}", &video[..8]), str::to_owned);
            let task = Task { number, task: self.id("task", number), video, name, at, work };
            let done = sequencer.send(StateRecord::Task(Box::new(task.clone())))?;
            sequencer.next_task += 1;
            sequencer.credits += cost;
            (task, done)
        };
        let stored = done.await.unwrap_or(Err(StateError::Closed));
        if stored.is_err() {
            lock(&self.sequencer).credits -= task.work.credits;
        }
        stored.map(|()| task)
    }

    /// Stores an asset whose content is already durable. `asset.id` is from [`StateStore::new_asset_id`].
    ///
    /// # Errors
    /// If the disk fails, or the sandbox shuts down.
    pub async fn add_asset(&self, asset: StoredAsset) -> Result<(), StateError> {
        let done = lock(&self.sequencer).send(StateRecord::Asset(Box::new(asset)))?;
        done.await.unwrap_or(Err(StateError::Closed))
    }

    /// Returns the number and the id of the next asset. Each is issued once.
    pub fn new_asset_id(&self) -> (u64, String) {
        let mut sequencer = lock(&self.sequencer);
        let number = sequencer.next_asset;
        sequencer.next_asset += 1;
        (number, format!("{}{}", crate::sandbox::form::ASSET_ID_PREFIX, &self.hash(&format!("asset {number}"))[..16]))
    }

    /// Returns a hash that cannot be guessed without the seed, as 64 hex digits.
    pub fn hash(&self, of: &str) -> String {
        data_encoding::HEXLOWER.encode(&self.digest(of))
    }

    /// Stops the writer after the queued orders. Later orders fail, and the directory is released.
    pub fn close(&self) {
        let writer = {
            let mut sequencer = lock(&self.sequencer);
            sequencer.queue = None;
            sequencer.writer.take()
        };
        if let Some(writer) = writer
            && writer.join().is_err()
        {
            tracing::error!("the sandbox's journal ended with a panic");
        }
    }

    /// Returns an opaque id in the vendor's format: base64 of base64, which has letters and digits only.
    fn id(&self, kind: &str, number: u64) -> String {
        STANDARD.encode(STANDARD.encode(&self.digest(&format!("{kind} {number}"))[..16]))
    }

    fn digest(&self, of: &str) -> [u8; 32] {
        Sha256::digest(format!("callsheet sandbox {} {of}", self.seed)).into()
    }
}

impl Sequencer {
    fn send(&self, record: StateRecord) -> Result<oneshot::Receiver<Result<(), StateError>>, StateError> {
        let (done, wait) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or(StateError::Closed)?;
        queue.send((record, done)).map_err(|_| StateError::Closed)?;
        Ok(wait)
    }
}

/// Writes until all senders are dropped. Records that wait at the same time share one sync.
fn write(mut journal: StateJournal, orders: &Receiver<(StateRecord, Done)>, tables: &Mutex<StateIndex>) {
    while let Ok(first) = orders.recv() {
        let mut group = vec![first];
        group.extend(orders.try_iter().take(MAX_GROUP - 1));
        let lines: Vec<u8> = group.iter().flat_map(|(record, _)| encode(record)).collect();
        let written = journal.append(&lines).map_err(|error| StateError::Disk(error.to_string()));
        for (record, done) in group {
            if written.is_ok() {
                lock(tables).apply(record);
            }
            // The send fails if the client has disconnected. The record remains stored.
            drop(done.send(written.clone()));
        }
    }
}

/// Locks a mutex even if it is poisoned. The maps remain consistent, because each change is one insertion.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All tasks and assets.
#[derive(Debug, Default)]
pub struct StateIndex {
    tasks: BTreeMap<u64, Arc<Task>>,
    by_task: BTreeMap<String, u64>,
    by_video: BTreeMap<String, u64>,
    assets: BTreeMap<u64, Arc<StoredAsset>>,
    by_asset: BTreeMap<String, u64>,
}

impl StateIndex {
    /// Adds a record.
    pub fn apply(&mut self, record: StateRecord) {
        match record {
            StateRecord::Sandbox(_) => {}
            StateRecord::Task(task) => {
                self.by_task.insert(task.task.clone(), task.number);
                self.by_video.insert(task.video.clone(), task.number);
                self.tasks.insert(task.number, Arc::from(task));
            }
            StateRecord::Asset(asset) => {
                self.by_asset.insert(asset.id.clone(), asset.number);
                self.assets.insert(asset.number, Arc::from(asset));
            }
        }
    }

    /// Returns a task by the id of its submission.
    pub fn task(&self, id: &str) -> Option<&Arc<Task>> {
        self.tasks.get(self.by_task.get(id)?)
    }

    /// Returns a task by its id in the list.
    pub fn video(&self, id: &str) -> Option<&Arc<Task>> {
        self.tasks.get(self.by_video.get(id)?)
    }

    /// Returns all tasks, oldest first.
    pub fn tasks(&self) -> impl DoubleEndedIterator<Item = &Arc<Task>> + ExactSizeIterator {
        self.tasks.values()
    }

    /// Returns the tasks with numbers below `end`, newest first.
    pub fn tasks_before(&self, end: u64) -> impl Iterator<Item = &Arc<Task>> {
        self.tasks.range(..end).rev().map(|(_, task)| task)
    }

    /// Returns an asset by its id.
    pub fn asset(&self, id: &str) -> Option<&Arc<StoredAsset>> {
        self.assets.get(self.by_asset.get(id)?)
    }

    /// Returns the assets with numbers below `end`, newest first.
    pub fn assets_before(&self, end: u64) -> impl Iterator<Item = &Arc<StoredAsset>> {
        self.assets.range(..end).rev().map(|(_, asset)| asset)
    }

    /// Returns the next numbers of a task and of an asset.
    pub fn next_numbers(&self) -> (u64, u64) {
        let next = |last: Option<&u64>| last.map_or(0, |last| last + 1);
        (next(self.tasks.keys().next_back()), next(self.assets.keys().next_back()))
    }

    /// Returns the credits of all tasks.
    pub fn credits(&self) -> f64 {
        self.tasks.values().map(|task| task.work.credits).sum()
    }
}
