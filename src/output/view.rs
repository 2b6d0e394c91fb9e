//! The two streams of a run: data on stdout, messages on stderr.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::diagnostics_text;
use super::document::json_line;
use super::programs::Programs;
use super::theme::{Screen, Theme};
use crate::diagnostic::Report;
use crate::source::{Sources, sanitize_lines};
use crate::vendor::redact_signatures;

/// The settings of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent setting")]
pub struct ViewOptions {
    /// `true` for color on stdout.
    pub color_out: bool,
    /// `true` for color on stderr.
    pub color_err: bool,
    /// Number of columns.
    pub width: usize,
    /// `true` for only data, warnings and errors.
    pub quiet: bool,
    /// `true` for unfolded output.
    pub verbose: bool,
    /// `true` if stderr can show progress bars.
    pub progress_bars: bool,
    /// `true` if stdout gets the events of the run, and stderr no lines about them.
    pub json: bool,
    /// `true` if a runner of GitHub Actions reads the output. Some lines are commands to it.
    pub github_actions: bool,
}

/// A stream that the log and the progress of a run write to as well.
#[derive(Clone)]
struct SharedStream(Arc<Mutex<Sink>>);

/// A stream, and the filter that removes commands to a runner.
struct Sink {
    to: Box<dyn Write + Send>,
    defuser: Option<CommandEscaper>,
}

impl SharedStream {
    fn new(to: Box<dyn Write + Send>, github_actions: bool) -> Self {
        let defuser = github_actions.then(CommandEscaper::default);
        Self(Arc::new(Mutex::new(Sink { to, defuser })))
    }

    /// Writes and flushes a text without the secrets of URLs.
    fn write(&self, text: &str) -> io::Result<()> {
        self.write_with_secrets(&redact_signatures(text), false)
    }

    /// Writes and flushes a text without redacting secrets. `verbatim` also keeps commands to a runner, in complete
    /// lines.
    fn write_with_secrets(&self, text: &str, verbatim: bool) -> io::Result<()> {
        // After a panic in another thread, the worst case is an incomplete line.
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let safe = sink.defuser.as_mut().filter(|_| !verbatim).map(|defuser| defuser.defuse(text));
        sink.to.write_all(safe.as_deref().unwrap_or(text).as_bytes())?;
        sink.to.flush()
    }
}

impl std::fmt::Debug for SharedStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Stream")
    }
}

/// The output of a run. A clone writes to the same streams.
#[derive(Clone, Debug)]
pub struct View {
    out: SharedStream,
    err: SharedStream,
    /// The streams that get the events of a run as JSON Lines.
    events: Vec<SharedStream>,
    /// The settings of the output.
    pub shape: ViewOptions,
    /// The programs that messages name, with the flags of the current project and environment.
    pub programs: Programs,
}

impl View {
    /// Creates a view of two streams.
    pub fn new(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>, shape: ViewOptions) -> Self {
        let [out, err] = [out, err].map(|to| SharedStream::new(to, shape.github_actions));
        let events = if shape.json { vec![out.clone()] } else { Vec::new() };
        Self { out, err, events, shape, programs: Programs::new(None, None) }
    }

    /// Sends the events of a run to a file too.
    pub fn send_events_to(&mut self, file: Box<dyn Write + Send>) {
        self.events.push(SharedStream::new(file, false));
    }

