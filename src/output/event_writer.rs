//! Writes the events of a run: lines above the bars of a terminal, plain lines, or JSON Lines for programs.

use std::time::Duration;

use anstyle::AnsiColor;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::view::{View, label};
use crate::source::sanitize;

/// Time between two drawings of a bar.
const TICK: Duration = Duration::from_millis(120);

/// A writer of events. A closed stream must not stop a run that spends money.
#[derive(Debug)]
pub(super) struct EventWriter {
    pub view: View,
    /// The screen of the bars, if there are any.
    pub screen: Option<MultiProgress>,
}

impl EventWriter {
    /// Creates a writer, with `bars` if stderr is a terminal.
    pub fn new(view: &View, bars: bool) -> Self {
        let shape = view.shape;
        // With `--verbose` there are enough lines, and they would break up a bar.
        let bars = bars && shape.progress_bars && !shape.json && !shape.quiet && !shape.verbose;
        let screen = bars.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        // Hidden bars discard the lines above them, and some are about money.
        Self { view: view.clone(), screen: screen.filter(|screen| !screen.is_hidden()) }
    }

    /// Writes the event as JSON where events go. Returns `false` if stderr needs a line for humans too.
    pub fn json(&self, event: &impl Serialize) -> bool {
        drop(self.view.event(event));
        self.view.shape.json
    }

    /// Writes a line for humans. With `--quiet`, only if it is `always` needed.
    pub fn line(&self, word: &str, color: AnsiColor, text: &str, always: bool) {
        let shape = self.view.shape;
        if shape.quiet && !always {
            return;
        }
        let line = format!("{} {}", label(word, color, shape.color_err), sanitize(text));
        match &self.screen {
            Some(screen) => drop(screen.println(line)),
            None => drop(self.view.notice(&(line + "\n"))),
        }
    }
}

/// Gives a bar its template and its clock, which shows the elapsed time while responses are pending.
pub(super) fn start(bar: ProgressBar, template: &str) -> ProgressBar {
    // The template is a constant. If it were wrong, the default style would apply.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}
