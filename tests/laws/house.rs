//! The house as `CONTRIBUTING.md` draws it: imports run only downwards, faces define nothing, no file is a giant.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the top down, each with the rooms it may import; those must stand below it, so no circle can be.
///
/// A new room, or an edge that proves necessary, is entered here with its reason.
const ROOMS: &[(&str, &[&str])] = &[
    // Commands hold what the rooms give them: plans, outcomes, lockfiles, errors are named by their types. `sandbox`
    // is a command of its own, `schema` too, and `source` finds the root that a command is about.
    (
        "cli",
        &[
            "project", "output", "apply", "results", "plan", "preview", "catalog", "lockfile", "vendor", "sandbox",
            "schema", "spec", "source",
        ],
    ),
    // Shows how takes stand and are fetched (`results`), takes (`lock`), the request as curl (`vendor`: form and
    // advice) and places (`source`) beside plan and run.
    // Findings and observations of `doctor` are values of the front door (`project`).
    (
        "output",
        &[
            "project",
            "apply",
            "results",
            "plan",
            "preview",
            "catalog",
            "vendor",
            "lockfile",
            "spec",
            "fields",
            "diagnostic",
            "source",
        ],
    ),
    (
        "project",
        &[
            "apply",
            "results",
            "plan",
            "catalog",
            "preview",
            "vendor",
            "lockfile",
            "expand",
            "schema",
            "manifest",
            "yaml",
            "spec",
            "fields",
            "diagnostic",
            "source",
        ],
    ),
    // What a take is thought to take and cost, and its digest, are `spec`'s words; `source` puts files in place whole.
    ("results", &["lockfile", "vendor", "spec", "source"]),
    // It needs no plan, only the work that `project` makes of one; records and digests are `spec`'s words.
    ("apply", &["lockfile", "vendor", "spec"]),
    // Links of the vendor are kept without their signatures, which `spec` knows.
    ("catalog", &["vendor", "spec", "source"]),
    // Names of the wire, nothing of the clients (see below); the vendor's table; `diagnostic` for its nearest name.
    ("sandbox", &["vendor", "preview", "spec", "fields", "diagnostic", "source"]),
    // Frames know nothing but specs; a plan comes to them as shots, made by `project`. Remote pictures come from the
    // addresses that results may come from, which `vendor` decides.
    ("preview", &["vendor", "spec", "source"]),
    // The place that caused a change, and the field that it is in.
    ("plan", &["lockfile", "spec", "fields", "source"]),
    // The one cleaner of foreign text (`source`); a form has a part for each field.
    ("vendor", &["spec", "fields", "source"]),
    ("lockfile", &["spec", "source"]),
    // A local file is inspected and hashed as it enters a spec; rows in YAML are read by `yaml`; its tests check
    // manifests by `schema` first, as `project` does.
    ("expand", &["media", "schema", "manifest", "yaml", "spec", "fields", "diagnostic", "source"]),
    // A pointer of Git LFS is known by its text.
    ("media", &["spec", "source"]),
    // The words of closed lists.
    ("schema", &["manifest", "spec", "fields", "yaml", "diagnostic", "source"]),
    // Declarations are rows of the vendor's table.
    ("manifest", &["fields", "yaml", "diagnostic", "source"]),
    // Places of what a record came from.
    ("spec", &["fields", "source"]),
    // Literals are read from nodes of YAML, and what is wrong with one is told as a diagnostic.
    ("fields", &["yaml", "diagnostic", "source"]),
    ("yaml", &["diagnostic", "source"]),
    ("diagnostic", &["source"]),
    ("source", &[]),
];

/// A file is split before this.
const MOST_LINES: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files under a folder, with their names relative to it.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The text without comments, so that a room named in prose is no import.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// What stands behind each `crate::`: `lock::Take`, or the parts of `{lock, spec::Digest}`.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in code(text).split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let mut depth = 1;
            let mut one = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => found.push(std::mem::take(&mut one)),
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                if letter != ',' {
                    one.push(letter);
                }
            }
            found.push(one);
        } else {
            let word = |one: char| one.is_alphanumeric() || one == '_' || one == ':';
            found.push(part.chars().take_while(|one| word(*one)).collect());
        }
    }
    found.into_iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

fn room(path: &str) -> &str {
    path.split(['/', ':', ' ']).next().unwrap_or_default()
}

#[test]
fn imports_run_only_downwards() {
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for (name, text) in files(&root().join("src")) {
        let Some((from, _)) = name.split_once('/') else { continue };
        let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == from) else {
            wrong.push(format!("{name}: the room `{from}` is not in the table"));
            continue;
        };
        for import in imports(&text) {
            let to = room(&import);
            if to == from {
                continue;
            }
            used.insert((from.to_owned(), to.to_owned()));
            if !allowed.contains(&to) {
                wrong.push(format!("{name}: `{from}` imports `{to}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let listed = ROOMS.iter().flat_map(|(from, to)| to.iter().map(|to| ((*from).to_owned(), (*to).to_owned())));
    let idle: Vec<_> = listed.filter(|edge| !used.contains(edge)).collect();
    assert!(idle.is_empty(), "nothing needs these edges any more: {idle:?}");
}

#[test]
fn every_room_imports_only_rooms_below_it() {
    for (index, (from, allowed)) in ROOMS.iter().enumerate() {
        for to in *allowed {
            let place = ROOMS.iter().position(|(room, _)| room == to);
            assert!(place.is_some_and(|place| place > index), "`{to}` does not stand below `{from}`");
        }
    }
}

#[test]
fn the_sandbox_knows_the_wire_and_nothing_of_the_clients() {
    // The tests of forms read what the client sends.
    for (name, text) in
        files(&root().join("src/sandbox")).into_iter().filter(|(name, _)| !name.starts_with("form/tests/"))
    {
        for import in imports(&text).into_iter().filter(|import| room(import) == "vendor") {
            assert!(import.starts_with("vendor::wire"), "{name} imports `{import}`");
        }
    }
}

#[test]
fn faces_define_nothing() {
    for (name, text) in files(&root().join("src")) {
        // The stories of a room share their means in the face of its tests.
        let face = name.ends_with("mod.rs") && !name.contains("tests/");
        if !face && name != "lib.rs" {
            continue;
        }
        let mut inside = false;
        for line in code(&text).lines().map(str::trim).filter(|line| !line.is_empty()) {
            let begins = ["mod ", "pub mod ", "pub(crate) mod ", "use ", "pub use ", "pub(super) use ", "#["];
            assert!(inside || begins.iter().any(|word| line.starts_with(word)), "{name} defines something: {line}");
            inside = !line.ends_with([';', ']']);
        }
    }
}

#[test]
fn no_file_is_a_giant() {
    let all = ["src", "tests"].map(|folder| files(&root().join(folder)));
    let long: Vec<_> = all.iter().flatten().filter(|(_, text)| text.lines().count() > MOST_LINES).collect();
    let names: Vec<&str> = long.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.is_empty(), "more than {MOST_LINES} lines: {names:?}");
}

#[test]
fn an_import_is_read_however_it_is_written() {
    let text = "use crate::{lockfile::{Take, Record}, spec};\nuse crate::plan::plan; // crate::cli\nlet x = crate::vendor::advice(y);\n//! crate::output\n";
    let rooms: Vec<String> = imports(text).iter().map(|one| room(one).to_owned()).collect();
    assert_eq!(rooms, ["lockfile", "spec", "plan", "vendor"]);
}
