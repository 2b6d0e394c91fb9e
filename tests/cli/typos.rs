//! Common typos on the command line: each error suggests what the user meant.

use std::fs;

use crate::fixture::Scene;

#[test]
fn words_of_other_tools_are_told_with_ours() {
    let scene = Scene::example("quickstart");
    for (args, says) in [
        (&["apply", "--dry-run"][..], "tip: `callsheet plan` shows what apply would submit, and sends nothing"),
        (&["plan", "--json"], "tip: write `--format json`"),
        (&["apply", "--auto-approve=true"], "tip: `--yes` applies without asking"),
        (&["destroy"], "tip: submitted videos are paid for and cannot be undone"),
        (&["accept", "welcome"], "tip: `lock accept` is now `lock reuse`"),
        (&["version"], "tip: write `callsheet --version`"),
        (&["plan", "--yes"], "tip: `--yes` is a flag of `apply`, `doctor`\n"),
        (&["status", "--detailed-exitcode"], "tip: `--detailed-exitcode` is a flag of `plan`\n"),
        (&["doctor", "--only=a"], "tip: `--only` is a flag of `"),
        (&["apply", "--sea"], "error: unexpected argument '--sea' found\n\nUsage: "),
        // For words close to a command, clap's tip remains.
        (&["plna"], "tip: some similar subcommands exist"),
        (&["plan", "--frmat", "json"], "tip: a similar argument exists: '--format'"),
    ] {
        let shown = scene.run(args);
        assert_eq!(shown.code, 64, "{args:?}: {}", shown.err);
        assert!(shown.err.contains(says), "{args:?}: {}", shown.err);
        assert!(!shown.err.contains("to pass '"), "{args:?}: {}", shown.err);
    }
}

#[test]
fn a_project_that_is_not_there_is_told_apart() {
    let scene = Scene::example("quickstart");
    fs::create_dir(scene.path().join("other")).unwrap();
    scene.write("other/callsheet.yml", "callsheet: 1\n");
    fs::create_dir(scene.path().join("bare")).unwrap();
    for (folder, says) in [
        ("callsheet.yaml", "`callsheet.yaml` is a file; `-C` takes the directory that holds `callsheet.yaml`"),
        ("nowhere", "there is no directory `nowhere`; `callsheet -C nowhere init` makes it and starts a project there"),
        ("other", "`other/callsheet.yml` is not read: rename it to `callsheet.yaml`"),
        ("bare", "no `callsheet.yaml` in `bare`; `callsheet -C bare init` starts a project there"),
    ] {
        let shown = scene.run(&["-C", folder, "validate"]);
        assert_eq!((shown.code, shown.err.as_str()), (1, &*format!("error: {says}\n")), "{folder}");
    }
}

#[test]
fn a_base_key_and_a_share_without_its_sign_are_told_with_what_is_meant() {
    let scene = Scene::example("quickstart");
    let shown = scene.run(&["plan", "greeting"]);
    let says = "error: no video matches `greeting`; it has several instances, and `'greeting[*]'` selects them\n";
    assert_eq!((shown.code, shown.err.as_str()), (1, says));
    let shown = scene.run(&["apply", "--max-share", "30"]);
    assert_eq!(shown.code, 64);
    assert!(shown.err.contains("write `30%`, or a number from 0 to 1"), "{}", shown.err);
}
