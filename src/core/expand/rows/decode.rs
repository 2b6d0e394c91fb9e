//! The text of a data file. Passes UTF-8 through unchanged, and decodes other encodings while reading.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read, Seek};
use std::path::Path;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use super::encodings::readings;
use super::{DataFile, RowError};
use crate::fields::truncated;

/// The part of a file from which its layout is detected, in bytes. Longer than any header.
pub(in crate::expand) const HEAD_BYTES: usize = 64 * 1024;

/// The part of a file from which its likely encoding is guessed, in bytes.
const SAMPLE_BYTES: u64 = 1024 * 1024;

const CHUNK_BYTES: usize = 16 * 1024;

/// An open data file, and its first bytes as UTF-8.
pub(super) struct DataInput {
    /// At most [`DataFile::head_bytes`].
    pub head: Vec<u8>,
    /// Whether the file is longer than the head.
    pub is_cut: bool,
    rest: Box<dyn Read>,
}

impl DataInput {
    /// Opens a file. Its byte order mark overrides the setting, because a spreadsheet may have saved the file again.
    pub(super) fn open(of: DataFile<'_>) -> io::Result<Self> {
        let mut file = File::open(of.path)?;
        let mut start = Vec::new();
        file.by_ref().take(3).read_to_end(&mut start)?;
        file.rewind()?;
        let encoding = Encoding::for_bom(&start).map(|(encoding, _)| encoding).or(of.encoding).unwrap_or(UTF_8);
        let mut rest: Box<dyn Read> =
            if encoding == UTF_8 { Box::new(file) } else { Box::new(DecodingReader::new(file, encoding)) };
        let mut head = Vec::with_capacity(of.head_bytes);
        rest.by_ref().take(of.head_bytes as u64).read_to_end(&mut head)?;
        Ok(Self { is_cut: head.len() >= of.head_bytes, head, rest })
    }

    /// Returns the head without byte order mark.
    pub(super) fn start(&self) -> &[u8] {
        self.head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.head)
    }

    /// Returns the complete text, including the head.
    pub(super) fn into_read(self) -> Chain<Cursor<Vec<u8>>, Box<dyn Read>> {
        Cursor::new(self.head).chain(self.rest)
    }
}

/// Decodes a file to UTF-8 in chunks.
struct DecodingReader {
    file: File,
    encoding: &'static Encoding,
    decoder: Decoder,
    text: Vec<u8>,
    /// Number of bytes of `text` that were returned.
    given: usize,
    ended: bool,
    malformed: bool,
}

impl DecodingReader {
    fn new(file: File, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { file, encoding, decoder, text: Vec::new(), given: 0, ended: false, malformed: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; CHUNK_BYTES];
        let count = self.file.read(&mut chunk)?;
        self.ended = count == 0;
        let most = self.decoder.max_utf8_buffer_length_without_replacement(count).unwrap_or(4 * CHUNK_BYTES);
        self.text.resize(most, 0);
        let (result, _, written) =
            self.decoder.decode_to_utf8_without_replacement(&chunk[..count], &mut self.text, self.ended);
        self.text.truncate(written);
        self.given = 0;
        self.malformed = matches!(result, DecoderResult::Malformed(..));
        Ok(())
    }
}

impl Read for DecodingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            if self.malformed {
                return Err(io::Error::new(io::ErrorKind::InvalidData, InvalidText(self.encoding)));
            }
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let count = buffer.len().min(self.text.len() - self.given);
        buffer[..count].copy_from_slice(&self.text[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// Bytes that are invalid in the encoding.
#[derive(Debug, thiserror::Error)]
#[error("it is not {} text", .0.name())]
struct InvalidText(&'static Encoding);

/// Creates the error for a file that is not UTF-8, with its likely encodings.
pub(super) fn not_utf8(path: &Path, line: u64) -> RowError {
    let mut sample = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SAMPLE_BYTES).read_to_end(&mut sample));
    if let Some(error) = utf16_error(&sample) {
        return RowError { line, ..error };
    }
    let error = RowError::new(line, "the data file is not UTF-8 text");
    let readings = if read.is_ok() { readings(&sample) } else { Vec::new() };
    let help = match &readings[..] {
        [] => "save the file as UTF-8, or write its encoding under `rows`: `encoding: windows-1252`",
        _ => "save the file as UTF-8, or write under `rows` the encoding that reads this cell correctly",
    };
    readings.iter().fold(error.help(help), |error, one| {
        let cell = truncated(&one.cell);
        error.help(match one.encoding {
            Some(encoding) => format!("`encoding: {}` reads `{cell}`", encoding.name().to_ascii_lowercase()),
            None => format!("if the cell is `{cell}`, the encoding is cp850, which can only be saved as UTF-8"),
        })
    })
}

/// Returns the error for a text that is UTF-16 without a byte order mark, by its zero bytes.
pub(super) fn utf16_error(sample: &[u8]) -> Option<RowError> {
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let name = match (first.max(second) > sample.len() / 32, second > first * 8, first > second * 8) {
        (true, true, _) => "utf-16le",
        (true, _, true) => "utf-16be",
        _ => return None,
    };
    let message = format!("the data file is {} text without a byte order mark", name.to_ascii_uppercase());
    Some(RowError::new(1, message).help(format!("write `encoding: {name}` under `rows`, or save the file as UTF-8")))
}
