//! The form that asks for a task: its id, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Part;
use super::fields::{Fields, Refused};
use super::values::id;

/// The id that is asked for.
///
/// # Errors
/// All faults, each naming its part.
pub fn id_form(parts: &[Part]) -> Result<Arc<str>, Refused> {
    let mut fields = Fields::new(parts, &BTreeSet::from(["id".to_owned()]));
    let task = fields.require("id", id);
    fields.finish(task)
}
