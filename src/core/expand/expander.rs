//! Expands video by video: cells of the matrix, then rows of the data file, one instance each.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use super::axes::cell_scope;
use super::context::{ExpansionContext, TemplatePurpose};
use super::key::{check_part, compose};
use super::presets::PresetResolver;
use super::references::Tracer;
use super::row_cells::TableCells;
use super::rows::{self, Continue, DataFile, DataFormat, DataRow, HEAD_BYTES, RowError, parse_when};
use super::scope::Instance;
use super::scope::Scope;
use super::spec_builder::build;
use super::template_source::TemplateSource;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::fields::{Value as Literal, truncated};
use crate::manifest::{Expr, InvalidDecl, Manifest, RowsDecl, VideoDecl};
use crate::source::RowLocation;
use crate::spec::{InstanceTrace, Provenance, Video, digest};

/// Maximum number of videos of a project: a quarter of a gigabyte. A matrix over a data file multiplies without limit.
pub(super) const MAX_VIDEOS: usize = 500_000;

/// Maximum number of columns of a data file that editors suggest.
const MAX_COLUMNS: usize = 100;

/// The state of one expansion.
pub(super) struct Expander<'m, 'w> {
    pub manifest: &'m Manifest,
    pub context: ExpansionContext<'m, 'w>,
    pub presets: Vec<PresetResolver<'m>>,
    /// `vars` and `env`.
    pub scope: Scope,
    /// Receives each video without errors, in manifest order.
    pub take: &'w mut (dyn FnMut(Video) + Send),
    /// The base keys of videos with errors.
    pub invalid: BTreeSet<Arc<str>>,
    /// The columns of the data files, by the base key of the video that reads each.
    pub columns: Vec<(Arc<str>, Vec<String>)>,
    /// Number of videos so far, including those with errors.
    pub count: usize,
    /// Maximum number of videos.
    pub max_videos: usize,
    /// Every key of the current video, with the record that has it. Other videos have other base keys.
    pub keys: HashMap<Arc<str>, Option<RowLocation>>,
    /// YAML data files, read once for all cells of a matrix. `None` if the text is invalid.
    pub documents: HashMap<PathBuf, Option<YamlRows>>,
    /// The provenance of the last instance, shared while it stays the same.
    pub provenance: Arc<Provenance>,
    /// The cells of tables, for warnings about complete files.
    pub cells: TableCells,
    /// The traced instances, if not all are expanded.
    pub traces: Option<Traces<'w>>,
}

/// The traced keys, and their traces.
pub(super) struct Traces<'w> {
    pub keys: &'w HashSet<Arc<str>>,
    /// Values of the scope that the caller requested.
    pub names: &'w [String],
    /// The keys of the declarations, which are the only ones that are expanded.
    pub bases: HashSet<&'w str>,
    /// The traces of the instances without errors.
    pub found: HashMap<Arc<str>, InstanceTrace>,
}

/// The rows of a YAML data file.
pub(super) type YamlRows = Rc<[Result<DataRow, RowError>]>;

/// The state of reading one data file for one cell.
struct RowsContext<'m, 'f> {
    video: &'m VideoDecl,
    rows: &'m RowsDecl,
    file: DataFile<'f>,
    name: Arc<str>,
    parts: Vec<String>,
    scope: Scope,
}

