//! Faults gathered with measure: what a declaration causes is told once, what rows cause up to a limit.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Report, RowPlace, Severity};
use crate::source::Origin;

/// The most faults that are told of one video; then its rows are no longer read.
const MOST_FAULTS: usize = 1_000;

/// The most times that a video's templates may run into their limits; each costs milliseconds.
const MOST_LIMITS: usize = 20;

/// The report, and what was told before.
pub(super) struct Faults<'w> {
    report: &'w mut Report,
    earlier: Earlier,
    told: HashSet<Told>,
    raised: usize,
    limits: usize,
}

/// What makes two messages the same.
type Told = (Code, Option<Origin>, Option<RowPlace>, String);

/// What the stages before found.
#[derive(Debug, Default)]
struct Earlier {
    /// Places of errors by code.
    places: HashSet<(Code, Origin)>,
    /// Whether a file could not be read, and declarations may have been lost with it.
    lost: bool,
}

impl Earlier {
    fn of(report: &Report) -> Self {
        let mut earlier = Self::default();
        for one in report.iter().filter(|one| one.severity == Severity::Error) {
            earlier.lost |= one.code < Code::UnknownField;
            if let Some(primary) = &one.primary {
                earlier.places.insert((one.code, primary.origin));
            }
        }
        earlier
    }
}

impl<'w> Faults<'w> {
    pub(super) fn new(report: &'w mut Report) -> Self {
        let earlier = Earlier::of(report);
        Self { report, earlier, told: HashSet::new(), raised: 0, limits: 0 }
    }

    /// Starts to count anew.
    pub(super) fn begin_video(&mut self) {
        self.raised = 0;
        self.limits = 0;
    }

    /// How many faults the video has, told or not.
    pub(super) fn raised(&self) -> usize {
        self.raised
    }

    /// Whether so much was told of the video that more would not help.
    pub(super) fn full(&self) -> bool {
        self.raised >= MOST_FAULTS || self.limits >= MOST_LIMITS
    }

    /// The report itself, for the stages beneath; the caller counts with [`Faults::silent`].
    pub(super) fn report(&mut self) -> &mut Report {
        self.report
    }

    /// A fault that was told already.
    pub(super) fn silent(&mut self) {
        self.raised += 1;
    }

    /// A fault of a declaration, the same in each instance: told once.
    pub(super) fn declared(&mut self, fault: Diagnostic) {
        self.raised += 1;
        let place = fault.primary.as_ref().map(|label| label.origin);
        if place.is_some_and(|place| self.earlier.places.contains(&(fault.code, place))) {
            return;
        }
        if self.told.insert((fault.code, place, fault.file.clone(), fault.message.clone())) {
            self.report.push(fault);
        }
    }

    /// A fault that shows in one instance.
    pub(super) fn instance(&mut self, fault: Diagnostic, key: Option<&Arc<str>>, row: Option<&RowPlace>) {
        self.raised += 1;
        self.limits += usize::from(fault.code == Code::TemplateLimit);
        let fault = fault.row(row.cloned());
        self.report.push(match key {
            Some(key) => fault.key(&**key),
            None => fault,
        });
    }

    /// Whether declarations may have been lost, so that a name that is not there may be there tomorrow.
    pub(super) fn lost(&self) -> bool {
        self.earlier.lost
    }

    /// A warning, told once.
    pub(super) fn warn(&mut self, warning: Diagnostic) {
        let place = warning.primary.as_ref().map(|label| label.origin);
        if self.told.insert((warning.code, place, warning.file.clone(), warning.message.clone())) {
            self.report.push(warning);
        }
    }
}
