//! The files of a project, kept whole so that any span can be drawn.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::{FileId, Origin, Span};

/// One text file: its name as shown, its place on disk, its text without a byte order mark.
#[derive(Debug)]
pub struct SourceFile {
    name: String,
    path: PathBuf,
    text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
}

/// A place as people name it; both numbers count from 1, columns in Unicode scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode scalars.
    pub column: u32,
}

impl SourceFile {
    /// A file from its parts; `name` is relative to the project root with `/` between parts.
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), path: path.into(), text: text.into(), line_starts: OnceLock::new() }
    }

    /// The name that people see: relative to the project root, `/` between parts.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the file lies on disk.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(index, _)| index as u32 + 1)).collect()
        })
    }

    /// The position of a byte of the text; a byte past the end is the end.
    pub fn position(&self, byte: u32) -> Position {
        let mut byte = (byte as usize).min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start as usize <= byte);
        let start = starts[line - 1] as usize;
        let column = self.text[start..byte].chars().count() + 1;
        Position { line: line as u32, column: column as u32 }
    }

    /// The text of a line (from 1) without its line break; empty past the end.
    pub fn line(&self, line: u32) -> &str {
        let starts = self.line_starts();
        let index = (line as usize).saturating_sub(1);
        let Some(start) = starts.get(index) else { return "" };
        let end = starts.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        self.text[*start as usize..end].trim_end_matches(['\n', '\r'])
    }
}

/// All files that a run has read, by [`FileId`].
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a file in and gives it its number.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() as u32 - 1)
    }

    /// The file of a number given by [`Sources::add`].
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their numbers, in the order of reading.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), file))
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
