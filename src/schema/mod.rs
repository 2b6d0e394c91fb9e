//! The manifest's JSON Schema: generates it from the types, and checks manifests against it.

mod catalogue;
mod check;
mod errors;
mod generate;
mod names;
mod project;
mod said;
mod spot;
mod transform;
mod words;

#[cfg(test)]
mod tests;

pub use check::{FileRole, check};
pub use generate::{group_definition, identified, manifest_schema, to_pretty, typed_schema};
pub use names::{Listed, PresetName, ProjectNames, Said};
pub use project::project_schema;
