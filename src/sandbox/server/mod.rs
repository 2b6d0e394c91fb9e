//! The sandbox over HTTP: every endpoint of the vendor, result files, and a human-readable page.

mod app_state;
mod assets;
mod catalog;
mod clips;
mod connection;
mod files;
mod issued_tokens;
mod middleware;
mod options;
mod rate_limit;
mod response;
mod sandbox;
mod submit;
mod tasks;
mod templates;
mod token_endpoint;

pub use options::{SandboxClock, SandboxOptions};
pub use sandbox::Sandbox;
