//! Large projects on all cores: stretches of videos expanded at the same time, as long as there is nothing to tell.
//!
//! Videos know nothing of one another; only what is told of them does (once, in order, so much and no more). So as soon as
//! anything has to be told, all this is dropped and the videos are expanded one after another.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::engine::STACK_BYTES;
use super::expand::{Inputs, on_large_stack, prepare_with};
use super::fault::Faults;
use super::presets::PresetResolvers;
use super::run::MOST_VIDEOS;
use crate::diagnostic::Report;
use crate::fields::{RowId, Type};
use crate::manifest::{Decl, Manifest, ScriptDecl, VideoDecl, VideoFields};
use crate::source::{Left, cores, share_out};
use crate::spec::Gather;

/// Below this many videos a second thread costs more than it gives.
const VIDEOS_A_THREAD: usize = if cfg!(test) { 4 } else { 256 };

/// So many videos are taken at a time: few enough that all threads end together, enough that taking them costs nothing.
const STRETCH: usize = if cfg!(test) { 2 } else { 64 };

/// Expands all videos on all cores; false, and nothing is gathered, when that has to be done one after another.
pub(super) fn at_once<V: Gather>(manifest: &Manifest, inputs: &Inputs<'_>, report: &Report, videos: &mut V) -> bool {
    let most = manifest.videos.len() / VIDEOS_A_THREAD;
    let threads = if most < 2 { 1 } else { (if cfg!(test) { 3 } else { cores() }).min(most) };
    if threads < 2 || report.errors() > 0 || !manifest.incomplete.is_empty() || reads_files(manifest) {
        return false;
    }
    let mut scratch = Report::new();
    let presets = PresetResolvers::new(manifest, &mut Faults::new(&mut scratch, manifest, inputs.sources));
    if !scratch.is_empty() {
        return false;
    }
    let all: Vec<&VideoDecl> = manifest.videos.iter().collect();
    let stretches = all.chunks(STRETCH).collect();
    let presets = Arc::new(presets);
    let crew = Crew { manifest, inputs, presets, stretches, stop: false.into(), count: 0.into() };
    let work = |left: Left<'_>| crew.expand(left, videos);
    let parts = on_large_stack(|| share_out(threads, Some(STACK_BYTES), crew.stretches.len(), work));
    let Some(parts) = parts.ok().filter(|_| !crew.stop.into_inner()) else {
        return false;
    };
    for part in parts {
        videos.append(part);
    }
    true
}

/// What the threads have in common.
struct Crew<'a> {
    manifest: &'a Manifest,
    inputs: &'a Inputs<'a>,
    presets: Arc<PresetResolvers<'a>>,
    stretches: Vec<&'a [&'a VideoDecl]>,
    /// Whether anything had to be told, if only that they are too many.
    stop: AtomicBool,
    /// How many videos there are so far, by whole stretches.
    count: AtomicUsize,
}

impl Crew<'_> {
    /// One thread's work: the stretches that are left, each into a part of its own, until anything has to be told.
    fn expand<V: Gather>(&self, left: Left<'_>, videos: &V) -> Vec<(usize, V)> {
        let (mut sources, mut report) = (self.inputs.sources.clone(), Report::new());
        let part = Mutex::new(videos.part());
        let part = || part.lock().unwrap_or_else(PoisonError::into_inner);
        let mut take = |video| part().extend([video]);
        let inputs = Inputs { sources: &mut sources, ..*self.inputs };
        let faults = Faults::new(&mut report, self.manifest, inputs.sources);
        let mut run = prepare_with(self.manifest, inputs, faults, (Arc::clone(&self.presets), &mut take));
        let (mut parts, mut counted) = (Vec::new(), 0);
        for piece in left {
            for video in self.stretches[piece] {
                if self.stop.load(Ordering::Relaxed) || !run.in_silence(video) {
                    self.stop.store(true, Ordering::Relaxed);
                    return parts;
                }
            }
            parts.push((piece, std::mem::replace(&mut *part(), videos.part())));
            let more = run.count - counted;
            counted = run.count;
            if self.count.fetch_add(more, Ordering::Relaxed) + more > MOST_VIDEOS {
                self.stop.store(true, Ordering::Relaxed);
                return parts;
            }
        }
        parts
    }
}

/// Whether a script, a row or a local medium has to be read: files are numbered in the order of their first use.
fn reads_files(manifest: &Manifest) -> bool {
    let is_file = |row: RowId| matches!(manifest.table.ty(row), Some(Type::File(_)));
    let decl = |decl: &Decl| decl.fields.iter().any(|(row, _)| is_file(*row));
    let fields = |fields: &VideoFields| matches!(fields.script, Some(ScriptDecl::File(_))) || fields.decls().any(decl);
    manifest.presets.iter().flat_map(|group| group.presets.values()).any(|preset| decl(&preset.decl))
        || fields(&manifest.defaults)
        || manifest.videos.iter().any(|video| video.rows.is_some() || fields(&video.fields))
}