    /// Returns a message whose commands act on the current project and environment.
    pub fn with_flags<'a>(&self, message: &'a str) -> Cow<'a, str> {
        self.programs.insert_into(message)
    }

    /// Prints a report, with commands that act on the current project and environment.
    ///
    /// # Errors
    ///
    /// Returns an error if stderr fails.
    pub fn diagnostics(&self, report: &Report, sources: &Sources, screen: Screen) -> io::Result<()> {
        let mut report = report.clone();
        for one in report.iter_mut() {
            for text in one.help.iter_mut().chain([&mut one.message]) {
                *text = self.with_flags(text).into_owned();
            }
        }
        self.notice(&diagnostics_text(&report, sources, screen))
    }

    /// Writes an event as a line of JSON where events go: stdout with `--format json`, the file of `--json-into`.
    ///
    /// # Errors
    ///
    /// Returns an error if stdout fails, for example with a broken pipe. A file reports its own errors.
    pub fn event(&self, event: &impl Serialize) -> io::Result<()> {
        if self.events.is_empty() {
            return Ok(());
        }
        let line = json_line(event);
        // All get it, even after one has failed.
        self.events.iter().map(|stream| stream.write(&line)).fold(Ok(()), Result::and)
    }

    /// Writes data without the secrets of URLs. If a runner reads the output, a space disables every command to it.
    ///
    /// # Errors
    ///
    /// Returns an error if stdout fails, for example with a broken pipe.
    pub fn data(&self, text: &str) -> io::Result<()> {
        self.out.write(text)
    }

    /// Writes text that callsheet generates for a program, unchanged: workflow commands, shell scripts, schemas.
    ///
    /// # Errors
    ///
    /// Returns an error if stdout fails, for example with a broken pipe.
    pub fn verbatim(&self, text: &str) -> io::Result<()> {
        self.out.write_with_secrets(text, true)
    }

    /// Writes data with the secrets that the user requested.
    ///
    /// # Errors
    ///
    /// Returns an error if stdout fails, for example with a broken pipe.
    pub fn data_with_secrets(&self, text: &str) -> io::Result<()> {
        self.out.write_with_secrets(text, false)
    }

    /// Prints a line for the user, unless the output is quiet.
    ///
    /// # Errors
    ///
    /// Returns an error if stderr fails.
    pub fn info(&self, text: &str) -> io::Result<()> {
        if self.shape.quiet { Ok(()) } else { self.notice(text) }
    }

    /// Prints a line even if the output is quiet: warnings, errors, questions.
    ///
    /// # Errors
    ///
    /// Returns an error if stderr fails.
    pub fn notice(&self, text: &str) -> io::Result<()> {
        self.err.write(text)?;
        if text.ends_with('\n') { Ok(()) } else { self.err.write("\n") }
    }

    /// Clears the terminal, including its scrollback.
    ///
    /// # Errors
    ///
    /// Returns an error if stderr fails.
    pub fn clear(&self) -> io::Result<()> {
        self.err.write("\u{1b}[2J\u{1b}[3J\u{1b}[H")
    }

    /// Prints a question without ending the line.
    ///
    /// # Errors
    ///
    /// Returns an error if stderr fails.
    pub fn ask(&self, text: &str) -> io::Result<()> {
        self.err.write(text)
    }

    /// Prints `error: …` on stderr, in red if color is enabled.
    ///
    /// # Errors
    ///
    /// Returns an error if stderr fails.
    pub fn error(&self, text: &str) -> io::Result<()> {
        self.labeled("error", anstyle::AnsiColor::Red, text)
    }

    /// Prints `warning: …` on stderr, in yellow if color is enabled.
    ///
    /// # Errors
    ///
    /// Returns an error if stderr fails.
    pub fn warning(&self, text: &str) -> io::Result<()> {
        self.labeled("warning", anstyle::AnsiColor::Yellow, text)
    }

    fn labeled(&self, word: &str, color: anstyle::AnsiColor, text: &str) -> io::Result<()> {
        let text = sanitize_lines(&self.with_flags(text));
        self.notice(&format!("{}: {text}", label(word, color, self.shape.color_err)))
    }
}

/// Returns the label at the start of a line, bold and colored if color is enabled.
pub fn label(word: &str, color: anstyle::AnsiColor, on: bool) -> String {
    Theme::new(on).paint(color.on_default().bold(), word)
}

