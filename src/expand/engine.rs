//! The template engine, strict and on a leash: compiled once a declaration, rendered once an instance.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::advice::{Advice, advice};
use super::identifiers::{Edits, decode, rewrite, with_encoded_members};
use super::leash::{REMOVED_FILTERS, REMOVED_FUNCTIONS, Refusal, refusal};
use super::probe::Doubt;
use super::tokens::Tokens;
use super::twins::Twins;
use crate::diagnostic::Code;

/// The longest template, and the longest text that one may make, in bytes.
pub(super) const TEXT_BYTES: usize = 64 * 1024;

/// What one rendering may spend: about so many steps, or 64 times so many bytes, all that it builds counted.
const FUEL: u64 = 20_000;

/// So many templates are kept compiled; a project of a hundred thousand texts needs each of them once.
const MOST_KEPT: usize = 128;

/// The most rounds of a counted loop.
const MOST_ROUNDS: u64 = 1_000;

/// A name that no template has: all that templates ask for is looked up under it.
const NO_SUCH_TEMPLATE: &str = "\u{1}";

/// The stack on which templates are compiled, rendered and dropped; a test fills [`TEXT_BYTES`] with every kind of
/// chain and nest, and a debug build stays within it.
pub(super) const STACK_BYTES: usize = 64 * 1024 * 1024;

/// Why a template gives no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The kind of fault.
    pub code: Code,
    /// What is wrong, for all faults but an undefined name.
    pub message: String,
    /// The bytes of the template that are at fault.
    pub range: Option<Range<usize>>,
    /// The expression that is not defined.
    pub undefined: Option<String>,
    /// What to do about other faults.
    pub help: Vec<String>,
}

impl Failure {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), range: None, undefined: None, help: Vec::new() }
    }

    /// The same failure with the places and names of the text that was rewritten.
    fn original(mut self, edits: Option<&Edits>) -> Self {
        if let Some(edits) = edits {
            self.range = self.range.map(|range| edits.original(range));
            self.message = decode(&self.message);
            self.undefined = self.undefined.as_deref().map(decode);
            self.help = self.help.iter().map(|help| decode(help)).collect();
        }
        self
    }
}

/// A compiled template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Template {
    number: usize,
    /// Whether it asks for `env`.
    pub uses_env: bool,
}

/// What came of compiling a text.
#[derive(Clone, Debug)]
struct Compiled {
    /// Keeps the address in the index valid.
    _text: Arc<str>,
    outcome: Result<Template, Failure>,
}

/// The engine with all that templates may use.
pub(super) fn furnished() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(100);
    for name in REMOVED_FUNCTIONS {
        environment.remove_global(name);
    }
    for name in REMOVED_FILTERS {
        environment.remove_filter(name);
    }
    environment.add_function("range", range);
    environment.add_filter("times", times);
    // Compiled templates live in one store under numbers: no template may include another by guessing one.
    environment.set_path_join_callback(|_, _| NO_SUCH_TEMPLATE.into());
    environment.set_formatter(|out, state, value| match value.kind() {
        ValueKind::Bool => Ok(out.write_str(if value.is_true() { "true" } else { "false" })?),
        ValueKind::None => Err(Error::new(ErrorKind::InvalidOperation, "the value is `null`, not text")),
        ValueKind::Map => Err(Error::new(ErrorKind::InvalidOperation, "the value is a mapping, not text")),
        ValueKind::Seq | ValueKind::Iterable => {
            Err(Error::new(ErrorKind::InvalidOperation, "the value is a list, not text"))
        }
        _ => minijinja::escape_formatter(out, state, value),
    });
    let mut syntax = minijinja::syntax::SyntaxConfig::builder();
    syntax.keep_trailing_newline(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment
}

/// All templates of a run.
pub(super) struct Engine {
    /// Empty until there is a template.
    environment: Environment<'static>,
    furnished: bool,
    names: Vec<String>,
    /// What was rewritten in templates with names that are not ASCII.
    edits: HashMap<usize, Edits>,
    twins: Twins,
    index: HashMap<usize, Compiled>,
}

impl Engine {
    pub(super) fn new() -> Self {
        Self {
            environment: Environment::empty(),
            furnished: false,
            names: Vec::new(),
            edits: HashMap::new(),
            twins: Twins::default(),
            index: HashMap::new(),
        }
    }

