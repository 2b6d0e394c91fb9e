//! A store behind a thread, so that many tasks share one sync.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::oneshot;

use super::{Lockfile, Record, Store, StoreError, Take, encode_records};

/// The most writes that share one sync.
const MOST_TOGETHER: usize = 4096;

/// A handle to the store's thread; clones share it.
#[derive(Clone)]
pub struct Journal {
    inbox: Sender<Message>,
}

impl fmt::Debug for Journal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Journal")
    }
}

enum Message {
    Write(Box<Write>),
    Read(Box<dyn FnOnce(&Lockfile) + Send>),
    Finish(oneshot::Sender<Store>),
}

struct Write {
    records: Vec<Record>,
    text: Arc<str>,
    /// The intent that is written only if nothing speaks against it, and whether it is another try.
    begins: Option<(Take, bool)>,
    reply: Reply,
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
        let (inbox, messages) = channel();
        // Without a thread nobody reads the inbox, and every write says that the lockfile is closed.
        drop(std::thread::Builder::new().name("lockfile".to_owned()).spawn(move || run(store, &messages)));
        Self { inbox }
    }

    /// Writes records durably; returns when they are synced. Records that wait together share one sync.
    ///
    /// Once asked for, the write is done even if the future is dropped. After the first write that failed, all
    /// later ones fail: what the file holds then is not sure, and money must not follow.
    ///
    /// # Errors
    /// [`StoreError::Unwritten`] with these records' lines when they are not durably on disk.
    pub async fn write(&self, records: Vec<Record>) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        // The one who asked may be gone: then nobody wants the answer.
        let text = self.ask(records, None, move |result| drop(reply.send(result)));
        answer.await.unwrap_or_else(|_| Err(closed(text))).map(drop)
    }

    /// Writes an intent durably, unless the file on disk, read again if others changed it, speaks against it; then
    /// false, and nothing is written. `again` says that it is another try of a submission whose intent is known.
    ///
    /// # Errors
    /// As [`Journal::write`].
    pub async fn begin(&self, intent: Take, again: bool) -> Result<bool, StoreError> {
        let (reply, answer) = oneshot::channel();
        let records = vec![Record::Take(intent.clone())];
        let text = self.ask(records, Some((intent, again)), move |result| drop(reply.send(result)));
        answer.await.unwrap_or_else(|_| Err(closed(text)))
    }

    fn ask(
        &self,
        records: Vec<Record>,
        begins: Option<(Take, bool)>,
        reply: impl FnOnce(Result<bool, StoreError>) + Send + 'static,
    ) -> Arc<str> {
        let text: Arc<str> = encode_records(&records).into();
        let write = Write { records, text: Arc::clone(&text), begins, reply: Box::new(reply) };
        // When the thread is gone the reply is dropped with the message, which the caller hears.
        drop(self.inbox.send(Message::Write(Box::new(write))));
        text
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

fn run(mut store: Store, messages: &Receiver<Message>) {
    let mut broken: Option<Arc<StoreError>> = None;
    let mut waiting = Vec::new();
    while let Ok(first) = messages.recv() {
        let mut next = Some(first);
        while let Some(Message::Write(write)) = next {
            // A line that nobody could read is its writer's failure alone: nothing has touched the disk.
            match Store::check(&write.text) {
                Ok(()) => waiting.push(*write),
                Err(error) => write.fail(&Arc::new(error)),
            }
            next = if waiting.len() < MOST_TOGETHER { messages.try_recv().ok() } else { None };
        }
        write_together(&mut store, &mut waiting, &mut broken);
        match next {
            Some(Message::Read(question)) => question(&store.lockfile),
            Some(Message::Finish(reply)) => {
                // Whoever asked for the store and went away leaves it closed: all in it is on disk.
                drop(reply.send(store));
                return;
            }
            Some(Message::Write(_)) | None => {}
        }
    }
}

/// Answers the intents that something speaks against, the file looked at again; they are not written.
fn turn_down(store: &mut Store, waiting: &mut Vec<Write>) -> Result<(), StoreError> {
    if waiting.iter().all(|write| write.begins.is_none()) {
        return Ok(());
    }
    store.look_again()?;
    for write in std::mem::take(waiting) {
        match &write.begins {
            Some((intent, again)) if store.lockfile.speaks_against(intent, *again) => (write.reply)(Ok(false)),
            _ => waiting.push(write),
        }
    }
    Ok(())
}

fn write_together(store: &mut Store, waiting: &mut Vec<Write>, broken: &mut Option<Arc<StoreError>>) {
    if broken.is_none() {
        *broken = turn_down(store, waiting).err().map(Arc::new);
    }
    if waiting.is_empty() {
        return;
    }
    if broken.is_none() {
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
