//! A store behind a thread, so that many tasks share one sync.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use tokio::sync::oneshot;

use super::gather::{Gatherer, Promise, WINDOW};
use super::{Lockfile, Record, Store, StoreError, Take, encode_records};

/// A handle to the store's thread; clones share it.
#[derive(Clone)]
pub struct Journal {
    inbox: Sender<Message>,
    /// How many promises are open.
    open: Arc<AtomicUsize>,
    /// How often others were found to have changed the file.
    changes: Arc<AtomicU64>,
}

impl fmt::Debug for Journal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Journal")
    }
}

pub(super) enum Message {
    Write(Box<Write>),
    Read(Box<dyn FnOnce(&Lockfile) + Send>),
    Finish(oneshot::Sender<Store>),
    /// A promised line does not come.
    Nothing,
}

pub(super) struct Write {
    records: Vec<Record>,
    text: Arc<str>,
    why: Why,
    reply: Reply,
}

/// What a write is.
enum Why {
    /// Something that happened; perhaps it was promised.
    Happened(Option<Promise>),
    /// An intent that is written only if nothing speaks against it, and whether it is another try.
    Begins(Box<Take>, bool),
}

/// Takes what became of a write: false when something spoke against it.
type Reply = Box<dyn FnOnce(Result<bool, StoreError>) + Send>;

impl Write {
    fn fail(self, cause: &Arc<StoreError>) {
        (self.reply)(Err(StoreError::Unwritten { text: self.text, cause: Arc::clone(cause) }));
    }
}

impl Journal {
    /// Starts the thread.
    pub fn start(store: Store) -> Self {
        Self::gathering(store, WINDOW)
    }

    /// With a window of its own: how long a line waits for others at most.
    pub(super) fn gathering(store: Store, window: Duration) -> Self {
        let (inbox, messages) = channel();
        let (open, changes) = (Arc::<AtomicUsize>::default(), store.rereads());
        let gatherer = Gatherer { open: Arc::clone(&open), window };
        // Without a thread nobody reads the inbox, and every write says that the lockfile is closed.
        drop(std::thread::Builder::new().name("lockfile".to_owned()).spawn(move || run(store, &messages, &gatherer)));
        Self { inbox, open, changes }
    }

    /// Promises a line: until it is there, or the promise is dropped, others may wait for it, 20 ms at most.
    ///
    /// Without promises every line is synced at once, together with those that came during the sync before.
    pub fn promise(&self) -> Promise {
        Promise::new(&self.open, &self.inbox)
    }

    /// How often the file was found to have been changed by others.
    ///
    /// If it is the same as before an intent was asked for, nothing has come that could speak against the intent.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Writes records durably; returns when they are synced. Records that wait together share one sync.
    ///
    /// Once asked for, the write is done even if the future is dropped. After the first write that failed, all
    /// later ones fail: what the file holds then is not sure, and money must not follow.
    ///
    /// # Errors
    /// [`StoreError::Unwritten`] with these records' lines when they are not durably on disk.
    pub async fn write(&self, records: Vec<Record>) -> Result<(), StoreError> {
        self.ask(records, Why::Happened(None)).await.map(drop)
    }

    /// [`Journal::write`] of what was promised.
    ///
    /// # Errors
    /// As [`Journal::write`].
    pub async fn keep(&self, promise: Promise, records: Vec<Record>) -> Result<(), StoreError> {
        self.ask(records, Why::Happened(Some(promise))).await.map(drop)
    }

    /// Writes an intent durably, unless the file on disk, read again if others changed it, speaks against it; then
    /// false, and nothing is written. `again` says that it is another try of a submission whose intent is known.
    ///
    /// # Errors
    /// As [`Journal::write`].
    pub async fn begin(&self, intent: Take, again: bool) -> Result<bool, StoreError> {
        self.ask(vec![Record::Take(intent.clone())], Why::Begins(Box::new(intent), again)).await
    }

