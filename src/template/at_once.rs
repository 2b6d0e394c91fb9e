//! Large projects on all cores: stretches of videos expanded at the same time, as long as there is nothing to tell.
//!
//! Videos know nothing of one another; only what is told of them does (once, in order, so much and no more). So as soon as
//! anything has to be told, all this is dropped and the videos are expanded one after another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::engine::STACK_BYTES;
use super::expand::{Inputs, prepare};
use super::run::MOST_VIDEOS;
use crate::diagnostic::Report;
use crate::manifest::{BackgroundDecl, Choice, DefaultsDecl, Manifest, ScriptDecl, VideoDecl, VoiceDecl};
use crate::spec::Gather;

/// Below this many videos a second thread costs more than it gives.
const VIDEOS_A_THREAD: usize = if cfg!(test) { 4 } else { 256 };

/// Expands all videos on all cores; false, and nothing is gathered, when that has to be done one after another.
pub(super) fn at_once<V: Gather>(manifest: &Manifest, inputs: &Inputs<'_>, report: &Report, videos: &mut V) -> bool {
    let most = manifest.videos.len() / VIDEOS_A_THREAD;
    let cores = || if cfg!(test) { 3 } else { thread::available_parallelism().map_or(1, usize::from) };
    let threads = if most < 2 { 1 } else { cores().min(most) };
    if threads < 2 || report.errors() > 0 || !manifest.incomplete.is_empty() || reads_files(manifest) {
        return false;
    }
    let all: Vec<&VideoDecl> = manifest.videos.iter().collect();
    let stop = AtomicBool::new(false);
    let parts = thread::scope(|scope| {
        let stretches = all.chunks(all.len().div_ceil(threads));
        let workers: Vec<_> = stretches
            .map(|stretch| {
                let (part, stop) = (videos.part(), &stop);
                let work = move || stretch_of(manifest, inputs, stretch, part, stop);
                thread::Builder::new().name("expand".into()).stack_size(STACK_BYTES).spawn_scoped(scope, work)
            })
            .collect();
        if workers.iter().any(Result::is_err) {
            stop.store(true, Ordering::Relaxed);
        }
        let join = |worker: std::io::Result<thread::ScopedJoinHandle<'_, _>>| {
            worker.ok()?.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        let parts: Vec<Option<(V, usize)>> = workers.into_iter().map(join).collect();
        parts.into_iter().collect::<Option<Vec<_>>>()
    });
    let Some(parts) = parts.filter(|parts| parts.iter().map(|(_, count)| count).sum::<usize>() <= MOST_VIDEOS) else {
        return false;
    };
    for (part, _) in parts {
        videos.append(part);
    }
    true
}

/// A stretch of videos and their number; nothing when anything had to be told, here or in another stretch.
fn stretch_of<V: Gather>(
    manifest: &Manifest,
    inputs: &Inputs<'_>,
    stretch: &[&VideoDecl],
    mut part: V,
    stop: &AtomicBool,
) -> Option<(V, usize)> {
    let (mut sources, mut report) = (inputs.sources.clone(), Report::new());
    let mut take = |video| part.extend([video]);
    let inputs = Inputs { root: inputs.root, sources: &mut sources, env: inputs.env, now: inputs.now };
    let mut run = prepare(manifest, inputs, &mut report, &mut take);
    for video in stretch {
        if stop.load(Ordering::Relaxed) || !run.in_silence(video) {
            stop.store(true, Ordering::Relaxed);
            return None;
        }
    }
    let count = run.count;
    Some((part, count))
}

/// Whether a script, a row or a local medium has to be read: files are numbered in the order of their first use.
fn reads_files(manifest: &Manifest) -> bool {
    let voice = |voice: &VoiceDecl| voice.file.as_ref().is_some_and(|file| file.path.is_some());
    let background = |background: &BackgroundDecl| background.media.as_ref().is_some_and(|media| media.path.is_some());
    let body = |body: &DefaultsDecl| {
        matches!(body.script, Some(ScriptDecl::File(_)))
            || matches!(&body.voice, Some(Choice::Object(one)) if voice(one))
            || matches!(body.background.as_deref(), Some(Choice::Object(one)) if background(one))
    };
    manifest.voices.values().any(|preset| voice(&preset.decl))
        || manifest.backgrounds.values().any(|preset| background(&preset.decl))
        || body(&manifest.defaults)
        || manifest.videos.iter().any(|video| video.rows.is_some() || body(&video.body))
}
