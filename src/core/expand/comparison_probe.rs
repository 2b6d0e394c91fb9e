//! Finds comparisons of text with numbers, and texts that read as false, by rendering a template a second time.
//!
//! The engine compares values of different kinds without an error: `"10" > 1` is true, `"1" == 1` is false. So a
//! template with a comparison or a condition has a probe, which passes each operand through a function that records it.
//! The probe's text is dropped, so probes never change what a template renders.

mod builder;

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::ValueKind;
use minijinja::{Environment, Value};

use super::identifiers::Edits;
use super::limits::new_environment;
use super::render_error::RenderError;
use super::rows::reads_as_false;
use super::template_tokens::{TemplateTokens, is_quoted};
use crate::diagnostic::Code;
use builder::ProbeBuilder;

/// The functions of a probe. A template that uses these names gets no probe.
const OPERAND: &str = "callsheet_operand";
const CONDITION: &str = "callsheet_condition";
/// The end of the names of its tests.
const TEST: &str = "callsheet_test";

/// A suspicious comparison or condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DoubtfulOperation {
    /// A text is compared with a number, by an operator or by a test such as `is gt`.
    Comparison { text: Operand, number: Operand, is_test: bool },
    /// A text that reads as false counts as true, or a text is compared with a flag, which it never equals.
    Condition { text: Operand, flag: Option<Operand> },
}

/// An operand: its range and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operand {
    pub range: Range<usize>,
    pub value: String,
}

/// The probe of a template.
#[derive(Debug)]
pub(super) struct ProbeTemplate {
    /// The ranges of operands and conditions, by the number in the call.
    places: Vec<Range<usize>>,
    /// Its comparing tests, with the place of the value on the left. The place of the argument is the next one. `true`
    /// for the test of a filter such as `select`, whose values are the items of the left one.
    tests: Vec<(&'static str, usize, bool)>,
}

/// The operands and conditions that a rendering evaluated.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// The last operand of each unfinished chain, by its position.
    left: Vec<(usize, Value)>,
    found: Vec<ProbeFinding>,
}

