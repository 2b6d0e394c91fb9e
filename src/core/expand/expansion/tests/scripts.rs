//! Spoken texts: precedence, files, templates, locations.

use super::*;

#[test]
fn the_nearest_text_is_spoken() {
    let presets = BASE.replace("speed: 1.05", "text: preset");
    let defaults = presets.replace("background: plain }", "background: plain, script: default }");
    let spoken = |base: &str, video: &str| {
        let outcome = Project::new(&format!("{base}videos:\n  v: {video}\n")).expand();
        text(outcome.video()).to_owned()
    };
    assert_eq!(spoken(&presets, "{}"), "preset");
    assert_eq!(spoken(&defaults, "{}"), "default");
    assert_eq!(spoken(&defaults, "{ voice: { use: narrator, tts: { text: inline } } }"), "inline");
    assert_eq!(spoken(&defaults, "{ script: own }"), "own");
    let outcome = Project::new(&format!("{defaults}videos:\n  v: {{ voice: {{ silence: {{}} }} }}\n")).expand();
    assert_eq!(outcome.video().spec.read(key::SILENCE), Some(1), "a default script needs no speaker");
}

#[test]
fn a_script_file_is_a_template_and_the_same_on_every_editor() {
    let videos = "  v: { matrix: { l: [de, en] }, script: { path: \"scripts/{{ matrix.l }}.txt\" } }\n";
    let outcome = Project::videos(videos)
        .file("scripts/de.txt", "\u{feff}Hallo\r\n{{ matrix.l }}\r\n\r\n")
        .file("scripts/en.txt", "Hello\n")
        .expand();
    assert_eq!(outcome.texts(), ["Hallo\nde", "Hello"]);
    let names: Vec<_> = outcome.sources.iter().map(|(_, file)| file.name().to_owned()).collect();
    assert_eq!(names, ["callsheet.yaml", "scripts/de.txt", "scripts/en.txt"]);
}

#[test]
fn inline_text_is_normalised_and_data_but_for_its_end() {
    let videos = "  v:\n    rows: { path: d.json, key: \"{{ row.id }}\" }\n    script: |\n      Hi {{ row.name }}\n\n";
    let outcome = Project::videos(videos).file("d.json", r#"[{"id": 1, "name": "Ada\r\nB\n"}]"#).expand();
    assert_eq!(outcome.texts(), ["Hi Ada\nB\n"], "line ends of git or of an office program cost no second take");
}

#[test]
fn a_fault_in_a_script_file_points_into_it() {
    let outcome = Project::videos("  v: { script: { path: s.txt } }\n")
        .file("s.txt", "One\r\nTwo {{ vars.produkt }}\r\n")
        .expand();
    assert_eq!(outcome.lines(), ["undefined-variable s.txt:2:8 `vars.produkt` `vars.produkt` is not defined | key v"]);
}

#[test]
fn a_fault_in_a_block_scalar_points_to_its_line() {
    let videos = "  v:\n    script: |\n      One\n      Two {{ rwo.x }}\n";
    let outcome = Project::videos(videos).expand();
    assert_eq!(
        outcome.lines(),
        ["undefined-variable callsheet.yaml:13:14 `rwo.x` `rwo` is not defined | did you mean `row`? | key v"]
    );
}

#[test]
fn a_path_that_is_not_there_or_leaves_the_project_is_refused() {
    for (path, words) in [
        ("none.txt", "`none.txt` does not exist"),
        ("../out.txt", "`../out.txt` leaves the project root"),
        ("/etc/passwd", "`/etc/passwd` is absolute"),
        ("folder", "`folder` is not a regular file"),
    ] {
        let outcome =
            Project::videos(&format!("  v: {{ script: {{ path: {path} }} }}\n")).file("folder/x", "").expand();
        let lines = outcome.lines();
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with(&format!("bad-path callsheet.yaml:10:24 `{path}` {words}")), "{lines:?}");
    }
    let outcome = Project::videos("  v: { script: { path: bad.txt } }\n").file("bad.txt", b"\xff\xfe").expand();
    assert!(outcome.lines()[0].starts_with("not-utf8 callsheet.yaml:10:24"), "{:?}", outcome.lines());
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_project_is_refused() {
    let outside = tempfile::NamedTempFile::new().unwrap();
    let project = Project::videos("  v: { script: { path: s.txt } }\n");
    std::os::unix::fs::symlink(outside.path(), project.root().join("s.txt")).unwrap();
    assert!(project.expand().lines()[0].contains("leaves the project root"));
}

#[test]
fn a_text_is_neither_empty_nor_too_long() {
    let long = "x".repeat(5_000);
    let outcome = Project::videos("  v: { script: { path: s.txt } }\n  w: { script: \"{{ '' }}\" }\n")
        .file("s.txt", long)
        .expand();
    assert_eq!(
        outcome.lines(),
        [
            "text-length callsheet.yaml:10:24 `s.txt` the text has 5000 characters, more than the 4999 that the vendor speaks | split it into several videos | key v",
            "text-length callsheet.yaml:11:16 `\"{{ '' }}\"` the text to be spoken is empty | key w",
        ]
    );
}

#[test]
fn a_script_needs_a_voice_that_speaks() {
    let outcome = Project::videos("  v: { script: Hi, voice: { silence: {} } }\n").expand();
    assert_eq!(
        outcome.lines(),
        [
            "script-without-speech callsheet.yaml:10:8 `script` video `v` has a `script`, but its voice is `silence` | only a `tts` voice speaks a script"
        ]
    );
}

#[test]
fn what_is_missing_is_named() {
    let outcome = Project::new("callsheet: 1\nvideos:\n  a: { script: Hi }\n  b: { avatar: { style: full }, voice: { tts: {} }, background: { media: { fit: cover } } }\n  c: { avatar: { id: A }, voice: { use: v }, background: { color: \"#000000\" } }\nvoices: { v: {} }\n").expand();
    let lines: Vec<_> = outcome.lines().into_iter().filter(|line| !line.starts_with("warning")).collect();
    let starts = [
        "missing-field callsheet.yaml:3:3 `a` video `a` has no avatar",
        "missing-voice callsheet.yaml:3:3 `a` video `a` has no voice",
        "missing-field callsheet.yaml:3:3 `a` video `a` has no background",
        "missing-field callsheet.yaml:4:3 `b` video `b` has no `avatar.id`",
        "missing-field callsheet.yaml:4:3 `b` video `b` has no `voice.tts.id`",
        "missing-text callsheet.yaml:4:3 `b` video `b` has nothing to say",
        "missing-field callsheet.yaml:4:",
        "missing-voice callsheet.yaml:5:3 `c` video `c` has a voice without a mode",
    ];
    for start in starts {
        assert!(lines.iter().any(|line| line.starts_with(start)), "{start}: {lines:#?}");
    }
    assert_eq!(lines.len(), starts.len(), "{lines:#?}");
}
