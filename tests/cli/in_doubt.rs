//! How a user settles takes in doubt: the commands on the screen are copied into a shell and run.

use std::path::Path;
use std::process::Command;

use crate::faults::TEN;
use crate::fixture::{Scene, Shown, shown};
use crate::server::{KEY, Server};

/// Runs a line of a screen as a user would who copied it.
fn paste(scene: &Scene, server: &Server, line: &str) -> Shown {
    let bin = Path::new(env!("CARGO_BIN_EXE_callsheet")).parent().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(scene.path()).env_clear();
    shell.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    shell.env("CALLSHEET_BASE_URL", &server.url).env("VIDNOZ_API_KEY", KEY);
    shown(&mut shell)
}

/// Returns the commands on a screen that follow this text.
fn commands(screen: &str, word: &str) -> Vec<String> {
    let lines = screen.lines().filter_map(|line| line.trim().strip_prefix(word));
    lines.map(|command| command.trim().to_owned()).collect()
}

#[test]
fn what_the_vendor_never_got_is_freed_by_the_commands_shown_and_sent_once() {
    let scene = Scene::manifest(TEN);
    scene.edit("callsheet.yaml", "[free, pro]", r#"["it's free", "$HOME", pro]"#);
    let server = Server::start(&scene, &["drop-before-accept"]);
    let apply = ["apply", "--yes", "--only", "hello[de,*"];
    let screen = server.exits(&scene, 6, &apply).err;
    let frees = commands(&screen, "if it does not:");
    assert_eq!(frees.len(), 3, "{screen}");
    assert!(screen.starts_with("  + hello[de,it's free]"), "{screen}");
    drop(server);
    let server = Server::start(&scene, &[]);
    // Until then it is not sent, however often apply runs.
    server.exits(&scene, 6, &apply);
    for free in frees {
        let done = paste(&scene, &server, &free);
        assert_eq!(done.code, 0, "{free}: {}", done.err);
        assert!(done.err.contains("is now freed"), "{}", done.err);
    }
    server.ok(&scene, &apply);
    assert_eq!(server.accepted().len(), 3);
    assert!(scene.read("callsheet.lock").contains("\"attempt\":2"));
}

#[test]
fn what_the_vendor_has_is_adopted_by_the_command_shown() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["accept-then-drop", "late-list:1h"]);
    let screen = server.exits(&scene, 6, &["apply", "--yes", "--limit", "1"]).err;
    let [adopt] = &commands(&screen, "if it exists:")[..] else { panic!("{screen}") };
    let video = server.accepted()[0].video.clone();
    let mark = server.accepted()[0].name.split_once(" #").unwrap().1.to_owned();
    assert!(screen.contains(&format!("marker #{mark}")), "{screen}");
    let done = paste(&scene, &server, &adopt.replace("ID", &video));
    assert_eq!(done.code, 0, "{}", done.err);
    let again = paste(&scene, &server, &adopt.replace("ID", &video));
    assert_eq!(again.code, 1, "what is settled is not settled twice: {}", again.err);
    server.ok(&scene, &["apply", "--yes", "--limit", "1"]);
    assert_eq!(server.accepted().len(), 1);
    assert!(scene.read("callsheet.lock").contains(&format!("\"video\":\"{video}\"")));
}

#[test]
fn of_two_takes_in_doubt_under_one_key_the_screen_says_which() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["drop-before-accept"]);
    let apply = ["apply", "--yes", "--only", "hello[en,pro]"];
    server.exits(&scene, 6, &apply);
    scene.edit("callsheet.yaml", "Hello", "Good day");
    server.exits(&scene, 6, &apply);
    let settle = server.exits(&scene, 6, &["lock", "settle"]);
    let frees = commands(&settle.err, "if it does not:");
    assert_eq!(
        (settle.out.as_str(), frees.len()),
        ("Settled: 0 adopted, 0 freed, 2 still in doubt\n", 2),
        "{}",
        settle.err
    );
    let refused = server.exits(&scene, 1, &["lock", "free", "hello[en,pro]"]);
    assert!(refused.err.contains("`--digest`"), "{}", refused.err);
    for free in frees {
        assert_eq!(paste(&scene, &server, &free).code, 0, "{free}");
    }
    assert_eq!(server.exits(&scene, 0, &["lock", "settle"]).out, "Settled: 0 adopted, 0 freed, 0 still in doubt\n");
}

