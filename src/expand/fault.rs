//! Faults gathered with measure: what a declaration causes is told once, what rows cause up to a limit.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Report, Severity};
use crate::fields::Table;
use crate::manifest::{Incomplete, Manifest};
use crate::source::{Origin, RowPlace, Sources};

/// The most faults that are told of one video; then its rows are no longer read.
const MOST_FAULTS: usize = 1_000;

/// The most times that a video's templates may run into their limits; each costs milliseconds.
const MOST_LIMITS: usize = 20;

/// The blocks, besides those of presets, whose loss costs names of one kind only; the loss of `include`, or of one that
/// nobody knows, any name.
const BLOCKS: [&str; 3] = ["env", "vars", "videos"];

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
#[derive(Debug)]
struct Earlier {
    /// What can be declared.
    table: &'static Table,
    /// Places of errors by code.
    places: HashSet<(Code, Origin)>,
    /// Whether whole files may be missing, and with them any name.
    lost: bool,
    /// Whether a file could not be read as it was meant, and with it any video.
    unread: bool,
    /// What was declared with a fault.
    incomplete: BTreeSet<Incomplete>,
}

impl Earlier {
    fn of(report: &Report, manifest: &Manifest, sources: &Sources) -> Self {
        let incomplete = manifest.incomplete.clone();
        let mut earlier =
            Self { table: manifest.table, places: HashSet::new(), lost: false, unread: false, incomplete };
        for one in report.iter().filter(|one| one.severity == Severity::Error) {
            let place = one.primary.as_ref().map(|label| label.origin);
            earlier.lost |= loses_names(one.code, place, sources);
            earlier.unread |= one.code < Code::UnknownField;
            earlier.places.extend(place.map(|place| (one.code, place)));
        }
        earlier.lost |= earlier.incomplete.iter().any(|one| match one {
            Incomplete::Block(name) => !BLOCKS.contains(&&**name) && manifest.preset_block(name).is_none(),
            _ => false,
        });
        earlier
    }
}

/// Whether a fault of reading may have cost declarations that nobody has seen.
fn loses_names(code: Code, place: Option<Origin>, sources: &Sources) -> bool {
    match code {
        Code::YamlTag | Code::BadNumber | Code::UnquotedTemplate | Code::BadMapKey | Code::EmptyFile => false,
        // The first one stays; a whole block is lost only at the root of the file.
        Code::DuplicateKey => place.is_some_and(|place| sources.place(place).1.column == 1),
        _ => code < Code::UnknownField,
    }
}

impl<'w> Faults<'w> {
    pub(super) fn new(report: &'w mut Report, manifest: &Manifest, sources: &Sources) -> Self {
        let earlier = Earlier::of(report, manifest, sources);
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
        self.raised >= MOST_FAULTS || self.limits >= MOST_LIMITS || self.report.is_full()
    }

    /// Whether so much was told of the project that more would not help.
    pub(super) fn report_is_full(&self) -> bool {
        self.report.is_full()
    }

    /// The report itself, for the stages beneath; the caller counts with [`Faults::silent`].
    pub(super) fn report(&mut self) -> &mut Report {
        self.report
    }

    /// A fault that was told already.
    pub(super) fn silent(&mut self) {
        self.raised += 1;
    }

    /// A fault of a data file, or a warning about it.
    pub(super) fn of_file(&mut self, fault: Diagnostic) {
        match fault.severity {
            Severity::Error => self.declared(fault),
            Severity::Warning => self.warn(fault),
        }
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

    /// Whether a name that is not there may only have been lost to a fault that was told.
    pub(super) fn may_be_lost(&self, what: &Incomplete) -> bool {
        let block = match what {
            Incomplete::Variable(_) => "vars",
            Incomplete::Preset(group, _) => {
                self.earlier.table.preset_groups().find(|(row, _)| row == group).map_or("", |(_, block)| block)
            }
            Incomplete::Env(_) => "env",
            Incomplete::Video(_) => "videos",
            Incomplete::Defaults | Incomplete::Block(_) => "",
        };
        self.earlier.lost || self.incomplete(what) || self.incomplete(&Incomplete::Block(block.into()))
    }

    /// Whether a fault of this declaration was told.
    pub(super) fn incomplete(&self, what: &Incomplete) -> bool {
        self.earlier.incomplete.contains(what)
    }

    /// Whether videos were declared that are not there.
    pub(super) fn lost_videos(&self) -> bool {
        let lost = |one: &Incomplete| match one {
            Incomplete::Video(_) => true,
            Incomplete::Block(name) => matches!(&**name, "videos" | "include"),
            _ => false,
        };
        self.earlier.lost || self.earlier.unread || self.earlier.incomplete.iter().any(lost)
    }

    /// A warning, told once.
    pub(super) fn warn(&mut self, warning: Diagnostic) {
        let place = warning.primary.as_ref().map(|label| label.origin);
        if self.told.insert((warning.code, place, warning.file.clone(), warning.message.clone())) {
            self.report.push(warning);
        }
    }
}
