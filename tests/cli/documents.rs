//! Every machine-readable document conforms to its published schema, and has no property that the schema does not name.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::fixture::Scene;
use crate::help::commands;
use crate::reference::keep;
use crate::schemas::valid_lines;
use crate::server::Server;

/// The schema of each command's `--format json` output. Empty if the output is only human-readable.
const WRITTEN: &[(&str, &str)] = &[
    ("init", ""),
    ("validate", "diagnostics"),
    ("render", "render"),
    ("explain a", "explain"),
    ("plan", "plan"),
    ("show a", "plan"),
    ("apply", "events"),
    ("status", "status"),
    ("wait", "events"),
    ("pull", "events"),
    ("preview", "preview"),
    ("lock show", "takes"),
    ("lock verify", "findings"),
    ("lock forget a", "takes"),
    ("lock merge", ""),
    ("lock missing a", ""),
    ("lock settle", "events"),
    ("lock adopt a b", "takes"),
    ("lock free a", "takes"),
    ("lock reuse a", "takes"),
    ("lock rebuild", "events"),
    ("lock share", ""),
    ("lock unshare", ""),
    ("lock fetch", ""),
    ("lock report", "report"),
    ("catalog sync", "catalog-sync"),
    ("catalog avatars", "catalog"),
    ("catalog voices", "catalog"),
    ("catalog templates", "catalog"),
    ("doctor", "doctor"),
    ("doctor --spend", "events"),
    ("sandbox", "events"),
    // Its output is always JSON.
    ("schema", "manifest"),
    ("completions bash", ""),
    ("man", ""),
];

/// Returns the command in a line of [`WRITTEN`], without its arguments.
fn command(line: &str) -> &str {
    line.trim_end_matches(" a b").trim_end_matches(" a").trim_end_matches(" bash").trim_end_matches(" --spend")
}

