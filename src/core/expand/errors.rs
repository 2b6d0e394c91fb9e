//! Limits repeated errors: reports each error of a declaration once, and errors of rows up to a limit.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::scope::Instance;
use crate::diagnostic::{Code, Diagnostic, Report, Severity};
use crate::fields::Table;
use crate::manifest::{InvalidDecl, Manifest};
use crate::source::{Origin, RowLocation, Sources};

/// Maximum number of equal warnings of instances. More of them would leave no room for others.
const MAX_WARNINGS_PER_PLACE: usize = 1_000;

/// Maximum number of errors reported for one video. After that, its rows are no longer read.
const MAX_ERRORS_PER_VIDEO: usize = 1_000;

/// Maximum number of times that a video's templates may hit their limits. Each hit costs milliseconds.
const MAX_LIMIT_HITS: usize = 20;

/// The blocks, apart from those of presets, that declare names of one kind only. A lost `include` or unknown block may
/// have declared any name.
const NAMED_BLOCKS: [&str; 3] = ["env", "vars", "videos"];

/// The report, and the errors already in it.
pub(super) struct ErrorReporter<'w> {
    /// The report itself, for other modules to add to. They count with [`ErrorReporter::count_only`].
    pub report: &'w mut Report,
    /// Number of errors of the video, including those not reported.
    pub error_count: usize,
    /// The fields that can be declared.
    table: &'static Table,
    /// Origins of errors of the earlier stages, by code.
    places: HashSet<(Code, Origin)>,
    /// Whether complete files may be missing, and any name with them.
    lost: bool,
    /// Whether a file could not be read as intended, so that any video may be missing.
    unread: bool,
    /// The declarations with an error.
    incomplete: BTreeSet<InvalidDecl>,
    told: HashSet<DiagnosticKey>,
    /// The warnings of the last instance that has any. Instances are expanded one after the other.
    told_in_instance: (InstanceId, HashSet<DiagnosticKey>),
    /// Number of warnings of instances, by code and place, and the row of the last one that is listed.
    told_at: BTreeMap<(Code, Option<Origin>), (usize, Option<RowLocation>)>,
    limits: usize,
}

/// The properties that make two messages duplicates.
type DiagnosticKey = (Code, Option<Origin>, Option<RowLocation>, String);

/// The record and the key of an instance.
type InstanceId = (Option<RowLocation>, Option<Arc<str>>);

/// Returns `true` if a read error may have hidden declarations.
fn loses_names(code: Code, place: Option<Origin>, sources: &Sources) -> bool {
    match code {
        Code::YamlTag | Code::BadNumber | Code::UnquotedTemplate | Code::BadMapKey | Code::EmptyFile => false,
        // The first declaration is kept. A complete block is lost only at the root of the file.
        Code::DuplicateKey => place.is_some_and(|place| sources.locate(place).1.column == 1),
        _ => code < Code::UnknownField,
    }
}

impl<'w> ErrorReporter<'w> {
    pub(super) fn new(report: &'w mut Report, manifest: &Manifest, sources: &Sources) -> Self {
        let errors = report.iter().filter(|one| one.severity == Severity::Error);
        let errors: Vec<_> = errors.map(|one| (one.code, one.primary.as_ref().map(|label| label.origin))).collect();
        let lost_block = |one: &InvalidDecl| match one {
            InvalidDecl::Block(name) => !NAMED_BLOCKS.contains(&&**name) && manifest.preset_block(name).is_none(),
            _ => false,
        };
        Self {
            report,
            error_count: 0,
            table: manifest.table,
            places: errors.iter().filter_map(|(code, place)| Some((*code, (*place)?))).collect(),
            lost: errors.iter().any(|(code, place)| loses_names(*code, *place, sources))
                || manifest.invalid.iter().any(lost_block),
            unread: errors.iter().any(|(code, _)| *code < Code::UnknownField),
            incomplete: manifest.invalid.clone(),
            told: HashSet::new(),
            told_in_instance: Default::default(),
            told_at: BTreeMap::new(),
            limits: 0,
        }
    }

    /// Resets the counters for the next video.
    pub(super) fn begin_video(&mut self) {
        self.error_count = 0;
        self.limits = 0;
    }

