//! Turns arguments into an exit code.

mod args;
mod commands;
mod complete;
mod completion_candidates;
mod examples;
mod format;
mod inspect_args;
mod lock_args;
mod man_pages;
mod plan_args;
mod results_args;
mod run;
mod shared_args;
mod shell_words;
mod tool_args;
mod typo_hints;

pub use args::{Cli, command, parse};
pub use run::{Exit, Streams, run};
