//! Cells of a matrix, with the semantics of GitHub Actions.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::key::check_part;
use super::undefined::listing;
use crate::diagnostic::{Code, Diagnostic, Report, nearest};
use crate::fields::truncated;
use crate::manifest::MatrixDecl;
use crate::source::Origin;

/// Maximum number of cells that the axes may span.
pub(super) const MAX_CELLS: usize = 250_000;

/// Names and values of one entry, in declared order.
type AxisValues = Vec<(Arc<str>, Value)>;

/// One combination of the values of all axes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    /// Axes in declared order, then the additions of `include`.
    pub values: AxisValues,
}

impl Cell {
    /// Returns the parts of the key, in order.
    pub(super) fn parts(&self) -> impl Iterator<Item = String> {
        self.values.iter().map(|(_, value)| display_scalar(value))
    }

    fn set(&mut self, name: &Arc<str>, value: &Value) {
        match self.values.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.clone(),
            None => self.values.push((Arc::clone(name), value.clone())),
        }
    }
}

/// Returns a scalar as YAML prints it: `true`, `1`, `1.5`, text.
pub(super) fn display_scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns all cells in order: the first axis outermost, then those that `include` adds. Returns `None` if an error was
/// reported.
pub(super) fn expand(matrix: &MatrixDecl, report: &mut Report) -> Option<Vec<Cell>> {
    let before = report.errors();
    check(matrix, report);
    if report.errors() > before {
        return None;
    }
    let mut cells = product(matrix);
    exclude(&mut cells, matrix);
    let originals = cells.len();
    let mut finder = CellIndex::new(matrix);
    for (entry, _) in &matrix.include {
        include(&mut cells, originals, &mut finder, entry);
    }
    Some(cells)
}

/// Removes every cell that an exclusion does not contradict.
fn exclude(cells: &mut Vec<Cell>, matrix: &MatrixDecl) {
    let mut finder = CellIndex::new(matrix);
    let mut out = vec![false; cells.len()];
    for (entry, _) in &matrix.exclude {
        for place in finder.find(cells, entry) {
            out[place] = true;
        }
    }
    let mut out = out.into_iter();
    cells.retain(|_| !out.next().unwrap_or_default());
}

/// An index that finds the cells matching an entry's values without a scan, by the axes that the entry names.
struct CellIndex<'m> {
    matrix: &'m MatrixDecl,
    /// By the positions of the axes: cells by their values at these positions.
    known: HashMap<Vec<usize>, HashMap<Vec<ValueKey>, Vec<usize>>>,
}

/// The hash key of a value. Equal values have the same key; some unequal values share one too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum ValueKey {
    Text(String),
    Number(u64),
    Other(bool),
}

impl ValueKey {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.clone()),
            // Negative zero equals zero in some notations.
            Value::Number(number) => Self::Number((number.as_f64().unwrap_or_default() + 0.0).to_bits()),
            other => Self::Other(other.as_bool().unwrap_or_default()),
        }
    }
}

impl<'m> CellIndex<'m> {
    fn new(matrix: &'m MatrixDecl) -> Self {
        Self { matrix, known: HashMap::new() }
    }

    fn axis(&self, name: &str) -> Option<usize> {
        self.matrix.axes.iter().position(|(axis, _)| &**axis == name)
    }

    /// Returns the indices of the cells whose axes the entry does not contradict, in order.
    ///
    /// At each call, `cells` must begin with the same cells, with unchanged axes in the order of the axes.
    fn find(&mut self, cells: &[Cell], entry: &AxisValues) -> Vec<usize> {
        let mut named: Vec<(usize, &Value)> =
            entry.iter().filter_map(|(name, value)| Some((self.axis(name)?, value))).collect();
        named.sort_unstable_by_key(|(axis, _)| *axis);
        let axes: Vec<usize> = named.iter().map(|(axis, _)| *axis).collect();
        let wanted: Vec<ValueKey> = named.iter().map(|(_, value)| ValueKey::of(value)).collect();
        let known = self.known.entry(axes).or_insert_with_key(|axes| {
            let mut places: HashMap<Vec<ValueKey>, Vec<usize>> = HashMap::new();
            for (place, cell) in cells.iter().enumerate() {
                let likeness = axes.iter().map(|axis| ValueKey::of(&cell.values[*axis].1)).collect();
                places.entry(likeness).or_default().push(place);
            }
            places
        });
        let alike = known.get(&wanted).into_iter().flatten().copied();
        alike.filter(|place| named.iter().all(|(axis, value)| equal(&cells[*place].values[*axis].1, value))).collect()
    }
}

/// Compares scalars as numbers or as written. Text never equals a number.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right
                || left.as_f64().zip(right.as_f64()).is_some_and(|(left, right)| left.total_cmp(&right).is_eq())
        }
        _ => left == right,
    }
}

fn product(matrix: &MatrixDecl) -> Vec<Cell> {
    if matrix.axes.is_empty() {
        return Vec::new();
    }
    let mut cells = vec![Cell { values: Vec::new() }];
    for (name, values) in &matrix.axes {
        cells = cells
            .iter()
            .flat_map(|cell| {
                values.iter().map(|(value, _)| {
                    let mut longer = cell.clone();
                    longer.values.push((Arc::clone(name), value.clone()));
                    longer
                })
            })
            .collect();
    }
    cells
}

