//! White space that YAML does not treat as a space.

use super::unquoted::line_around;
use super::{Node, ScalarStyle, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Origin};

/// Returns `true` if a character only looks like a space. `U+00A0` is pasted from word processors and web pages.
pub fn is_no_break(one: char) -> bool {
    !one.is_ascii() && one.is_whitespace() && !matches!(one, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns a warning about such a character at the start of an unquoted text, where YAML drops only spaces.
pub(super) fn leading(node: &Node) -> Option<Diagnostic> {
    let Value::String(text) = &node.value else { return None };
    let one = text.text.chars().next().filter(|one| text.style == ScalarStyle::Plain && is_no_break(*one))?;
    let start = node.origin.span.start;
    let origin = Origin::new(node.origin.file, start, start + one.len_utf8() as u32);
    let quoted = text.text.trim_start().starts_with(['"', '\'']);
    let result = if quoted { ", so the quotes after it are part of the text" } else { "" };
    let message = format!("the text begins with {}{result}", name(one));
    Some(
        Diagnostic::new(Code::InvisibleText, message, origin)
            .label("looks like a space")
            .help("replace it with a space"),
    )
}

/// Returns an error about such a character in indentation or next to a key, on the line of the error or the previous
/// one.
pub(super) fn misplaced_near(file: FileId, text: &str, at: usize) -> Option<Diagnostic> {
    let line = line_around(text, at);
    let before = text[..line.start].trim_end();
    let lines = [Some(line), (!before.is_empty()).then(|| line_around(text, before.len()))];
    let (at, one) = lines.into_iter().flatten().find_map(|line| {
        let (found, one) = misplaced(&text[line.clone()])?;
        Some((line.start + found, one))
    })?;
    let origin = Origin::new(file, at as u32, (at + one.len_utf8()) as u32);
    let message = format!("{}, is where YAML needs a space", name(one));
    let made = Diagnostic::new(Code::YamlSyntax, message, origin).label("looks like a space");
    Some(made.help("replace it with a space"))
}

fn name(one: char) -> String {
    let name = if one == '\u{a0}' { "a no-break space" } else { "a wide space" };
    format!("{name}, U+{:04X}", u32::from(one))
}

/// Returns the first such character in the indentation of a line, or next to the `:` or `-` of an entry.
fn misplaced(line: &str) -> Option<(usize, char)> {
    let mut indentation = true;
    let mut before = None;
    for (at, one) in line.char_indices() {
        if one == '#' && before.is_none_or(char::is_whitespace) || matches!(one, '"' | '\'') {
            return None;
        }
        if is_no_break(one) && (indentation || before == Some(':') || line[at + one.len_utf8()..].starts_with(':')) {
            return Some((at, one));
        }
        indentation &= one.is_whitespace() || one == '-';
        before = Some(one);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::misplaced;
    use crate::diagnostic::{Code, Report};
    use crate::source::{SourceFile, Sources};

    #[test]
    fn unquoted_text_does_not_begin_with_a_no_break_space() {
        let mut sources = Sources::new();
        let text = "a: \u{a0}\"Hello\nb: [\u{3000}x, y\u{a0}z]\nc: \"\u{a0}q\"\nd: é\n";
        let file = sources.add(SourceFile::new("a", "a", text));
        let tree = crate::yaml::parse(file, sources.get(file), &mut Report::new()).unwrap();
        let mut told = Vec::new();
        crate::yaml::each_cut(&tree, &mut |warning| {
            assert_eq!(warning.code, Code::InvisibleText);
            told.push((warning.message, warning.primary.unwrap().origin.span.start));
        });
        let quotes = "the text begins with a no-break space, U+00A0, so the quotes after it are part of the text";
        let wide = "the text begins with a wide space, U+3000";
        assert_eq!(told, [(quotes.to_owned(), 3), (wide.to_owned(), 16)]);
    }

    #[test]
    fn a_blank_is_misplaced_where_yaml_needs_a_space() {
        for (line, found) in [
            ("\u{a0} a: b", Some(0)),
            ("  a:\u{a0}b", Some(4)),
            ("  a\u{a0}: b", Some(3)),
            ("-\u{a0}a", Some(1)),
            ("a: Prix\u{a0}fixe", None),
            ("a: \"x:\u{a0}y\"", None),
            ("# Note\u{a0}: none", None),
        ] {
            assert_eq!(misplaced(line).map(|found| found.0), found, "{line:?}");
        }
    }
}
