//! Generates the schema of a manifest, draft-07, from its types.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::catalog_ids::documented_emotions;
use super::transform::{
    add_block_snippets, add_error_messages, each_schema, hoist_descriptions, simplify, value_snippets,
    write_descriptions,
};
use crate::fields::{RowId, Table};
use crate::manifest::{Manifest, group_schema};

/// Returns the schema of the types before its conversion for editors: bounds, defaults and examples are still keywords.
///
/// The manifest's reference page is generated from it.
pub fn typed_schema() -> Value {
    let mut schema = generator().into_root_schema_for::<Manifest>().to_value();
    each_schema(&mut schema, None, &mut |_, object| simplify(object));
    schema
}

/// Returns the definition of a table's group, in the form of the published schema.
pub fn group_definition(table: &Table, group: RowId) -> Value {
    let mut generator = generator();
    group_schema(table, group, &mut generator);
    let title = table[group].group().map_or("", |row| row.group.title);
    let mut schema = json!({ "definitions": generator.take_definitions(true) });
    each_schema(&mut schema, None, &mut |_, object| simplify(object));
    finish(&mut schema);
    schema["definitions"][title].take()
}

/// Returns the content of `schema/callsheet.schema.json`.
pub fn manifest_schema() -> Value {
    let mut schema = typed_schema();
    finish(&mut schema);
    add_block_snippets(&mut schema);
    documented_emotions(&mut schema);
    schema
}

fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft07().with(|settings| {
        // The built-in transforms would wrap every documented reference in `allOf`, which editors cannot complete.
        settings.transforms = Vec::new();
        settings.untagged_enum_variant_titles = true;
    });
    settings.into_generator()
}

/// Converts a schema for editors.
fn finish(schema: &mut Value) {
    hoist_descriptions(schema);
    each_schema(schema, None, &mut |name, object| {
        value_snippets(object);
        add_error_messages(name, object);
        write_descriptions(object);
    });
}

/// Adds the `$id` of a published schema: the address at which the latest release serves its file.
pub fn identified(mut schema: Value, file: &str) -> Value {
    let id = format!("{}/releases/latest/download/{file}.schema.json", env!("CARGO_PKG_REPOSITORY"));
    if let Some(map) = schema.as_object_mut() {
        map.shift_insert(0, "$id".to_owned(), id.into());
    }
    schema
}

/// Formats a schema as in the file: indented by two spaces, with a final newline.
pub fn to_json_pretty(schema: &Value) -> String {
    format!("{schema:#}\n")
}
