//! The manifest's JSON Schema: generates it from the types, and checks manifests against it.

mod catalog_ids;
mod check;
mod generate;
mod messages;
mod node_path;
mod project;
mod template_names;
mod transform;
mod type_fix;

#[cfg(test)]
mod tests;

pub use catalog_ids::CatalogEntry;
pub use check::{FileRole, check};
pub use generate::{group_definition, identified, manifest_schema, to_json_pretty, typed_schema};
pub use project::{PresetName, ProjectNames, project_schema};
pub use template_names::TemplateNames;
