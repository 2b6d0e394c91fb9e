//! Help for syntax of other template languages: filters, tests, methods, tags, and braces that are meant as text.

mod continued;

use std::ops::Range;

use minijinja::{Error, ErrorKind};

use super::advice::{atom, bracketed, fill, in_tag, leading_expression, printf, split_arguments};
use super::identifiers::member;
use super::other_languages::{FILTERS, STATEMENTS, TESTS, filter_for, statement_for, test_for};
use super::template_tokens::{TemplateToken, TemplateTokens, operand_before};
use super::undefined::listing;
use crate::diagnostic::nearest;
use crate::source::quoted;
use continued::continued;

/// The help of an error message, and the invalid range. `None` keeps the engine's range.
type TemplateHelp = (Option<Range<usize>>, String);

/// Returns the help for an error of the engine.
pub(super) fn template_help(error: &Error, source: &str) -> Option<TemplateHelp> {
    let detail = error.detail().unwrap_or_default();
    let range = error.range();
    let named = |before: &str, after: &str| detail.strip_prefix(before)?.strip_suffix(after);
    match error.kind() {
        ErrorKind::SyntaxError | ErrorKind::BadEscape => syntax(detail, source, range.as_ref()),
        ErrorKind::UnknownFilter => named("filter ", " is unknown").map(|name| filter(name, source, range)),
        ErrorKind::UnknownTest => named("test ", " is unknown").map(|name| test(name, source, range)),
        ErrorKind::UnknownFunction => named("", " is unknown").map(|name| function(name, source, range.as_ref())),
        ErrorKind::UnknownMethod => detail.rsplit_once(' ').map(|(_, name)| method(name, source, range)),
        _ => None,
    }
}

/// Returns the help for an unclosed tag, an unexpected character, or a tag of another language.
fn syntax(detail: &str, source: &str, range: Option<&Range<usize>>) -> Option<TemplateHelp> {
    let start = range.map_or(source.len(), |range| range.start.min(source.len()));
    let start = (0..=start).rev().find(|at| source.is_char_boundary(*at))?;
    if let Some(name) = detail.strip_prefix("unknown statement ") {
        let help = match (name, open_block(&source[..start])) {
            ("end", Some(block)) => format!("write `{{% end{block} %}}`"),
            _ => statement(name),
        };
        return Some((None, help));
    }
    let (before, after) = source.split_at(start);
    let opened = before.rfind("{{").max(before.rfind("{%"));
    if let Some(opened) =
        opened.filter(|opened| !before[*opened..].contains("}}") && source[*opened..].starts_with("{{"))
        && let Some(help) = handlebars(source[opened + 2..].trim_start_matches(['-', '+']))
    {
        return Some((Some(opened..opened + 2), help));
    }
    if opened.is_some_and(|opened| opened > 0 && source.as_bytes()[opened - 1] == b'{') {
        let help = "write two braces, `{{ … }}`: nothing is escaped".to_owned();
        return Some((Some(opened? - 1..opened? + 2), help));
    }
    if let Some((opened, help)) = apostrophe(source) {
        return Some((Some(opened), help));
    }
    if let Some(opened) = TemplateTokens::unclosed(source) {
        let braces = &source[opened.clone()];
        let end = match braces {
            "{{" => "`}}`",
            "{%" if detail.contains("raw block") => "`{% endraw %}`",
            "{%" => "`%}`",
            _ => "`#}`",
        };
        let help = format!("end it with {end}; {}", literal(braces));
        // The lexer reports these errors at the end of the template, far from the line with the error.
        return Some((detail.starts_with("unexpected end of").then_some(opened), help));
    }
    if let Some(part) = after.strip_prefix("contains ") {
        let ends = |token| matches!(token, TemplateToken::Word("and" | "or" | "else" | "if"));
        let part = leading_expression(part, ends);
        let help = format!("write `{part} in {}`", receiver(before).unwrap_or("…"));
        return Some((Some(start..start + "contains".len()), help));
    }
    if let Some(help) = name_in_pieces(before, after) {
        return Some((None, help));
    }
    if detail.contains("unexpected end of input") {
        let help = "each `{% if … %}` needs an `{% endif %}`, and each `{% for … %}` an `{% endfor %}`";
        return Some((None, help.to_owned()));
    }
    let one = after.chars().next()?;
    let word = last_name(before);
    let help = match one {
        '“' | '”' | '„' | '‘' | '’' | '«' | '»' => {
            "write straight quotes, `\"` or `'`, around a text".to_owned()
        }
        '&' => "write `and` for `&&`".to_owned(),
        '|' if before.ends_with('|') => "write `or` for `||`".to_owned(),
        '!' => "write `not` for `!`".to_owned(),
        '?' if after.starts_with("??") => {
            let other = leading_expression(&after[2..], |token| token == TemplateToken::Sign(b'?'));
            format!("write `{} | default({other})`", receiver(before).unwrap_or("a"))
        }
        '?' => "write `a if condition else b` for `condition ? a : b`".to_owned(),
        '=' => "write `==` to compare".to_owned(),
        ':' if before.trim_end_matches(word).trim_end().ends_with('|') => {
            let arguments = leading_expression(&after[1..], |token| token == TemplateToken::Sign(b'|'));
            // Liquid's `slice` has an offset and a length.
            match filter_for(if word == "slice" { "substr" } else { word }) {
                Some(help) => {
                    let value = operand_before(source, start - word.len()).map_or("…", |value| source[value].trim());
                    let rest = after[1..].trim_start().strip_prefix(arguments).unwrap_or_default();
                    in_tag(continued(fill(help, &atom(value, help), arguments), rest), before)
                }
                None => format!("the arguments of a filter need parentheses: `| {word}({arguments})`"),
            }
        }
        _ if after.starts_with("if") && word == "else" => "write `{% elif … %}` for `else if`".to_owned(),
        _ if detail.contains("unexpected character") => literal(&source[opened?..opened? + 2]),
        _ => return None,
    };
    Some((Some(start..start + one.len_utf8()), help))
}

