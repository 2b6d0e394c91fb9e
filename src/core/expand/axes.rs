//! Matrix axes whose values come from a template: `matrix: { locale: "{{ vars.locales }}" }`.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::Value as Json;

use super::context::ExpansionContext;
use super::limits::check_limits;
use super::matrix::{self, Cell};
use super::scope::Instance;
use super::scope::{NumberMisprint, Scope, names_in, value_of};
use super::template_source::TemplateSource;
use super::template_tokens::TemplateTokens;
use crate::diagnostic::{Code, Diagnostic};
use crate::fields::truncated;
use crate::manifest::{AxisTemplate, Manifest, MatrixDecl, VideoDecl};
use crate::source::Origin;

/// Returns the origin of the values of a templated axis: the variable that its template names, or the template.
pub(super) fn origin(template: &AxisTemplate, manifest: &Manifest) -> Origin {
    let inner = template.text.text.trim().trim_start_matches("{{").trim_end_matches("}}").trim_matches(['-', ' ']);
    let variable = inner.strip_prefix("vars.").and_then(|name| manifest.vars.get(name));
    variable.map_or(template.origin, |variable| variable.origin)
}

/// Returns the scope of the instances of a matrix cell.
pub(super) fn cell_scope(scope: &Scope, cell: &Cell, misprints: &[(Json, NumberMisprint)]) -> Scope {
    let mut scope = scope.clone();
    let values = cell.values.iter().map(|(name, value)| (&**name, value_of(value)));
    scope.matrix = Some(Value::from_pairs(values));
    if !misprints.is_empty() {
        let holds = |json: &Json| cell.values.iter().any(|(_, value)| value == json);
        let own = misprints.iter().filter(|(json, _)| holds(json)).map(|(_, one)| one.clone());
        scope.misprints = scope.misprints.iter().cloned().chain(own).collect();
    }
    scope
}

/// Returns `true` if a text is a template in a value of the matrix, which has its warning at the axis.
pub(super) fn is_in_axis(text: &str, scope: &Scope) -> bool {
    let matrix = scope.matrix.iter();
    let mut values =
        matrix.flat_map(|matrix| names_in(matrix).into_iter().filter_map(|name| matrix.get_attr(&name).ok()));
    text.starts_with("{{") && values.any(|value| value.as_str().is_some_and(|value| value.contains(text)))
}

/// Returns the warning about a template in the list of an axis, which is not rendered.
fn warn_of_template((axis, values): &(Arc<str>, Vec<(Json, Origin)>)) -> Option<Diagnostic> {
    let template = |value: &Json| value.as_str().is_some_and(|text| TemplateTokens::new(text).next_tag().is_some());
    let (text, origin) = values.iter().find(|(value, _)| template(value)).map(|(value, origin)| (value, *origin))?;
    let item = |(value, _): &(Json, Origin)| match value {
        Json::String(text) if text.contains(['"', '\'', '\\']) => None,
        Json::String(text) if template(value) => {
            TemplateTokens::only_expression(text).map(|range| text[range].trim().to_owned())
        }
        Json::String(text) => Some(format!("'{text}'")),
        value => Some(value.to_string()),
    };
    let items =
        values.iter().map(item).collect::<Option<Vec<_>>>().map(|items| format!("{{{{ [{}] }}}}", items.join(", ")));
    let whole = items.filter(|whole| check_limits(whole).is_ok());
    let text = text.as_str().unwrap_or_default();
    let message =
        format!("`{}` is not rendered in the list of an axis, so the braces become part of the key", truncated(text));
    let help = match whole {
        Some(whole) => format!("write one template for the complete list: `{axis}: \"{whole}\"`"),
        None => format!("write the list into a variable, and `{axis}: \"{{{{ vars.{axis}s }}}}\"`"),
    };
    Some(Diagnostic::new(Code::ForeignPlaceholder, message, origin).help(help))
}

impl ExpansionContext<'_, '_> {
    /// Returns the cells of a video's matrix, and the numbers in it that print differently. Returns one cell if there
    /// is no matrix, and `None` if an error was reported.
    #[expect(clippy::type_complexity, reason = "the caller needs the two lists separately")]
    pub(super) fn cells(
        &mut self,
        video: &VideoDecl,
        scope: &Scope,
        manifest: &Manifest,
    ) -> Option<(Vec<Cell>, Vec<(Json, NumberMisprint)>)> {
        let Some(declared) = &video.matrix else {
            return Some((vec![Cell { values: Vec::new() }], Vec::new()));
        };
        // All videos share the matrix of `defaults`. Its errors are reported once, for the first of them.
        let address = Arc::as_ptr(declared).cast::<u8>() as usize;
        if self.checked.contains(&address) {
            self.errors.count_only();
            return None;
        }
        let filled = match &declared.templates[..] {
            [] => Some(Cow::Borrowed(&**declared)),
            _ => self.fill_axes(declared, scope, manifest).map(Cow::Owned),
        };
        let Some(cells) = filled.and_then(|matrix| matrix::expand(&matrix, self.errors.report)) else {
            self.checked.insert(address);
            self.errors.count_only();
            return None;
        };
        if cells.is_empty() {
            let message = format!("`exclude` leaves no combination of the matrix of `{}`", video.key);
            self.errors.warn(Diagnostic::new(Code::EmptyMatrix, message, declared.origin));
        }
        for warning in declared.axes.iter().filter_map(warn_of_template) {
            self.errors.warn(warning);
        }
        let misprints = self.written.of_matrix(declared, self.sources);
        self.warn_of_key_numbers(&misprints);
        Some((cells, misprints))
    }

    /// Returns the matrix with all templated axes filled in. Returns `None` if an error was reported.
    fn fill_axes(&mut self, matrix: &MatrixDecl, scope: &Scope, manifest: &Manifest) -> Option<MatrixDecl> {
        let mut filled = MatrixDecl { templates: Vec::new(), ..matrix.clone() };
        let before = self.errors.error_count;
        for template in &matrix.templates {
            let at = Instance::new(scope.clone(), None);
            let Some(list) = self.list(template, &at, &matrix.axes[template.axis].0) else { continue };
            let place = origin(template, manifest);
            filled.axes[template.axis].1 = list.into_iter().map(|value| (value, place)).collect();
        }
        (self.errors.error_count == before).then_some(filled)
    }

    fn list(&mut self, template: &AxisTemplate, at: &Instance, axis: &Arc<str>) -> Option<Vec<Json>> {
        let AxisTemplate { text, origin, .. } = template;
        let value = self.value(text, *origin, at)?;
        if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
            let given = match value.kind() {
                ValueKind::Map => "a mapping".to_owned(),
                ValueKind::None => "`null`".to_owned(),
                _ => format!("`{}`", truncated(&value.to_string())),
            };
            let message = format!("the axis `{axis}` needs a list, but its template gives {given}");
            let help =
                "list the values in a variable, `locales: [en, de]`, or split a text: `{{ env.X | split(',') }}`";
            self.errors.report_in_declaration(Diagnostic::new(Code::BadMatrix, message, *origin).help(help));
            return None;
        }
        let items: Vec<Value> = value.try_iter().into_iter().flatten().collect();
        let printed: Vec<String> = items.iter().map(ToString::to_string).collect();
        let site = TemplateSource::Scalar { text, origin: *origin, normalized: false };
        self.check_numbers(&text.text, site, &printed.join(" "), at);
        Some(items.iter().map(|item| serde_json::to_value(item).unwrap_or(Json::Null)).collect())
    }
}
