//! Downloading videos: status, wait, pull.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::fixture::{Scene, Shown};
use crate::schemas::valid_lines;
use crate::server::Server;

/// Two videos, with settings that keep tests fast.
pub const TWO: &str = r##"callsheet: 1
avatars: { anna: { id: A1 } }
voices: { narrator: { tts: { id: V1 } } }
defaults: { avatar: anna, voice: narrator, background: { color: "#f4f4f4" } }
videos:
  hello:
    matrix: { locale: [en, de] }
    script: "Hello {{ matrix.locale }}, this is a video of some length, so that it can be cut in the middle of it."
environments:
  production: { rate: 0, concurrency: 4, timeout: 3s, settle_grace: 1s }
"##;

/// Returns the saved files, except hidden ones.
pub fn saved(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| !path.file_name().unwrap().to_str().unwrap().starts_with('.'));
    files.sort();
    files
}

pub fn hash(path: &Path) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(fs::read(path).unwrap()))
}

/// Checks that every saved file is a complete video with its hash in the lockfile.
pub fn all_good(folder: &Path, lock: &str) {
    for path in saved(folder) {
        let container = callsheet::results::check_mp4(&mut fs::File::open(&path).unwrap());
        let container = container.unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        assert!(container.seconds.unwrap() > 0.1 && container.height() == Some(720), "{container:?}");
        assert!(lock.contains(&hash(&path)), "the lockfile does not know {}:\n{lock}", path.display());
    }
}

/// Runs a command without an API key, at the address of a vendor that may be gone. Takes belong to its host.
fn alone(scene: &Scene, url: &str, args: &[&str]) -> Shown {
    crate::fixture::shown(scene.command(args).env("CALLSHEET_BASE_URL", url))
}

#[test]
fn eight_videos_come_home_and_a_second_pull_moves_nothing() {
    let scene = Scene::example("localized");
    let done = scene.ok(&["apply", "--env", "sandbox", "--yes", "--wait"]);
    assert!(done.out.ends_with("Waited: 8 done\n"), "{}", done.out);
    let pulled = scene.ok(&["pull", "--env", "sandbox"]);
    assert!(pulled.out.starts_with("Pulled: 8 saved · "), "{}", pulled.out);
    let dist = scene.path().join("dist");
    let names: Vec<String> =
        saved(&dist).iter().map(|path| path.file_name().unwrap().to_str().unwrap().into()).collect();
    assert_eq!((names.len(), names[0].as_str()), (8, "onboarding.de.free.mp4"));
    let lock = scene.read(".callsheet/sandbox.lock");
    all_good(&dist, &lock);
    assert_eq!(lock.matches("\"state\":\"pulled\"").count(), 8);
    assert_eq!(fs::read_dir(&dist).unwrap().count(), 8, "no part, no note is left");
    if let Ok(probed) = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "format=duration"])
        .arg(dist.join(&names[0]))
        .output()
    {
        assert!(probed.status.success() && probed.stderr.is_empty(), "{probed:?}");
    }
    let again = scene.ok(&["pull", "--env", "sandbox"]);
    assert_eq!((again.out.as_str(), again.err.as_str()), ("Pulled: 8 kept · 0 bytes downloaded\n", ""));
    assert_eq!(scene.read(".callsheet/sandbox.lock"), lock, "and writes nothing");
    scene.ok(&["plan", "--env", "sandbox", "--detailed-exitcode"]);
    scene.ok(&["lock", "verify", "--env", "sandbox"]);
}

#[test]
fn nobody_is_asked_when_all_is_home() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes"]);
    server.ok(&scene, &["pull", "--wait"]);
    let url = server.url.clone();
    drop(server);
    let alone = |args: &[&str]| alone(&scene, &url, args);
    // No API key, no network.
    assert_eq!(alone(&["pull"]).out, "Pulled: 2 kept · 0 bytes downloaded\n");
    assert!(alone(&["status"]).out.ends_with("\n2 videos: 2 pulled\n"));
    assert_eq!(alone(&["wait"]).out, "Waited: 2 pulled\n");
    // A missing or changed file does need credentials.
    for name in ["dist/hello.en.mp4", "dist/hello.de.mp4"] {
        fs::write(scene.path().join(name), "mine").unwrap();
    }
    let shown = alone(&["pull"]);
    assert_eq!((shown.code, scene.read("dist/hello.en.mp4").as_str()), (1, "mine"), "{}", shown.err);
    assert!(shown.err.contains("no credentials: set `VIDNOZ_CLIENT_ID`"), "{}", shown.err);
}

