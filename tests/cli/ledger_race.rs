//! Eight real binaries race for overlapping sets of videos, while the remote delays, refuses and kills pushes, and some
//! of the binaries are killed.
//!
//! `CALLSHEET_RACE_ROUNDS` and `CALLSHEET_RACE_VIDEOS` make it longer: `.ci/run` runs 10 rounds, and `tests/ledger/race`
//! 50 rounds of 200.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::ledger::{command, ledger, pipeline};
use crate::runner::Pipeline;

const RUNS: usize = 8;

/// A manifest of videos whose content belongs to one round.
fn manifest(round: usize, videos: usize) -> String {
    let numbers: Vec<String> = (0..videos).map(|number| format!("{number:03}")).collect();
    format!(
        "callsheet: 1\ndefaults: {{ avatar: {{ id: A1 }}, voice: {{ tts: {{ id: V1 }} }}, background: {{ color: \"#f4f4f4\" }} }}\n\
         videos:\n  v:\n    matrix: {{ n: [{}] }}\n    script: \"round {round}, video {{{{ matrix.n }}}}\"\n\
         environments:\n  production: {{ rate: 0, concurrency: 4, timeout: 3s, settle_grace: 2s }}\n",
        numbers.iter().map(|number| format!("\"{number}\"")).collect::<Vec<_>>().join(", ")
    )
}

/// A hook of the remote that delays, refuses, and kills the receiver after the ref is changed.
const HOOK: &str = r#"#!/bin/sh
chance=$(($(od -An -N1 -tu1 /dev/urandom) % 16))
case "$1" in
prepared)
    if [ "$chance" = 0 ]; then exit 1; fi
    if [ "$chance" = 1 ]; then sleep 0.2; fi ;;
committed)
    if [ "$chance" = 2 ]; then kill -9 "$PPID"; fi ;;
esac
exit 0
"#;

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn signal(child: &Child, signal: &str) {
    // It may have ended already.
    drop(Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status());
}

#[test]
fn no_video_is_paid_twice_and_none_is_lost() {
    // The third round kills runs, and the fourth meets their claims.
    let (rounds, videos) = (number("CALLSHEET_RACE_ROUNDS", 4), number("CALLSHEET_RACE_VIDEOS", 16));
    let pipeline = pipeline(&manifest(0, videos), &[]);
    pipeline.program("origin.git/hooks/reference-transaction", HOOK);
    for run in 0..RUNS {
        pipeline.clone(&format!("run{run}"));
    }
    let mut killed = 0;
    for round in 1..=rounds {
        // In every third round, two runs are killed at a random time, and the others are stopped later: they would wait
        // for the end of the claims.
        let kills = round % 3 == 0;
        let before = pipeline.server.accepted().len();
        race(&pipeline, (round, videos), kills, &mut killed);
        if !kills {
            assert_eq!(pipeline.server.accepted().len() - before, videos, "round {round}: all are submitted");
        }
        judge(&pipeline, round);
    }
    let accepted = pipeline.server.accepted().len();
    println!(
        "{rounds} rounds of {RUNS} runs for {videos} videos: {accepted} accepted, 0 twice, 0 lost, {killed} runs killed"
    );
}

/// Returns the keys that a run wants: three quarters of all, beginning elsewhere in each run.
fn wanted(run: usize, videos: usize) -> Vec<String> {
    (0..videos * 3 / 4).map(|number| format!("v[{:03}]", (run * videos / RUNS + number) % videos)).collect()
}

