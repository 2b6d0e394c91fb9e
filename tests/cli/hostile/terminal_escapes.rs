//! No text of the author controls the terminal: no names, texts, cells or file names, in any screen.

use std::process::Command;

use super::{Ended, HEAD, run, steers};
use crate::fixture::Scene;

/// Clears the screen, sets the title, rings the bell, reverses text, and contains a C1 control.
const POISON: &str = "a\u{1b}[2J\u{1b}]0;title\u{7}\u{8}\r\u{202e}\u{9b}31mz";
/// The same as a YAML string in double quotes, because raw YAML must not contain control characters.
const ESCAPED: &str = r"a\e[2J\e]0;title\a\b\r\u202e\u009b31mz";

const COMMANDS: [&[&str]; 8] = [
    &["validate"],
    &["validate", "--format", "github"],
    &["validate", "--format", "json"],
    &["plan"],
    &["plan", "--format", "markdown"],
    &["plan", "--env", "sandbox", "--verbose"],
    &["render"],
    &["render", "--format", "curl"],
];

/// Returns whether a character is forbidden in human-readable screens and JSON. In `render`, the author's characters
/// are data.
fn turns(one: char) -> bool {
    steers(one) || matches!(one, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn check(what: &str, scene: &Scene) {
    for args in COMMANDS {
        let Ended { code, screen, .. } = run(scene, args, |_: &mut Command| {});
        let screen = String::from_utf8(screen).unwrap_or_else(|_| panic!("{what}, {args:?}: not UTF-8"));
        assert!(!screen.is_empty() && code.is_some(), "{what}, {args:?}");
        let data = args[0] == "render" && !args.contains(&"json");
        assert!(!screen.contains(if data { steers } else { turns }), "{what}, {args:?}:\n{screen:?}");
    }
}

#[test]
fn names_and_texts_of_manifests_do_not_steer() {
    for (what, rest) in [
        ("a field", format!("videos:\n  a: {{ script: x, \"{ESCAPED}\": 1 }}\n")),
        ("a video", format!("videos:\n  \"{ESCAPED}\": {{ script: x }}\n")),
        ("a preset", format!("videos:\n  a: {{ script: x, avatar: \"{ESCAPED}\" }}\n")),
        ("a value", format!("videos:\n  a: {{ script: x, aspect: \"{ESCAPED}\" }}\n")),
        ("a color", format!("videos:\n  a: {{ script: x, background: {{ color: \"{ESCAPED}\" }} }}\n")),
        ("a URL", format!("videos:\n  a: {{ script: x, background: {{ media: {{ url: \"{ESCAPED}\" }} }} }}\n")),
        ("a path", format!("videos:\n  a: {{ script: {{ path: \"{ESCAPED}\" }} }}\n")),
        ("a name", format!("videos:\n  a: {{ script: x, name: \"{ESCAPED}\" }}\n")),
        ("an id", format!("videos:\n  a: {{ script: x, avatar: {{ id: \"{ESCAPED}\" }} }}\n")),
        (
            "an emotion",
            format!("videos:\n  a: {{ script: x, voice: {{ tts: {{ id: V, emotion: \"{ESCAPED}\" }} }} }}\n"),
        ),
        ("a script", format!("videos:\n  a: {{ script: \"{ESCAPED}\" }}\n")),
        ("an unknown variable", format!("videos:\n  a: {{ script: \"{{{{ vars['{ESCAPED}'] }}}}\" }}\n")),
        ("a failing template", format!("videos:\n  a: {{ script: \"{{{{ '{ESCAPED}' / 2 }}}}\" }}\n")),
        (
            "a template's result",
            format!("vars: {{ a: \"{ESCAPED}\" }}\nvideos:\n  a: {{ script: x, aspect: \"{{{{ vars.a }}}}\" }}\n"),
        ),
        ("a malformed template", format!("videos:\n  a: {{ script: \"{{{{ {ESCAPED} \" }}\n")),
        ("an axis' value", format!("videos:\n  a: {{ script: x, matrix: {{ a: [\"{ESCAPED}\"] }} }}\n")),
        ("an axis", format!("videos:\n  a: {{ script: x, matrix: {{ \"{ESCAPED}\": [a] }} }}\n")),
        (
            "an exclusion",
            format!("videos:\n  a: {{ script: x, matrix: {{ a: [b], exclude: [{{ \"{ESCAPED}\": b }}] }} }}\n"),
        ),
        (
            "an excluded value",
            format!("videos:\n  a: {{ script: x, matrix: {{ a: [b], exclude: [{{ a: \"{ESCAPED}\" }}] }} }}\n"),
        ),
        ("a glob", format!("include: [\"{ESCAPED}\"]\n")),
        ("a bad glob", format!("include: [\"[{ESCAPED}\"]\n")),
        ("a version", format!("required_version: \"{ESCAPED}\"\n")),
        ("a variable's name", format!("env: [\"{ESCAPED}\"]\n")),
        (
            "an environment",
            format!("environments: {{ \"{ESCAPED}\": {{ timeout: \"{ESCAPED}\", base_url: \"{ESCAPED}\" }} }}\n"),
        ),
        ("a guard", format!("guards: {{ max_share: \"{ESCAPED}\" }}\n")),
        ("a duplicate key", format!("x-a: {{ \"{ESCAPED}\": 1, \"{ESCAPED}\": 2 }}\n")),
        ("the text itself", format!("x-a: {POISON}\n")),
        ("a long text", format!("videos:\n  a: {{ script: \"{}\" }}\n", ESCAPED.repeat(600))),
    ] {
        check(what, &Scene::manifest(&format!("{HEAD}{rest}")));
    }
}

#[test]
fn cells_scripts_and_file_names_do_not_steer() {
    let video = |rest: &str| format!("{HEAD}videos:\n  a: {{ {rest} }}\n");
    let cell = format!("\"{POISON}\"");
    for (what, rest, file, data) in [
        ("a cell as key", "rows: { path: a.csv, key: '{{ row.id }}' }, script: x", "a.csv", format!("id\n{cell}\n")),
        (
            "a cell as text",
            "rows: { path: a.csv, key: '{{ row.id }}' }, script: 'Hi {{ row.name }}'",
            "a.csv",
            format!("id,name\n1,{cell}\n"),
        ),
        (
            "a cell as when",
            "rows: { path: a.csv, key: '{{ row.id }}', when: '{{ row.on }}' }, script: x",
            "a.csv",
            format!("id,on\n1,{cell}\n"),
        ),
        (
            "a cell as colour",
            "rows: { path: a.csv, key: '{{ row.id }}' }, background: { color: '{{ row.c }}' }, script: x",
            "a.csv",
            format!("id,c\n1,{cell}\n"),
        ),
        (
            "a cell as name",
            "rows: { path: a.csv, key: '{{ row.id }}' }, name: '{{ row.c }}', script: x",
            "a.csv",
            format!("id,c\n1,{cell}\n"),
        ),
        (
            "a column",
            "rows: { path: a.csv, key: '{{ row.id }}' }, script: '{{ row.x }}'",
            "a.csv",
            format!("id,{cell}\n1,2\n"),
        ),
        (
            "a column twice",
            "rows: { path: a.csv, key: '{{ row.id }}' }, script: x",
            "a.csv",
            format!("id,{cell},{cell}\n1,2,3\n"),
        ),
        (
            "a json column twice",
            "rows: { path: a.json, key: '{{ row.id }}' }, script: x",
            "a.json",
            "[{\"\\u001b[2J\": 1, \"\\u001b[2J\": 2}]".to_owned(),
        ),
        (
            "a json value",
            "rows: { path: a.json, key: '{{ row.id }}' }, script: x",
            "a.json",
            "[{\"id\": \"\\u001b[2J\\u202e\"}]".to_owned(),
        ),
        ("a script file", "script: { path: a.txt }", "a.txt", POISON.to_owned()),
        ("a script file's template", "script: { path: a.txt }", "a.txt", format!("{POISON} {{{{ vars.x }}}} {POISON}")),
        (
            "a data file's name",
            "rows: { path: \"a\\e[2J\\u202e.csv\", key: '{{ row.id }}' }, script: x",
            "a\u{1b}[2J\u{202e}.csv",
            "id\n\n,\n".to_owned(),
        ),
        ("a script's name", "script: { path: \"a\\e[2J\\u202e.txt\" }", "a\u{1b}[2J\u{202e}.txt", "{{ x".to_owned()),
        (
            "a media file's name",
            "script: x, background: { media: { path: \"a\\e[2J\\u202e.png\" } }",
            "a\u{1b}[2J\u{202e}.png",
            "no picture".to_owned(),
        ),
    ] {
        let scene = Scene::manifest(&video(rest));
        scene.write(file, &data);
        check(what, &scene);
    }
    let scene = Scene::manifest(&format!("include: ['*.yml']\n{HEAD}"));
    scene.write("a\u{1b}[2J\u{202e}.yml", "videos: { a: { scirpt: x } }\n");
    scene.write("b\u{1b}[2J\u{202e}.yml", "\u{0}");
    check("an included file's name", &scene);
}

#[test]
fn the_lockfile_and_the_arguments_do_not_steer() {
    let scene = Scene::manifest(&format!("{HEAD}videos:\n  a: {{ script: x }}\n"));
    for args in [
        ["plan", "--only", POISON],
        ["plan", "--env", POISON],
        ["-C", POISON, "validate"],
        ["validate", POISON, "x"],
        ["plan", "--format", POISON],
    ] {
        let screen = String::from_utf8(run(&scene, &args, |_: &mut Command| {}).screen).unwrap();
        assert!(!screen.is_empty() && !screen.contains(turns), "{args:?}:\n{screen:?}");
    }
    scene.write("callsheet.lock", "{\"callsheet\":\"lock\",\"version\":1}\n{\"key\":\"\\u001b[2J\\u202e\",\"digest\":\"\\u001b[2J\"}\n\u{1b}[2J\n");
    for args in [&["plan"][..], &["lock", "show"], &["lock", "verify"]] {
        let screen = String::from_utf8(run(&scene, args, |_: &mut Command| {}).screen).unwrap();
        assert!(!screen.is_empty() && !screen.contains(turns), "{args:?}:\n{screen:?}");
    }
}
