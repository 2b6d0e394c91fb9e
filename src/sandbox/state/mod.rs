//! What the sandbox was asked for, on disk before it is in any answer, and in memory for quick ones.

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