#[test]
fn nothing_is_overwritten_and_what_is_here_is_not_fetched_again() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes"]);
    server.ok(&scene, &["pull", "--wait"]);
    let old = hash(&scene.path().join("dist/hello.en.mp4"));
    // Other content with the same file name: the old file is moved away.
    scene.edit("callsheet.yaml", "of some length", "of quite another length than before");
    server.ok(&scene, &["apply", "--yes"]);
    let done = server.ok(&scene, &["pull", "--wait"]);
    assert!(done.out.starts_with("Pulled: 2 saved"), "{}", done.out);
    assert_eq!(hash(&scene.path().join(format!("dist/.replaced/{}.mp4", &old[..16]))), old);
    let lock = scene.read("callsheet.lock");
    all_good(&scene.path().join("dist"), &lock);
    // After a revert, the old file is restored from this disk, although the vendor is gone.
    let url = server.url.clone();
    drop(server);
    let alone = |args: &[&str]| alone(&scene, &url, args);
    scene.edit("callsheet.yaml", "of quite another length than before", "of some length");
    let back = alone(&["pull"]);
    assert_eq!(
        (back.out.as_str(), hash(&scene.path().join("dist/hello.en.mp4"))),
        ("Pulled: 2 saved · 0 bytes downloaded\n", old.clone())
    );
    // The same works for another name.
    let named = alone(&["pull", "--name", "{env}/{base}-{digest}.{ext}"]);
    assert_eq!(named.out, "Pulled: 2 saved · 0 bytes downloaded\n", "{}", named.err);
    assert_eq!(saved(&scene.path().join("dist/production")).len(), 2);
    // A renamed key keeps its take, and gets a separate file.
    scene.edit("callsheet.yaml", "  hello:", "  hi:");
    assert_eq!(alone(&["pull"]).out, "Pulled: 2 saved · 0 bytes downloaded\n");
    assert_eq!(hash(&scene.path().join("dist/hi.en.mp4")), old);
}

#[test]
fn two_videos_that_would_be_one_file_are_refused_and_others_are_saved() {
    let scene = Scene::manifest(&TWO.replace("[en, de]", "[\"a b\", A-B, c]"));
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes"]);
    let refused = server.exits(&scene, 6, &["pull", "--wait"]);
    let apart = "; `--name '{key}.{digest}.{ext}'` makes them unique\n";
    for (key, other, name) in
        [("hello[a b]", "hello[A-B]", "hello.a-b.mp4"), ("hello[A-B]", "hello[a b]", "hello.A-B.mp4")]
    {
        let line = format!("not saved {key}: `{other}` would be saved as `{name}` too{apart}");
        assert!(refused.err.contains(&line), "{}", refused.err);
    }
    assert!(refused.out.starts_with("Pulled: 1 saved, 2 not saved"), "{}", refused.out);
    assert_eq!(saved(&scene.path().join("dist")).len(), 1);
    server.ok(&scene, &["pull", "--wait", "--name", "{key}.{digest}.{ext}"]);
    assert_eq!(saved(&scene.path().join("dist")).len(), 4, "three, and the copied one under its first name");
    for name in ["../{key}.{ext}", "{kye}", "{key", "/tmp/{key}"] {
        assert_ne!(server.run(&scene, &["pull", "--name", name]).code, 0, "{name}");
    }
}

