//! Ctrl-C, SIGTERM and a closed terminal. The first signal is a request, the second is an order. A closed terminal
//! sends two signals, which count as one. No signal loses a paid answer.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::audit::Audit;
use super::process::{Running, outlives_its_terminal};
use super::project::{Project, SETTINGS};
use super::vendor::Vendor;

const PATIENT: &str = "rate: 0, concurrency: 8, timeout: 20s, settle_grace: 30s";
const PLAIN: &[&str] = &[];

/// The vendor accepts immediately and answers late, so eight submissions are in flight when the signal arrives.
fn under_way(answer: &str) -> (Project, Vendor) {
    let project = Project::of(24, PATIENT);
    let vendor = Vendor::start(project.path(), &[&format!("slow-after-accept:{answer}")]);
    (project, vendor)
}

/// Runs a last, undisturbed apply, and the audit.
fn goes_on(project: &Project, vendor: &mut Vendor) {
    vendor.restart_with(PLAIN);
    project.expect(vendor, &["apply", "--yes"], 0);
    project.expect(vendor, &["plan", "--detailed-exitcode"], 0);
    Audit::of(project).closed(project, vendor);
}

#[test]
fn the_first_signal_lets_answers_in_flight_come_home() {
    for signal in ["INT", "TERM", "HUP"] {
        if signal == "HUP" && outlives_its_terminal() {
            continue;
        }
        let (project, mut vendor) = under_way("1500ms");
        let apply = project.start(&vendor, &["apply", "--yes"]);
        vendor.has_accepted(8);
        apply.signal(signal);
        let shown = apply.finish();
        assert_eq!(shown.code, 130, "{}", shown.all());
        assert!(shown.err.contains("stopping: nothing new starts; requests in flight are finished"), "{}", shown.err);
        assert!(shown.err.contains("interrupted: 16 not sent; `callsheet apply` continues"), "{}", shown.err);
        assert!(shown.out.contains("Applied: 8 submitted, 16 not sent"), "{}", shown.out);
        assert_eq!(vendor.accepted().len(), 8, "something new started after SIG{signal}");
        let audit = Audit::of(&project);
        audit.nothing_lost(&project, &vendor);
        assert!(audit.doubts(&project, &vendor).is_empty(), "an answer was not awaited");
        goes_on(&project, &mut vendor);
    }
}

#[test]
fn a_terminal_that_is_closed_says_so_twice_and_loses_nothing() {
    if outlives_its_terminal() {
        return;
    }
    let (project, mut vendor) = under_way("1500ms");
    let apply = project.start(&vendor, &["apply", "--yes"]);
    vendor.has_accepted(8);
    apply.signal("HUP");
    apply.shows("stopping");
    apply.signal("HUP");
    let shown = apply.finish();
    assert_eq!(shown.code, 130, "{}", shown.all());
    assert!(shown.out.contains("Applied: 8 submitted, 16 not sent"), "{}", shown.all());
    assert!(Audit::of(&project).doubts(&project, &vendor).is_empty(), "an answer was not awaited");
    goes_on(&project, &mut vendor);
}

#[cfg(target_os = "linux")]
#[test]
fn who_is_to_outlive_the_terminal_does() {
    let (project, vendor) = under_way("700ms");
    let mut command = Command::new("sh");
    project.place(&mut command, &vendor);
    let apply = format!("trap '' HUP; exec '{}' apply --yes", env!("CARGO_BIN_EXE_callsheet"));
    let apply = project.spawn(command.args(["-c", &apply]));
    vendor.has_accepted(8);
    apply.signal("HUP");
    let shown = apply.finish();
    assert_eq!(shown.code, 0, "{}", shown.all());
    assert_eq!(vendor.accepted().len(), 24);
}

/// Returns whether `script` is installed, which gives a command a terminal.
fn has_script() -> bool {
    let works = Command::new("script").args(["-qec", "exit 7", "/dev/null"]).stdin(Stdio::null()).output();
    let works = works.is_ok_and(|done| done.status.code() == Some(7));
    if !works {
        eprintln!("skipped: no `script` here to make a terminal");
    }
    works
}

