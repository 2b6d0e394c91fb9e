//! The memory of a plan per video: a promise of docs/performance.md, tested with a margin for a busy machine.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::fixture::Scene;

#[path = "../bench/projects.rs"]
#[expect(dead_code, reason = "the generator serves all benches")]
mod projects;

use projects::Shape;

/// Both are larger than the cache of compiled templates.
const FEW: usize = 1_000;
const MANY: usize = 5_000;

/// Whether the videos are paid for, with the exit code of their plan.
#[derive(Clone, Copy)]
enum Lock {
    Paid = 0,
    Missing = 2,
}

/// Returns the peak memory of a run in kilobytes, from the last sample before its end.
fn peak(folder: &Path, lock: Lock) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_callsheet"))
        .args(["plan", "--detailed-exitcode", "--quiet"])
        .current_dir(folder)
        .env_remove("CALLSHEET_ENV")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut highest = 0;
    loop {
        let told = fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        highest = highest.max(now.unwrap_or_default());
        if let Some(ended) = child.try_wait().unwrap() {
            assert_eq!(ended.code(), Some(lock as i32));
            return highest;
        }
        sleep(Duration::from_millis(2));
    }
}

/// Returns the bytes that one more video uses.
fn slope(shape: Shape, lock: Lock) -> u64 {
    let [few, many] = [FEW, MANY].map(|count| {
        let scene = Scene::new();
        projects::write(scene.path(), shape, count, 0);
        if let Lock::Paid = lock {
            projects::write_lock(scene.path());
        }
        peak(scene.path(), lock)
    });
    many.saturating_sub(few) * 1024 / (MANY - FEW) as u64
}

#[test]
fn a_plan_of_paid_videos_keeps_little_of_each() {
    let (flat, rows) = (slope(Shape::Flat, Lock::Paid), slope(Shape::Rows, Lock::Paid));
    // Measured: 1.6 KB and 0.6 KB.
    assert!(flat < 2_560 && rows < 1_536, "{flat} bytes an explicit video, {rows} bytes a row");
}

#[test]
fn a_first_plan_keeps_little_more() {
    let (flat, rows) = (slope(Shape::Flat, Lock::Missing), slope(Shape::Rows, Lock::Missing));
    // Measured: 3.4 KB (part of it text) and 2.2 KB.
    assert!(flat < 4_608 && rows < 3_072, "{flat} bytes an explicit video, {rows} bytes a row");
}
