//! Finds the cause of each changed field of a plan: a line of a script file, a row of a data file, a variable.
//!
//! A plan contains the location where a manifest declares a field. If a template or a script file provides the value,
//! the change is usually elsewhere, in one of its references. So these videos are expanded again, with a trace.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::{CompiledProject, ProcessEnv};
use crate::expand::{ExpandInputs, trace};
use crate::fields::{FieldPath, Table, Type, pattern::has_template};
use crate::plan::{FieldCause, FieldChange, Plan, field_cause};
use crate::source::{Location, Origin, Sources};
use crate::spec::{FieldTrace, InstanceTrace, ReferenceOrigin};
use crate::yaml::{ScalarStyle, Text, origin_in_scalar};

/// Sets the location of each changed field of a plan to its cause. If the system cannot start a thread, the locations
/// in the manifest remain.
///
/// Expands a video again only if a template or a script file provides one of its changed fields.
pub fn find_causes(plan: &mut Plan, compiled: &CompiledProject, process_env: &ProcessEnv) {
    // The clone shares the files. Scripts that are read again are added only to the clone.
    let mut sources = compiled.sources.clone();
    let made = plan
        .changes
        .iter()
        .filter(|change| change.diff.iter().any(|field| is_made(field, (compiled.manifest.table, &sources))));
    let keys: HashSet<Arc<str>> = made.map(|change| Arc::clone(&change.key)).collect();
    let traces = if keys.is_empty() {
        HashMap::new()
    } else {
        let env = process_env.visible_variables(&compiled.manifest);
        let inputs = ExpandInputs { root: &compiled.root, sources: &mut sources, env: &env, now: process_env.now };
        trace(&compiled.manifest, inputs, &keys, &[]).unwrap_or_default()
    };
    for change in &mut plan.changes {
        let trace = traces.get(&change.key);
        for field in &mut change.diff {
            if let Some(place) = cause(field, trace, (compiled.manifest.table, &sources)) {
                field.origin = Some(place);
            }
        }
    }
}

/// Returns `true` if a template or a script file provides a field.
fn is_made(field: &FieldChange, (table, sources): (&Table, &Sources)) -> bool {
    let Some((path, origin)) = field.declared else { return false };
    let written = sources.text(origin.file, origin.span);
    let letters = |text: &str| text.chars().filter(|one| one.is_alphanumeric()).collect::<String>();
    let is_elsewhere = || letters(written) != letters(&printed(field.after.as_ref()));
    match table.ty(path.row) {
        Some(Type::File(_)) | None => false,
        Some(Type::Speech) => has_template(written) || is_elsewhere(),
        Some(_) => has_template(written),
    }
}

fn cause(field: &FieldChange, trace: Option<&InstanceTrace>, (table, sources): (&Table, &Sources)) -> Option<Location> {
    let (path, origin) = field.declared?;
    let (before, after) = (printed(field.before.as_ref()), printed(field.after.as_ref()));
    let trace = trace.and_then(|trace| trace.fields.iter().find(|trace| trace.field == path));
    match (table.ty(path.row)?, trace) {
        // The content of the file changed, but a manifest contains only its path.
        (Type::File(_), _) => None,
        (_, Some(trace)) => traced(trace, (&before, &after), origin, sources),
        (Type::Speech, None) => literal(path, (&before, &after), origin, sources),
        (_, None) => None,
    }
}

fn traced(trace: &FieldTrace, sides: (&str, &str), declared_at: Origin, sources: &Sources) -> Option<Location> {
    let script = trace.script.as_ref().map(|script| script.origin);
    let text = script.map(|script| sources.text(script.file, script.span));
    match field_cause(trace, text, sides)? {
        FieldCause::Reference(reference) => match reference.origin.as_ref()? {
            ReferenceOrigin::Manifest(origin) => Some(Location::new(sources, *origin)),
            ReferenceOrigin::Row(row) => {
                Some(Location { file: row.file.to_string(), line: row.line.try_into().ok()?, column: 1 })
            }
        },
        FieldCause::Script(byte) => {
            script.map(|script| Location::new(sources, Origin::new(script.file, byte as u32, byte as u32)))
        }
        FieldCause::Template(byte) => {
            let template = trace.template.as_ref()?;
            Some(Location::new(sources, find_in_scalar(template, byte, declared_at, sources)))
        }
    }
}

/// Returns the location of the changed line of a multi-line text. `None` if it is the first line.
fn literal(field: FieldPath, sides: (&str, &str), declared_at: Origin, sources: &Sources) -> Option<Location> {
    let text: Arc<str> = sides.1.into();
    let trace = FieldTrace { field, template: Some(Arc::clone(&text)), references: Vec::new(), script: None };
    let Some(FieldCause::Template(byte)) = field_cause(&trace, None, sides) else { return None };
    let place = Location::new(sources, find_in_scalar(&text, byte, declared_at, sources));
    (place.line > Location::new(sources, declared_at).line).then_some(place)
}

/// Returns the origin of a byte of a text within a scalar of a manifest, or of the scalar if it does not contain the
/// text.
fn find_in_scalar(text: &Arc<str>, byte: usize, scalar: Origin, sources: &Sources) -> Origin {
    let styles = match sources.text(scalar.file, scalar.span).as_bytes() {
        [b'\'', ..] => &[ScalarStyle::Single][..],
        [b'"', ..] => &[ScalarStyle::Double],
        _ => &[ScalarStyle::Literal, ScalarStyle::Folded, ScalarStyle::Plain],
    };
    let find = |style: &ScalarStyle| {
        let text = Text { text: Arc::clone(text), style: *style, cut: 0, alias: None };
        let found = origin_in_scalar(sources.get(scalar.file), scalar, &text, byte..byte);
        (found != scalar).then_some(found)
    };
    styles.iter().find_map(find).unwrap_or(scalar)
}

fn printed(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
