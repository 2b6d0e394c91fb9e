//! Explains failures of templates by values: a calculated name that a mapping lacks, a column whose name the template
//! splits, and a text that is not a number.
//!
//! The engine describes an undefined value by the instructions before it, so it calls `vars.hello[matrix.locale]`
//! `matrix[...]`. Here the parts of the template are evaluated again, in the scope of the failed rendering.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::ValueKind;
use minijinja::{Environment, Value};

use super::identifiers::member;
use super::limits::new_environment;
use super::render_error::RenderError;
use super::scope::{NAMES, names_in};
use super::template_tokens::{TemplateToken, TemplateTokens, is_operator, is_quoted, operand_before};
use super::undefined::{members_help, path_of};
use crate::diagnostic::nearest;
use crate::fields::truncated;

/// The engine's error messages for a text that is not a number.
const NOT_NUMBERS: [&str; 2] = ["cannot parse float from empty string", "invalid float literal"];

/// Maximum length in bytes of a part that is evaluated again, because each part may contain all earlier ones.
const MAX_PART: usize = 1_000;

/// The function that looks up a calculated name.
const LOOK_UP: &str = "callsheet_look_up";

/// Maximum number of calculated names in one tag.
const MAX_NAMES: usize = 200;

/// Evaluates parts of a template.
pub(super) struct FailedTemplate<'t> {
    pub environment: &'t Environment<'static>,
    pub source: &'t str,
    pub scope: &'t Value,
}

/// A name that an expression calculates: `vars.hello[matrix.locale]`.
#[derive(Debug, PartialEq, Eq)]
struct CalculatedName {
    /// `vars.hello`
    base: Range<usize>,
    /// `matrix.locale`
    key: Range<usize>,
}

impl CalculatedName {
    fn range(&self) -> Range<usize> {
        self.base.start..self.key.end + 1
    }
}

