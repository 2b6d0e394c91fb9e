//! The real binary, whole screens.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod examples;
mod hostile;
mod readme;
mod scene;
