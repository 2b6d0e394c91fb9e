//! The layering of `CONTRIBUTING.md`: imports point only downward, `mod.rs` files define nothing, no file is too long.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules from top to bottom, each with the modules it may import. Those must be below it, which rules out cycles.
///
/// Enter a new module or a necessary new edge here, with its reason.
const MODULES: &[(&str, &[&str])] = &[
    // Commands name the types that modules return: plans, outcomes, lockfiles, errors. `sandbox` and `schema` are
    // separate commands, and `source` finds the root of a project.
    (
        "cli",
        &[
            "project", "output", "apply", "ledger", "results", "plan", "preview", "catalog", "lockfile", "vendor",
            "sandbox", "schema", "spec", "source",
        ],
    ),
    // In addition to plans and runs, it shows the status of takes and downloads (`results`), takes (`lockfile`), the
    // request as curl (`vendor`: form and advice) and locations (`source`).
    // Findings and observations of `doctor` are types of `project`.
    (
        "output",
        &[
            "project",
            "apply",
            "ledger",
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
            "ledger",
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
    // `spec` estimates the length and cost of a take, and computes its digest. `source` writes files atomically.
    ("results", &["lockfile", "vendor", "spec", "source"]),
    // It needs no plan, only the work that `project` derives from one. `spec` defines records and digests.
    ("apply", &["ledger", "lockfile", "vendor", "spec"]),
    // One lockfile in a place that all runs share. `source` makes the file that says when it was read.
    ("ledger", &["lockfile", "source"]),
    // The catalog stores the vendor's links without their signatures, which `spec` recognizes.
    ("catalog", &["vendor", "spec", "source"]),
    // The wire names and the vendor's table, but no client code (see below). `diagnostic` finds the nearest name, `media`
    // measures uploads.
    ("sandbox", &["vendor", "preview", "spec", "media", "fields", "diagnostic", "source"]),
    // Frames need only specs. `project` turns a plan into shots. `vendor` decides which addresses may serve remote
    // pictures, by the same rule as for results.
    ("preview", &["vendor", "spec", "source"]),
    // The location that caused a change, and its field.
    ("plan", &["lockfile", "spec", "fields", "source"]),
    // `source` has the only function that sanitizes untrusted text. A form has one part per field.
    ("vendor", &["spec", "fields", "source"]),
    ("lockfile", &["spec", "source"]),
    // Expanding inspects and hashes the local files of a spec. `yaml` reads rows in YAML.
    ("expand", &["media", "manifest", "yaml", "spec", "fields", "diagnostic", "source"]),
    // `spec` recognizes a Git LFS pointer by its text.
    ("media", &["spec", "source"]),
    // The values of closed lists.
    ("schema", &["manifest", "fields", "yaml", "diagnostic", "source"]),
    // Declarations are rows of the vendor's table.
    ("manifest", &["fields", "yaml", "diagnostic", "source"]),
    // The location that a record came from.
    ("spec", &["fields", "source"]),
    // Literals are read from YAML nodes, and errors in them are reported as diagnostics.
    ("fields", &["yaml", "diagnostic", "source"]),
    ("yaml", &["diagnostic", "source"]),
    ("diagnostic", &["source"]),
    ("source", &[]),
];

/// Maximum number of lines per file.
const MAX_LINES: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns all Rust files in a directory, with their relative paths.
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

/// Returns the text without comments, so that a module named in prose does not count as an import.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Returns what follows each `crate::`: `lockfile::Take`, or the parts of `{lockfile, spec::Digest}`.
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

fn module(path: &str) -> &str {
    path.split(['/', ':', ' ']).next().unwrap_or_default()
}

#[test]
fn imports_run_only_downwards() {
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for (name, text) in files(&root().join("src")) {
        let Some((from, _)) = name.strip_prefix("core/").unwrap_or(&name).split_once('/') else { continue };
        let Some((_, allowed)) = MODULES.iter().find(|(module, _)| *module == from) else {
            wrong.push(format!("{name}: the module `{from}` is not in the table"));
            continue;
        };
        for import in imports(&text) {
            let to = module(&import);
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
    let listed = MODULES.iter().flat_map(|(from, to)| to.iter().map(|to| ((*from).to_owned(), (*to).to_owned())));
    let idle: Vec<_> = listed.filter(|edge| !used.contains(edge)).collect();
    assert!(idle.is_empty(), "nothing needs these edges: {idle:?}");
}

#[test]
fn every_module_imports_only_modules_below_it() {
    for (index, (from, allowed)) in MODULES.iter().enumerate() {
        for to in *allowed {
            let place = MODULES.iter().position(|(module, _)| module == to);
            assert!(place.is_some_and(|place| place > index), "`{to}` is not below `{from}`");
        }
    }
}

#[test]
fn the_sandbox_knows_the_wire_and_nothing_of_the_clients() {
    // The tests of forms read what the client sends.
    for (name, text) in
        files(&root().join("src/sandbox")).into_iter().filter(|(name, _)| !name.starts_with("form/tests/"))
    {
        for import in imports(&text).into_iter().filter(|import| module(import) == "vendor") {
            assert!(import.starts_with("vendor::wire"), "{name} imports `{import}`");
        }
    }
}

#[test]
fn mod_rs_files_define_nothing() {
    for (name, text) in files(&root().join("src")) {
        // The `mod.rs` of tests may define helpers that the tests of a module share.
        let module = name.ends_with("mod.rs") && !name.contains("tests/");
        if !module && !name.ends_with("lib.rs") {
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
    let long: Vec<_> = all.iter().flatten().filter(|(_, text)| text.lines().count() > MAX_LINES).collect();
    let names: Vec<&str> = long.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.is_empty(), "more than {MAX_LINES} lines: {names:?}");
}

#[test]
fn an_import_is_read_however_it_is_written() {
    let text = "use crate::{lockfile::{Take, Record}, spec};\nuse crate::plan::plan; // crate::cli\nlet x = crate::vendor::advice(y);\n//! crate::output\n";
    let modules: Vec<String> = imports(text).iter().map(|one| module(one).to_owned()).collect();
    assert_eq!(modules, ["lockfile", "spec", "plan", "vendor"]);
}
