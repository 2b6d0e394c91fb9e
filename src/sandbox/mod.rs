//! A local emulator of the Vidnoz API: every endpoint, strict, on disk, with faults on demand and playable clips.

mod fault;
mod form;
mod server;
mod state;
#[cfg(test)]
mod tests;

pub use fault::{Fault, FaultError, FaultKind, Scope, When};
pub use form::{Assets, FormErrors, Part, submitted_video};
pub use server::{Clock, Sandbox, SandboxOptions};
pub use state::SandboxError;
