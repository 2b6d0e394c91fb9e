//! `doctor`: each problem is one line with its next step, and all other checks still run.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::documents::keeps;
use crate::faults::TEN;
use crate::fixture::{Scene, Shown, shown};
use crate::server::{KEY, Server};

/// Returns the status, the message and the next step, if any, of a check in the JSON document.
fn check(shown: &Shown, code: &str) -> (String, String, String) {
    let told = keeps("doctor", &shown.out);
    let known = told["checks"].as_array().unwrap().iter().find(|check| check["code"] == code);
    let known = known.unwrap_or_else(|| panic!("no check `{code}`: {told}"));
    let text = |name: &str| known[name].as_str().unwrap_or_default().to_owned();
    (text("status"), text("message"), text("next"))
}

/// Returns the codes of all checks with a status.
fn codes(shown: &Shown, status: &str) -> Vec<String> {
    let told: Value = serde_json::from_str(&shown.out).unwrap();
    let checks = told["checks"].as_array().unwrap().iter().filter(|check| check["status"] == status);
    checks.map(|check| check["code"].as_str().unwrap().to_owned()).collect()
}

fn git(scene: &Scene, args: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=T", "-c", "user.email=t@example.com"]).args(args).current_dir(scene.path());
    assert!(git.output().unwrap().status.success(), "{args:?}");
}

/// Returns a project created by `init`, in a new repository.
fn repository() -> Scene {
    let scene = Scene::new();
    scene.ok(&["init"]);
    git(&scene, &["init", "-q"]);
    git(&scene, &["add", "-A"]);
    git(&scene, &["commit", "-qm", "start"]);
    scene
}

const JSON: [&str; 3] = ["doctor", "--format", "json"];

#[test]
fn the_sandbox_is_all_green_on_every_fresh_example() {
    for example in ["quickstart", "localized", "personalized", "vendor-request"] {
        let scene = Scene::example(example);
        let told = scene.ok(&["doctor", "--env", "sandbox", "--format", "json"]);
        assert_eq!(codes(&told, "ok").len(), 19, "{example}: {}", told.out);
        assert!(check(&told, "credentials").1.starts_with("not needed"), "{}", told.out);
        let told = scene.ok(&["doctor", "--env", "sandbox"]);
        assert!(told.out.ends_with("\nDoctor: 19 ok\n") && told.err.is_empty(), "{}{}", told.out, told.err);
    }
}

#[test]
fn a_vendor_that_works_and_a_repository_that_is_set_up_are_green() {
    let scene = repository();
    let server = Server::start(&scene, &[]);
    let told = server.ok(&scene, &JSON);
    assert_eq!(codes(&told, "ok").len(), 19, "{}", told.out);
    assert_eq!(check(&told, "list").1, "readable: no videos yet");
    assert!(!told.out.contains(KEY));
    server.ok(&scene, &["apply", "--yes", "--limit", "1"]);
    let told = server.ok(&scene, &JSON);
    assert_eq!(check(&told, "list").1, "readable: 1 video");
    assert_eq!(check(&told, "lockfile").1, "`callsheet.lock` is in order: 1 take");
    let untracked = check(&told, "git-lockfile");
    assert_eq!((untracked.0.as_str(), untracked.2.as_str()), ("warning", "run `git add callsheet.lock`, then commit"));
    git(&scene, &["add", "callsheet.lock"]);
    assert_eq!(check(&server.ok(&scene, &JSON), "git-lockfile").1, "git tracks `callsheet.lock`");
    std::fs::remove_file(scene.path().join("callsheet.lock")).unwrap();
    let told = server.exits(&scene, 1, &JSON);
    assert!(check(&told, "lockfile").2.contains("git checkout HEAD -- callsheet.lock"), "{}", told.out);
    assert_eq!((check(&told, "git-lockfile").0.as_str(), check(&told, "list").0.as_str()), ("skipped", "ok"));
    let parent = scene.path().parent().unwrap();
    let mut command = server.command(&scene, &["-C"]);
    let told = shown(command.arg(scene.path()).args(JSON).current_dir(parent));
    let restore = format!("`git -C {} checkout HEAD -- callsheet.lock`", scene.path().display());
    assert!(check(&told, "lockfile").2.contains(&restore), "{}", told.out);
}

