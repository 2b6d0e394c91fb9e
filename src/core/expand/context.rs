//! State that all videos of an expansion share (engine, files, errors), and the reading of a field in an instance.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use minijinja::Value;
use serde_json::Value as Json;

use super::comparison_probe::{DoubtfulOperation, Operand, comparison, operand};
use super::engine::Engine;
use super::errors::ErrorReporter;
use super::files::{Files, Script};
use super::layers::MergedFields;
use super::number_text::{NumberTexts, contains_number};
use super::render_error::RenderError;
use super::scope::{Instance, NumberMisprint};
use super::template_source::TemplateSource;
use super::undefined::{explain, path_of};
use crate::diagnostic::{Code, Diagnostic};
use crate::fields::{self, Table, truncated};
use crate::manifest::{Expr, Field, InvalidDecl};
use crate::source::{Origin, Sources};
use crate::spec::{Layer, OwnValue};
use crate::yaml::Text;

/// State that all videos of an expansion share.
pub(super) struct ExpansionContext<'m, 'w> {
    pub sources: &'w mut Sources,
    pub now: jiff::Timestamp,
    pub errors: ErrorReporter<'w>,
    pub engine: Engine,
    pub files: Files,
    /// The names of the manifest's `env` list.
    pub listed: Vec<&'m str>,
    /// The vendor's table.
    pub table: &'static Table,
    /// The addresses of the fields, spoken texts and invalid matrices that were checked. They are the same in all videos.
    pub checked: HashSet<usize>,
    /// The fields in effect in the last instance that was built.
    pub merged: Option<MergedFields<'m>>,
    /// The presets that it uses.
    pub layers: Vec<Layer>,
    /// The values that it or `defaults` sets.
    pub given: Vec<OwnValue>,
    /// The script file that it speaks.
    pub script: Option<Script>,
    /// What holds in each of its scenes, and the script file that the scene speaks.
    pub scenes: Vec<(MergedFields<'m>, Option<Script>)>,
    /// Numbers as they are written.
    pub written: NumberTexts,
    /// The origins of the conditions with a warning, which are the same in all rows.
    pub located: HashMap<(Origin, Range<usize>), Origin>,
}

/// Whether the result of a template is part of the digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TemplatePurpose {
    /// Part of the digest.
    Content,
    /// A label, a key or a condition.
    Label,
}

impl ExpansionContext<'_, '_> {
    /// Returns the text of a string field. Returns `None` if an error was reported.
    pub(super) fn text(&mut self, field: &Field, at: &Instance, purpose: TemplatePurpose) -> Option<Arc<str>> {
        match &field.value {
            Expr::Template(text) => self.template(text, field.origin, at, purpose).map(Arc::from),
            Expr::Literal(fields::Value::Text(text)) => Some(Arc::clone(text)),
            Expr::Literal(_) | Expr::Rejected => {
                self.errors.count_only();
                None
            }
        }
    }

    /// Renders a template of a manifest. Returns `None` if an error was reported.
    pub(super) fn template(
        &mut self,
        text: &Text,
        origin: Origin,
        at: &Instance,
        purpose: TemplatePurpose,
    ) -> Option<String> {
        self.render(&text.text, TemplateSource::Scalar { text, origin, normalized: false }, at, purpose)
    }

    /// Returns the value of a template that is one expression. Returns `None` if an error was reported.
    pub(super) fn value(&mut self, text: &Text, origin: Origin, at: &Instance) -> Option<Value> {
        let made = self.engine.value(&text.text, at.value());
        let made = made.map_err(|failure| {
            match failure.undefined.as_deref().and_then(|name| path_of(name).first().copied()) {
                Some("matrix" | "row" | "video") => {
                    let message = "the values of an axis come from `vars` and `env` only".to_owned();
                    RenderError { code: Code::BadMatrix, message, undefined: None, ..failure }
                }
                _ => failure,
            }
        });
        made.map_err(|failure| {
            self.report_render_error(&failure, TemplateSource::Scalar { text, origin, normalized: false }, at);
        })
        .ok()
    }

