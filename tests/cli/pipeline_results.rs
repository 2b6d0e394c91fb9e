//! The pipelines of `examples/ci` after an apply: the downloads, their records on the branch, the nightly check, the storyboard
//! of a plan, and the note on a merge request.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::faults::TEN;
use crate::fixture::{Shown, repository, shown};
use crate::runner::Pipeline;

/// Returns the manifest of a project of two videos.
fn two() -> String {
    TEN.replace("locale: [en, de, fr, es, it]", "locale: [en]")
}

/// Returns the script of the one step of a job in the GitHub example that contains a text.
fn github_step(job: &str, holds: &str) -> String {
    let text = fs::read_to_string(repository().join("examples/ci/github.yml")).unwrap();
    let jobs: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    let steps = jobs["jobs"][job]["steps"].as_sequence().unwrap().clone();
    let scripts: Vec<String> = steps.iter().filter_map(|step| Some(step["run"].as_str()?.to_owned())).collect();
    let found: Vec<&String> = scripts.iter().filter(|script| script.contains(holds)).collect();
    assert_eq!(found.len(), 1, "{scripts:?}");
    found[0].clone()
}

fn run(pipeline: &Pipeline, script: &str, folder: &str) -> Shown {
    shown(&mut pipeline.shell(script, folder))
}

/// Returns the number of films in a directory of a clone.
fn films(pipeline: &Pipeline, folder: &str) -> usize {
    let Ok(entries) = fs::read_dir(pipeline.scene.path().join(folder).join("dist")) else { return 0 };
    entries.flatten().filter(|entry| entry.path().extension().is_some_and(|ending| ending == "mp4")).count()
}

#[test]
fn github_downloads_after_an_apply_and_records_it_on_the_branch_once() {
    let pipeline = Pipeline::with(&two(), "", &[]);
    let pull = github_step("apply", "callsheet pull");
    let check = github_step("expiring", "callsheet status").replace("48h", "200h");
    let runner = pipeline.clone("runner");
    assert_eq!(pipeline.apply(&runner, "main").0, 0);
    let unsaved = run(&pipeline, &check, &pipeline.clone("night"));
    assert_eq!(unsaved.code, 6, "{}{}", unsaved.out, unsaved.err);
    let pulled = run(&pipeline, &pull, &runner);
    assert_eq!((pulled.code, films(&pipeline, &runner)), (0, 2), "{}{}", pulled.out, pulled.err);
    assert!(!pipeline.pushed().contains("\"pulled\""), "the videos are not stored yet");
    let (recorded, _) = pipeline.record(&runner);
    assert_eq!(recorded.code, 0, "{}{}", recorded.out, recorded.err);
    assert_eq!(pipeline.pushed().matches("\"pulled\"").count(), 2);
    let saved = run(&pipeline, &check, &pipeline.clone("next-night"));
    assert_eq!(saved.code, 0, "{}{}", saved.out, saved.err);

    // The next run has no files, and downloads none of the saved ones again.
    let next = pipeline.clone("next");
    assert_eq!(pipeline.apply(&next, "main").1, "nothing to do");
    let again = run(&pipeline, &pull, &next);
    assert_eq!((again.code, films(&pipeline, &next)), (0, 0), "{}{}", again.out, again.err);
}

#[test]
fn what_an_earlier_run_could_not_download_is_recorded_by_a_run_without_changes() {
    let pipeline = Pipeline::with(&two(), "", &[]);
    assert_eq!(pipeline.apply(&pipeline.clone("first"), "main").0, 0);
    let next = pipeline.clone("next");
    let (planned, outputs) = pipeline.step("plan", &next, &[]);
    assert_eq!((planned.code, outputs["changes"].as_str()), (0, "false"));
    let known =
        [("github.ref_name", "main"), ("steps.plan.outputs.submit", "0"), ("steps.plan.outputs.changes", "false")];
    let before = pipeline.git("origin.git", &["rev-parse", "main"]);
    let (applied, _) = pipeline.step("apply", &next, &known);
    assert_eq!(applied.code, 0, "{}{}", applied.out, applied.err);
    assert_eq!(pipeline.git("origin.git", &["rev-parse", "main"]), before, "nothing was pushed");
    assert_eq!(run(&pipeline, &github_step("apply", "callsheet pull"), &next).code, 0);
    assert_eq!(pipeline.record(&next).0.code, 0);
    assert_eq!(pipeline.pushed().matches("\"pulled\"").count(), 2);
}