fn race(pipeline: &Pipeline, (round, videos): (usize, usize), kills: bool, killed: &mut usize) {
    let text = crate::ledger::shared(&manifest(round, videos));
    let before = open(pipeline);
    let mut children = Vec::new();
    for run in 0..RUNS {
        pipeline.scene.write(&format!("run{run}/callsheet.yaml"), &text);
        let mut apply = command(pipeline, &format!("run{run}"), &["--format", "json", "apply", "--yes"]);
        apply.args(wanted(run, videos));
        apply.env("CALLSHEET_CLAIM_SECONDS", "30");
        children.push(apply.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    }
    if kills {
        for child in children.iter().take(2) {
            let chance =
                u64::from(std::process::id()).wrapping_mul(round as u64 * 7919).wrapping_add(u64::from(child.id()));
            std::thread::sleep(Duration::from_millis(100 + chance % 900));
            signal(child, "-KILL");
            *killed += 1;
        }
        std::thread::sleep(Duration::from_millis(1500));
        children.iter().skip(2).for_each(|child| signal(child, "-INT"));
    }
    let end = Instant::now() + Duration::from_mins(2);
    let mut codes = Vec::new();
    for (run, mut child) in children.into_iter().enumerate() {
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > end {
                child.kill().unwrap();
                panic!("round {round}: run {run} does not end");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let done = child.wait_with_output().unwrap();
        let out = String::from_utf8_lossy(&done.stdout);
        let said = format!("round {round}, run {run}:\n{out}{}", String::from_utf8_lossy(&done.stderr));
        assert!(!said.contains("panicked"), "{said}");
        if kills {
            continue;
        }
        // Each video that the run wants was paid for before, by it, or by another run.
        let summary: Value = serde_json::from_str(out.lines().last().unwrap_or_default()).expect(&said);
        let count = |name: &str| summary[name].as_u64().unwrap_or_default() as usize;
        let paid = count("submitted") + count("elsewhere") + count("unchanged");
        assert_eq!((paid, count("in_doubt"), count("not_sent")), (videos * 3 / 4, 0, 0), "{said}");
        codes.push((run, done.status.code(), said));
    }
    let still = open(pipeline);
    for (run, code, said) in codes {
        // Only what runs of an earlier round left when they were killed is in doubt, as long as no run could settle it.
        // A run shows only the takes of the keys that it wants.
        let keys = wanted(run, videos);
        let before: BTreeSet<_> = before.iter().filter(|(_, _, key)| keys.contains(key)).cloned().collect();
        let allowed = match (before.is_empty(), before.is_subset(&still)) {
            (true, _) => &[0][..],
            (false, true) => &[6],
            (false, false) => &[0, 6],
        };
        assert!(code.is_some_and(|code| allowed.contains(&code)), "{code:?}, not {allowed:?}: {before:?}\n{said}");
    }
}

/// The open claims in the ledger: digest, attempt and key.
fn open(pipeline: &Pipeline) -> BTreeSet<(String, u64, String)> {
    let text = ledger(pipeline);
    let claims = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let claims = claims.filter(|line| line["state"] == "intent");
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    claims.map(|line| (text(&line, "digest"), line["attempt"].as_u64().unwrap(), text(&line, "key"))).collect()
}

/// No content is accepted twice, and the ledger or a journal knows each that was.
fn judge(pipeline: &Pipeline, round: usize) {
    let accepted = pipeline.server.accepted();
    let contents: BTreeSet<_> = accepted.iter().map(crate::server::Accepted::content).collect();
    assert_eq!(contents.len(), accepted.len(), "round {round}: paid twice");
    let text = ledger(pipeline);
    for one in &accepted {
        let marker = &one.name[one.name.rfind(" #").unwrap()..];
        assert!(text.contains(marker), "round {round}: {} is lost", one.name);
    }
    let journals: String = (0..RUNS)
        .map(|run| {
            std::fs::read_to_string(pipeline.scene.path().join(format!("run{run}/callsheet.lock"))).unwrap_or_default()
        })
        .collect();
    let known = accepted.iter().filter(|one| text.contains(&one.task) || journals.contains(&one.task)).count();
    // What a killed run had sent has no answer anywhere, but a claim.
    let open = text.matches("\"state\":\"intent\"").count();
    assert!(known + open >= accepted.len(), "round {round}: {known} answers and {open} claims of {}", accepted.len());
}
