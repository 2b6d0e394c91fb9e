//! Arguments in, exit code out.

mod args;
mod commands;
mod complete;
mod exit;
mod look;
mod results_args;
mod run;
mod sandbox_args;
mod span;

pub use args::{Cli, command};
pub use exit::Exit;
pub use run::{Streams, run};
