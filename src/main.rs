//! Hands arguments and streams to `cli::run` and exits with its code.

fn main() {}