#[derive(Debug)]
enum ProbeFinding {
    Operands { left: (usize, Value), right: (usize, Value), kind: OperatorKind },
    Condition(usize, Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OperatorKind {
    /// `==`
    Sign,
    /// `is eq`
    Test,
    /// `select('eq', …)`
    TestOfItems,
}

/// The findings of the current rendering.
pub(super) type SharedFindings = Arc<Mutex<Findings>>;

/// Creates the engine of probes, with their functions.
pub(super) fn probe_environment(findings: &SharedFindings) -> Environment<'static> {
    let mut environment = new_environment();
    let shared = Arc::clone(findings);
    environment.add_function(OPERAND, move |value: Value, place: usize, first: usize| {
        let mut findings = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if place > first {
            let before = findings.left.iter().rposition(|(left, _)| *left + 1 == place);
            if let Some(left) = before.map(|at| findings.left.remove(at))
                && is_doubtful(&left.1, &value)
            {
                let right = (place, value.clone());
                findings.found.push(ProbeFinding::Operands { left, right, kind: OperatorKind::Sign });
            }
        }
        findings.left.retain(|(left, _)| *left != place);
        findings.left.push((place, value.clone()));
        value
    });
    let shared = Arc::clone(findings);
    environment.add_function(CONDITION, move |value: Value, place: usize| {
        if value.as_str().is_some_and(reads_as_false) {
            let mut findings = shared.lock().unwrap_or_else(PoisonError::into_inner);
            findings.found.push(ProbeFinding::Condition(place, value.clone()));
        }
        value
    });
    environment
}

/// A comparison of two values.
type Comparison = fn(&Value, &Value) -> bool;

/// The tests that compare, with the functions of the engine.
const COMPARING_TESTS: [(&str, Comparison); 16] = [
    ("eq", |left, right| left == right),
    ("equalto", |left, right| left == right),
    ("ne", |left, right| left != right),
    ("lt", |left, right| left < right),
    ("lessthan", |left, right| left < right),
    ("le", |left, right| left <= right),
    ("gt", |left, right| left > right),
    ("greaterthan", |left, right| left > right),
    ("ge", |left, right| left >= right),
    ("in", is_in),
    // In filters, as texts.
    ("==", |left, right| left == right),
    ("!=", |left, right| left != right),
    ("<", |left, right| left < right),
    ("<=", |left, right| left <= right),
    (">", |left, right| left > right),
    (">=", |left, right| left >= right),
];

fn is_in(value: &Value, all: &Value) -> bool {
    match (all.as_str(), value.as_str()) {
        (Some(all), Some(part)) => all.contains(part),
        _ => all.try_iter().is_ok_and(|mut items| items.any(|item| item == *value)),
    }
}

/// Returns `true` if a comparison of two values is never meant.
fn is_doubtful(left: &Value, right: &Value) -> bool {
    use ValueKind::{Bool, Number, String};
    match (left.kind(), right.kind()) {
        (String, Number | Bool) | (Number | Bool, String) => true,
        // `3 in ["1", "2"]`
        (Number | String, ValueKind::Seq) => {
            let other = if left.kind() == String { Number } else { String };
            let mut items = right.try_iter().into_iter().flatten().peekable();
            items.peek().is_some() && items.all(|item| item.kind() == other)
        }
        _ => false,
    }
}

impl ProbeTemplate {
    /// Adds the probe of a template that compiles. Returns `None` if the template has neither a comparison nor a
    /// condition.
    pub(super) fn add(
        environment: &mut Environment<'static>,
        findings: &SharedFindings,
        (name, template): (&str, &str),
    ) -> Option<Self> {
        let mut maker = ProbeBuilder { template, edits: Vec::new(), places: Vec::new(), tests: Vec::new() };
        let mut tokens = TemplateTokens::new(template);
        while let Some(end) = tokens.next_tag() {
            maker.tag(&mut tokens, end)?;
        }
        if maker.edits.is_empty() {
            return None;
        }
        let ProbeBuilder { mut edits, places, tests, .. } = maker;
        // At the same position, ends come before starts. An outer operand starts before and ends after an inner one.
        edits.sort_by_key(|(at, order, _)| (*at, *order));
        let (mut text, mut done) = (String::new(), 0);
        for (at, _, inserted) in edits {
            text.push_str(&template[done..at]);
            text.push_str(&inserted);
            done = at;
        }
        text.push_str(&template[done..]);
        let probe = Self { places, tests };
        probe.add_tests(environment, findings);
        // A probe that fails to compile is not the author's error: the template stays valid, without a probe.
        environment.add_template_owned(name.to_owned(), text).ok().map(|()| probe)
    }

    /// Adds the tests of a probe, each of which records its values at a place.
    fn add_tests(&self, environment: &mut Environment<'static>, findings: &SharedFindings) {
        for &(name, place, of_items) in &self.tests {
            let Some((_, holds)) = COMPARING_TESTS.iter().find(|(known, _)| *known == name) else { continue };
            let (holds, shared) = (*holds, Arc::clone(findings));
            environment.add_test(format!("{name}_{TEST}{place}"), move |left: &Value, right: &Value| {
                let is_flag = |value: &Value| value.kind() == ValueKind::Bool;
                if is_doubtful(left, right) && !(of_items && (is_flag(left) || is_flag(right))) {
                    let mut findings = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    let known = |found: &ProbeFinding| {
                        matches!(found, ProbeFinding::Operands { left: (known, _), .. } if *known == place)
                    };
                    // The items of a list have one warning.
                    if !of_items || !findings.found.iter().any(known) {
                        let (left, right) = ((place, left.clone()), (place + 1, right.clone()));
                        let kind = if of_items { OperatorKind::TestOfItems } else { OperatorKind::Test };
                        findings.found.push(ProbeFinding::Operands { left, right, kind });
                    }
                }
                holds(left, right)
            });
        }
    }

