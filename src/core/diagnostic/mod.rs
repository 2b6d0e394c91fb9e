//! Diagnostics, the errors and warnings that the author can fix: codes, locations, and a report over all files.

mod code;
mod message;
mod report;
mod suggest;

pub use code::{Code, Severity};
pub use message::{Diagnostic, Label};
pub use report::{MAX_DIAGNOSTICS, Report};
pub use suggest::{nearest, nearest_within};
