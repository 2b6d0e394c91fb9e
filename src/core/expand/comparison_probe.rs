//! Finds comparisons of text with numbers, and texts that read as false, by rendering a template a second time.
//!
//! The engine compares values of different kinds without an error: `"10" > 1` is true, `"1" == 1` is false. So a
//! template with a comparison or a condition has a probe, which passes each operand through a function that records it.
//! The probe's text is dropped, so probes never change what a template renders.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::ValueKind;
use minijinja::{Environment, Value};

use super::failing_values::operand_before;
use super::identifiers::Edits;
use super::rows::reads_as_false;
use super::template_tokens::{TemplateToken, TemplateTokens};

/// The functions of a probe. A template that uses these names gets no probe.
const OPERAND: &str = "callsheet_operand";
const CONDITION: &str = "callsheet_condition";
/// The end of the names of its tests.
const TEST: &str = "callsheet_test";

/// Maximum number of tests in a probe, because each reads the template up to it.
const MAX_TESTS: usize = 100;

/// A suspicious comparison or condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DoubtfulOperation {
    /// A text is compared with a number.
    Comparison { text: Operand, number: Operand },
    /// A test such as `is gt` compares a text with a number.
    Test { text: Operand, number: Operand },
    /// A text that reads as false counts as true.
    TrueText { range: Range<usize>, text: String },
    /// A text is compared with `true` or `false`, which it never equals.
    Boolean { text: Operand, flag: Operand },
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
    pub text: String,
    /// The ranges of operands and conditions, by the number in the call.
    places: Vec<Range<usize>>,
    /// Its comparing tests, with the place of the value on the left. The place of the argument is the next one.
    tests: Vec<(&'static str, usize)>,
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
    Operands { left: (usize, Value), right: (usize, Value), test: bool },
    Condition(usize, String),
}

/// The findings of the current rendering.
pub(super) type SharedFindings = Arc<Mutex<Findings>>;

/// Adds the functions of probes, and the tests that compare.
pub(super) fn add_probe_functions(environment: &mut Environment<'static>, findings: &SharedFindings) {
    let shared = Arc::clone(findings);
    environment.add_function(OPERAND, move |value: Value, place: usize, first: usize| {
        let mut findings = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if place > first {
            let before = findings.left.iter().rposition(|(left, _)| *left + 1 == place);
            if let Some(left) = before.map(|at| findings.left.remove(at))
                && is_doubtful(&left.1, &value)
            {
                findings.found.push(ProbeFinding::Operands { left, right: (place, value.clone()), test: false });
            }
        }
        findings.left.retain(|(left, _)| *left != place);
        findings.left.push((place, value.clone()));
        value
    });
    let shared = Arc::clone(findings);
    environment.add_function(CONDITION, move |value: Value, place: usize| {
        if let Some(text) = value.as_str().filter(|text| reads_as_false(text)) {
            let mut findings = shared.lock().unwrap_or_else(PoisonError::into_inner);
            findings.found.push(ProbeFinding::Condition(place, text.to_owned()));
        }
        value
    });
}

/// A comparison of two values.
type Comparison = fn(&Value, &Value) -> bool;

/// The tests that compare, with the functions of the engine.
const COMPARING_TESTS: [(&str, Comparison); 9] = [
    ("eq", |left, right| left == right),
    ("equalto", |left, right| left == right),
    ("ne", |left, right| left != right),
    ("lt", |left, right| left < right),
    ("lessthan", |left, right| left < right),
    ("le", |left, right| left <= right),
    ("gt", |left, right| left > right),
    ("greaterthan", |left, right| left > right),
    ("ge", |left, right| left >= right),
];

/// Returns the range of the argument of a test, whose name ends at `at`: `is gt 3`, `is gt(3)`.
fn test_argument(template: &str, at: usize) -> Range<usize> {
    let mut tokens = TemplateTokens::new(&template[at..]);
    let (mut depth, mut end) = (0_usize, 0);
    let start = template[at..].len() - template[at..].trim_start().len();
    // An index or a member continues the argument.
    while let Some((token, range)) = tokens.next("", false) {
        let adjacent = range.start == end || end == 0;
        match token {
            TemplateToken::Open if depth > 0 || adjacent => depth += 1,
            TemplateToken::Close if depth > 0 => depth -= 1,
            _ if depth > 0 || (end == 0 && token == TemplateToken::Sign(b'-')) => {}
            TemplateToken::Sign(b'.') | TemplateToken::Word(_) | TemplateToken::Text if adjacent => {}
            _ => break,
        }
        end = range.end;
    }
    let argument = &template[at + start..at + end.max(start)];
    match argument.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => at + start + 1..at + start + 1 + inner.len(),
        None => at + start..at + start + argument.len(),
    }
}

