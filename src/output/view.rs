//! The two streams of a run: data on stdout, messages on stderr.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::theme::Theme;
use super::workflow_command::CommandEscaper;
use crate::source::sanitize_lines;
use crate::vendor::redact_signatures;

/// The settings of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// `true` if a runner of GitHub Actions reads the output. Some lines are commands to it.
    pub github_actions: bool,
}

/// A stream that the progress of a run writes to as well.
#[derive(Clone)]
pub struct SharedStream(Arc<Mutex<Sink>>);

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
    ///
    /// # Errors
    ///
    /// Returns an error if the stream fails, for example with a broken pipe.
    pub fn write(&self, text: &str) -> io::Result<()> {
        self.write_with_secrets(&redact_signatures(text))
    }

    /// Writes and flushes a text without redacting secrets.
    fn write_with_secrets(&self, text: &str) -> io::Result<()> {
        // After a panic in another thread, the worst case is an incomplete line.
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let safe = sink.defuser.as_mut().map(|defuser| defuser.defuse(text));
        sink.to.write_all(safe.as_deref().unwrap_or(text).as_bytes())?;
        sink.to.flush()
    }

    /// Writes and flushes complete lines unchanged, including commands to a runner.
    fn write_verbatim(&self, text: &str) -> io::Result<()> {
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sink.to.write_all(text.as_bytes())?;
        sink.to.flush()
    }
}

impl std::fmt::Debug for SharedStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Stream")
    }
}

/// The output of a run.
#[derive(Debug)]
pub struct View {
    out: SharedStream,
    err: SharedStream,
    /// The streams that get the events of a run as JSON Lines.
    events: Vec<SharedStream>,
    /// The settings of the output.
    pub shape: ViewOptions,
}

impl View {
    /// Creates a view of two streams.
    pub fn new(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>, shape: ViewOptions) -> Self {
        let stream = |to| SharedStream::new(to, shape.github_actions);
        Self { out: stream(out), err: stream(err), events: Vec::new(), shape }
    }

    /// Sends the events of a run to stdout.
    pub fn send_events_to_stdout(&mut self) {
        self.events.push(self.out.clone());
    }

    /// Sends the events of a run to a file too.
    pub fn send_events_to(&mut self, file: Box<dyn Write + Send>) {
        self.events.push(SharedStream::new(file, false));
    }

    /// Returns the streams of events, and stderr, for the progress of a run.
    pub fn streams(&self) -> (Vec<SharedStream>, SharedStream) {
        (self.events.clone(), self.err.clone())
    }

    /// Writes an event, a line of JSON, where events go: stdout with `--format json`, the file of `--json-into`.
    ///
    /// # Errors
    ///
    /// Returns an error if stdout fails, for example with a broken pipe. A file reports its own errors.
    pub fn event(&self, line: &str) -> io::Result<()> {
        // All get it, even after one has failed.
        self.events.iter().map(|stream| stream.write(line)).fold(Ok(()), Result::and)
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
        self.out.write_verbatim(text)
    }

    /// Writes data with the secrets that the user requested.
    ///
    /// # Errors
    ///
    /// Returns an error if stdout fails, for example with a broken pipe.
    pub fn data_with_secrets(&self, text: &str) -> io::Result<()> {
        self.out.write_with_secrets(text)
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
        let text = sanitize_lines(text);
        self.notice(&format!("{}: {text}", label("error", anstyle::AnsiColor::Red, self.shape.color_err)))
    }

    /// Prints `warning: …` on stderr, in yellow if color is enabled.
    ///
    /// # Errors
    ///
    /// Returns an error if stderr fails.
    pub fn warning(&self, text: &str) -> io::Result<()> {
        let text = sanitize_lines(text);
        self.notice(&format!("{}: {text}", label("warning", anstyle::AnsiColor::Yellow, self.shape.color_err)))
    }
}

/// Returns the label at the start of a line, bold and colored if color is enabled.
pub fn label(word: &str, color: anstyle::AnsiColor, on: bool) -> String {
    Theme::new(on).paint(color.on_default().bold(), word)
}