#[test]
fn a_canary_that_goes_through_proves_that_the_others_never_arrived() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["drop-before-accept"]);
    server.exits(&scene, 6, &["apply", "--yes", "--only", "hello[de,*"]);
    drop(server);
    let server = Server::start(&scene, &[]);
    let canary = server.ok(&scene, &["apply", "--yes", "--only", "hello[en,pro]"]);
    assert_eq!(canary.err.matches("\nfreed hello[de,").count(), 2, "{}", canary.err);
    server.ok(&scene, &["apply", "--yes"]);
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn commands_on_the_screen_lead_back_to_the_same_project_and_environment() {
    let scene = Scene::new();
    let staging = TEN.replace("production:", "staging:");
    scene.write("my shop/callsheet.yaml", &staging);
    let server = Server::start(&scene, &["drop-before-accept"]);
    let screen = server.exits(&scene, 6, &["-C", "my shop", "--env", "staging", "apply", "--yes", "--limit", "1"]).err;
    let [free] = &commands(&screen, "if it does not:")[..] else { panic!("{screen}") };
    assert_eq!(free, "callsheet -C 'my shop' --env staging lock free 'hello[en,free]'");
    assert_eq!(paste(&scene, &server, free).code, 0);
    assert!(scene.read("my shop/callsheet.staging.lock").contains("\"freed\""));
}

#[test]
fn guards_count_what_is_in_doubt() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["drop-before-accept"]);
    server.exits(&scene, 6, &["apply", "--yes", "--limit", "3"]);
    drop(server);
    let server = Server::start(&scene, &[]);
    let refused = server.exits(&scene, 5, &["apply", "--yes", "--max-submissions", "9"]);
    assert!(refused.err.contains("7 to submit and 3 in doubt"), "{}", refused.err);
    assert_eq!(server.accepted().len(), 0);
    server.ok(&scene, &["apply", "--yes", "--max-submissions", "10"]);
    assert_eq!(server.accepted().len(), 10, "the seven proved that the three never arrived");
}

#[test]
fn a_code_that_no_table_knows_shows_the_vendors_message_and_ends_the_run_after_three() {
    let scene = Scene::manifest(&TEN.replace("concurrency: 4", "concurrency: 1"));
    let server = Server::start(&scene, &["refuse:1234"]);
    let done = server.exits(&scene, 6, &["apply", "--yes"]);
    let message = "refused by a fault of the sandbox";
    assert_eq!(done.out, "Applied: 3 in doubt, 7 not sent\n");
    let halted = format!(
        "the vendor answered code 1234 several times in a row ({message}): 7 videos not sent, 3 in doubt; ask Vidnoz what \
         the code means, then run `callsheet apply`\n"
    );
    assert!(done.err.contains(&halted) && !done.err.contains("lost"), "{}", done.err);
    assert_eq!(commands(&done.err, "if it does not:").len(), 3);
    // The message is stored with the takes, for later commands.
    let known = format!("code 1234: {message}");
    assert!(server.ok(&scene, &["status", "--format", "json"]).out.contains(&known));
    let settled = server.exits(&scene, 6, &["lock", "settle"]);
    assert_eq!(settled.err.matches(&format!("the vendor answered {known}; ")).count(), 3, "{}", settled.err);
    let events = server.exits(&scene, 6, &["apply", "--yes", "--format", "json"]).out;
    let halted = events.lines().find(|line| line.contains("\"halted\"")).unwrap_or_else(|| panic!("{events}"));
    let meant = format!(r#"{{"event":"halted","reason":"unknown-code","code":1234,"message":"{message}"}}"#);
    assert_eq!(halted, meant);
    drop(server);
    // Unsent videos are submitted as soon as the vendor works again, and nothing is sent twice.
    let server = Server::start(&scene, &[]);
    server.run(&scene, &["apply", "--yes"]);
    let contents: std::collections::BTreeSet<_> =
        server.accepted().iter().map(crate::server::Accepted::content).collect();
    assert_eq!(contents.len(), server.accepted().len());
}
