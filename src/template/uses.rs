//! What a template asks for in an instance: names, values, and where those were declared.

use std::sync::Arc;

use minijinja::Value;
use serde_json::Value as Json;

use super::history::Back;
use super::scope::value_of;
use super::undefined::path_of;
use crate::source::Origin;
use crate::spec::{Used, UsedPlace};

impl Back<'_, '_, '_> {
    /// What a template asks for, by name.
    pub(super) fn uses(&mut self, template: &Arc<str>) -> Vec<Used> {
        let names = self.session.engine.asks_for(template);
        names.into_iter().filter_map(|name| self.used(name)).collect()
    }

    /// The values that the matrix gave, in their order.
    pub(super) fn matrix(&self) -> Vec<Used> {
        let Some(matrix) = self.at.scope().get("matrix") else { return Vec::new() };
        let names: Vec<Value> = matrix.try_iter().map(Iterator::collect).unwrap_or_default();
        names.iter().filter_map(|name| self.used(format!("matrix.{name}"))).collect()
    }

    fn used(&self, path: String) -> Option<Used> {
        let names = path_of(&path);
        let (head, rest) = names.split_first()?;
        let mut value = self.at.scope().get(head)?;
        for name in rest {
            value = value.get_attr(name).ok().filter(|inner| !inner.is_undefined())?;
        }
        let place = self.place(head, rest.first().copied(), &value);
        let value = serde_json::to_value(&value).unwrap_or(Json::Null);
        Some(Used { path, value, place })
    }

    fn place(&self, head: &str, name: Option<&str>, value: &Value) -> Option<UsedPlace> {
        let origin: Option<Origin> = match (head, name) {
            ("vars", Some(name)) => self.manifest.vars.get(name).map(|variable| variable.origin),
            ("env", Some(name)) => {
                self.manifest.env.iter().find(|(known, _)| &**known == name).map(|(_, origin)| *origin)
            }
            ("matrix", Some(name)) => self.axis(name, value),
            ("video", _) => Some(self.video.key_origin),
            ("row", _) => return self.at.row.clone().map(UsedPlace::Row),
            _ => None,
        };
        origin.map(UsedPlace::Manifest)
    }

    /// The place of a value of an axis, or of the `include` that set it.
    fn axis(&self, name: &str, value: &Value) -> Option<Origin> {
        let matrix = self.video.matrix.as_ref()?;
        let equal = |json: &Json| value_of(json) == *value;
        let axis = matrix.axes.iter().find(|(axis, _)| &**axis == name);
        let own = axis.and_then(|(_, values)| values.iter().find(|(known, _)| equal(known)));
        if let Some((_, origin)) = own {
            return Some(*origin);
        }
        let sets = |entry: &[(Arc<str>, Json)]| entry.iter().any(|(known, set)| &**known == name && equal(set));
        // The last `include` that fits wins.
        let include = matrix.include.iter().rev().find(|(entry, _)| sets(entry));
        include.map(|(_, origin)| *origin)
    }
}
