//! The async runtime. Only commands that need it start it.

use super::CliError;

/// Creates a runtime on all cores.
pub fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| CliError::Other(format!("cannot start the runtime: {error}")))
}
