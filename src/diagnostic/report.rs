//! All messages of a run, gathered, in the order of their places.

use super::{Code, Diagnostic, Severity};

/// The most errors, and the most warnings, that are kept: nobody reads more, and each costs memory.
pub const MOST_KEPT: usize = 10_000;

/// The messages of all stages.
#[derive(Clone, Debug, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    /// All that were taken in, kept or not.
    errors: usize,
    warnings: usize,
    /// Codes whose warnings are dropped.
    allowed: Vec<Code>,
}

impl Report {
    /// No messages.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a message in; after [`MOST_KEPT`] of its severity it is only counted.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.drops(&diagnostic) {
            return;
        }
        let counted = match diagnostic.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        *counted += 1;
        if *counted <= MOST_KEPT {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Takes all messages of another report in.
    pub fn absorb(&mut self, other: Report) {
        let left_out = (other.errors, other.warnings);
        let kept = other.diagnostics.len();
        let errors = other.diagnostics.iter().filter(|one| one.severity == Severity::Error).count();
        for one in other.diagnostics {
            self.push(one);
        }
        self.errors += left_out.0 - errors;
        self.warnings += left_out.1 - (kept - errors);
    }

    /// Drops the warnings of some codes, those gathered before and those to come.
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

    /// Makes an error of each warning.
    pub fn deny_warnings(&mut self) {
        for one in &mut self.diagnostics {
            one.severity = Severity::Error;
        }
        self.errors += std::mem::take(&mut self.warnings);
    }

    /// Whether any message is an error.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// The number of errors, those included that are only counted.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// The number of warnings, those included that are only counted.
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// Whether there are so many errors that no stage looks for more.
    pub fn is_full(&self) -> bool {
        self.errors >= MOST_KEPT
    }

    /// Whether there are messages that are not kept, or may be that nobody looked for.
    pub fn is_cut(&self) -> bool {
        self.is_full() || self.warnings > MOST_KEPT
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// The messages that are kept, in the order they were gathered.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    /// The same, to place them better.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Diagnostic> {
        self.diagnostics.iter_mut()
    }

    /// Sorts by place: files in reading order, then bytes; what has no place comes first. Stable.
    pub fn sort(&mut self) {
        self.diagnostics.sort_by_key(|one| one.primary.as_ref().map(|label| label.origin));
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_KEPT, Report};
    use crate::diagnostic::{Code, Diagnostic};

    fn of(code: Code, count: usize) -> Report {
        let mut report = Report::new();
        for number in 0..count {
            report.push(Diagnostic::bare(code, number.to_string()));
        }
        report
    }

    #[test]
    fn what_is_not_kept_is_counted() {
        let mut report = of(Code::UnknownField, MOST_KEPT - 1);
        assert!(!report.is_full() && !report.is_cut());
        report.absorb(of(Code::UnknownField, MOST_KEPT + 5));
        report.absorb(of(Code::NoVideos, 3));
        assert!(report.is_full() && report.is_cut());
        assert_eq!((report.errors(), report.warnings()), (2 * MOST_KEPT + 4, 3));
        assert_eq!(report.iter().count(), MOST_KEPT + 3);
    }

    #[test]
    fn allowed_warnings_are_dropped_and_errors_are_not() {
        let mut report = of(Code::NoVideos, 2);
        report.absorb(of(Code::InvisibleText, 1));
        report.push(Diagnostic::bare(Code::InvisibleText, "nothing else").error());
        report.allow(&[Code::NoVideos, Code::InvisibleText]);
        report.push(Diagnostic::bare(Code::NoVideos, "later"));
        report.push(Diagnostic::bare(Code::EmptyRows, "another"));
        assert_eq!((report.errors(), report.warnings(), report.iter().count()), (1, 1, 2));
        report.deny_warnings();
        assert_eq!((report.errors(), report.warnings()), (2, 0));
    }

    #[test]
    fn many_warnings_hide_no_error() {
        let mut report = of(Code::NoVideos, 2 * MOST_KEPT);
        assert!(!report.has_errors() && !report.is_full() && report.is_cut());
        report.push(Diagnostic::bare(Code::UnknownField, "late"));
        assert!(report.has_errors());
        assert_eq!(report.iter().filter(|one| one.code == Code::UnknownField).count(), 1);
    }
}
