//! References of the templates of one instance: names, values, and where these are declared.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::Value as Json;

use super::context::ExpansionContext;
use super::files::Script;
use super::layers::LayeredField;
use super::scope::Instance;
use super::scope::value_of;
use super::undefined::path_of;
use crate::fields::FieldPath;
use crate::manifest::{Manifest, VideoDecl};
use crate::source::Origin;
use crate::spec::key;
use crate::spec::{FieldTrace, InstanceTrace, Reference, ReferenceOrigin, ScriptTrace};

/// Traces the last instance that was built.
pub(super) struct Tracer<'a, 'm, 'w> {
    pub manifest: &'m Manifest,
    pub video: &'m VideoDecl,
    pub context: &'a mut ExpansionContext<'m, 'w>,
    pub at: &'a Instance,
}

impl Tracer<'_, '_, '_> {
    /// Returns what its templates and its script file refer to.
    pub(super) fn trace(&mut self, names: &[String]) -> InstanceTrace {
        let table = self.context.table;
        let scenes = self.context.scenes.clone();
        let video = self.context.merged.clone().map(|merged| (None, merged, self.context.script.clone()));
        let list = table.lists.iter().next();
        let item = |index: u16| list.map(|list| (list, index));
        let scenes = scenes.into_iter().zip(0..).map(|((merged, script), index)| (item(index), merged, script));
        let mut fields = Vec::new();
        for (item, merged, script) in video.into_iter().chain(scenes) {
            let rows = merged.present.and(table.fields).iter();
            let cells = rows.filter_map(|row| Some((FieldPath { row, item }, *merged.get(row)?)));
            fields.extend(cells.filter_map(|(field, cell)| self.field(field, cell, script.clone())));
        }
        let named = names.iter().filter_map(|name| Some((name.clone(), self.plain_value(name)?))).collect();
        InstanceTrace { matrix: self.matrix(), fields, named }
    }

    /// Returns a text, number or flag by its name, `row.First name`, or by its path, `row.address.city`.
    fn plain_value(&self, name: &str) -> Option<String> {
        let (head, rest) = name.split_once('.')?;
        let scope = self.at.scope().get(head)?;
        let member = |value: Value, name: &str| value.get_attr(name).ok().filter(|inner| !inner.is_undefined());
        let value = member(scope.clone(), rest).or_else(|| rest.split('.').try_fold(scope, member))?;
        matches!(value.kind(), ValueKind::String | ValueKind::Number | ValueKind::Bool).then(|| value.to_string())
    }

    fn field(&mut self, path: FieldPath, cell: LayeredField<'_>, script: Option<Script>) -> Option<FieldTrace> {
        let template = cell.field.and_then(|field| field.template()).map(|text| Arc::from(&*text.text));
        let script = script.filter(|_| self.context.table.row_of(key::SPEECH) == Some(path.row));
        if template.is_none() && script.is_none() {
            return None;
        }
        let references = template.as_ref().map(|text| self.references(text)).unwrap_or_default();
        let script = script.map(|script| ScriptTrace {
            origin: Origin::new(script.file, 0, script.text.len() as u32),
            references: if script.template { self.references(&script.text) } else { Vec::new() },
        });
        Some(FieldTrace { field: path, template, references, script })
    }

    /// Returns the references of a template, by name.
    fn references(&mut self, template: &str) -> Vec<Reference> {
        let names = self.context.engine.referenced_names(template);
        names.into_iter().filter_map(|name| self.reference(name)).collect()
    }

    /// Returns the values from the matrix, in order.
    fn matrix(&self) -> Vec<Reference> {
        let Some(matrix) = self.at.scope().get("matrix") else { return Vec::new() };
        let names: Vec<Value> = matrix.try_iter().map(Iterator::collect).unwrap_or_default();
        names.iter().filter_map(|name| self.reference(format!("matrix.{name}"))).collect()
    }

    fn reference(&self, path: String) -> Option<Reference> {
        let names = path_of(&path);
        let (head, rest) = names.split_first()?;
        let mut value = self.at.scope().get(head)?;
        for name in rest {
            value = value.get_attr(name).ok().filter(|inner| !inner.is_undefined())?;
        }
        let origin = self.origin(head, rest.first().copied(), &value);
        let value = serde_json::to_value(&value).unwrap_or(Json::Null);
        Some(Reference { path, value, origin })
    }

    fn origin(&self, head: &str, name: Option<&str>, value: &Value) -> Option<ReferenceOrigin> {
        let origin: Option<Origin> = match (head, name) {
            ("vars", Some(name)) => self.manifest.vars.get(name).map(|variable| variable.origin),
            ("env", Some(name)) => {
                self.manifest.env.iter().find(|(known, _)| &**known == name).map(|(_, origin)| *origin)
            }
            ("matrix", Some(name)) => self.axis(name, value),
            ("video", _) => Some(self.video.key_origin),
            ("row", _) => return self.at.row.clone().map(ReferenceOrigin::Row),
            _ => None,
        };
        origin.map(ReferenceOrigin::Manifest)
    }

    /// Returns the origin of an axis's value, or of the `include` that sets it.
    fn axis(&self, name: &str, value: &Value) -> Option<Origin> {
        let matrix = self.video.matrix.as_ref()?;
        let equal = |json: &Json| value_of(json) == *value;
        let axis = matrix.axes.iter().find(|(axis, _)| &**axis == name);
        let own = axis.and_then(|(_, values)| values.iter().find(|(known, _)| equal(known)));
        if let Some((_, origin)) = own {
            return Some(*origin);
        }
        let sets = |entry: &[(Arc<str>, Json)]| entry.iter().any(|(known, set)| &**known == name && equal(set));
        // The last matching `include` wins.
        let include = matrix.include.iter().rev().find(|(entry, _)| sets(entry));
        let listed = || matrix.templates.iter().find(|one| &*matrix.axes[one.axis].0 == name);
        include.map(|(_, origin)| *origin).or_else(|| Some(super::axes::origin(listed()?, self.manifest)))
    }
}
