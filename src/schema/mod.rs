//! The manifest's JSON Schema: made from its types, and checked against.

mod check;
mod generate;
mod rules;
mod walk;
mod words;

#[cfg(test)]
mod tests;

pub use check::{Checker, FileRole};
pub use generate::{manifest_schema, to_pretty};
