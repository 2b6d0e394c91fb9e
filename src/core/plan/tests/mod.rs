//! Tests of plans.

mod actions;
mod field_causes;
mod guards;
mod properties;
mod saved;