#[test]
fn when_its_terminal_is_gone_answers_are_written_all_the_same() {
    if !has_script() || outlives_its_terminal() {
        return;
    }
    let (project, mut vendor) = under_way("1500ms");
    let mut command = Command::new("script");
    project.place(&mut command, &vendor);
    let number = project.path().join("number");
    let apply = format!("echo $$ > '{}'; exec '{}' apply --yes", number.display(), env!("CARGO_BIN_EXE_callsheet"));
    command.args(["-qec", &apply, "/dev/null"]).env("SHELL", "/bin/sh").env("TERM", "xterm");
    let mut terminal = project.spawn(&mut command);
    vendor.has_accepted(8);
    let number = std::fs::read_to_string(number).unwrap().trim().to_owned();
    let runs = || {
        let asked = Command::new("kill").args(["-0", &number]).stderr(Stdio::null()).status();
        asked.is_ok_and(|asked| asked.success())
    };
    assert!(runs());
    // The process at the other end of the terminal is gone, so every further write to the terminal fails.
    terminal.kill();
    super::process::wait_for("the end of apply", || !runs(), String::new);
    assert_eq!(vendor.accepted().len(), 8, "something new started after the terminal was gone");
    let audit = Audit::of(&project);
    audit.nothing_lost(&project, &vendor);
    assert!(audit.doubts(&project, &vendor).is_empty(), "an answer was not written");
    goes_on(&project, &mut vendor);
}

#[test]
fn a_program_hears_of_the_interruption_in_the_last_event() {
    let (project, vendor) = under_way("700ms");
    let apply = project.start(&vendor, &["--format", "json", "apply", "--yes"]);
    vendor.has_accepted(8);
    apply.signal("INT");
    let shown = apply.finish();
    let events: Vec<serde_json::Value> = shown.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = events.last().unwrap();
    assert_eq!((shown.code, &last["event"]), (130, &"summary".into()), "{}", shown.all());
    assert_eq!((&last["interrupted"], &last["submitted"], &last["exit_code"]), (&true.into(), &8.into(), &130.into()));
    assert_eq!(events.iter().filter(|event| event["event"] == "submitted").count(), 8, "{}", shown.out);
}

#[test]
fn the_second_signal_leaves_at_once_and_intents_tell_the_rest() {
    for (first, second) in [("INT", "INT"), ("TERM", "INT")] {
        let (project, mut vendor) = under_way("15s");
        let apply = project.start(&vendor, &["apply", "--yes"]);
        vendor.has_accepted(8);
        apply.signal(first);
        apply.shows("stopping");
        apply.signal(second);
        let shown = apply.finish();
        assert_eq!(shown.code, 130, "{}", shown.all());
        assert!(shown.took < Duration::from_secs(3), "it waited {:?}", shown.took);
        let audit = Audit::of(&project);
        Audit::readable(&project);
        audit.nothing_lost(&project, &vendor);
        assert_eq!(audit.doubts(&project, &vendor).len(), 8);
        goes_on(&project, &mut vendor);
    }
}

/// Ends an apply of many videos in the middle, at a vendor that answers fast.
fn in_full_flow(end: impl FnOnce(&mut Running)) -> usize {
    let project = Project::of(400, SETTINGS);
    let mut vendor = Vendor::start(project.path(), &["slow:20ms@submit"]);
    let mut apply = project.start(&vendor, &["apply", "--yes"]);
    vendor.has_accepted(60);
    end(&mut apply);
    drop(apply);
    let accepted = vendor.accepted().len();
    assert!(accepted < 400, "it was over before it was ended");
    Audit::readable(&project);
    let audit = Audit::of(&project);
    audit.nothing_lost(&project, &vendor);
    let doubts = audit.doubts(&project, &vendor).len();
    goes_on(&project, &mut vendor);
    doubts
}

#[test]
fn a_signal_in_full_flow_leaves_nothing_in_doubt() {
    let doubts = in_full_flow(|apply| {
        apply.signal("INT");
        let code = apply.ends_within(Duration::from_secs(10));
        assert_eq!(code, Some(130), "{}", apply.so_far());
    });
    assert_eq!(doubts, 0, "each answer was awaited, and each intent that never left was freed");
}

#[test]
fn killed_in_full_flow_no_more_is_in_doubt_than_may_be_under_way() {
    let doubts = in_full_flow(Running::kill);
    assert!(doubts <= 8, "{doubts} in doubt");
}

