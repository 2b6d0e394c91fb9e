//! The files of a project, kept whole so that any span can be drawn.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FileId, Origin, Span, read_text};

/// One text file: its name as shown, its place on disk, its text without a byte order mark.
#[derive(Debug)]
pub struct SourceFile {
    name: String,
    path: PathBuf,
    /// Not there while it is let go.
    text: OnceLock<Arc<str>>,
    /// What the file must still be when its text is read again.
    left: Option<Left>,
    lines: OnceLock<Lines>,
    /// Characters before every [`STRIDE`]th byte, so that a column in a line of megabytes is not counted from its start.
    counts: OnceLock<Vec<u32>>,
}

/// By what a file is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    bytes: usize,
    modified: SystemTime,
}

/// Where the lines of a text begin, and what else it takes to name a place in it without the text.
#[derive(Debug)]
struct Lines {
    starts: Vec<u32>,
    bytes: usize,
    /// Every byte is a character.
    ascii: bool,
}

impl Lines {
    fn of(text: &str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
        let starts = std::iter::once(0).chain(breaks.map(|index| index as u32 + 1)).collect();
        Self { starts, bytes: text.len(), ascii: text.is_ascii() }
    }
}

/// Bytes between two remembered counts.
const STRIDE: usize = 4_096;

/// A place as people name it; both numbers count from 1, columns in Unicode scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode scalars.
    pub column: u32,
}

/// A place in a file.
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
        let (file, Position { line, column }) = sources.place(origin);
        Self { file: file.to_owned(), line, column }
    }
}

/// A place in a file of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Place")]
pub struct LocationRange {
    /// The file, relative to the project root.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode scalars.
    pub column: u32,
    /// The line of the byte after the place.
    pub end_line: u32,
    /// The column after the place.
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
    /// A file from its parts; `name` is relative to the project root with `/` between parts.
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            text: OnceLock::from(text.into()),
            left: None,
            lines: OnceLock::new(),
            counts: OnceLock::new(),
        }
    }

    /// The name that people see: relative to the project root, `/` between parts.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the file lies on disk.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text, without a byte order mark; read again if it was let go, and empty if the file is not what it was.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| self.read_again())
    }

    fn read_again(&self) -> Arc<str> {
        match read_text(&self.path) {
            Ok(text) if self.left.is_some_and(|left| Some(left) == self.on_disk(text.len())) => text.into(),
            _ => "".into(),
        }
    }

    /// Lets the text go until somebody asks: of a thousand files hardly one is shown.
    ///
    /// Only for files whose text on disk is the one that was taken in; the text stays if the system does not tell when
    /// the file was written.
    pub fn let_go(&mut self) {
        self.left = self.text.get().and_then(|text| self.on_disk(text.len()));
        if self.left.is_some() {
            self.text = OnceLock::new();
        }
    }

    fn on_disk(&self, bytes: usize) -> Option<Left> {
        let modified = self.path.metadata().ok()?.modified().ok()?;
        Some(Left { bytes, modified })
    }

    /// The lines. A text that was let go is not kept for them, unless its columns have to be counted in it.
    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| {
            if let Some(text) = self.text.get() {
                return Lines::of(text);
            }
            let text = self.read_again();
            let lines = Lines::of(&text);
            if !lines.ascii {
                // Whoever was quicker has read the same.
                drop(self.text.set(text));
            }
            lines
        })
    }

    /// The position of a byte of the text; a byte past the end is the end.
    pub fn position(&self, byte: u32) -> Position {
        let lines = self.lines();
        let mut byte = (byte as usize).min(lines.bytes);
        while !lines.ascii && !self.text().is_char_boundary(byte) {
            byte -= 1;
        }
        let line = lines.starts.partition_point(|start| *start as usize <= byte);
        let start = lines.starts[line - 1] as usize;
        let column = if lines.ascii { byte - start } else { self.characters(start, byte) } + 1;
        Position { line: line as u32, column: column as u32 }
    }

    /// The characters between two bytes that begin one.
    fn characters(&self, start: usize, end: usize) -> usize {
        if end - start <= STRIDE {
            return self.text()[start..end].chars().count();
        }
        let counts = self.counts.get_or_init(|| {
            let mut counts = vec![0];
            let mut all = 0;
            for piece in self.text().as_bytes().chunks_exact(STRIDE) {
                all += beginnings(piece);
                counts.push(all as u32);
            }
            counts
        });
        let before = |byte: usize| {
            let stop = byte / STRIDE;
            counts[stop] as usize + beginnings(&self.text().as_bytes()[stop * STRIDE..byte])
        };
        before(end) - before(start)
    }

    /// The text of a line (from 1) without its line break; empty past the end.
    pub fn line(&self, line: u32) -> &str {
        let Lines { starts, bytes, .. } = self.lines();
        let index = (line as usize).saturating_sub(1);
        let Some(start) = starts.get(index) else { return "" };
        let end = starts.get(index + 1).map_or(*bytes, |next| *next as usize);
        let text = self.text();
        // Empty, too, if the file is not what it was when its lines were counted; of the text itself, for who measures in it.
        text.get(*start as usize..end).unwrap_or(&text[..0]).trim_end_matches(['\n', '\r'])
    }
}

