//! The async runtime. Only commands that need it start it.

use super::Failure;

/// Creates a runtime on all cores.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| Failure::Other(format!("cannot start the runtime: {error}")))
}
