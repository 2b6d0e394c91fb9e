//! Hostile manifests: depth, size, raw bytes, numbers, endless names.

use std::fmt::Write as _;
use std::fs;

use super::{HEAD, Hostile, all};
use crate::fixture::Scene;

fn manifest(scene: &Scene, rest: &str) {
    scene.write("callsheet.yaml", &format!("{HEAD}{rest}"));
}

fn bytes(scene: &Scene, bytes: &[u8]) {
    fs::write(scene.path().join("callsheet.yaml"), bytes).unwrap();
}

/// Returns `count` lists, each of which references the previous one ten times.
fn bomb(count: usize) -> String {
    let mut text = "vars:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for number in 1..count {
        let alias = format!("*a{}", number - 1);
        let _ = writeln!(text, "  a{number}: &a{number} [{}]", [alias.as_str(); 10].join(", "));
    }
    text
}

/// Returns a chain of presets. The last one has an id, or uses the first.
fn chain(count: usize, circle: bool) -> String {
    let mut text = "avatars:\n".to_owned();
    for number in 0..count {
        let _ = match (number + 1 < count, circle) {
            (true, _) => writeln!(text, "  p{number}: {{ use: p{} }}", number + 1),
            (false, true) => writeln!(text, "  p{number}: {{ use: p0 }}"),
            (false, false) => writeln!(text, "  p{number}: {{ id: A1 }}"),
        };
    }
    text + "videos:\n  a: { avatar: p0, script: Hello }\n"
}

/// Returns a matrix with this many values per axis.
fn matrix(axes: &[usize]) -> String {
    let mut text = "videos:\n  a:\n    script: Hello\n    matrix:\n".to_owned();
    for (axis, count) in axes.iter().enumerate() {
        let values: Vec<String> = (0..*count).map(|value| value.to_string()).collect();
        let _ = writeln!(text, "      x{axis}: [{}]", values.join(", "));
    }
    text
}

#[test]
fn deep_and_large_manifests() {
    all(&[
        Hostile {
            name: "64 KB of [",
            says: "too-deep",
            make: |s| manifest(s, &format!("x-a: {}", "[".repeat(65_536))),
        },
        Hostile {
            name: "2 MB of {",
            says: "too-deep",
            make: |s| manifest(s, &format!("x-a: {}", "{".repeat(2 << 20))),
        },
        Hostile { name: "1 MB of ? ", says: "error[", make: |s| manifest(s, &"? ".repeat(1 << 19)) },
        Hostile {
            name: "1 MB of - ",
            says: "too-deep",
            make: |s| manifest(s, &format!("x-a:\n  {}", "- ".repeat(1 << 19))),
        },
        Hostile { name: "1 MB of ]", says: "yaml-syntax", make: |s| manifest(s, &"]".repeat(1 << 20)) },
        Hostile {
            name: "1 MB of ,",
            says: "yaml-syntax",
            make: |s| manifest(s, &format!("x-a: [{}]", ",".repeat(1 << 20))),
        },
        Hostile {
            name: "1 MB of &a",
            says: "error[",
            make: |s| manifest(s, &format!("x-a: {}", "&a ".repeat(1 << 16))),
        },
        Hostile { name: "1 MB of !", says: "error[", make: |s| manifest(s, &format!("x-a: {}", "!".repeat(1 << 20))) },
        Hostile {
            name: "indented ever deeper",
            says: "too-deep",
            make: |s| {
                let lines: Vec<String> = (0..2_000).map(|depth| format!("{}a:", " ".repeat(depth))).collect();
                manifest(s, &format!("x-a:\n {}", lines.join("\n ")));
            },
        },
        Hostile {
            name: "100 MB manifest",
            says: "file-too-large",
            make: |s| fs::File::create(s.path().join("callsheet.yaml")).unwrap().set_len(100 << 20).unwrap(),
        },
        Hostile { name: "17 MB of comments", says: "file-too-large", make: |s| manifest(s, &"# a\n".repeat(17 << 18)) },
        Hostile { name: "4 MB of comments", says: "no-videos", make: |s| manifest(s, &"# a\n".repeat(4 << 18)) },
        Hostile {
            name: "300 KB of short lists",
            says: "no-videos",
            make: |s| manifest(s, &format!("x-a:\n{}", "- []\n".repeat(1 << 16))),
        },
        Hostile {
            name: "5,000 videos",
            says: "valid: 5000 videos",
            make: |s| {
                let videos: Vec<String> = (0..5_000).map(|one| format!("  v{one}: {{ script: Hello }}")).collect();
                manifest(s, &format!("videos:\n{}\n", videos.join("\n")));
            },
        },
        Hostile {
            name: "1,200,000 short lists",
            says: "file-too-large",
            make: |s| manifest(s, &format!("x-a:\n{}", "- []\n".repeat(1_200_000))),
        },
        Hostile {
            name: "20,000 faulty videos",
            says: "at least 10000 errors",
            make: |s| {
                let videos: Vec<String> = (0..20_000).map(|one| format!("  v{one}: {{ scirpt: Hello }}")).collect();
                manifest(s, &format!("videos:\n{}\n", videos.join("\n")));
            },
        },
        Hostile {
            name: "2,000 faults of different words",
            says: "2000 errors",
            make: |s| {
                let videos: Vec<String> =
                    (0..2_000).map(|one| format!("  v{one}: {{ script: Hello, x{one}: 1 }}")).collect();
                manifest(s, &format!("videos:\n{}\n", videos.join("\n")));
            },
        },
    ]);
}

