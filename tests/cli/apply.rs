//! Apply against a vendor that works: exit codes, guards, canary, saved plan.

use std::fs;

use crate::faults::TEN;
use crate::fixture::{Scene, shown};
use crate::server::{KEY, Server};

const YES: [&str; 2] = ["apply", "--yes"];

#[test]
fn nothing_to_do_leaves_the_lockfile_untouched() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    assert_eq!(server.run(&scene, &["plan", "--detailed-exitcode"]).code, 2);
    server.ok(&scene, &YES);
    let path = scene.path().join("callsheet.lock");
    let before = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
    server.ok(&scene, &["plan", "--detailed-exitcode"]);
    let done = server.ok(&scene, &YES);
    assert_eq!((done.out.as_str(), done.err.as_str()), ("Applied: nothing to do, 10 unchanged\n", ""));
    assert_eq!((fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap()), before);
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn without_a_key_nothing_is_sent_and_the_variable_is_named() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    for value in [None, Some(""), Some("two words")] {
        let mut command = server.command(&scene, &YES);
        match value {
            Some(value) => command.env("VIDNOZ_API_KEY", value),
            None => command.env_remove("VIDNOZ_API_KEY"),
        };
        let shown = shown(&mut command);
        assert_eq!(shown.code, 1, "{}", shown.err);
        assert!(shown.err.contains("VIDNOZ_API_KEY"), "{value:?}: {}", shown.err);
    }
    assert_eq!(server.accepted().len(), 0);
    assert!(!scene.path().join("callsheet.lock").exists(), "nothing was sent, nothing is written");
}

#[test]
fn a_refused_key_stops_everything() {
    let scene = Scene::manifest(TEN);
    let server = Server::with(&scene, &["--key", "another-key-than-ours"]);
    let done = server.exits(&scene, 3, &YES);
    assert!(done.err.contains("`VIDNOZ_API_KEY`") && !done.err.contains(KEY), "{}", done.err);
    let settle = server.exits(&scene, 3, &["lock", "settle"]);
    assert!(settle.err.contains("`VIDNOZ_API_KEY`"), "{}", settle.err);
    drop(server);
    // The list still works and the submission fails with 401, so no take remains in doubt.
    let server = Server::start(&scene, &["unauthorized@submit"]);
    let done = server.exits(&scene, 3, &YES);
    assert_eq!((done.out.as_str(), server.accepted().len()), ("Applied: 10 not sent\n", 0));
    assert!(!scene.read("callsheet.lock").contains("\"intent\""), "surely not accepted");
}

#[test]
fn nobody_to_ask_sends_nothing() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let done = server.exits(&scene, 1, &["apply"]);
    assert!(done.err.ends_with("nothing was sent; `--yes` applies without asking\n"), "{}", done.err);
    assert_eq!(server.accepted().len(), 0);
}

#[test]
fn guards_of_manifest_and_flags_refuse_with_the_flag_that_lifts_them() {
    let scene = Scene::manifest(&format!("{TEN}guards: {{ max_submissions: 9 }}\n"));
    let server = Server::start(&scene, &[]);
    let done = server.exits(&scene, 5, &YES);
    assert_eq!(done.err.matches("(set at callsheet.yaml:11:28)").count(), 1, "{}", done.err);
    assert!(done.err.contains("`--max-submissions 10` allows it; nothing was sent"), "{}", done.err);
    let done = server.exits(&scene, 5, &["apply", "--yes", "--max-submissions", "10", "--max-credits", "0.5"]);
    let readings = "but this plan reaches about 1.1 credits (at most ";
    assert!(done.err.contains("`max_credits` is 0.5 (set by a flag)") && done.err.contains(readings), "{}", done.err);
    assert!(done.err.contains("), and guards use the upper estimate: 10 to submit; `--max-credits "), "{}", done.err);
    assert_eq!(server.accepted().len(), 0);
    server.ok(&scene, &["apply", "--yes", "--max-submissions", "10"]);
    assert_eq!(server.accepted().len(), 10);
    scene.edit("callsheet.yaml", "Hello", "Hi");
    let done = server.exits(&scene, 5, &["apply", "--yes", "--max-submissions", "10", "--max-share", "30%"]);
    assert!(done.err.contains("--max-share 100%"), "{}", done.err);
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn a_canary_goes_first_and_the_rest_is_what_remains() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes", "--limit", "2"]);
    let names: Vec<String> = server.accepted().into_iter().map(|one| one.name).collect();
    assert!(names.iter().all(|name| name.starts_with("hello[en,")), "{names:?}");
    server.ok(&scene, &["apply", "--yes", "--only", "hello[de,*]"]);
    assert_eq!(server.accepted().len(), 4);
    let none = server.exits(&scene, 1, &["apply", "--yes", "--only", "hello[xx,*]"]);
    assert!(none.err.contains("`hello[xx,*]`"), "{}", none.err);
    let rest = server.ok(&scene, &YES);
    assert!(rest.out.starts_with("Applied: 6 submitted"), "{}", rest.out);
}

