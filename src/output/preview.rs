//! The output of `preview`: finished frames on a terminal, the page to open, and the limits of its frames.

use std::collections::BTreeMap;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use schemars::JsonSchema;
use serde::Serialize;

use super::document::versioned;
use super::text::pluralize;
use super::view::View;
use crate::preview::{Frame, Notice, Shot};

/// What `callsheet preview --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Preview")]
pub struct PreviewV1<'a> {
    /// The page to open, as the user would type it.
    index: String,
    /// In manifest order.
    frames: Vec<FrameV1<'a>>,
}

/// The frame of one video.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Frame")]
struct FrameV1<'a> {
    /// The video's key.
    key: &'a str,
    /// The frame, relative to the directory of `index`.
    file: String,
    /// The frame of the paid video, if a change is planned; relative to the directory of `index`.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// The pictures of the scenes after the first, of a vendor template; left out for avatar videos.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    scenes: &'a [String],
    /// In pixels.
    width: u32,
    /// In pixels.
    height: u32,
    /// Whether it was drawn by an earlier run, and nothing changed.
    kept: bool,
    /// Differences between the frame and the video.
    notices: Vec<String>,
}

/// Returns the frames of shots as one JSON document.
pub fn preview_json(index: &str, shots: &[Shot], frames: &[Frame]) -> String {
    let frames = shots.iter().zip(frames).map(|(shot, frame)| FrameV1 {
        key: &shot.key,
        file: format!("{}.png", frame.stem),
        before: frame.before.then(|| format!("before/{}.png", frame.stem)),
        scenes: &frame.scenes,
        width: frame.size.0,
        height: frame.size.1,
        kept: frame.kept,
        notices: frame.notices.iter().map(Notice::words).collect(),
    });
    versioned(&PreviewV1 { index: index.to_owned(), frames: frames.collect() })
}

/// Returns the counts of frames: `12 frames drawn, 3 unchanged`.
pub fn preview_sentence(frames: &[Frame]) -> String {
    let kept = frames.iter().filter(|frame| frame.kept).count();
    let drawn = pluralize((frames.len() - kept) as u64, "frame");
    if kept == 0 { format!("{drawn} drawn") } else { format!("{drawn} drawn, {kept} unchanged") }
}

/// Returns the differences between the frames and the videos, each once:
/// `3 frames: remote background: not fetched; …`
pub fn preview_notices(frames: &[Frame]) -> Vec<String> {
    let mut counts: BTreeMap<&Notice, u64> = BTreeMap::new();
    for notice in frames.iter().flat_map(|frame| &frame.notices) {
        *counts.entry(notice).or_default() += 1;
    }
    counts.into_iter().map(|(notice, frames)| format!("{}: {}", pluralize(frames, "frame"), notice.words())).collect()
}

/// Up to this number, the frames are finished before the user can read a bar.
const QUICK: usize = 20;

/// Returns a bar that counts frames.
pub fn frame_bar(view: &View, frames: usize) -> ProgressBar {
    let is_shown = view.shape.progress_bars && !view.shape.quiet && frames > QUICK;
    let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(frames as u64), target);
    if let Ok(style) = ProgressStyle::with_template("drawing {bar:30} {pos} of {len}") {
        bar.set_style(style);
    }
    bar
}
