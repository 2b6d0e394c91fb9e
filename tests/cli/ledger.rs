//! The shared ledger with real clones of a bare repository: on, in use, off, and everything that it refuses.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::faults::TEN;
use crate::fixture::{Shown, shown};
use crate::runner::Pipeline;
use crate::server::KEY;

/// Ten videos with a ledger.
pub fn shared(manifest: &str) -> String {
    format!("{manifest}ledger: {{ branch: callsheet/ledger }}\n")
}

/// A bare repository with a shared project.
pub fn pipeline(manifest: &str, faults: &[&str]) -> Pipeline {
    let pipeline = Pipeline::with(&shared(manifest), "* text=auto\n", faults);
    ok(&pipeline, "author", &["lock", "share"]);
    pipeline
}

/// The binary in a clone.
pub fn command(pipeline: &Pipeline, folder: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callsheet"));
    command.args(args);
    prepared(pipeline, folder, command)
}

/// A program in a clone, with the environment of the binary.
pub fn prepared(pipeline: &Pipeline, folder: &str, mut command: Command) -> Command {
    command.current_dir(pipeline.scene.path().join(folder));
    pipeline.surround(&mut command);
    command.env("COLUMNS", "200").env("CALLSHEET_BASE_URL", &pipeline.server.url).env("VIDNOZ_API_KEY", KEY);
    command.env("CALLSHEET_CLAIM_SECONDS", "1");
    command
}

fn run(pipeline: &Pipeline, folder: &str, args: &[&str]) -> Shown {
    shown(&mut command(pipeline, folder, args))
}

pub fn ok(pipeline: &Pipeline, folder: &str, args: &[&str]) -> Shown {
    exits(pipeline, folder, 0, args)
}

fn exits(pipeline: &Pipeline, folder: &str, code: i32, args: &[&str]) -> Shown {
    let done = run(pipeline, folder, args);
    assert_eq!(done.code, code, "{args:?}\n{}{}", done.out, done.err);
    done
}

/// The ledger's text on the remote.
pub fn ledger(pipeline: &Pipeline) -> String {
    pipeline.git("origin.git", &["cat-file", "blob", "refs/heads/callsheet/ledger:callsheet.lock"])
}

#[test]
fn what_one_machine_pays_for_is_paid_on_all() {
    let pipeline = pipeline(TEN, &[]);
    let (first, second) = (pipeline.clone("first"), pipeline.clone("second"));
    let done = ok(&pipeline, &first, &["apply", "--yes"]);
    assert!(done.out.starts_with("Applied: 10 submitted"), "{}", done.out);
    let text = ledger(&pipeline);
    assert!(text.starts_with("{\"callsheet\":\"lock\",\"version\":2,\"home\":"), "{text}");
    assert_eq!((text.matches("\"submitted\"").count(), text.matches("\"intent\"").count()), (10, 0), "{text}");
    let planned = ok(&pipeline, &second, &["plan", "--fetch"]);
    assert!(planned.out.contains("Plan: nothing to submit") || planned.out.contains("10 unchanged"), "{}", planned.out);
    // Without network, from what was fetched.
    let planned = ok(&pipeline, &second, &["plan", "--detailed-exitcode"]);
    assert!(planned.out.contains("10 unchanged"), "{}", planned.out);
    let done = ok(&pipeline, &second, &["apply", "--yes"]);
    assert!(done.out.contains("nothing to do, 10 unchanged"), "{}", done.out);
    assert_eq!(pipeline.server.accepted().len(), 10);
    // No commit on main, and nothing that git would commit but the journal.
    assert_eq!(pipeline.git("origin.git", &["log", "--format=%s", "main"]), "work\n");
    assert_eq!(pipeline.git(&second, &["status", "--porcelain"]), "");
    let ledger_log = pipeline.git("origin.git", &["log", "--format=%s", "callsheet/ledger"]);
    assert!(ledger_log.ends_with("callsheet: share [skip ci]\n") && ledger_log.contains("claim 8"), "{ledger_log}");
}

#[test]
fn a_clone_that_never_read_the_ledger_says_so() {
    let pipeline = pipeline(TEN, &[]);
    ok(&pipeline, "author", &["apply", "--yes"]);
    pipeline.git(".", &["clone", "-q", "--single-branch", "-b", "main", "origin.git", "single"]);
    let planned = ok(&pipeline, "single", &["plan"]);
    assert!(planned.out.contains("the ledger was never read here"), "{}", planned.out);
    let done = ok(&pipeline, "single", &["apply", "--yes"]);
    assert!(done.out.contains("nothing to do, 10 unchanged"), "{}", done.out);
    let shown = ok(&pipeline, "single", &["lock", "show", "--format", "json"]);
    assert!(
        shown.out.contains("\"ledger\": {") && shown.out.contains("\"branch\": \"callsheet/ledger\""),
        "{}",
        shown.out
    );
}

