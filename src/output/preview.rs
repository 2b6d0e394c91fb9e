//! What `preview` says: the page to open, and what its frames do not show.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::text::count;
use crate::preview::{Frame, Notice};
use crate::source::clean_json;

/// `preview --format json`, format 1.
#[derive(Debug, Serialize)]
struct PreviewV1<'a> {
    format_version: u32,
    index: String,
    frames: Vec<FrameV1<'a>>,
}

#[derive(Debug, Serialize)]
struct FrameV1<'a> {
    key: &'a str,
    /// Relative to the folder of `index`.
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    width: u32,
    height: u32,
    kept: bool,
    notices: Vec<String>,
}

/// The frames as one JSON document.
pub fn preview_json(index: &str, keys: &[Arc<str>], frames: &[Frame]) -> String {
    let frames = keys.iter().zip(frames).map(|(key, frame)| FrameV1 {
        key,
        file: format!("{}.png", frame.stem),
        before: frame.before.then(|| format!("before/{}.png", frame.stem)),
        width: frame.size.0,
        height: frame.size.1,
        kept: frame.kept,
        notices: frame.notices.iter().map(Notice::words).collect(),
    });
    let document = PreviewV1 { format_version: 1, index: index.to_owned(), frames: frames.collect() };
    // Strings and numbers always serialise.
    let mut text = clean_json(serde_json::to_string_pretty(&document).unwrap_or_default());
    text.push('\n');
    text
}

/// `12 frames drawn, 3 unchanged`.
pub fn preview_sentence(frames: &[Frame]) -> String {
    let kept = frames.iter().filter(|frame| frame.kept).count();
    let drawn = count((frames.len() - kept) as u64, "frame");
    if kept == 0 { format!("{drawn} drawn") } else { format!("{drawn} drawn, {kept} unchanged") }
}

/// What frames do not show as it will be, each once: `3 frames: remote background: not fetched; …`.
pub fn preview_notices(frames: &[Frame]) -> Vec<String> {
    let mut counts: BTreeMap<&Notice, u64> = BTreeMap::new();
    for notice in frames.iter().flat_map(|frame| &frame.notices) {
        *counts.entry(notice).or_default() += 1;
    }
    counts.into_iter().map(|(notice, frames)| format!("{}: {}", count(frames, "frame"), notice.words())).collect()
}
