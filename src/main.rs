//! Hands arguments and streams to `cli::run` and exits with its code.

use std::process::ExitCode;

fn main() -> ExitCode {
    let exit = callsheet::cli::run(std::env::args_os(), callsheet::cli::Streams::of_process());
    ExitCode::from(exit.code())
}
