//! What a template may not even say, because the engine's fuel does not count it.
//!
//! Fuel counts steps, text and the items that are walked over. It does not count a list that is repeated (`[1] * n` is
//! lazy until something prints or compares it), the sum of lists (lazy too, and flattened at once when 33 deep), nor a
//! list that holds one other many times over, on many levels. So `*` is refused, nothing may call itself or carry a
//! value from round to round of a loop, and sums and names inside lists are counted.

use std::ops::Range;

use super::tokens::{Token, Tokens};
use crate::diagnostic::Code;

/// The most `+` in a template: lists grow by 2 with each, and stay lazy.
const MOST_SUMS: usize = 4;

/// The most `~` in a template: the engine joins constants while it compiles, in time that grows with the cube.
const MOST_JOINS: usize = 200;

/// The most names inside lists, maps and plain parentheses: all together they make 9 items of one.
const MOST_NAMES: usize = 6;

/// Statements with which a template could call itself or another one.
const REFUSED: [&str; 9] = ["macro", "call", "include", "import", "from", "extends", "block", "do", "recursive"];

/// Functions that make maps out of names, or show the scope.
pub(super) const REMOVED_FUNCTIONS: [&str; 3] = ["debug", "dict", "namespace"];
/// Filters that make lists out of names, sum lists, or print them at length.
pub(super) const REMOVED_FILTERS: [&str; 7] = ["batch", "chain", "pprint", "slice", "sum", "tojson", "zip"];

/// Words after which a bracket begins a value of its own.
const WORDS: [&str; 10] = ["and", "elif", "else", "if", "in", "is", "not", "or", "set", "with"];
/// Words that are values.
const CONSTANTS: [&str; 6] = ["true", "false", "none", "True", "False", "None"];

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