impl FailedTemplate<'_> {
    /// Returns the failure with what the values say about it.
    pub(super) fn explain(&self, failure: RenderError) -> RenderError {
        match &failure.undefined {
            Some(name) if name.contains("...") => self.calculated(failure),
            Some(name) => match self.property(name) {
                help @ Some(_) => RenderError { message: format!("`{name}` is not defined"), help, ..failure },
                None => self.split_name(&name.clone(), failure),
            },
            None if NOT_NUMBERS.iter().any(|detail| failure.message.ends_with(detail)) => self.number(failure),
            None => failure,
        }
    }

    fn value(&self, expression: &str) -> Option<Value> {
        (expression.len() <= MAX_PART).then_some(())?;
        self.environment.compile_expression(expression).ok()?.eval(self.scope).ok()
    }

    /// Returns the filter for a property of a list or text, as in JavaScript and Liquid: `vars.list.size`.
    fn property(&self, name: &str) -> Option<String> {
        let (path, property) = name.rsplit_once('.')?;
        let filter = match property {
            "size" | "length" | "count" => "length",
            "first" | "last" => property,
            _ => return None,
        };
        let kind = self.value(path)?.kind();
        matches!(kind, ValueKind::Seq | ValueKind::String).then(|| format!("write `{path} | {filter}`"))
    }

    fn calculated(&self, failure: RenderError) -> RenderError {
        let near = failure.range.clone().unwrap_or(0..self.source.len());
        let names = calculated_names(self.source, &near);
        let code = |range: &Range<usize>| self.source[range.clone()].trim();
        for name in &names {
            let (base, key) = (code(&name.base), code(&name.key));
            let Some(value) = self.value(base).filter(|value| !value.is_undefined()) else { continue };
            let Some(found) = self.value(key) else { continue };
            if found.is_undefined() {
                // Only the template knows the variables that it sets itself.
                if path_of(key).first().is_some_and(|head| NAMES.contains(head)) {
                    return RenderError { undefined: Some(key.to_owned()), range: Some(name.key.clone()), ..failure };
                }
                continue;
            }
            if value.get_item(&found).is_ok_and(|inner| !inner.is_undefined()) {
                continue;
            }
            return found_missing(failure, name, (base, key), (&value, &found));
        }
        for name in &names {
            if let Some((value, found)) = self.looked_up(name) {
                return found_missing(failure, name, (code(&name.base), code(&name.key)), (&value, &found));
            }
        }
        let range = names.first().map_or(near, CalculatedName::range);
        let written = self.source.get(range.clone()).unwrap_or("a name").trim().to_owned();
        RenderError { undefined: Some(written), range: Some(range), ..failure }
    }

    /// Renders the template up to a name that it lacks, and returns the mapping and the name. Only the template knows
    /// the variables that it sets itself, such as those of loops.
    fn looked_up(&self, CalculatedName { base, key }: &CalculatedName) -> Option<(Value, Value)> {
        let missing = Arc::new(Mutex::new(None));
        let (shared, mut environment) = (Arc::clone(&missing), new_environment());
        environment.add_function(LOOK_UP, move |value: Value, key: Value| {
            let item = value.get_item(&key).unwrap_or_default();
            if item.is_undefined() {
                *shared.lock().unwrap_or_else(PoisonError::into_inner) = Some((value, key));
            }
            item
        });
        let part = |range: Range<usize>| self.source.get(range).unwrap_or_default();
        let (before, after) = (part(0..base.start), part(key.end + 1..self.source.len()));
        let text = format!("{before}{LOOK_UP}({}, {}){after}", part(base.clone()), part(key.clone()));
        let _error = environment.template_from_str(&text).and_then(|template| template.render(self.scope));
        let missing = missing.lock().unwrap_or_else(PoisonError::into_inner).take();
        missing.filter(|(value, key)| value.kind() == ValueKind::Map && !key.is_undefined())
    }

    /// Finds the member whose name a template splits, such as `row["e-mail"]` for `row.e-mail`.
    fn split_name(&self, undefined: &str, failure: RenderError) -> RenderError {
        let in_word = |one: char| one.is_alphanumeric() || matches!(one, '_' | '-' | '.');
        let start = failure.range.as_ref().map_or(0, |range| range.start);
        let Some(at) = self.source[start..].find(undefined).map(|found| start + found) else { return failure };
        let start = self.source[..at].trim_end_matches(in_word).len();
        let length = self.source[start..].find(|one| !in_word(one)).unwrap_or(self.source.len() - start);
        let word = &self.source[start..start + length];
        let meant = word.rmatch_indices('.').find_map(|(dot, _)| {
            let (path, written) = (&word[..dot], &word[dot + 1..]);
            let known = names_in(&self.value(path)?);
            let split = known.iter().map(String::as_str).filter(|name| name.contains(['-', '.']));
            nearest(written, split).filter(|_| written.contains(['-', '.'])).map(|name| member(path, name))
        });
        match meant {
            Some(meant) => RenderError {
                message: format!("`{word}` is not defined"),
                range: Some(start..start + length),
                undefined: Some(meant.clone()),
                help: Some("a name with `-` or `.` needs brackets".to_owned()),
                meant: Some(meant.into()),
                ..failure
            },
            None => failure,
        }
    }

    fn number(&self, failure: RenderError) -> RenderError {
        let Some(range) = failure.range.clone() else { return failure };
        let Some(place) = operand_before(self.source, range.start) else { return failure };
        let (operand, filter) = (self.source[place.clone()].trim(), &self.source[range.clone()]);
        // Only the template knows the variables that it sets itself.
        let text = self.value(operand).and_then(|value| value.as_str().map(str::to_owned));
        let empty = failure.message.ends_with("empty string");
        let message = match text.filter(|_| !empty) {
            Some(text) => format!("`{operand}` is the text `{}`, not a number", truncated(&text)),
            None if empty => format!("`{operand}` is empty, not a number"),
            None => format!("`{operand}` is text, not a number"),
        };
        let place_of_value = match path_of(operand)[..] {
            ["row", name, ..] => format!("write a number into the column `{name}`"),
            ["vars", name, ..] => format!("write a number into `vars.{name}`"),
            _ => "write a number there".to_owned(),
        };
        let help = match (empty, filter.contains('(')) {
            (true, _) => format!("{place_of_value}, or `{operand} | default(0, true) | {filter}` for 0 instead"),
            (false, false) => format!("{place_of_value}, or `{operand} | {filter}(0)` for 0 instead"),
            (false, true) => place_of_value,
        };
        RenderError { message, range: Some(place.start..range.end), help: Some(help), ..failure }
    }
}

