//! A reader that limits the size of records and marks the end of the file, so that an unclosed quote shows.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Maximum size of a record, in bytes.
pub(super) const MAX_RECORD_BYTES: u64 = 16 * 1024 * 1024;

/// A reader that counts the bytes since the last record, and appends `ending` after the end.
pub(super) struct RecordLimitReader<R> {
    inner: R,
    since: Rc<Cell<u64>>,
    ending: &'static [u8],
    ended: Rc<Cell<bool>>,
}

impl<R: Read> RecordLimitReader<R> {
    /// Creates the reader, a counter that the caller resets to zero after each record, and a flag for the end.
    pub(super) fn new(inner: R, ending: &'static [u8]) -> (Self, Rc<Cell<u64>>, Rc<Cell<bool>>) {
        let (since, ended) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
        (Self { inner, since: Rc::clone(&since), ending, ended: Rc::clone(&ended) }, since, ended)
    }
}

impl<R: Read> Read for RecordLimitReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > MAX_RECORD_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a record is larger than 16 MB"));
        }
        let mut count = self.inner.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.ended.set(true);
            count = self.ending.len().min(buffer.len());
            let (now, later) = self.ending.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.ending = later;
        }
        self.since.set(self.since.get() + count as u64);
        Ok(count)
    }
}
