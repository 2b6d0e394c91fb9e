//! The vendor's local double.

mod fault;
mod form;
mod render;
mod state;

pub use fault::{Fault, FaultError, FaultKind, Scope, When};
