//! Templates and texts that need quotes.

use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Origin, truncate};

/// Truncates the user's text for a message.
pub(super) fn truncate_message(text: &str) -> String {
    truncate(text, 60).replace(char::is_control, " ")
}

/// Returns the value in quotes that YAML reads back unchanged.
pub(super) fn quote(value: &str) -> String {
    if value.contains(['"', '\\']) { format!("'{}'", value.replace('\'', "''")) } else { format!("\"{value}\"") }
}

/// Returns the error about a template that YAML would read as a mapping.
pub(super) fn diagnostic(text: &str, origin: Origin) -> Diagnostic {
    Diagnostic::new(Code::UnquotedTemplate, "a template needs quotes, or YAML reads its braces as a mapping", origin)
        .label("a template without quotes")
        .help(format!("quote it: `{}`", quoted(text, origin.span.range())))
}

/// Returns an error about an unquoted template directly before a syntax error at `at`.
pub(super) fn template_near(file: FileId, text: &str, at: usize) -> Option<Diagnostic> {
    let line = line_around(text, at);
    let own = template_on(&text[line.clone()]).map(|range| shift(&range, line.start));
    let found = own.or_else(|| {
        // The parser may report the error only on the next line. Then the cause can only be a value that begins with
        // braces.
        let blank = text[line.start..at].trim().is_empty();
        let before = text[..line.start].trim_end();
        if !blank || before.is_empty() {
            return None;
        }
        let line = line_around(text, before.len());
        let range = shift(&template_on(&text[line.clone()])?, line.start);
        opens_template(&text[range.start..]).then_some(range)
    })?;
    Some(diagnostic(text, Origin::new(file, found.start as u32, found.end as u32)))
}

/// Returns an error about a quoted template before a syntax error at `at`, if a quote within its braces ends the value:
/// `"{{ row["First Name"] }}"`.
pub(super) fn quote_in_template(file: FileId, text: &str, at: usize) -> Option<Diagnostic> {
    let line = line_around(text, at);
    let written = &text[line.clone()];
    let last = |inside: &str, marks: [&str; 2]| marks.iter().filter_map(|mark| inside.rfind(mark)).max();
    let is_open = |inside: &str| last(inside, ["{{", "{%"]) > last(inside, ["}}", "%}"]);
    let mut from = 0;
    loop {
        let begins = |at: &usize| written[..*at].is_empty() || written[..*at].ends_with([' ', '[', '{', ',']);
        let open = written[from..].match_indices(['"', '\'']).map(|(found, _)| from + found).find(begins)?;
        let quote = &written[open..=open];
        let (other, name, escape) = if quote == "\"" { ("'", "double", "\\") } else { ("\"", "single", quote) };
        let escaped = |end: &usize| {
            (*end > open + 1 && written[..*end].ends_with(escape))
                || (escape == quote && written[end + 1..].starts_with(quote))
        };
        let ends = written[open + 1..].match_indices(quote).map(|(found, _)| open + 1 + found);
        let mut ends = ends.filter(|end| !escaped(end));
        let end = ends.next()?;
        if !is_open(&written[open + 1..end]) {
            from = end + 1;
            continue;
        }
        if line.start + end >= at {
            return None;
        }
        let start = line.start + end;
        let made = Diagnostic::new(
            Code::YamlSyntax,
            format!("a `{quote}` within the braces of a template ends the text"),
            Origin::new(file, start as u32, start as u32 + 1),
        );
        let inner = ends.map(|end| &written[open + 1..end]).find(|inner| !is_open(inner));
        let inner = inner.filter(|inner| !inner.contains(other) && !inner.contains('\\'));
        return Some(made.label("the text ends here").help(match inner {
            Some(inner) => {
                let inner = truncate_message(&inner.replace(quote, other));
                format!("write `{other}` within the braces: `{quote}{inner}{quote}`")
            }
            None => format!("a quote within {name} quotes is written `{escape}{quote}`"),
        }));
    }
}

/// Returns the value around a syntax error at `at`, if that is within the plain value of a `key: value` line.
pub(super) fn plain_value_around(text: &str, at: usize) -> Option<Range<usize>> {
    let line = line_around(text, at);
    let value = shift(&value_on(&text[line.clone()])?, line.start);
    let plain = !text[value.clone()].starts_with(['"', '\'', '[', '{', '&', '*', '|', '>']);
    (plain && value.start > line.start && value.contains(&at)).then_some(value)
}

/// Returns the value in quotes, after its key if the line has one.
pub(super) fn quoted(text: &str, value: Range<usize>) -> String {
    let line = line_around(text, value.start);
    let before = text[line.start..value.start].trim_start_matches(['-', ' ', '\t']);
    let key = before.trim_end();
    let quoted = quote(&truncate_message(&text[value]));
    if key.ends_with(':') && !key.contains(['{', '[', ',']) {
        format!("{} {quoted}", truncate_message(key))
    } else {
        quoted
    }
}

/// Returns the line, without its line break, that contains a byte.
pub(super) fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind(['\n', '\r']).map_or(0, |found| found + 1);
    let end = text[at..].find(['\n', '\r']).map_or(text.len(), |found| at + found);
    start..end
}

fn shift(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

fn opens_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|open| text.starts_with(open))
}

