//! Syntax errors in our words, the parser's own as the label.

use granit_parser::{ErrorKind, ScanError};

use super::builder::{Builder, Stop};
use super::fault;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Origin;

impl Builder<'_, '_> {
    /// A syntax error: explained, and the end.
    pub(super) fn refuse(&mut self, error: &ScanError) -> Result<(), Stop> {
        let at = error.marker().byte_offset().unwrap_or(0).min(self.text.len());
        let origin = Origin::new(self.file, at as u32, at as u32);
        let diagnostic = match error.kind() {
            ErrorKind::RecursionLimitExceeded => fault::too_deep(origin),
            kind => Diagnostic::new(Code::YamlSyntax, "the text is not valid YAML", origin).label(kind.to_string()),
        };
        self.report.push(diagnostic);
        Err(Stop)
    }
}
