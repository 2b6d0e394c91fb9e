//! Ctrl-C at each step of an apply with a shared ledger: the next run does the rest, and nothing is paid twice or lost.

use std::time::Duration;

use crate::faults::TEN;
use crate::ledger::{ok, pipeline, shared};
use crate::ledger_process::{Running, all_ten_are_paid_once};
use crate::runner::Pipeline;

/// A hook of the remote that delays one push, and leaves a file when it begins.
fn delays_push(number: usize) -> String {
    format!(
        "#!/bin/sh\necho >> pushes\nif [ \"$(wc -l < pushes)\" -eq {number} ]; then touch pushing; sleep 1.5; fi\nexit 0\n"
    )
}

/// A step of an apply at which it is stopped.
struct Step {
    name: &'static str,
    rate: &'static str,
    faults: &'static [&'static str],
    /// The push that the remote delays.
    push: Option<usize>,
    signals: usize,
    code: i32,
    reached: fn(&Pipeline, &Running),
}

fn is_pushing(pipeline: &Pipeline, running: &Running) {
    let file = pipeline.scene.path().join("origin.git/pushing");
    running.waits_for("a push", |_| file.exists());
}

/// Whether a process handles Ctrl-C, which it does from its first request on.
fn handles_interrupts(_: &Pipeline, running: &Running) {
    let status = format!("/proc/{}/status", running.id());
    running.waits_for("a handler", |_| {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let mask = text.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or_default();
        u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 2 == 2)
    });
}

const STEPS: [Step; 6] = [
    Step {
        name: "before the claim",
        rate: "0",
        faults: &["slow:2s@list"],
        push: None,
        signals: 1,
        code: 130,
        reached: handles_interrupts,
    },
    Step {
        name: "during the claim",
        rate: "0",
        faults: &[],
        push: Some(1),
        signals: 1,
        code: 130,
        reached: is_pushing,
    },
    Step {
        name: "between claim and request",
        rate: "0.4",
        faults: &[],
        push: None,
        signals: 1,
        code: 130,
        reached: |_, running| running.event("claimed"),
    },
    Step {
        name: "between request and answer",
        rate: "0",
        faults: &["slow:1500ms@submit"],
        push: None,
        signals: 1,
        code: 130,
        reached: |_, running| running.event("submitting"),
    },
    // Nothing is left to be stopped.
    Step {
        name: "before the last push ends",
        rate: "0",
        faults: &[],
        push: Some(3),
        signals: 1,
        code: 0,
        reached: is_pushing,
    },
    // The second Ctrl-C ends the process: the answers of the last wave are in its lockfile only.
    Step { name: "twice", rate: "0", faults: &[], push: Some(3), signals: 2, code: 130, reached: is_pushing },
];

#[test]
fn wherever_a_run_is_stopped_the_next_one_does_the_rest() {
    // Two at a time: most of each is waiting.
    for steps in STEPS.chunks(2) {
        std::thread::scope(|scope| steps.iter().for_each(|step| drop(scope.spawn(|| stop_at(step)))));
    }
}

fn stop_at(step: &Step) {
    let manifest = TEN.replace("rate: 0,", &format!("rate: {},", step.rate));
    let pipeline = pipeline(&manifest, step.faults);
    if let Some(push) = step.push {
        pipeline.program("origin.git/hooks/pre-receive", &delays_push(push));
    }
    let running = Running::apply(&pipeline, "author", 6, &[]);
    (step.reached)(&pipeline, &running);
    for signal in 0..step.signals {
        // Two signals without a pause would be one.
        std::thread::sleep(Duration::from_millis(100 * signal as u64));
        running.signal("-INT");
    }
    let (code, said) = running.ends();
    assert_eq!(code, Some(step.code), "{}: {said}", step.name);
    if step.push.is_none() && step.faults.iter().all(|fault| !fault.contains("submit")) {
        assert_eq!(pipeline.server.accepted().len(), 0, "{}: {said}", step.name);
    }
    let pipeline = pipeline.healed();
    let mate = pipeline.clone("mate");
    pipeline.scene.write("mate/callsheet.yaml", &shared(TEN));
    let done = ok(&pipeline, &mate, &["apply", "--yes"]);
    let again = ok(&pipeline, "author", &["apply", "--yes"]);
    assert!(again.out.contains("nothing to do, 10 unchanged"), "{}: {}", step.name, again.out);
    all_ten_are_paid_once(&pipeline, &format!("{}: {said}{}{}", step.name, done.out, done.err));
}
