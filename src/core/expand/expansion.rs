//! Expands every declared video to its instances.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::context::ExpansionContext;
use super::engine::{Engine, STACK_BYTES};
use super::errors::ErrorReporter;
use super::expander::{Expander, MAX_VIDEOS, all_invalid};
use super::files::Files;
use super::number_text::NumberTexts;
use super::presets::PresetResolver;
use super::row_cells::TableCells;
use super::scope::Scope;
use crate::diagnostic::{Code, Diagnostic, Report};
use crate::manifest::Manifest;
use crate::source::Sources;
use crate::spec::{Provenance, Video};

/// The context of an expansion: everything but the manifest.
#[derive(Debug)]
pub struct ExpandInputs<'a> {
    /// The project root. Data, script and media files must be inside it.
    pub root: &'a Path,
    /// The files read so far. Expansion adds script files.
    pub sources: &'a mut Sources,
    /// The values of the environment variables in the manifest's `env` list that are set.
    pub env: &'a BTreeMap<String, String>,
    /// The current time, for the expiry of presigned URLs.
    pub now: jiff::Timestamp,
}

/// The result of an expansion.
#[derive(Debug, Default)]
pub struct Expansion {
    /// The videos without errors, in manifest order.
    pub videos: Vec<Video>,
    /// The base keys of videos with errors. Their takes are not orphans, because their content is unknown.
    pub invalid: BTreeSet<Arc<str>>,
    /// The columns of the data files, by the base key of the video that reads each.
    pub columns: Vec<(Arc<str>, Vec<String>)>,
}

/// Expands every declared video to its instances. Adds errors to `report`.
///
/// If an error in `report` already explains why a declaration is absent, the absence is not reported again.
pub fn expand(manifest: &Manifest, inputs: ExpandInputs<'_>, report: &mut Report) -> Expansion {
    expand_keeping(manifest, inputs, report, &|_| true)
}

/// [`expand`], with the content of only those videos for which `keeps` returns `true`. See [`Video::without_content`].
pub fn expand_keeping(
    manifest: &Manifest,
    inputs: ExpandInputs<'_>,
    report: &mut Report,
    keeps: &(dyn Fn(&Video) -> bool + Sync),
) -> Expansion {
    let work = || {
        // Most declarations are one video each.
        let mut videos = Vec::with_capacity(manifest.videos.len());
        let nowhere = Arc::new(Provenance::default());
        let mut take = |video: Video| videos.push(if keeps(&video) { video } else { video.without_content(&nowhere) });
        let mut run = prepare(manifest, inputs, report, &mut take);
        run.expand_all();
        run.context.errors.report_unlisted();
        run.context.move_to_aliases();
        let (invalid, columns) = (run.invalid, run.columns);
        // A vector that grew has up to twice the capacity that it needs.
        videos.shrink_to_fit();
        Expansion { videos, invalid, columns }
    };
    // Without videos, no template is compiled, and any stack is large enough.
    match if manifest.videos.is_empty() { Ok(work()) } else { on_large_stack(work) } {
        Ok(expansion) => expansion,
        Err(error) => {
            report.push(Diagnostic::without_location(
                Code::TemplateLimit,
                format!("templates cannot be rendered: {error}"),
            ));
            Expansion { invalid: all_invalid(manifest), ..Expansion::default() }
        }
    }
}

/// Runs work on a large stack. A template of 64 KB can nest so deeply that compiling, rendering or dropping it
/// overflows a default stack.
pub(super) fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().name("expand".into()).stack_size(STACK_BYTES);
        let worker = worker.spawn_scoped(scope, work);
        worker.map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Prepares an expansion and resolves the presets. Expands nothing yet.
pub(super) fn prepare<'m, 'w>(
    manifest: &'m Manifest,
    inputs: ExpandInputs<'w>,
    report: &'w mut Report,
    take: &'w mut (dyn FnMut(Video) + Send),
) -> Expander<'m, 'w> {
    let mut faults = ErrorReporter::new(report, manifest, inputs.sources);
    if manifest.videos.is_empty() && !faults.has_unread_videos() {
        let warning = Diagnostic::without_location(Code::NoVideos, "the project declares no videos");
        faults.warn(warning.help("declare one under `videos`"));
    }
    let presets = PresetResolver::resolve_groups(manifest, &mut faults);
    let ExpandInputs { root, sources, env, now } = inputs;
    let listed: Vec<&str> = manifest.env.iter().map(|(name, _)| &**name).collect();
    let visible = env.iter().filter(|(name, _)| listed.contains(&name.as_str()));
    let env = visible.map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut written = NumberTexts::default();
    let misprints = written.of_vars(manifest, sources).into();
    Expander {
        manifest,
        context: ExpansionContext {
            sources,
            now,
            errors: faults,
            engine: Engine::new(),
            files: Files::new(root),
            listed,
            table: manifest.table,
            checked: HashSet::new(),
            merged: None,
            layers: Vec::new(),
            given: Vec::new(),
            script: None,
            scenes: Vec::new(),
            written,
            located: HashMap::new(),
        },
        presets,
        scope: Scope { misprints, ..Scope::new(&manifest.vars, &env) },
        take,
        invalid: BTreeSet::new(),
        columns: Vec::new(),
        count: 0,
        max_videos: MAX_VIDEOS,
        keys: HashMap::new(),
        documents: HashMap::new(),
        cells: TableCells::default(),
        provenance: Arc::new(Provenance::default()),
        traces: None,
    }
}

#[cfg(test)]
mod tests;
