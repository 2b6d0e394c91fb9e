//! `kill -9` at any moment: many applies bring a project to its end, and most of them are killed.
//!
//! For more rounds: `CALLSHEET_KILL_ROUNDS=500 CALLSHEET_KILL_SEED=1 cargo test --test resilience kill:: -- --nocapture`.

use std::fs::{self, OpenOptions};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::audit::Audit;
use super::process::Running;
use super::project::{Project, SETTINGS};
use super::rng::{Rng, number, seed};
use super::vendor::Vendor;

/// Number of concurrent rounds. They spend most of their time waiting.
const AT_ONCE: u64 = 5;
/// Maximum number of applies per round. A round that needs more would never end.
const MOST_APPLIES: u64 = 80;

/// Counts of what happened in the rounds.
#[derive(Debug, Default)]
struct Tally {
    rounds: u64,
    applies: u64,
    kills: u64,
    vendor_kills: u64,
    tears: u64,
    ended_in_doubt: u64,
    freed_by_hand: u64,
    submissions: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.rounds += other.rounds;
        self.applies += other.applies;
        self.kills += other.kills;
        self.vendor_kills += other.vendor_kills;
        self.tears += other.tears;
        self.ended_in_doubt += other.ended_in_doubt;
        self.freed_by_hand += other.freed_by_hand;
        self.submissions += other.submissions;
    }
}

#[test]
fn small_projects_survive_any_kills() {
    let rounds = number("CALLSHEET_KILL_ROUNDS").unwrap_or(12);
    let tally = many(rounds, 24, (30, 190));
    assert!(tally.kills > rounds, "hardly anything was killed: {tally:?}");
}

#[test]
fn large_projects_survive_any_kills() {
    let rounds = number("CALLSHEET_KILL_ROUNDS").map_or(3, |rounds| rounds.div_ceil(20));
    let tally = many(rounds, 200, (40, 500));
    assert!(tally.kills > rounds, "hardly anything was killed: {tally:?}");
}

/// Runs `rounds` rounds of `size` videos. Each apply is killed after a time within `lives`, in milliseconds.
fn many(rounds: u64, size: usize, lives: (u64, u64)) -> Tally {
    let (seed, start) = (seed(), Instant::now());
    println!("{rounds} rounds of {size} videos, CALLSHEET_KILL_SEED={seed}");
    let next = AtomicU64::new(0);
    let total = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(rounds) {
            scope.spawn(|| {
                while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < rounds) {
                    println!("round {number}");
                    let tally = round(Rng::new(seed.wrapping_add(number.wrapping_mul(0x1_0000_0001))), size, lives);
                    total.lock().unwrap().add(&tally);
                }
            });
        }
    });
    let tally = total.into_inner().unwrap();
    println!("{tally:?} in {:?}", start.elapsed());
    tally
}

fn round(mut rng: Rng, size: usize, lives: (u64, u64)) -> Tally {
    let project = Project::of(size, SETTINGS);
    let audit = Audit::of(&project);
    let (kills_vendor, tears) = (rng.one_in(4), rng.one_in(4));
    // A torn line in the middle of a run simulates a write without a sync, so no submission may be in flight then.
    let slow = if tears { "slow:1ms:1%" } else { "slow:150ms@submit:10%" };
    let mut vendor = Vendor::start(project.path(), &["accept-then-drop:5%", slow]);
    let mut tally = Tally { rounds: 1, ..Tally::default() };
    loop {
        assert!(tally.applies < MOST_APPLIES, "it never ends: {tally:?}");
        tally.applies += 1;
        let mut apply = project.start(&vendor, &["apply", "--yes"]);
        // Lifetimes grow, so that a slow machine reaches the end too.
        let mut life = || rng.milliseconds(lives.0, lives.1).mul_f64(1.3_f64.powf(tally.kills as f64));
        let lives = (life(), life());
        if kills_vendor && rng.one_in(3) && lives_on(&mut apply, lives.0) {
            vendor.kill();
            tally.vendor_kills += 1;
            std::thread::sleep(rng.milliseconds(0, 60));
            vendor.restart();
        }
        if lives_on(&mut apply, lives.1) {
            apply.kill();
            tally.kills += 1;
            Audit::readable(&project);
            // A torn line may have been the only one of its take, until apply lists the vendor's videos.
            if tally.tears == 0 {
                audit.nothing_lost(&project, &vendor);
            }
            if tears && rng.one_in(2) {
                std::thread::sleep(Duration::from_millis(50));
                tally.tears += u64::from(tear(&project, &mut rng));
                Audit::readable(&project);
            }
            continue;
        }
        let shown = apply.finish();
        match shown.code {
            0 => break,
            6 => by_hand(&project, &vendor, &audit, &mut tally),
            code => panic!("exit {code}\n{}", shown.all()),
        }
    }
    tally.submissions = vendor.accepted().len();
    project.expect(&vendor, &["lock", "verify"], 0);
    project.expect(&vendor, &["plan", "--detailed-exitcode"], 0);
    audit.closed(&project, &vendor);
    tally
}

fn lives_on(apply: &mut Running, long: Duration) -> bool {
    apply.ends_within(long).is_none()
}

/// Handles an apply that ended with takes in doubt: applies once more, then frees the remaining takes.
fn by_hand(project: &Project, vendor: &Vendor, audit: &Audit, tally: &mut Tally) {
    std::thread::sleep(Duration::from_millis(1_100));
    let again = project.run(vendor, &["apply", "--yes"]);
    Audit::readable(project);
    assert!(matches!(again.code, 0 | 6), "{}", again.all());
    let doubts = audit.doubts(project, vendor);
    tally.ended_in_doubt += u64::from(!doubts.is_empty());
    let told = doubts.iter().map(|(key, _)| key).filter(|key| {
        let ways = [format!("  {key}  marker #"), format!("lock free '{key}'")];
        ways.iter().all(|way| again.all().contains(way))
    });
    // The screen names the first 20, and the command that lists all.
    assert_eq!(told.count(), doubts.len().min(20), "{}", again.all());
    assert_eq!(again.all().contains("`callsheet lock verify` lists all"), doubts.len() > 20, "{}", again.all());
    let listed = project.run(vendor, &["lock", "verify"]).all();
    assert!(doubts.iter().all(|(key, _)| listed.contains(&format!("`{key}` has been in doubt since"))), "{listed}");
    for (key, accepted) in doubts {
        // An accepted video is in the vendor's list, so apply should have found it.
        assert!(!accepted, "`{key}` was accepted but stays in doubt\n{}", again.all());
        project.expect(vendor, &["lock", "free", &key], 0);
        tally.freed_by_hand += 1;
    }
}

/// Cuts the lockfile at a random position of its last line. Returns `false` if there is nothing to cut.
fn tear(project: &Project, rng: &mut Rng) -> bool {
    let Ok(bytes) = fs::read(project.lock()) else { return false };
    let body = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let Some(start) = body.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1) else { return false };
    let file = OpenOptions::new().write(true).open(project.lock()).unwrap();
    file.set_len(rng.within(start as u64, bytes.len() as u64)).unwrap();
    true
}