/// Returns the value on a line: the text after `key: ` or `- `, without a comment. Without either, the result is the
/// line.
fn value_on(line: &str) -> Option<Range<usize>> {
    let mut start = line.len() - line.trim_start().len();
    while let Some(rest) = line[start..].strip_prefix("- ") {
        start = line.len() - rest.trim_start().len();
    }
    let mut end = line.len();
    let mut value = start;
    let mut key_seen = false;
    for (at, byte) in UnquotedBytes::new(&line[start..]) {
        let at = start + at;
        let next = line.as_bytes().get(at + 1);
        if byte == b':' && !key_seen && matches!(next, Some(b' ' | b'\t')) {
            key_seen = true;
            value = line.len() - line[at + 1..].trim_start().len();
        }
        if byte == b'#' && next != Some(&b'}') && at > 0 && matches!(line.as_bytes()[at - 1], b' ' | b'\t') {
            end = at;
            break;
        }
    }
    let end = line[..end].trim_end().len();
    (value < end).then_some(value..end)
}

/// Returns the part that needs quotes on a line with a template outside quotes.
fn template_on(line: &str) -> Option<Range<usize>> {
    let open = UnquotedBytes::new(line).find(|(at, byte)| *byte == b'{' && opens_template(&line[*at..]))?.0;
    let value = value_on(line).filter(|value| value.contains(&open));
    if let Some(value) = value
        && !line[value.start..open].contains(['{', '['])
    {
        return Some(value);
    }
    // Within `{…}` or `[…]`: from the last delimiter of that collection to the end of the braces.
    let marks = ["{", "[", ",", ": "];
    let start = marks.iter().filter_map(|mark| line[..open].rfind(mark).map(|at| at + mark.len())).max().unwrap_or(0);
    let start = open - line[start..open].trim_start().len();
    let end = end_of_template(line, open).map_or(line.trim_end().len(), |end| end_of_flow_value(line, end));
    Some(start..end.max(open))
}

/// Returns the end of the template that opens at `open`.
fn end_of_template(line: &str, open: usize) -> Option<usize> {
    let closed = ["}}", "%}", "#}"].iter().filter_map(|close| line[open..].find(close)).min()?;
    Some(open + closed + 2)
}

/// Returns where a value within `{…}` or `[…]` ends that continues after a template: other templates, words, a file
/// extension.
fn end_of_flow_value(line: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(next) = line[at..].chars().next() {
        if opens_template(&line[at..]) {
            let Some(end) = end_of_template(line, at) else { break };
            at = end;
        } else if matches!(next, ',' | ']' | '}') || line[at..].starts_with(" #") {
            break;
        } else {
            at += next.len_utf8();
        }
    }
    line[..at].trim_end().len()
}

/// Returns the part of a value that a bare `#` cuts after `from`, if the text after the `#` looks like a part of it.
pub(super) fn comment_from(text: &str, from: usize) -> Option<&str> {
    let line = &text[line_around(text, from)];
    let start = text[..from].rfind(['\n', '\r']).map_or(0, |found| found + 1);
    let (at, _) = UnquotedBytes::new(line)
        .find(|(at, byte)| *byte == b'#' && *at > from - start && matches!(line.as_bytes()[at - 1], b' ' | b'\t'))?;
    let end = at + line[at..].find([' ', '\t', ',', '}', ']']).unwrap_or(line.len() - at);
    if end - at <= 1 {
        return None;
    }
    let start =
        [": ", "[", "{", ","].iter().filter_map(|mark| line[..at].rfind(mark).map(|found| found + mark.len())).max();
    let before = line[start.unwrap_or(at)..at].trim_start();
    // Words before the `#` belong to the same value, and so does the text after it.
    if before.is_empty() || before.contains(['"', '\'']) {
        return Some(&line[at..end]);
    }
    let end = at + line[at..].find([',', '}', ']']).unwrap_or(line.len() - at);
    Some(line[at - before.len()..end].trim_end())
}

/// The bytes of a line that are outside quotes. A quote opens only where a token can begin, so `it's` opens none.
struct UnquotedBytes<'a> {
    line: &'a [u8],
    at: usize,
    fresh: bool,
}

impl<'a> UnquotedBytes<'a> {
    fn new(line: &'a str) -> Self {
        Self { line: line.as_bytes(), at: 0, fresh: true }
    }
}

impl Iterator for UnquotedBytes<'_> {
    type Item = (usize, u8);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let at = self.at;
            let byte = *self.line.get(at)?;
            self.at += 1;
            if self.fresh && matches!(byte, b'"' | b'\'') {
                let mut escaped = false;
                let closes = |other: &u8| {
                    let close = *other == byte && !escaped;
                    escaped = byte == b'"' && *other == b'\\' && !escaped;
                    close
                };
                if let Some(length) = self.line[self.at..].iter().position(closes) {
                    self.at += length + 1;
                    self.fresh = false;
                    continue;
                }
            }
            match byte {
                b' ' | b'\t' => {}
                b'[' | b'{' | b',' | b':' | b'-' | b'(' => self.fresh = true,
                _ => self.fresh = false,
            }
            return Some((at, byte));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_within_braces_is_written_as_the_other_one() {
        for (line, at, help) in [
            (r#"t: "{{ row["a b"] }}!""#, 12, Some("write `'` within the braces: `\"{{ row['a b'] }}!\"`")),
            (r#"- ["x", '{% if a == 'b' %}']"#, 25, Some("write `\"` within the braces: `'{% if a == \"b\" %}'`")),
            (r#"t: "{{ row["it's"] }}""#, 14, Some("a quote within double quotes is written `\\\"`")),
            (r#"t: "{{ a }}" "{{ b }}""#, 13, None),
            (r"t: '{{ row[''a''] }}' x", 22, None),
            (r#"t: "{{ row[\"a\"] }}" x"#, 22, None),
        ] {
            let found = quote_in_template(FileId(0), line, at).map(|found| found.help[0].clone());
            assert_eq!(found.as_deref(), help, "{line}");
        }
    }
}
