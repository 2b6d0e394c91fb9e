//! Properties that hold for every input.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod digest;
mod distribution;
mod layering;
mod project;
