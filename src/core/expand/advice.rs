//! Fills the advice for other languages with the values and arguments of a template.

use super::template_tokens::{TemplateToken, TemplateTokens};

/// Returns advice with a value and arguments as they are written. `arguments` is empty, or the text between parentheses.
pub(super) fn fill(advice: &str, value: &str, arguments: &str) -> String {
    let all = split_arguments(arguments);
    let filled: Vec<String> = advice.split("ARG").map(|part| part.replace('X', value)).collect();
    let advice = filled.join(if arguments.is_empty() { "…" } else { arguments });
    let mut parts = advice.split('«');
    let mut made = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((slot, rest)) = part.split_once('»') else { continue };
        let (number, default) = slot.split_once('|').unwrap_or((slot, ""));
        let written = number.parse::<usize>().ok().and_then(|number| all.get(number.checked_sub(1)?));
        made.push_str(written.copied().unwrap_or(default));
        made.push_str(rest);
    }
    made
}

/// Returns the expression at the start of a text: up to a token that ends it, or to a bracket that it does not open.
pub(super) fn leading_expression<'t>(text: &'t str, ends: impl Fn(TemplateToken<'t>) -> bool) -> &'t str {
    let mut tokens = TemplateTokens::new(text);
    while let (depth, Some((token, range))) = (tokens.depth, tokens.next()) {
        match (depth, token) {
            (0, TemplateToken::Close) => return text[..range.start].trim_end_matches(['%', '-', '+']).trim(),
            (0, token) if ends(token) => return text[..range.start].trim(),
            _ => {}
        }
    }
    text.trim()
}

/// Returns the bracket at the start of a text, up to the one that closes it.
pub(super) fn bracketed(text: &str) -> &str {
    let mut tokens = TemplateTokens::new(text);
    while let Some((_, range)) = tokens.next() {
        if tokens.depth == 0 {
            return &text[..range.end];
        }
    }
    text
}

/// Splits arguments at the commas outside brackets and quotes.
pub(super) fn split_arguments(arguments: &str) -> Vec<&str> {
    let mut tokens = TemplateTokens::new(arguments);
    let (mut start, mut all) = (0, Vec::new());
    while let Some((token, range)) = tokens.next() {
        if tokens.depth == 0 && token == TemplateToken::Sign(b',') {
            all.push(arguments[start..range.start].trim());
            start = range.end;
        }
    }
    all.push(arguments[start..].trim());
    all.retain(|one| !one.is_empty());
    all
}

/// Returns the text of advice for a call: within a statement without the braces of an expression.
pub(super) fn in_tag(help: String, before: &str) -> String {
    let statement = before.rfind("{%") > before.rfind("{{");
    let bare = help.strip_prefix("write `{{ ").and_then(|help| help.strip_suffix(" }}`"));
    match bare.filter(|bare| statement && !bare.contains('`')) {
        // A list, which only a text needs joined.
        Some(bare) => format!("write `{}`", bare.strip_suffix(" | join(', ')").unwrap_or(bare)),
        None => help,
    }
}

/// Returns the format string of printf for one of Python's `format`. Returns `None` if it has none.
pub(super) fn printf(python: &str) -> Option<String> {
    let mut parts = python.split('{');
    let mut made = parts.next()?.replace('%', "%%");
    for part in parts {
        let (field, rest) = part.split_once('}')?;
        let form = field.split_once(':').map_or("", |(_, form)| form);
        let kind = form.chars().last().filter(char::is_ascii_alphabetic);
        if !form.chars().all(|one| one.is_ascii_digit() || one == '.' || Some(one) == kind) {
            return None;
        }
        made.push('%');
        made.push_str(form);
        made.push_str(if kind.is_some() { "" } else { "s" });
        made.push_str(&rest.replace('%', "%%"));
    }
    Some(made)
}

/// Returns a value in parentheses if the advice continues it with more than a filter.
pub(super) fn atom(value: &str, advice: &str) -> String {
    if advice.contains("-X") && value.starts_with("row") {
        return format!("({value} | float)");
    }
    let filtered = value.contains('|') && ["-X", "X[", "in X", "X ~", "~ X"].iter().any(|part| advice.contains(part));
    if filtered { format!("({value})") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_strings_of_python_become_those_of_printf() {
        for (python, made) in [
            ("'{:.2f} {}'", Some("'%.2f %s'")),
            ("'{0} 5% {x:03d}'", Some("'%s 5%% %03d'")),
            ("'{:,}'", None),
            ("'{:>5}'", None),
        ] {
            assert_eq!(printf(python).as_deref(), made, "{python}");
        }
    }

    #[test]
    fn arguments_end_at_commas_outside_brackets_and_quotes() {
        assert_eq!(split_arguments("'a, b', f(x, y),[1, 2]"), ["'a, b'", "f(x, y)", "[1, 2]"]);
        assert_eq!(fill("`{{ X | f(«1|0», «2|5») }}` ARG", "a", "X"), "`{{ a | f(X, 5) }}` X");
    }
}
