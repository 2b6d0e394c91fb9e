//! Failures of templates: the engine's errors translated into our messages.

use std::ops::Range;

use minijinja::{Error, ErrorKind};

use super::identifiers::{Edits, decode};
use super::template_help::template_help;
use crate::diagnostic::Code;

/// The reason why a template renders no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RenderError {
    /// The kind of error.
    pub code: Code,
    /// The message. Empty for an undefined name, unless the name is calculated.
    pub message: String,
    /// The invalid bytes of the template.
    pub range: Option<Range<usize>>,
    /// The undefined expression.
    pub undefined: Option<String>,
    /// The member that was probably meant by the undefined expression.
    pub meant: Option<Box<str>>,
    /// Help for errors other than an undefined name.
    pub help: Option<String>,
}

impl RenderError {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), range: None, undefined: None, meant: None, help: None }
    }

    /// Sets the invalid bytes of the template.
    pub(super) fn at(self, range: Range<usize>) -> Self {
        Self { range: Some(range), ..self }
    }

    /// Returns the failure with the ranges and names of the template before it was rewritten.
    pub(super) fn original(mut self, edits: Option<&Edits>) -> Self {
        if let Some(edits) = edits {
            self.range = self.range.map(|range| edits.original(range));
            self.message = decode(&self.message);
            self.undefined = self.undefined.as_deref().map(decode);
            self.meant = self.meant.as_deref().map(|meant| decode(meant).into());
            self.help = self.help.as_deref().map(decode);
        }
        self
    }
}

/// Translates the engine's error.
pub(super) fn render_error(error: &Error, source: &str) -> RenderError {
    let detail = error.detail().unwrap_or_default();
    let (meant, help) = template_help(error, source).unzip();
    let range = meant
        .flatten()
        .or_else(|| error.range())
        .filter(|range| source.get(range.clone()).is_some_and(|part| !part.is_empty()));
    let undefined = undefined_name(error, detail, source, range.as_ref());
    let range = undefined.as_deref().and_then(|name| range_of(name, source, range.clone())).or(range);
    let (code, message) = match error.kind() {
        _ if undefined.is_some() => (Code::UndefinedVariable, String::new()),
        ErrorKind::OutOfFuel => (Code::TemplateLimit, "the template runs too long or produces too much text".into()),
        ErrorKind::SyntaxError | ErrorKind::BadEscape if detail.contains("maximum recursion") => {
            (Code::TemplateLimit, "the template nests too deeply".into())
        }
        ErrorKind::SyntaxError | ErrorKind::BadEscape => {
            (Code::TemplateSyntax, format!("the template is malformed: {detail}"))
        }
        ErrorKind::TemplateNotFound => (Code::TemplateError, "a template cannot include or extend another".into()),
        ErrorKind::InvalidOperation
            if ["too large", "too many elements", "recursion limit"].iter().any(|part| detail.contains(part)) =>
        {
            (Code::TemplateLimit, format!("the template produces too much: {detail}"))
        }
        kind if detail.is_empty() => (Code::TemplateError, format!("the template fails: {kind}")),
        _ => (Code::TemplateError, format!("the template fails: {detail}")),
    };
    let help = help.filter(|_| undefined.is_none());
    RenderError { code, message, range, undefined, meant: None, help }
}

/// Returns the expression without a value: from the engine's description, or else from the template.
fn undefined_name(error: &Error, detail: &str, source: &str, range: Option<&Range<usize>>) -> Option<String> {
    if let Some((before, _)) = detail.split_once("` is undefined")
        && let Some((_, name)) = before.rsplit_once('`')
    {
        return Some(name.to_owned());
    }
    (error.kind() == ErrorKind::UndefinedError)
        .then(|| range.and_then(|range| source.get(range.clone())).unwrap_or("a name").trim().to_owned())
}

/// Returns the range of an undefined name: the error's own, or the name itself if the error points at its use.
fn range_of(name: &str, source: &str, range: Option<Range<usize>>) -> Option<Range<usize>> {
    let range = range?;
    let near = source.get(range.clone()).is_some_and(|part| part.contains(name));
    let start = if near { return None } else { source.get(..range.end)?.rfind(name)? };
    Some(start..start + name.len())
}
