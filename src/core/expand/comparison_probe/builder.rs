//! Writes the probe of a template: wraps its operands and conditions, and renames its tests.

use std::ops::Range;

use super::{COMPARING_TESTS, CONDITION, OPERAND, TEST};
use crate::expand::advice::{bracketed, split_arguments};
use crate::expand::template_tokens::{TemplateToken, TemplateTokens, is_quoted, operand_before};

/// Maximum number of tests in a probe, because each reads the template up to it.
const MAX_TESTS: usize = 100;

/// Returns the range of the argument of a test, whose name ends at `at`: `is gt 3`, `is gt(3)`.
fn test_argument(template: &str, at: usize) -> Range<usize> {
    let mut tokens = TemplateTokens::new(&template[at..]);
    let mut end = 0;
    let start = template[at..].len() - template[at..].trim_start().len();
    // An index or a member continues the argument.
    while let (depth, Some((token, range))) = (tokens.depth, tokens.next()) {
        let adjacent = range.start == end || end == 0;
        match token {
            _ if depth > 0 || (end == 0 && token == TemplateToken::Sign(b'-')) => {}
            TemplateToken::Open | TemplateToken::Sign(b'.') | TemplateToken::Word(_) | TemplateToken::Text
                if adjacent => {}
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

/// The edits, places and tests of a probe, as in [`super::ProbeTemplate`].
pub(super) struct ProbeBuilder<'t> {
    pub template: &'t str,
    pub edits: Vec<(usize, (bool, usize), String)>,
    pub places: Vec<Range<usize>>,
    pub tests: Vec<(&'static str, usize, bool)>,
}

impl<'t> ProbeBuilder<'t> {
    /// Reads a tag. Returns `None` if it does not end.
    pub(super) fn tag(&mut self, tokens: &mut TemplateTokens<'t>, end: &str) -> Option<()> {
        let mut levels = vec![OperandLevel::default()];
        let mut statement = None;
        let (mut before, mut first) = (None, true);
        let mut word_in = false;
        while let Some((token, range)) = tokens.next() {
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
                TemplateToken::Word(name) if matches!(before, Some((TemplateToken::Sign(b'|'), _))) => {
                    level.extend(&range);
                    self.filter(name, &range);
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
            self.add_test((name, false), range.end, [left, test_argument(self.template, range.end)]);
        }
    }

    /// Renames the test of a filter that selects items: `select('gt', 3)`, `selectattr('price', 'gt', 3)`.
    fn filter(&mut self, filter: &str, range: &Range<usize>) {
        let position = match filter {
            "select" | "reject" => 0,
            "selectattr" | "rejectattr" => 1,
            _ => return,
        };
        let call = self.template[range.end..].trim_start();
        if self.tests.len() >= MAX_TESTS || !call.starts_with('(') {
            return;
        }
        let inner = &bracketed(call)[1..];
        let inner = inner.strip_suffix(')').unwrap_or(inner);
        if let [name, argument, ..] = split_arguments(inner).get(position..).unwrap_or_default()
            && is_quoted(name)
            && let Some((test, _)) = COMPARING_TESTS.iter().find(|(known, _)| *known == &name[1..name.len() - 1])
            && let Some(left) = operand_before(self.template, range.start)
        {
            let start = |part: &str| part.as_ptr() as usize - self.template.as_ptr() as usize;
            let (end, argument) = (start(name) + name.len() - 1, start(argument)..start(argument) + argument.len());
            self.add_test((test, true), end, [left, argument]);
        }
    }

    /// Records a test whose name ends at `end`, with the places of its values.
    fn add_test(&mut self, (name, of_items): (&'static str, bool), end: usize, places: [Range<usize>; 2]) {
        let place = self.places.len();
        self.edits.push((end, (false, 0), format!("_{TEST}{place}")));
        self.places.extend(places);
        self.tests.push((name, place, of_items));
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
