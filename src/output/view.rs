//! The two streams of a run: data on stdout, talk on stderr.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::workflow_command::Defuser;
use crate::source::clean_lines;
use crate::vendor::redact_signatures;

/// How things are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a yes or no of its own")]
pub struct Shape {
    /// Colour on stdout.
    pub color_out: bool,
    /// Colour on stderr.
    pub color_err: bool,
    /// Columns to use.
    pub width: usize,
    /// Only data, warnings, errors.
    pub quiet: bool,
    /// Nothing folded.
    pub verbose: bool,
    /// Whether a runner of GitHub Actions reads along, for which some lines are commands.
    pub github_actions: bool,
}

/// A stream that a run's progress writes to as well.
#[derive(Clone)]
pub struct Stream(Arc<Mutex<Sink>>);

/// A stream, and what keeps commands to a runner out of it.
struct Sink {
    to: Box<dyn Write + Send>,
    defuser: Option<Defuser>,
}

impl Stream {
    fn new(to: Box<dyn Write + Send>, github_actions: bool) -> Self {
        let defuser = github_actions.then(Defuser::default);
        Self(Arc::new(Mutex::new(Sink { to, defuser })))
    }

    /// Writes and flushes, without the secrets of URLs.
    ///
    /// # Errors
    /// When the stream refuses; a broken pipe among them.
    pub fn write(&self, text: &str) -> io::Result<()> {
        self.write_with_secrets(&redact_signatures(text))
    }

    /// Writes and flushes verbatim.
    fn write_with_secrets(&self, text: &str) -> io::Result<()> {
        // A panic elsewhere leaves half a line at worst.
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let safe = sink.defuser.as_mut().map(|defuser| defuser.defuse(text));
        sink.to.write_all(safe.as_deref().unwrap_or(text).as_bytes())?;
        sink.to.flush()
    }

    /// Writes and flushes whole lines as they are, commands to a runner among them.
    fn write_verbatim(&self, text: &str) -> io::Result<()> {
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sink.to.write_all(text.as_bytes())?;
        sink.to.flush()
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Stream")
    }
}

/// Where a run writes.
#[derive(Debug)]
pub struct View {
    out: Stream,
    err: Stream,
    /// How things are shown.
    pub shape: Shape,
}

impl View {
    /// A view over two streams.
    pub fn new(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>, shape: Shape) -> Self {
        let stream = |to| Stream::new(to, shape.github_actions);
        Self { out: stream(out), err: stream(err), shape }
    }

    /// Stdout and stderr, for a run's progress.
    pub fn streams(&self) -> (Stream, Stream) {
        (self.out.clone(), self.err.clone())
    }

    /// Writes data, without the secrets of URLs. Where a runner reads along, a space is put into what would be a command to it.
    ///
    /// # Errors
    /// When stdout refuses; a broken pipe among them.
    pub fn data(&self, text: &str) -> io::Result<()> {
        self.out.write(text)
    }

    /// Writes text that callsheet made for a program, as it is: workflow commands, shell scripts, schemas.
    ///
    /// # Errors
    /// When stdout refuses; a broken pipe among them.
    pub fn verbatim(&self, text: &str) -> io::Result<()> {
        self.out.write_verbatim(text)
    }

    /// Writes data with the secrets that the user requested.
    ///
    /// # Errors
    /// When stdout refuses; a broken pipe among them.
    pub fn data_with_secrets(&self, text: &str) -> io::Result<()> {
        self.out.write_with_secrets(text)
    }

    /// Says something to the person, unless told to be quiet; ends the line.
    ///
    /// # Errors
    /// When stderr refuses.
    pub fn say(&self, text: &str) -> io::Result<()> {
        if self.shape.quiet { Ok(()) } else { self.tell(text) }
    }

    /// Says what must be said even when quiet: warnings, errors, questions; ends the line.
    ///
    /// # Errors
    /// When stderr refuses.
    pub fn tell(&self, text: &str) -> io::Result<()> {
        self.err.write(text)?;
        if text.ends_with('\n') { Ok(()) } else { self.err.write("\n") }
    }

    /// Clears the person's terminal, what was scrolled away too.
    ///
    /// # Errors
    /// When stderr refuses.
    pub fn clear(&self) -> io::Result<()> {
        self.err.write("\u{1b}[2J\u{1b}[3J\u{1b}[H")
    }

    /// Asks, without ending the line.
    ///
    /// # Errors
    /// When stderr refuses.
    pub fn ask(&self, text: &str) -> io::Result<()> {
        self.err.write(text)
    }

    /// `error: …` on stderr, red where colour is on.
    ///
    /// # Errors
    /// When stderr refuses.
    pub fn error(&self, text: &str) -> io::Result<()> {
        let text = clean_lines(text);
        self.tell(&format!("{}: {text}", label("error", anstyle::AnsiColor::Red, self.shape.color_err)))
    }

    /// `warning: …` on stderr, yellow where colour is on.
    ///
    /// # Errors
    /// When stderr refuses.
    pub fn warning(&self, text: &str) -> io::Result<()> {
        let text = clean_lines(text);
        self.tell(&format!("{}: {text}", label("warning", anstyle::AnsiColor::Yellow, self.shape.color_err)))
    }
}

/// A word that leads a line, bold and coloured where colour is on.
pub fn label(word: &str, color: anstyle::AnsiColor, on: bool) -> String {
    if on {
        let style = color.on_default().bold();
        format!("{style}{word}{style:#}")
    } else {
        word.to_owned()
    }
}
