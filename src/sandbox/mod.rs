//! The vendor's local double: every endpoint, strict, on disk, with faults on demand and real films.

mod fault;
mod form;
mod server;
mod state;
#[cfg(test)]
mod tests;

pub use fault::{Fault, FaultError, FaultKind, Scope, When};
pub use form::{Assets, FormErrors, Part, avatar_video_in};
pub use server::{AcceptedTask, Clock, Sandbox, SandboxOptions};
pub use state::SandboxError;
