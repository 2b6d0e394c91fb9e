//! The accepted requests: on disk before any response mentions them, and in memory for fast lookups.

mod error;
mod journal;
mod record;
mod state_index;
mod store;
mod task_stage;
#[cfg(test)]
mod tests;

pub use error::{SandboxError, StateError};
pub use record::{RenderJob, StoredAsset, Task};
pub use state_index::StateIndex;
pub use store::{NewTask, StateStore};
pub use task_stage::{TaskLife, TaskStage};
