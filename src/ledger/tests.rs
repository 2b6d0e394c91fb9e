//! The place with a real git: what a swap does, and what is never touched.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use jiff::SignedDuration;

use super::{Branch, BranchSetting, Ledger, LedgerError, run_id};
use crate::lockfile::{Lockfile, Record, Run, encode};

fn git(directory: &Path, args: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]).args(args);
    let done = git.current_dir(directory).output().unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn setting() -> BranchSetting {
    BranchSetting { branch: "callsheet/ledger".to_owned(), remote: "origin".to_owned(), name: "a b".to_owned() }
}

/// A bare repository and two clones.
fn clones() -> (tempfile::TempDir, Branch, Branch) {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &["init", "-q", "--bare", "origin.git"]);
    for name in ["one", "two"] {
        git(directory.path(), &["clone", "-q", "origin.git", name]);
    }
    let open = |name: &str| Branch::open(&directory.path().join(name), &setting()).unwrap();
    let branches = (open("one"), open("two"));
    (directory, branches.0, branches.1)
}

fn files(text: &str) -> Vec<(String, String)> {
    vec![("callsheet.lock".to_owned(), text.to_owned())]
}

#[test]
fn of_two_swaps_of_one_version_one_wins_even_with_the_same_text() {
    let (directory, one, two) = clones();
    assert_eq!(one.read("callsheet.lock").unwrap().commit, None);
    assert_eq!(one.swap(None, &files("first\n"), ("share", "run1")), Ok(true));
    assert!(two.swap(None, &files("first\n"), ("share", "run1")).is_err(), "created only once");
    let read = one.read("callsheet.lock").unwrap();
    let same = two.read("callsheet.lock").unwrap();
    assert_eq!((read.text.as_deref(), &read.commit), (Some(b"first\n".as_slice()), &same.commit));
    assert_eq!(one.swap(read.commit.as_deref(), &files("next\n"), ("claim 1", "run1")), Ok(false));
    assert!(two.swap(same.commit.as_deref(), &files("next\n"), ("claim 1", "run1")).is_err());
    let log = git(&directory.path().join("origin.git"), &["log", "--format=%s|%an", "callsheet/ledger"]);
    assert!(log.starts_with("callsheet: claim 1 [skip ci]|"), "{log}");
    assert_eq!(
        git(&directory.path().join("origin.git"), &["ls-tree", "-r", "--name-only", "callsheet/ledger"]),
        "a b/callsheet.lock\n"
    );
    // The branch was deleted: the push restores it, with its history.
    let read = one.read("callsheet.lock").unwrap();
    git(&directory.path().join("origin.git"), &["update-ref", "-d", "refs/heads/callsheet/ledger"]);
    assert_eq!(one.swap(read.commit.as_deref(), &files("last\n"), ("claim 1", "run1")), Ok(true));
    assert_eq!(git(&directory.path().join("origin.git"), &["rev-list", "--count", "callsheet/ledger"]), "3\n");
}

#[test]
fn without_the_nonce_both_of_two_equal_swaps_would_seem_to_win() {
    // The negative control: the same tree, time and words make the same commit, and git says that all is up to date.
    let (directory, one, two) = clones();
    assert!(one.swap(None, &files("first\n"), ("share", "run1")).is_ok());
    let base = one.read("callsheet.lock").unwrap().commit.unwrap();
    two.read("callsheet.lock").unwrap();
    let push = |name: &str| {
        let clone = directory.path().join(name);
        let tree = format!("{base}^{{tree}}");
        let mut commit = Command::new("git");
        commit.args(["commit-tree", &tree, "-p", &base, "-m", "callsheet: claim 1"]).current_dir(&clone);
        for role in ["AUTHOR", "COMMITTER"] {
            commit.env(format!("GIT_{role}_NAME"), "T").env(format!("GIT_{role}_EMAIL"), "t@example.com");
            commit.env(format!("GIT_{role}_DATE"), "2026-11-22T12:00:00Z");
        }
        let commit = String::from_utf8(commit.output().unwrap().stdout).unwrap();
        git(&clone, &["push", "--porcelain", "origin", &format!("{}:refs/heads/callsheet/ledger", commit.trim())])
    };
    assert!(push("one").contains("\n \t"), "the first moves the branch");
    assert!(push("two").contains("\n=\t"), "the second exits with 0 too");
}

#[test]
fn other_files_of_the_branch_stay() {
    let (directory, one, two) = clones();
    assert!(one.swap(None, &files("first\n"), ("share", "run1")).is_ok());
    let read = two.read("callsheet.staging.lock").unwrap();
    assert_eq!(read.text, None, "the branch is there, the file is not");
    let staging = vec![("callsheet.staging.lock".to_owned(), "staging\n".to_owned())];
    assert!(two.swap(read.commit.as_deref(), &staging, ("share", "run2")).is_ok());
    assert_eq!(one.read("callsheet.lock").unwrap().text.as_deref(), Some(b"first\n".as_slice()));
    assert_eq!(one.fetched_texts("callsheet.staging.lock").unwrap().len(), 2, "the tracking ref of git, and our own");
    drop(directory);
}

