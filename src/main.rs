//! Hands arguments and streams to `cli::run` and exits with its code.

use std::process::ExitCode;

/// A plan makes and drops many small things for each video. The system's allocator takes a tenth to a fifth more of its time
/// for that, the more the more videos there are, and far more where binaries are static.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let exit = callsheet::cli::run(std::env::args_os(), callsheet::cli::Streams::of_process());
    ExitCode::from(exit.code())
}
