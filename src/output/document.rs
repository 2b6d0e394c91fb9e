//! Documents for programs: their text, their schemas, and what several of them have.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Value, json};

use crate::source::clean_json;
use crate::spec::{self, thousandths};

/// Length and price of a video.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Estimate {
    /// Seconds of video; null if the length of an audio file is not known.
    seconds: Option<f64>,
    /// Credits; null if the length of an audio file is not known, 0 if nothing is sent for it.
    credits: Option<f64>,
}

impl Estimate {
    /// Returns an estimate to a thousandth.
    pub fn rounded(self) -> Self {
        Self { seconds: self.seconds.map(thousandths), credits: self.credits.map(thousandths) }
    }
}

/// Leaves out the upper estimate, which only a saved plan has.
impl From<spec::Estimate> for Estimate {
    fn from(estimate: spec::Estimate) -> Self {
        Self { seconds: estimate.seconds, credits: estimate.credits }
    }
}

/// Returns the text of a document: indented, with a newline at its end.
pub fn document(value: &impl Serialize) -> String {
    line_end(serde_json::to_string_pretty(value))
}

/// Returns the text of a document that has raw JSON in it: this is indented too.
pub fn document_of_raw(value: &impl Serialize) -> String {
    document(&serde_json::to_value(value).unwrap_or_default())
}

/// Returns a value on one line, with a newline at its end.
pub fn json_line(value: &impl Serialize) -> String {
    line_end(serde_json::to_string(value))
}

fn line_end(text: serde_json::Result<String>) -> String {
    // Maps with text keys, strings and finite numbers: nothing in it can refuse.
    let mut text = clean_json(text.unwrap_or_default());
    text.push('\n');
    text
}

/// Returns the schema of what is written: a field that is always there, even as `null`, is required.
pub fn schema_of<D: JsonSchema>() -> Value {
    generate::<D>(SchemaSettings::draft07().for_serialize())
}

/// Returns the schema of a document whose published schema never required a field that can be `null`.
pub fn lenient_schema_of<D: JsonSchema>() -> Value {
    generate::<D>(SchemaSettings::draft07())
}

fn generate<D: JsonSchema>(settings: SchemaSettings) -> Value {
    settings.with_transform(RecursiveTransform(as_written)).into_generator().into_root_schema_for::<D>().to_value()
}

/// Some types are also read from files. A document differs from these: a variant is its name alone, no field has a
/// default, and later versions may add fields.
fn as_written(schema: &mut Schema) {
    let Some(schema) = schema.as_object_mut() else { return };
    for variant in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        if variant["additionalProperties"] == false {
            let (name, description) = (variant["required"][0].take(), variant["description"].take());
            *variant = json!({ "type": "string", "const": name, "description": description });
        }
    }
    schema.retain(|word, value| word != "default" && !(word == "additionalProperties" && *value == false));
}
