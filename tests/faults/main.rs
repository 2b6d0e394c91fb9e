//! Fault tests: kills, signals, races, full disks, and secrets that must never be written. The real binary runs against
//! a sandbox in a separate process.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "tests, helpers and all")]

mod away;
mod books;
mod chance;
mod disk;
mod interrupted;
mod killed;
mod process;
mod project;
mod pulled;
mod secrets;
mod together;

mod vendor;
