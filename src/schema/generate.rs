//! The schema of a manifest, draft-07, from its types.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::transform::{each_schema, fault_words, lift_texts, starts, texts, tidy, value_snippets};
use crate::fields::{RowId, Table};
use crate::manifest::{Manifest, group_schema};

/// The schema of the types alone, before it is made fit for editors: bounds, defaults and examples are keywords.
///
/// The reference of the manifest is made of it.
pub fn typed_schema() -> Value {
    let mut schema = generator().into_root_schema_for::<Manifest>().to_value();
    each_schema(&mut schema, None, &mut |_, object| tidy(object));
    schema
}

/// Returns the definition of a group of a table, as the published schema holds those of the vendor's table.
pub fn group_definition(table: &Table, group: RowId) -> Value {
    let mut generator = generator();
    group_schema(table, group, &mut generator);
    let title = table[group].group().map_or("", |row| row.group.title);
    let mut schema = json!({ "definitions": generator.take_definitions(true) });
    each_schema(&mut schema, None, &mut |_, object| tidy(object));
    finish(&mut schema);
    schema["definitions"][title].take()
}

/// The schema that `schema/callsheet.schema.json` holds.
pub fn manifest_schema() -> Value {
    let mut schema = typed_schema();
    finish(&mut schema);
    starts(&mut schema);
    schema
}

fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft07().with(|settings| {
        // The built-in steps would wrap every documented reference in `allOf`, which editors cannot complete.
        settings.transforms = Vec::new();
        settings.untagged_enum_variant_titles = true;
    });
    settings.into_generator()
}

/// Makes a schema fit for editors.
fn finish(schema: &mut Value) {
    lift_texts(schema);
    each_schema(schema, None, &mut |name, object| {
        value_snippets(object);
        fault_words(name, object);
        texts(object);
    });
}

/// A schema as the file holds it: two blanks, a final newline.
pub fn to_pretty(schema: &Value) -> String {
    format!("{schema:#}\n")
}
