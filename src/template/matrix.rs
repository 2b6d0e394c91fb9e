//! Combinations of a matrix, as GitHub Actions makes them.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::key::part_fault;
use super::undefined::listing;
use crate::diagnostic::{Code, Diagnostic, Report, nearest};
use crate::manifest::MatrixDecl;
use crate::source::Origin;

/// The most combinations that the axes may span.
pub(super) const MOST_CELLS: usize = 1_000_000;

/// Names and values of one entry, in declared order.
type Entry = Vec<(Arc<str>, Value)>;

/// One combination.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    /// Axes in declared order, then what `include` added.
    pub values: Entry,
}

impl Cell {
    /// The parts of the key, in order.
    pub(super) fn parts(&self) -> impl Iterator<Item = String> {
        self.values.iter().map(|(_, value)| print(value))
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }

    fn set(&mut self, name: &Arc<str>, value: &Value) {
        match self.values.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.clone(),
            None => self.values.push((Arc::clone(name), value.clone())),
        }
    }
}

/// A scalar as YAML would print it: `true`, `1`, `1.5`, text.
pub(super) fn print(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// All combinations in order: the first axis outermost, then those that `include` adds; none when a fault was reported.
pub(super) fn expand(matrix: &MatrixDecl, report: &mut Report) -> Option<Vec<Cell>> {
    let before = report.errors();
    check(matrix, report);
    if report.errors() > before {
        return None;
    }
    let mut cells = product(matrix);
    cells.retain(|cell| {
        !matrix.exclude.iter().any(|(entry, _)| entry.iter().all(|(name, value)| same(cell, name, value)))
    });
    let originals = cells.len();
    for (entry, _) in &matrix.include {
        include(&mut cells, originals, matrix, entry);
    }
    Some(cells)
}

fn same(cell: &Cell, name: &str, value: &Value) -> bool {
    cell.get(name).is_some_and(|known| equal(known, value))
}

/// Scalars are equal as numbers or as written; text never equals a number.
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

/// Extends each original combination that the entry does not contradict; where there is none, the entry is a new one.
///
/// Values of axes are never overwritten, values of earlier entries are; new combinations are not extended.
fn include(cells: &mut Vec<Cell>, originals: usize, matrix: &MatrixDecl, entry: &Entry) {
    let is_axis = |name: &str| matrix.axes.iter().any(|(axis, _)| &**axis == name);
    let mut taken = false;
    for cell in &mut cells[..originals] {
        if entry.iter().filter(|(name, _)| is_axis(name)).all(|(name, value)| same(cell, name, value)) {
            taken = true;
            for (name, value) in entry.iter().filter(|(name, _)| !is_axis(name)) {
                cell.set(name, value);
            }
        }
    }
    if !taken {
        let (mut axes, extras): (Entry, Entry) = entry.iter().cloned().partition(|(name, _)| is_axis(name));
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
            if !seen.insert(print(value)) {
                let message = format!("`{}` stands twice in the axis `{name}`", print(value));
                report.push(Diagnostic::new(Code::BadMatrix, message, *origin));
            }
        }
        cells = cells.and_then(|cells| cells.checked_mul(values.len()));
    }
    if cells.is_none_or(|cells| cells > MOST_CELLS) {
        let message = "the matrix has more than 1,000,000 combinations".to_owned();
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
    let fault = Diagnostic::new(Code::BadMatrix, format!("`{name}` is no axis of the matrix"), origin);
    match nearest(name, axes.clone()) {
        Some(meant) => fault.label(format!("did you mean `{meant}`?")),
        None => {
            fault.help(format!("the axes are {}", axes.map(|axis| format!("`{axis}`")).collect::<Vec<_>>().join(", ")))
        }
    }
}

/// An exclusion by a value that the axis does not have would never exclude anything, and cost what it was to save.
fn unknown_value(name: &str, value: &Value, values: &[(Value, Origin)], origin: Origin) -> Diagnostic {
    let text = print(value);
    let message = format!("`{}` is no value of the axis `{name}`", super::key::shown(&text));
    let known: Vec<String> = values.iter().map(|(value, _)| print(value)).collect();
    let fault = Diagnostic::new(Code::BadMatrix, message, origin);
    match nearest(&text, known.iter().map(String::as_str)) {
        Some(meant) if meant == text => fault.help("one is text and the other a number or boolean: quote both or none"),
        Some(meant) => fault.label(format!("did you mean `{meant}`?")),
        None => fault.help(format!("the values of `{name}` are {}", listing(known.iter().map(String::as_str)))),
    }
}

fn check_value(name: &str, value: &Value, origin: Origin, report: &mut Report) {
    if !matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)) {
        let message = format!("a value of `{name}` is neither text nor number nor boolean");
        report.push(Diagnostic::new(Code::BadMatrix, message, origin));
    } else if let Some(reason) = part_fault(&print(value)) {
        let text = print(value);
        let message = if text.is_empty() {
            format!("a value of `{name}` is empty, so it cannot be part of a key")
        } else {
            format!("`{}` of `{name}` cannot be part of a key: it {reason}", super::key::shown(&text))
        };
        let help = "a value is short, on one line, and has no comma and no brackets; longer words belong into `vars`";
        report.push(Diagnostic::new(Code::BadMatrix, message, origin).help(help));
    }
}

#[cfg(test)]
mod tests;
