//! Resilience tests: kills, signals, races, full disks, and secrets that must never be written. The real binary runs against
//! a sandbox in a separate process.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "tests, helpers and all")]

mod audit;
mod disk;
mod interrupted;
mod kill;
mod kill_pull;
mod process;
mod project;
mod races;
mod rng;
mod secrets;
mod unreachable;

mod vendor;
