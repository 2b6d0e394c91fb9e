//! Files that a command writes: the rules for their names, and `--json-into FILE`, the JSON of a command in addition to its output
//! for humans.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::{CliError, Context};
use crate::cli::command_args::{ApplyArgs, PlanArgs};
use crate::cli::exit::Exit;
use crate::plan::is_saved_plan;
use crate::source::open_output;

/// Extensions of the files that hold what was paid for, or what to pay for. No typo may overwrite one.
const SOURCES: [&str; 3] = ["lock", "yaml", "yml"];

/// The file of a run's events.
pub struct EventFile {
    shown: String,
    error: Arc<OnceLock<String>>,
}

/// A file that stops at its first error, which must not stop a run that spends money.
struct EventSink {
    file: File,
    error: Arc<OnceLock<String>>,
}

impl EventSink {
    fn record<T>(&self, done: io::Result<T>, instead: T) -> io::Result<T> {
        match done {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.error.get_or_init(|| error.to_string());
                Ok(instead)
            }
            done => done,
        }
    }
}

impl Write for EventSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.error.get().is_some() {
            return Ok(bytes.len());
        }
        let done = self.file.write(bytes);
        self.record(done, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.file.flush();
        self.record(done, ())
    }
}

/// Returns the path of the file that gets the plan.
pub fn plan_file(call: &Context, args: &PlanArgs, file: &Path) -> Result<PathBuf, CliError> {
    let path = output_path(call, "--json-into", file, is_output_json)?;
    if args.out.as_ref().is_some_and(|out| call.working_directory.join(out) == path) {
        return Err(CliError::Usage(format!(
            "`--out` and `--json-into` both name `{}`; name two files",
            file.display()
        )));
    }
    Ok(path)
}

/// Opens the file that gets the events. It has to be open before anything is sent.
pub fn open_events(call: &mut Context, args: &ApplyArgs, file: &Path) -> Result<EventFile, CliError> {
    let path = call.working_directory.join(file);
    let shown = file.display().to_string();
    let named = args.plan.iter().map(|plan| call.working_directory.join(plan)).any(|plan| plan == path);
    if named || path.is_file() && fs::read_to_string(&path).is_ok_and(|text| is_saved_plan(&text)) {
        return Err(CliError::Usage(format!(
            "`--json-into` would overwrite the saved plan `{shown}`; nothing was sent; name another file"
        )));
    }
    let path = output_path(call, "--json-into", file, is_output_json)?;
    let file = open_output(&path)
        .map_err(|error| CliError::Other(format!("cannot write `{shown}`: {error}; nothing was sent")))?;
    let error = Arc::new(OnceLock::new());
    call.view.send_events_to(Box::new(EventSink { file, error: Arc::clone(&error) }));
    Ok(EventFile { shown, error })
}

/// Returns the exit code of a run whose events are written: an incomplete file is not a success.
pub fn written_events(call: &Context, file: &EventFile, exit: Exit) -> Exit {
    let Some(error) = file.error.get() else { return exit };
    // A closed stderr does not change what the exit code says.
    drop(call.view.error(&format!("`{}` is incomplete: {error}; the run itself is not affected", file.shown)));
    if exit == Exit::Success { Exit::Error } else { exit }
}

/// Returns the path of an output file. A name of a lockfile or manifest is rejected, and so is a file whose text callsheet
/// did not write, by `wrote`.
pub fn output_path(call: &Context, flag: &str, file: &Path, wrote: impl Fn(&str) -> bool) -> Result<PathBuf, CliError> {
    let shown = file.display();
    let word = file.extension().and_then(|word| word.to_str()).unwrap_or_default().to_ascii_lowercase();
    if SOURCES.contains(&word.as_str()) {
        return Err(CliError::Usage(format!(
            "`{shown}` is named like a lockfile or manifest; nothing was sent or written; name another file for `{flag}`"
        )));
    }
    let path = call.working_directory.join(file);
    // A link is rejected when it is opened.
    let is_file = path.symlink_metadata().is_ok_and(|meta| meta.is_file());
    if is_file && !fs::read_to_string(&path).is_ok_and(|old| old.is_empty() || wrote(&old)) {
        return Err(CliError::Usage(format!(
            "`{flag}` would overwrite `{shown}`, which callsheet did not write; nothing was sent or written; name another file"
        )));
    }
    Ok(path)
}

/// Whether a text is a document or the events of an earlier run.
fn is_output_json(text: &str) -> bool {
    text.starts_with("{\n  \"format_version\":") || text.starts_with("{\"event\":")
}