#[test]
fn aliases_presets_and_matrices_that_multiply() {
    all(&[
        Hostile { name: "alias bomb", says: "alias-bomb", make: |s| manifest(s, &bomb(12)) },
        Hostile { name: "alias to itself", says: "alias-bomb", make: |s| manifest(s, "vars:\n  a: &a [*a]\n") },
        Hostile {
            name: "merge with itself",
            says: "error[",
            make: |s| manifest(s, "vars:\n  a: &a { <<: *a, b: 1 }\n"),
        },
        Hostile {
            name: "merge bomb",
            says: "alias-bomb",
            make: |s| {
                let keys: Vec<String> = (0..1_000).map(|key| format!("k{key}: 1")).collect();
                let merges = ["*a"; 100].join(", ");
                let maps: String =
                    (0..100).fold(String::new(), |text, map| text + &format!("  m{map}: {{ <<: [{merges}] }}\n"));
                manifest(s, &format!("vars:\n  a: &a {{ {} }}\n{maps}", keys.join(", ")));
            },
        },
        Hostile { name: "use chain of 1,000", says: "valid: 1 video", make: |s| manifest(s, &chain(1_000, false)) },
        Hostile { name: "use chain of 10,000", says: "valid: 1 video", make: |s| manifest(s, &chain(10_000, false)) },
        Hostile { name: "use circle of 1,000", says: "preset-circle", make: |s| manifest(s, &chain(1_000, true)) },
        Hostile { name: "use circle of 10,000", says: "preset-circle", make: |s| manifest(s, &chain(10_000, true)) },
        Hostile {
            name: "1,000 templated presets in a circle",
            says: "preset-circle",
            make: |s| {
                let text = chain(1_000, true).replace("{ use: ", "{ use: \"{{ 'p' }}").replace(" }\n", "\" }\n");
                manifest(s, &text.replace("{{ 'p' }}p", "{{ 'p' }}"));
            },
        },
        Hostile { name: "250,002 cells", says: "bad-matrix", make: |s| manifest(s, &matrix(&[2, 125_001])) },
        Hostile { name: "40,000 cells", says: "valid: 40000 videos", make: |s| manifest(s, &matrix(&[20, 100, 20])) },
        Hostile { name: "10^60 cells", says: "bad-matrix", make: |s| manifest(s, &matrix(&[10; 60])) },
        Hostile { name: "2^64 cells", says: "bad-matrix", make: |s| manifest(s, &matrix(&[2; 64])) },
        Hostile {
            name: "2,500 cells, 300 includes, 300 excludes",
            says: "valid:",
            make: |s| {
                let entries: Vec<String> =
                    (0..300).map(|one| format!("{{ x0: {}, x1: {} }}", one % 50, one / 50)).collect();
                let text = matrix(&[50, 50]);
                manifest(
                    s,
                    &format!(
                        "{text}      exclude: [{}]\n      include: [{}]\n",
                        entries.join(", "),
                        entries.join(", ")
                    ),
                );
            },
        },
    ]);
}

