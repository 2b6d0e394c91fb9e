//! Passes arguments and streams to `cli::run`, and exits with its code.

use std::process::ExitCode;

/// A plan allocates and frees many small values per video. The system allocator makes it 10 to 20 percent slower,
/// more with many videos, and far more in static binaries.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let exit = callsheet::cli::run(std::env::args_os(), callsheet::cli::Streams::of_process());
    ExitCode::from(exit.code())
}
