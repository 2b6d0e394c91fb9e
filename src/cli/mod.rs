//! Turns arguments into an exit code.

mod args;
mod command_args;
mod commands;
mod complete;
mod exit;
mod format;
mod lock_args;
mod man_pages;
mod project_words;
mod run;
mod shared_args;
mod shell_words;
mod tool_args;

pub use args::{Cli, command, parse};
pub use exit::Exit;
pub use run::{Streams, run};
