//! The progress of waiting and downloading: one bar per take on a terminal, otherwise plain lines, or JSON Lines for
//! programs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anstyle::AnsiColor;
use indicatif::{MultiProgress, ProgressBar};

use super::event_writer::{EventWriter, start};
use super::status::phase_word;
use super::text::{format_bytes, format_length, format_span, pluralize};
use super::view::View;
use crate::results::{Phase, ResultsEvent};
use crate::source::sanitize;
use crate::vendor::ProgressReporter;

/// Maximum limit to show, in seconds: 30 days.
const MAX_LIMIT_SHOWN: i64 = 30 * 24 * 3600;
/// Maximum number of bars on the screen. The last one counts the rest.
const MAX_BARS: usize = 12;

/// Shows the events of takes.
#[derive(Debug)]
pub struct ResultsProgress {
    writer: EventWriter,
    bars: Option<Bars>,
}

/// The bars on the screen.
#[derive(Debug)]
struct Bars {
    screen: MultiProgress,
    whole: ProgressBar,
    rows: Mutex<HashMap<Arc<str>, ProgressBar>>,
}

impl ResultsProgress {
    /// Creates progress for a number of takes, with bars if stderr is a terminal and `--verbose` is not set.
    pub fn new(view: &View, takes: usize) -> Self {
        let writer = EventWriter::new(view, true);
        let bars = writer.screen.as_ref().map(|screen| Bars::new(screen.clone(), takes as u64));
        Self { writer, bars }
    }

    /// Removes the bars.
    pub fn finish(&self) {
        if let Some(bars) = &self.bars {
            for (_, bar) in bars.rows().drain() {
                bar.finish_and_clear();
            }
            bars.whole.finish_and_clear();
        }
    }

    fn line(&self, word: &str, color: AnsiColor, text: &str, always: bool) {
        self.writer.line(word, color, text, always);
    }

    fn human(&self, event: &ResultsEvent) {
        use AnsiColor::{Cyan, Green, Red, Yellow};
        if let Some(bars) = &self.bars {
            bars.note(event);
        }
        let verbose = self.writer.view.shape.verbose;
        match event {
            ResultsEvent::State { key, phase, message, seconds, .. } => self.state(key, *phase, message, *seconds),
            ResultsEvent::Fetching { key, file, from, .. } if verbose => {
                let on = if *from > 0 { format!(", resuming at {}", format_bytes(*from)) } else { String::new() };
                self.line("fetching", Cyan, &format!("{key} into {file}{on}"), false);
            }
            ResultsEvent::Retrying { key, reason, .. } => {
                self.line("retrying", Yellow, &format!("{key}: {reason}"), false);
            }
            ResultsEvent::Saved { key, file, bytes, seconds, width, height, moved, .. } => {
                let mut facts: Vec<String> = seconds.map(format_length).into_iter().collect();
                facts.extend(width.zip(*height).map(|(width, height)| format!("{width}×{height}")));
                facts.push(format_bytes(*bytes));
                if *moved == 0 {
                    facts.push("from this disk".to_owned());
                }
                self.line("saved", Green, &format!("{key} as {file} ({})", facts.join(", ")), false);
            }
            ResultsEvent::Kept { key, file } if verbose => self.line("kept", Green, &format!("{key} as {file}"), false),
            ResultsEvent::Subtitled { key, file, cues } if verbose => {
                self.line("subtitled", Green, &format!("{key} as {file} ({})", pluralize(*cues as u64, "cue")), false);
            }
            ResultsEvent::StillWaiting { open, waited, left } if self.bars.is_none() => {
                self.line("waiting", Cyan, &still_waiting(*open, *waited, *left), false);
            }
            ResultsEvent::Fetching { .. }
            | ResultsEvent::Fetched { .. }
            | ResultsEvent::Kept { .. }
            | ResultsEvent::Subtitled { .. }
            | ResultsEvent::StillWaiting { .. }
            | ResultsEvent::StillOpen { .. } => {}
            ResultsEvent::NotSaved { key, reason, .. } => {
                self.line("not saved", Red, &format!("{key}: {reason}"), true);
            }
            ResultsEvent::Warning { message } => self.line("warning:", Yellow, message, true),
        }
    }

