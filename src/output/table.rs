//! Prints rows in aligned columns, two spaces apart.

use std::borrow::Cow;

use anstyle::Style;

use super::text::{display_width, padding};
use super::theme::Theme;

/// A cleaned text in a column.
pub(super) struct TableCell<'a> {
    pub text: Cow<'a, str>,
    style: Style,
    right: bool,
}

/// Returns a cell without color.
pub(super) fn cell<'a>(text: impl Into<Cow<'a, str>>) -> TableCell<'a> {
    TableCell { text: text.into(), style: Style::new(), right: false }
}

impl TableCell<'_> {
    pub fn style(self, style: Style) -> Self {
        Self { style, ..self }
    }

    pub fn right(self) -> Self {
        Self { right: true, ..self }
    }
}

/// The number of columns of each cell of a row.
pub(super) struct Widths(pub Vec<usize>);

impl Widths {
    /// Returns the widths of the longest cells.
    pub fn of(rows: &[Vec<TableCell<'_>>]) -> Self {
        let count = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column| {
            rows.iter()
                .filter_map(|row: &Vec<_>| row.get(column))
                .map(|cell: &TableCell<'_>| display_width(&cell.text))
                .max()
        };
        Self((0..count).map(|column| width(column).unwrap_or(0)).collect())
    }

    /// Returns these widths, with at least this one for a column.
    pub fn at_least(mut self, column: usize, least: usize) -> Self {
        self.0.get_mut(column).into_iter().for_each(|width| *width = least.max(*width));
        self
    }

    /// Returns a line without spaces at its end.
    pub fn line(&self, row: &[TableCell<'_>], theme: Theme) -> String {
        let padded = row.iter().zip(&self.0).map(|(cell, width)| {
            let (text, gap) = (theme.paint(cell.style, &cell.text), padding(&cell.text, *width));
            if cell.right { gap + &text } else { text + &gap }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}
