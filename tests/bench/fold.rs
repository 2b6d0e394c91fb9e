//! Folds the lines of one take: `cargo bench --bench fold`.
//!
//! Measures a lockfile of 4,000 and of 8,000 lines of one take, in shapes that used to be slow. The larger file may
//! take at most 2.5 times as long. Also measures the markers that settling looks up before 10,000 digests are sent.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use callsheet::lockfile::{ParsedLockfile, encode, parse_bytes};
use callsheet::spec::{Digest, marker};

const COUNTS: [usize; 2] = [4_000, 8_000];

/// Maximum ratio of the times.
const MOST: f64 = 2.5;

/// Returns a line by its number.
type Shape = fn(usize) -> String;

const SHAPES: [(&str, Shape); 4] = [
    ("a task each, at one time", |number| line("submitted", "hello", &format!(r#","task":"T{number}""#), 0)),
    ("a task each, later and later", |number| line("submitted", "hello", &format!(r#","task":"T{number}""#), number)),
    ("a key each, accepted", |number| line("done", &format!("hello[{number}]"), r#","task":"T","how":"accepted""#, 0)),
    ("half failed, half not", |number| {
        let state = if number.is_multiple_of(2) { "failed" } else { "submitted" };
        line(state, "hello", &format!(r#","task":"T{number}""#), 0)
    }),
];

fn line(state: &str, key: &str, ids: &str, second: usize) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!(
        r#"{{"key":"{key}","digest":"v1:{:032x}","attempt":1,"state":"{state}"{ids},"name":"hello #k3f2qa2b7c","host":"devapi.vidnoz.com","at":"2026-11-22T{:02}:{:02}:{second:02}Z"}}"#,
        1,
        minute / 60,
        minute % 60,
    )
}

fn main() {
    println!("| lines of one take | {} | {} | ratio |\n|---|---|---|---|", COUNTS[0], COUNTS[1]);
    let mut slow = Vec::new();
    for (name, shape) in SHAPES {
        let [small, large] = COUNTS.map(|count| fold(count, shape));
        let ratio = large.as_secs_f64() / small.as_secs_f64();
        println!("| {name} | {small:.1?} | {large:.1?} | {ratio:.2} |");
        slow.extend((ratio > MOST).then_some(name));
    }
    println!("\n10,000 digests, 64 marks each: {:.1?}", marks());
    assert!(slow.is_empty(), "more than {MOST} times as long: {}", slow.join(", "));
}

/// Returns the best time of several runs that read, query and write a lockfile.
fn fold(count: usize, shape: Shape) -> Duration {
    let lines: Vec<String> = (0..count).map(shape).collect();
    let text = format!("{{\"callsheet\":\"lock\",\"version\":1}}\n{}\n", lines.join("\n"));
    let digest = Digest::parse(&format!("v1:{:032x}", 1)).expect("a digest");
    let once = || {
        let start = clock();
        let ParsedLockfile { lockfile, .. } = parse_bytes("callsheet.lock", &text).expect("a lockfile");
        let paid = lockfile.paid("devapi.vidnoz.com", &digest, "hello").is_some();
        let failed = lockfile.failed("devapi.vidnoz.com", &digest).is_some();
        assert!(!(paid && failed), "either");
        assert!(!encode(&lockfile).is_empty(), "lines");
        clock().saturating_sub(start)
    };
    (0..7).map(|_| once()).min().unwrap_or_default()
}

/// Returns the CPU time of this thread, or the wall time if the system does not report it. Other processes must not
/// count.
fn clock() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = told.and_then(|told| told.split(' ').next()?.parse().ok());
    spent.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

fn marks() -> Duration {
    let start = clock();
    let mut letters = 0;
    for number in 0..10_000 {
        let digest = Digest::parse(&format!("v1:{number:032x}")).expect("a digest");
        letters += (1..=64).map(|attempt| marker(&digest, attempt).len()).sum::<usize>();
    }
    assert_eq!(letters, 6_400_000);
    clock().saturating_sub(start)
}