#[test]
fn gitlab_downloads_in_one_job_and_records_it_in_the_next() {
    let pipeline = Pipeline::with(&two(), "", &[]);
    let run = |job: &str, folder: &str| {
        let done = shown(&mut pipeline.gitlab(job, folder, "--max-credits 200"));
        assert_eq!(done.code, 0, "{job}: {}{}", done.out, done.err);
    };
    // Each job has a clone of the commit of the pipeline, and the artifacts of the jobs before.
    let clones = ["apply", "pull", "record"].map(|job| pipeline.clone(job));
    let hand_over = |from: &str, to: &str| {
        fs::copy(pipeline.lock(from), pipeline.lock(to)).unwrap();
    };
    run("apply", &clones[0]);
    hand_over("apply", "pull");
    run("pull", &clones[1]);
    assert_eq!(films(&pipeline, "pull"), 2);
    assert!(!pipeline.pushed().contains("\"pulled\""), "the videos are not stored yet");
    hand_over("pull", "record");
    run("record", &clones[2]);
    assert_eq!(pipeline.pushed().matches("\"pulled\"").count(), 2);
    run("expiring", &pipeline.clone("night"));
    // A pipeline whose apply was refused has no lockfile.
    let empty = Pipeline::with(&two(), "", &[]);
    let recorded = shown(&mut empty.gitlab("record", &empty.clone("record"), "--max-credits 200"));
    assert_eq!(recorded.code, 0, "{}{}", recorded.out, recorded.err);
}

#[test]
fn the_action_plans_once_and_links_its_storyboard() {
    let pipeline = Pipeline::with(&two(), "", &[]);
    let real = env!("CARGO_BIN_EXE_callsheet");
    pipeline.stub("callsheet", &format!("#!/bin/sh\necho \"$*\" >> \"$HOME/calls\"\nexec {real} \"$@\"\n"));
    let runner = pipeline.clone("runner");
    let (drawn, outputs) = pipeline.step("storyboard", &runner, &[]);
    assert_eq!(drawn.code, 0, "{}{}", drawn.out, drawn.err);
    let folder = std::path::Path::new(&outputs["folder"]);
    let page = fs::read_to_string(folder.join("index.html")).unwrap();
    assert!(page.contains("apply submits 2: 2 new"), "{page}");
    assert!(outputs["artifact"].starts_with("callsheet-storyboard-"), "{outputs:?}");
    let url = "https://github.test/acme/videos/actions/runs/1/artifacts/2";
    let (planned, outputs) = pipeline.step("plan", &runner, &[("steps.upload.outputs.artifact-url", url)]);
    assert_eq!((planned.code, outputs["changes"].as_str()), (0, "true"), "{}{}", planned.out, planned.err);
    let summary = pipeline.scene.read("temp/runner/summary");
    assert!(summary.contains(&format!("(<{url}>)")), "{summary}");
    assert_eq!(summary, pipeline.scene.read("temp/runner/callsheet-plan.md"));
    let calls = pipeline.scene.read("calls");
    assert_eq!(calls.lines().filter(|call| call.contains(" plan ")).count(), 1, "{calls}");

    pipeline.scene.write("runner/callsheet.yaml", "callsheet: 1\nvideos: { a: { speed: 1 } }\n");
    let (drawn, outputs) = pipeline.step("storyboard", &runner, &[]);
    assert_eq!((drawn.code, outputs.len()), (0, 0), "{}{}", drawn.out, drawn.err);
    assert!(drawn.out.contains("::warning::the storyboard could not be drawn"), "{}", drawn.out);
}

const NOTES: &str = "/api/v4/projects/42/merge_requests/7/notes";

#[derive(Default)]
struct Notes {
    /// Author and body. The id of a note is its position.
    all: Vec<(u64, String)>,
    refuses: bool,
}

/// Starts the notes API of GitLab. The token is that of user 5.
fn gitlab_api() -> (String, Arc<Mutex<Notes>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api/v4", listener.local_addr().unwrap());
    let notes = Arc::new(Mutex::new(Notes::default()));
    let shared = Arc::clone(&notes);
    std::thread::spawn(move || listener.incoming().for_each(|stream| serve(stream.unwrap(), &shared)));
    (url, notes)
}