/// Extends each original cell that the entry does not contradict. If there is none, adds the entry as a new cell.
///
/// Overwrites values of earlier entries, but never values of axes. Does not extend new cells.
fn include(cells: &mut Vec<Cell>, originals: usize, finder: &mut CellIndex<'_>, entry: &AxisValues) {
    let matrix = finder.matrix;
    let is_axis = |name: &str| matrix.axes.iter().any(|(axis, _)| &**axis == name);
    let found = finder.find(&cells[..originals], entry);
    for place in &found {
        for (name, value) in entry.iter().filter(|(name, _)| !is_axis(name)) {
            cells[*place].set(name, value);
        }
    }
    if found.is_empty() {
        let (mut axes, extras): (AxisValues, AxisValues) = entry.iter().cloned().partition(|(name, _)| is_axis(name));
        axes.sort_by_key(|(name, _)| matrix.axes.iter().position(|(axis, _)| axis == name));
        axes.extend(extras);
        cells.push(Cell { values: axes });
    }
}

fn check(matrix: &MatrixDecl, report: &mut Report) {
    let mut cells = Some(1_usize);
    for (name, values) in &matrix.axes {
        if values.is_empty() {
            report.push(Diagnostic::new(Code::BadMatrix, format!("the axis `{name}` has no values"), matrix.origin));
        }
        let mut seen = HashSet::new();
        for (value, origin) in values {
            check_value(name, value, *origin, report);
            if !seen.insert(display_scalar(value)) {
                let message = format!("`{}` occurs twice in the axis `{name}`", display_scalar(value));
                report.push(Diagnostic::new(Code::BadMatrix, message, *origin));
            }
        }
        cells = cells.and_then(|cells| cells.checked_mul(values.len()));
    }
    if cells.is_none_or(|cells| cells > MAX_CELLS) {
        let message = "the matrix has more than 250,000 combinations".to_owned();
        report.push(Diagnostic::new(Code::BadMatrix, message, matrix.origin));
    }
    if matrix.axes.is_empty() && matrix.include.is_empty() {
        report.push(Diagnostic::new(Code::BadMatrix, "the matrix has no axes", matrix.origin));
    }
    let axes = || matrix.axes.iter().map(|(name, _)| &**name);
    for (word, entries) in [("exclude", &matrix.exclude), ("include", &matrix.include)] {
        for (entry, origin) in entries {
            if entry.is_empty() {
                let message = format!("an entry of `{word}` is empty");
                report.push(Diagnostic::new(Code::BadMatrix, message, *origin));
            }
            for (name, value) in entry {
                check_value(name, value, *origin, report);
                if word == "include" {
                    continue;
                }
                match matrix.axes.iter().find(|(axis, _)| axis == name) {
                    None => report.push(unknown_axis(name, axes(), *origin)),
                    Some((_, values)) if !values.iter().any(|(known, _)| equal(known, value)) => {
                        report.push(unknown_value(name, value, values, *origin));
                    }
                    Some(_) => {}
                }
            }
        }
    }
}

fn unknown_axis<'a>(name: &str, axes: impl Iterator<Item = &'a str> + Clone, origin: Origin) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::BadMatrix, format!("`{name}` is not an axis of the matrix"), origin);
    match nearest(name, axes.clone()) {
        Some(meant) => diagnostic.label(format!("did you mean `{meant}`?")),
        None => diagnostic
            .help(format!("the axes are {}", axes.map(|axis| format!("`{axis}`")).collect::<Vec<_>>().join(", "))),
    }
}

/// Returns the error for an exclusion by a value that its axis does not have. It excludes nothing, so the video that it
/// should prevent would be billed.
fn unknown_value(name: &str, value: &Value, values: &[(Value, Origin)], origin: Origin) -> Diagnostic {
    let text = display_scalar(value);
    let message = format!("`{}` is not a value of the axis `{name}`", truncated(&text));
    let known: Vec<String> = values.iter().map(|(value, _)| display_scalar(value)).collect();
    let diagnostic = Diagnostic::new(Code::BadMatrix, message, origin);
    match nearest(&text, known.iter().map(String::as_str)) {
        Some(meant) if meant == text => {
            diagnostic.help("one is text and the other a number or boolean: quote both or none")
        }
        Some(meant) => diagnostic.label(format!("did you mean `{meant}`?")),
        None => diagnostic.help(format!("the values of `{name}` are {}", listing(known.iter().map(String::as_str)))),
    }
}

fn check_value(name: &str, value: &Value, origin: Origin, report: &mut Report) {
    if !matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)) {
        let message = format!("a value of `{name}` is neither text nor number nor boolean");
        report.push(Diagnostic::new(Code::BadMatrix, message, origin));
    } else if let Some(reason) = check_part(&display_scalar(value)) {
        let text = display_scalar(value);
        let message = if text.is_empty() {
            format!("a value of `{name}` is empty, so it cannot be part of a key")
        } else {
            format!("`{}` of `{name}` cannot be part of a key: it {reason}", truncated(&text))
        };
        let help = "a value is short, on one line, and has no comma and no brackets; longer texts belong in `vars`";
        report.push(Diagnostic::new(Code::BadMatrix, message, origin).help(help));
    }
}

#[cfg(test)]
mod tests;
