//! The sandbox over HTTP: every endpoint of the vendor, result files, and a human-readable page.

mod app_state;
mod assets;
mod catalog;
mod clips;
mod connection;
mod files;
mod middleware;
mod response;
mod sandbox;
mod submit;
mod tasks;
mod token_endpoint;

pub use sandbox::{Sandbox, SandboxClock, SandboxOptions};
