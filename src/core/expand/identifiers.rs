//! Names in any script. The engine reads only ASCII identifiers, so templates with other names are rewritten.
//!
//! `row.größe` becomes `row["größe"]`, and a variable that the template sets gets an ASCII name. The engine's feature
//! `unicode` is not an alternative: it changes the order of `sort`, and so the text of videos that are already paid
//! for. Names are compared in Unicode normal form C.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::suspicious::is_invisible;
use super::template_tokens::{TemplateToken, TemplateTokens};
use crate::fields::pattern::is_identifier;

/// Prefix of ASCII names that replace other names.
const PREFIX: &str = "u__";

/// Insertions and replacements in a template. Maps ranges of the new text back to the old one.
#[derive(Clone, Debug, Default)]
pub(super) struct Edits(Vec<(Range<usize>, Range<usize>)>);

impl Edits {
    /// Copies the old text up to `old.start`, then appends `new` for the old range.
    pub(super) fn push(&mut self, text: &mut String, template: &str, old: Range<usize>, new: &str) {
        let done = self.0.last().map_or(0, |(_, old)| old.end);
        text.push_str(&template[done..old.start]);
        let start = text.len();
        text.push_str(new);
        self.0.push((start..text.len(), old));
    }

    /// Copies the rest of the old text.
    pub(super) fn finish(&self, text: &mut String, template: &str) {
        text.push_str(&template[self.0.last().map_or(0, |(_, old)| old.end)..]);
    }

    /// Returns the range of the old text that a range of the new one came from.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        let place = |at: usize, end: bool| {
            let before = self.0.iter().rev().find(|(new, _)| new.start < at || (new.start == at && !end));
            match before {
                None => at,
                Some((new, old)) if at < new.end || (end && at == new.end) => {
                    if end {
                        old.end
                    } else {
                        old.start
                    }
                }
                Some((new, old)) => old.end + (at - new.end),
            }
        };
        place(range.start, false)..place(range.end, true)
    }
}

/// Rewrites a template for the engine. Returns `None` if no name requires it.
pub(super) fn rewrite(template: &str) -> Option<(String, Edits)> {
    rewrite_with(template, |name| format!("[\"{name}\"]"))
}

/// Rewrites a template so that the engine lists the members it names, [encoded](decode).
pub(super) fn with_encoded_members(template: &str) -> Option<String> {
    rewrite_with(template, |name| format!(".{}", encode(name))).map(|(text, _)| text)
}

fn rewrite_with(template: &str, member: impl Fn(&str) -> String) -> Option<(String, Edits)> {
    if template.is_ascii() {
        return None;
    }
    let (mut text, mut edits, mut tokens) = (String::new(), Edits::default(), TemplateTokens::new(template));
    while tokens.next_tag().is_some() {
        let mut before: Option<(TemplateToken<'_>, usize)> = None;
        while let Some((token, range)) = tokens.next() {
            match (token, before) {
                (TemplateToken::Word(name), Some((TemplateToken::Sign(b'.'), dot))) if !name.is_ascii() => {
                    edits.push(&mut text, template, dot..range.end, &member(&normalize(name)));
                }
                (TemplateToken::Word(name), _) if !name.is_ascii() => {
                    edits.push(&mut text, template, range.clone(), &encode(&normalize(name)));
                }
                _ => {}
            }
            before = Some((token, range.start));
        }
    }
    edits.finish(&mut text, template);
    (!edits.0.is_empty()).then_some((text, edits))
}

/// Returns a name in normal form C.
pub(super) fn normalize(name: &str) -> Cow<'_, str> {
    if is_nfc(name) { name.into() } else { name.nfc().collect::<String>().into() }
}

fn encode(name: &str) -> String {
    name.bytes().fold(PREFIX.to_owned(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// Returns a text of the engine with the names as the template writes them.
pub(super) fn decode(text: &str) -> String {
    let mut parts = text.split(PREFIX);
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|one: char| !matches!(one, '0'..='9' | 'a'..='f')).unwrap_or(part.len());
        let bytes = part.as_bytes()[..digits].chunks(2);
        let bytes: Option<Vec<u8>> =
            bytes.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
        match bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|name| !name.is_ascii()) {
            Some(name) => decoded.push_str(&name),
            None => decoded.extend([PREFIX, &part[..digits]]),
        }
        decoded.push_str(&part[digits..]);
    }
    let mut parts = decoded.split("[\"");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("\"]").filter(|(name, _)| !name.is_ascii() && is_identifier(name)) {
            Some((name, rest)) => text.extend([".", name, rest]),
            None => text.extend(["[\"", part]),
        }
    }
    text
}

/// Returns the expression of a member: `row.name`, or `row["First Name"]` if the name is not an identifier.
pub(super) fn member(path: &str, name: &str) -> String {
    if is_identifier(name) {
        format!("{path}.{name}")
    } else {
        format!("{path}[\"{}\"]", visible_name(&name.replace('\\', "\\\\").replace('"', "\\\"")))
    }
}

/// Returns a name with escapes for the characters that no screen shows, as in a string of a template.
pub(super) fn visible_name(name: &str) -> Cow<'_, str> {
    // Names in some scripts, and emoji, need joiners and variation selectors.
    let is_hidden = |one: char| {
        one != ' ' && is_invisible(one) && !matches!(one, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
    };
    if !name.contains(is_hidden) {
        return name.into();
    }
    let mut shown = String::with_capacity(name.len() + 8);
    for one in name.chars() {
        match one {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if is_hidden(one) => {
                for unit in one.encode_utf16(&mut [0; 2]) {
                    let _infallible = write!(shown, "\\u{unit:04x}");
                }
            }
            _ => shown.push(one),
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_scripts_become_subscripts_and_ascii_names() {
        let rewritten = |text: &str| rewrite(text).map(|(text, _)| text);
        assert_eq!(rewritten("Hi {{ row.Größe | upper }}").as_deref(), Some("Hi {{ row[\"Größe\"] | upper }}"));
        assert_eq!(rewritten("{{ row.o\u{308} }}").as_deref(), Some("{{ row[\"ö\"] }}"));
        assert_eq!(rewritten("größe {{ row.a ~ 'größe' }} {# größe #}{% raw %}{{ ö }}{% endraw %}"), None);
        let (text, _) = rewrite("{% set имя = 1 %}{{ имя }}").unwrap();
        assert!(text.is_ascii());
        assert_eq!(decode(&text), "{% set имя = 1 %}{{ имя }}");
    }

    #[test]
    fn characters_that_no_screen_shows_are_escaped() {
        assert_eq!(member("row", "First\nName"), r#"row["First\nName"]"#);
        assert_eq!(member("row", "a\u{200b}b\u{a0}\"c\\"), r#"row["a\u200bb\u00a0\"c\\"]"#);
        assert_eq!(visible_name("Vor Name \u{e0061}"), r"Vor Name \udb40\udc61");
        assert_eq!(visible_name("❤\u{fe0f} größe"), "❤\u{fe0f} größe");
    }

    #[test]
    fn places_lead_back_to_what_was_written() {
        let template = "ä{{ row.größe ~ vars.имя }}";
        let (text, edits) = rewrite(template).unwrap();
        let back = |part: &str| {
            let at = text.find(part).unwrap();
            &template[edits.original(at..at + part.len())]
        };
        assert_eq!(back("row[\"größe\"]"), "row.größe");
        assert_eq!(back("vars[\"имя\"]"), "vars.имя");
        assert_eq!(back("~ "), "~ ");
        assert_eq!(back("ä{{"), "ä{{");
    }
}
