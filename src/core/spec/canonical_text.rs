//! A canonical spec as text. A plan of all videos stores one per video, and a tree needs ten times the memory.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Spec, canonical_json, stored_partial};
use crate::fields::VENDOR;

/// A spec in its canonical form with its label, possibly written by another version of this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalText(Arc<str>);

impl CanonicalText {
    /// Creates the text of a spec.
    pub fn new(spec: &Spec) -> Self {
        Self(canonical_json(spec, true).into())
    }

    /// Returns the name of the kind of video, or `None` for the first kind of the table.
    pub fn other_kind(&self) -> Option<&'static str> {
        // Few specs are of another kind, and a plan of all videos has one text per video.
        let mut others = VENDOR.kinds.iter().skip(1).flat_map(|kind| kind.kind.roots);
        let may_be_other = others.any(|root| self.0.contains(&format!("\"{root}\":")));
        if may_be_other { stored_partial(&VENDOR, &self.value())?.other_kind() } else { None }
    }

    /// Parses the text into a tree.
    pub fn value(&self) -> Value {
        // The text is always JSON, because it was serialized from a spec or a tree.
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl From<&Value> for CanonicalText {
    fn from(value: &Value) -> Self {
        Self(value.to_string().into())
    }
}

/// Serializes the parsed tree, so that only one spec at a time is a tree.
impl Serialize for CanonicalText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CanonicalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(&Value::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_value_comes_back() {
        for text in ["null", "{}", r#"{"name":"a","take":2,"avatar":{"scale":1.05}}"#, r#"["ü\u0001"]"#, "1e300"] {
            let value: Value = serde_json::from_str(text).unwrap();
            let kept = CanonicalText::from(&value);
            assert_eq!(kept.value(), value);
            let written = serde_json::to_string(&kept).unwrap();
            assert_eq!(written, value.to_string());
            assert_eq!(serde_json::from_str::<CanonicalText>(&written).unwrap(), kept);
        }
    }
}
