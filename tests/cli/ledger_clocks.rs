//! Runs whose clocks differ by minutes: they pay for nothing twice, and say why they prove nothing.

use std::path::PathBuf;
use std::process::Command;

use crate::faults::TEN;
use crate::fixture::shown;
use crate::ledger::{command, ledger, ok, pipeline};
use crate::ledger_process::{Running, all_ten_are_paid_once};
use crate::runner::Pipeline;

/// A library that moves the clock of the programs that load it.
const LIBRARY: &str = r#"#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, at);
    const char *seconds = getenv("CLOCK_SECONDS");
    if (id == CLOCK_REALTIME && seconds) at->tv_sec += atol(seconds);
    return result;
}
"#;

fn ten() -> String {
    TEN.replace("settle_grace: 1s", "settle_grace: 3s")
}

/// Compiles the library. `None` if it moves no clock here.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn library(pipeline: &Pipeline) -> Option<PathBuf> {
    pipeline.scene.write("clock.c", LIBRARY);
    let file = pipeline.scene.path().join("clock.so");
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-o"]).arg(&file).arg(pipeline.scene.path().join("clock.c")).arg("-ldl");
    if !cfg!(target_os = "linux") || !compile.output().is_ok_and(|done| done.status.success()) {
        println!("SKIPPED: no C compiler, so no clock was moved");
        return None;
    }
    Some(file)
}

/// A command whose clock is some seconds ahead.
fn ahead(mut command: Command, library: &PathBuf, seconds: i64) -> Command {
    command.env("LD_PRELOAD", library).env("CLOCK_SECONDS", seconds.to_string());
    command
}

#[test]
fn a_live_run_whose_clock_is_minutes_behind_keeps_its_claims() {
    let pipeline = pipeline(&ten(), &[]);
    let Some(library) = library(&pipeline) else { return };
    let behind = pipeline.clone("behind");
    pipeline.scene.edit("behind/callsheet.yaml", "rate: 0,", "rate: 0.5,");
    let mut apply = command(&pipeline, &behind, &["--format", "json", "apply", "--yes", "--limit", "4"]);
    apply.env("CALLSHEET_CLAIM_SECONDS", "20");
    let behind = Running::start(ahead(apply, &library, -180));
    behind.event("claimed");
    // By the clock here, these claims ended minutes ago. The list does not show them, and shows what is sent now.
    let done = shown(&mut command(&pipeline, "author", &["apply", "--yes"]));
    assert_eq!(done.code, 6, "{}{}", done.out, done.err);
    assert!(done.err.contains("are not known to agree, so it proves nothing"), "{}{}", done.out, done.err);
    let (code, said) = behind.ends();
    assert_eq!(code, Some(0), "{said}");
    let done = ok(&pipeline, "author", &["apply", "--yes"]);
    all_ten_are_paid_once(&pipeline, &format!("{said}{}{}", done.out, done.err));
}

#[test]
fn a_run_whose_clock_is_minutes_ahead_stops_the_others_until_it_is_set() {
    let pipeline = pipeline(&ten(), &[]);
    let Some(library) = library(&pipeline) else { return };
    let mate = pipeline.clone("mate");
    let done = shown(&mut ahead(command(&pipeline, &mate, &["apply", "--yes", "--limit", "3"]), &library, 180));
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(ledger(&pipeline).contains("\"clock\":1"), "{}", ledger(&pipeline));
    let done = shown(&mut command(&pipeline, "author", &["apply", "--yes"]));
    assert_eq!(done.code, 1, "{}{}", done.out, done.err);
    assert!(done.err.contains("is in the future; check this machine's clock"), "{}", done.err);
    assert_eq!(pipeline.server.accepted().len(), 3);
    // Nothing is judged either.
    pipeline.scene.edit("author/callsheet.yaml", "[en, de,", "[de,");
    let done = shown(&mut command(&pipeline, "author", &["lock", "forget", "hello[en,free]"]));
    assert_eq!(done.code, 1, "{}{}", done.out, done.err);
    assert!(done.err.contains("is in the future"), "{}", done.err);
    pipeline.scene.edit("author/callsheet.yaml", "[de,", "[en, de,");
    // Its own runs go on, as do those of machines with the same clock.
    let done = shown(&mut ahead(command(&pipeline, "author", &["apply", "--yes"]), &library, 180));
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    all_ten_are_paid_once(&pipeline, &done.out);
}
