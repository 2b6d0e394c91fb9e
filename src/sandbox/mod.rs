//! The vendor's local double.

mod fault;
mod render;

pub use fault::{Fault, FaultError, FaultKind, Scope, When};