impl<'m> Expander<'m, '_> {
    /// Expands all videos, in manifest order.
    pub(super) fn expand_all(&mut self) {
        let mut bases: HashSet<&str> = HashSet::with_capacity(self.manifest.videos.len());
        self.invalid.extend(omitted_videos(self.manifest));
        let partly = self.context.errors.is_invalid(&InvalidDecl::Defaults);
        for video in &self.manifest.videos {
            if self.traces.as_ref().is_some_and(|traces| !traces.bases.contains(&*video.key)) {
                continue;
            }
            if self.context.errors.report.is_full() {
                // The video is skipped, so its content is unknown.
                self.invalid.insert(Arc::clone(&video.key));
                continue;
            }
            self.context.errors.begin_video();
            if partly {
                // The values of `defaults` are unknown, and the reason was reported.
                self.context.errors.count_only();
            }
            if bases.insert(&video.key) {
                self.video(video);
            } else {
                // Duplicates in one file. `merge` has reported duplicates across files, with both locations.
                let message = format!("two videos have the key `{}`", video.key);
                self.context.errors.report_in_declaration(Diagnostic::new(
                    Code::DuplicateVideo,
                    message,
                    video.key_origin,
                ));
            }
            if self.context.errors.error_count > 0 {
                self.invalid.insert(Arc::clone(&video.key));
            }
        }
    }

    fn video(&mut self, video: &'m VideoDecl) {
        self.keys.clear();
        let Some((cells, misprints)) = self.context.cells(video, &self.scope, self.manifest) else { return };
        let mut count = 0;
        for cell in cells {
            let scope =
                if video.matrix.is_some() { cell_scope(&self.scope, &cell, &misprints) } else { self.scope.clone() };
            let parts: Vec<String> = cell.parts().collect();
            match &video.rows {
                Some(rows) => count += self.table(video, rows, parts, scope),
                None => self.instance(video, &parts, Instance::new(scope, None)),
            }
            if self.context.errors.limit_reached() {
                return;
            }
        }
        if let Some(rows) = &video.rows
            && count == 0
            && self.context.errors.error_count == 0
        {
            let message = format!("the data of `{}` yields no videos", video.key);
            let mut warning = Diagnostic::new(Code::EmptyRows, message, rows.origin);
            if !self.columns.last().is_some_and(|(known, _)| Arc::ptr_eq(known, &video.key)) {
                warning = warning.help("there is no record in it: the first line of a table names the columns");
            }
            self.context.errors.warn(warning);
        }
    }

    /// Expands a data file for one cell. Returns the number of selected rows.
    fn table(&mut self, video: &'m VideoDecl, rows: &'m RowsDecl, parts: Vec<String>, scope: Scope) -> usize {
        let at = Instance::new(scope.clone(), None);
        let Some(path) = self.context.text(&rows.path, &at, TemplatePurpose::Label) else { return 0 };
        let context = &mut self.context;
        let real = match context.files.find(rows.path.origin.file, &path, context.sources) {
            Ok(real) => real,
            Err(refused) => {
                let diagnostic = Diagnostic::new(refused.code, refused.message, rows.path.origin);
                let diagnostic = diagnostic.did_you_mean(refused.similar.as_deref());
                context.report_value_error(
                    &rows.path,
                    &at,
                    diagnostic.help("the path is relative to the file that names it"),
                );
                return 0;
            }
        };
        let Some(format) = DataFormat::from_name(&real) else {
            let message = format!("`{}` does not have the extension of a data file", truncated(&path));
            let diagnostic = Diagnostic::new(Code::BadRows, message, rows.path.origin);
            context.report_value_error(&rows.path, &at, diagnostic.help(DataFormat::advice(&real)));
            return 0;
        };
        if let Some((message, origin)) = format.inapplicable_setting(rows) {
            context.errors.report_in_declaration(Diagnostic::new(Code::BadRows, message, origin));
            return 0;
        }
        let name: Arc<str> = context.files.name(&real).into();
        let file = DataFile {
            path: &real,
            name: &name,
            format,
            encoding: rows.encoding.map(|(encoding, _)| encoding),
            delimiter: rows.delimiter.map(|(delimiter, _)| delimiter),
            head_bytes: HEAD_BYTES,
        };
        let count = self.read(&RowsContext { video, rows, file, name: Arc::clone(&name), parts, scope });
        if let Some(warning) = self.cells.warning(&name) {
            self.context.errors.warn(warning);
        }
        count
    }

    fn read(&mut self, table: &RowsContext<'m, '_>) -> usize {
        let file = table.file;
        let mut count = 0;
        if file.format == DataFormat::Yaml {
            let loaded = if let Some(known) = self.documents.get(file.path) {
                known.clone()
            } else {
                let loaded = rows::load(file, self.context.sources, self.context.errors.report).map(Rc::from);
                self.documents.insert(file.path.to_path_buf(), loaded.clone());
                loaded
            };
            match loaded {
                Some(loaded) => {
                    for outcome in loaded.iter() {
                        if self.outcome(outcome.clone(), table, &mut count) == Continue::No {
                            break;
                        }
                    }
                }
                None => self.context.errors.count_only(),
            }
        } else {
            rows::read_rows(file, &mut |outcome| self.outcome(outcome, table, &mut count));
        }
        count
    }

    fn outcome(
        &mut self,
        outcome: Result<DataRow, RowError>,
        table: &RowsContext<'m, '_>,
        count: &mut usize,
    ) -> Continue {
        match outcome {
            Ok(row) => {
                self.note_columns(&row, &table.video.key);
                *count += usize::from(self.row(row, table));
            }
            Err(error) => {
                let diagnostic = error.diagnostic(&table.name);
                match diagnostic.severity {
                    Severity::Error => self.context.errors.report_in_declaration(diagnostic),
                    Severity::Warning => self.context.errors.warn(diagnostic),
                }
            }
        }
        if self.context.errors.limit_reached() { Continue::No } else { Continue::Yes }
    }

    /// Records the columns of a video's first record.
    fn note_columns(&mut self, row: &DataRow, key: &Arc<str>) {
        if self.columns.last().is_some_and(|(known, _)| Arc::ptr_eq(known, key)) {
            return;
        }
        let columns = row.value.try_iter().into_iter().flatten();
        let columns = columns.take(MAX_COLUMNS).filter_map(|name| Some(name.as_str()?.to_owned())).collect();
        self.columns.push((Arc::clone(key), columns));
    }

    /// Expands one record. Returns `true` if it is selected.
    fn row(&mut self, row: DataRow, table: &RowsContext<'m, '_>) -> bool {
        let DataRow { line, value, blank, misprints } = row;
        let place = RowLocation { file: Arc::clone(&table.name), line };
        let mut scope = Scope { row: Some(value.clone()), ..table.scope.clone() };
        if !misprints.is_empty() {
            scope.misprints = scope.misprints.iter().cloned().chain(misprints).collect();
        }
        let at = Instance::new(scope, Some(place.clone()));
        if blank && !self.context.names_a_video(table.rows, &at) {
            return false;
        }
        match self.is_selected(table.rows, &at) {
            Some(true) => {}
            Some(false) | None => return false,
        }
        let Some(key) = self.context.text(&table.rows.key, &at, TemplatePurpose::Label) else { return true };
        if let Expr::Template(text) = &table.rows.key.value {
            let site = TemplateSource::Scalar { text, origin: table.rows.key.origin, normalized: false };
            self.context.check_numbers(&text.text, site, &key, &at);
        }
        if let Some(reason) = check_part(&key) {
            let (message, help) = if key.is_empty() {
                ("the key of this row is empty".to_owned(), "fill in the column, or omit such rows with `when`")
            } else {
                let message = format!("the key of this row is `{}`, which {reason}", truncated(&key));
                (message, "a key is short, on one line, and has no comma and no brackets")
            };
            let diagnostic = Diagnostic::new(Code::RowKey, message, table.rows.key.origin).help(help);
            self.context.errors.report_in_instance(diagnostic, &at);
            return true;
        }
        let mut parts = table.parts.clone();
        parts.push(key.to_string());
        let before = self.context.errors.error_count;
        self.instance(table.video, &parts, at);
        if self.context.errors.error_count > before {
            self.cells.place_control_characters(&mut self.context, table.file, &place, &value);
        }
        true
    }

    /// Returns `true` if a row is selected. Returns `None` if an error was reported.
    fn is_selected(&mut self, rows: &RowsDecl, at: &Instance) -> Option<bool> {
        let Some(when) = &rows.when else { return Some(true) };
        let (text, origin) = match &when.value {
            Expr::Template(text) => (text, when.origin),
            literal => return Some(!matches!(literal, Expr::Literal(Literal::Flag(false)))),
        };
        let result = self.context.template(text, origin, at, TemplatePurpose::Label)?;
        let counts = parse_when(&result);
        if counts.is_none() {
            let message = format!("`when` must give true or false, not `{}`", truncated(result.trim()));
            let diagnostic = Diagnostic::new(Code::BadWhen, message, origin);
            let diagnostic = diagnostic.help("true, yes and 1 select a row; false, no, 0 and an empty text omit it");
            self.context.errors.report_in_instance(diagnostic, at);
        }
        counts
    }

    fn instance(&mut self, video: &'m VideoDecl, parts: &[String], at: Instance) {
        if self.count >= self.max_videos {
            let message = format!("the project declares more than {} videos", self.max_videos);
            let diagnostic = Diagnostic::new(Code::TemplateLimit, message, video.key_origin);
            self.context
                .errors
                .report_in_declaration(diagnostic.help("split it into projects, or select rows with `when`"));
            return;
        }
        let key = compose(&video.key, parts);
        let at = at.with_key(Arc::clone(&key));
        if let Some(diagnostic) = self.duplicate(video, &key, &at) {
            self.context.errors.report_in_instance(diagnostic, &at);
            return;
        }
        self.count += 1;
        if !parts.is_empty() {
            self.keys.insert(Arc::clone(&key), at.row.clone());
        }
        if self.traces.as_ref().is_some_and(|traces| !traces.keys.contains(&key)) {
            return;
        }
        let Some(spec) = build(&mut self.context, &self.presets, (video, &self.manifest.defaults), &at) else { return };
        if *self.provenance.layers != *self.context.layers || *self.provenance.given != *self.context.given {
            let (layers, given) = (self.context.layers.as_slice().into(), self.context.given.as_slice().into());
            self.provenance = Arc::new(Provenance { layers, given });
        }
        if let Some(traces) = &mut self.traces {
            let mut tracer = Tracer { manifest: self.manifest, video, context: &mut self.context, at: &at };
            traces.found.insert(Arc::clone(&key), tracer.trace(traces.names));
        }
        let provenance = Arc::clone(&self.provenance);
        self.cells.record(&at, &spec);
        let digest = digest(&spec);
        (self.take)(Video { key, spec, digest, provenance, declared_at: video.key_origin, row: at.row });
    }

    fn duplicate(&self, video: &VideoDecl, key: &str, at: &Instance) -> Option<Diagnostic> {
        let other = self.keys.get(key)?;
        if let (Some(rows), Some(here), Some(there)) = (&video.rows, &at.row, other) {
            let (first, second) = (format!("{}:{}", there.file, there.line), format!("{}:{}", here.file, here.line));
            let message = format!("two rows have the key `{key}`: {first} and {second}");
            let diagnostic = Diagnostic::new(Code::RowKey, message, rows.key.origin);
            return Some(diagnostic.help("a row's key must differ from all others"));
        }
        let origin = video.matrix.as_ref().map_or(video.key_origin, |matrix| matrix.origin);
        let diagnostic = Diagnostic::new(Code::DuplicateVideo, format!("two videos have the key `{key}`"), origin);
        Some(diagnostic.help("two combinations of the matrix have the same values"))
    }
}

/// Returns the base keys of the videos that decoding dropped.
fn omitted_videos(manifest: &Manifest) -> impl Iterator<Item = Arc<str>> {
    manifest.invalid.iter().filter_map(|one| match one {
        InvalidDecl::Video(key) => Some(Arc::clone(key)),
        _ => None,
    })
}

/// Returns the base keys of all videos, if expansion is impossible.
pub(super) fn all_invalid(manifest: &Manifest) -> BTreeSet<Arc<str>> {
    let all = manifest.videos.iter().map(|video| Arc::clone(&video.key));
    all.chain(omitted_videos(manifest)).collect()
}