/// How many characters begin in some bytes.
fn beginnings(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

/// All files that a run has read, by [`FileId`].
///
/// A clone shares the files, and goes on with numbers of its own.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
}

impl Sources {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a file in and gives it its number.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(Arc::new(file));
        FileId(self.files.len() as u32 - 1)
    }

    /// The file of a number given by [`Sources::add`].
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their numbers, in the order of reading.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), &**file))
    }

    /// The file's name and the position of an origin's first byte.
    pub fn place(&self, origin: Origin) -> (&str, Position) {
        let file = self.get(origin.file);
        (file.name(), file.position(origin.span.start))
    }

    /// The text under a span.
    pub fn text(&self, file: FileId, span: Span) -> &str {
        self.get(file).text().get(span.range()).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_let_go_comes_back_unless_the_file_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        std::fs::write(&path, "\u{feff}one\ntwo\n").unwrap();
        let made = || {
            let mut file = SourceFile::new("a.yaml", &path, read_text(&path).unwrap());
            file.let_go();
            file
        };
        let (file, late) = (made(), made());
        assert_eq!((file.position(5), file.line(2)), (Position { line: 2, column: 2 }, "two"));
        std::fs::write(&path, "other\ntext\n").unwrap();
        assert_eq!(file.line(2), "two", "what was read again stays");
        assert_eq!((late.position(5), late.line(2)), (Position { line: 1, column: 1 }, ""));
        let mut gone = SourceFile::new("b.yaml", folder.path().join("b.yaml"), "text");
        gone.let_go();
        assert_eq!(gone.text(), "text", "what is not on disk is not let go");
    }

    #[test]
    fn places_in_a_text_that_was_let_go_are_those_of_the_whole_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        for (text, comes_back) in [("one\n  two\n\nthree", false), ("one\n  zwölf\n\n👋 three", true), ("", false)] {
            std::fs::write(&path, text).unwrap();
            let whole = SourceFile::new("a.yaml", &path, text);
            let mut file = SourceFile::new("a.yaml", &path, text);
            file.let_go();
            for byte in 0..text.len() as u32 + 2 {
                assert_eq!(file.position(byte), whole.position(byte), "{text:?} {byte}");
            }
            assert_eq!(file.text.get().is_some(), comes_back, "{text:?}");
            assert_eq!(file.line(2), whole.line(2));
        }
        std::fs::write(&path, "one\ntwo\n").unwrap();
        let mut file = SourceFile::new("a.yaml", &path, "one\ntwo\n");
        file.let_go();
        assert_eq!(file.position(5), Position { line: 2, column: 2 });
        std::fs::write(&path, "o\n").unwrap();
        assert_eq!((file.line(1), file.line(2)), ("", ""), "another text is not shown for it");
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
