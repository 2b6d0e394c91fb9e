//! Streams a local file as the body of an upload and hashes it. The body is complete only if the content is as planned.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{self, Stream};
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::{CallError, Encoded};
use crate::spec::LocalFile;

/// Number of bytes read at a time.
const CHUNK_BYTES: usize = 256 << 10;

/// Separates the headers of the first part from its bytes.
const EMPTY_LINE: &[u8] = b"\r\n\r\n";

/// The body of an upload, created again for each try.
#[derive(Clone)]
pub(super) struct FileBody {
    file: Arc<LocalFile>,
    /// The `Content-Type` header.
    pub content_type: String,
    before: Vec<u8>,
    after: Vec<u8>,
    failure: Arc<Mutex<Option<CallError>>>,
}

impl FileBody {
    /// Creates the body for a form whose first part is the file, still without its bytes.
    pub fn new(file: &LocalFile, form: Encoded) -> Self {
        let Encoded { content_type, body: mut before } = form;
        let head = before.windows(EMPTY_LINE.len()).position(|part| part == EMPTY_LINE);
        let after = before.split_off(head.map_or(before.len(), |place| place + EMPTY_LINE.len()));
        Self { file: Arc::new(file.clone()), content_type, before, after, failure: Arc::default() }
    }

    /// Returns the size of the complete body in bytes.
    pub fn length(&self) -> u64 {
        self.before.len() as u64 + self.file.bytes + self.after.len() as u64
    }

    /// Returns the reason why the body broke, if the file caused it.
    pub fn failure(&self) -> Option<CallError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the bytes. A file that differs from the plan breaks the stream before its last chunk, so the vendor
    /// never receives a complete body.
    pub fn stream(&self) -> impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static {
        let reading = BodyReader { body: self.clone(), file: None, hash: Sha256::new(), left: self.file.bytes };
        stream::try_unfold(reading, |mut reading| async move {
            let piece = reading.next().await;
            if let Err(error) = &piece {
                let failure = match error.kind() {
                    io::ErrorKind::InvalidData => CallError::FileChanged,
                    _ => CallError::File(error.to_string()),
                };
                *reading.body.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            }
            Ok(piece?.map(|piece| (piece, reading)))
        })
    }
}

struct BodyReader {
    body: FileBody,
    file: Option<File>,
    hash: Sha256,
    /// Number of planned bytes that have not been read.
    left: u64,
}

impl BodyReader {
    /// Returns the next bytes: the form up to the file, the file, never more of it than planned, the rest of the form.
    async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(file) = &mut self.file else {
            self.file = Some(File::open(&self.body.file.path).await?);
            return Ok(Some(std::mem::take(&mut self.body.before)));
        };
        if self.left == 0 {
            return Ok(Some(std::mem::take(&mut self.body.after)).filter(|rest| !rest.is_empty()));
        }
        let mut piece = vec![0; usize::try_from(self.left).unwrap_or(usize::MAX).min(CHUNK_BYTES)];
        let shorter = |error: io::Error| if error.kind() == io::ErrorKind::UnexpectedEof { changed() } else { error };
        file.read_exact(&mut piece).await.map_err(shorter)?;
        self.hash.update(&piece);
        self.left -= piece.len() as u64;
        if self.left == 0 {
            // The file must end here, and all of it must be as planned.
            let hash = data_encoding::HEXLOWER.encode(&std::mem::take(&mut self.hash).finalize());
            if file.read(&mut [0]).await? > 0 || hash != self.body.file.sha256 {
                return Err(changed());
            }
        }
        Ok(Some(piece))
    }
}

fn changed() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}
