//! The lower limit of `plan`: a minimal program over the same crates that does the same work and reports nothing.
//!
//! `make SHAPE COUNT FOLDER [locked] [EVERY]` writes a generated project. `run FOLDER` reads, parses, checks, renders,
//! hashes and compares one (flat and rows only). Without arguments it does both with ten videos.

#![expect(clippy::unwrap_used, reason = "a bare program has nobody to tell")]
#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

mod projects;

use std::collections::HashMap;
use std::path::Path;

use granit_parser::{Event, Parser};
use serde_json::{Map, Value, json, value::RawValue};
use sha2::{Digest as _, Sha256};

use projects::Shape;

/// The same allocator as in callsheet.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["make", shape, count, folder, rest @ ..] => {
            let shape = Shape::of(shape).expect("a known shape");
            let every = rest.iter().find_map(|word| word.parse().ok()).unwrap_or(0);
            projects::write(Path::new(folder), shape, count.parse().expect("a number"), every);
            if rest.contains(&"locked") {
                projects::write_lock(Path::new(folder));
            }
        }
        ["run", folder] => println!("{} to submit", run(Path::new(folder))),
        [] => {
            for shape in [Shape::Flat, Shape::Rows] {
                let folder = tempfile::tempdir().expect("a folder");
                projects::write(folder.path(), shape, 10, 0);
                projects::write_lock(folder.path());
                assert_eq!(run(folder.path()), 0, "{shape:?}: all is paid for");
                projects::write(folder.path(), shape, 10, 5);
                assert_eq!(run(folder.path()), 2, "{shape:?}: two changed");
            }
        }
        _ => panic!("make SHAPE COUNT FOLDER [locked] [EVERY] | run FOLDER"),
    }
}

/// The published schema, compiled into this program.
#[jsonschema::validator(
    path = "schema/callsheet.schema.json",
    draft = Draft7,
    pattern_options = { engine = regex },
    methods = { is_valid = true, validate = false, iter_errors = false }
)]
struct Published;

/// Returns the number of digests that are not in the lockfile.
fn run(folder: &Path) -> usize {
    let lock = std::fs::read_to_string(folder.join("callsheet.lock")).unwrap_or_default();
    let takes = takes(&lock);
    let load = |path: &Path| {
        let tree = tree(&std::fs::read_to_string(path).expect("a file"));
        assert!(Published::is_valid(&tree), "{}", path.display());
        tree
    };
    let root = load(&folder.join("callsheet.yaml"));
    let mut files = vec![];
    if root.get("include").is_some() {
        let entries = std::fs::read_dir(folder.join("videos")).expect("a folder");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        names.sort();
        files.extend(names.iter().map(|path| load(path)));
    }
    let mut engine = minijinja::Environment::new();
    engine.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let vars = minijinja::Value::from(minijinja::value::Serde(&root["vars"]));
    let mut missing = 0;
    let mut presets = HashMap::new();
    for (key, video) in std::iter::once(&root).chain(&files).filter_map(|file| file["videos"].as_object()).flatten() {
        let script = video["script"].as_str().expect("a text");
        let template = engine.template_from_str(script).expect("a template");
        let mut spec = spec(&root, video, &mut presets);
        if let Some(rows) = video.get("rows") {
            let (when, id) = (rows["when"].as_str().unwrap_or_default(), rows["key"].as_str().unwrap_or_default());
            let (when, id) = (engine.template_from_str(when).unwrap(), engine.template_from_str(id).unwrap());
            let mut reader = csv::Reader::from_path(folder.join(rows["path"].as_str().unwrap_or_default())).unwrap();
            let names = reader.headers().expect("a header").clone();
            let mut record = csv::StringRecord::new();
            while reader.read_record(&mut record).expect("a record") {
                let row = minijinja::Value::from_pairs(names.iter().zip(record.iter()));
                let scope = minijinja::context! { vars => vars.clone(), row => row };
                if when.render(&scope).expect("a text") != "yes" {
                    continue;
                }
                let key = format!("{key}[{}]", id.render(&scope).expect("a text"));
                let text = template.render(&scope).expect("a text");
                missing += usize::from(!is_paid(&takes, &digest(&mut spec, text), &key));
            }
        } else {
            let text = template.render(minijinja::context! { vars => vars.clone() }).expect("a text");
            missing += usize::from(!is_paid(&takes, &digest(&mut spec, text), key));
        }
    }
    missing
}

