//! Violence: kills, signals, races, full disks, and what is never written anywhere. The real binary against a sandbox
//! that is a process of its own.
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
