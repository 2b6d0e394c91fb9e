//! Keeps what follows a value in advice about the value: indices, members, methods and filters.

use super::method_help;
use crate::expand::advice::{atom, bracketed, fill, leading_expression};
use crate::expand::other_languages::filter_for;
use crate::expand::template_tokens::TemplateToken;

/// Returns advice for a value with the indices, members, methods and filters that follow the value.
pub(super) fn continued(help: String, rest: &str) -> String {
    let bare = |help: &str| Some(help.strip_prefix("write `{{ ")?.strip_suffix(" }}`")?.to_owned());
    let (Some(mut made), mut rest) = (bare(&help), rest) else { return help };
    let mut help = help;
    loop {
        let sign = rest.trim_start().chars().next().filter(|one| rest.starts_with(*one) || *one == '|');
        let Some(sign) = sign.filter(|one| matches!(one, '[' | '.' | '|')) else { return help };
        // Only a printed list is joined.
        made = made.strip_suffix(" | join(', ')").unwrap_or(&made).to_owned();
        if [" + ", " - ", " // ", " % "].iter().any(|operator| made.contains(operator)) {
            made = format!("({made})");
        }
        if sign == '[' {
            let index = bracketed(rest);
            made = format!("({made}){index}");
            rest = &rest[index.len()..];
        } else {
            let after = rest.trim_start()[1..].trim_start();
            let length = after.find(|one: char| !(one.is_alphanumeric() || one == '_')).unwrap_or(after.len());
            let (name, after) = after.split_at(length);
            let call = if after.starts_with('(') { bracketed(after) } else { "" };
            let mut arguments =
                call.strip_prefix('(').and_then(|call| call.strip_suffix(')')).unwrap_or_default().trim();
            rest = &after[call.len()..];
            if let Some(liquid) = rest.strip_prefix(':').filter(|_| sign == '|') {
                arguments = leading_expression(liquid, |token| token == TemplateToken::Sign(b'|'));
                rest = liquid.trim_start().strip_prefix(arguments).unwrap_or_default();
            }
            let member = sign == '.' && call.is_empty();
            let next = match (filter_for(name), name) {
                (_, "first" | "last") if member => format!("write `{{{{ {made} | {name} }}}}`"),
                (_, "length" | "size" | "count") if member => format!("write `{{{{ {made} | length }}}}`"),
                _ if member => format!("write `{{{{ ({made}).{name} }}}}`"),
                (Some(advice), _) if sign == '|' => fill(advice, &atom(&made, advice), arguments),
                _ => method_help(name, &made, arguments),
            };
            match bare(&next) {
                Some(next) => made = next,
                None => return help,
            }
        }
        help = format!("write `{{{{ {made} }}}}`");
    }
}
