//! Conflict markers to the union of both sides: stub, to be written.

use thiserror::Error;

/// Why conflict markers could not be resolved.
#[derive(Debug, Error)]
pub enum MergeError {}

/// The text without its conflict markers: every line of every side (diff3's base too), once.
///
/// # Errors
/// When markers are out of order.
pub fn resolve_conflicts(_name: &str, _text: &str) -> Result<String, MergeError> {
    Ok(String::new())
}
