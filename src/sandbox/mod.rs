//! A local emulator of the Vidnoz API: every endpoint, strict, on disk, with faults on demand and playable clips.

mod fault;
mod form;
mod server;
mod state;
#[cfg(test)]
mod tests;

pub use fault::{EndpointScope, Fault, FaultError, FaultKind, Frequency};
pub use form::{AssetLookup, FormErrors, ReceivedPart, submitted_video};
pub use server::{Sandbox, SandboxClock, SandboxOptions};
pub use state::SandboxError;