#[test]
fn the_ledger_is_never_taken_for_empty() {
    let pipeline = Pipeline::with(&shared(TEN), "", &[]);
    let done = exits(&pipeline, "author", 1, &["apply", "--yes"]);
    assert!(done.err.contains("there is no ledger callsheet/ledger at origin"), "{}", done.err);
    assert!(done.err.contains("nothing was sent"), "{}", done.err);
    ok(&pipeline, "author", &["lock", "share"]);
    let again = exits(&pipeline, "author", 1, &["lock", "share"]);
    assert!(again.err.contains("already has `callsheet.lock`"), "{}", again.err);
    ok(&pipeline, "author", &["apply", "--yes", "--limit", "3"]);
    // Deleted: refused, not bought again.
    pipeline.git("origin.git", &["update-ref", "-d", "refs/heads/callsheet/ledger"]);
    exits(&pipeline, "author", 1, &["apply", "--yes"]);
    assert_eq!(pipeline.server.accepted().len(), 3);
}

#[test]
fn commands_without_an_apply_know_the_results_of_other_machines() {
    let pipeline = pipeline(TEN, &[]);
    let mate = pipeline.clone("mate");
    ok(&pipeline, "author", &["apply", "--yes"]);
    let nightly = exits(&pipeline, &mate, 6, &["status", "--fail-on-expiring", "8d"]);
    assert!(nightly.err.contains("10 results"), "{}{}", nightly.out, nightly.err);
    let explained = ok(&pipeline, &mate, &["explain", "hello[en,free]"]);
    assert!(explained.out.contains("\n  take      done "), "{}", explained.out);
    ok(&pipeline, &mate, &["preview"]);
    let page = pipeline.scene.read(&format!("{mate}/.callsheet/preview/index.html"));
    assert!(page.contains("apply submits nothing"), "{page}");
}

#[test]
fn an_unreachable_ledger_sends_nothing() {
    let pipeline = pipeline(TEN, &[]);
    fs::rename(pipeline.scene.path().join("origin.git"), pipeline.scene.path().join("moved.git")).unwrap();
    let done = exits(&pipeline, "author", 1, &["apply", "--yes"]);
    assert!(
        done.err.contains("callsheet/ledger at origin cannot be read") && done.err.contains("nothing was sent"),
        "{}",
        done.err
    );
    let planned = ok(&pipeline, "author", &["plan", "--fetch"]);
    assert!(planned.out.contains("cannot be read"), "{}", planned.out);
    exits(&pipeline, "author", 1, &["status", "--offline", "--fetch"]);
    assert_eq!(pipeline.server.accepted().len(), 0);
}

#[test]
fn a_fork_and_an_old_branch_are_refused() {
    let pipeline = pipeline(TEN, &[]);
    pipeline.git(".", &["clone", "-q", "--bare", "origin.git", "fork.git"]);
    pipeline.git(".", &["clone", "-q", "fork.git", "forked"]);
    let done = exits(&pipeline, "forked", 1, &["apply", "--yes"]);
    assert!(done.err.contains("git config callsheet.remote NAME"), "{}", done.err);
    let origin = pipeline.scene.path().join("origin.git");
    pipeline.git("forked", &["remote", "add", "upstream", &origin.display().to_string()]);
    pipeline.git("forked", &["config", "callsheet.remote", "upstream"]);
    ok(&pipeline, "forked", &["apply", "--yes", "--limit", "1"]);
    // An old branch has no `ledger:`.
    pipeline.scene.write("forked/callsheet.yaml", TEN);
    let old = exits(&pipeline, "forked", 1, &["apply", "--yes"]);
    assert!(old.err.contains("does not set `ledger:`; nothing was sent"), "{}", old.err);
    assert_eq!(pipeline.server.accepted().len(), 1);
}

