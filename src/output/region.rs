//! Locations for other tools: lines and columns, with the end after the last character.

use crate::source::{Origin, Sources};

/// Lines and columns from 1, with columns in Unicode scalars. The end column is the one after the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

impl Region {
    /// Returns the region of an origin. Line breaks at its end do not count, so a block of text ends after its last
    /// character and not on the next line.
    pub fn of(origin: Origin, sources: &Sources) -> Self {
        let source = sources.get(origin.file);
        let kept = sources.text(origin.file, origin.span).trim_end_matches(['\n', '\r']).len() as u32;
        let start = source.position(origin.span.start);
        let end = source.position(origin.span.start + kept);
        Self { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    }

    /// Returns `true` if the region is on one line.
    pub fn is_flat(self) -> bool {
        self.line == self.end_line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    #[test]
    fn columns_count_scalars_and_a_final_line_break_does_not_count() {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("a", "a", "👋é: |\n  one\r\n  two\n\nnext: 1\n"));
        let at = |from: &str, to: &str| {
            let text = sources.get(file).text();
            let start = text.find(from).unwrap();
            Region::of(Origin::new(file, start as u32, (text.find(to).unwrap() + to.len()) as u32), &sources)
        };
        assert_eq!(at("é", "é"), Region { line: 1, column: 2, end_line: 1, end_column: 3 });
        assert_eq!(at("one", "one\r\n"), Region { line: 2, column: 3, end_line: 2, end_column: 6 });
        let block = at("|", "two\n\n");
        assert_eq!(block, Region { line: 1, column: 5, end_line: 3, end_column: 6 });
        assert!(!block.is_flat());
        let empty = Region::of(Origin::new(file, 0, 0), &sources);
        assert_eq!(empty, Region { line: 1, column: 1, end_line: 1, end_column: 1 });
    }
}
