//! Turns arguments into an exit code.

mod about_args;
mod args;
mod candidates;
mod commands;
mod complete;
mod doctor_args;
mod examples;
mod exit;
mod foreign;
mod format;
mod global_args;
mod lock_args;
mod look;
mod manual;
mod plan_args;
mod results_args;
mod run;
mod sandbox_args;
mod shared_args;
mod shell_words;
mod span;

pub use args::{Cli, command, parse};
pub use exit::Exit;
pub use run::{Streams, run};
