//! Converts the errors of the validator to diagnostics.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::{Map, Value as Json};

use super::messages;
use super::node_path::NodePath;
use crate::diagnostic::Diagnostic;
use crate::yaml::{Entry, Node, Value};

/// Returns the diagnostics of errors that were found in a tree. Each error has at least one.
pub(super) fn diagnostics<'i>(
    document: &Json,
    errors: impl Iterator<Item = ValidationError<'i>>,
    (tree, text): (&Node, &str),
) -> Vec<Diagnostic> {
    let mut made = Vec::new();
    let mut mistyped = None;
    for error in errors {
        // A value of the wrong type needs no further message.
        if mistyped.as_ref() == Some(error.instance_path()) {
            continue;
        }
        if matches!(error.kind(), Kind::Type { .. }) {
            mistyped = Some(error.instance_path().clone());
        }
        let spot = NodePath::find(tree, text, error.instance_path().as_str());
        made.extend(diagnose(document, &error, &spot));
    }
    made
}

fn diagnose(document: &Json, error: &ValidationError<'_>, spot: &NodePath<'_>) -> Vec<Diagnostic> {
    let path = error.schema_path().as_str().rsplit_once('/').map_or("", |(path, _)| path);
    let nothing = Map::new();
    let schema = document.pointer(path).and_then(Json::as_object).unwrap_or(&nothing);
    // The key may come from a merge.
    let of_key = |key: &str, words: &dyn Fn(&Entry) -> Diagnostic| match (spot.member(key), spot.entry(key)) {
        (Some(member), Some(entry)) => member.through_alias(words(entry)),
        _ => messages::other(error, spot),
    };
    let one = match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let unknown = |entry: &Entry| messages::unknown_field(document, schema, entry);
            return unexpected.iter().map(|key| of_key(key, &unknown)).collect();
        }
        Kind::Pattern { pattern } if path.ends_with("/propertyNames") => {
            let key = error.instance().as_str().unwrap_or_default();
            return vec![of_key(key, &|entry| messages::bad_key(pattern, entry, spot))];
        }
        Kind::Required { property } => messages::missing_field(property.as_str().unwrap_or_default(), spot),
        Kind::MinProperties { .. } | Kind::MinItems { .. } => messages::empty(schema, spot),
        Kind::MinLength { .. } => messages::null_value(schema, spot),
        Kind::Pattern { pattern } => messages::pattern_mismatch(pattern, schema, spot),
        Kind::Minimum { .. } | Kind::Maximum { .. } | Kind::ExclusiveMinimum { .. } => {
            messages::out_of_range(schema, spot)
        }
        Kind::Constant { expected_value } => messages::version(expected_value, spot.node),
        Kind::Type { .. } | Kind::Enum { .. } | Kind::AnyOf { .. } => {
            match (&spot.node.value, messages::allowed_words(schema)) {
                (Value::Null, _) => messages::null_value(schema, spot),
                (Value::String(_), Some(known)) => messages::unknown_value(known, spot),
                _ => messages::wrong_type(schema, spot),
            }
        }
        _ => messages::other(error, spot),
    };
    vec![spot.through_alias(one)]
}
