//! The probes of templates, which find suspicious comparisons and conditions.

use std::collections::HashMap;

use minijinja::{Environment, Value};

use super::comparison_probe::{
    DoubtfulOperation, Operand, ProbeTemplate, SharedFindings, add_probe_functions, add_probe_tests,
};
use super::identifiers::Edits;
use super::limits::new_environment;
use super::render_error::RenderError;
use crate::diagnostic::Code;

/// The probes of the compiled templates, by their numbers.
#[derive(Default)]
pub(super) struct Probes {
    /// The engine of probes, created for the first probe.
    environment: Option<Environment<'static>>,
    findings: SharedFindings,
    known: HashMap<usize, ProbeTemplate>,
}

impl Probes {
    /// Adds the probe of a template that compiles, if it needs one.
    pub(super) fn add(&mut self, number: usize, template: &str) {
        let Some(mut twin) = ProbeTemplate::new(template) else { return };
        let environment = self.environment.get_or_insert_with(|| {
            let mut environment = new_environment();
            add_probe_functions(&mut environment, &self.findings);
            environment
        });
        add_probe_tests(environment, &twin, &self.findings);
        // A probe that fails to compile is not the author's error: the template stays valid, without a probe.
        if environment.add_template_owned(number.to_string(), std::mem::take(&mut twin.text)).is_ok() {
            self.known.insert(number, twin);
        }
    }

    pub(super) fn clear(&mut self) {
        self.known.clear();
        if let Some(environment) = &mut self.environment {
            environment.clear_templates();
        }
    }

    /// Renders the probe of a template, and returns its suspicious comparisons and conditions.
    pub(super) fn doubtful_operations(
        &self,
        number: usize,
        scope: &Value,
        edits: Option<&Edits>,
    ) -> Vec<DoubtfulOperation> {
        let (Some(twin), Some(environment)) = (self.known.get(&number), &self.environment) else { return Vec::new() };
        // Findings before an error are valid too. The template itself has already rendered.
        let _text = environment.get_template(&number.to_string()).and_then(|template| template.render(scope));
        twin.doubts(&self.findings, edits)
    }
}

/// Creates the error for a text that is compared with a number.
pub(super) fn comparison(text: &Operand, number: &Operand, source: &str) -> RenderError {
    let written = |operand: &Operand| source.get(operand.range.clone()).unwrap_or("…").trim().to_owned();
    let (left, right) = (written(text), written(number));
    let (text_is, number_is) = (what(text, "text", "texts"), what(number, "a number", "numbers"));
    let message = format!("text is compared with a number: `{left}` {text_is}, and `{right}` {number_is}");
    let range = text.range.start.min(number.range.start)..text.range.end.max(number.range.end);
    let lists = [&number.value, &text.value].map(|value| value.starts_with('['));
    let between = source.get(text.range.end.min(number.range.end)..text.range.start.max(number.range.start));
    let words = ["gt'", "ge'", "lt'", "le'", "than'", "<", ">"];
    let ordered = words.iter().any(|word| between.unwrap_or_default().replace('"', "'").contains(word));
    let help = if lists == [true, true] || (lists[1] && ordered) {
        format!("write the values of `{left}` as numbers, without quotes")
    } else if lists[0] {
        format!("write `{} | int` to compare numbers", operand(&left))
    } else if lists[1] {
        format!("write `{} | string` to compare texts", operand(&right))
    } else if is_quoted(&left) {
        let bare = left.trim_matches(['"', '\'']);
        match bare.parse::<f64>() {
            Ok(_) => format!("write `{bare}` without quotes, or `{} | string`", operand(&right)),
            Err(_) => format!("write `{} | string` to compare texts", operand(&right)),
        }
    } else {
        let filter = if number.value.contains('.') { "float" } else { "int" };
        let quoted = if right.parse::<f64>().is_ok() {
            format!("`\"{right}\"`")
        } else {
            format!("`{} | string`", operand(&right))
        };
        format!("write `{} | {filter}` to compare numbers, or {quoted} to compare texts", operand(&left))
    };
    RenderError { help: vec![help], ..RenderError::new(Code::TemplateError, message).at(range) }
}

fn what(operand: &Operand, one: &str, many: &str) -> String {
    if operand.value.starts_with('[') { format!("holds {many}") } else { format!("is {one}") }
}

pub(super) fn is_quoted(text: &str) -> bool {
    text.starts_with(['"', '\''])
        && text.len() > 1
        && text.ends_with(&text[..1])
        && !text[1..text.len() - 1].contains(&text[..1])
}

/// Returns an operand in a form that a filter can follow.
pub(super) fn operand(text: &str) -> String {
    let simple = !text.contains(|one: char| one.is_whitespace() || "+-~*/%".contains(one)) || is_quoted(text);
    if simple { text.to_owned() } else { format!("({text})") }
}
