//! Claims of a shared ledger: when another run's may be judged, with the negative control of each rule.

use std::time::Duration;

use super::fakes::{HOST, after, line, lockfile, options, wanted, work};
use crate::apply::run::Sent;
use crate::apply::wave::{ClaimRequest, grant};
use crate::apply::{
    ApplyOptions, ManualEdit, ManualEditError, Reconciliation, SkipReason, SkippedSubmission, VendorListing, reconcile,
};
use crate::lockfile::{Lockfile, Record, Run, Take, TakeState};
use crate::spec::{marker, submitted_name};
use crate::vendor::ListedVideo;

fn of(run: &str, take: Take) -> Take {
    Take { run: Some(run.into()), ..take }
}

/// A claim at second 0 that ends at second 300.
fn claim(run: &str) -> Take {
    Take { until: Some(after(300)), ..of(run, line("a", TakeState::Intent, 0)) }
}

fn run(id: &str, clock: Option<f64>) -> Record {
    let who = format!("run of {id}");
    Record::Run(Run { run: id.into(), who, url: None, commit: None, clock, at: after(0) })
}

/// What this run settles by a list that shows its own take of `b`, sent at a time.
fn settled(mut lock: Lockfile, shown_sent_at: i64, (taken_at, clocks): (i64, [Option<f64>; 2])) -> Reconciliation {
    lock.insert(Record::Take(of("mine", line("b", TakeState::Submitted, shown_sent_at))));
    lock.insert(run("mine", clocks[0]));
    lock.insert(run("other", clocks[1]));
    let video = ListedVideo {
        id: "v1".into(),
        name: submitted_name("b", &marker(&wanted("b").digest, 1)),
        status: Some(1),
        ..ListedVideo::default()
    };
    let listing = VendorListing { videos: vec![video], taken_at: after(taken_at) };
    reconcile(&listing, &lock, &[], &ApplyOptions { run: Some("mine".into()), ..options() }, after(taken_at + 1))
}

const AGREE: [Option<f64>; 2] = [Some(-0.4), Some(0.3)];

#[test]
fn nobody_frees_a_claim_before_its_end() {
    // A list that frees an intent of this machine, 200 seconds old, with a take that was sent later.
    let control = settled(lockfile([line("a", TakeState::Intent, 0)]), 150, (200, AGREE));
    assert_eq!(control.freed.len(), 1, "the same list proves it for an intent without a run");
    let settlement = settled(lockfile([claim("other")]), 150, (200, AGREE));
    assert!(settlement.freed.is_empty() && settlement.records.is_empty(), "{settlement:?}");
    assert!(settlement.in_doubt[0].reason.starts_with("claimed by run of other until "), "{settlement:?}");
    // Nor does a user.
    let lock = lockfile([claim("other")]);
    let hand = |second| ManualEdit { lockfile: &lock, host: &HOST.into(), now: after(second) }.free("a", None);
    assert!(matches!(hand(299), Err(ManualEditError::Claimed(..))));
    assert!(
        matches!(hand(301), Ok(Record::Take(Take { state: TakeState::Freed, run: Some(run), until: None, .. })) if &*run == "other")
    );
    let hand = |second| ManualEdit { lockfile: &lock, host: &HOST.into(), now: after(second) }.free_run("other");
    assert!(matches!(hand(299), Err(ManualEditError::Claimed(..))));
    assert_eq!(hand(301).unwrap().len(), 1);
}

#[test]
fn the_proof_counts_from_the_end_of_the_claim() {
    // Too early after the end, or with a take that was sent before it: each would do for an intent without a run.
    for (shown_sent_at, taken_at) in [(310, 400), (299, 500)] {
        let control = settled(lockfile([line("a", TakeState::Intent, 0)]), shown_sent_at, (taken_at, AGREE));
        assert_eq!(control.freed.len(), 1);
        let settlement = settled(lockfile([claim("other")]), shown_sent_at, (taken_at, AGREE));
        assert!(settlement.freed.is_empty(), "{shown_sent_at} {taken_at}: {settlement:?}");
    }
    let settlement = settled(lockfile([claim("other")]), 310, (430, AGREE));
    assert_eq!(settlement.freed.len(), 1, "{settlement:?}");
    let Record::Take(freed) = &settlement.records[0] else { panic!("{settlement:?}") };
    assert_eq!((freed.run.as_deref(), freed.until), (Some("other"), None), "in the claimant's name");
}

