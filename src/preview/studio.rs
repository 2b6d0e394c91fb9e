//! Draws the frames of many videos into a folder; what is drawn already, and unchanged, is left alone.

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

/// How frames are drawn.
#[derive(Clone, Copy, Debug)]
pub struct StudioOptions {
    /// Of 1080p; 0.5 draws 960 × 540.
    pub scale: f64,
    /// Whether safe areas are drawn over them.
    pub guides: bool,
    /// Whether drafts are made beside them.
    pub films: bool,
    /// Whether the shots are all there are: then files of videos that are gone are removed.
    pub whole: bool,
}

/// What is drawn with.
#[derive(Clone, Copy, Debug)]
pub struct Studio<'a> {
    /// The fonts.
    pub fonts: &'a Fonts,
    /// The pictures.
    pub shelf: &'a Shelf,
    /// What draws them.
    pub images: &'a ImageRenderer,
    /// How.
    pub options: StudioOptions,
}

/// One frame in the folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The name of its files, without ending.
    pub stem: String,
    /// Pixels across and down.
    pub size: (u32, u32),
    /// Whether it was there already.
    pub kept: bool,
    /// Whether there is one of what was submitted before, too.
    pub before: bool,
    /// What to know about it.
    pub notices: Vec<Notice>,
}

/// Something that a frame does not show as it will be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Notice {
    /// No font has the letters of a script: boxes stand for them.
    MissingScript(&'static str),
    /// A background that is not shown: what, and why.
    Unseen(String, String),
}

impl Notice {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::MissingScript(script) => {
                format!("no font on this machine has these letters: {script}; {}", super::missing_script_advice(script))
            }
            Self::Unseen(title, hint) => format!("{}: {hint}", title.to_lowercase()),
        }
    }
}

/// Why a storyboard was not made.
#[derive(Debug, Error)]
pub enum StudioError {
    /// A folder that holds other things.
    #[error("`{0}` holds an `index.html` that is not ours; choose another folder with `--out`")]
    Taken(PathBuf),
    /// The disk.
    #[error("cannot write `{0}`: {1}")]
    Disk(PathBuf, io::Error),
    /// The drawing.
    #[error("`{0}`: {1}")]
    Draw(String, DrawError),
}

impl StudioError {
    pub(super) fn disk(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Disk(path.to_path_buf(), error)
    }
}

impl Studio<'_> {
    /// Draws all frames into a folder; `told` hears how many are ready.
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

/// Runs a function for each index on all cores; results in order, the first error ends it.
pub(super) fn in_parallel<T: Send, E: Send>(
    count: usize,
    one: &(dyn Fn(usize) -> Result<T, E> + Sync),
) -> Result<Vec<T>, E> {
    let failed = AtomicBool::new(false);
    let made = share_out(cores(), None, count, |left| {
        let mut made = Vec::new();
        for index in left.take_while(|_| !failed.load(Ordering::Relaxed)) {
            let result = one(index);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            made.push((index, result));
        }
        made
    });
    made.into_iter().collect()
}