/// Filters the text of a stream in chunks, and inserts a space into each workflow command of GitHub Actions:
/// `: :error: :`, `## [error]`.
///
/// The runner reads the log of a step. A line that begins with `::name::` is a command, and so is `##[name]`
/// anywhere. A script or the vendor's message must not contain one. JSON passes unchanged, because its lines never
/// begin with a colon, and [`crate::source::sanitize_json`] escapes `##[`.
#[derive(Debug)]
pub struct CommandEscaper {
    /// `true` if the line so far has only whitespace and characters that the runner ignores.
    at_start: bool,
    /// `true` if the line so far has only whitespace and one colon.
    after_colon: bool,
    /// Number of consecutive `#`, at most two.
    hashes: u8,
}

impl Default for CommandEscaper {
    fn default() -> Self {
        Self { at_start: true, after_colon: false, hashes: 0 }
    }
}

impl CommandEscaper {
    /// Returns the next chunk without commands.
    pub fn defuse(&mut self, text: &str) -> String {
        let mut made = String::with_capacity(text.len());
        for one in text.chars() {
            if (self.after_colon && one == ':') || (self.hashes == 2 && one == '[') {
                made.push(' ');
            }
            made.push(one);
            self.follow(one);
        }
        made
    }

    fn follow(&mut self, one: char) {
        if matches!(one, '\n' | '\r') {
            *self = Self::default();
            return;
        }
        if is_ignored(one) {
            return;
        }
        self.after_colon = self.at_start && one == ':';
        self.at_start &= one.is_whitespace();
        self.hashes = if one == '#' { (self.hashes + 1).min(2) } else { 0 };
    }
}

/// Returns `true` if the runner's comparison ignores a character. .NET compares by linguistic rules, which ignore
/// control characters, joiners, soft hyphens and variation selectors, but not spaces.
fn is_ignored(one: char) -> bool {
    let control = one.is_control() && !one.is_whitespace();
    control
        || matches!(one,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defused(pieces: &[&str]) -> String {
        let mut defuser = CommandEscaper::default();
        pieces.iter().map(|piece| defuser.defuse(piece)).collect()
    }

    #[test]
    fn no_line_begins_with_a_command_and_none_holds_an_old_one() {
        assert_eq!(defused(&["::error::x"]), ": :error::x");
        assert_eq!(defused(&["a\n \t\u{a0}::error::x\r::add-mask::y"]), "a\n \t\u{a0}: :error::x\r: :add-mask::y");
        assert_eq!(defused(&["a ##[error]x", "###[b]"]), "a ## [error]x### [b]");
        assert_eq!(defused(&[":", ":stop-commands::x", "#", "#", "[warning]"]), ": :stop-commands::x## [warning]");
        for honest in ["a::b", "std::fs", "# [x]", "#[x]", " : :x", "12 | ::error::", "note: ::", ":x::y", "## x ["] {
            assert_eq!(defused(&[honest]), honest);
        }
    }

    #[test]
    fn characters_that_the_runner_ignores_hide_no_command() {
        for ignored in ['\u{ad}', '\u{200d}', '\u{feff}', '\0', '\u{1b}', '\u{fe0f}', '\u{e0041}'] {
            for (open, shut) in [
                (format!("{ignored}::error::x"), format!("{ignored}: :error::x")),
                (format!(" {ignored} :{ignored}:error::x"), format!(" {ignored} :{ignored} :error::x")),
                (format!("a #{ignored}#{ignored}[error]"), format!("a #{ignored}#{ignored} [error]")),
            ] {
                assert_eq!(defused(&[&open]), shut, "{ignored:?}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_text_and_however_it_is_cut_no_command_is_left(pieces in proptest::collection::vec("[:# \\[\\n\\ra]{0,6}", 0..6)) {
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let made = defused(&pieces);
            proptest::prop_assert!(!made.contains("##["), "{:?}", made);
            let command = made.split(['\n', '\r']).any(|line| line.trim_start().starts_with("::"));
            proptest::prop_assert!(!command, "{:?}", made);
            let without = |text: &str| text.replace(' ', "");
            proptest::prop_assert_eq!(without(&made), without(&pieces.concat()));
        }
    }
}
