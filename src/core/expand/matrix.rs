//! Cells of a matrix, with the semantics of GitHub Actions.

use std::collections::HashSet;
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
    let mut cells: Vec<Option<Cell>> = product(matrix).into_iter().map(Some).collect();
    for (entry, _) in &matrix.exclude {
        for place in matching(matrix, entry) {
            cells[place] = None;
        }
    }
    let mut added = Vec::new();
    for (entry, _) in &matrix.include {
        added.extend(include(&mut cells, matrix, entry));
    }
    Some(cells.into_iter().flatten().chain(added).collect())
}

/// Returns the indices of the cells of [`product`] whose axes an entry does not contradict, in order.
fn matching(matrix: &MatrixDecl, entry: &AxisValues) -> Vec<usize> {
    let all = Vec::from_iter((!matrix.axes.is_empty()).then_some(0));
    matrix.axes.iter().fold(all, |places, (name, values)| {
        let wanted = entry.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let fits = |index: &usize| wanted.is_none_or(|wanted| equal(&values[*index].0, wanted));
        let fitting: Vec<usize> = (0..values.len()).filter(fits).collect();
        places.iter().flat_map(|place| fitting.iter().map(move |index| place * values.len() + index)).collect()
    })
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

/// Extends each cell that the entry does not contradict. If there is none, returns the entry as a new cell. Overwrites
/// values of earlier entries, but never values of axes. Does not extend new cells.
fn include(cells: &mut [Option<Cell>], matrix: &MatrixDecl, entry: &AxisValues) -> Option<Cell> {
    let axis = |name: &str| matrix.axes.iter().position(|(axis, _)| &**axis == name);
    let mut is_new = true;
    for place in matching(matrix, entry) {
        let Some(cell) = &mut cells[place] else { continue };
        is_new = false;
        for (name, value) in entry.iter().filter(|(name, _)| axis(name).is_none()) {
            cell.set(name, value);
        }
    }
    is_new.then(|| {
        let (mut values, extras): (AxisValues, AxisValues) =
            entry.iter().cloned().partition(|(name, _)| axis(name).is_some());
        values.sort_by_key(|(name, _)| axis(name));
        values.extend(extras);
        Cell { values }
    })
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
                // Of two aliases of one value, the second repeats it.
                let alias = matrix.aliases.iter().rfind(|(value, _)| value == origin).map(|(_, alias)| *alias);
                report.push(Diagnostic { alias, ..Diagnostic::new(Code::BadMatrix, message, *origin) });
            }
        }
        cells = cells.and_then(|cells| cells.checked_mul(values.len()));
    }
    if cells.is_none_or(|cells| cells > MAX_CELLS) {
        let message = "the matrix has more than 250,000 combinations".to_owned();
        report.push(Diagnostic::new(Code::BadMatrix, message, matrix.origin));
    }
    for (entry, origin) in &matrix.exclude {
        for (name, value) in entry {
            check_value(name, value, *origin, report);
            // Decoding has reported a name that is not an axis.
            let Some((_, values)) = matrix.axes.iter().find(|(axis, _)| axis == name) else { continue };
            if !values.iter().any(|(known, _)| equal(known, value)) {
                report.push(unknown_value(name, value, values, *origin));
            }
        }
    }
    for (entry, origin) in &matrix.include {
        for (name, value) in entry {
            check_value(name, value, *origin, report);
        }
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
        meant @ Some(_) => diagnostic.did_you_mean(meant),
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
