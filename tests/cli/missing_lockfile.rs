//! A lockfile that lacks takes that git has: a plan warns, an apply stops, and a complete lockfile causes no message.

use std::fs;
use std::process::Command;

use crate::branches::{commit, done};
use crate::faults::TEN;
use crate::fixture::{Scene, Shown, shown};
use crate::server::Server;

const YES: [&str; 2] = ["apply", "--yes"];

/// Returns an applied project in a repository, with its lockfile deleted.
fn bereft() -> (Scene, Server) {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    scene.write(".gitignore", ".callsheet/\n.vendor/\n");
    done(&scene, &["init", "-qb", "main"]);
    let first = server.ok(&scene, &["plan"]);
    assert!(!first.err.contains("git") && !first.out.contains("git"), "a new project misses nothing: {}", first.err);
    server.ok(&scene, &YES);
    commit(&scene, "applied");
    fs::remove_file(scene.path().join("callsheet.lock")).unwrap();
    (scene, server)
}

const GONE: &str = "`callsheet.lock` is missing, but git tracks it, with 10 takes, so paid videos";

#[test]
fn a_plan_warns_of_a_lockfile_that_git_misses() {
    let (scene, server) = bereft();
    let plan = server.ok(&scene, &["plan"]);
    let way = "restore it with `git restore callsheet.lock`; `callsheet lock rebuild` finds only what the vendor \
               still lists; to remove takes on purpose, commit the removal first";
    assert!(plan.out.contains(&format!("warning: {GONE} may look new here; {way}")), "{}", plan.out);
    assert!(plan.out.contains("Plan: 10 to submit"), "{}", plan.out);
    let json: serde_json::Value = serde_json::from_str(&server.ok(&scene, &["plan", "--format", "json"]).out).unwrap();
    assert!(json["warnings"][0].as_str().unwrap().starts_with(GONE), "{json}");
    for args in [&["plan", "--format", "markdown"][..], &["plan", "--format", "github"]] {
        let shown = server.ok(&scene, args).out;
        assert!(shown.contains("git restore callsheet"), "{shown}");
    }
    assert!(!server.ok(&scene, &["plan", "--env", "sandbox"]).out.contains(GONE), "another lockfile");
    let mut without = server.command(&scene, &["plan"]);
    let silent = shown(without.env("PATH", "/nowhere")).out;
    assert!(silent.contains("`git` is not installed") && silent.contains("; install git"), "{silent}");
    done(&scene, &["restore", "callsheet.lock"]);
    assert_eq!(server.ok(&scene, &["plan"]).out, "Plan: nothing to submit, 10 unchanged\n");
}

