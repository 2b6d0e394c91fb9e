//! The engine's limits, and the constructs that are forbidden because the limits do not count them.
//!
//! Fuel counts steps, text, and the items that a template iterates over. It does not count three things:
//!
//! - a repeated list (`[1] * n`), which is lazy until something prints or compares it
//! - a sum of lists, which is also lazy, and is flattened in one step when 33 deep
//! - a list that contains another one many times, on many levels
//!
//! So `*` is forbidden, nothing may call itself or carry a value between iterations of a loop, and sums and names
//! inside lists are counted.

use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::render_error::RenderError;
use super::template_tokens::{TemplateToken, TemplateTokens};
use crate::diagnostic::Code;

/// Budget of one rendering: about this many steps, or 64 times this many bytes, including intermediate values.
const FUEL: u64 = 20_000;

/// Maximum number of iterations of a counted loop.
const MAX_ROUNDS: u64 = 1_000;

/// A name that no template has. All template lookups resolve to it.
const NO_SUCH_TEMPLATE: &str = "\u{1}";

/// Maximum number of `+` in a template. Each adds 2 to the length of lists, which stay lazy.
const MAX_ADDITIONS: usize = 4;

/// Maximum number of `~` in a template. The engine joins constants at compile time, in cubic time.
const MAX_CONCATENATIONS: usize = 200;

/// Maximum number of names inside lists, maps and plain parentheses. Together they make at most 9 items of one.
const MAX_NAMES: usize = 6;

/// Statements with which a template could call itself or another template.
const FORBIDDEN_STATEMENTS: [&str; 9] =
    ["macro", "call", "include", "import", "from", "extends", "block", "do", "recursive"];

/// Functions that build maps from names, or show the scope.
const REMOVED_FUNCTIONS: [&str; 3] = ["debug", "dict", "namespace"];
/// Filters that build lists from names, sum lists, or print them at length.
const REMOVED_FILTERS: [&str; 7] = ["batch", "chain", "pprint", "slice", "sum", "tojson", "zip"];

/// Words after which a bracket starts a new value.
const OPERATOR_WORDS: [&str; 10] = ["and", "elif", "else", "if", "in", "is", "not", "or", "set", "with"];
const CONSTANT_WORDS: [&str; 6] = ["true", "false", "none", "True", "False", "None"];

/// Creates the engine with everything that templates may use.
pub(super) fn new_environment() -> Environment<'static> {
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
    // Compiled templates share one store under numbers, so a template must not include another one by its number.
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

/// The function `range` with a maximum length. Its items cost no fuel until a template iterates over them.
fn range(start: i64, end: Option<i64>, step: Option<i64>) -> Result<Value, Error> {
    let (start, end) = end.map_or((0, start), |end| (start, end));
    let step = step.unwrap_or(1);
    let span = if step > 0 { end.saturating_sub(start) } else { start.saturating_sub(end) };
    let count = span.max(0).unsigned_abs() / step.unsigned_abs().max(1);
    if step == 0 || count > MAX_ROUNDS {
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

/// Multiplies two numbers. The operator `*` would also repeat texts and lists.
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

/// Returns the error about the first forbidden construct in a template. Leaves invalid syntax to the engine.
pub(super) fn check_limits(template: &str) -> Result<(), RenderError> {
    let mut leash = LimitChecker { template, tokens: TemplateTokens::new(template), sums: 0, joins: 0, names: 0 };
    while let Some(end) = leash.tokens.next_tag() {
        leash.tag(end)?;
    }
    Ok(())
}

/// The counts of a template so far.
struct LimitChecker<'t> {
    template: &'t str,
    tokens: TemplateTokens<'t>,
    sums: usize,
    joins: usize,
    names: usize,
}

impl<'t> LimitChecker<'t> {
    /// Checks a tag up to its end.
    fn tag(&mut self, end: &str) -> Result<(), RenderError> {
        let mut before: Option<TemplateToken<'t>> = None;
        let mut first: Option<&'t str> = None;
        // For each open bracket, whether it contains the items of a value.
        let mut open: Vec<bool> = Vec::new();
        let (mut loose_names, mut loose_comma) = (0, false);
        while let Some((token, range)) = self.tokens.next() {
            match token {
                TemplateToken::Word(word) => {
                    if end == "%}" && before.is_none() {
                        first = Some(word);
                    }
                    let statement = first == Some(word) && before.is_none();
                    if (statement && FORBIDDEN_STATEMENTS.contains(&word))
                        || (first == Some("for") && word == "recursive")
                    {
                        let message = format!("a template cannot use `{word}`");
                        return Err(RenderError::new(Code::TemplateSyntax, message).at(range));
                    }
                    let member = matches!(before, Some(TemplateToken::Sign(b'.' | b'|')));
                    if !statement && !member && !OPERATOR_WORDS.contains(&word) && !CONSTANT_WORDS.contains(&word) {
                        match open.last() {
                            Some(true) => self.names += 1,
                            Some(false) => {}
                            None => loose_names += 1,
                        }
                    }
                }
                TemplateToken::Open => {
                    let follows = match before {
                        Some(TemplateToken::Word(word)) => !OPERATOR_WORDS.contains(&word),
                        Some(TemplateToken::Text | TemplateToken::Close) => true,
                        _ => false,
                    };
                    open.push(!follows || self.template.as_bytes()[range.start] == b'{');
                }
                TemplateToken::Close => {
                    open.pop();
                }
                TemplateToken::Sign(b'*') => {
                    let message = "a template cannot use `*`, which could make text of any size: multiply numbers by `| times(n)`";
                    return Err(RenderError::new(Code::TemplateLimit, message).at(range));
                }
                TemplateToken::Sign(b'+') => self.sums += 1,
                TemplateToken::Sign(b'~') => self.joins += 1,
                TemplateToken::Sign(b',') => loose_comma |= open.is_empty(),
                TemplateToken::Text | TemplateToken::Sign(_) => {}
            }
            if self.sums > MAX_ADDITIONS {
                let message = format!("a template cannot add more than {MAX_ADDITIONS} times; join texts with `~`");
                return Err(RenderError::new(Code::TemplateLimit, message).at(range));
            }
            if self.joins > MAX_CONCATENATIONS {
                let message = format!("a template cannot use `~` more than {MAX_CONCATENATIONS} times");
                return Err(RenderError::new(Code::TemplateLimit, message).at(range));
            }
            let loose = if first == Some("set") && loose_comma { loose_names } else { 0 };
            if self.names + loose > MAX_NAMES {
                let message =
                    format!("a template cannot put more than {MAX_NAMES} names into lists, maps and parentheses");
                return Err(RenderError::new(Code::TemplateLimit, message).at(range));
            }
            before = Some(token);
        }
        if first == Some("set") && loose_comma {
            self.names += loose_names;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(template: &str) -> Option<Code> {
        check_limits(template).err().map(|refusal| refusal.code)
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
            assert_eq!(check_limits(good), Ok(()), "{good}");
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
        let refusal = check_limits("Hi {% macro m() %}").unwrap_err();
        assert_eq!(refusal.message, "a template cannot use `macro`");
        assert_eq!(refusal.range, Some(6..11));
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
