//! The template engine: strict, with resource limits. Compiles each declaration once and renders it once per instance.

use std::collections::HashMap;
use std::rc::Rc;

use minijinja::{Environment, Error, ErrorKind, Value};

use super::comparison_probe::{DoubtfulOperation, ProbeTemplate, SharedFindings, probe_environment};
use super::failing_values::FailedTemplate;
use super::identifiers::{Edits, decode, rewrite, with_encoded_members};
use super::limits::{check_limits, new_environment};
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

/// A template that compiles.
#[derive(Debug)]
pub(super) struct Template {
    /// Its name in the environments.
    name: String,
    /// Whether it references `env`.
    pub uses_env: bool,
    /// The edits, if it has names that are not ASCII.
    edits: Option<Edits>,
    /// Its probe, if it needs one.
    probe: Option<ProbeTemplate>,
}

type CompileOutcome = Result<Rc<Template>, RenderError>;

/// All templates of an expansion.
pub(super) struct Engine {
    environment: Environment<'static>,
    /// The environment of probes, and what the last rendering of one found.
    probes: Environment<'static>,
    findings: SharedFindings,
    /// The outcomes by text.
    index: HashMap<Box<str>, CompileOutcome>,
}

impl Engine {
    pub(super) fn new() -> Self {
        let findings = SharedFindings::default();
        let probes = probe_environment(&findings);
        Self { environment: new_environment(), probes, findings, index: HashMap::new() }
    }

    /// Returns the compiled template of a text. Compiles the same text only once.
    pub(super) fn compile(&mut self, text: &str) -> CompileOutcome {
        if let Some(known) = self.index.get(text) {
            return known.clone();
        }
        if self.index.len() >= MAX_CACHED_TEMPLATES {
            self.environment.clear_templates();
            self.probes.clear_templates();
            self.index.clear();
        }
        let outcome = self.add(text).map(Rc::new);
        self.index.insert(text.into(), outcome.clone());
        outcome
    }

    fn add(&mut self, text: &str) -> Result<Template, RenderError> {
        if text.len() > MAX_TEXT_BYTES {
            let message =
                format!("the template has {} bytes, more than the {MAX_TEXT_BYTES} that are allowed", text.len());
            return Err(RenderError::new(Code::TemplateLimit, message));
        }
        check_limits(text)?;
        let name = self.index.len().to_string();
        let (rewritten, edits) = rewrite(text).unzip();
        let text = rewritten.as_deref().unwrap_or(text);
        let fail = |error: &Error| render_error(error, text).original(edits.as_ref());
        self.environment.add_template_owned(name.clone(), text.to_owned()).map_err(|error| fail(&error))?;
        let template = self.environment.get_template(&name).map_err(|error| fail(&error))?;
        // The engine parses the template again to list its names, so texts without the word `env` skip it.
        let uses_env = text.contains("env") && template.undeclared_variables(false).contains("env");
        let probe = ProbeTemplate::add(&mut self.probes, &self.findings, (&name, text));
        Ok(Template { name, uses_env, edits, probe })
    }

    /// Returns the names that a template spells out, such as `matrix.locale`, sorted.
    pub(super) fn referenced_names(&mut self, text: &str) -> Vec<String> {
        let Ok(template) = self.compile(text) else { return Vec::new() };
        let encoded = template.edits.as_ref().and_then(|_| with_encoded_members(text));
        let template = match &encoded {
            Some(text) => self.environment.template_from_str(text),
            None => self.environment.get_template(&template.name),
        };
        let names = template.map(|template| template.undeclared_variables(true)).unwrap_or_default();
        let mut names: Vec<String> = names.iter().map(|name| decode(name)).collect();
        names.sort_unstable();
        names
    }

    /// Returns the value of a template that is one expression.
    pub(super) fn value(&mut self, text: &str, scope: &Value) -> Result<Value, RenderError> {
        let compiled = self.compile(text)?;
        let template = self.environment.get_template(&compiled.name).map_err(|error| render_error(&error, text))?;
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
            self.explain(failed, source, scope).original(compiled.edits.as_ref())
        })
    }

    fn explain(&self, failure: RenderError, source: &str, scope: &Value) -> RenderError {
        FailedTemplate { environment: &self.environment, source, scope }.explain(failure)
    }

    /// Returns the suspicious comparisons and conditions of a template, rendered in a scope.
    pub(super) fn doubtful_operations(&self, template: &Template, scope: &Value) -> Vec<DoubtfulOperation> {
        let Some(probe) = &template.probe else { return Vec::new() };
        // Findings before an error are valid too. The template itself has already rendered.
        let _text = self.probes.get_template(&template.name).and_then(|template| template.render(scope));
        probe.doubts(&self.findings, template.edits.as_ref())
    }

    /// Renders a template in a scope.
    pub(super) fn render(&self, template: &Template, scope: &Value) -> Result<String, RenderError> {
        let edits = template.edits.as_ref();
        let template = self.environment.get_template(&template.name).map_err(|error| render_error(&error, ""))?;
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