#[test]
fn share_unites_branches_and_unshare_brings_everything_back() {
    let pipeline = Pipeline::with(TEN, "callsheet*.lock merge=union eol=lf\n", &[]);
    ok(&pipeline, "author", &["apply", "--yes", "--only", "hello[en,*"]);
    pipeline.commit_and_push("author", "main");
    pipeline.git("author", &["checkout", "-qb", "other", "HEAD~1"]);
    ok(&pipeline, "author", &["apply", "--yes", "--only", "hello[de,*"]);
    pipeline.commit_and_push("author", "other");
    pipeline.git("author", &["checkout", "-q", "main"]);
    pipeline.scene.write("author/callsheet.yaml", &shared(TEN));
    pipeline.git("author", &["fetch", "-q"]);
    let done = ok(&pipeline, "author", &["lock", "share"]);
    assert!(done.err.contains("origin/main, origin/other") && done.err.contains("force pushes"), "{}", done.err);
    assert_eq!(ledger(&pipeline).matches("\"submitted\"").count(), 4);
    let done = ok(&pipeline, "author", &["apply", "--yes"]);
    assert!(done.out.starts_with("Applied: 6 submitted"), "{}", done.out);
    pipeline.commit_and_push("author", "main");
    let mate = pipeline.clone("mate");
    let done = ok(&pipeline, "author", &["lock", "unshare"]);
    assert!(done.err.contains("callsheet/ledger at origin is closed; 10 takes in `callsheet.lock`"), "{}", done.err);
    let late = exits(&pipeline, &mate, 1, &["apply", "--yes"]);
    assert!(late.err.contains("was closed at"), "{}", late.err);
    pipeline.scene.write("author/callsheet.yaml", TEN);
    let done = ok(&pipeline, "author", &["apply", "--yes"]);
    assert!(done.out.contains("nothing to do, 10 unchanged"), "{}", done.out);
    assert_eq!(pipeline.server.accepted().len(), 10);
}