    /// Returns `true` if the limit of errors for the video is reached.
    pub(super) fn limit_reached(&self) -> bool {
        self.error_count >= MAX_ERRORS_PER_VIDEO || self.limits >= MAX_LIMIT_HITS || self.report.is_full()
    }

    /// Counts an error that was already reported.
    pub(super) fn count_only(&mut self) {
        self.error_count += 1;
    }

    /// Adds an error of a declaration, once for all its instances.
    pub(super) fn report_in_declaration(&mut self, diagnostic: Diagnostic) {
        self.error_count += 1;
        let place = diagnostic.primary.as_ref().map(|label| label.origin);
        if place.is_some_and(|place| self.places.contains(&(diagnostic.code, place))) {
            return;
        }
        self.warn(diagnostic);
    }

    /// Adds an error of a single instance.
    pub(super) fn report_in_instance(&mut self, diagnostic: Diagnostic, at: &Instance) {
        self.error_count += 1;
        self.limits += usize::from(diagnostic.code == Code::TemplateLimit);
        self.report.push(at.named(diagnostic));
    }

    /// Returns `true` if a missing name may be missing only because of an error that was reported.
    pub(super) fn may_be_unread(&self, what: &InvalidDecl) -> bool {
        let block = match what {
            InvalidDecl::Variable(_) => "vars",
            InvalidDecl::Preset(group, _) => {
                self.table.preset_groups().find(|(row, _)| row == group).map_or("", |(_, block)| block)
            }
            InvalidDecl::Env(_) => "env",
            InvalidDecl::Video(_) => "videos",
            InvalidDecl::Defaults | InvalidDecl::Block(_) => "",
        };
        self.lost || self.is_invalid(what) || self.is_invalid(&InvalidDecl::Block(block.into()))
    }

    /// Returns `true` if an error of this declaration was reported.
    pub(super) fn is_invalid(&self, what: &InvalidDecl) -> bool {
        self.incomplete.contains(what)
    }

    /// Returns `true` if an error hid the declaration of a video.
    pub(super) fn has_unread_videos(&self) -> bool {
        let lost = |one: &InvalidDecl| match one {
            InvalidDecl::Video(_) => true,
            InvalidDecl::Block(name) => matches!(&**name, "videos" | "include"),
            _ => false,
        };
        self.lost || self.unread || self.incomplete.iter().any(lost)
    }

    /// Adds a diagnostic once for all instances, without counting it.
    pub(super) fn warn(&mut self, warning: Diagnostic) {
        if self.told.insert(diagnostic_key(&warning)) {
            self.report.push(warning);
        }
    }

    /// Adds a warning that the values of an instance cause, once per instance.
    pub(super) fn warn_in_instance(&mut self, warning: Diagnostic, at: &Instance) {
        let instance = (at.row.clone(), at.scope().key.clone());
        if self.told_in_instance.0 != instance {
            self.told_in_instance = (instance, HashSet::new());
        }
        let mut key = diagnostic_key(&warning);
        if at.row.is_some() {
            // The values in the message differ from row to row.
            key.3.clear();
        }
        let counter = (key.0, key.1);
        if !self.told_in_instance.1.insert(key) {
            return;
        }
        let (told, last) = self.told_at.entry(counter).or_default();
        *told += 1;
        if *told <= MAX_WARNINGS_PER_PLACE {
            last.clone_from(&at.row);
            self.report.push(at.named(warning));
        }
    }

    /// Adds the numbers of warnings that are counted, but not listed.
    pub(super) fn report_unlisted(&mut self) {
        for ((code, place), (told, last)) in std::mem::take(&mut self.told_at) {
            let Some(unlisted) = told.checked_sub(MAX_WARNINGS_PER_PLACE).filter(|left| *left > 0) else { continue };
            let origin = |one: &Diagnostic| one.primary.as_ref().map(|label| label.origin);
            if let Some(first) = self.report.iter_mut().find(|one| one.code == code && origin(one) == place) {
                first.unlisted = unlisted;
            }
            if let Some(row) = last {
                let note = format!("{MAX_WARNINGS_PER_PLACE} of {told} warnings of this kind are listed");
                self.report.push(Diagnostic::in_file(code, note, row.file, row.line));
            }
        }
    }
}

fn diagnostic_key(one: &Diagnostic) -> DiagnosticKey {
    let place = one.primary.as_ref().map(|label| label.origin);
    (one.code, place, one.file.clone(), one.message.clone())
}
