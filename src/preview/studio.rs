//! Draws the frames of many videos into a directory, except those that exist and are unchanged.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use thiserror::Error;

use super::develop::Job;
use super::ledger::{BEFORE, Ledger};
use super::{DrawError, Fonts, ImageRenderer, Painter, Shelf, Shot};
use crate::source::{cores, make_directory, share_out};
use crate::spec::file_stems;

/// The settings for drawing frames.
#[derive(Clone, Copy, Debug)]
pub struct StudioOptions {
    /// The scale relative to 1080p; 0.5 draws 960 × 540.
    pub scale: f64,
    /// Whether to draw safe areas over the frames.
    pub guides: bool,
    /// Whether to render clips too.
    pub films: bool,
    /// Whether the shots are all videos. If so, files of removed videos are deleted.
    pub whole: bool,
}

/// Everything needed to draw frames.
#[derive(Clone, Copy, Debug)]
pub struct Studio<'a> {
    /// The fonts.
    pub fonts: &'a Fonts,
    /// The background media.
    pub shelf: &'a Shelf,
    /// The renderer of background pictures.
    pub images: &'a ImageRenderer,
    /// The settings.
    pub options: StudioOptions,
}

/// One frame in the directory.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The name of its files, without extension.
    pub stem: String,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Whether the files already existed.
    pub kept: bool,
    /// Whether a frame of the previously submitted spec exists too.
    pub before: bool,
    /// Differences from the final video.
    pub notices: Vec<Notice>,
}

/// A difference between a frame and the final video.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Notice {
    /// No font has the letters of a script, so the frame shows boxes.
    MissingScript(&'static str),
    /// A background that is not shown: its name and the reason.
    Unseen(String, String),
}

impl Notice {
    /// Returns the message.
    pub fn words(&self) -> String {
        match self {
            Self::MissingScript(script) => {
                format!("no font on this machine has these letters: {script}; {}", super::missing_script_advice(script))
            }
            Self::Unseen(title, hint) => format!("{}: {hint}", title.to_lowercase()),
        }
    }
}

/// Why drawing a storyboard failed.
#[derive(Debug, Error)]
pub enum StudioError {
    /// The directory contains files that callsheet did not write.
    #[error("`{0}` holds an `index.html` that is not ours; choose another folder with `--out`")]
    Taken(PathBuf),
    /// The disk failed.
    #[error("cannot write `{0}`: {1}")]
    Disk(PathBuf, io::Error),
    /// Drawing failed.
    #[error("`{0}`: {1}")]
    Draw(String, DrawError),
}

impl StudioError {
    pub(super) fn disk(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Disk(path.to_path_buf(), error)
    }
}

impl Studio<'_> {
    /// Draws all frames into a directory. Calls `told` with the number of finished frames.
    ///
    /// # Errors
    /// See [`StudioError`].
    pub fn shoot(
        &self,
        shots: &[Shot],
        folder: &Path,
        told: &(dyn Fn(usize) + Sync),
    ) -> Result<Vec<Frame>, StudioError> {
        let ledger = Ledger::open(folder)?;
        let stems = file_stems(shots.iter().map(|shot| &*shot.key));
        if shots.iter().any(|shot| shot.before.is_some()) {
            let before = folder.join(BEFORE);
            make_directory(folder, &before).map_err(StudioError::disk(&before))?;
        }
        let painter = Painter::new(self.fonts, self.images);
        let written: Mutex<BTreeMap<String, String>> = Mutex::default();
        let ready = AtomicUsize::new(0);
        let one = |index: usize| {
            let job = Job { studio: *self, painter: &painter, ledger: &ledger, folder, written: &written };
            let frame = job.develop(&shots[index], &stems[index]);
            told(ready.fetch_add(1, Ordering::Relaxed) + 1);
            frame
        };
        let frames = in_parallel(shots.len(), &one)?;
        let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
        ledger.close(folder, written, self.options.whole)?;
        Ok(frames)
    }
}

/// Runs a function for each index on all cores. Returns the results in order, or the first error.
pub(super) fn in_parallel<T: Send, E: Send>(
    count: usize,
    one: &(dyn Fn(usize) -> Result<T, E> + Sync),
) -> Result<Vec<T>, E> {
    let failed = AtomicBool::new(false);
    let made = share_out(cores(), count, |index| {
        let result = (!failed.load(Ordering::Relaxed)).then(|| one(index))?;
        failed.fetch_or(result.is_err(), Ordering::Relaxed);
        Some(result)
    });
    made.into_iter().collect()
}
