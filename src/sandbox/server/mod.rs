//! The sandbox over HTTP: every endpoint of the vendor, result files, and a human-readable page.

mod answer;
mod app;
mod assets;
mod catalog;
mod connection;
mod films;
mod gate;
mod home;
mod host;
mod issued;
mod options;
mod page;
mod previews;
mod probe;
mod rate;
mod results;
mod start;
mod submit;
mod tasks;
mod tokens;

pub use options::{Clock, SandboxOptions};
pub use start::Sandbox;
