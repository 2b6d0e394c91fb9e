//! Templates and texts that want quotes.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Origin;

/// The value in quotes, as YAML reads it back.
pub(super) fn quote(value: &str) -> String {
    if value.contains(['"', '\\']) { format!("'{}'", value.replace('\'', "''")) } else { format!("\"{value}\"") }
}

/// A template that YAML would read as a mapping.
pub(super) fn diagnostic(text: &str, origin: Origin) -> Diagnostic {
    let written = super::fault::shorten(&text[origin.span.range()]);
    Diagnostic::new(Code::UnquotedTemplate, "a template needs quotes, or YAML reads its braces as a mapping", origin)
        .help(format!("quote it: {}", quote(&written)))
}
