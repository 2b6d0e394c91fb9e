//! Turns arguments into an exit code.

mod args;
mod command_args;
mod commands;
mod complete;
mod format;
mod lock_args;
mod man_pages;
mod run;
mod shared_args;
mod shell_words;
mod tool_args;

pub use args::{Cli, command, parse};
pub use run::{Exit, Streams, run};
