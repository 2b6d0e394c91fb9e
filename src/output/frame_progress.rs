//! Counts finished frames on a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Up to this number, the frames are finished before the user can read a bar.
const QUICK: usize = 20;

/// A bar that counts frames.
#[derive(Debug)]
pub struct FrameProgress(ProgressBar);

impl FrameProgress {
    /// Creates a bar for a number of frames. Draws nothing without `shown`.
    pub fn new(frames: usize, shown: bool) -> Self {
        let target = if shown && frames > QUICK { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(frames as u64), target);
        if let Ok(style) = ProgressStyle::with_template("drawing {bar:30} {pos} of {len}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Sets the number of finished frames.
    pub fn ready(&self, frames: usize) {
        self.0.set_position(frames as u64);
    }

    /// Removes the bar.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