    fn state(&self, key: &str, phase: Phase, message: &str, seconds: Option<f64>) {
        use AnsiColor::{Cyan, Green, Red, Yellow};
        let word = phase_word(phase);
        let why = if message.is_empty() { String::new() } else { format!(": {message}") };
        let message = if message.is_empty() { "the vendor gave no reason" } else { message };
        match phase {
            Phase::Failed | Phase::Missing | Phase::Expired => {
                self.line(&word, Red, &format!("{key}: {message}"), true);
            }
            Phase::Unknown(_) => self.line(&word, Yellow, key, false),
            Phase::Done => {
                let length = seconds.map(|seconds| format!(" ({})", format_length(seconds))).unwrap_or_default();
                self.line(&word, Green, &format!("{key}{length}"), false);
            }
            _ if self.writer.view.shape.verbose => self.line(&word, Cyan, &format!("{key}{why}"), false),
            _ => {}
        }
    }
}

impl Bars {
    fn new(screen: MultiProgress, length: u64) -> Self {
        let whole = start(screen.add(ProgressBar::new(length)), "{bar:30} {pos}/{len} {elapsed}");
        Self { screen, whole, rows: Mutex::default() }
    }

    /// Returns the bars. After a panic in another thread the map is still consistent.
    fn rows(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, ProgressBar>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, event: &ResultsEvent) {
        match event {
            ResultsEvent::State { key, phase, .. } => match phase {
                Phase::Submitted | Phase::Queued | Phase::Rendering | Phase::Unknown(_) => {
                    if let Some(bar) = self.row(key, "{spinner} {msg}") {
                        bar.set_message(format!("{} {}", sanitize(key), phase_word(*phase)));
                    }
                }
                _ => self.end(key),
            },
            ResultsEvent::Fetching { key, from, total, .. } => {
                if let Some(bar) = self.row(key, "{bar:20} {bytes}/{total_bytes} {bytes_per_sec} {msg}") {
                    bar.set_message(sanitize(key).into_owned());
                    if let Some(total) = total {
                        bar.set_length(*total);
                    }
                    bar.set_position(*from);
                }
            }
            ResultsEvent::Fetched { key, bytes } => {
                if let Some(bar) = self.rows().get(key) {
                    bar.set_position(*bytes);
                }
            }
            ResultsEvent::Saved { key, .. } | ResultsEvent::Kept { key, .. } | ResultsEvent::NotSaved { key, .. } => {
                self.end(key);
            }
            ResultsEvent::Retrying { .. }
            | ResultsEvent::Subtitled { .. }
            | ResultsEvent::StillWaiting { .. }
            | ResultsEvent::StillOpen { .. }
            | ResultsEvent::Warning { .. } => {}
        }
    }

    fn row(&self, key: &Arc<str>, template: &str) -> Option<ProgressBar> {
        let mut rows = self.rows();
        if let Some(bar) = rows.get(key) {
            return Some(bar.clone());
        }
        if rows.len() >= MAX_BARS {
            return None;
        }
        let bar = start(self.screen.insert_before(&self.whole, ProgressBar::new(0)), template);
        rows.insert(key.clone(), bar.clone());
        Some(bar)
    }

    fn end(&self, key: &Arc<str>) {
        if let Some(bar) = self.rows().remove(key) {
            bar.finish_and_clear();
        }
        self.whole.inc(1);
    }
}

/// Returns the state of a wait: `2 videos not rendered yet, 0:25 so far, at most 29 min more`.
///
/// Omits the limit of `status --watch`, which never ends the wait.
fn still_waiting(open: usize, waited: Duration, left: Duration) -> String {
    let left = i64::try_from(left.as_secs()).ok().filter(|left| *left <= MAX_LIMIT_SHOWN);
    let left = left.map(|left| format!(", at most {} more", format_span(left))).unwrap_or_default();
    format!(
        "{} not rendered yet, {} so far{left}",
        pluralize(open as u64, "video"),
        format_length(waited.as_secs_f64())
    )
}

impl ProgressReporter<ResultsEvent> for ResultsProgress {
    fn event(&self, event: &ResultsEvent) {
        // A program does not need every chunk of a file.
        if matches!(event, ResultsEvent::Fetched { .. }) || !self.writer.json(event) {
            self.human(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_says_how_long_and_how_much_longer() {
        let text = |left| still_waiting(2, Duration::from_secs(25), Duration::from_secs(left));
        assert_eq!(text(1775), "2 videos not rendered yet, 0:25 so far, at most 29 min more");
        assert_eq!(text(365 * 24 * 3600), "2 videos not rendered yet, 0:25 so far");
    }
}