/// Returns what to write for a member whose name is not an identifier, such as `row.First Name` or `row.2nd`.
///
/// The engine stops between `before` and `after`, which is after the first word of the name or after its leading digits.
fn name_in_pieces(before: &str, after: &str) -> Option<String> {
    const WORDS_OF_EXPRESSIONS: [&str; 7] = ["if", "else", "and", "or", "not", "in", "is"];
    let (object, first) = before.rsplit_once('.')?;
    let object = receiver(object)?;
    let in_name = |one: char| one.is_alphanumeric() || matches!(one, '_' | '-' | ' ');
    let digits = !first.is_empty() && first.chars().all(|one| one.is_ascii_digit());
    let word = first.ends_with(' ') && first.chars().all(in_name);
    if !digits && !word {
        return None;
    }
    let rest = &after[..after.find(|one: char| !in_name(one)).unwrap_or(after.len())];
    let words: Vec<&str> = rest.trim().split(' ').take_while(|word| !WORDS_OF_EXPRESSIONS.contains(word)).collect();
    let rest = words.join(" ");
    match rest.as_str() {
        "" => None,
        filter if FILTERS.contains(&filter) => Some(format!("write `{object}.{} | {filter}`", first.trim())),
        _ if object == "vars" && digits => {
            let name = format!("_{first}{rest}");
            Some(format!("the name of a variable begins with a letter or `_`: `{}`", member("vars", &name)))
        }
        _ => Some(format!("write a name that is not an identifier in brackets: `{object}[\"{first}{rest}\"]`")),
    }
}

/// Returns the range of a name with an apostrophe, such as `row.it's`, and what to write for it. To the engine the
/// apostrophe begins a text.
fn apostrophe(source: &str) -> Option<(Range<usize>, String)> {
    let in_name = |one: char| one.is_alphanumeric() || one == '_';
    let unclosed = TemplateTokens::unclosed(source)?;
    let tag = &source[unclosed.end..];
    let at = unclosed.end + tag.match_indices('\'').map(|(at, _)| at).find(|at| tag[..*at].ends_with(in_name))?;
    let (object, first) = source[unclosed.end..at].rsplit_once('.').filter(|(_, name)| name.chars().all(in_name))?;
    let rest = source[at + 1..].split(|one| !in_name(one)).next()?;
    let object = receiver(object)?;
    let start = at - first.len() - 1 - object.len();
    let help = format!("write a name that is not an identifier in brackets: `{object}[\"{first}'{rest}\"]`");
    (!rest.is_empty()).then_some((start..at + 1 + rest.len(), help))
}

/// The name at the end of a text.
fn last_name(text: &str) -> &str {
    let text = text.trim_end();
    let start = text.rfind(|one: char| !(one.is_alphanumeric() || one == '_'));
    start.map_or(text, |start| text[start..].trim_start_matches(|one: char| !(one.is_alphanumeric() || one == '_')))
}

