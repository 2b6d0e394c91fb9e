//! `kill -9` at any moment of a pull, from a vendor whose files are slow and break off. In the end every file is
//! complete.
//!
//! For more rounds: `CALLSHEET_KILL_ROUNDS=100 CALLSHEET_KILL_SEED=1 cargo test --test resilience kill_pull -- --nocapture`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::audit::Audit;
use super::process::Shown;
use super::project::{Project, SETTINGS};
use super::rng::{Rng, number, seed};
use super::vendor::Vendor;

/// Videos per round.
const SIZE: usize = 6;

/// Returns the hash in the lockfile for each pulled key.
fn known(project: &Project) -> BTreeMap<String, String> {
    let text = fs::read_to_string(project.lock()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let pulled = lines.filter(|line| line["state"] == "pulled");
    pulled.map(|line| (line["key"].as_str().unwrap().to_owned(), line["sha256"].as_str().unwrap().to_owned())).collect()
}

fn files(folder: &Path, hidden: bool) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let named = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with('.') == hidden;
    entries.map(|entry| entry.unwrap().path()).filter(named).collect()
}

/// Checks that every file with its final name is complete.
fn whole(folder: &Path) {
    for path in files(folder, false) {
        let found = callsheet::results::check_mp4(&mut fs::File::open(&path).unwrap());
        assert!(found.is_ok(), "{}: {found:?}", path.display());
    }
}

/// Kills `kills` pulls after random times, then runs one to its end. Returns the number of pulls killed midway, and
/// whether a pull ever resumed the download of a killed one.
fn round(rng: &mut Rng, kills: u64) -> (u64, bool) {
    let project = Project::of(SIZE, SETTINGS);
    let mut vendor = Vendor::start(project.path(), &[]);
    project.expect(&vendor, &["apply", "--yes", "--wait"], 0);
    vendor.restart_with(&["dribble:900ms", "cut-answer:3000@result:20%"]);
    let dist = project.root().join("dist");
    let mut killed = 0;
    let mut went_on = false;
    for _ in 0..kills {
        let mut pull = project.start(&vendor, &["pull", "-v"]);
        let ended = pull.ends_within(rng.milliseconds(30, 900));
        went_on |= pull.so_far().contains("resuming at");
        if ended.is_none() {
            pull.kill();
            killed += 1;
        }
        whole(&dist);
        Audit::readable(&project);
    }
    let last = project.run(&vendor, &["pull", "-v"]);
    let end = |shown: &Shown| assert_eq!(shown.code, 0, "{}", shown.all());
    end(&last);
    went_on |= last.err.contains("resuming at");
    let known = known(&project);
    assert_eq!(known.len(), SIZE, "{known:?}");
    whole(&dist);
    for (key, sha256) in &known {
        let name = key.replace('[', ".").replace(']', "") + ".mp4";
        let bytes = fs::read(dist.join(&name)).unwrap();
        assert_eq!(data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)), *sha256, "{name}");
    }
    let left = files(&dist, true);
    assert!(left.is_empty(), "parts are left: {left:?}");
    let again = project.run(&vendor, &["pull"]);
    end(&again);
    assert!(again.out.contains(&format!("Pulled: {SIZE} kept · 0 bytes downloaded")), "{}", again.all());
    Audit::no_duplicates(&vendor);
    (killed, went_on)
}

#[test]
fn a_pull_killed_again_and_again_ends_with_whole_files() {
    let (seed, kills) = (seed(), number("CALLSHEET_KILL_ROUNDS").unwrap_or(12));
    println!("CALLSHEET_KILL_SEED={seed}");
    let (mut killed, mut rounds, mut went_on) = (0, 0, false);
    while killed < kills {
        assert!(rounds < kills, "hardly anything was killed: {killed} in {rounds} rounds");
        let (more, on) = round(&mut Rng::new(seed.wrapping_add(rounds)), 10);
        killed += more;
        went_on |= on;
        rounds += 1;
    }
    assert!(went_on, "no pull ever went on where another was killed");
    println!("killed midway {killed} times in {rounds} rounds");
}

/// Waits until the first bytes of a file arrive. On a busy machine the sandbox needs some time to render it.
fn bytes_come(folder: &Path) {
    let some =
        |path: &PathBuf| path.extension().is_some_and(|end| end == "part") && fs::metadata(path).unwrap().len() > 0;
    let tries = (0..300).find(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        files(folder, true).iter().any(some)
    });
    assert!(tries.is_some(), "no byte came within half a minute");
}

#[test]
fn the_first_signal_keeps_what_came_and_the_next_pull_goes_on() {
    for signal in ["INT", "TERM"] {
        let project = Project::of(SIZE, SETTINGS);
        let mut vendor = Vendor::start(project.path(), &[]);
        project.expect(&vendor, &["apply", "--yes", "--wait"], 0);
        vendor.restart_with(&["dribble:4s"]);
        let pull = project.start(&vendor, &["pull", "-v"]);
        pull.shows("fetching");
        bytes_come(&project.root().join("dist"));
        pull.signal(signal);
        let shown = pull.finish();
        assert_eq!(shown.code, 130, "{}", shown.all());
        assert!(shown.err.contains("interrupted; `callsheet pull` continues"), "{}", shown.err);
        assert!(shown.took < std::time::Duration::from_secs(3), "it waited {:?}", shown.took);
        vendor.restart_with(&[]);
        let rest = project.expect(&vendor, &["pull", "-v"], 0);
        assert!(rest.err.contains("resuming at"), "{}", rest.all());
        whole(&project.root().join("dist"));
    }
}