    /// The compiled template of a text; the same text (by address) is compiled once.
    pub(super) fn compile(&mut self, text: &Arc<str>) -> Result<Template, Failure> {
        let address = Arc::as_ptr(text).cast::<u8>() as usize;
        if let Some(known) = self.index.get(&address) {
            return known.outcome.clone();
        }
        if self.index.len() >= MOST_KEPT {
            self.environment.clear_templates();
            self.names.clear();
            self.edits.clear();
            self.twins.clear();
            self.index.clear();
        }
        let outcome = self.add(text);
        self.index.insert(address, Compiled { _text: Arc::clone(text), outcome: outcome.clone() });
        outcome
    }

    fn add(&mut self, text: &str) -> Result<Template, Failure> {
        if text.len() > TEXT_BYTES {
            let message = format!("the template has {} bytes, more than the {TEXT_BYTES} that are allowed", text.len());
            return Err(Failure::new(Code::TemplateLimit, message));
        }
        if let Some(refusal) = refusal(text) {
            let Refusal { code, message, range } = refusal;
            return Err(Failure { code, message, range: Some(range), undefined: None, help: Vec::new() });
        }
        if !self.furnished {
            self.environment = furnished();
            self.furnished = true;
        }
        let number = self.names.len();
        let name = format!("template {number}");
        let rewritten = rewrite(text);
        let (text, edits) = match &rewritten {
            Some((text, edits)) => (&**text, Some(edits)),
            None => (text, None),
        };
        let fail = |error: &Error| failure(error, text).original(edits);
        self.environment.add_template_owned(name.clone(), text.to_owned()).map_err(|error| fail(&error))?;
        let template = self.environment.get_template(&name).map_err(|error| fail(&error))?;
        // Asking the engine means parsing again, so a text without the word is not asked about.
        let uses_env = text.contains("env") && template.undeclared_variables(false).contains("env");
        self.names.push(name);
        self.twins.add(number, text);
        if let Some((_, edits)) = rewritten {
            self.edits.insert(number, edits);
        }
        Ok(Template { number, uses_env })
    }

    /// The names that a template asks for, as far as they are written out: `matrix.locale`; sorted.
    pub(super) fn asks_for(&mut self, text: &Arc<str>) -> Vec<String> {
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

    /// The value of a template that is one expression.
    pub(super) fn value(&mut self, text: &Arc<str>, scope: &Value) -> Result<Value, Failure> {
        let Template { number, .. } = self.compile(text)?;
        let template = self.environment.get_template(&self.names[number]).map_err(|error| failure(&error, text))?;
        let source = template.source();
        let Some(range) = Tokens::only_expression(source) else {
            let message = "the values of an axis are a list, or one template that gives a list";
            return Err(Failure::new(Code::BadMatrix, message));
        };
        let (start, inner) = (range.start, &source[range]);
        let value = self.environment.compile_expression(inner).and_then(|expression| expression.eval(scope));
        let value =
            value.and_then(
                |value| {
                    if value.is_undefined() { Err(Error::from(ErrorKind::UndefinedError)) } else { Ok(value) }
                },
            );
        value.map_err(|error| {
            let mut failed = failure(&error, inner);
            if failed.undefined.is_some() && failed.range.is_none() {
                failed.undefined = Some(inner.trim().to_owned());
            }
            failed.range = failed.range.map(|range| range.start + start..range.end + start);
            failed.original(self.edits.get(&number))
        })
    }

    /// What is doubtful in comparisons and conditions of a template that renders in a scope.
    pub(super) fn doubts(&self, template: Template, scope: &Value) -> Vec<Doubt> {
        self.twins.doubts(template.number, scope, self.edits.get(&template.number))
    }

    /// The text of a template in a scope.
    pub(super) fn render(&self, template: Template, scope: &Value) -> Result<String, Failure> {
        let edits = self.edits.get(&template.number);
        let template = match self.environment.get_template(&self.names[template.number]) {
            Ok(template) => template,
            Err(error) => return Err(failure(&error, "")),
        };
        let text = template.render(scope).map_err(|error| failure(&error, template.source()).original(edits))?;
        if text.len() > TEXT_BYTES {
            let message =
                format!("the template makes {} bytes, more than the {TEXT_BYTES} that are allowed", text.len());
            return Err(Failure::new(Code::TemplateLimit, message));
        }
        Ok(text)
    }
}

/// `range`, as long as it is short: its items cost no fuel until they are walked over.
fn range(start: i64, end: Option<i64>, step: Option<i64>) -> Result<Value, Error> {
    let (start, end) = end.map_or((0, start), |end| (start, end));
    let step = step.unwrap_or(1);
    let span = if step > 0 { end.saturating_sub(start) } else { start.saturating_sub(end) };
    let count = span.max(0).unsigned_abs() / step.unsigned_abs().max(1);
    if step == 0 || count > MOST_ROUNDS {
        let detail = if step == 0 { "`range` with a step of 0" } else { "`range` has too many elements" };
        return Err(Error::new(ErrorKind::InvalidOperation, detail));
    }
    let mut items = Vec::new();
    let mut next = start;
    while (step > 0 && next < end) || (step < 0 && next > end) {
        items.push(Value::from(next));
        let Some(after) = next.checked_add(step) else { break };
        next = after;
    }
    Ok(Value::from(items))
}

/// The product of two numbers; `*` itself would repeat texts and lists.
fn times(left: &Value, right: &Value) -> Result<Value, Error> {
    if left.kind() != ValueKind::Number || right.kind() != ValueKind::Number {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "`times` multiplies numbers only; `| int` or `| float` makes one",
        ));
    }
    let whole = i64::try_from(left.clone()).ok().zip(i64::try_from(right.clone()).ok());
    if let (true, Some((left, right))) = (left.is_integer() && right.is_integer(), whole) {
        return left
            .checked_mul(right)
            .map(Value::from)
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "the product is too large"));
    }
    Ok(Value::from(f64::try_from(left.clone())? * f64::try_from(right.clone())?))
}

