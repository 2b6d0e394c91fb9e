//! How many frames are ready, on a terminal that can show it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// So few frames are ready before anybody has read a bar.
const QUICK: usize = 20;

/// A bar that counts frames.
#[derive(Debug)]
pub struct FrameCounter(ProgressBar);

impl FrameCounter {
    /// A bar for so many frames; without `shown` nothing is drawn.
    pub fn new(frames: usize, shown: bool) -> Self {
        let target = if shown && frames > QUICK { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(frames as u64), target);
        if let Ok(style) = ProgressStyle::with_template("drawing {bar:30} {pos} of {len}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So many are ready.
    pub fn ready(&self, frames: usize) {
        self.0.set_position(frames as u64);
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
