//! Runs whose user answers late, and a run that is frozen past the end of its claims.

use std::time::{Duration, Instant};

use crate::faults::TEN;
use crate::ledger::pipeline;
use crate::ledger_process::{Running, all_ten_are_paid_once};
use crate::runner::Pipeline;

/// Ten videos, with time for clocks that are measured in whole seconds.
fn ten(timeout: &str) -> String {
    TEN.replace("timeout: 2s, settle_grace: 1s", &format!("timeout: {timeout}, settle_grace: 3s"))
}

/// A clone whose runs wait two seconds before each request.
fn slow_clone(pipeline: &Pipeline, name: &str) -> String {
    let clone = pipeline.clone(name);
    pipeline.scene.edit(&format!("{name}/callsheet.yaml"), "rate: 0,", "rate: 0.5,");
    clone
}

#[test]
fn a_prompt_sees_what_another_run_paid_for_while_it_was_open() {
    let pipeline = pipeline(&ten("30s"), &["slow:1s@submit"]);
    let other = pipeline.clone("other");
    let other = Running::apply(&pipeline, &other, 60, &["--limit", "4"]);
    other.event("claimed");
    other.signal("-STOP");
    let Some(mut asked) = Running::at_a_terminal(&pipeline, "author") else { return };
    assert!(asked.said().contains("6 to submit"), "{}", asked.said());
    other.signal("-CONT");
    let (code, said) = other.ends();
    assert_eq!(code, Some(0), "{said}");
    asked.types("yes\n");
    let (code, screen) = asked.ends();
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains("Applied: 6 submitted, 4 by another run"), "{screen}");
    all_ten_are_paid_once(&pipeline, &screen);
}

#[test]
fn a_prompt_sees_what_another_run_freed_while_it_was_open() {
    let pipeline = pipeline(&ten("30s"), &[]);
    let other = slow_clone(&pipeline, "other");
    let other = Running::apply(&pipeline, &other, 60, &["--limit", "8"]);
    other.event("claimed");
    other.signal("-STOP");
    let Some(mut asked) = Running::at_a_terminal(&pipeline, "author") else { return };
    assert!(asked.said().contains("2 to submit"), "{}", asked.said());
    other.signal("-INT");
    other.signal("-CONT");
    let (code, said) = other.ends();
    assert_eq!(code, Some(130), "{said}");
    asked.types("yes\n");
    let (code, screen) = asked.ends();
    assert_eq!(code, Some(0), "{screen}");
    all_ten_are_paid_once(&pipeline, &screen);
}

#[test]
fn a_run_that_was_frozen_past_the_end_of_its_claims_sends_none_of_them() {
    // The vendor's clock is two hours wrong. Only the difference between the runs counts.
    let pipeline = pipeline(&ten("2s"), &["date-skew:+2h"]);
    let frozen = slow_clone(&pipeline, "frozen");
    let frozen = Running::apply(&pipeline, &frozen, 5, &[]);
    frozen.event("claimed");
    frozen.signal("-STOP");
    let claimed = Instant::now();
    // Asked before the end of the claims, answered after it.
    let Some(mut asked) = Running::at_a_terminal(&pipeline, "author") else { return };
    assert!(asked.said().contains("2 to submit"), "{}", asked.said());
    std::thread::sleep(Duration::from_millis(5_200).saturating_sub(claimed.elapsed()));
    asked.types("yes\n");
    let (code, screen) = asked.ends();
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(screen.matches("proved not to have been accepted").count(), 8, "{screen}");
    all_ten_are_paid_once(&pipeline, &screen);
    frozen.signal("-CONT");
    let (code, said) = frozen.ends();
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("\"event\":\"submitted\""), "{said}");
    all_ten_are_paid_once(&pipeline, &said);
}