#[test]
fn a_run_whose_clock_is_not_known_to_agree_frees_nothing() {
    // Half the grace is a minute.
    for clocks in [[None, Some(0.0)], [Some(0.0), None], [Some(31.0), Some(-31.0)], [Some(7200.0), Some(0.0)]] {
        let settlement = settled(lockfile([claim("other")]), 310, (430, clocks));
        assert!(settlement.freed.is_empty(), "{clocks:?}");
        assert!(settlement.in_doubt[0].reason.contains("not known to agree"), "{settlement:?}");
    }
    // Only the difference counts: the vendor's clock may be wrong by hours.
    assert_eq!(settled(lockfile([claim("other")]), 310, (430, [Some(7200.0), Some(7201.0)])).freed.len(), 1);
}

#[test]
fn without_a_run_of_its_own_nothing_judges_a_claim() {
    let mut lock = lockfile([claim("other"), of("mine", line("b", TakeState::Submitted, 310))]);
    lock.insert(run("other", Some(0.0)));
    let listing = VendorListing { videos: Vec::new(), taken_at: after(9_999) };
    let settlement = reconcile(&listing, &lock, &[], &options(), after(9_999));
    assert!(settlement.freed.is_empty(), "{settlement:?}");
}

#[test]
fn a_claim_past_its_end_is_adopted_by_its_marker() {
    let lock = lockfile([claim("other")]);
    let video = ListedVideo {
        id: "v9".into(),
        name: submitted_name("a", &marker(&wanted("a").digest, 1)),
        status: Some(1),
        ..ListedVideo::default()
    };
    let at = |second| {
        let listing = VendorListing { videos: vec![video.clone()], taken_at: after(second) };
        reconcile(&listing, &lock, &[], &ApplyOptions { run: Some("mine".into()), ..options() }, after(second))
    };
    assert!(at(200).adopted.is_empty(), "its run may be about to record the answer itself");
    let settlement = at(301);
    assert_eq!(settlement.adopted.len(), 1);
    let mut lock = lock.clone();
    lock.insert(settlement.records[0].clone());
    assert!(lock.paid(HOST, &wanted("a").digest, "a").is_some());
}

/// Claims the first attempt of a content for a run. Returns the attempt, and whether that renews a claim.
fn claimed(lines: Vec<Take>, second: i64, sent: &Sent) -> Result<(u32, bool), &'static str> {
    let (wave, line) = ([work("a")], run("mine", None));
    let request = ClaimRequest {
        wave: &wave,
        host: &HOST.into(),
        run: &"mine".into(),
        line: &line,
        sent,
        span: Duration::from_mins(1),
        budget: &|_| None,
    };
    let (records, (work, left)) = grant(&lockfile(lines), &request, after(second));
    assert_eq!(records.len(), 2 * work.len(), "the run and its claim, or nothing");
    match (work.as_slice(), left.not_sent.as_slice(), left.shared.by_others.len()) {
        ([one], [], 0) => Ok((one.attempt, one.claim.as_ref().unwrap().again)),
        ([], [SkippedSubmission { reason: SkipReason::SubmittedElsewhere, .. }], 0) => Err("failed"),
        ([], [], 1) => Err("paid"),
        _ => Err("in doubt"),
    }
}

#[test]
fn whose_a_content_is() {
    let is = |lines, second| claimed(lines, second, &Sent::new());
    assert_eq!(is(vec![], 0), Ok((1, false)));
    assert_eq!(is(vec![claim("mine")], 999), Ok((1, true)));
    assert_eq!(claimed(vec![claim("mine")], 999, &Sent::from([(wanted("a").digest, 1)])), Err("in doubt"), "it left");
    assert_eq!(is(vec![claim("other")], 300), Err("in doubt"));
    assert_eq!(is(vec![claim("other")], 301), Err("in doubt"), "only a proof ends it");
    assert_eq!(is(vec![line("a", TakeState::Intent, 0)], 0), Err("in doubt"), "of a lockfile without a ledger");
    assert_eq!(is(vec![claim("other"), of("other", line("a", TakeState::Freed, 9))], 9), Ok((2, false)));
    // Freed without its run: an old branch freed an earlier attempt with the same number.
    assert_eq!(is(vec![claim("other"), line("a", TakeState::Freed, 9)], 301), Err("in doubt"));
    assert_eq!(is(vec![claim("other"), of("other", line("a", TakeState::Submitted, 9))], 9), Err("paid"));
    assert_eq!(is(vec![of("other", line("a", TakeState::Failed, 9))], 9), Err("failed"));
}