fn serve(stream: TcpStream, notes: &Mutex<Notes>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head).unwrap() > 2 {}
    let lower = head.to_lowercase();
    let length = lower.split("content-length: ").nth(1).map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let (status, next, answer) = if lower.contains("private-token: note-token") {
        answer(&head, &body, &mut notes.lock().unwrap())
    } else {
        (401, String::new(), json!({}))
    };
    let answer = answer.to_string();
    let text = format!(
        "HTTP/1.1 {status} Word\r\nContent-Type: application/json\r\nX-Next-Page: {next}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
        answer.len()
    );
    reader.get_mut().write_all(text.as_bytes()).unwrap();
}

fn answer(head: &str, body: &[u8], notes: &mut Notes) -> (u16, String, Value) {
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let written = || url::form_urlencoded::parse(body).find(|(name, _)| name == "body").unwrap().1.into_owned();
    match (method, path) {
        ("GET", "/api/v4/user") => (200, String::new(), json!({ "id": 5 })),
        _ if notes.refuses => (403, String::new(), json!({})),
        ("GET", NOTES) => {
            let page: usize = query.rsplit_once("page=").unwrap().1.parse().unwrap();
            let note = |(id, (author, body)): (usize, &(u64, String))| json!({ "id": id, "author": { "id": author }, "body": body });
            let shown: Vec<Value> = notes.all.iter().enumerate().skip((page - 1) * 100).take(100).map(note).collect();
            let next = if notes.all.len() > page * 100 { (page + 1).to_string() } else { String::new() };
            (200, next, json!(shown))
        }
        ("POST", NOTES) => {
            notes.all.push((5, written()));
            (201, String::new(), json!({}))
        }
        ("PUT", path) => {
            let id: usize = path.strip_prefix(&format!("{NOTES}/")).unwrap().parse().unwrap();
            notes.all[id].1 = written();
            (200, String::new(), json!({}))
        }
        _ => panic!("no such request: {head}"),
    }
}

#[test]
fn a_merge_request_has_one_note_that_is_kept_up_to_date() {
    let pipeline = Pipeline::with(&two(), "", &[]);
    let runner = pipeline.clone("runner");
    let (url, notes) = gitlab_api();
    let plan = |token: &str| {
        let mut job = pipeline.gitlab("plan", &runner, "--max-credits 200");
        job.env("CI_API_V4_URL", &url).env("CI_PROJECT_ID", "42").env("CI_MERGE_REQUEST_IID", "7");
        job.env("NOTE_TOKEN", token);
        let done = shown(&mut job);
        assert_eq!(done.code, 0, "a note never fails the build: {}{}", done.out, done.err);
        done.out
    };
    let ours = || notes.lock().unwrap().all.iter().filter(|(author, _)| *author == 5).cloned().collect::<Vec<_>>();
    assert!(plan("").contains("NOTE_TOKEN is not set"));
    let forged = "<!-- callsheet plan production -->\nall is well, and free".to_owned();
    notes.lock().unwrap().all = (0..150).map(|_| (6, forged.clone())).collect();
    notes.lock().unwrap().all.push((5, format!("a quotation: {forged}")));
    plan("note-token");
    let first = ours();
    assert_eq!(first.len(), 2);
    assert!(first[1].1.starts_with("<!-- callsheet plan production -->\n### "), "{first:?}");
    assert!(
        first[1].1.contains("(<https://gitlab.test/acme/videos/-/jobs/1/artifacts/browse/storyboard/>)"),
        "{first:?}"
    );
    assert!(pipeline.scene.read("runner/storyboard/index.html").contains("Storyboard"));
    pipeline.scene.edit("runner/callsheet.yaml", "Hello", "Good morning & all");
    plan("note-token");
    let second = ours();
    assert!(second.len() == 2 && second[0] == first[0] && second[1] != first[1], "{second:?}");
    assert_eq!(notes.lock().unwrap().all.iter().filter(|(author, body)| *author == 6 && *body == forged).count(), 150);

    notes.lock().unwrap().refuses = true;
    assert!(plan("note-token").contains("the plan could not be put on the merge request"));
    assert!(plan("wrong").contains("the plan could not be put on the merge request"));
    assert_eq!(ours(), second);
}