/// Returns the name of the innermost block that is open at the end of a text.
fn open_block(before: &str) -> Option<&str> {
    let mut open = Vec::new();
    let tags = before.split("{%").skip(1).filter_map(|tag| tag.split_once("%}"));
    for word in tags.filter_map(|(tag, _)| tag.trim_matches(['-', '+', ' ']).split_whitespace().next()) {
        match word {
            "if" | "for" | "with" | "filter" => open.push(word),
            _ if word.starts_with("end") => drop(open.pop()),
            _ => {}
        }
    }
    open.pop()
}

fn statement(name: &str) -> String {
    if STATEMENTS.contains(&name) {
        return "no block that it belongs to is open here".to_owned();
    }
    match (statement_for(name), nearest(name, STATEMENTS)) {
        (Some(help), _) => help.to_owned(),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => format!("the statements are {}", listing(STATEMENTS)),
    }
}

/// Returns the expression that prints braces as text.
fn literal(braces: &str) -> String {
    format!(
        "if `{braces}` is meant as text, write `{{{{ \"{braces}\" }}}}`, or put it between `{{% raw %}}` and `{{% endraw %}}`"
    )
}

/// Returns the replacement for a Handlebars tag, given the text after its `{{`.
fn handlebars(inside: &str) -> Option<String> {
    let mut words = inside.get(1..)?.split(|one: char| one.is_whitespace() || "{}()".contains(one));
    let word = words.next().unwrap_or_default();
    let help = match (inside.chars().next()?, word) {
        ('{', _) => "write two braces: nothing is escaped",
        ('#', "if") => "write `{% if … %}` and end it with `{% endif %}`",
        ('#', "unless") => "write `{% if not … %}` and end it with `{% endif %}`",
        ('#', "with") => "write `{% with x = … %}` and end it with `{% endwith %}`",
        ('#', _) => "write `{% for item in … %}` and end it with `{% endfor %}`",
        ('/', "if" | "unless") => "write `{% endif %}`",
        ('/', "with") => "write `{% endwith %}`",
        ('/', _) => "write `{% endfor %}`",
        ('^', _) => "write `{% else %}`, or `{% if not … %}` and `{% endif %}`",
        ('>', _) => "a template cannot include another; put the text into `vars` or into the script file",
        ('!', _) => "write a comment as `{# … #}`",
        ('&', _) => "write the name alone: nothing is escaped",
        ('@', "index") => "within a loop write `{{ loop.index0 }}`",
        ('@', "first" | "last") => "within a loop write `{% if loop.first %}` or `{% if loop.last %}`",
        ('@', _) => "write the name of a variable without `@`",
        _ => return None,
    };
    Some(help.to_owned())
}

fn filter(name: &str, source: &str, range: Option<Range<usize>>) -> TemplateHelp {
    let place = last_word(name, source, range);
    let value = place.as_ref().and_then(|place| operand_before(source, place.start)).map(|value| source[value].trim());
    let rest = place.as_ref().map_or("", |place| source[place.end..].trim_start());
    let call = rest.strip_prefix('(').map_or("", |call| leading_expression(call, |_| false));
    let rest = if rest.starts_with('(') { &rest[bracketed(rest).len()..] } else { rest };
    let help = match filter_for(name) {
        Some(help) => {
            let before = place.as_ref().map_or("", |place| &source[..place.start]);
            in_tag(continued(fill(help, &atom(value.unwrap_or("…"), help), call), rest), before)
        }
        None => unknown(name, "filters", &FILTERS),
    };
    (place, help)
}

fn test(name: &str, source: &str, range: Option<Range<usize>>) -> TemplateHelp {
    let help = test_for(name).map_or_else(|| unknown(name, "tests", &TESTS), str::to_owned);
    (last_word(name, source, range), help)
}