#[test]
fn what_a_killed_run_claimed_waits_for_its_end_then_for_a_proof() {
    let pipeline = pipeline(TEN, &["slow:30s@submit"]);
    let mut killed = command(&pipeline, "author", &["apply", "--yes", "--limit", "3"]);
    killed.env("CALLSHEET_CLAIM_SECONDS", "15").env("GITHUB_RUN_ID", "812");
    let mut killed = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while !fs::read_to_string(pipeline.scene.path().join("author/callsheet.lock"))
        .is_ok_and(|text| text.contains("intent"))
    {
        assert!(Instant::now() < end, "no intent");
        std::thread::sleep(Duration::from_millis(20));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let claims = ledger(&pipeline);
    assert_eq!((claims.matches("\"until\"").count(), claims.matches("github run 812/1").count()), (3, 1), "{claims}");
    let run_id = claims.split("\"run\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mate = pipeline.clone("mate");
    let planned = ok(&pipeline, &mate, &["plan", "--fetch"]);
    assert!(planned.out.contains("claimed by github run 812/1 until"), "{}", planned.out);
    let shown = ok(&pipeline, &mate, &["lock", "show"]);
    assert_eq!(shown.out.matches("claimed by github run 812/1 until").count(), 3, "{}", shown.out);
    let early = exits(&pipeline, &mate, 1, &["lock", "free", "--run", &run_id]);
    assert!(early.err.contains("it cannot be freed before that time"), "{}", early.err);
    let verify = ok(&pipeline, &mate, &["lock", "verify"]);
    assert_eq!(verify.err.matches("claimed by github run 812/1").count(), 3, "{}", verify.err);
    // The vendor may have received one. After the end of the claim, the user decides, once.
    std::thread::sleep(Duration::from_secs(16));
    let pipeline = pipeline.healed();
    let free = ok(&pipeline, &mate, &["lock", "free", "--run", &run_id]);
    assert!(free.out.starts_with("Settled: "), "{}", free.out);
    ok(&pipeline, &mate, &["apply", "--yes"]);
    let mut contents: Vec<_> = pipeline.server.accepted().iter().map(crate::server::Accepted::content).collect();
    contents.sort();
    let all = contents.len();
    contents.dedup();
    assert_eq!((all, contents.len()), (10, 10));
    let gone = exits(&pipeline, &mate, 1, &["lock", "free", "--run", "nobody"]);
    assert!(gone.err.contains("no open claim"), "{}", gone.err);
}

#[test]
fn nothing_of_the_user_is_touched() {
    let pipeline = pipeline(TEN, &[]);
    let folder = pipeline.scene.path().join("author");
    // Refusing hooks, filters, a detached HEAD, staged and unstaged changes, line endings.
    for hook in ["pre-push", "reference-transaction", "pre-commit", "post-index-change"] {
        pipeline.program(
            &format!("author/.git/hooks/{hook}"),
            &format!("#!/bin/sh\necho {hook} >> ../hooks.log\nexit 1\n"),
        );
    }
    fs::remove_file(folder.join(".git/hooks/reference-transaction")).unwrap();
    pipeline.git("author", &["-c", "core.hooksPath=/dev/null", "checkout", "-q", "--detach"]);
    pipeline.scene.write("author/.gitattributes", "*.lock filter=lfs diff=lfs merge=lfs -text\n");
    pipeline.git("author", &["config", "filter.lfs.clean", "false"]);
    pipeline.git("author", &["config", "filter.lfs.required", "true"]);
    pipeline.git("author", &["config", "core.autocrlf", "true"]);
    pipeline.scene.write("author/staged", "one");
    pipeline.git("author", &["-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "add", "staged"]);
    pipeline.scene.write("author/staged", "two");
    pipeline
        .program("author/.git/hooks/reference-transaction", "#!/bin/sh\necho transaction >> ../hooks.log\nexit 1\n");
    drop(fs::remove_file(pipeline.scene.path().join("hooks.log")));
    drop(fs::remove_file(folder.join("hooks.log")));
    let seen = || {
        let bytes = |name: &str| fs::read(folder.join(".git").join(name)).ok();
        (bytes("HEAD"), bytes("index"), bytes("shallow"), bytes("FETCH_HEAD"), fs::read(folder.join("staged")).unwrap())
    };
    let before = seen();
    ok(&pipeline, "author", &["apply", "--yes"]);
    ok(&pipeline, "author", &["lock", "fetch"]);
    assert!(before == seen(), "HEAD, index, shallow, FETCH_HEAD or a file changed");
    assert!(!folder.join("hooks.log").exists() && !pipeline.scene.path().join("hooks.log").exists(), "a hook ran");
    assert_eq!(ledger(&pipeline).matches("\"submitted\"").count(), 10);
    assert!(!ledger(&pipeline).contains('\r'));
}

#[test]
fn shallow_and_partial_clones_work_and_stay_so() {
    let pipeline = pipeline(TEN, &[]);
    ok(&pipeline, "author", &["apply", "--yes", "--limit", "2"]);
    let url = format!("file://{}", pipeline.scene.path().join("origin.git").display());
    pipeline.git("origin.git", &["config", "uploadpack.allowFilter", "true"]);
    for (name, args) in [("shallow", vec!["--depth", "1"]), ("partial", vec!["--filter=blob:none"])] {
        let mut all = vec!["clone", "-q"];
        all.extend(args);
        all.extend([url.as_str(), name]);
        pipeline.git(".", &all);
        let shallow = fs::read(pipeline.scene.path().join(name).join(".git/shallow")).ok();
        let limit = if name == "shallow" { "4" } else { "9" };
        ok(&pipeline, name, &["apply", "--yes", "--limit", limit]);
        let after = fs::read(pipeline.scene.path().join(name).join(".git/shallow")).ok();
        assert_eq!(shallow.is_some(), after.is_some(), "{name}");
    }
    assert_eq!(pipeline.server.accepted().len(), 9);
}

#[test]
fn a_stop_publishes_what_is_known_and_frees_what_never_left() {
    let pipeline = pipeline(TEN, &["slow:1500ms@submit"]);
    let mut stopped = command(&pipeline, "author", &["apply", "--yes"]);
    stopped.env("CALLSHEET_CLAIM_SECONDS", "60");
    let child = stopped.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while !fs::read_to_string(pipeline.scene.path().join("author/callsheet.lock"))
        .is_ok_and(|text| text.contains("intent"))
    {
        assert!(Instant::now() < end, "no intent");
        std::thread::sleep(Duration::from_millis(20));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(130), "{said}");
    let text = ledger(&pipeline);
    let accepted = pipeline.server.accepted().len();
    assert_eq!(text.matches("\"submitted\"").count(), accepted, "{text}");
    assert_eq!(text.matches("\"intent\"").count(), 0, "{text}");
    // Another machine continues immediately.
    let pipeline = pipeline.healed();
    let mate = pipeline.clone("mate");
    ok(&pipeline, &mate, &["apply", "--yes"]);
    assert_eq!(pipeline.server.accepted().len(), 10);
}

#[test]
fn the_months_budget_counts_what_all_runs_claim() {
    let budget = format!("{TEN}guards: {{ max_credits_per_month: 1.5 }}\n");
    let pipeline = pipeline(&budget, &[]);
    ok(&pipeline, "author", &["apply", "--yes", "--limit", "5"]);
    let mate = pipeline.clone("mate");
    let done = exits(&pipeline, &mate, 5, &["apply", "--yes"]);
    assert!(done.err.contains("`max_credits_per_month` is 1.5"), "{}", done.err);
    assert_eq!(pipeline.server.accepted().len(), 5);
}
