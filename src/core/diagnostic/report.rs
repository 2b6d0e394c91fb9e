//! Collects all diagnostics of a run in the order of their locations.

use super::{Code, Diagnostic, Severity};

/// Maximum number of errors, and of warnings, to retain. More of them help no reader and cost memory.
pub const MAX_DIAGNOSTICS: usize = 10_000;

/// The diagnostics of all stages.
#[derive(Clone, Debug, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    /// Number of all errors, retained or not.
    errors: usize,
    warnings: usize,
    /// Codes whose warnings are dropped.
    allowed: Vec<Code>,
}

impl Report {
    /// Creates an empty report.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a diagnostic. After the first [`MAX_DIAGNOSTICS`] of its severity, it is only counted.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.drops(&diagnostic) {
            return;
        }
        let counted = match diagnostic.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        *counted += 1;
        if *counted <= MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Adds all diagnostics of another report.
    pub fn merge(&mut self, other: Report) {
        let left_out = (other.errors, other.warnings);
        let kept = other.diagnostics.len();
        let errors = other.diagnostics.iter().filter(|one| one.severity == Severity::Error).count();
        for one in other.diagnostics {
            self.push(one);
        }
        self.errors += left_out.0 - errors;
        self.warnings += left_out.1 - (kept - errors);
    }

    /// Drops the warnings of some codes, both the collected ones and later ones.
    pub fn allow(&mut self, codes: &[Code]) {
        self.allowed.extend(codes);
        let kept = std::mem::take(&mut self.diagnostics);
        let before = kept.len();
        self.diagnostics = kept.into_iter().filter(|one| !self.drops(one)).collect();
        self.warnings -= before - self.diagnostics.len();
    }

    fn drops(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic.severity == Severity::Warning && self.allowed.contains(&diagnostic.code)
    }

    /// Turns each warning into an error.
    pub fn deny_warnings(&mut self) {
        for one in &mut self.diagnostics {
            one.severity = Severity::Error;
        }
        self.errors += std::mem::take(&mut self.warnings);
    }

    /// Returns `true` if any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Returns the number of errors, including those that are only counted.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Returns the number of warnings, including those that are only counted.
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// Returns `true` if the report has the maximum number of errors, so that no stage searches for more.
    pub fn is_full(&self) -> bool {
        self.errors >= MAX_DIAGNOSTICS
    }

    /// Returns `true` if diagnostics are missing from the report, because they were only counted or never searched
    /// for.
    pub fn is_truncated(&self) -> bool {
        self.is_full() || self.warnings > MAX_DIAGNOSTICS
    }

    /// Returns `true` if the report has no diagnostics.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Returns the retained diagnostics in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    /// Returns the retained diagnostics, so that the caller can refine their locations.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Diagnostic> {
        self.diagnostics.iter_mut()
    }

    /// Sorts by location, in the order of files and bytes. Diagnostics without a location come first. The sort is
    /// stable.
    pub fn sort(&mut self) {
        self.diagnostics.sort_by_key(|one| one.primary.as_ref().map(|label| label.origin));
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_DIAGNOSTICS, Report};
    use crate::diagnostic::{Code, Diagnostic};

    fn of(code: Code, count: usize) -> Report {
        let mut report = Report::new();
        for number in 0..count {
            report.push(Diagnostic::without_location(code, number.to_string()));
        }
        report
    }

    #[test]
    fn what_is_not_kept_is_counted() {
        let mut report = of(Code::UnknownField, MAX_DIAGNOSTICS - 1);
        assert!(!report.is_full() && !report.is_truncated());
        report.merge(of(Code::UnknownField, MAX_DIAGNOSTICS + 5));
        report.merge(of(Code::NoVideos, 3));
        assert!(report.is_full() && report.is_truncated());
        assert_eq!((report.errors(), report.warnings()), (2 * MAX_DIAGNOSTICS + 4, 3));
        assert_eq!(report.iter().count(), MAX_DIAGNOSTICS + 3);
    }

    #[test]
    fn allowed_warnings_are_dropped_and_errors_are_not() {
        let mut report = of(Code::NoVideos, 2);
        report.merge(of(Code::InvisibleText, 1));
        report.push(Diagnostic::without_location(Code::InvisibleText, "nothing else").error());
        report.allow(&[Code::NoVideos, Code::InvisibleText]);
        report.push(Diagnostic::without_location(Code::NoVideos, "later"));
        report.push(Diagnostic::without_location(Code::EmptyRows, "another"));
        assert_eq!((report.errors(), report.warnings(), report.iter().count()), (1, 1, 2));
        report.deny_warnings();
        assert_eq!((report.errors(), report.warnings()), (2, 0));
    }

    #[test]
    fn many_warnings_hide_no_error() {
        let mut report = of(Code::NoVideos, 2 * MAX_DIAGNOSTICS);
        assert!(!report.has_errors() && !report.is_full() && report.is_truncated());
        report.push(Diagnostic::without_location(Code::UnknownField, "late"));
        assert!(report.has_errors());
        assert_eq!(report.iter().filter(|one| one.code == Code::UnknownField).count(), 1);
    }
}
