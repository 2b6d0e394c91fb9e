//! Checks a tree against the published schema, and against the rules about keys of the root manifest.

use std::sync::LazyLock;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::{Map, Value as Json};

use super::messages;
use super::node_path::NodePath;
use super::transform::allowed_words;
use crate::diagnostic::{Code, Diagnostic, MAX_DIAGNOSTICS, Report, nearest};
use crate::source::Origin;
use crate::yaml::{Entry, Node, Value, to_json};

/// The keys that an included file may not have.
const ROOT_ONLY: [&str; 9] =
    ["callsheet", "required_version", "include", "defaults", "environments", "guards", "ledger", "pull", "allow"];

/// The role of a file: the root manifest, or one that it includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    /// `callsheet.yaml`.
    Root,
    /// A file that `include` names.
    Included,
}

/// The published schema, read from its file: generating it from the types takes a third of the time of a small plan.
const PUBLISHED: &str = include_str!("../../schema/callsheet.schema.json");

/// The published schema as a value: for error messages, and as the base of a project's own.
#[expect(clippy::expect_used, reason = "a test compares the file with the types; every test reads it")]
pub(super) static SCHEMA: LazyLock<Json> =
    LazyLock::new(|| serde_json::from_str(PUBLISHED).expect("the published schema is JSON"));

/// The validator, generated from the published schema at compile time, so that no run parses the schema.
///
/// It takes linear time in the length of a text, because our patterns need only plain regular expressions.
#[jsonschema::validator(
    path = "schema/callsheet.schema.json",
    draft = Draft7,
    pattern_options = { engine = regex },
    methods = { is_valid = true, validate = false, iter_errors = true }
)]
pub(super) struct PublishedSchema;

/// Reports every error of a file's tree. Returns `true` if there is none.
///
/// `text` is that of the file.
pub fn check(tree: &Node, role: FileRole, text: &str, report: &mut Report) -> bool {
    let by_role = check_role(tree, role);
    let instance = to_json(tree);
    if by_role.is_empty() && PublishedSchema::is_valid(&instance) {
        return true;
    }
    // A misplaced key is one error, whatever is wrong below it.
    let misplaced = |key: &str| role == FileRole::Included && ROOT_ONLY.contains(&key);
    let errors = PublishedSchema::iter_errors(&instance)
        .filter(|error| !error.instance_path().as_str().split('/').nth(1).is_some_and(misplaced))
        .take(MAX_DIAGNOSTICS);
    let errors = diagnostics(&SCHEMA, errors, (tree, text));
    if errors.is_empty() && by_role.is_empty() {
        // Validating and listing errors are two functions of the validator. If they disagree, the file is still
        // invalid.
        let message = "the published schema rejects this file, and callsheet cannot say where";
        let help = "an editor with the schema of `callsheet schema` shows the place; report this as a bug";
        report.push(Diagnostic::new(Code::WrongType, message, tree.origin).help(help));
    }
    for error in errors {
        report.push(error);
    }
    let version_misspelt = || {
        let unknown = |entry: &&Entry| SCHEMA["properties"].get(&*entry.key).is_none();
        let mut unknown = tree.as_map().into_iter().flat_map(|map| &map.entries).filter(unknown);
        unknown.any(|entry| nearest(&entry.key, ["callsheet"]).is_some())
    };
    for error in by_role {
        if error.code != Code::MissingVersion || !version_misspelt() {
            report.push(error);
        }
    }
    false
}

/// Returns the errors about keys that the file's role requires or forbids.
fn check_role(tree: &Node, role: FileRole) -> Vec<Diagnostic> {
    let Some(map) = tree.as_map() else { return Vec::new() };
    match role {
        FileRole::Root if map.get("callsheet").is_none() => {
            let start = Origin::new(tree.origin.file, 0, 0);
            let made = Diagnostic::new(Code::MissingVersion, "the root manifest lacks `callsheet: 1`", start);
            vec![made.help("write `callsheet: 1` at the top of the file")]
        }
        FileRole::Root => Vec::new(),
        FileRole::Included => {
            let misplaced = map.entries.iter().filter(|entry| ROOT_ONLY.contains(&&*entry.key));
            let told = misplaced.map(|entry| {
                let message = format!("`{}` is allowed only in the root manifest", entry.key);
                Diagnostic::new(Code::RootOnly, message, entry.key_origin).help(if &*entry.key == "callsheet" {
                    "remove it: an included file has the version of the root manifest".to_owned()
                } else {
                    format!("move `{}` to `callsheet.yaml`", entry.key)
                })
            });
            told.collect()
        }
    }
}

/// Returns the diagnostics of errors that were found in a tree. Each error has at least one.
pub(super) fn diagnostics<'i>(
    document: &Json,
    errors: impl Iterator<Item = ValidationError<'i>>,
    (tree, text): (&Node, &str),
) -> Vec<Diagnostic> {
    let mut made = Vec::new();
    let mut mistyped = None;
    for error in errors {
        // A value of the wrong type needs no further message.
        if mistyped.as_ref() == Some(error.instance_path()) {
            continue;
        }
        if matches!(error.kind(), Kind::Type { .. }) {
            mistyped = Some(error.instance_path().clone());
        }
        let spot = NodePath::find(tree, text, error.instance_path().as_str());
        made.extend(diagnose(document, &error, &spot));
    }
    made
}

fn diagnose(document: &Json, error: &ValidationError<'_>, spot: &NodePath<'_>) -> Vec<Diagnostic> {
    let path = error.schema_path().as_str().rsplit_once('/').map_or("", |(path, _)| path);
    let nothing = Map::new();
    let schema = document.pointer(path).and_then(Json::as_object).unwrap_or(&nothing);
    // The key may come from a merge.
    let of_key = |key: &str, words: &dyn Fn(&Entry) -> Diagnostic| match (spot.member(key), spot.entry(key)) {
        (Some(member), Some(entry)) => member.through_alias(words(entry)),
        _ => messages::other(error, spot),
    };
    let one = match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let unknown = |entry: &Entry| messages::unknown_field(document, schema, entry);
            return unexpected.iter().map(|key| of_key(key, &unknown)).collect();
        }
        Kind::Pattern { pattern } if path.ends_with("/propertyNames") => {
            let key = error.instance().as_str().unwrap_or_default();
            return vec![of_key(key, &|entry| messages::bad_key(pattern, entry, spot))];
        }
        Kind::Required { property } => messages::missing_field(property.as_str().unwrap_or_default(), spot),
        Kind::MinProperties { .. } | Kind::MinItems { .. } => messages::empty(schema, spot),
        Kind::MinLength { .. } => messages::null_value(spot),
        Kind::Pattern { pattern } => messages::pattern_mismatch(pattern, schema, spot),
        Kind::Minimum { .. } | Kind::Maximum { .. } | Kind::ExclusiveMinimum { .. } => {
            messages::out_of_range(schema, spot)
        }
        Kind::Constant { expected_value } => messages::version(expected_value, spot.node),
        Kind::Type { .. } | Kind::Enum { .. } | Kind::AnyOf { .. } => match (&spot.node.value, allowed_words(schema)) {
            (Value::Null, _) => messages::null_value(spot),
            (Value::String(_), Some(known)) => messages::unknown_value(known, spot),
            _ => messages::wrong_type(document, schema, spot),
        },
        _ => messages::other(error, spot),
    };
    vec![spot.through_alias(one)]
}
