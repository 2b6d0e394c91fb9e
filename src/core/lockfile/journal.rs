//! Runs the store in a thread, so that many tasks share one sync.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use futures_util::{FutureExt as _, TryFutureExt as _};
use tokio::sync::oneshot;

use super::{Lockfile, Record, Store, StoreError, Take, encode_records};

/// Maximum number of writes that share one sync.
const MAX_BATCH: usize = 4096;

/// Maximum time that records wait for an intent to share their sync. An answer frees the permit of the next intent,
/// which follows immediately. With a separate sync for the answer, that intent would wait for two.
const MAX_WAIT: Duration = Duration::from_millis(1);

/// A handle to the store's thread; clones share it.
///
/// Writes keep the order of the calls. All writes that arrive during one sync share the next one.
#[derive(Clone, Debug)]
pub struct Journal {
    inbox: Sender<JournalCommand>,
}

enum JournalCommand {
    Write(Box<PendingWrite>),
    Read(Box<dyn FnOnce(&Lockfile) + Send>),
    Finish(oneshot::Sender<Store>),
}

struct PendingWrite {
    records: Vec<Record>,
    text: Arc<str>,
    why: WriteKind,
    /// Receives the result: `false` if the lockfile conflicts with the write.
    reply: oneshot::Sender<Result<bool, StoreError>>,
}

/// The kind of a write.
enum WriteKind {
    /// An event that has happened.
    Event,
    /// An intent that is written only if the lockfile has no conflict with it.
    Intent {
        /// Whether it is another try.
        again: bool,
    },
}

impl PendingWrite {
    /// Sends the result to the caller. A caller that is gone does not need it.
    fn answer(self, result: Result<bool, StoreError>) {
        drop(self.reply.send(result));
    }

    fn fail(self, cause: &Arc<StoreError>) {
        let text = Arc::clone(&self.text);
        self.answer(Err(StoreError::Unwritten { text, cause: Arc::clone(cause) }));
    }
}

impl Journal {
    /// Starts the thread.
    pub fn start(store: Store) -> Self {
        let (inbox, messages) = channel();
        // If the thread cannot start, the inbox has no reader and every write reports that the lockfile is closed.
        drop(std::thread::Builder::new().name("lockfile".to_owned()).spawn(move || run(store, &messages)));
        Self { inbox }
    }

    /// Queues records, and returns when they are durably written. The order of the calls is the order in the file.
    ///
    /// Once called, the write is done even if the future is dropped. After the first failed write, all later ones fail:
    /// the state of the file is then unknown, and no money may be spent.
    ///
    /// # Errors
    /// [`StoreError::Unwritten`] with these records' lines if they are not durably on disk.
    pub fn write(&self, records: Vec<Record>) -> impl Future<Output = Result<(), StoreError>> + Send + use<> {
        self.queue(records, WriteKind::Event).map_ok(drop)
    }

    /// Queues an intent, and returns when it is durably written. Returns `Ok(false)` if the file conflicts with the
    /// intent; then nothing is written. The file is read again if another process changed it. `again` means another try
    /// of a submission whose intent is known.
    ///
    /// # Errors
    /// As [`Journal::write`].
    pub fn write_intent(
        &self,
        intent: Take,
        again: bool,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send + use<> {
        self.queue(vec![Record::Take(intent)], WriteKind::Intent { again })
    }

    /// Queues a write before it returns: a caller may rely on the order without polling the future.
    fn queue(
        &self,
        records: Vec<Record>,
        why: WriteKind,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        let text: Arc<str> = encode_records(&records).into();
        let write = PendingWrite { records, text: Arc::clone(&text), why, reply };
        // If the thread is gone, the reply is dropped with the message, which the caller notices.
        drop(self.inbox.send(JournalCommand::Write(Box::new(write))));
        let closed = |_| Err(StoreError::Unwritten { text, cause: Arc::new(StoreError::Closed) });
        answer.map(|answer| answer.unwrap_or_else(closed))
    }

    /// Queries the lockfile after all writes that were queued before. Returns `None` after the end.
    pub async fn read<T: Send + 'static>(&self, question: impl FnOnce(&Lockfile) -> T + Send + 'static) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let ask = move |lockfile: &Lockfile| drop(reply.send(question(lockfile)));
        drop(self.inbox.send(JournalCommand::Read(Box::new(ask))));
        answer.await.ok()
    }

    /// Ends the thread and returns the store, or `None` if it has already ended. Later writes fail.
    pub async fn finish(self) -> Option<Store> {
        let (reply, answer) = oneshot::channel();
        drop(self.inbox.send(JournalCommand::Finish(reply)));
        answer.await.ok()
    }
}

fn run(mut store: Store, messages: &Receiver<JournalCommand>) {
    let mut broken: Option<Arc<StoreError>> = None;
    let mut waiting = Vec::new();
    while let Ok(first) = messages.recv() {
        let next = batch(first, messages, &mut waiting);
        commit_batch(&mut store, &mut waiting, &mut broken);
        match next {
            Some(JournalCommand::Read(question)) => question(&store.lockfile),
            Some(JournalCommand::Finish(reply)) => {
                // If the caller is gone, the store is simply closed: all records are on disk.
                drop(reply.send(store));
                return;
            }
            Some(JournalCommand::Write(_)) | None => {}
        }
    }
}

/// Moves the writes that are in the inbox to `waiting`. Returns the first message that is not a write.
fn batch(
    first: JournalCommand,
    messages: &Receiver<JournalCommand>,
    waiting: &mut Vec<PendingWrite>,
) -> Option<JournalCommand> {
    let until = Instant::now() + MAX_WAIT;
    let mut begins = false;
    let mut next = Some(first);
    while let Some(message) = next {
        let JournalCommand::Write(write) = message else { return Some(message) };
        // An unreadable line fails only for its caller: nothing has touched the disk.
        match write.records.iter().try_for_each(Store::check_readable) {
            Ok(()) => {
                begins |= matches!(write.why, WriteKind::Intent { .. });
                waiting.push(*write);
            }
            Err(error) => write.fail(&Arc::new(error)),
        }
        let wait = if begins { Duration::ZERO } else { until.saturating_duration_since(Instant::now()) };
        next = if waiting.len() < MAX_BATCH { messages.recv_timeout(wait).ok() } else { None };
    }
    None
}

/// Appends the writes by one sync and answers them. It checks the file again first: an intent that conflicts with it is
/// answered, not written.
///
/// A submission waits for its answer, so the answers leave before the records are folded. The next message, which may
/// read them, is received after that.
fn commit_batch(store: &mut Store, waiting: &mut Vec<PendingWrite>, broken: &mut Option<Arc<StoreError>>) {
    let was_broken = broken.is_some();
    if !was_broken && !waiting.is_empty() {
        *broken = append(store, waiting).err().map(Arc::new);
    }
    let mut records = Vec::new();
    for mut write in waiting.drain(..) {
        records.append(&mut write.records);
        match broken {
            Some(cause) => write.fail(cause),
            None => write.answer(Ok(true)),
        }
    }
    if !was_broken {
        store.fold(records, broken.is_none());
    }
}

fn append(store: &mut Store, waiting: &mut Vec<PendingWrite>) -> Result<(), StoreError> {
    store.refresh()?;
    for write in std::mem::take(waiting) {
        match (&write.why, &*write.records) {
            (WriteKind::Intent { again }, [Record::Take(intent)]) if store.lockfile.conflicts_with(intent, *again) => {
                write.answer(Ok(false));
            }
            _ => waiting.push(write),
        }
    }
    let text: String = waiting.iter().map(|write| &*write.text).collect();
    store.append_text(&text)
}
