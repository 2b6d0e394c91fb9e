//! A tree against the published schema, in our own words; and what only the root manifest may hold.

use std::sync::LazyLock;

use serde_json::Value;

use super::rules::Rules;
use super::walk;
use crate::diagnostic::{Code, Diagnostic, Report, nearest};
use crate::source::Origin;
use crate::yaml::{Node, to_json};

/// What an included file may not hold.
const ROOT_ONLY: [&str; 7] =
    ["callsheet", "required_version", "include", "defaults", "environments", "guards", "allow"];

/// Whether a file is the root manifest or one that it includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    /// `callsheet.yaml`.
    Root,
    /// A file named by `include`.
    Included,
}

/// The schema as it is published: the very file, since making it anew from the types takes a third of a small plan.
const PUBLISHED: &str = include_str!("../../schema/callsheet.schema.json");

/// The published schema, and what is made of it; each once a process, when it is first asked for.
#[expect(clippy::expect_used, reason = "a test holds the file against the types; every test reads it")]
static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(PUBLISHED).expect("the published schema is JSON"));
static RULES: LazyLock<Rules<'static>> = LazyLock::new(|| Rules::new(&SCHEMA));

/// The judge: the published schema, made into code when this program is compiled, so that no start has to read it.
///
/// Our patterns need no more than regular expressions, and those take time by the length of the text only.
#[jsonschema::validator(
    path = "schema/callsheet.schema.json",
    draft = Draft7,
    pattern_options = { engine = regex },
    methods = { is_valid = true, validate = false, iter_errors = false }
)]
pub(super) struct Published;

/// Reports every fault of a file's tree; true when there is none.
///
/// `text` is that of the file. The validator is the judge, by exactly the schema that is published; the walk finds the words.
pub fn check(tree: &Node, role: FileRole, text: &str, report: &mut Report) -> bool {
    let by_role = by_role(tree, role);
    let instance = to_json(tree);
    if by_role.is_empty() && Published::is_valid(&instance) {
        return true;
    }
    let mut faults = walk::faults(&RULES, tree, text);
    if role == FileRole::Included {
        // what does not belong into the file at all is told once, not also for what is wrong in it
        let misplaced = by_role.iter().filter_map(|one| one.primary.as_ref()).map(|label| label.origin);
        let misplaced: Vec<Origin> = misplaced.collect();
        faults.retain(|one| !under(tree, &misplaced, one));
    }
    let version_misspelt = || {
        tree.as_map().is_some_and(|map| {
            let unknown = map.entries.iter().filter(|entry| SCHEMA["properties"].get(&*entry.key).is_none());
            unknown.into_iter().any(|entry| nearest(&entry.key, ["callsheet"]).is_some())
        })
    };
    let told = faults.len() + by_role.len();
    for fault in faults {
        report.push(fault);
    }
    for fault in by_role {
        if fault.code == Code::MissingVersion && version_misspelt() {
            continue;
        }
        report.push(fault);
    }
    if told == 0 && !Published::is_valid(&instance) {
        // the walk and the schema agree by a property test; if they ever do not, nothing passes in silence
        let message = "the published schema refuses this file, and callsheet cannot say where";
        let help = "an editor with the schema of `callsheet schema` shows the place; please report this as a bug";
        report.push(Diagnostic::new(Code::WrongType, message, tree.origin).help(help));
    }
    false
}

/// What a file's role asks for beyond the schema.
fn by_role(tree: &Node, role: FileRole) -> Vec<Diagnostic> {
    let Some(map) = tree.as_map() else { return Vec::new() };
    match role {
        FileRole::Root if map.get("callsheet").is_none() => {
            let start = Origin::new(tree.origin.file, 0, 0);
            let made = Diagnostic::new(Code::MissingVersion, "the root manifest lacks `callsheet: 1`", start)
                .help("write `callsheet: 1` at the top of the file");
            vec![made]
        }
        FileRole::Root => Vec::new(),
        FileRole::Included => {
            let misplaced = map.entries.iter().filter(|entry| ROOT_ONLY.contains(&&*entry.key));
            let told = misplaced.map(|entry| {
                let message = format!("`{}` stands in the root manifest only", entry.key);
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

/// Whether a fault lies in the value of one of the keys at `keys`.
fn under(tree: &Node, keys: &[Origin], fault: &Diagnostic) -> bool {
    let Some(place) = fault.primary.as_ref().map(|label| label.origin) else { return false };
    let entries = tree.as_map().into_iter().flat_map(|map| &map.entries);
    entries
        .filter(|entry| keys.contains(&entry.key_origin))
        .any(|entry| place == entry.key_origin || holds(&entry.value, place))
}

/// Whether a place is one of a tree's nodes or keys.
fn holds(node: &Node, place: Origin) -> bool {
    node.origin == place
        || node.as_list().into_iter().flatten().any(|item| holds(item, place))
        || node
            .as_map()
            .into_iter()
            .flat_map(|map| &map.entries)
            .any(|entry| entry.key_origin == place || holds(&entry.value, place))
}
