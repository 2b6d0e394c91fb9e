//! How serious a diagnostic is.

use serde::Serialize;

/// The severity of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The manifests cannot be used.
    Error,
    /// The manifests can be used, but the author should check something.
    Warning,
}
