//! An unreachable vendor: one short error within a minute, nothing refused, nothing in doubt, no secret shown.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::process::Running;
use super::project::Project;
use super::secrets::{KEY, nothing_leaked, project};
use super::vendor::Vendor;

/// The discard port, on which nothing listens.
const NOWHERE: &str = "http://127.0.0.1:9";

const PLAIN: &[&str] = &[];

/// Starts an apply against an unreachable vendor.
fn apply(project: &Project, args: &[&str], loud: bool) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callsheet"));
    project.place_at(&mut command, NOWHERE);
    command.args(args).env("VIDNOZ_API_KEY", KEY);
    if loud {
        command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1");
    }
    project.spawn(&mut command)
}

#[test]
fn a_vendor_out_of_reach_ends_the_run_in_one_sentence_and_the_same_command_goes_on() {
    let (people, programs) = (project(), project());
    // Both runs wait at the same time, because each spends most of its time on the list.
    let for_people = apply(&people, &["apply", "--yes"], false);
    let for_programs = apply(&programs, &["-v", "--format", "json", "apply", "--yes"], true);
    let shown = for_people.finish();
    let told = for_programs.finish();

    assert_eq!((shown.code, shown.out.as_str()), (1, "Applied: 5 not sent\n"), "{}", shown.all());
    assert!(shown.took < Duration::from_secs(45), "{:?}", shown.took);
    assert_eq!(shown.err.matches("waiting ").count(), 1, "{}", shown.err);
    assert!(!shown.err.contains("refused:") && !shown.err.contains("were refused"), "{}", shown.err);
    let last = shown.err.lines().last().unwrap();
    assert!(last.starts_with("the vendor could not be reached (no connection to `127.0.0.1:9`: "), "{last}");
    assert!(last.ends_with("): nothing was sent; `callsheet apply` continues later"), "{}", shown.err);

    let events: Vec<Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let all = |name: &str| events.iter().filter(|event| event["event"] == name).collect::<Vec<_>>();
    let [unreachable] = all("unreachable")[..] else { panic!("{}", told.out) };
    assert!(unreachable["reason"].as_str().unwrap().starts_with("no connection to `127.0.0.1:9`: "));
    assert!(all("refused").is_empty() && all("in-doubt").is_empty(), "{}", told.out);
    let summary = events.last().unwrap();
    assert_eq!((&summary["event"], &summary["exit_code"]), (&"summary".into(), &1.into()));
    assert_eq!((&summary["not_sent"], &summary["refused"], &summary["in_doubt"]), (&5.into(), &0.into(), &0.into()));
    // At most two submissions are in flight, and each is tried twice at a vendor that returned no list.
    assert!(all("submitting").len() <= 4, "{}", told.out);
    nothing_leaked(&people);
    nothing_leaked(&programs);

    let vendor = Vendor::start(people.path(), PLAIN);
    let goes_on = people.expect(&vendor, &["apply", "--yes"], 0);
    assert!(goes_on.out.starts_with("Applied: 5 submitted"), "{}", goes_on.all());
    assert_eq!(vendor.accepted().len(), 5);
}