#[test]
fn waiting_runs_out_with_the_ids_and_goes_on_later() {
    let scene = Scene::manifest(TWO);
    let server = Server::with(&scene, &["--render", "2500"]);
    let applied = server.exits(&scene, 4, &["apply", "--yes", "--wait", "--timeout", "0s"]);
    let tasks: Vec<String> = server.accepted().into_iter().map(|one| one.task).collect();
    assert!(tasks.iter().all(|task| applied.out.contains(task.as_str())), "{}", applied.out);
    assert!(applied.err.contains("the time ran out; `callsheet wait` continues"), "{}", applied.err);
    let early = server.exits(&scene, 4, &["pull"]);
    assert!(early.out.starts_with("Pulled: 2 not rendered yet"), "{}", early.out);
    let status = server.ok(&scene, &["status"]);
    assert!(status.out.ends_with("\n2 videos: 2 rendering\n"), "{}", status.out);
    let waited = server.ok(&scene, &["wait", "hello[en]", "--format", "json"]);
    let events = valid_lines("events", &waited.out);
    assert_eq!((&events.last().unwrap()["event"], &events.last().unwrap()["done"]), (&"summary".into(), &1.into()));
    server.ok(&scene, &["wait"]);
    assert!(server.ok(&scene, &["status", "--offline"]).out.ends_with("\n2 videos: 2 done\n"));
    assert_eq!(scene.read("callsheet.lock").matches("\"state\":\"done\"").count(), 2);
    scene.edit("callsheet.yaml", "of some length", "of another length");
    server.ok(&scene, &["apply", "--yes"]);
    let watched = server.ok(&scene, &["status", "--watch"]);
    assert!(watched.out.ends_with("\n2 videos: 2 done\n"), "{}", watched.out);
    assert!(watched.err.starts_with("done hello["), "{}", watched.err);
    server.exits(&scene, 64, &["status", "--watch", "--format", "json"]);
    let late = server.exits(&scene, 64, &["wait", "--timeout", "20"]);
    assert!(late.err.contains("`20m`"), "{}", late.err);
}

#[test]
fn what_the_vendor_failed_is_said_in_its_words_and_known_to_the_plan() {
    let scene = Scene::manifest(&TWO.replace("Hello {{", "[[fail]] Hello {{"));
    let server = Server::start(&scene, &[]);
    let done = server.exits(&scene, 6, &["apply", "--yes", "--wait"]);
    assert!(done.err.contains("failed hello[en]: the script holds [[fail]]"), "{}", done.err);
    let status = server.ok(&scene, &["status"]);
    assert!(
        status.out.contains("failed           the script holds [[fail]], so the sandbox failed this video"),
        "{}",
        status.out
    );
    assert!(server.exits(&scene, 6, &["pull"]).out.contains("2 failed"));
    assert!(server.ok(&scene, &["plan"]).out.contains("  ! hello[en]"));
    assert_eq!(server.accepted().len(), 2);
}

#[test]
fn a_take_whose_key_is_gone_is_shown_and_saved_by_its_name() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes"]);
    scene.edit("callsheet.yaml", "[en, de]", "[de]");
    let status = server.ok(&scene, &["status"]);
    assert!(status.out.contains("no longer in any manifest"), "{}", status.out);
    assert!(server.ok(&scene, &["pull"]).out.starts_with("Pulled: 1 saved"));
    assert!(server.ok(&scene, &["pull", "hello[en]"]).out.starts_with("Pulled: 1 saved"));
    // Invalid manifests do not prevent saving paid videos.
    fs::remove_dir_all(scene.path().join("dist")).unwrap();
    scene.edit("callsheet.yaml", "script:", "skript:");
    let pulled = server.ok(&scene, &["pull"]);
    assert!(pulled.out.starts_with("Pulled: 2 saved"), "{}{}", pulled.out, pulled.err);
    assert!(pulled.err.contains("which `callsheet validate` shows"), "{}", pulled.err);
    let status: Value = serde_json::from_str(&server.ok(&scene, &["status", "--format", "json"]).out).unwrap();
    assert_eq!(status["takes"].as_array().unwrap().len(), 2);
    assert!(status["warnings"][0].as_str().unwrap().contains("which `callsheet validate` shows"));
}

