//! Axes of a matrix that a template lists: `matrix: { locale: "{{ vars.locales }}" }`.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::Value as Json;

use super::key::shown;
use super::scope::Scope;
use super::session::{Instance, Session};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{AxisTemplate, Manifest, MatrixDecl};
use crate::source::Origin;

/// Returns the place of the values of such an axis: the variable that its template names, or the template.
pub(super) fn origin(template: &AxisTemplate, manifest: &Manifest) -> Origin {
    let inner = template.text.text.trim().trim_start_matches("{{").trim_end_matches("}}").trim_matches(['-', ' ']);
    let variable = inner.strip_prefix("vars.").and_then(|name| manifest.vars.get(name));
    variable.map_or(template.origin, |variable| variable.origin)
}

impl Session<'_, '_> {
    /// Returns a matrix with the values of axes that templates list; `None` if an error was reported.
    pub(super) fn fill_axes(&mut self, matrix: &MatrixDecl, scope: &Scope, manifest: &Manifest) -> Option<MatrixDecl> {
        let mut filled = MatrixDecl { templates: Vec::new(), ..matrix.clone() };
        let before = self.faults.raised();
        for template in &matrix.templates {
            let at = Instance::new(scope.clone(), None);
            let Some(list) = self.list(template, &at, &matrix.axes[template.axis].0) else { continue };
            let place = origin(template, manifest);
            filled.axes[template.axis].1 = list.into_iter().map(|value| (value, place)).collect();
        }
        (self.faults.raised() == before).then_some(filled)
    }

    fn list(&mut self, template: &AxisTemplate, at: &Instance, axis: &Arc<str>) -> Option<Vec<Json>> {
        let AxisTemplate { text, origin, .. } = template;
        let value = self.value(text, *origin, at)?;
        if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
            let given = match value.kind() {
                ValueKind::Map => "a mapping".to_owned(),
                ValueKind::None => "`null`".to_owned(),
                _ => format!("`{}`", shown(&value.to_string())),
            };
            let message = format!("the axis `{axis}` needs a list, but its template gives {given}");
            let help =
                "list the values in a variable, `locales: [en, de]`, or split a text: `{{ env.X | split(\",\") }}`";
            self.faults.declared(Diagnostic::new(Code::BadMatrix, message, *origin).help(help));
            return None;
        }
        let items: Vec<Value> = value.try_iter().into_iter().flatten().collect();
        Some(items.iter().map(|item| serde_json::to_value(item).unwrap_or(Json::Null)).collect())
    }
}