    /// The message is in the inbox when this is first polled: what is asked for first is written first.
    async fn ask(&self, records: Vec<Record>, why: Why) -> Result<bool, StoreError> {
        let (reply, answer) = oneshot::channel();
        // The one who asked may be gone: then nobody wants the answer.
        let reply = Box::new(move |result| drop(reply.send(result)));
        let text: Arc<str> = encode_records(&records).into();
        let write = Write { records, text: Arc::clone(&text), why, reply };
        // When the thread is gone the reply is dropped with the message, which the caller hears.
        drop(self.inbox.send(Message::Write(Box::new(write))));
        answer.await.unwrap_or_else(|_| Err(closed(text)))
    }

    /// Asks the lockfile as it stands after all writes that were asked for before; none after the end.
    pub async fn read<T: Send + 'static>(&self, question: impl FnOnce(&Lockfile) -> T + Send + 'static) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let ask = move |lockfile: &Lockfile| drop(reply.send(question(lockfile)));
        drop(self.inbox.send(Message::Read(Box::new(ask))));
        answer.await.ok()
    }

    /// Ends the thread and gives the store back; none if it has ended before. Later writes fail.
    pub async fn finish(self) -> Option<Store> {
        let (reply, answer) = oneshot::channel();
        drop(self.inbox.send(Message::Finish(reply)));
        answer.await.ok()
    }
}

fn closed(text: Arc<str>) -> StoreError {
    StoreError::Unwritten { text, cause: Arc::new(StoreError::Closed) }
}

fn run(mut store: Store, messages: &Receiver<Message>, gatherer: &Gatherer) {
    let mut broken: Option<Arc<StoreError>> = None;
    let mut waiting = Vec::new();
    while let Ok(first) = messages.recv() {
        let next = gatherer.gather(first, messages, |message| admit(message, &mut waiting));
        write_together(&mut store, &mut waiting, &mut broken);
        match next {
            Some(Message::Read(question)) => question(&store.lockfile),
            Some(Message::Finish(reply)) => {
                // Whoever asked for the store and went away leaves it closed: all in it is on disk.
                drop(reply.send(store));
                return;
            }
            Some(Message::Write(_) | Message::Nothing) | None => {}
        }
    }
}

/// Puts a write among those that wait, and says whether it waits now; anything else is given back.
fn admit(message: Message, waiting: &mut Vec<Write>) -> Result<bool, Message> {
    let mut write = match message {
        Message::Write(write) => write,
        Message::Nothing => return Ok(false),
        Message::Read(_) | Message::Finish(_) => return Err(message),
    };
    if let Why::Happened(promise) = &mut write.why
        && let Some(promise) = promise.take()
    {
        promise.kept();
    }
    // A line that nobody could read is its writer's failure alone: nothing has touched the disk.
    let checked = Store::check(&write.text);
    let waits = checked.is_ok();
    match checked {
        Ok(()) => waiting.push(*write),
        Err(error) => write.fail(&Arc::new(error)),
    }
    Ok(waits)
}

/// Answers the intents that something speaks against, the file looked at again; they are not written.
fn turn_down(store: &mut Store, waiting: &mut Vec<Write>) -> Result<(), StoreError> {
    if waiting.iter().all(|write| matches!(write.why, Why::Happened(_))) {
        return Ok(());
    }
    store.look_again()?;
    for write in std::mem::take(waiting) {
        match &write.why {
            Why::Begins(intent, again) if store.lockfile.speaks_against(intent, *again) => (write.reply)(Ok(false)),
            _ => waiting.push(write),
        }
    }
    Ok(())
}

fn write_together(store: &mut Store, waiting: &mut Vec<Write>, broken: &mut Option<Arc<StoreError>>) {
    if broken.is_none() {
        *broken = turn_down(store, waiting).err().map(Arc::new);
    }
    if broken.is_none() && !waiting.is_empty() {
        let records: Vec<Record> = waiting.iter().flat_map(|write| write.records.iter().cloned()).collect();
        let text: String = waiting.iter().map(|write| &*write.text).collect();
        *broken = store.append_lines(&records, &text).err().map(Arc::new);
    }
    for write in waiting.drain(..) {
        match broken {
            Some(cause) => write.fail(cause),
            None => (write.reply)(Ok(true)),
        }
    }
}
