//! Equal field changes of several videos, grouped by the line that caused them.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Action, FieldChange, Plan};
use crate::source::Location;
use crate::spec::Credits;

/// One line of a manifest, a script file or a data file that changes the same field of several videos in the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause<'a> {
    /// The change of the first video. Without a line, one was removed, so that a default applies.
    pub field: &'a FieldChange,
    /// The changed keys, in the plan's order, at least two.
    pub keys: Vec<Arc<str>>,
    /// The price of its submissions.
    pub price: Credits,
}

/// Returns the causes of changes to two or more videos, those of the most videos first.
pub fn causes(plan: &Plan) -> Vec<Cause<'_>> {
    let mut found: Vec<Cause<'_>> = Vec::new();
    let mut places: HashMap<CauseKey<'_>, usize> = HashMap::new();
    for change in plan.changes.iter().filter(|change| change.action == Action::Change) {
        for field in &change.diff {
            let index = *places.entry(cause_key(field)).or_insert_with(|| {
                found.push(Cause { field, keys: Vec::new(), price: Credits::default() });
                found.len() - 1
            });
            found[index].keys.push(Arc::clone(&change.key));
            if change.submits {
                let price = [found[index].price, change.estimate.price()];
                found[index].price = price.into_iter().sum();
            }
        }
    }
    found.retain(|cause| cause.keys.len() >= 2);
    found.sort_by_key(|cause| Reverse(cause.keys.len()));
    found
}

/// Location, path, and the two values as JSON text, because a `Value` has no hash.
type CauseKey<'a> = (Option<&'a Location>, &'a str, Option<String>, Option<String>);

fn cause_key(field: &FieldChange) -> CauseKey<'_> {
    let text = |value: &Option<Value>| value.as_ref().map(Value::to_string);
    (field.origin.as_ref(), &field.path, text(&field.before), text(&field.after))
}
