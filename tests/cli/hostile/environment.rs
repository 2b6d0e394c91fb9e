//! Hostile surroundings: environment variables, terminal widths, directories.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::{HEAD, complaint, run};
use crate::fixture::Scene;

fn project() -> Scene {
    let scene = Scene::manifest(&format!(
        "env: [CAMPAIGN]\n{HEAD}videos:\n  a: {{ script: \"Hi {{{{ env.CAMPAIGN }}}}\", scirpt: Größe }}\n"
    ));
    scene.write("sub/deep/x.txt", "x");
    scene
}

#[test]
fn variables_do_no_harm() {
    let long = "x".repeat(100_000);
    let traps: [(&str, &OsStr); 14] = [
        ("COLUMNS", OsStr::new("0")),
        ("COLUMNS", OsStr::new("1")),
        ("COLUMNS", OsStr::new("-5")),
        ("COLUMNS", OsStr::new("99999999999999999999")),
        ("COLUMNS", OsStr::new("4000000000")),
        ("CAMPAIGN", OsStr::from_bytes(b"\xff\xfe")),
        ("CAMPAIGN", OsStr::new("\u{1b}[31m{{ vars.x }}")),
        ("CAMPAIGN", OsStr::new(&long)),
        ("CLICOLOR_FORCE", OsStr::new("")),
        ("TERM", OsStr::new("\u{1b}]0;x\u{7}")),
        ("RUST_LOG", OsStr::new("trace=%%%")),
        ("HOME", OsStr::new("/nonexistent")),
        ("TMPDIR", OsStr::new("/nonexistent")),
        ("LC_ALL", OsStr::new("xx_YY.UTF-99")),
    ];
    for (name, value) in traps {
        let scene = project();
        let ended = run(&scene, &["validate"], |command| {
            command.env(name, value);
        });
        if let Some(complaint) = complaint(&ended, "unknown-field") {
            panic!("{name}={value:?}: {complaint}");
        }
    }
}

#[test]
fn a_variable_without_utf8_counts_as_not_set() {
    let scene = project();
    scene.edit("callsheet.yaml", ", scirpt: Größe", "");
    let ended = run(&scene, &["validate"], |command| {
        command.env("CAMPAIGN", OsStr::from_bytes(b"spring \xff"));
    });
    assert_eq!(complaint(&ended, "`env.CAMPAIGN` is not defined"), None);
    let ended = run(&scene, &["validate"], |command| {
        command.env("CAMPAIGN", "{{ 7 * 7 }}{% for x in range(9) %}");
    });
    assert_eq!(complaint(&ended, "valid: 1 video"), None, "a value is never a template");
}

#[test]
fn a_project_is_found_from_below_and_none_from_nowhere() {
    let scene = project();
    let ended = run(&scene, &["validate"], |command| {
        command.current_dir(scene.path().join("sub/deep"));
    });
    assert_eq!(complaint(&ended, "callsheet.yaml:8:"), None);
    for folder in ["nowhere", "callsheet.yaml", "/dev/null"] {
        let ended = run(&scene, &["-C", folder, "validate"], |_| {});
        assert_eq!(complaint(&ended, "error"), None, "-C {folder}");
    }
}
