//! discover → parse → check → decode → expand: a folder to specs, every fault of every file gathered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::discover::{Found, included};
use super::{ProjectError, World};
use crate::diagnostic::{Diagnostic, Report};
use crate::manifest::{Decoded, Manifest, decode, merge};
use crate::schema::{Checker, FileRole};
use crate::source::{FileId, ROOT_MANIFEST, SourceFile, Sources, read_text};
use crate::spec::Video;
use crate::template::{Inputs, expand};
use crate::yaml::parse;

/// Below this many files a second thread costs more than it gives.
const FILES_A_THREAD: usize = 8;

/// Everything the front wing makes of a folder.
#[derive(Debug)]
pub struct Compiled {
    /// The project root.
    pub root: PathBuf,
    /// All files read.
    pub sources: Sources,
    /// What the author can mend.
    pub report: Report,
    /// The declarations.
    pub manifest: Manifest,
    /// The videos without fault, in manifest order.
    pub videos: Vec<Video>,
    /// Base keys of videos with faults.
    pub faulty: BTreeSet<Arc<str>>,
}

/// The environment variables that templates may see: those of the manifest's `env` list that are set.
pub(super) fn visible(manifest: &Manifest, world: &World) -> BTreeMap<String, String> {
    manifest.env.iter().filter_map(|(name, _)| Some((name.to_string(), world.env.get(&**name)?.clone()))).collect()
}

/// Compiles the project in `root`.
///
/// # Errors
/// When there is no root manifest. Everything else is in the report.
pub fn compile(root: &Path, world: &World) -> Result<Compiled, ProjectError> {
    let manifest_path = root.join(ROOT_MANIFEST);
    if manifest_path.symlink_metadata().is_err() {
        return Err(ProjectError::NoManifest(root.to_path_buf()));
    }
    let mut sources = Sources::new();
    let mut report = Report::new();
    let checker = Checker::new();
    let top = Found { name: ROOT_MANIFEST.to_owned(), path: manifest_path };
    let mut decoded = load(&[top], FileRole::Root, checker, &mut sources, &mut report);
    let globs = decoded.first().map(|root| root.include.clone()).unwrap_or_default();
    let files = included(root, &globs, &mut report);
    decoded.extend(load(&files, FileRole::Included, checker, &mut sources, &mut report));
    let manifest = merge(decoded, &mut report);
    let visible = visible(&manifest, world);
    let inputs = Inputs { root, sources: &mut sources, env: &visible, now: world.now };
    let expansion = expand(&manifest, inputs, &mut report);
    report.sort();
    Ok(Compiled {
        root: root.to_path_buf(),
        sources,
        report,
        manifest,
        videos: expansion.videos,
        faulty: expansion.faulty,
    })
}

/// Reads, parses, checks and decodes files, on all cores when there are many; results and messages in file order.
fn load(files: &[Found], role: FileRole, checker: Checker, sources: &mut Sources, report: &mut Report) -> Vec<Decoded> {
    let ids: Vec<FileId> = files.iter().filter_map(|file| read(file, sources, report)).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(ids.len() / FILES_A_THREAD).max(1);
    let sources = &*sources;
    let work = |ids: &[FileId]| -> Vec<(Option<Decoded>, Report)> {
        ids.iter().map(|id| read_tree(*id, sources, role, checker)).collect()
    };
    let made: Vec<(Option<Decoded>, Report)> = if threads == 1 {
        work(&ids)
    } else {
        std::thread::scope(|scope| {
            let chunks = ids.chunks(ids.len().div_ceil(threads));
            let handles: Vec<_> = chunks.map(|chunk| scope.spawn(move || work(chunk))).collect();
            handles
                .into_iter()
                .flat_map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    };
    made.into_iter()
        .filter_map(|(decoded, own)| {
            report.absorb(own);
            decoded
        })
        .collect()
}

fn read_tree(id: FileId, sources: &Sources, role: FileRole, checker: Checker) -> (Option<Decoded>, Report) {
    let mut report = Report::new();
    let decoded = parse(id, sources.get(id), &mut report).map(|tree| {
        checker.check(&tree, role, &mut report);
        decode(&tree, &mut report)
    });
    (decoded, report)
}

fn read(file: &Found, sources: &mut Sources, report: &mut Report) -> Option<FileId> {
    match read_text(&file.path) {
        Ok(text) => Some(sources.add(SourceFile::new(file.name.as_str(), &file.path, text))),
        Err(error) => {
            report.push(Diagnostic::unread(&file.name, &error));
            None
        }
    }
}