#[test]
fn what_git_lacks_is_told_with_the_way_out() {
    let scene = repository();
    let server = Server::start(&scene, &[]);
    scene.write(".gitattributes", "");
    scene.write(".gitignore", "*.lock\n");
    let told = server.exits(&scene, 1, &JSON);
    let ignored = check(&told, "git-lockfile");
    assert_eq!(ignored.0, "failure");
    assert!(ignored.2.contains("`.gitignore:1:*.lock`"), "{}", ignored.2);
    assert!(check(&told, "git-merge").2.contains("`callsheet*.lock merge=union eol=lf`"), "{}", told.out);
    assert_eq!(check(&told, "git-ignore").0, "ok", "the rule covers what is in it");
    scene.write(".gitignore", "");
    let told = server.ok(&scene, &JSON);
    assert_eq!(check(&told, "git-ignore").2, "add `.callsheet/` to `.gitignore`");
    assert_eq!(codes(&told, "failure"), Vec::<String>::new());
    // git's own tests use this variable to simulate another owner.
    let told = shown(server.command(&scene, &JSON).env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1"));
    let dubious = check(&told, "git");
    assert_eq!((told.code, dubious.0.as_str()), (1, "failure"), "{}", told.out);
    assert!(dubious.2.contains("git config --global --add safe.directory "), "{}", dubious.2);
    assert_eq!(check(&told, "git-merge").1, "needs `git`");
    let told = shown(server.command(&scene, &JSON).env("GIT_DIR", "/nonexistent"));
    assert_eq!(check(&told, "git").0, "ok", "a hook of another repository: {}", told.out);
    let nowhere = scene.path().join("nowhere");
    let told = shown(server.command(&scene, &JSON).env("PATH", nowhere));
    assert_eq!(check(&told, "git").1, "git is not installed, so the lockfile is not versioned");
}

#[test]
fn without_a_project_the_rest_is_still_checked() {
    let scene = Scene::new();
    let server = Server::start(&scene, &[]);
    let told = server.exits(&scene, 1, &JSON);
    assert_eq!(codes(&told, "failure"), ["project"], "{}", told.out);
    assert_eq!(check(&told, "manifests").1, "needs `project`");
    assert_eq!((check(&told, "credentials").0.as_str(), check(&told, "list").0.as_str()), ("ok", "ok"));
    assert!(check(&told, "project").2.contains("callsheet init"), "{}", told.out);
}

#[test]
fn a_sandbox_that_cannot_run_is_told() {
    let scene = Scene::manifest(TEN);
    let mut other = scene.command(&["sandbox", "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut listens = String::new();
    BufReader::new(other.stdout.take().unwrap()).read_line(&mut listens).unwrap();
    let told = scene.run(&["doctor", "--env", "sandbox", "--format", "json"]);
    assert_eq!((told.code, codes(&told, "failure")), (1, vec!["connection".to_owned()]), "{}", told.out);
    assert!(check(&told, "connection").1.contains("does not start"), "{}", told.out);
    other.kill().unwrap();
    other.wait().unwrap();
    let told = Scene::new().run(&["doctor", "--env", "sandbox", "--format", "json"]);
    assert_eq!((told.code, codes(&told, "failure")), (1, vec!["project".to_owned()]), "{}", told.out);
}

#[test]
fn a_manifest_with_errors_is_one_failure_among_green_lines() {
    let scene = Scene::manifest(&TEN.replace("voice: narrator,", "voice: nobody,"));
    let server = Server::start(&scene, &[]);
    let told = server.exits(&scene, 1, &JSON);
    assert_eq!(codes(&told, "failure"), ["manifests"], "{}", told.out);
    assert_eq!(check(&told, "manifests").2, "`callsheet validate` shows them");
    assert_eq!(check(&told, "list").0, "ok");
}

#[test]
fn an_environment_that_is_not_there_skips_the_vendor() {
    let scene = Scene::manifest(TEN);
    let told = scene.run(&["doctor", "--format", "json", "--env", "staging"]);
    assert_eq!((told.code, codes(&told, "failure")), (1, vec!["environment".to_owned()]), "{}", told.out);
    assert!(codes(&told, "skipped").contains(&"credentials".to_owned()), "{}", told.out);
}

#[test]
fn credentials_that_are_missing_or_rejected_are_told_apart() {
    let scene = Scene::manifest(TEN);
    let server = Server::with(&scene, &["--key", "sk-another"]);
    let told = server.exits(&scene, 3, &JSON);
    assert_eq!(codes(&told, "failure"), ["credentials"], "{}", told.out);
    assert_eq!((check(&told, "list").0.as_str(), check(&told, "connection").0.as_str()), ("skipped", "ok"));
    assert!(!told.out.contains(KEY) && !told.err.contains(KEY));
    scene.write("callsheet.yaml", "callsheet: 2\n");
    assert_eq!(server.run(&scene, &JSON).code, 3, "a rejected credential goes before other failures");
    scene.write("callsheet.yaml", TEN);
    let told = shown(server.command(&scene, &JSON).env_remove("VIDNOZ_API_KEY"));
    assert_eq!((told.code, codes(&told, "failure")), (1, vec!["credentials".to_owned()]), "{}", told.out);
    assert!(check(&told, "credentials").1.contains("`VIDNOZ_API_KEY`"), "{}", told.out);
}

#[test]
fn a_client_id_and_secret_are_exchanged_and_never_shown() {
    const SECRET: &str = "s3cret-0123456789abcdef";
    let scene = Scene::manifest(TEN);
    let paired = |server: &Server, env: &[(&str, &str)]| {
        let mut command = server.command(&scene, &JSON);
        let told = shown(command.env_remove("VIDNOZ_API_KEY").envs(env.iter().copied()));
        assert!(!told.out.contains(SECRET) && !told.out.contains("client-4711"), "{}", told.out);
        told
    };
    let pair = [("VIDNOZ_CLIENT_ID", "client-4711"), ("VIDNOZ_CLIENT_SECRET", SECRET)];
    let server = Server::start(&scene, &[]);
    let told = paired(&server, &pair);
    assert_eq!((told.code, check(&told, "list").0.as_str()), (0, "ok"), "{}", told.out);
    let taken = check(&told, "credentials").1;
    assert!(taken.starts_with("`VIDNOZ_CLIENT_ID` and `VIDNOZ_CLIENT_SECRET` were exchanged for a token"), "{taken}");
    assert!(taken.ends_with(" s"), "the life of the token is told: {taken}");
    let told = paired(&server, &pair[..1]);
    let half = check(&told, "credentials");
    assert_eq!((told.code, half.0.as_str()), (1, "failure"));
    assert_eq!(half.2, "set both, or unset `VIDNOZ_CLIENT_ID`");
    drop(server);
    let server = Server::with(&scene, &["--client-secret", "another-secret"]);
    let told = paired(&server, &pair);
    assert_eq!((told.code, codes(&told, "failure")), (3, vec!["credentials".to_owned()]), "{}", told.out);
    assert_eq!(check(&told, "credentials").2, "check `VIDNOZ_CLIENT_ID` and `VIDNOZ_CLIENT_SECRET`");
    drop(server);
    let server = Server::start(&scene, &["http:503@token"]);
    let told = paired(&server, &pair);
    assert_eq!((told.code, codes(&told, "failure")), (1, vec!["credentials".to_owned()]), "{}", told.out);
    assert!(check(&told, "credentials").1.contains("could not be exchanged"), "{}", told.out);
}

#[test]
fn hosts_that_may_not_have_the_credentials_are_not_called() {
    let scene = Scene::manifest(TEN);
    for (url, says) in [
        ("https://192.0.2.1", "set `CALLSHEET_ALLOW_HOST=192.0.2.1`"),
        ("https://[2001:db8::1]", "set `CALLSHEET_ALLOW_HOST=[2001:db8::1]`"),
    ] {
        let mut command = scene.command(&JSON);
        let told = shown(command.env("CALLSHEET_BASE_URL", url).env("VIDNOZ_API_KEY", KEY));
        assert_eq!((told.code, codes(&told, "failure")), (1, vec!["host".to_owned()]), "{}", told.out);
        assert!(check(&told, "host").2.contains(says), "{}", told.out);
        assert_eq!(check(&told, "connection").1, "needs `host`");
    }
}

#[test]
fn a_vendor_that_fails_or_hangs_is_told_in_time() {
    let manifest = TEN.replace("timeout: 2s", "timeout: 1s");
    for (fault, says) in [
        ("list-error", "code 500: internal error"),
        ("slow:30s@list", "the answer did not come within 1s"),
        ("803@list", "code 803: frequent requests"),
    ] {
        let scene = Scene::manifest(&manifest);
        let server = Server::start(&scene, &[fault]);
        let told = server.exits(&scene, 1, &JSON);
        let list = check(&told, "list");
        assert_eq!(list.0, "failure", "{fault}: {}", told.out);
        assert!(list.1.contains(says), "{fault}: {}", list.1);
        assert_eq!(check(&told, "credentials").0, "skipped", "{fault}");
    }
}

#[test]
fn command_lines_that_make_no_sense_are_refused() {
    let scene = Scene::manifest(TEN);
    for args in [
        &["--avatar", "A1"][..],
        &["--retake"],
        &["--yes"],
        &["--timeout", "5m"],
        &["--max-credits", "5"],
        &["--format", "yaml"],
        &["extra"],
    ] {
        let told = scene.run(&[&["doctor"], args].concat());
        assert_eq!((told.code, told.out.as_str()), (64, ""), "{args:?}: {}", told.err);
    }
}
