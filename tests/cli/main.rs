//! The real binary, whole screens.
#![expect(clippy::unwrap_used, reason = "a helper that cannot go on fails the test that called it")]

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![expect(clippy::print_stderr, reason = "what a test leaves out, it says")]
#![expect(clippy::format_push_string, reason = "a table for people is written once")]

mod apply;
mod branches;
mod doubt;
mod ends;
mod examples;
mod faults;
mod hosts;
mod locks;
mod media;
mod readme;
mod scene;
mod schemas;
mod server;
mod streams;
