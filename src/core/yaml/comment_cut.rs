//! Unquoted text that ends at a `#`.

use super::{Node, Value, no_break_space};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Origin;

/// Returns a warning about text that a comment cuts, if the comment looks like part of the text: `the #1 choice`.
fn cut_at_comment(node: &Node) -> Option<Diagnostic> {
    let Value::String(text) = &node.value else { return None };
    let at = node.origin.span.end + u32::from(text.cut);
    (text.cut > 0).then(|| {
        let origin = Origin::new(node.origin.file, at, at + 1);
        Diagnostic::new(Code::CutAtComment, "the text ends here, because YAML reads ` #` as a comment", origin)
            .label("a comment begins here")
            .help("quote the text if the `#` belongs to it; a comment is written `# …`")
    })
}

/// Calls `tell` for each text of a tree that a comment cuts, or that begins with a no-break space.
pub fn each_cut(node: &Node, tell: &mut impl FnMut(Diagnostic)) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| each_cut(item, tell)),
        Value::Map(map) => map.entries.iter().for_each(|entry| each_cut(&entry.value, tell)),
        _ => cut_at_comment(node).into_iter().chain(no_break_space::leading(node)).for_each(tell),
    }
}

/// Returns the number of bytes between the end of a plain scalar and a `#` that starts a comment without a space, or
/// 0.
pub(super) fn bytes_before_comment(text: &str, end: usize) -> u16 {
    let rest = &text[end..];
    let comment = rest.trim_start_matches([' ', '\t']);
    let blanks = rest.len() - comment.len();
    let word = comment.strip_prefix('#').and_then(|words| words.chars().next());
    let is_word = word.is_some_and(|first| !first.is_whitespace() && !matches!(first, '#' | '-' | '=' | '!'));
    if blanks > 0 && is_word { u16::try_from(blanks).unwrap_or(0) } else { 0 }
}