/// Returns the failure for a calculated name that a mapping lacks.
fn found_missing(
    failure: RenderError,
    name: &CalculatedName,
    (base, key): (&str, &str),
    (value, found): (&Value, &Value),
) -> RenderError {
    let text = found.to_string();
    let is_name = found.kind() != ValueKind::String && names_in(value).contains(&text);
    let help = if is_name {
        Some(format!("the names of `{base}` are text: write `{base}[{key} | string]`"))
    } else {
        members_help(base, value)
    };
    RenderError {
        message: format!("`{base}` has no `{}` (from `{key}`)", truncated(&text)),
        undefined: Some(member(base, &text)),
        range: Some(name.range()),
        help,
        ..failure
    }
}

/// Returns the calculated names in the tag of a range, in the order in which the engine evaluates them: first those
/// within the range, without those whose absence the template expects.
fn calculated_names(source: &str, near: &Range<usize>) -> Vec<CalculatedName> {
    let mut tokens = TemplateTokens::new(source);
    let mut names = Vec::new();
    while tokens.next_tag().is_some() {
        names.clear();
        let mut last = 0;
        // The start of the current value at each depth.
        let mut starts: Vec<(Option<usize>, usize)> = vec![(None, 0)];
        let mut before = None;
        while let Some((token, range)) = tokens.next() {
            last = range.end;
            let Some((start, _)) = starts.last_mut() else { break };
            match token {
                TemplateToken::Open => starts.push((None, range.start)),
                TemplateToken::Close => {
                    let open = starts.pop().map_or(0, |(_, open)| open);
                    let Some((start, _)) = starts.last_mut() else { break };
                    let key = open + 1..range.start;
                    if let Some(start) = start.filter(|_| source[open..].starts_with('[')) {
                        let text = source[key.clone()].trim();
                        if names.len() < MAX_NAMES && !is_quoted(text) && text.parse::<i64>().is_err() {
                            names.push(CalculatedName { base: start..open, key });
                        }
                    }
                    start.get_or_insert(open);
                }
                TemplateToken::Sign(b'.') => {}
                TemplateToken::Sign(_) => *start = None,
                TemplateToken::Word(_) if before == Some(TemplateToken::Sign(b'.')) => {}
                TemplateToken::Word(word) if is_operator(word) => *start = None,
                TemplateToken::Word(_) | TemplateToken::Text => *start = Some(range.start),
            }
            before = Some(token);
        }
        if last > near.start {
            break;
        }
    }
    let expected = |name: &CalculatedName| {
        let rest = source[name.range().end..].trim_start();
        let rest = rest.strip_prefix("is ").or_else(|| rest.strip_prefix('|')).unwrap_or_default().trim_start();
        ["defined", "undefined", "not defined", "default", "d("].iter().any(|word| rest.starts_with(word))
    };
    let expected: Vec<String> =
        names.iter().filter(|name| expected(name)).map(|name| source[name.range()].to_owned()).collect();
    names.retain(|name| !expected.iter().any(|one| *one == source[name.range()]));
    names.sort_by_key(|name| !(near.start <= name.base.start && name.range().end <= near.end));
    names
}

#[cfg(test)]
mod tests;