#[test]
fn a_signal_ends_the_wait_for_the_grace() {
    let project = Project::of(12, PATIENT);
    let mut vendor = Vendor::start(project.path(), &["accept-then-drop:first=2"]);
    let apply = project.start(&vendor, &["apply", "--yes"]);
    apply.shows("settling");
    apply.signal("INT");
    let shown = apply.finish();
    assert_eq!(shown.code, 130, "{}", shown.all());
    assert!(shown.took < Duration::from_secs(3), "it waited {:?}", shown.took);
    assert!(shown.err.contains("in doubt: sent, but not confirmed"), "{}", shown.err);
    assert!(shown.err.contains("`callsheet apply` continues"), "{}", shown.err);
    assert_eq!(vendor.accepted().len(), 12);
    goes_on(&project, &mut vendor);
}

#[test]
fn a_signal_while_the_vendor_lists_sends_nothing() {
    let project = Project::of(5, PATIENT);
    let mut vendor = Vendor::start(project.path(), &["slow:15s@list"]);
    let apply = project.start(&vendor, &["apply", "--yes"]);
    // Nothing is printed while apply lists, but it fills its lock file before.
    super::process::wait_for("the lock", || holder(&project).contains("callsheet apply"), || holder(&project));
    std::thread::sleep(Duration::from_millis(700));
    apply.signal("TERM");
    let shown = apply.finish();
    assert_eq!(shown.code, 130, "{}", shown.all());
    assert!(shown.took < Duration::from_secs(3), "it waited {:?}", shown.took);
    assert!(shown.err.contains("interrupted; nothing was sent"), "{}", shown.err);
    assert!(vendor.accepted().is_empty());
    goes_on(&project, &mut vendor);
}

fn holder(project: &Project) -> String {
    std::fs::read_to_string(project.root().join(".callsheet/apply.lock")).unwrap_or_default()
}

#[test]
fn a_signal_between_tries_leaves_nothing_in_doubt() {
    let project = Project::of(6, PATIENT);
    let mut vendor = Vendor::start(project.path(), &["429:15s@submit"]);
    let apply = project.start(&vendor, &["apply", "--yes"]);
    apply.shows("waiting");
    apply.signal("INT");
    let shown = apply.finish();
    assert_eq!(shown.code, 130, "{}", shown.all());
    assert!(shown.took < Duration::from_secs(3), "it waited {:?}", shown.took);
    assert!(shown.err.contains("interrupted: 6 not sent"), "{}", shown.err);
    assert!(Audit::of(&project).doubts(&project, &vendor).is_empty(), "refused for now is not in doubt");
    goes_on(&project, &mut vendor);
}

/// Runs apply on a separate terminal, types `typed` at the prompt, and returns exit code and screen.
fn at_the_prompt(project: &Project, vendor: &Vendor, typed: &[u8]) -> Option<(i32, String)> {
    if !has_script() {
        return None;
    }
    let mut command = Command::new("script");
    project.place(&mut command, vendor);
    let apply = format!("exec '{}' apply", env!("CARGO_BIN_EXE_callsheet"));
    command.args(["-qec", &apply, "/dev/null"]).stdin(Stdio::piped()).env("SHELL", "/bin/sh");
    let mut running = project.spawn(&mut command);
    let mut keyboard = running.input();
    running.shows("Only `yes` is accepted:");
    keyboard.write_all(typed).unwrap();
    keyboard.flush().unwrap();
    let shown = running.finish();
    drop(keyboard);
    Some((shown.code, shown.all()))
}

#[test]
fn at_the_prompt_ctrl_c_and_anything_but_yes_send_nothing() {
    let project = Project::of(3, PATIENT);
    let mut vendor = Vendor::start(project.path(), PLAIN);
    for (typed, code, says) in [
        (&b"\x03"[..], 130, "interrupted; nothing was sent"),
        (b"no\r", 1, "not applied; nothing was sent"),
        (b"y\r", 1, "not applied; nothing was sent"),
        (b"\x04", 1, "not applied; nothing was sent"),
    ] {
        let Some((ended, screen)) = at_the_prompt(&project, &vendor, typed) else { return };
        assert_eq!(ended, code, "{screen}");
        assert!(screen.contains(says), "{screen}");
        assert!(vendor.accepted().is_empty(), "{screen}");
        assert!(!project.lock().exists(), "a lockfile without a take");
    }
    let Some((ended, screen)) = at_the_prompt(&project, &vendor, b"yes\r") else { return };
    assert_eq!(ended, 0, "{screen}");
    assert_eq!(vendor.accepted().len(), 3, "{screen}");
    goes_on(&project, &mut vendor);
}