    /// Renders a template of any source.
    pub(super) fn render(
        &mut self,
        text: &str,
        site: TemplateSource<'_>,
        at: &Instance,
        purpose: TemplatePurpose,
    ) -> Option<String> {
        let template = match self.engine.compile(text) {
            Ok(template) => template,
            Err(failure) => {
                let diagnostic = self.diagnostic(&failure, site, at);
                self.errors.report_in_declaration(diagnostic);
                return None;
            }
        };
        match self.engine.render(&template, at.value()) {
            Ok(made) => {
                let doubts = self.engine.doubtful_operations(&template, at.value());
                let mut compared = false;
                for doubt in &doubts {
                    match doubt {
                        DoubtfulOperation::Comparison { text: left, number, is_test: false } => {
                            self.report_render_error(&comparison(left, number, text), site, at);
                            compared = true;
                        }
                        // An error would refuse videos that are already paid for.
                        DoubtfulOperation::Comparison { text: left, number, is_test: true } => {
                            let failure = RenderError { code: Code::TextAsCondition, ..comparison(left, number, text) };
                            let warning = self.diagnostic(&failure, site, at);
                            self.errors.warn_in_instance(warning, at);
                        }
                        DoubtfulOperation::Condition { text: left, flag } => {
                            self.warn_of_condition((left, flag.as_ref()), text, site, at);
                        }
                    }
                }
                if compared {
                    return None;
                }
                if template.uses_env && purpose == TemplatePurpose::Content {
                    self.warn_env_in_spec(site);
                }
                Some(made)
            }
            Err(failure) => {
                self.report_render_error(&failure, site, at);
                None
            }
        }
    }

    fn warn_of_condition(
        &mut self,
        (text, flag): (&Operand, Option<&Operand>),
        template: &str,
        site: TemplateSource<'_>,
        at: &Instance,
    ) {
        let written = template.get(text.range.clone()).unwrap_or("…").trim();
        let message = match flag {
            None => format!("`{written}` is the text `{}`, which counts as true", truncated(&text.value)),
            Some(flag) => format!("`{written}` is text, which never equals `{}`", flag.value),
        };
        let place = (site.origin(), text.range.clone());
        let known = self.located.get(&place).copied();
        let origin = known.unwrap_or_else(|| site.locate(Some(&place.1), self.sources));
        self.located.entry(place).or_insert(origin);
        let (words, negated) = match flag {
            Some(flag) => {
                let (left, right) = (text.range.end.min(flag.range.end), text.range.start.max(flag.range.start));
                let operator = template.get(left..right).unwrap_or_default();
                let words = if flag.value == "false" { "['false', 'no', '0']" } else { "['true', 'yes', '1']" };
                (words, ["!=", "not ", "ne "].iter().any(|one| operator.contains(one)))
            }
            None => ("['true', 'yes', '1']", false),
        };
        let is_in = if negated { "not in" } else { "in" };
        let help = format!("compare the text: `{} | lower {is_in} {words}`", operand(written));
        let warning = site.pasteable(Diagnostic::new(Code::TextAsCondition, message, origin).help(help));
        if ["vars", "env"].contains(&path_of(written).first().copied().unwrap_or_default()) {
            self.errors.warn(warning);
        } else {
            self.errors.warn_in_instance(warning, at);
        }
    }

    fn warn_env_in_spec(&mut self, site: TemplateSource<'_>) {
        let message =
            "a value from `env` enters the video: another value means another digest, which is paid for again";
        let help = "use `vars` for what belongs to the content";
        self.errors.warn(Diagnostic::new(Code::EnvInSpec, message, site.origin()).help(help));
    }