#[test]
fn an_apply_does_not_buy_again_what_a_missed_lockfile_knows() {
    let (scene, server) = bereft();
    for args in [&YES[..], &["apply", "--yes", "--format", "json"], &["apply", "--yes", "--no-check-remote"]] {
        let refused = server.exits(&scene, 1, args);
        assert!(
            refused
                .err
                .contains(&format!("{GONE} could be billed again; nothing was sent; restore it with `git restore"))
        );
        assert!(!scene.path().join("callsheet.lock").exists(), "a new lockfile would hide that one is missed");
    }
    // `git add -A` stages the removal.
    done(&scene, &["add", "-A"]);
    let refused = server.exits(&scene, 1, &YES);
    assert!(refused.err.contains("restore it with `git checkout HEAD -- callsheet.lock`"), "{}", refused.err);
    done(&scene, &["checkout", "HEAD", "--", "callsheet.lock"]);
    assert_eq!(server.ok(&scene, &YES).out, "Applied: nothing to do, 10 unchanged\n");
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn from_elsewhere_the_words_name_the_project_and_a_rebuilt_lockfile_goes_on() {
    let (scene, server) = bereft();
    let mut elsewhere = server.command(&scene, &["-C", "..", "apply", "--yes"]);
    fs::create_dir(scene.path().join("deeper")).unwrap();
    let refused = shown(elsewhere.current_dir(scene.path().join("deeper")));
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("`git -C .. restore callsheet.lock`"), "{}", refused.err);
    assert!(refused.err.contains("`callsheet -C .. lock rebuild`"), "{}", refused.err);
    server.ok(&scene, &["lock", "rebuild"]);
    assert_eq!(server.ok(&scene, &YES).out, "Applied: nothing to do, 10 unchanged\n");
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn whoever_commits_that_it_is_gone_means_it() {
    let (scene, server) = bereft();
    commit(&scene, "start anew");
    let plan = server.ok(&scene, &["plan"]);
    assert!(!plan.out.contains(GONE), "{}", plan.out);
    let adopted = server.ok(&scene, &YES);
    assert!(adopted.out.contains("10 found at the vendor"), "{}", adopted.out);
    assert_eq!(server.accepted().len(), 10, "the vendor's list still knows them");
}

/// Returns an applied project in a repository, with its lockfile committed and then changed.
fn changed(change: impl FnOnce(&str) -> String) -> (Scene, Server) {
    let (scene, server) = bereft();
    done(&scene, &["restore", "callsheet.lock"]);
    scene.write("callsheet.lock", &change(&scene.read("callsheet.lock")));
    (scene, server)
}

/// Checks that a plan warns and an apply stops with these messages, before it queries the vendor.
fn refused(scene: &Scene, server: &Server, words: &[&str]) -> Shown {
    let plan = server.ok(scene, &["plan"]).out;
    let lock = scene.read("callsheet.lock");
    let refused = server.exits(scene, 1, &["apply", "--yes", "--no-check-remote"]);
    for word in words {
        assert!(refused.err.contains(word), "{word}\n{}", refused.err);
    }
    assert!(plan.contains("warning: ") && plan.contains(words[0]), "{plan}");
    assert!(refused.err.contains("nothing was sent"), "{}", refused.err);
    assert_eq!(scene.read("callsheet.lock"), lock);
    assert_eq!(server.accepted().len(), 10, "nothing was bought again");
    refused
}

#[test]
fn an_emptied_lockfile_is_a_lost_one() {
    for rest in ["", "{\"callsheet\":\"lock\",\"version\":1}\n", "\n\n"] {
        let (scene, server) = changed(|_| rest.to_owned());
        if rest == "\n\n" {
            // Not a lockfile, or an empty one: apply may report either an invalid or a lost lockfile.
            let _code = server.run(&scene, &YES).code;
            assert_eq!(server.accepted().len(), 10);
            continue;
        }
        refused(&scene, &server, &["`callsheet.lock` lacks 10 takes that git has", "`git restore callsheet.lock`"]);
        done(&scene, &["add", "-A"]);
        refused(&scene, &server, &["lacks 10 takes", "`git checkout HEAD -- callsheet.lock`"]);
        done(&scene, &["checkout", "HEAD", "--", "callsheet.lock"]);
        server.ok(&scene, &YES);
        assert_eq!(server.accepted().len(), 10);
    }
}

#[test]
fn a_shortened_lockfile_is_united_with_what_git_has_and_loses_nothing_new() {
    let (scene, server) = bereft();
    done(&scene, &["restore", "callsheet.lock"]);
    // The recovery must not lose a take that was never committed.
    scene.edit("callsheet.yaml", "[en, de, fr, es, it]", "[en, de, fr, es, it, pt]");
    server.ok(&scene, &YES);
    let lock = scene.read("callsheet.lock");
    let shorter: Vec<&str> = lock.lines().filter(|line| !line.contains("hello[de,")).collect();
    scene.write("callsheet.lock", &(shorter.join("\n") + "\n"));
    let refused = server.exits(&scene, 1, &["apply", "--yes", "--no-check-remote"]).err;
    assert!(refused.contains("`callsheet.lock` lacks 2 takes that git has"), "{refused}");
    let show = "git show HEAD:./callsheet.lock > callsheet.lock.head";
    let merge = "callsheet lock merge --from callsheet.lock.head";
    assert!(refused.contains(&format!("unite both with `{show}` and `{merge}`")), "{refused}");
    let mut shell = Command::new("sh");
    shell.args(["-c", show]).current_dir(scene.path()).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    assert_eq!(shown(&mut shell).code, 0);
    server.ok(&scene, &["lock", "merge", "--from", "callsheet.lock.head"]);
    assert_eq!(scene.read("callsheet.lock"), lock);
    assert_eq!(server.ok(&scene, &YES).out, "Applied: nothing to do, 12 unchanged\n");
    assert_eq!(server.accepted().len(), 12);
}

#[test]
fn renamed_keys_and_takes_of_other_hosts_are_not_missed() {
    let (scene, server) = changed(|lock| lock.replace("\"key\":\"hello[", "\"key\":\"hi["));
    scene.edit("callsheet.yaml", "  hello:", "  hi:");
    assert_eq!(server.ok(&scene, &YES).out, "Applied: nothing to do, 10 unchanged\n");
    let (scene, server) = changed(|lock| lock.replace("\"host\":\"127.0.0.1\"", "\"host\":\"old.example\""));
    commit(&scene, "another host");
    scene.write("callsheet.lock", "");
    assert!(!server.ok(&scene, &["plan"]).out.contains("git"), "of another host");
}

#[test]
fn what_git_has_is_read_however_it_looks() {
    // Committed conflict markers, a later format, unreadable lines.
    for (from, to) in [
        (
            "{\"callsheet\":\"lock\",\"version\":1}\n",
            "<<<<<<< ours\n{\"callsheet\":\"lock\",\"version\":1}\n=======\n>>>>>>> theirs\n",
        ),
        ("\"version\":1}\n", "\"version\":2}\n"),
        ("\"version\":1}\n", "\"version\":1}\nnot json\n\u{fffd}\n"),
        ("\"attempt\":1", "\"later\":true,\"attempt\":1"),
        ("\n", "\r\n"),
    ] {
        let (scene, server) = changed(|lock| lock.replace(from, to));
        commit(&scene, "as it is");
        scene.write("callsheet.lock", "");
        refused(&scene, &server, &["`callsheet.lock` lacks 10 takes that git has"]);
    }
}

#[test]
fn a_project_in_a_subfolder_and_one_that_was_only_staged_are_guarded() {
    let (scene, server) = bereft();
    done(&scene, &["restore", "callsheet.lock"]);
    fs::create_dir(scene.path().join("a b")).unwrap();
    for file in ["callsheet.yaml", "callsheet.lock"] {
        done(&scene, &["mv", file, "a b/"]);
    }
    // At this path, the lockfile is only in the index, not in a commit.
    scene.write("a b/callsheet.lock", "");
    let refused = server.exits(&scene, 1, &["-C", "a b", "apply", "--yes", "--no-check-remote"]);
    assert!(
        refused.err.contains("lacks 10 takes") && refused.err.contains("`git -C 'a b' restore callsheet.lock`"),
        "{}",
        refused.err
    );
    commit(&scene, "empty now: meant");
    server.ok(&scene, &["-C", "a b", "apply", "--yes"]);
    assert_eq!(server.accepted().len(), 10, "found at the vendor");
}

#[test]
fn git_that_does_not_answer_is_told_and_no_lockfile_is_begun() {
    let (scene, server) = bereft();
    let ask = |args: &[&str], name: &str, value: &str| {
        let mut command = server.command(&scene, args);
        shown(command.env(name, value))
    };
    let owner = ("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let refused = ask(&["apply", "--yes", "--no-check-remote"], owner.0, owner.1);
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("dubious ownership"), "{}", refused.err);
    assert!(refused.err.contains("run `git config --global --add safe.directory"), "{}", refused.err);
    assert!(ask(&["plan"], owner.0, owner.1).out.contains("dubious ownership"));
    let absent = ask(&["apply", "--yes", "--no-check-remote"], "PATH", "/nowhere");
    assert_eq!(absent.code, 1, "{}", absent.err);
    assert!(absent.err.contains("`git` is not installed") && absent.err.contains("install git"), "{}", absent.err);
    let other = tempfile::tempdir().unwrap();
    let foreign = other.path().join(".git").display().to_string();
    let refused = ask(&["apply", "--yes", "--no-check-remote"], "GIT_DIR", &foreign);
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(
        refused.err.contains("unset `GIT_DIR`") && refused.err.contains("`git restore callsheet.lock`"),
        "{}",
        refused.err
    );
    assert_eq!(server.accepted().len(), 10);
    // With its takes in place, apply continues, and reports that git could not be read.
    done(&scene, &["restore", "callsheet.lock"]);
    scene.edit("callsheet.yaml", "[free, pro]", "[free, pro, max]");
    let goes_on = ask(&["apply", "--yes", "--limit", "3"], owner.0, owner.1);
    assert_eq!(goes_on.code, 0, "{}", goes_on.err);
    assert!(goes_on.err.contains("dubious ownership"), "{}", goes_on.err);
    assert_eq!(server.accepted().len(), 11);
    // The repository's own directory is not a foreign one.
    let own = scene.path().join(".git").display().to_string();
    assert!(!ask(&["plan"], "GIT_DIR", &own).out.contains("git"));
}

#[test]
fn a_new_project_under_a_foreign_git_dir_is_not_begun() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    done(&scene, &["init", "-qb", "main"]);
    let mut command = server.command(&scene, &YES);
    let refused = shown(command.env("GIT_DIR", "/nowhere/.git"));
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("`GIT_DIR` names another repository (`/nowhere/.git`)"), "{}", refused.err);
    assert_eq!(server.ok(&scene, &YES).code, 0);
}