/// The engine's error in our words.
fn failure(error: &Error, source: &str) -> Failure {
    let detail = error.detail().unwrap_or_default();
    let Advice { range: meant, help } = advice(error, source);
    let range =
        meant.or_else(|| error.range()).filter(|range| source.get(range.clone()).is_some_and(|part| !part.is_empty()));
    let undefined = undefined_name(error, detail, source, range.as_ref());
    let range = undefined.as_deref().and_then(|name| place_of(name, source, range.clone())).or(range);
    let (code, message) = match error.kind() {
        _ if undefined.is_some() => (Code::UndefinedVariable, String::new()),
        ErrorKind::OutOfFuel => (Code::TemplateLimit, "the template runs too long or makes too much text".into()),
        ErrorKind::SyntaxError | ErrorKind::BadEscape if detail.contains("maximum recursion") => {
            (Code::TemplateLimit, "the template nests too deeply".into())
        }
        ErrorKind::SyntaxError | ErrorKind::BadEscape => {
            (Code::TemplateSyntax, format!("the template is malformed: {detail}"))
        }
        ErrorKind::TemplateNotFound => (Code::TemplateError, "a template cannot include or extend another".into()),
        ErrorKind::InvalidOperation
            if ["too large", "too many elements", "recursion limit"].iter().any(|part| detail.contains(part)) =>
        {
            (Code::TemplateLimit, format!("the template makes too much: {detail}"))
        }
        kind if detail.is_empty() => (Code::TemplateError, format!("the template fails: {kind}")),
        _ => (Code::TemplateError, format!("the template fails: {detail}")),
    };
    let help = if undefined.is_some() { Vec::new() } else { help };
    Failure { code, message, range, undefined, help }
}

/// The expression that has no value: as the engine describes it, else as it stands in the template.
fn undefined_name(error: &Error, detail: &str, source: &str, range: Option<&Range<usize>>) -> Option<String> {
    if let Some((before, _)) = detail.split_once("` is undefined")
        && let Some((_, name)) = before.rsplit_once('`')
    {
        return Some(name.to_owned());
    }
    (error.kind() == ErrorKind::UndefinedError)
        .then(|| range.and_then(|range| source.get(range.clone())).unwrap_or("a name").trim().to_owned())
}

/// The place of an undefined name: the error's own, or the name itself where the error points at what uses it.
fn place_of(name: &str, source: &str, range: Option<Range<usize>>) -> Option<Range<usize>> {
    let range = range?;
    let near = source.get(range.clone()).is_some_and(|part| part.contains(name));
    let start = if near { return None } else { source.get(..range.end)?.rfind(name)? };
    Some(start..start + name.len())
}

#[cfg(test)]
mod tests;