    /// Returns the findings of a rendering, and clears them.
    pub(super) fn doubts(&self, findings: &SharedFindings, edits: Option<&Edits>) -> Vec<DoubtfulOperation> {
        let findings = std::mem::take(&mut *findings.lock().unwrap_or_else(PoisonError::into_inner));
        let operand = |(place, value): (usize, Value)| {
            let range = self.places.get(place).cloned().unwrap_or_default();
            Operand {
                range: edits.map_or(range.clone(), |edits| edits.original(range)),
                value: if value.kind() == ValueKind::Bool { value.is_true().to_string() } else { value.to_string() },
            }
        };
        let doubt = |finding: ProbeFinding| match finding {
            ProbeFinding::Condition(place, text) => {
                DoubtfulOperation::Condition { text: operand((place, text)), flag: None }
            }
            ProbeFinding::Operands { left, right, kind } => {
                let flag = [&left, &right].iter().any(|one| one.1.kind() == ValueKind::Bool);
                let left_is_text = left.1.kind() == ValueKind::String;
                let (mut left, right) = (operand(left), operand(right));
                if kind == OperatorKind::TestOfItems {
                    left.value = format!("[{}]", left.value);
                }
                let (text, other) = if left_is_text { (left, right) } else { (right, left) };
                if flag {
                    DoubtfulOperation::Condition { text, flag: Some(other) }
                } else {
                    DoubtfulOperation::Comparison { text, number: other, is_test: kind != OperatorKind::Sign }
                }
            }
        };
        findings.found.into_iter().map(doubt).collect()
    }
}

/// Creates the error for a text that is compared with a number.
pub(super) fn comparison(text: &Operand, number: &Operand, source: &str) -> RenderError {
    let written = |operand: &Operand| source.get(operand.range.clone()).unwrap_or("…").trim().to_owned();
    let (left, right) = (written(text), written(number));
    let (text_is, number_is) = (what(text, "text", "texts"), what(number, "a number", "numbers"));
    let message = format!("text is compared with a number: `{left}` {text_is}, and `{right}` {number_is}");
    let range = text.range.start.min(number.range.start)..text.range.end.max(number.range.end);
    let lists = [&number.value, &text.value].map(|value| value.starts_with('['));
    let between = source.get(text.range.end.min(number.range.end)..text.range.start.max(number.range.start));
    let words = ["gt'", "ge'", "lt'", "le'", "than'", "<", ">"];
    let ordered = words.iter().any(|word| between.unwrap_or_default().replace('"', "'").contains(word));
    let help = if lists == [true, true] || (lists[1] && ordered) {
        format!("write the values of `{left}` as numbers, without quotes")
    } else if lists[0] {
        format!("write `{} | int` to compare numbers", operand(&left))
    } else if lists[1] {
        format!("write `{} | string` to compare texts", operand(&right))
    } else if is_quoted(&left) {
        let bare = left.trim_matches(['"', '\'']);
        match bare.parse::<f64>() {
            Ok(_) => format!("write `{bare}` without quotes, or `{} | string`", operand(&right)),
            Err(_) => format!("write `{} | string` to compare texts", operand(&right)),
        }
    } else {
        let filter = if number.value.contains('.') { "float" } else { "int" };
        let quoted = if right.parse::<f64>().is_ok() {
            format!("`\"{right}\"`")
        } else {
            format!("`{} | string`", operand(&right))
        };
        format!("write `{} | {filter}` to compare numbers, or {quoted} to compare texts", operand(&left))
    };
    RenderError { help: Some(help), ..RenderError::new(Code::TemplateError, message).at(range) }
}

fn what(operand: &Operand, one: &str, many: &str) -> String {
    if operand.value.starts_with('[') { format!("holds {many}") } else { format!("is {one}") }
}

/// Returns an operand in a form that a filter can follow.
pub(super) fn operand(text: &str) -> String {
    let simple = !text.contains(|one: char| one.is_whitespace() || "+-~*/%".contains(one)) || is_quoted(text);
    if simple { text.to_owned() } else { format!("({text})") }
}