/// Returns the published schema, changed to reject all unnamed properties.
fn strict(name: &str) -> jsonschema::Validator {
    fn close(schema: &mut Value) {
        match schema {
            Value::Object(object) => {
                if object.contains_key("properties") {
                    object.insert("additionalProperties".to_owned(), json!(false));
                }
                object.values_mut().for_each(close);
            }
            Value::Array(list) => list.iter_mut().for_each(close),
            _ => {}
        }
    }
    let mut schema: Value = serde_json::from_str(&Scene::new().ok(&["schema", name]).out).unwrap();
    assert_eq!(schema["properties"]["format_version"]["const"], 1, "{name}");
    close(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

/// Checks a document against its schema.
pub fn keeps(name: &str, text: &str) -> Value {
    let document: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let faults: Vec<String> =
        strict(name).iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{name}: {faults:#?}\n{text}");
    document
}

#[test]
fn every_command_has_a_schema_for_what_it_writes_or_refuses_to() {
    let scene = Scene::new();
    let listed: BTreeSet<String> = WRITTEN.iter().map(|(line, _)| command(line).to_owned()).collect();
    let leaves = commands().into_iter().map(|words| words.join(" "));
    let known: BTreeSet<String> = leaves.filter(|words| !["", "lock", "catalog"].contains(&words.as_str())).collect();
    assert_eq!(listed, known);
    for (line, schema) in WRITTEN {
        if schema.is_empty() {
            let refused = scene.run(&line.split(' ').chain(["--format", "json"]).collect::<Vec<_>>());
            let says = "error: invalid value 'json' for '--format <FORMAT>'\n  [possible values: human]\n\nFor more information, try '--help'.\n";
            assert_eq!((refused.code, refused.err.as_str()), (64, says), "{line}");
        } else {
            scene.ok(&["schema", schema]);
        }
    }
}

#[test]
fn a_command_takes_only_the_formats_that_it_lists() {
    fn values(command: &clap::Command) -> Vec<String> {
        let option = command.get_arguments().find(|option| option.get_id() == "format").unwrap();
        option.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
    }
    let root = callsheet::cli::command();
    assert_eq!(values(&root).len(), 8);
    for (line, schema) in WRITTEN {
        let named = command(line).split(' ').fold(&root, |command, name| command.find_subcommand(name).unwrap());
        let listed = values(named);
        assert_eq!(listed.contains(&"json".to_owned()), !schema.is_empty(), "{line}: {listed:?}");
        for format in values(&root) {
            let words: Vec<&str> = line.split(' ').collect();
            for args in [[&words[..], &["--format", &format]].concat(), [&["--format", &format][..], &words].concat()] {
                let parsed = callsheet::cli::parse(["callsheet"].into_iter().chain(args).map(OsString::from));
                let names = format!("[possible values: {}]", listed.join(", "));
                match parsed {
                    Ok(_) => assert!(listed.contains(&format), "{line} takes {format}"),
                    Err(error) => assert!(
                        !listed.contains(&format) && error.to_string().contains(&names),
                        "{line} --format {format}: {error}"
                    ),
                }
            }
        }
    }
    assert_eq!(values(root.find_subcommand("lock").unwrap()), ["human", "json", "csv"], "those of its commands");
}

#[test]
fn the_documents_page_names_every_schema() {
    let mut text = "# Documents for programs\n\nWith `--format json` a command writes one document, or a stream of events, to stdout; everything else goes to stderr. \
        A document begins with `format_version`, which is 1.\nWithin a version fields may be added, so ignore what you do not know. `plan` and `explain` have `kind` for a video \
        of another kind than avatar videos: `template-to-video`. \
        `callsheet schema NAME` prints a schema; [schema/](../../schema) holds all of them.\n\n\
        Long commands write JSON Lines: one event per line, the last of them `summary` with the `exit_code`. `validate --watch` writes its document on one line, again and again. \
        Where the manifests are invalid,\na command that needs them reports it on stderr and writes no document, except `validate`.\n\n\
        `plan --json-into FILE` writes the document, and `apply --json-into FILE` the events, to a file in addition to any format. \
        A pipeline plans once, and has the comment and the numbers. The bytes are those of\n`--format json`. \
        `apply` opens the file before anything is sent, and exits with 1 if a line of it could not be written.\n\n\
        | command | schema |\n|---|---|\n".to_owned();
    for (line, schema) in WRITTEN.iter().filter(|(line, schema)| !schema.is_empty() && *line != "schema") {
        let shown = if line.ends_with("--spend") { line } else { command(line) };
        let _infallible =
            writeln!(text, "| `{shown} --format json` | [`{schema}`](../../schema/{schema}.schema.json) |");
    }
    text.push_str("\nA line of the lockfile has the schema [`lock`](../../schema/lock.schema.json), a manifest [`manifest`](../../schema/callsheet.schema.json).\n");
    keep("docs/reference/json.md", &text);
}

#[test]
fn messages_keep_to_their_schema() {
    let scene = Scene::manifest(
        "callsheet: 1\nvoices: { a: { tts: { id: V, sped: 1.1 } } }\ndefaults: { avatar: { id: A }, background: {} }\nvideos:\n  v:\n    rows: { path: rows.csv, key: \"{{ row.id }}\" }\n    voice: { silence: { duration: \"{{ row.seconds }}\" } }\n  w: { voice: nobody, script: Hello }\n",
    );
    scene.write("rows.csv", "id,seconds\n1,5\n2,five\n2,3\n");
    let shown = scene.run(&["validate", "--format", "json"]);
    let told = keeps("diagnostics", &shown.out);
    assert!(told["diagnostics"].as_array().unwrap().iter().any(|one| one["row"].is_object()), "{told}");
    assert!(told["diagnostics"].as_array().unwrap().iter().any(|one| one["labels"][0].is_object()), "{told}");
    keeps("diagnostics", &Scene::example("quickstart").ok(&["validate", "--format", "json"]).out);
}

#[test]
fn specs_and_their_history_keep_to_their_schemas() {
    let scene = Scene::manifest(
        r##"callsheet: 1
avatars: { round: { id: A, style: round } }
defaults: { avatar: { id: A }, voice: { tts: { id: V, emotion: sad } }, background: { color: "#f4f4f4" }, script: Hello }
videos:
  spoken: { avatar: round, background: { media: { url: "https://cdn.example.com/a.jpg?X-Amz-Signature=abc", loop: true } } }
  heard: { voice: { file: { asset_id: F } }, background: { media: { path: a.svg, fit: cover } } }
  silent: { voice: { silence: { duration: 3 } }, background: { media: { asset_id: B } } }
"##,
    );
    scene.write("a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"16\" height=\"9\"/>");
    let told = keeps("render", &scene.ok(&["render", "--format", "json"]).out);
    assert_eq!(told["videos"].as_array().unwrap().len(), 3);
    for key in ["spoken", "heard", "silent"] {
        keeps("explain", &scene.ok(&["explain", key, "--format", "json"]).out);
    }
    let scene = Scene::example("localized");
    scene.ok(&["apply", "--env", "sandbox", "--yes", "--quiet"]);
    scene.edit("voices.yaml", "Vm9pY2VEZQ==", "Vm9pY2VERQ==");
    for key in ["onboarding[de,pro]", "onboarding[en,pro]"] {
        let told = keeps("explain", &scene.ok(&["explain", key, "--env", "sandbox", "--format", "json"]).out);
        assert_eq!(told["takes"].as_array().unwrap().len() + told["earlier"].as_array().unwrap().len(), 1, "{told}");
    }
    let told = keeps("preview", &scene.ok(&["preview", "--env", "sandbox", "--scale", "0.1", "--format", "json"]).out);
    assert!(told["frames"].as_array().unwrap().iter().any(|frame| frame["before"].is_string()), "{told}");
    assert!(told["frames"][0]["notices"][0].is_string(), "{told}");
    let scene = Scene::example("personalized");
    let told = keeps("explain", &scene.ok(&["explain", "thanks[1001]", "--format", "json"]).out);
    assert!(told["row"].is_object(), "{told}");
}

#[test]
fn what_is_said_of_the_lockfile_keeps_to_its_schemas() {
    let scene = Scene::example("quickstart");
    let json = ["--env", "sandbox", "--format", "json"];
    let lock = |words: &[&str]| scene.ok(&[&["lock"], words, &json[..]].concat()).out;
    assert_eq!(keeps("findings", &lock(&["verify"]))["findings"], json!([]), "no lockfile yet");
    assert_eq!(keeps("takes", &lock(&["show"]))["takes"], json!([]));
    let made = keeps("takes", &lock(&["reuse", "welcome", "--video", "8812345"]));
    assert_eq!((&made["takes"][0]["video"], &made["takes"][0]["how"]), (&json!("8812345"), &json!("accepted")));
    scene.ok(&["apply", "--env", "sandbox", "--yes", "--quiet"]);
    scene.ok(&["pull", "--wait", "--env", "sandbox", "--quiet", "greeting[*"]);
    let takes = keeps("takes", &lock(&["show"]));
    assert!(takes["takes"].as_array().unwrap().iter().any(|take| take["sha256"].is_string()), "{takes}");
    assert!(takes["takes"][0]["spec"].is_object(), "{takes}");
    for words in ["settle", "rebuild"] {
        let events = valid_lines("events", &lock(&[words]));
        assert_eq!(events.last().unwrap()["event"], "summary", "{events:?}");
    }
    scene.edit("callsheet.yaml", "  welcome:", "  intro:\n    take: 2");
    let gone = keeps("takes", &lock(&["forget", "welcome"]));
    assert_eq!(gone["takes"][0]["state"], "forgotten");
    let lines = scene.read(".callsheet/sandbox.lock");
    let mut lines: Vec<&str> = lines.lines().collect();
    lines[1..].reverse();
    scene.write(".callsheet/sandbox.lock", &format!("{}\n", lines.join("\n")));
    let found = keeps("findings", &lock(&["verify"]));
    assert_eq!(found["findings"][0]["code"], "unsorted", "{found}");
}

#[test]
fn plans_and_reports_hold_nothing_that_their_schemas_do_not_name() {
    let scene = Scene::example("localized");
    let json = ["--env", "sandbox", "--format", "json"];
    let ok = |words: &[&str]| scene.ok(&[words, &json[..]].concat()).out;
    keeps("plan", &ok(&["plan"]));
    scene.ok(&["apply", "--env", "sandbox", "--yes", "--quiet"]);
    scene.edit("voices.yaml", "Vm9pY2VEZQ==", "Vm9pY2VERQ==");
    scene.edit("callsheet.yaml", "max_submissions: 20", "max_submissions: 0");
    let plan = keeps("plan", &ok(&["plan", "--out", "a.plan"]));
    assert!(plan["refusals"][0].is_object() && plan["changes"][0]["diff"][0].is_object(), "{plan}");
    keeps("plan", &ok(&["show", "a.plan"]));
    for words in [&["status"][..], &["status", "--offline", "--all"]] {
        keeps("status", &ok(words));
    }
    keeps("report", &ok(&["lock", "report", "--by", "locale"]));
}

#[test]
fn a_settling_that_the_vendor_refuses_ends_with_its_summary() {
    let scene = Scene::example("quickstart");
    let server = Server::with(&scene, &["--key", "sk-another"]);
    let events = valid_lines("events", &server.exits(&scene, 3, &["lock", "settle", "--format", "json"]).out);
    let words: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(words, ["error", "summary"]);
    assert_eq!(events[1]["exit_code"], 3);
}

#[test]
fn the_catalogue_and_the_sandbox_keep_to_their_schemas() {
    let scene = Scene::example("quickstart");
    let json = ["--env", "sandbox", "--format", "json"];
    keeps("catalog-sync", &scene.ok(&[&["catalog", "sync"], &json[..]].concat()).out);
    for list in ["avatars", "voices", "templates"] {
        let told = keeps("catalog", &scene.ok(&[&["catalog", list], &json[..]].concat()).out);
        assert!(!told[list].as_array().unwrap().is_empty(), "{told}");
    }
    let mut sandbox =
        scene.command(&["sandbox", "--port", "0", "--format", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(sandbox.stdout.take().unwrap()).read_line(&mut line).unwrap();
    sandbox.kill().unwrap();
    sandbox.wait().unwrap();
    let told = valid_lines("events", &line);
    assert_eq!((&told[0]["event"], &told[0]["format_version"]), (&json!("listening"), &json!(1)));
}
