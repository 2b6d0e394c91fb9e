//! The accepted requests: on disk before any response mentions them, and in memory for fast lookups.

mod journal;
mod record;
mod store;
#[cfg(test)]
mod tests;

pub use journal::{SandboxError, StateError};
pub use record::{RenderJob, StoredAsset, Task, TaskLife, TaskStage};
pub use store::{StateIndex, StateStore};
