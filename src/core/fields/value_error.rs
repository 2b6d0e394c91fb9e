//! The reason why a value is rejected, with a message for the place of the value.

use super::{Type, ValueError, truncated};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Origin;

/// The source of a rejected value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiteralOrTemplate {
    /// A literal of a manifest.
    Literal,
    /// The result of a template.
    Template,
}

impl ValueError {
    /// Returns the diagnostic for the field at `path`, with the rejected text.
    pub fn diagnostic(
        &self,
        ty: &Type,
        path: &str,
        text: &str,
        source: LiteralOrTemplate,
        origin: Origin,
    ) -> Diagnostic {
        let text = truncated(text);
        let given = match source {
            LiteralOrTemplate::Literal => format!("`{path}` is `{text}`"),
            LiteralOrTemplate::Template => format!("the template gives `{text}`"),
        };
        match self {
            Self::Type => {
                let (code, message) = match source {
                    LiteralOrTemplate::Template => {
                        (Code::WrongResult, format!("{given}, but `{path}` needs {}", ty.expected()))
                    }
                    LiteralOrTemplate::Literal if ty.words().is_some() => {
                        (Code::UnknownValue, format!("{given}, not {}", ty.expected()))
                    }
                    LiteralOrTemplate::Literal => (Code::WrongType, format!("{given}, not {}", ty.expected())),
                };
                let near = ty.words().and_then(|words| nearest(&text, words.iter().map(|word| word.text)));
                Diagnostic::new(code, message, origin).did_you_mean(near)
            }
            Self::VendorCode(word) => {
                let message = match source {
                    LiteralOrTemplate::Literal => format!("{given}, the vendor's number"),
                    LiteralOrTemplate::Template => format!("{given}, the vendor's number, for `{path}`"),
                };
                Diagnostic::new(Code::VendorNumber, message, origin).label(format!("write `{word}`"))
            }
            Self::Bounds => {
                let bounds = ty.bounds("between", "and").unwrap_or_default();
                Diagnostic::new(Code::OutOfRange, format!("`{path}` is {text}, but must be {bounds}"), origin)
            }
            Self::Rule { code, predicate, help } => {
                let subject = if matches!(ty, Type::Speech) { "the text".to_owned() } else { format!("`{path}`") };
                let diagnostic = Diagnostic::new(*code, format!("{subject} {predicate}"), origin);
                help.iter().fold(diagnostic, |diagnostic, help| diagnostic.help(*help))
            }
        }
    }

    /// Returns a server's message about a form part.
    pub fn part_message(&self, ty: &Type, name: &str, text: &str) -> String {
        let quoted = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
        let note = if quoted { "; the quotes in the vendor's example are curl's and are not sent" } else { "" };
        match self {
            Self::Type | Self::VendorCode(_) => {
                format!("`{name}` must be {}, not `{}`{note}", ty.expected_in_part(), truncated(text))
            }
            Self::Bounds => {
                format!("`{name}` must be {}, not {}", ty.bounds("from", "to").unwrap_or_default(), truncated(text))
            }
            Self::Rule { predicate, .. } => format!("`{name}` {predicate}{note}"),
        }
    }
}
