//! The files of a project. Their text stays in memory, so that any span can be drawn.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arcstr::ArcStr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FileId, Origin, Span};

/// One text file: its display name, its path on disk, and its text without a byte order mark.
#[derive(Debug)]
pub struct SourceFile {
    name: String,
    path: PathBuf,
    text: ArcStr,
    lines: OnceLock<LineIndex>,
    /// Number of characters before every [`COLUMN_CHECKPOINT_BYTES`]th byte. Without it, a column in a very long line is counted from
    /// its start.
    counts: OnceLock<Vec<u32>>,
}

/// The starts of the lines of a text.
#[derive(Debug)]
struct LineIndex {
    starts: Vec<u32>,
    /// Whether every byte is a character.
    ascii: bool,
}

/// Number of bytes between two stored counts.
const COLUMN_CHECKPOINT_BYTES: usize = 4_096;

/// A human-readable position. Both numbers count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode scalars.
    pub column: u32,
}

/// A location in a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Place")]
pub struct Location {
    /// Relative to the project root.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode scalars.
    pub column: u32,
}

impl Location {
    /// Returns the location of an origin's first byte.
    pub fn new(sources: &Sources, origin: Origin) -> Self {
        let (file, Position { line, column }) = sources.locate(origin);
        Self { file: file.to_owned(), line, column }
    }
}

/// The start and the end of a location in a file of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Place")]
pub struct LocationRange {
    /// The file, relative to the project root.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode scalars.
    pub column: u32,
    /// The line of the byte after the location.
    pub end_line: u32,
    /// The column of the byte after the location.
    pub end_column: u32,
}

impl LocationRange {
    /// Returns the range of an origin.
    pub fn new(sources: &Sources, origin: Origin) -> Self {
        let Location { file, line, column } = Location::new(sources, origin);
        let end = sources.get(origin.file).position(origin.span.end.max(origin.span.start));
        Self { file, line, column, end_line: end.line, end_column: end.column }
    }
}

impl SourceFile {
    /// Creates a file. `name` is relative to the project root, with `/` between parts.
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>, text: impl Into<ArcStr>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            text: text.into(),
            lines: OnceLock::new(),
            counts: OnceLock::new(),
        }
    }

    /// Returns the display name: relative to the project root, with `/` between parts.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the path on disk.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the complete text, without a byte order mark.
    pub fn text(&self) -> &ArcStr {
        &self.text
    }

    fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.text.as_bytes());
            let starts = std::iter::once(0).chain(breaks.map(|index| index as u32 + 1)).collect();
            LineIndex { starts, ascii: self.text.is_ascii() }
        })
    }

    /// Returns the position of a byte of the text. A byte past the end has the position of the end.
    pub fn position(&self, byte: u32) -> Position {
        let lines = self.lines();
        let byte = self.text.floor_char_boundary(byte as usize);
        let line = lines.starts.partition_point(|start| *start as usize <= byte);
        let start = lines.starts[line - 1] as usize;
        let column = if lines.ascii { byte - start } else { self.characters(start, byte) } + 1;
        Position { line: line as u32, column: column as u32 }
    }

    /// Returns the number of characters between two character boundaries.
    fn characters(&self, start: usize, end: usize) -> usize {
        if end - start <= COLUMN_CHECKPOINT_BYTES {
            return self.text[start..end].chars().count();
        }
        let counts = self.counts.get_or_init(|| {
            let mut counts = vec![0];
            let mut all = 0;
            for piece in self.text.as_bytes().chunks_exact(COLUMN_CHECKPOINT_BYTES) {
                all += count_chars(piece);
                counts.push(all as u32);
            }
            counts
        });
        let before = |byte: usize| {
            let stop = byte / COLUMN_CHECKPOINT_BYTES;
            counts[stop] as usize + count_chars(&self.text.as_bytes()[stop * COLUMN_CHECKPOINT_BYTES..byte])
        };
        before(end) - before(start)
    }

    /// Returns the text of a line (from 1) without its line break. Empty past the end.
    pub fn line(&self, line: u32) -> &str {
        let starts = &self.lines().starts;
        let index = (line as usize).saturating_sub(1);
        let Some(start) = starts.get(index) else { return "" };
        let end = starts.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        self.text[*start as usize..end].trim_end_matches(['\n', '\r'])
    }
}

/// Returns the number of characters that start in some bytes.
fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

/// All files that a run has read, by [`FileId`].
///
/// A clone shares the files. Files added later have independent ids.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
}

impl Sources {
    /// Creates an empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file and returns its id.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(Arc::new(file));
        FileId(self.files.len() as u32 - 1)
    }

    /// Returns the file with an id from [`Sources::add`].
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Returns all files with their ids, in the order of reading.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), &**file))
    }

    /// Returns the file's name and the position of an origin's first byte.
    pub fn locate(&self, origin: Origin) -> (&str, Position) {
        let file = self.get(origin.file);
        (file.name(), file.position(origin.span.start))
    }

    /// Returns the text of a span.
    pub fn text(&self, file: FileId, span: Span) -> &str {
        self.get(file).text().get(span.range()).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_and_a_column_in_it() {
        let file = SourceFile::new("a", "/a", "one\n  zwölf\r\n\n👋 three");
        let place = |byte| (file.position(byte).line, file.position(byte).column);
        assert_eq!(
            [0, 3, 4, 6, 9, 10, 14, 15].map(place),
            [(1, 1), (1, 4), (2, 1), (2, 3), (2, 5), (2, 6), (3, 1), (4, 1)]
        );
        assert_eq!([16, 19, 20, 99].map(place), [(4, 1), (4, 2), (4, 3), (4, 8)]);
        assert_eq!([0, 1, 2, 3, 4, 5].map(|line| file.line(line)), ["one", "one", "  zwölf", "", "👋 three", ""]);
        assert_eq!(SourceFile::new("a", "/a", "").position(7), Position { line: 1, column: 1 });
    }

    #[test]
    fn a_column_counts_characters_however_long_the_line() {
        let text = format!("short\n{}", "aé👋".repeat(10_000));
        let file = SourceFile::new("a", "/a", text.as_str());
        for byte in [0, 3, 5, 6, 7, 9, 4_095, 4_096, 4_097, 8_192, 30_000, 70_005, 70_006, 99_999] {
            let mut end = byte.min(text.len());
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            let start = text[..end].rfind('\n').map_or(0, |found| found + 1);
            let column = text[start..end].chars().count() as u32 + 1;
            assert_eq!(file.position(byte as u32).column, column, "{byte}");
        }
    }
}
