//! The progress of a run: a bar on a terminal, otherwise plain lines, or JSON Lines for programs.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anstyle::AnsiColor;
use indicatif::ProgressBar;

use super::event_writer::{EventWriter, start};
use super::text::{self, format_timestamp};
use super::view::View;
use crate::apply::{AdoptedTake, ApplyEvent, FreedTake, Submitted};
use crate::source::sanitize;
use crate::vendor::ProgressReporter;

/// Minimum time by which a wait must end later than the last reported one, for the same reason, to be reported again.
const REPEAT_WAIT_AFTER: Duration = Duration::from_secs(10);

/// Shows the events of submissions.
#[derive(Debug)]
pub struct ApplyProgress {
    writer: EventWriter,
    bar: Option<ProgressBar>,
    waits: Mutex<WaitEnds>,
}

/// The ends of the reported waits, by their reason. Many videos wait for the same reason, each several times.
type WaitEnds = HashMap<String, Instant>;

/// Returns `true` if a wait until this time is worth reporting, and remembers it.
fn is_new(waits: &mut WaitEnds, reason: &str, until: Instant) -> bool {
    let told = waits.get(reason).is_some_and(|end| until <= *end + REPEAT_WAIT_AFTER);
    if !told {
        waits.insert(reason.to_owned(), until);
    }
    !told
}

impl ApplyProgress {
    /// Creates progress for a number of submissions, with a bar if stderr is a terminal.
    pub fn new(view: &View, bar: Option<u64>) -> Self {
        let writer = EventWriter::new(view, bar.is_some());
        let bar = writer.screen.as_ref().zip(bar).map(|(screen, length)| {
            start(screen.add(ProgressBar::new(length)), "{bar:30} {pos}/{len} submitted {elapsed} {msg}")
        });
        Self { writer, bar, waits: Mutex::default() }
    }

    /// Creates progress for a request to the vendor. On a terminal it shows a spinner, because a response may be
    /// slow.
    pub fn asking(view: &View) -> Self {
        let writer = EventWriter::new(view, true);
        let bar = writer.screen.as_ref().map(|screen| {
            let bar = screen.add(ProgressBar::new_spinner()).with_message("reading the vendor's list");
            start(bar, "{spinner} {msg}")
        });
        Self { writer, bar, waits: Mutex::default() }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, word: &str, color: AnsiColor, text: &str, always: bool) {
        self.writer.line(word, color, &self.writer.view.with_flags(text), always);
    }

    fn is_news(&self, reason: &str, seconds: u64) -> bool {
        let until = Instant::now() + Duration::from_secs(seconds);
        is_new(&mut self.waits.lock().unwrap_or_else(PoisonError::into_inner), reason, until)
    }

