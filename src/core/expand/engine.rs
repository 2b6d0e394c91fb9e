//! The template engine: strict, with resource limits. Compiles each declaration once and renders it once per instance.

use std::collections::HashMap;
use std::sync::Arc;

use minijinja::{Environment, Error, ErrorKind, Value};

use super::comparison_probe::DoubtfulOperation;
use super::failing_values::FailedTemplate;
use super::identifiers::{Edits, decode, rewrite, with_encoded_members};
use super::limits::{check_limits, new_environment};
use super::probes::Probes;
use super::render_error::{RenderError, render_error};
use super::template_tokens::TemplateTokens;
use crate::diagnostic::Code;

/// Maximum size of a template, and of the text that it renders, in bytes.
pub(super) const MAX_TEXT_BYTES: usize = 64 * 1024;

/// Maximum number of templates kept compiled. A project with a hundred thousand texts needs each of them only once.
const MAX_CACHED_TEMPLATES: usize = 128;

/// Size of the stack on which templates are compiled, rendered and dropped. A test fills [`MAX_TEXT_BYTES`] with every kind
/// of chain and nesting, and a debug build does not overflow.
pub(super) const STACK_BYTES: usize = 64 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Template {
    number: usize,
    /// Whether it references `env`.
    pub uses_env: bool,
}

/// The result of compiling a text.
#[derive(Clone, Debug)]
struct CompiledTemplate {
    /// Keeps the text alive, because the index uses its address as the key.
    _text: Arc<str>,
    outcome: Result<Template, RenderError>,
}

/// All templates of an expansion.
pub(super) struct Engine {
    /// Empty until the first template is compiled.
    environment: Environment<'static>,
    furnished: bool,
    names: Vec<String>,
    /// The edits in templates with names that are not ASCII, by template.
    edits: HashMap<usize, Edits>,
    probes: Probes,
    index: HashMap<usize, CompiledTemplate>,
}

impl Engine {
    pub(super) fn new() -> Self {
        Self {
            environment: Environment::empty(),
            furnished: false,
            names: Vec::new(),
            edits: HashMap::new(),
            probes: Probes::default(),
            index: HashMap::new(),
        }
    }

    /// Returns the compiled template of a text. Compiles the same text, by address, only once.
    pub(super) fn compile(&mut self, text: &Arc<str>) -> Result<Template, RenderError> {
        let address = Arc::as_ptr(text).cast::<u8>() as usize;
        if let Some(known) = self.index.get(&address) {
            return known.outcome.clone();
        }
        if self.index.len() >= MAX_CACHED_TEMPLATES {
            self.environment.clear_templates();
            self.names.clear();
            self.edits.clear();
            self.probes.clear();
            self.index.clear();
        }
        let outcome = self.add(text);
        self.index.insert(address, CompiledTemplate { _text: Arc::clone(text), outcome: outcome.clone() });
        outcome
    }

    fn add(&mut self, text: &str) -> Result<Template, RenderError> {
        if text.len() > MAX_TEXT_BYTES {
            let message =
                format!("the template has {} bytes, more than the {MAX_TEXT_BYTES} that are allowed", text.len());
            return Err(RenderError::new(Code::TemplateLimit, message));
        }
        check_limits(text)?;
        if !self.furnished {
            self.environment = new_environment();
            self.furnished = true;
        }
        let number = self.names.len();
        let name = format!("template {number}");
        let rewritten = rewrite(text);
        let (text, edits) = match &rewritten {
            Some((text, edits)) => (&**text, Some(edits)),
            None => (text, None),
        };
        let fail = |error: &Error| render_error(error, text).original(edits);
        self.environment.add_template_owned(name.clone(), text.to_owned()).map_err(|error| fail(&error))?;
        let template = self.environment.get_template(&name).map_err(|error| fail(&error))?;
        // The engine parses the template again to list its names, so texts without the word `env` skip it.
        let uses_env = text.contains("env") && template.undeclared_variables(false).contains("env");
        self.names.push(name);
        self.probes.add(number, text);
        if let Some((_, edits)) = rewritten {
            self.edits.insert(number, edits);
        }
        Ok(Template { number, uses_env })
    }

    /// Returns the names that a template spells out, such as `matrix.locale`, sorted.
    pub(super) fn referenced_names(&mut self, text: &Arc<str>) -> Vec<String> {
        let Ok(template) = self.compile(text) else { return Vec::new() };
        let encoded = self.edits.contains_key(&template.number).then(|| with_encoded_members(text)).flatten();
        let names = if let Some(text) = &encoded {
            self.environment.template_from_str(text).map(|template| template.undeclared_variables(true))
        } else {
            let template = self.environment.get_template(&self.names[template.number]);
            template.map(|template| template.undeclared_variables(true))
        };
        let mut names: Vec<String> = names.unwrap_or_default().iter().map(|name| decode(name)).collect();
        names.sort_unstable();
        names
    }

    /// Returns the value of a template that is one expression.
    pub(super) fn value(&mut self, text: &Arc<str>, scope: &Value) -> Result<Value, RenderError> {
        let Template { number, .. } = self.compile(text)?;
        let template =
            self.environment.get_template(&self.names[number]).map_err(|error| render_error(&error, text))?;
        let source = template.source();
        let Some(range) = TemplateTokens::only_expression(source) else {
            let message = "the values of an axis are a list, or one template that returns a list";
            return Err(RenderError::new(Code::BadMatrix, message));
        };
        let (start, inner) = (range.start, &source[range]);
        let value = self.environment.compile_expression(inner).and_then(|expression| expression.eval(scope));
        let defined =
            |value: Value| if value.is_undefined() { Err(ErrorKind::UndefinedError.into()) } else { Ok(value) };
        value.and_then(defined).map_err(|error: Error| {
            let mut failed = render_error(&error, inner);
            if failed.undefined.is_some() && failed.range.is_none() {
                failed.undefined = Some(inner.trim().to_owned());
            }
            failed.range = failed.range.map(|range| range.start + start..range.end + start);
            self.explain(failed, source, scope).original(self.edits.get(&number))
        })
    }

    fn explain(&self, failure: RenderError, source: &str, scope: &Value) -> RenderError {
        FailedTemplate { environment: &self.environment, source, scope }.explain(failure)
    }

    /// Returns the suspicious comparisons and conditions of a template, rendered in a scope.
    pub(super) fn doubtful_operations(&self, template: Template, scope: &Value) -> Vec<DoubtfulOperation> {
        self.probes.doubtful_operations(template.number, scope, self.edits.get(&template.number))
    }

    /// Renders a template in a scope.
    pub(super) fn render(&self, template: Template, scope: &Value) -> Result<String, RenderError> {
        let edits = self.edits.get(&template.number);
        let template = match self.environment.get_template(&self.names[template.number]) {
            Ok(template) => template,
            Err(error) => return Err(render_error(&error, "")),
        };
        let source = template.source();
        let fail = |error: &Error| self.explain(render_error(error, source), source, scope).original(edits);
        let text = template.render(scope).map_err(|error| fail(&error))?;
        if text.len() > MAX_TEXT_BYTES {
            let message =
                format!("the template produces {} bytes, more than the {MAX_TEXT_BYTES} that are allowed", text.len());
            return Err(RenderError::new(Code::TemplateLimit, message));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