    /// Reports why a template rendered no text. Reports a failure of all instances once, and one that follows from an
    /// earlier error not at all.
    fn report_render_error(&mut self, failure: &RenderError, site: TemplateSource<'_>, at: &Instance) {
        let names = failure.undefined.as_deref().map(path_of).unwrap_or_default();
        let lost = match names[..] {
            ["vars", name, ..] => Some(InvalidDecl::Variable(name.into())),
            ["env", name, ..] => Some(InvalidDecl::Env(name.into())),
            // The matrix of `defaults`.
            ["matrix", ..] => Some(InvalidDecl::Block("matrix".into())),
            _ => None,
        };
        if lost.is_some_and(|lost| self.errors.may_be_unread(&lost)) {
            self.errors.count_only();
            return;
        }
        let diagnostic = self.diagnostic(failure, site, at);
        let everywhere = match names.first() {
            None | Some(&"matrix") => false,
            Some(&"row") => at.scope().row_is_of_a_table(),
            Some(_) => true,
        };
        if everywhere {
            self.errors.report_in_declaration(at.named(diagnostic));
        } else {
            self.errors.report_in_instance(diagnostic, at);
        }
    }

    /// Moves the errors in texts that an alias repeats to the alias. Until then, one error of a text is reported once.
    pub(super) fn move_to_aliases(&mut self) {
        for diagnostic in self.errors.report.iter_mut() {
            if let Some(alias) = diagnostic.alias {
                diagnostic.move_to_alias(self.sources.get(alias.file).text());
            }
        }
    }

    fn diagnostic(&self, failure: &RenderError, site: TemplateSource<'_>, at: &Instance) -> Diagnostic {
        let origin = site.locate(failure.range.as_ref(), self.sources);
        let made = match &failure.undefined {
            Some(expression) if failure.message.is_empty() => explain(expression, at.scope(), &self.listed, origin),
            _ => Diagnostic::new(failure.code, &*failure.message, origin),
        };
        let limit = "make the text outside the template, in a script or data file";
        let limit = (failure.code == Code::TemplateLimit).then(|| limit.to_owned());
        let made = failure.help.iter().cloned().chain(limit).fold(made, Diagnostic::help);
        let made = site.pasteable(made.did_you_mean(failure.meant.as_deref()));
        Diagnostic { alias: site.alias(), ..made }
    }

    /// Adds an error of a value: to the declaration if it is written there, to the instance if a template rendered it.
    pub(super) fn report_value_error(&mut self, field: &Field, at: &Instance, diagnostic: Diagnostic) {
        match field.value {
            Expr::Literal(_) | Expr::Rejected => self.errors.report_in_declaration(diagnostic),
            Expr::Template(_) => self.errors.report_in_instance(diagnostic, at),
        }
    }

    /// Warns of numbers of an instance whose form in a text differs from the written one.
    pub(super) fn check_numbers(&mut self, template: &str, site: TemplateSource<'_>, made: &str, at: &Instance) {
        let misprints = Arc::clone(&at.scope().misprints);
        for one in misprints.iter().filter(|one| contains_number(made, &one.printed)) {
            let names = self.engine.referenced_names(template);
            if names.iter().any(|name| one.path.starts_with(&**name)) {
                self.warn_of_number(one, (template, site), at);
            }
        }
    }

    /// Warns of numbers of the matrix, which become parts of keys.
    pub(super) fn warn_of_key_numbers(&mut self, misprints: &[(Json, NumberMisprint)]) {
        for (origin, one) in misprints.iter().filter_map(|(_, one)| Some((one.origin?, one))) {
            self.errors.warn(one.warning(origin));
        }
    }

    fn warn_of_number(&mut self, one: &NumberMisprint, (text, site): (&str, TemplateSource<'_>), at: &Instance) {
        let Some(row) = at.row.as_ref().filter(|_| one.path.starts_with("row")) else {
            if let Some(origin) = one.origin {
                self.errors.warn(one.warning(origin));
            }
            return;
        };
        let range = text.find(&*one.path).map(|start| start..start + one.path.len());
        let used = site.locate(range.as_ref(), self.sources);
        let first = self.written.told.entry((Arc::clone(&row.file), Arc::clone(&one.path))).or_insert(used);
        if *first == used {
            let warning = match one.origin {
                Some(origin) => one.warning(origin).with_secondary(used, "used here"),
                None => one.warning(used),
            };
            self.errors.warn_in_instance(warning, at);
        }
    }
}