    fn human(&self, event: &ApplyEvent) {
        use AnsiColor::{Cyan, Green, Red, Yellow};
        let verbose = self.writer.view.shape.verbose;
        match event {
            ApplyEvent::Uploading { file, bytes } => {
                self.line("uploading", Cyan, &format!("{file} ({bytes} bytes)"), false);
            }
            ApplyEvent::Uploaded { file, id } if verbose => {
                self.line("uploaded", Green, &format!("{file} as {id}"), false);
            }
            ApplyEvent::UploadFailed { file, message } => {
                self.line("not uploaded", Red, &format!("{file}: {message}"), true);
            }
            ApplyEvent::Submitting { key, tries, .. } if verbose => {
                self.line("submitting", Cyan, &format!("{key} (try {tries})"), false);
            }
            ApplyEvent::Submitting { tries, .. } => {
                if let Some(bar) = self.bar.as_ref().filter(|_| *tries > 1) {
                    // The wait is over.
                    bar.set_message("");
                }
            }
            ApplyEvent::Claimed { count, until } if verbose => {
                let text = format!("{} until {}", text::pluralize(*count as u64, "video"), format_timestamp(*until));
                self.line("claimed", Cyan, &text, false);
            }
            ApplyEvent::Published { count } if verbose => {
                self.line("published", Green, &text::pluralize(*count as u64, "line"), false);
            }
            // No line here: the final sentence says why nothing else was sent.
            ApplyEvent::Uploaded { .. }
            | ApplyEvent::Claimed { .. }
            | ApplyEvent::Published { .. }
            | ApplyEvent::Unreachable { .. }
            | ApplyEvent::KeyRefused { .. }
            | ApplyEvent::Halted { .. } => {}
            ApplyEvent::Submitted(Submitted { key, task, .. }) => {
                if let Some(bar) = &self.bar {
                    bar.inc(1);
                }
                let task = if verbose { format!(" as task {task}") } else { String::new() };
                if self.bar.is_none() || verbose {
                    self.line("submitted", Green, &format!("{key}{task}"), false);
                }
            }
            ApplyEvent::Unwritten(Submitted { key, task, .. }) => {
                self.line("submitted, but not in the lockfile:", Red, &format!("{key} is task {task}"), true);
            }
            ApplyEvent::Waiting { key, seconds, reason } => {
                let text = format!("{seconds} s for {key}: {reason}");
                match &self.bar {
                    Some(bar) => bar.set_message(format!("· waiting {}", sanitize(&text))),
                    None if verbose || self.is_news(reason, *seconds) => self.line("waiting", Yellow, &text, false),
                    None => {}
                }
            }
            ApplyEvent::Refused { key, code, message } => {
                let message = if message.is_empty() { "the vendor gave no reason" } else { message };
                let code = code.map(|code| format!("code {code}: ")).unwrap_or_default();
                self.line("refused", Red, &format!("{key}: {code}{message}"), true);
            }
            ApplyEvent::InDoubt { key, reason } => self.line("in doubt", Yellow, &format!("{key}: {reason}"), true),
            ApplyEvent::Adopted(AdoptedTake { key, video, failed, .. }) => {
                let failed = if *failed { ", which failed there" } else { "" };
                let text = format!("{key}: found at the vendor as video {video}{failed}; nothing is sent");
                self.line("adopted", Green, &text, false);
            }
            ApplyEvent::Freed(FreedTake { key, .. }) => {
                self.line("freed", Green, &format!("{key}: proved not to have been accepted"), false);
            }
            ApplyEvent::Settling { count, until } => {
                let takes = text::pluralize(*count as u64, "take");
                let text = format!("{takes} in doubt: the vendor's list is read again at {}", format_timestamp(*until));
                self.line("settling", Cyan, &text, false);
            }
            ApplyEvent::Elsewhere { key, who, until, .. } => {
                let text = format!("for {key}: claimed by {who} until {}", format_timestamp(*until));
                self.line("waiting", Yellow, &text, false);
            }
            ApplyEvent::Warning { message } => self.line("warning:", Yellow, message, true),
            ApplyEvent::LockFailure { message } => self.line("the lockfile cannot be written:", Red, message, true),
            ApplyEvent::Stopping => self.line(
                "stopping:",
                Yellow,
                "nothing new starts; requests in flight are finished (once more to exit immediately)",
                true,
            ),
        }
    }
}

impl ProgressReporter<ApplyEvent> for ApplyProgress {
    fn event(&self, event: &ApplyEvent) {
        if !self.writer.json(event) {
            self.human(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{Programs, ViewOptions};

    #[test]
    fn many_waits_for_one_thing_are_told_once_until_one_ends_much_later() {
        let (mut waits, now) = (WaitEnds::new(), Instant::now());
        let mut news = |reason: &str, seconds| is_new(&mut waits, reason, now + Duration::from_secs(seconds));
        assert!(news("no connection", 1));
        assert!((0..=11).all(|seconds| !news("no connection", seconds)), "each video, each try");
        assert!(news("too many requests", 2), "another reason");
        assert!(news("no connection", 12), "much later");
        assert!(!news("no connection", 22) && news("no connection", 60), "the vendor asks for a minute");
    }

    #[test]
    fn commands_in_warnings_act_on_the_project_and_environment_of_the_run() {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut view = View::new(Box::new(std::io::sink()), Box::new(writer), ViewOptions::default());
        view.programs = Programs::new(Some("shop"), Some("staging"));
        let progress = ApplyProgress::new(&view, None);
        progress.event(&ApplyEvent::Warning { message: "run `callsheet lock merge`".to_owned() });
        drop((progress, view));
        let shown = std::io::read_to_string(&mut reader).unwrap();
        assert_eq!(shown, "warning: run `callsheet -C shop --env staging lock merge`\n");
    }
}