#[test]
fn while_an_apply_runs_status_only_shows_and_pull_waits_to_write() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &["slow-after-accept:3s"]);
    server.ok(&scene, &["apply", "--yes", "--only", "hello[en]"]);
    let mut apply = server
        .command(&scene, &["apply", "--yes"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while server.accepted().len() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let status = server.ok(&scene, &["status", "hello[en]"]);
    assert!(status.out.contains("done"), "{}", status.out);
    assert!(
        status.err.contains("`callsheet apply` is running here") && status.err.contains("not written to the lockfile"),
        "{}",
        status.err
    );
    assert!(!scene.read("callsheet.lock").contains("\"done\""));
    let pulled = server.ok(&scene, &["pull", "hello[en]"]);
    assert!(pulled.err.contains("the saved files are recorded after that"), "{}", pulled.err);
    assert!(apply.wait().unwrap().success());
    let lock = scene.read("callsheet.lock");
    assert_eq!((lock.matches("\"pulled\"").count(), lock.matches("\"submitted\"").count()), (1, 1), "{lock}");
}

#[test]
fn an_apply_waits_for_those_who_only_write_a_few_lines() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    let guard = scene.path().join(".callsheet/apply.lock");
    let take =
        |command| callsheet::lockfile::ApplyLock::acquire(&guard, "ada", command, jiff::Timestamp::now()).unwrap();
    let held = take("callsheet wait");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(400));
            drop(held);
        });
        server.ok(&scene, &["apply", "--yes"]);
    });
    let _held = take("callsheet apply");
    assert!(server.exits(&scene, 1, &["apply", "--yes"]).err.contains("`callsheet apply` is running here"));
}

#[test]
fn the_time_of_a_pull_also_ends_its_wait_for_an_apply() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes", "hello[en]"]);
    let guard = scene.path().join(".callsheet/apply.lock");
    let take =
        || callsheet::lockfile::ApplyLock::acquire(&guard, "ada", "callsheet apply", jiff::Timestamp::now()).unwrap();
    let held = take();
    let pulled = server.exits(&scene, 1, &["pull", "hello[en]", "--wait", "--timeout", "6s"]);
    assert!(pulled.out.starts_with("Pulled: 1 saved · "), "{}", pulled.out);
    assert!(pulled.err.contains("the time ran out while another command of the project was running"), "{}", pulled.err);
    assert!(!scene.read("callsheet.lock").contains("\"pulled\""));
    drop(held);
    assert_eq!(server.ok(&scene, &["pull", "hello[en]"]).out, "Pulled: 1 saved · 0 bytes downloaded\n");
    assert_eq!(scene.read("callsheet.lock").matches("\"pulled\"").count(), 1);
}

#[test]
fn a_refused_key_and_a_quality_that_is_not_there() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes"]);
    let other = server.ok(&scene, &["pull", "--quality", "1080p"]);
    assert!(other.err.contains("warning: `hello[en]` is not available in 1080p: 720p is saved"), "{}", other.err);
    let again = server.ok(&scene, &["pull", "--quality", "1080p"]);
    assert_eq!(again.out, "Pulled: 2 kept · 0 bytes downloaded\n");
    assert_eq!(server.ok(&scene, &["pull", "--quality", "720p"]).out, "Pulled: 2 kept · 0 bytes downloaded\n");
    drop(server);
    scene.edit("callsheet.yaml", "Hello", "Hi");
    let server = Server::start(&scene, &["unauthorized@detail", "unauthorized@list"]);
    server.ok(&scene, &["apply", "--yes", "--no-check-remote"]);
    for args in [&["status"][..], &["wait"], &["pull"], &["pull", "--wait"]] {
        let refused = server.exits(&scene, 3, args);
        assert!(refused.err.contains("the vendor rejected the token in `VIDNOZ_API_KEY`"), "{}", refused.err);
    }
}

#[test]
fn who_waits_for_what_was_never_sent_is_told_so() {
    let scene = Scene::manifest(crate::faults::TEN);
    let waited = scene.ok(&["wait"]);
    assert_eq!(waited.out, "Waited: 10 not submitted\n");
    assert_eq!(
        waited.err,
        "none of these videos was submitted yet, so there is nothing to wait for; `callsheet apply` submits them\n"
    );
    assert_eq!(scene.ok(&["wait", "-q"]).err, "");
    assert!(!scene.ok(&["wait", "--format", "json"]).out.contains("was submitted yet"));
}
