//! Generates projects of any size. The same numbers give the same bytes, so that measurements can be compared.

#![expect(clippy::unwrap_used, reason = "a generator that cannot write has nothing to go on with")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use callsheet::lockfile::{Lockfile, Record, Take, TakeId, TakeState, encode};
use callsheet::project::{ProcessEnv, compile};
use callsheet::spec::{canonical_json, digest, marker, submitted_name};

/// Videos per manifest file of a flat project.
const FILE: usize = 100;

/// The shape of a generated project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// N explicit videos, 100 per file, with presets and scripts of about 300 characters.
    Flat,
    /// One video over a CSV of N records.
    Rows,
    /// N included files of one video each.
    Includes,
    /// A `use` chain of N voices.
    Chain,
    /// A matrix of N cells.
    Matrix,
    /// One script file of N kilobytes, which is too long for each of 1,000 videos.
    Script,
    /// N rows, each with an error.
    Faulty,
    /// N videos with an error each, all on one line of a manifest.
    Line,
    /// N videos in one manifest file.
    Single,
    /// One template over N rows of JSON.
    Json,
    /// N cells of a matrix under N / 100 exclusions.
    Excluded,
    /// Only the header.
    Empty,
}

impl Shape {
    /// Returns the shape with this name.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "flat" => Self::Flat,
            "rows" => Self::Rows,
            "includes" => Self::Includes,
            "chain" => Self::Chain,
            "matrix" => Self::Matrix,
            "script" => Self::Script,
            "faulty" => Self::Faulty,
            "line" => Self::Line,
            "single" => Self::Single,
            "json" => Self::Json,
            "excluded" => Self::Excluded,
            "empty" => Self::Empty,
            _ => return None,
        })
    }
}

const HEAD: &str = r##"callsheet: 1
vars: { product: Acme Cloud, greeting: { en: Hello, de: Hallo } }
avatars:
  anna: { id: Rk1nN090NnZQWXlSZW5oSHJlSlhWdz09, style: half, scale: 1.1, offset: { x: -240 } }
  anna-round: { use: anna, style: round, circle_bgcolor: "#ffeecc" }
voices:
  narrator: { tts: { id: d0VWUk5SU056NEwwMlRsem5vNVROYlpCc3FGY25CY0xBa3VIeWtLUkRyMD0=, speed: 1.05, emotion: cheerful } }
  narrator-de: { use: narrator, tts: { id: Vm9pY2VEZQ== } }
