//! The accepted requests: on disk before any response mentions them, and in memory for fast lookups.

mod error;
mod journal;
mod life;
mod record;
mod store;
mod tables;
#[cfg(test)]
mod tests;

pub use error::{SandboxError, StoreError};
pub use life::{Life, Stage};
pub use record::{Asset, Task, Work};
pub use store::{Order, Store};
pub use tables::Tables;
