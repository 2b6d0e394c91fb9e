//! What takes and specs together make of a plan.

mod actions;
mod field_causes;
mod guards;
mod laws;
mod saved;
