//! The schema of a manifest, draft-07, from its types.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::transform::{each_schema, fault_words, lift_texts, starts, texts, tidy, value_snippets};
use crate::manifest::Manifest;

/// The schema of the types alone, before it is made fit for editors: bounds, defaults and examples are keywords.
///
/// The reference of the manifest is made of it.
pub fn typed_schema() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| {
        // the built-in steps would wrap every documented reference in `allOf`, which editors cannot complete
        settings.transforms = Vec::new();
        settings.untagged_enum_variant_titles = true;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<Manifest>().to_value();
    each_schema(&mut schema, None, &mut |_, object| tidy(object));
    schema
}

/// The schema that `schema/callsheet.schema.json` holds.
pub fn manifest_schema() -> Value {
    let mut schema = typed_schema();
    lift_texts(&mut schema);
    each_schema(&mut schema, None, &mut |name, object| {
        value_snippets(object);
        fault_words(name, object);
        texts(object);
    });
    starts(&mut schema);
    schema
}

/// A schema as the file holds it: two blanks, a final newline.
pub fn to_pretty(schema: &Value) -> String {
    format!("{schema:#}\n")
}
