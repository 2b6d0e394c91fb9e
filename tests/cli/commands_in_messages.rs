//! Commands in messages act on the project and environment of the run.

use std::process::Command;

use crate::fixture::{Scene, Shown, shown};

const STAGING: &str = r##"callsheet: 1
defaults: { avatar: { id: A1 }, voice: { tts: { id: V1 } }, background: { color: "#f4f4f4" } }
videos: { hello: { script: Hello } }
environments: { staging: { base_url: "https://devapi.vidnoz.com" } }
"##;

const CONFLICT: &str = "{\"callsheet\":\"lock\",\"version\":1}\n<<<<<<< HEAD\n=======\n>>>>>>> other\n";

/// A directory with the project in `my shop`.
fn scene() -> Scene {
    let scene = Scene::manifest("callsheet: 1\n");
    std::fs::create_dir(scene.path().join("my shop")).unwrap();
    scene.write("my shop/callsheet.yaml", STAGING);
    scene
}

fn says(shown: &Shown, words: &str) {
    assert!(shown.code != 0, "{}", shown.out);
    let all = format!("{}{}", shown.out, shown.err);
    assert!(all.contains(words), "{words}\n{all}");
}

#[test]
fn flags_of_the_run_are_in_the_commands_of_errors_and_findings() {
    let scene = scene();
    scene.write("my shop/callsheet.staging.lock", CONFLICT);
    for args in [&["plan"][..], &["apply", "--yes"], &["lock", "verify"], &["lock", "verify", "--format", "json"]] {
        let args = [&["-C", "my shop", "--env", "staging"], args].concat();
        says(&scene.run(&args), "run `callsheet -C 'my shop' --env staging lock merge`");
    }
    let mut command = scene.command(&["-C", "my shop", "plan"]);
    says(&shown(command.env("CALLSHEET_ENV", "staging")), "run `callsheet -C 'my shop' --env staging lock merge`");
    scene.write("my shop/callsheet.lock", CONFLICT);
    let mut command = scene.command(&["-C", "my shop", "--env", "production", "plan"]);
    says(&shown(command.env("CALLSHEET_ENV", "staging")), "run `callsheet -C 'my shop' --env production lock merge`");
    scene.write("my shop/callsheet.lock", "{\"callsheet\":\"lock\",\"version\":1}\n{\"key\":1}\n");
    says(&scene.run(&["-C", "my shop", "plan"]), "`git -C 'my shop' diff -- callsheet.lock`");
}

#[test]
fn commands_without_flags_stay_as_they_are() {
    let scene = Scene::manifest(STAGING);
    scene.write("callsheet.lock", CONFLICT);
    says(&scene.run(&["plan"]), "run `callsheet lock merge`, which keeps");
}

#[test]
fn findings_of_staged_lockfiles_name_their_own_project_and_environment() {
    let scene = scene();
    scene.write("my shop/callsheet.staging.lock", CONFLICT);
    scene.write("callsheet.lock", "{\"callsheet\":\"lock\",\"version\":1}\n{\"key\":1}\n");
    for args in [&["init", "-q"][..], &["add", "-A"]] {
        assert!(Command::new("git").args(args).current_dir(scene.path()).status().unwrap().success());
    }
    let found = scene.run(&["lock", "verify", "--staged"]);
    says(&found, "run `callsheet -C 'my shop' --env staging lock merge`");
    says(&found, "`git diff -- callsheet.lock`");
}

#[test]
fn help_of_manifest_diagnostics_has_the_flags_of_the_run() {
    let scene = scene();
    let catalog = ["-C", "my shop", "--env", "sandbox", "catalog", "sync"];
    assert_eq!(scene.run(&catalog).code, 0);
    let args = ["-C", "my shop", "--env", "sandbox", "validate", "--catalog"];
    let human = scene.run(&args);
    assert!(human.err.contains("help: `callsheet -C 'my shop' --env sandbox catalog "), "{}", human.err);
    let json = scene.run(&[&args[..], &["--format", "json"]].concat());
    assert!(json.out.contains("`callsheet catalog "), "{}", json.out);
}

#[test]
fn commands_without_an_environment_get_none() {
    let scene = scene();
    std::fs::create_dir(scene.path().join("empty")).unwrap();
    let doctor = scene.run(&["-C", "empty", "--env", "sandbox", "doctor"]);
    says(&doctor, "next: `callsheet -C empty init` starts");
}
