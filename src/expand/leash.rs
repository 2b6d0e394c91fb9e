//! The engine's limits, and what a template may not even say, because they do not count it.
//!
//! Fuel counts steps, text and the items that are walked over. It does not count a list that is repeated (`[1] * n` is
//! lazy until something prints or compares it), the sum of lists (lazy too, and flattened at once when 33 deep), nor a
//! list that holds one other many times over, on many levels. So `*` is refused, nothing may call itself or carry a
//! value from round to round of a loop, and sums and names inside lists are counted.

use std::ops::Range;

use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::tokens::{Token, Tokens};
use crate::diagnostic::Code;

/// What one rendering may spend: about so many steps, or 64 times so many bytes, all that it builds counted.
const FUEL: u64 = 20_000;

/// The most rounds of a counted loop.
const MOST_ROUNDS: u64 = 1_000;

/// A name that no template has: all that templates ask for is looked up under it.
const NO_SUCH_TEMPLATE: &str = "\u{1}";

/// The most `+` in a template: lists grow by 2 with each, and stay lazy.
const MOST_SUMS: usize = 4;

/// The most `~` in a template: the engine joins constants while it compiles, in time that grows with the cube.
const MOST_JOINS: usize = 200;

/// The most names inside lists, maps and plain parentheses: all together they make 9 items of one.
const MOST_NAMES: usize = 6;

/// Statements with which a template could call itself or another one.
const REFUSED: [&str; 9] = ["macro", "call", "include", "import", "from", "extends", "block", "do", "recursive"];

/// Functions that make maps out of names, or show the scope.
const REMOVED_FUNCTIONS: [&str; 3] = ["debug", "dict", "namespace"];
/// Filters that make lists out of names, sum lists, or print them at length.
const REMOVED_FILTERS: [&str; 7] = ["batch", "chain", "pprint", "slice", "sum", "tojson", "zip"];

/// Words after which a bracket begins a value of its own.
const WORDS: [&str; 10] = ["and", "elif", "else", "if", "in", "is", "not", "or", "set", "with"];
/// Words that are values.
const CONSTANTS: [&str; 6] = ["true", "false", "none", "True", "False", "None"];

/// The engine with all that templates may use.
pub(super) fn furnished() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(100);
    for name in REMOVED_FUNCTIONS {
        environment.remove_global(name);
    }
    for name in REMOVED_FILTERS {
        environment.remove_filter(name);
    }
    environment.add_function("range", range);
    environment.add_filter("times", times);
    // Compiled templates live in one store under numbers: no template may include another by guessing one.
    environment.set_path_join_callback(|_, _| NO_SUCH_TEMPLATE.into());
    environment.set_formatter(|out, state, value| match value.kind() {
        ValueKind::Bool => Ok(out.write_str(if value.is_true() { "true" } else { "false" })?),
        ValueKind::None => Err(Error::new(ErrorKind::InvalidOperation, "the value is `null`, not text")),
        ValueKind::Map => Err(Error::new(ErrorKind::InvalidOperation, "the value is a mapping, not text")),
        ValueKind::Seq | ValueKind::Iterable => {
            Err(Error::new(ErrorKind::InvalidOperation, "the value is a list, not text"))
        }
        _ => minijinja::escape_formatter(out, state, value),
    });
    let mut syntax = minijinja::syntax::SyntaxConfig::builder();
    syntax.keep_trailing_newline(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment
}

/// `range`, as long as it is short: its items cost no fuel until they are walked over.
fn range(start: i64, end: Option<i64>, step: Option<i64>) -> Result<Value, Error> {
    let (start, end) = end.map_or((0, start), |end| (start, end));
    let step = step.unwrap_or(1);
    let span = if step > 0 { end.saturating_sub(start) } else { start.saturating_sub(end) };
    let count = span.max(0).unsigned_abs() / step.unsigned_abs().max(1);
    if step == 0 || count > MOST_ROUNDS {
        let detail = if step == 0 { "`range` with a step of 0" } else { "`range` has too many elements" };
        return Err(Error::new(ErrorKind::InvalidOperation, detail));
    }
    let mut items = Vec::new();
    let mut next = start;
    while (step > 0 && next < end) || (step < 0 && next > end) {
        items.push(Value::from(next));
        let Some(after) = next.checked_add(step) else { break };
        next = after;
    }
    Ok(Value::from(items))
}

/// The product of two numbers; `*` itself would repeat texts and lists.
fn times(left: &Value, right: &Value) -> Result<Value, Error> {
    if left.kind() != ValueKind::Number || right.kind() != ValueKind::Number {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "`times` multiplies numbers only; `| int` or `| float` makes one",
        ));
    }
    let whole = i64::try_from(left.clone()).ok().zip(i64::try_from(right.clone()).ok());
    if let (true, Some((left, right))) = (left.is_integer() && right.is_integer(), whole) {
        return left
            .checked_mul(right)
            .map(Value::from)
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "the product is too large"));
    }
    Ok(Value::from(f64::try_from(left.clone())? * f64::try_from(right.clone())?))
}

/// Something that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: Code,
    pub message: String,
    /// The bytes of the template.
    pub range: Range<usize>,
}

/// The first thing in a template that is refused; what is not a template at all is left to the engine.
pub(super) fn refusal(template: &str) -> Option<Refusal> {
    let mut leash = Leash { template, tokens: Tokens::new(template), sums: 0, joins: 0, names: 0 };
    while let Some(end) = leash.tokens.next_tag() {
        if let Some(refusal) = leash.tag(end) {
            return Some(refusal);
        }
    }
    None
}

/// What the tags of a template have used so far.
struct Leash<'t> {
    template: &'t str,
    tokens: Tokens<'t>,
    sums: usize,
    joins: usize,
    names: usize,
}