#[test]
fn bytes_that_are_no_text() {
    all(&[
        Hostile { name: "NULs", says: "nul-byte", make: |s| bytes(s, &[0; 4_096]) },
        Hostile {
            name: "invalid UTF-8",
            says: "not-utf8",
            make: |s| bytes(s, b"callsheet: 1\nvars: { a: \"\xff\xfe\xc0\" }\n"),
        },
        Hostile { name: "UTF-16", says: "UTF-16", make: |s| bytes(s, b"\xff\xfec\0a\0l\0l\0:\0 \x001\0") },
        Hostile { name: "UTF-32", says: "not-utf8", make: |s| bytes(s, b"\xff\xfe\0\0c\0\0\0a\0\0\0") },
        Hostile { name: "overlong", says: "not-utf8", make: |s| bytes(s, b"callsheet: 1\n\xc0\xaf: 1\n") },
        Hostile { name: "surrogate", says: "not-utf8", make: |s| bytes(s, b"callsheet: 1\nx-a: \xed\xa0\x80\n") },
        Hostile { name: "escapes", says: "nul-byte", make: |s| bytes(s, b"callsheet: 1\nx-a: \x1b[31mred\x1b[0m\n") },
        Hostile { name: "C1 controls", says: "nul-byte", make: |s| manifest(s, "x-a: \u{9b}31mred\n") },
        Hostile {
            name: "escaped controls",
            says: "error[",
            make: |s| manifest(s, "videos:\n  \"a\\e[31m\\u009b\": { script: x }\n"),
        },
        Hostile { name: "only a BOM", says: "empty-file", make: |s| bytes(s, b"\xef\xbb\xbf") },
        Hostile { name: "two BOMs", says: "", make: |s| bytes(s, b"\xef\xbb\xbf\xef\xbb\xbfcallsheet: 1\n") },
        Hostile { name: "nothing", says: "empty-file", make: |s| bytes(s, b"") },
        Hostile { name: "a PNG", says: "error[", make: |s| bytes(s, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") },
        Hostile { name: "only CR", says: "error[", make: |s| bytes(s, b"callsheet: 1\rvideos:\r  a: { scirpt: x }\r") },
        Hostile {
            name: "a thousand documents",
            says: "second-document",
            make: |s| manifest(s, &"---\na: 1\n".repeat(1_000)),
        },
        Hostile {
            name: "directives",
            says: "error[",
            make: |s| bytes(s, b"%YAML 9.9\n%TAG ! tag:x,2000:\n---\ncallsheet: 1\n"),
        },
    ]);
}

#[test]
fn names_lines_and_numbers_without_end() {
    all(&[
        Hostile {
            name: "key of 1 MB",
            says: "error[",
            make: |s| manifest(s, &format!("{}: 1\n", "k".repeat(1 << 20))),
        },
        Hostile {
            name: "quoted key of 3 MB",
            says: "error[",
            make: |s| manifest(s, &format!("? \"{}\"\n: 1\n", "k".repeat(3 << 20))),
        },
        Hostile {
            name: "video named by 1 MB",
            says: "error[",
            make: |s| manifest(s, &format!("videos:\n  ? {}\n  : {{ scirpt: x }}\n", "k".repeat(1 << 20))),
        },
        Hostile {
            name: "preset named by 1 MB",
            says: "error[",
            make: |s| {
                manifest(
                    s,
                    &format!(
                        "avatars: {{ a: {{ id: x }} }}\nvideos:\n  v: {{ script: x, avatar: {} }}\n",
                        "k".repeat(1 << 20)
                    ),
                );
            },
        },
        Hostile {
            name: "line of 1 MB",
            says: "unknown-field",
            make: |s| manifest(s, &format!("videos: {{ a: {{ script: \"{}\", scirpt: x }} }}\n", "x".repeat(1 << 20))),
        },
        Hostile {
            name: "text of 1 MB",
            says: "text-length",
            make: |s| manifest(s, &format!("videos: {{ a: {{ script: \"{}\" }} }}\n", "x".repeat(1 << 20))),
        },
        Hostile {
            name: "value of 1 MB where a word is wanted",
            says: "unknown-value",
            make: |s| manifest(s, &format!("videos: {{ a: {{ script: x, aspect: \"{}\" }} }}\n", "9".repeat(1 << 20))),
        },
        Hostile {
            name: "colour of 1 MB",
            says: "bad-color",
            make: |s| {
                manifest(
                    s,
                    &format!(
                        "videos: {{ a: {{ script: x, background: {{ color: \"#{}\" }} }} }}\n",
                        "f".repeat(1 << 20)
                    ),
                );
            },
        },
        Hostile {
            name: "anchor of 1 MB",
            says: "error[",
            make: |s| manifest(s, &format!("x-a: *{}\n", "k".repeat(1 << 20))),
        },
        Hostile {
            name: "tag of 1 MB",
            says: "error[",
            make: |s| manifest(s, &format!("x-a: !{} x\n", "k".repeat(1 << 20))),
        },
        Hostile {
            name: "integer of 1 MB",
            says: "bad-number",
            make: |s| manifest(s, &format!("vars: {{ a: {} }}\n", "9".repeat(1 << 20))),
        },
        Hostile {
            name: "float of 1 MB",
            says: "",
            make: |s| manifest(s, &format!("vars: {{ a: 0.{} }}\n", "9".repeat(1 << 20))),
        },
        Hostile { name: "1e999999999", says: "bad-number", make: |s| manifest(s, "vars: { a: 1e999999999 }\n") },
        Hostile {
            name: "take 2^63",
            says: "error[",
            make: |s| manifest(s, "videos: { a: { script: x, take: 9223372036854775807 } }\n"),
        },
        Hostile {
            name: "offset 2^63",
            says: "",
            make: |s| {
                manifest(s, "videos: { a: { script: x, avatar: { id: A, offset: { x: -9223372036854775808 } } } }\n");
            },
        },
        Hostile {
            name: "scale 1e308",
            says: "",
            make: |s| manifest(s, "videos: { a: { script: x, avatar: { id: A, scale: 1e308 } } }\n"),
        },
        Hostile {
            name: "timeout of 30 years",
            says: "bad-environment",
            make: |s| manifest(s, "environments: { e: { timeout: 999999999h } }\n"),
        },
        Hostile {
            name: "glob like a regular expression",
            says: "error[",
            make: |s| manifest(s, "include: [\"(a+)+$\", \"{a,{b,{c,d}}}\", \"[\", \"**/**/**/**/**/**/x\"]\n"),
        },
        Hostile {
            name: "glob of 1 MB",
            says: "error[",
            make: |s| manifest(s, &format!("include: [\"{}\"]\n", "*a".repeat(1 << 19))),
        },
        Hostile {
            name: "glob of 20,000 alternatives",
            says: "error[",
            make: |s| manifest(s, &format!("include: [\"{{{}}}\"]\n", vec!["a*b"; 20_000].join(","))),
        },
        Hostile {
            name: "nested alternatives",
            says: "error[",
            make: |s| manifest(s, &format!("include: [\"{}x{}\"]\n", "{a,".repeat(5_000), "}".repeat(5_000))),
        },
        Hostile {
            name: "200 globs",
            says: "error[",
            make: |s| manifest(s, &format!("include: [{}]\n", vec!["x/**/*.yaml"; 200].join(", "))),
        },
        Hostile {
            name: "version of 1 MB",
            says: "error[",
            make: |s| manifest(s, &format!("required_version: \"{}\"\n", ">=0.".repeat(1 << 16))),
        },
    ]);
}