#[test]
fn videos_that_are_left_out_are_not_sent_and_a_typo_leaves_out_nothing_silently() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let typo = server.exits(&scene, 1, &["apply", "--yes", "--except", "hello[dee,*]"]);
    assert!(typo.err.contains("no video matches `hello[dee,*]`"), "{}", typo.err);
    assert_eq!(server.accepted().len(), 0);
    let all = server.ok(&scene, &["apply", "--yes", "--except", "*"]);
    assert_eq!(all.out, "Applied: nothing to do, 0 unchanged\n");
    let args = ["apply", "--yes", "--only", "hello[*,pro]", "--except", "hello[de,*]", "--except", "hello[en,*]"];
    server.ok(&scene, &[&args[..], &["--limit", "2"]].concat());
    let sent: Vec<String> = server.accepted().into_iter().map(|one| one.name).collect();
    assert_eq!(sent.len(), 2, "the limit counts what is left: {sent:?}");
    assert!(sent.iter().all(|name| name.contains(",pro]") && !name.contains("[de,") && !name.contains("[en,")));
    let status = server.ok(&scene, &["status", "--offline", "--format", "json", "--except", "hello[*,pro]"]);
    assert!(!status.out.contains(",pro]") && status.out.contains("hello[de,free]"), "{}", status.out);
    server.ok(&scene, &["pull", "--wait", "--except", "hello[fr,*]"]);
    assert!(!scene.path().join("dist/hello.fr.pro.mp4").exists());
}

#[test]
fn a_saved_plan_is_applied_exactly_or_refused_as_stale() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["plan", "--only", "hello[en,*", "--out", "canary.plan"]);
    server.ok(&scene, &["plan", "--out", "all.plan"]);
    server.ok(&scene, &["apply", "--yes", "canary.plan"]);
    assert_eq!(server.accepted().len(), 2);
    let stale = server.exits(&scene, 1, &["apply", "--yes", "all.plan"]);
    assert!(stale.err.contains("stale"), "{}", stale.err);
    server.ok(&scene, &["plan", "--out", "rest.plan"]);
    scene.edit("callsheet.yaml", "Hello", "Hi");
    let stale = server.exits(&scene, 1, &["apply", "--yes", "rest.plan"]);
    assert!(stale.err.contains("stale"), "{}", stale.err);
    server.exits(&scene, 64, &["apply", "--yes", "rest.plan", "--limit", "1"]);
    let absent = server.exits(&scene, 1, &["apply", "--yes", "typo.plan"]);
    let out = "`callsheet plan --out typo.plan` saves one";
    assert!(
        absent
            .err
            .contains(&format!("there is no saved plan `typo.plan`, and no video matches it; nothing was sent; {out}"))
    );
    scene.write("other.json", "{}");
    let other = server.exits(&scene, 1, &["apply", "--yes", "other.json"]);
    assert!(other.err.contains("`other.json` is neither a saved plan nor a video"), "{}", other.err);
    assert!(server.exits(&scene, 1, &["apply", "--yes", "hullo"]).err.contains("no video matches `hullo`"));
    assert_eq!(server.accepted().len(), 2);
}

#[test]
fn a_bad_command_line_and_a_bad_manifest_have_codes_of_their_own() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    for args in
        [&["aply"][..], &["apply", "--limit", "0"], &["apply", "--max-share", "130%"], &["apply", "--format", "curl"]]
    {
        assert!(!server.exits(&scene, 64, args).err.is_empty());
    }
    scene.edit("callsheet.yaml", "script:", "skript:");
    let done = server.exits(&scene, 1, &YES);
    assert!(done.err.contains("did you mean `script`?") && done.err.ends_with("nothing was sent\n"), "{}", done.err);
    assert_eq!(server.accepted().len(), 0);
}

#[test]
fn what_the_vendor_refused_is_not_paid_for_and_is_sent_again_next_time() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["refuse:402:first=3"]);
    let done = server.exits(&scene, 6, &["apply", "--yes", "--quiet"]);
    assert_eq!(done.out, "Applied: 7 submitted, 3 refused · about 0:07 of video, about 0.8 credits (at most 1.7)\n");
    assert!(done.err.contains("3 videos were refused and cost nothing"), "{}", done.err);
    assert!(!done.err.contains("submitted"), "quiet: warnings and errors only: {}", done.err);
    let done = server.ok(&scene, &YES);
    assert!(done.out.starts_with("Applied: 3 submitted"), "{}", done.out);
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn spending_without_asking_the_vendor_first_is_warned_of() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let done = server.ok(&scene, &["apply", "--yes", "--quiet", "--no-check-remote"]);
    assert!(done.err.starts_with("warning: --no-check-remote: the vendor's list is not checked"), "{}", done.err);
    let done = server.ok(&scene, &["apply", "--yes", "--no-check-remote"]);
    assert_eq!(done.err, "", "nothing is sent: nothing to warn of");
}

#[test]
fn two_keys_of_equal_content_are_one_submission() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    scene.edit("callsheet.yaml", ", {{ matrix.tier }}", "");
    let done = server.ok(&scene, &YES);
    assert!(done.out.starts_with("Applied: 5 submitted"), "{}", done.out);
    assert_eq!(server.accepted().len(), 5);
    let after = server.ok(&scene, &["plan", "--detailed-exitcode"]);
    assert_eq!(after.out, "Plan: nothing to submit, 10 unchanged\n");
    let again = server.ok(&scene, &YES);
    assert_eq!(again.out, "Applied: nothing to do, 10 unchanged\n");
    let one = server.ok(&scene, &["plan", "hello[de,pro]"]);
    assert_eq!(one.out, "Plan: nothing to submit, 1 unchanged\n");
    assert_eq!(server.accepted().len(), 5);
}
