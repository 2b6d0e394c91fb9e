//! Draws pictures of unknown origin, each in a child process with a deadline.
//!
//! A picture can make its decoder hang, overflow the stack or use all memory. In a child process, each of these becomes
//! a message.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::image_child::{DEADLINE, FitOptions, arguments};
use super::{DrawError, StillImage};
use crate::source::sanitize;

/// After this many pictures that took too long or crashed their process, the rest of the run is skipped.
const MAX_REMEMBERED_FAILURES: usize = 3;
/// Number of drawn pictures that are cached for the next frames.
const MAX_CACHED: usize = 24;
/// Maximum length of a child's message, in characters.
const MAX_MESSAGE_CHARS: usize = 300;

/// Where pictures of unknown origin are drawn.
#[derive(Clone, Debug)]
pub enum DrawProcess {
    /// In child processes of this `callsheet` program.
    Child(PathBuf),
    /// In this process, without a deadline: for tests, which have no `callsheet` program.
    #[cfg(test)]
    ThisProcess,
}

impl DrawProcess {
    /// Returns child processes of the running program.
    pub fn children() -> Self {
        // If the path of the program is unknown, starting it fails, and each picture gets that message.
        Self::Child(std::env::current_exe().unwrap_or_default())
    }
}

/// Draws pictures of unknown origin, and caches the results.
#[derive(Debug)]
pub struct ImageRenderer {
    draw_in: DrawProcess,
    deadline: Duration,
    /// Pictures that took too long or crashed their process.
    failed: AtomicUsize,
    /// Why pictures cannot be drawn, by content. The reason applies to every size.
    refused: Mutex<HashMap<String, String>>,
    drawn: Mutex<HashMap<(String, FitOptions), SharedResult>>,
}

/// A PNG, or why it cannot be drawn.
type Drawn = Result<Arc<Vec<u8>>, String>;

/// The result of the first thread that needs a picture. Other threads that need the same picture wait for it.
type SharedResult = Arc<OnceLock<Drawn>>;

impl ImageRenderer {
    /// Creates a renderer with an empty cache.
    pub fn new(draw_in: DrawProcess) -> Self {
        Self::with_deadline(draw_in, DEADLINE)
    }

    pub(super) fn with_deadline(draw_in: DrawProcess, deadline: Duration) -> Self {
        let (refused, drawn) = (Mutex::default(), Mutex::default());
        Self { draw_in, deadline, failed: AtomicUsize::new(0), refused, drawn }
    }

    /// Returns a still picture as PNG, fitted to a canvas.
    ///
    /// # Errors
    /// [`DrawError::Picture`] says why it cannot be drawn.
    pub(super) fn draw(&self, still: &StillImage, fitting: FitOptions) -> Result<Arc<Vec<u8>>, DrawError> {
        let place = {
            let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            if drawn.len() >= MAX_CACHED {
                drawn.clear();
            }
            Arc::clone(drawn.entry((still.sha256.clone(), fitting)).or_default())
        };
        // Threads that need the same picture wait here. Other threads continue.
        place.get_or_init(|| self.draw_unless_refused(still, fitting)).clone().map_err(DrawError::Picture)
    }

    fn draw_unless_refused(&self, still: &StillImage, fitting: FitOptions) -> Drawn {
        let refused = || self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = refused().get(&still.sha256) {
            return Err(why.clone());
        }
        let drawn = self.draw_once(still, fitting);
        if let Err(why) = &drawn {
            refused().insert(still.sha256.clone(), why.clone());
        }
        drawn
    }

    fn draw_once(&self, still: &StillImage, fitting: FitOptions) -> Drawn {
        #[cfg_attr(not(test), expect(clippy::infallible_destructuring_match, reason = "tests have one more variant"))]
        let program = match &self.draw_in {
            DrawProcess::Child(program) => program,
            #[cfg(test)]
            DrawProcess::ThisProcess => {
                return super::image_child::fit_picture(still.format, Arc::clone(&still.bytes), fitting).map(Arc::new);
            }
        };
        if self.failed.load(Ordering::Relaxed) >= MAX_REMEMBERED_FAILURES {
            return Err(format!(
                "it is not tried, because {MAX_REMEMBERED_FAILURES} other pictures took too long to draw or crashed"
            ));
        }
        match self.run_child(program, still, fitting)? {
            (Some(0), bytes) if has_size(&bytes, fitting.size) => Ok(Arc::new(bytes)),
            (Some(1), bytes) => Err(message(&bytes)),
            _ => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                Err("drawing it crashes or needs too much memory; simplify it, or export it as a smaller PNG".into())
            }
        }
    }

    /// Runs a child process until it ends, and kills it at the deadline. No process is left when this returns.
    ///
    /// Returns its exit code, which is `None` if a signal ended it, and its output: a PNG, or a message if the code is 1.
    fn run_child(
        &self,
        program: &Path,
        still: &StillImage,
        fitting: FitOptions,
    ) -> Result<(Option<i32>, Vec<u8>), String> {
        let start = |error: std::io::Error| format!("the process that draws it cannot be started: {error}");
        let (width, height) = fitting.size;
        // A PNG is at most a little larger than its pixels.
        let most_bytes = (u64::from(width) * u64::from(height) * 4).saturating_mul(9) / 8 + (64 << 10);
        let mut command = Command::new(program);
        // Decoders need nothing from the environment, and must not see an API key.
        command.args(arguments(still.format, fitting)).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // Ctrl-C must reach only the parent, which may shut down cleanly.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = Reaped(command.spawn().map_err(start)?);
        let (stdin, stdout) = (child.0.stdin.take(), child.0.stdout.take());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // The write fails if the child exits early. Its exit code and message say why.
                drop(stdin.map(|mut stdin| stdin.write_all(&still.bytes)));
            });
            let (sender, receiver) = sync_channel(1);
            scope.spawn(move || {
                let mut bytes = Vec::new();
                let read = stdout.map(|stdout| stdout.take(most_bytes + 1).read_to_end(&mut bytes));
                // The send fails only after the deadline.
                drop(sender.send(read.unwrap_or(Ok(0)).map(|_| bytes)));
            });
            let received = receiver.recv_timeout(self.deadline).map_err(|_| {
                child.end();
                self.failed.fetch_add(1, Ordering::Relaxed);
                let seconds = self.deadline.as_secs();
                format!("drawing it takes longer than {seconds} s; simplify it, or export it as a smaller PNG")
            });
            let bytes = received?.map_err(start)?;
            if bytes.len() as u64 > most_bytes {
                child.end();
                return Err("its drawing is too large".to_owned());
            }
            let status = child.0.wait().map_err(start)?;
            Ok((status.code(), bytes))
        })
    }
}

/// A child process that is killed and reaped when its owner drops it.
struct Reaped(Child);

impl Reaped {
    fn end(&mut self) {
        // Both calls fail only if the child has already been waited for.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Drop for Reaped {
    fn drop(&mut self) {
        self.end();
    }
}

fn has_size(png: &[u8], (width, height): (u32, u32)) -> bool {
    let size = imagesize::blob_size(png);
    png.starts_with(b"\x89PNG") && size.is_ok_and(|size| (size.width, size.height) == (width as usize, height as usize))
}

/// Returns the message of a child. It may quote the picture, so control characters are removed.
fn message(bytes: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(bytes).chars().take(MAX_MESSAGE_CHARS).collect();
    sanitize(text.trim()).into_owned()
}