/// Adds the tests of a probe, each of which records its values at a place.
pub(super) fn add_probe_tests(environment: &mut Environment<'static>, twin: &ProbeTemplate, findings: &SharedFindings) {
    for &(name, place) in &twin.tests {
        let Some((_, holds)) = COMPARING_TESTS.iter().find(|(known, _)| *known == name) else { continue };
        let (holds, shared) = (*holds, Arc::clone(findings));
        environment.add_test(format!("{name}_{TEST}{place}"), move |left: &Value, right: &Value| {
            if is_doubtful(left, right) {
                let mut findings = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let (left, right) = ((place, left.clone()), (place + 1, right.clone()));
                findings.found.push(ProbeFinding::Operands { left, right, test: true });
            }
            holds(left, right)
        });
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
    /// Creates the probe of a template. Returns `None` if the template has neither a comparison nor a condition.
    pub(super) fn new(template: &str) -> Option<Self> {
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
        Some(Self { text, places, tests })
    }

    /// Returns the findings of a rendering, and clears them.
    pub(super) fn doubts(&self, findings: &SharedFindings, edits: Option<&Edits>) -> Vec<DoubtfulOperation> {
        let findings = std::mem::take(&mut *findings.lock().unwrap_or_else(PoisonError::into_inner));
        let range = |place: usize| {
            let range = self.places.get(place).cloned().unwrap_or_default();
            edits.map_or(range.clone(), |edits| edits.original(range))
        };
        let operand = |(place, value): (usize, Value)| Operand {
            range: range(place),
            value: if value.kind() == ValueKind::Bool { value.is_true().to_string() } else { value.to_string() },
        };
        let doubt = |finding: ProbeFinding| match finding {
            ProbeFinding::Condition(place, text) => DoubtfulOperation::TrueText { range: range(place), text },
            ProbeFinding::Operands { left, right, test } => {
                let flag = [&left, &right].iter().any(|one| one.1.kind() == ValueKind::Bool);
                let is_text = left.1.kind() == ValueKind::String;
                let (text, other) = if is_text { (left, right) } else { (right, left) };
                let (text, other) = (operand(text), operand(other));
                if flag {
                    DoubtfulOperation::Boolean { text, flag: other }
                } else if test {
                    DoubtfulOperation::Test { text, number: other }
                } else {
                    DoubtfulOperation::Comparison { text, number: other }
                }
            }
        };
        findings.found.into_iter().map(doubt).collect()
    }
}

/// The operands between two brackets, or in a tag.
#[derive(Debug, Default)]
struct OperandLevel {
    /// The operands of the current comparison.
    chain: Vec<Range<usize>>,
    /// The current operand.
    operand: Option<Range<usize>>,
    /// Whether the current expression is a condition, whatever follows.
    condition: bool,
    /// Whether a condition continues to the end, or to `else`.
    tested: bool,
}

struct ProbeBuilder<'t> {
    template: &'t str,
    edits: Vec<(usize, (bool, usize), String)>,
    places: Vec<Range<usize>>,
    tests: Vec<(&'static str, usize)>,
}

impl<'t> ProbeBuilder<'t> {
    /// Reads a tag. Returns `None` if it does not end.
    fn tag(&mut self, tokens: &mut TemplateTokens<'t>, end: &str) -> Option<()> {
        let mut levels = vec![OperandLevel::default()];
        let mut statement = None;
        let (mut before, mut first) = (None, true);
        let mut word_in = false;
        while let Some((token, range)) = tokens.next(end, levels.len() == 1) {
            let next = self.template.as_bytes().get(range.end);
            let joined = matches!((before, token), (Some((TemplateToken::Sign(one), at)), TemplateToken::Sign(two))
                if at == range.start && matches!((one, two), (b'=' | b'!' | b'<' | b'>', b'=') | (b'/', b'/')));
            let member = matches!(before, Some((TemplateToken::Sign(b'.' | b'|') | TemplateToken::Word("is"), _)));
            let outermost = levels.len() == 1;
            let level = levels.last_mut()?;
            match token {
                TemplateToken::Word(OPERAND | CONDITION) => return None,
                TemplateToken::Word(word) if first && end == "%}" => {
                    statement = Some(word);
                    level.tested = matches!(word, "if" | "elif");
                    level.condition = level.tested;
                }
                TemplateToken::Word("in") if statement == Some("for") && outermost && !word_in => {
                    word_in = true;
                    *level = OperandLevel::default();
                }
                TemplateToken::Word("not") if !member && level.operand.is_none() => level.condition = true,
                // `a not in b`
                TemplateToken::Word("not") if !member => {}
                TemplateToken::Word("in") if !member => Self::compare(level),
                TemplateToken::Word("and" | "or") if !member => {
                    level.condition = true;
                    self.finish(level);
                    level.condition = level.tested;
                }
                TemplateToken::Word("if") if !member => {
                    self.finish(level);
                    (level.condition, level.tested) = (true, true);
                }
                TemplateToken::Word("else") if !member => {
                    self.finish(level);
                    (level.condition, level.tested) = (false, false);
                }
                TemplateToken::Sign(b'=') if joined => {}
                TemplateToken::Sign(b'=' | b'!') if next == Some(&b'=') => Self::compare(level),
                TemplateToken::Sign(b'<' | b'>') => Self::compare(level),
                TemplateToken::Sign(b',' | b':' | b'=') => {
                    self.finish(level);
                    (level.condition, level.tested) = (false, false);
                }
                TemplateToken::Open => {
                    level.extend(&range);
                    levels.push(OperandLevel::default());
                }
                TemplateToken::Close => {
                    self.finish(level);
                    levels.pop();
                    levels.last_mut()?.extend(&range);
                }
                TemplateToken::Word(name) if matches!(before, Some((TemplateToken::Word("is"), _))) => {
                    level.extend(&range);
                    self.test(name, range.clone());
                }
                TemplateToken::Word(_) | TemplateToken::Text | TemplateToken::Sign(_) => level.extend(&range),
            }
            // `x is not in y` is also a test.
            let negated = member && token == TemplateToken::Word("not");
            before = Some((if negated { TemplateToken::Word("is") } else { token }, range.end));
            first = false;
        }
        self.finish(levels.last_mut()?);
        (levels.len() == 1).then_some(())
    }

    /// Renames a test that compares to one that records its values.
    fn test(&mut self, name: &str, range: Range<usize>) {
        if self.tests.len() < MAX_TESTS
            && let Some((name, _)) = COMPARING_TESTS.iter().find(|(known, _)| *known == name)
            && let Some(left) = operand_before(self.template, range.start)
        {
            let place = self.places.len();
            self.edits.push((range.end, (false, 0), format!("_{TEST}{place}")));
            self.places.extend([left, test_argument(self.template, range.end)]);
            self.tests.push((name, place));
        }
    }

    /// Ends an operand at a comparison operator.
    fn compare(level: &mut OperandLevel) {
        level.chain.extend(level.operand.take());
    }

    /// Ends a comparison or a condition.
    fn finish(&mut self, level: &mut OperandLevel) {
        let mut chain = std::mem::take(&mut level.chain);
        let operand = level.operand.take();
        let condition = std::mem::take(&mut level.condition);
        if chain.is_empty() {
            if let Some(range) = operand.filter(|_| condition) {
                let place = self.places.len();
                self.wrap(range, format!("{CONDITION}("), format!(",{place})"));
            }
            return;
        }
        chain.extend(operand);
        let start = self.places.len();
        for range in chain {
            let place = self.places.len();
            self.wrap(range, format!("{OPERAND}("), format!(",{place},{start})"));
        }
    }

    fn wrap(&mut self, range: Range<usize>, open: String, close: String) {
        self.edits.push((range.start, (true, usize::MAX - range.end), open));
        self.edits.push((range.end, (false, usize::MAX - range.start), close));
        self.places.push(range);
    }
}

impl OperandLevel {
    fn extend(&mut self, range: &Range<usize>) {
        self.operand = Some(self.operand.as_ref().map_or(range.start, |operand| operand.start)..range.end);
    }
}
