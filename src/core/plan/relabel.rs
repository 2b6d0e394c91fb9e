//! Compares the label of a paid take with the declared one. A changed label costs nothing, and is shown.

use std::sync::Arc;

use serde_json::Value;

use super::Relabel;
use crate::lockfile::Take;
use crate::spec::{Video, label_of, submitted_name};

/// A placeholder for a marker where only its length counts.
const ANY_MARKER: &str = "0000000000";

/// Returns the canonical spec of a line. `None` if the line has none or it is not a mapping.
pub(super) fn stored_json(take: &Take) -> Option<Value> {
    take.spec_value().filter(Value::is_object)
}

/// Returns the changed label of a paid take. Parses the stored spec only if its label may differ.
pub(super) fn relabel(video: &Video, take: &Take) -> Option<Relabel> {
    let wanted = video.spec.name();
    let sent = take.name.as_deref().map(label_of);
    if sent == Some(wanted) {
        return None;
    }
    let stored = stored_json(take).and_then(|spec| Some(spec.get("name")?.as_str()?.to_owned()));
    let before = match stored {
        Some(name) if name == wanted => return None,
        Some(name) => name,
        // A long label was truncated when it was submitted.
        None if sent.is_none_or(|label| label == label_of(&submitted_name(wanted, ANY_MARKER))) => return None,
        None => sent.unwrap_or_default().to_owned(),
    };
    Some(Relabel { key: Arc::clone(&video.key), before, after: wanted.to_owned() })
}