backgrounds:
  office: { media: { url: https://cdn.example.com/office.jpg, fit: cover } }
  plain: { color: "#f4f4f4" }
defaults: { aspect: "16:9", avatar: anna, background: office, voice: narrator }
"##;

const WORDS: [&str; 32] = [
    "we", "are", "glad", "that", "you", "have", "come", "to", "see", "how", "this", "works", "today", "your", "team",
    "will", "find", "every", "report", "in", "one", "place", "and", "share", "it", "with", "people", "who", "need",
    "the", "answer", "first",
];

/// Returns text of about `characters` characters, which depends only on `number`.
fn words(number: usize, characters: usize) -> String {
    let mut state = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::with_capacity(characters + 8);
    while text.len() < characters {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(WORDS[(state >> 59) as usize]);
        text.push(' ');
    }
    text.truncate(text.trim_end().len());
    text
}

/// Writes the manifests and data of a project. Every `change`-th script is different (0: none).
pub fn write(folder: &Path, shape: Shape, count: usize, change: usize) {
    fs::create_dir_all(folder.join("videos")).unwrap();
    let changed = |number: usize| change != 0 && number.is_multiple_of(change);
    let mut root = HEAD.to_owned();
    match shape {
        Shape::Flat => {
            root.push_str("include: [\"videos/*.yaml\"]\n");
            for file in 0..count.div_ceil(FILE) {
                let numbers = file * FILE..((file + 1) * FILE).min(count);
                fs::write(folder.join(format!("videos/{file:05}.yaml")), flat(numbers, &changed)).unwrap();
            }
        }
        Shape::Single => root.push_str(&flat(0..count, &changed)),
        Shape::Rows | Shape::Json => root.push_str(&rows(folder, shape, count, &changed)),
        Shape::Includes => {
            root.push_str("include: [\"videos/*.yaml\"]\n");
            for number in 0..count {
                fs::write(folder.join(format!("videos/{number:05}.yaml")), flat(number..number + 1, &changed)).unwrap();
            }
        }
        Shape::Chain => {
            let mut voices = String::new();
            for number in 1..count {
                let below = if number == 1 { "narrator-de".to_owned() } else { format!("v{}", number - 1) };
                let _ = writeln!(voices, "  v{number}: {{ use: {below}, tts: {{ pitch: {} }} }}", number % 50);
            }
            root = root.replace("backgrounds:\n", &format!("{voices}backgrounds:\n"));
            let _ = write!(root, "videos:\n  last: {{ voice: v{}, script: Hello }}\n", count - 1);
        }
        Shape::Matrix | Shape::Excluded => {
            let side = (count as f64).sqrt() as usize;
            let axis = |name: &str, length: usize| {
                let values: Vec<String> = (0..length).map(|number| format!("{name}{number}")).collect();
                values.join(", ")
            };
            let (left, right) = (axis("a", side), axis("b", count / side));
            let _ = write!(root, "videos:\n  all:\n    matrix:\n      left: [{left}]\n      right: [{right}]\n");
            if shape == Shape::Excluded {
                root.push_str("      exclude:\n");
                for number in 0..count / 100 {
                    let _ = writeln!(root, "      - {{ left: a{}, right: b{} }}", number % side, number / side);
                }
            }
            root.push_str("    script: \"{{ matrix.left }} meets {{ matrix.right }}\"\n");
        }
        Shape::Script => {
            fs::write(folder.join("long.txt"), "word \n".repeat(count * 1024 / 6)).unwrap();
            root.push_str("videos:\n");
            for number in 0..1_000 {
                let _ = writeln!(root, "  v{number}: {{ script: {{ path: long.txt }} }}");
            }
        }
        Shape::Faulty => {
            root.push_str(&rows(folder, Shape::Rows, count, &changed).replace("row.plan", "row.absent"));
        }
        Shape::Line => {
            root.push_str("videos: {");
            for number in 0..count {
                let _ = write!(root, " v{number}: {{ voice: narrator, sccript: Hello, script: Hello }},");
            }
            root.push_str(" }\n");
        }
        Shape::Empty => root.clone_from(&String::from("callsheet: 1\n")),
    }
    fs::write(folder.join("callsheet.yaml"), root).unwrap();
}

fn flat(numbers: std::ops::Range<usize>, changed: &impl Fn(usize) -> bool) -> String {
    let mut text = String::from("videos:\n");
    for number in numbers {
        let salt = if changed(number) { 7_777_777 } else { 0 };
        let speech = words(number + salt, 280);
        let _ = write!(text, "  video-{number:06}:\n    voice: {}\n", ["narrator", "narrator-de"][number % 2]);
        if number % 10 == 0 {
            text.push_str("    avatar: { use: anna-round, scale: 1.2 }\n    background: plain\n");
        }
        let _ = writeln!(text, "    script: \"{{{{ vars.greeting.en }}}}, {speech} {{{{ vars.product }}}}.\"");
    }
    text
}

fn rows(folder: &Path, shape: Shape, count: usize, changed: &impl Fn(usize) -> bool) -> String {
    let mut data =
        if shape == Shape::Json { "[\n".to_owned() } else { "id,first_name,company,plan,active\n".to_owned() };
    for number in 0..count {
        let company = words(number + if changed(number) { 7_777_777 } else { 0 }, 20);
        let plan = ["free", "pro"][number % 2];
        let _ = if shape == Shape::Json {
            let comma = if number + 1 == count { "" } else { "," };
            writeln!(
                data,
                "{{\"id\": \"c{number}\", \"first_name\": \"Name{number}\", \"company\": \"{company}\", \"plan\": \"{plan}\", \"active\": true}}{comma}"
            )
        } else {
            writeln!(data, "c{number},Name{number},{company},{plan},yes")
        };
    }
    if shape == Shape::Json {
        data.push_str("]\n");
    }
    let file = if shape == Shape::Json { "customers.json" } else { "customers.csv" };
    fs::write(folder.join(file), data).unwrap();
    format!(
        "videos:\n  thanks:\n    rows: {{ path: {file}, key: \"{{{{ row.id }}}}\", when: \"{{{{ row.active }}}}\" }}\n    \
         script: \"Thank you, {{{{ row.first_name }}}} of {{{{ row.company }}}}! You chose the plan {{{{ row.plan }}}}. {}\"\n",
        words(1, 220)
    )
}

/// Writes a lockfile in which every video of a project is paid for.
pub fn write_lock(folder: &Path) {
    let world = ProcessEnv { env: std::collections::BTreeMap::new(), now: "2026-11-22T11:00:00Z".parse().unwrap() };
    let compiled = compile(folder, &world).unwrap();
    assert!(!compiled.report.has_errors(), "{:?}", compiled.report);
    let host: Arc<str> = "devapi.vidnoz.com".into();
    let mut lockfile = Lockfile::default();
    for (number, video) in compiled.videos.iter().enumerate() {
        let digest = digest(&video.spec);
        let id = TakeId { host: Arc::clone(&host), digest, attempt: 1 };
        lockfile.insert(Record::Take(Take {
            task: Some(format!("T0ZZ{number:012}")),
            name: Some(submitted_name(video.spec.name(), &marker(&digest, 1))),
            spec: callsheet::lockfile::StoredSpec::new(canonical_json(&video.spec, true)),
            ..Take::new(id, Arc::clone(&video.key), TakeState::Submitted, world.now)
        }));
    }
    fs::write(folder.join("callsheet.lock"), encode(&lockfile)).unwrap();
}
