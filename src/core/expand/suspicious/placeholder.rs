//! Placeholders of other tools.

use super::{SuspiciousText, identifier};
use crate::diagnostic::Code;

/// Maximum length of the name of a placeholder, in bytes.
const MAX_NAME: usize = 60;

/// Allowed, because `[[fail]]` in a script makes the sandbox fail the video.
const SANDBOX_FAULT: &str = "fail";

/// The syntax of a placeholder.
struct PlaceholderForm {
    open: &'static str,
    close: &'static str,
    /// Whether the name may contain spaces: `[[First Name]]`.
    blanks: bool,
}

/// Longer openings come first, because `{{` begins with `{`.
const FORMS: &[PlaceholderForm] = &[
    PlaceholderForm { open: "${", close: "}", blanks: false },
    PlaceholderForm { open: "{{{", close: "}}}", blanks: true },
    PlaceholderForm { open: "{{", close: "}}", blanks: true },
    PlaceholderForm { open: "{", close: "}", blanks: true },
    PlaceholderForm { open: "[[", close: "]]", blanks: true },
    PlaceholderForm { open: "<<", close: ">>", blanks: true },
    PlaceholderForm { open: "*|", close: "|*", blanks: false },
    PlaceholderForm { open: "%%", close: "%%", blanks: false },
    PlaceholderForm { open: "%", close: "%", blanks: false },
];

/// Returns the first placeholder in a text.
pub(in crate::expand) fn placeholder(text: &str) -> Option<SuspiciousText> {
    let mut at = 0;
    while let Some(found) = text[at..].find(['$', '{', '[', '<', '*', '%']) {
        at += found;
        if let Some((end, name)) = placeholder_at(text, at) {
            return Some(finding(text, at..end, name));
        }
        at += 1;
    }
    None
}

/// Returns a `$` before a template, as in GitHub workflows.
pub(in crate::expand) fn dollar_before_template(text: &str) -> Option<SuspiciousText> {
    // One character is found faster than three.
    let at = text.match_indices('$').find_map(|(at, _)| text[at..].starts_with("${{").then_some(at))?;
    let message = "the `$` in front of `{{` stays in the text".to_owned();
    let help = "remove the `$`: a template is written `{{ … }}`".to_owned();
    Some(SuspiciousText { code: Code::ForeignPlaceholder, range: at..at + 1, message, help })
}

fn finding(text: &str, range: std::ops::Range<usize>, name: &str) -> SuspiciousText {
    let shown = &text[range.clone()];
    let message = if shown.starts_with("{{") {
        format!("`{shown}` comes from a value; templates inside values are not rendered")
    } else {
        format!("`{shown}` is the placeholder of another tool, which callsheet does not fill in")
    };
    let name = name.trim_start_matches(['=', '-', '$', ' ']).trim();
    let plain = identifier(name, 0) == Some(name.len()) && !name.contains(['-', '.']);
    let name = if plain { name } else { "NAME" };
    let help =
        format!("a value is written `{{{{ vars.{name} }}}}`, `{{{{ matrix.{name} }}}}` or `{{{{ row.{name} }}}}`");
    SuspiciousText { code: Code::ForeignPlaceholder, range, message, help }
}

fn placeholder_at(text: &str, at: usize) -> Option<(usize, &str)> {
    let rest = &text[at..];
    if let Some(inner) = rest.strip_prefix("<%") {
        let length = inner.find("%>")?;
        return Some((at + length + 4, &inner[..length]));
    }
    let form = FORMS.iter().find(|form| rest.starts_with(form.open))?;
    let inner = &rest[form.open.len()..];
    let length = inner.find(form.close).filter(|length| *length <= MAX_NAME)?;
    let name = &inner[..length];
    if form.open.starts_with('%') {
        // `100%` ends a number, and a second one may follow: "20% or 30%".
        let before = text[..at].chars().next_back();
        let after = inner[length + form.close.len()..].chars().next();
        if [before, after].into_iter().flatten().any(char::is_alphanumeric) {
            return None;
        }
    }
    is_name(name, form).then_some((at + form.open.len() + length + form.close.len(), name))
}

fn is_name(name: &str, form: &PlaceholderForm) -> bool {
    if form.open == "[[" && name == SANDBOX_FAULT {
        return false;
    }
    let inner = if form.blanks { name.trim() } else { name };
    if form.open == "{" && !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    if form.open == "{{" || form.open == "${" {
        return !inner.trim().is_empty();
    }
    let inner = inner.strip_prefix('$').unwrap_or(inner);
    let mut words = inner.split(' ');
    let sound = words.all(|word| identifier(word, 0) == Some(word.len()));
    sound && (form.blanks || !inner.contains(' '))
}
