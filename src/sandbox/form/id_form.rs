//! The form of a request for the status of a task: only its id.

use std::sync::Arc;

use super::ReceivedPart;
use super::reader::{FormErrors, FormReader};
use crate::fields::{Type, Value};

/// Returns the id of the task.
///
/// # Errors
/// All errors of the form, each with the name of its part.
pub fn id_form(parts: &[ReceivedPart]) -> Result<Arc<str>, FormErrors> {
    let mut reader = FormReader::new(parts, &["id"]);
    if !reader.has("id") {
        reader.error("`id` is required".to_owned());
    }
    let id = match reader.receive("id", &Type::Id) {
        Some(Value::Text(id)) => id,
        _ => Arc::default(),
    };
    reader.finish(id)
}