#[test]
fn what_cannot_be_used_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let error = |path: &Path| Branch::open(path, &setting()).unwrap_err().to_string();
    assert!(error(directory.path()).contains("not a git repository"), "{}", error(directory.path()));
    git(directory.path(), &["init", "-q"]);
    assert!(error(directory.path()).contains("git has no remote `origin`"), "{}", error(directory.path()));
    git(directory.path(), &["remote", "add", "origin", "https://u:topsecret@127.0.0.1:1/x.git"]);
    let branch = Branch::open(directory.path(), &setting()).unwrap();
    assert_eq!(branch.home, "127.0.0.1/x");
    let error = branch.read("callsheet.lock").unwrap_err();
    assert!(matches!(error, LedgerError::Unreachable(..)) && !error.to_string().contains("topsecret"), "{error}");
}

fn run(who: &str) -> Run {
    let (run, at) = (run_id().into(), jiff::Timestamp::now());
    Run { run, who: who.to_owned(), url: None, commit: None, clock: None, at }
}

fn ledger(directory: &Path) -> Ledger {
    Ledger::open(directory, &setting(), "callsheet.lock", (run(""), Duration::from_secs(2))).unwrap()
}

#[test]
fn the_clock_of_a_run_is_measured_against_the_vendors() {
    let (directory, ..) = clones();
    let settings = (run("a\nb"), Duration::from_secs(2));
    let ledger = Ledger::open(&directory.path().join("one"), &setting(), "callsheet.lock", settings).unwrap();
    let line = |offset| match ledger.run_line(Some(offset)) {
        Record::Run(line) => line,
        other => panic!("{other:?}"),
    };
    // The vendor's clock is 1.5 s ahead, so ours is 1.5 s behind.
    let behind = line(SignedDuration::from_millis(1500));
    assert_eq!((behind.clock, behind.who.as_str()), (Some(-1.5), "ab"));
    assert_eq!(line(SignedDuration::ZERO).clock.unwrap().to_string(), "0");
}

fn share(branch: &Branch, change: impl FnOnce(&mut Lockfile)) {
    let mut lockfile = Lockfile::default();
    lockfile.share(&branch.home);
    change(&mut lockfile);
    let commit = branch.read("callsheet.lock").unwrap().commit;
    assert!(branch.swap(commit.as_deref(), &files(&encode(&lockfile)), ("share", "run")).is_ok());
}

#[tokio::test]
async fn an_update_tries_until_the_ledger_holds_it_and_says_nothing_twice() {
    let (directory, one, _) = clones();
    let [first, second] = ["one", "two"].map(|name| ledger(&directory.path().join(name)));
    assert!(matches!(first.read().await, Err(LedgerError::Absent(_))));
    share(&one, |_| {});
    let mut tries = 0;
    let line = first.run_line(None);
    // Another run is faster on the first try.
    let (none, running) = (Lockfile::default(), || false);
    let updated = first.update(&none, "claim 1", &running, |_| {
        tries += 1;
        if tries == 1 {
            share(&one, |lockfile| lockfile.insert(second.run_line(None)));
        }
        (vec![line.clone()], tries)
    });
    let updated = updated.await.unwrap();
    assert_eq!((updated.result, updated.added, updated.known.runs().count()), (2, 1, 2));
    // Lines that the ledger has are not written again, as after a lost answer.
    let again = first.update(&Lockfile::default(), "claim 1", &|| false, |_| (vec![line.clone()], ())).await.unwrap();
    assert_eq!((again.added, again.known.runs().count()), (0, 2));
    // All that this machine knows goes along.
    let mut local = Lockfile::default();
    local.insert(ledger(&directory.path().join("two")).run_line(None));
    assert_eq!(second.update(&local, "record", &|| false, |_| (Vec::new(), ())).await.unwrap().known.runs().count(), 3);
}

#[tokio::test]
async fn a_refused_push_ends_in_time_and_says_why() {
    let (directory, one, _) = clones();
    share(&one, |_| {});
    let hook = directory.path().join("origin.git/hooks/pre-receive");
    std::fs::write(&hook, "#!/bin/sh\necho protected >&2\nexit 1\n").unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let first = ledger(&directory.path().join("one"));
    let line = first.run_line(None);
    // A run that was stopped has five seconds, not two minutes.
    let began = std::time::Instant::now();
    let error =
        first.update(&Lockfile::default(), "claim 1", &|| true, |_| (vec![line.clone()], ())).await.unwrap_err();
    assert!(
        error.to_string().contains("cannot be changed: ") && error.to_string().contains("hook declined"),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_mins(1));
}

#[tokio::test]
async fn a_ledger_that_is_closed_or_elsewhere_or_from_the_future_is_refused() {
    let (directory, one, _) = clones();
    let first = ledger(&directory.path().join("one"));
    share(&one, |lockfile| lockfile.share("zzz.example/acme/videos"));
    assert!(matches!(first.read().await, Err(LedgerError::OtherHome { .. })));
    let late = Run { at: jiff::Timestamp::now() + Duration::from_mins(1), ..run("x") };
    share(&one, |lockfile| lockfile.insert(Record::Run(late)));
    assert!(matches!(first.read().await, Err(LedgerError::Future(..))));
    share(&one, |lockfile| lockfile.close(jiff::Timestamp::now()));
    assert!(matches!(first.read().await, Err(LedgerError::Closed(..))));
}