impl<'t> Leash<'t> {
    /// Walks to the end of a tag.
    fn tag(&mut self, end: &str) -> Option<Refusal> {
        let mut before: Option<Token<'t>> = None;
        let mut first: Option<&'t str> = None;
        // For each open bracket: whether it holds the items of a value.
        let mut open: Vec<bool> = Vec::new();
        let (mut loose_names, mut loose_comma) = (0, false);
        while let Some((token, range)) = self.tokens.next(end, open.is_empty()) {
            match token {
                Token::Word(word) => {
                    if end == "%}" && before.is_none() {
                        first = Some(word);
                    }
                    let statement = first == Some(word) && before.is_none();
                    if (statement && REFUSED.contains(&word)) || (first == Some("for") && word == "recursive") {
                        return Some(Refusal {
                            code: Code::TemplateSyntax,
                            message: format!("a template cannot use `{word}`"),
                            range,
                        });
                    }
                    let member = matches!(before, Some(Token::Sign(b'.' | b'|')));
                    if !statement && !member && !WORDS.contains(&word) && !CONSTANTS.contains(&word) {
                        match open.last() {
                            Some(true) => self.names += 1,
                            Some(false) => {}
                            None => loose_names += 1,
                        }
                    }
                }
                Token::Open => {
                    let follows = match before {
                        Some(Token::Word(word)) => !WORDS.contains(&word),
                        Some(Token::Text | Token::Close) => true,
                        _ => false,
                    };
                    open.push(!follows || self.template.as_bytes()[range.start] == b'{');
                }
                Token::Close => {
                    open.pop();
                }
                Token::Sign(b'*') => {
                    let message = "a template cannot use `*`, which could make text of any size: multiply numbers by `| times(n)`".to_owned();
                    return Some(Refusal { code: Code::TemplateLimit, message, range });
                }
                Token::Sign(b'+') => self.sums += 1,
                Token::Sign(b'~') => self.joins += 1,
                Token::Sign(b',') => loose_comma |= open.is_empty(),
                Token::Text | Token::Sign(_) => {}
            }
            if self.sums > MOST_SUMS {
                let message = format!("a template cannot add more than {MOST_SUMS} times; join texts with `~`");
                return Some(Refusal { code: Code::TemplateLimit, message, range });
            }
            if self.joins > MOST_JOINS {
                let message = format!("a template cannot use `~` more than {MOST_JOINS} times");
                return Some(Refusal { code: Code::TemplateLimit, message, range });
            }
            let loose = if first == Some("set") && loose_comma { loose_names } else { 0 };
            if self.names + loose > MOST_NAMES {
                let message =
                    format!("a template cannot put more than {MOST_NAMES} names into lists, maps and parentheses");
                return Some(Refusal { code: Code::TemplateLimit, message, range });
            }
            before = Some(token);
        }
        if first == Some("set") && loose_comma {
            self.names += loose_names;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(template: &str) -> Option<Code> {
        refusal(template).map(|refusal| refusal.code)
    }

    #[test]
    fn what_people_write_is_allowed() {
        for good in [
            "Thank you, {{ row.first_name }}! 2 * 3 + 4 + 5 + 6 + 7 + 8 = {{ 1 + 1 }}",
            "{% if row.plan in ['free', 'trial', 'test', 'a', 'b', 'c', 'd', 'e'] and (row.a or row.b) %}x{% endif %}",
            "{{ vars.greeting[matrix.locale][row.x] | default('**', true) | replace('+', '*') }}",
            "{% for name in row.names %}{{ loop.index ~ '. ' ~ name }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "{%+ set x = 'a' +%}{{- x -}}{#- * macro -#}{% raw %}{{ 1 * 2 }} {% macro %}{% endraw %}",
            "{{ {'a': {'b': 1}}.a.b }}",
        ] {
            assert_eq!(refusal(good), None, "{good}");
        }
    }

    #[test]
    fn nothing_calls_itself_or_another() {
        for bad in [
            "{% macro m() %}{% endmacro %}",
            "{%- call m() %}{% endcall %}",
            "{%+include 'x' %}",
            "{% import 'x' as y %}",
            "{% from 'x' import y %}",
            "{%extends 'x'%}",
            "{% block x %}{% endblock %}",
            "{% do x() %}",
            "{% for x in [1] recursive %}{{ loop(x) }}{% endfor %}",
            "{% raw %}{{ ' {% endraw %}{% macro m() %}'",
            "{# ' #}{% macro m() %}",
            "{{ '\\'' }}{% macro m() %}",
            "{{ {'a': 1} }}{% macro m() %}",
        ] {
            assert_eq!(code(bad), Some(Code::TemplateSyntax), "{bad}");
        }
        let refusal = refusal("Hi {% macro m() %}").unwrap();
        assert_eq!(refusal.message, "a template cannot use `macro`");
        assert_eq!(refusal.range, 6..11);
    }

    #[test]
    fn what_is_not_counted_is_refused() {
        for bad in [
            &format!("{{{{ 1{} }}}}", "~1".repeat(201)),
            "{{ 'x' * 100000000 }}",
            "{{ 2 ** 9 }}",
            "{{ f(*x) }}",
            "{{ x + x + x + x + x + x }}",
            "{% set x = [x, x, x, x, x, x, x] %}",
            "{% set x = x, x, x, x, x, x, x %}",
            "{% set x = (x, x, x, x) %}{% set x = {'a': x, 'b': x, 'c': x} %}",
            "{% for y in[x,x,x,x,x,x,x]%}",
        ] {
            assert_eq!(code(bad), Some(Code::TemplateLimit), "{bad}");
        }
    }
}