fn is_paid(takes: &HashMap<&str, Line<'_>>, digest: &str, key: &str) -> bool {
    takes.get(digest).is_some_and(|take| take.state == "submitted" && take.key == key)
}

/// Parses YAML to JSON, without locations.
fn tree(text: &str) -> Value {
    let mut open: Vec<(Value, Option<String>)> = Vec::new();
    let mut root = Value::Null;
    for step in Parser::new_from_str(text) {
        let (event, _) = step.expect("YAML");
        let done = match event {
            Event::MappingStart(..) => {
                open.push((Value::Object(Map::new()), None));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push((Value::Array(Vec::new()), None));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => open.pop().expect("it was opened").0,
            Event::Scalar(text, style, ..) => {
                if let Some((Value::Object(_), key @ None)) = open.last_mut() {
                    *key = Some(text.into_owned());
                    continue;
                }
                match text.parse::<f64>() {
                    Ok(number) if style == granit_parser::ScalarStyle::Plain => match text.parse::<i64>() {
                        Ok(whole) => json!(whole),
                        Err(_) => json!(number),
                    },
                    _ => Value::String(text.into_owned()),
                }
            }
            _ => continue,
        };
        match open.last_mut() {
            Some((Value::Object(map), key)) => drop(map.insert(key.take().expect("a key"), done)),
            Some((Value::Array(items), _)) => items.push(done),
            _ => root = done,
        }
    }
    root
}

fn merged(presets: &Value, choice: &Value) -> Value {
    match choice {
        Value::String(name) => merged(presets, &presets[name]),
        Value::Object(map) => {
            let mut below = map.get("use").map_or(json!({}), |name| merged(presets, name));
            for (key, value) in map.iter().filter(|(key, _)| *key != "use") {
                match (&mut below[key], value) {
                    (Value::Object(old), Value::Object(new)) => {
                        old.extend(new.iter().map(|(k, v)| (k.clone(), v.clone())));
                    }
                    (old, new) => *old = new.clone(),
                }
            }
            below
        }
        _ => Value::Null,
    }
}

/// Returns a video's spec without its text. Each preset is resolved only once.
fn spec<'a>(root: &'a Value, video: &'a Value, known: &mut HashMap<(&'static str, &'a str), Value>) -> Value {
    let mut pick = |field: &'static str, presets: &str| {
        let choice = video.get(field).unwrap_or_else(|| &root["defaults"][field]);
        match choice.as_str() {
            Some(name) => known.entry((field, name)).or_insert_with(|| merged(&root[presets], choice)).clone(),
            None => merged(&root[presets], choice),
        }
    };
    json!({
        "avatar": pick("avatar", "avatars"),
        "voice": pick("voice", "voices"),
        "background": pick("background", "backgrounds"),
    })
}

fn digest(spec: &mut Value, text: String) -> String {
    spec["voice"]["tts"]["text"] = Value::String(text);
    let canonical = serde_json_canonicalizer::to_string(spec).expect("JSON");
    format!("v1:{}", &data_encoding::HEXLOWER.encode(&Sha256::digest(canonical.as_bytes()))[..32])
}

/// The fields of a lockfile line that a plan needs.
#[derive(serde::Deserialize)]
struct Line<'a> {
    key: &'a str,
    digest: &'a str,
    state: &'a str,
    #[serde(rename = "attempt")]
    _attempt: u32,
    #[serde(rename = "host")]
    _host: &'a str,
    #[serde(rename = "at")]
    _at: jiff::Timestamp,
    #[serde(borrow, rename = "spec")]
    _spec: Option<&'a RawValue>,
}

fn takes(lock: &str) -> HashMap<&str, Line<'_>> {
    let lines = lock.lines().skip(1).map(|line| serde_json::from_str::<Line<'_>>(line).expect("a line"));
    lines.map(|line| (line.digest, line)).collect()
}
