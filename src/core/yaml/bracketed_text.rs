//! Text that begins with a bracket, so that YAML reads a list or a mapping.

use super::unquoted;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Origin};

/// Returns the error about text such as `[pause] Welcome`, if YAML rejects what follows the bracket at `at`.
pub(super) fn text_near(file: FileId, text: &str, at: usize) -> Option<Diagnostic> {
    let line = unquoted::line_around(text, at);
    let (start, flow) = opening(&text[line.start..at])?;
    let start = line.start + start;
    let rest = &text[at..line.end];
    let first = rest.chars().next()?;
    // The next character is not text, so the collection is malformed in another way.
    if matches!(first, ',' | ':' | ']' | '}' | '#' | '&' | '*' | '!' | '|' | '>') {
        return None;
    }
    let end = at + if flow { end_of_flow_text(rest) } else { rest.find(" #").unwrap_or(rest.len()) };
    let range = start..start + text[start..end].trim_end().len();
    let origin = Origin::new(file, range.start as u32, range.end as u32);
    let message = "a text that begins with a bracket needs quotes, or YAML reads a list or a mapping";
    let help = format!("quote the text: `{}`", unquoted::quoted(text, range));
    Some(Diagnostic::new(Code::YamlSyntax, message, origin).label("the bracket closes before the text ends").help(help))
}

/// Returns the start of the collection that closes right before the end of `before`, and whether another collection
/// contains it.
fn opening(before: &str) -> Option<(usize, bool)> {
    let closed = before.trim_end();
    let mut depth = 0_usize;
    for (at, one) in closed.char_indices().rev() {
        match one {
            ']' | '}' => depth += 1,
            '[' | '{' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            let lead = closed[..at].trim_end();
            let value = lead.is_empty() || lead.ends_with([':', '-', ',', '[', '{']);
            let opens = matches!(one, '[' | '{') && closed.len() > at + 1;
            let count = |marks: [char; 2]| lead.matches(marks).count();
            return (opens && value).then(|| (at, count(['[', '{']) > count([']', '}'])));
        }
    }
    None
}

fn end_of_flow_text(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, one) in rest.char_indices() {
        match one {
            '[' | '{' => depth += 1,
            ']' | '}' if depth > 0 => depth -= 1,
            ',' | ']' | '}' if depth == 0 => return at,
            _ => {}
        }
    }
    rest.len()
}

/// Returns the text that the author probably meant by a small list or mapping without values: `[pause]`, `{name}`.
pub fn as_text(node: &super::Node) -> Option<String> {
    let plain = |text: &str| !text.is_empty() && !text.contains(['"', '\\', '\n']);
    match &node.value {
        super::Value::List(items) if items.len() == 1 => {
            items[0].as_str().filter(|text| plain(text)).map(|text| format!("[{text}]"))
        }
        super::Value::Map(map) => match &*map.entries {
            [entry] if matches!(entry.value.value, super::Value::Null) && plain(&entry.key) => {
                Some(format!("{{{}}}", entry.key))
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::opening;

    #[test]
    fn a_collection_is_a_text_where_more_follows_it() {
        for (before, found) in [
            ("    script: [pause] ", Some((12, false))),
            ("  a: { script: [a, [b]] ", Some((15, true))),
            ("- {name} ", Some((2, false))),
            ("script: see [1] ", None),
            ("script: ", None),
            ("a: []] ", None),
        ] {
            assert_eq!(opening(before), found, "{before}");
        }
    }
}