/// Returns the help for an unknown function. What other languages call as a function is often a filter here.
fn function(name: &str, source: &str, range: Option<&Range<usize>>) -> TemplateHelp {
    let before = range.and_then(|range| source.get(..range.start)).unwrap_or_default();
    let call = range.cloned().and_then(|range| source.get(range)).unwrap_or_default();
    let inner = call.strip_prefix(name).and_then(|rest| rest.trim().strip_prefix('(')?.strip_suffix(')'));
    let inner = inner.map(str::trim).unwrap_or_default();
    let rest = range.and_then(|range| source.get(range.end..)).unwrap_or_default();
    let arguments = split_arguments(inner);
    let simple = arguments.first().copied().filter(|first| is_path(first));
    let further = arguments.first().map_or("", |first| inner[first.len()..].trim_start_matches([',', ' ']));
    let help = match (filter_for(name), simple) {
        (Some(help), simple) => {
            in_tag(continued(fill(help, &atom(simple.unwrap_or("…"), help), further), rest), before)
        }
        (None, Some(inner)) if FILTERS.contains(&name) => {
            let call = if further.is_empty() { String::new() } else { format!("({further})") };
            in_tag(continued(format!("write `{{{{ {inner} | {name}{call} }}}}`"), rest), before)
        }
        (None, _) => match nearest(name, FILTERS) {
            Some(near) => format!("there is a filter of this name: `{{{{ … | {near} }}}}`"),
            None => "the only function is `range`; filters are written `{{ … | upper }}`".to_owned(),
        },
    };
    (None, help)
}

/// Returns the help for a method call. Values have no methods, but filters do the same.
fn method(name: &str, source: &str, range: Option<Range<usize>>) -> TemplateHelp {
    let call = range.clone().and_then(|range| source.get(range)).unwrap_or_default();
    let dot = format!(".{name}");
    let found = call.rfind(&dot);
    let arguments = found.and_then(|at| call[at + dot.len()..].trim().strip_prefix('(')?.strip_suffix(')'));
    let rest = range.as_ref().and_then(|range| source.get(range.end..)).unwrap_or_default();
    let before = range.zip(found).and_then(|(range, at)| source.get(..range.start + at));
    let value = before.and_then(receiver).unwrap_or("…");
    let help = continued(method_help(name, value, arguments.map(str::trim).unwrap_or_default()), rest);
    (None, in_tag(help, before.unwrap_or_default()))
}

/// Returns the help for a method of a value.
fn method_help(name: &str, value: &str, arguments: &str) -> String {
    match (filter_for(name), name) {
        // In JavaScript the list comes first, in Python the separator.
        (_, "join") if !arguments.is_empty() && !value.starts_with(['"', '\'']) => {
            format!("write `{{{{ {value} | join({arguments}) }}}}`")
        }
        (_, "join") if !arguments.is_empty() => format!("write `{{{{ {arguments} | join({value}) }}}}`"),
        (_, "format") if value.contains('{') => match printf(value) {
            Some(value) => format!("write `{{{{ {value} | format({arguments}) }}}}`"),
            None => "write a format of printf, such as `{{ '%.2f' | format(1.5) }}`".to_owned(),
        },
        (Some(help), _) => fill(help, &atom(value, help), arguments),
        (None, _) if FILTERS.contains(&name) && arguments.is_empty() => format!("write `{{{{ {value} | {name} }}}}`"),
        (None, _) if FILTERS.contains(&name) => format!("write `{{{{ {value} | {name}({arguments}) }}}}`"),
        (None, _) => format!("values have no methods; {}", unknown(name, "filters", &FILTERS)),
    }
}

fn unknown(name: &str, what: &str, known: &[&'static str]) -> String {
    if let Some(near) = nearest(name, known.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    format!("the {what} are {}", quoted(known))
}

/// Returns `true` if a filter can follow a text: a name with its members and indices, or a quoted text.
fn is_path(text: &str) -> bool {
    receiver(text) == Some(text)
}

/// Returns the value at the end of a text: a name with its members, indices and arguments, or a quoted text.
fn receiver(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let mut depth = 0_usize;
    let mut quote = None;
    let mut start = text.len();
    for (at, one) in text.char_indices().rev() {
        match (quote, one) {
            (Some(open), _) => quote = quote.filter(|_| one != open),
            (None, '"' | '\'') => quote = Some(one),
            (None, ')' | ']') => depth += 1,
            (None, '(' | '[') if depth > 0 => depth -= 1,
            (None, _) if depth > 0 || one.is_alphanumeric() || one == '_' || one == '.' => {}
            (None, _) => break,
        }
        start = at;
    }
    (start < text.len() && depth == 0 && quote.is_none()).then_some(&text[start..])
}

/// Returns the last occurrence of a word in a range, or in the template up to the end of the range.
fn last_word(word: &str, source: &str, range: Option<Range<usize>>) -> Option<Range<usize>> {
    let range = range?;
    let at = source.get(..range.end)?.rfind(word)?;
    Some(at..at + word.len())
}
