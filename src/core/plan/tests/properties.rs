//! Properties that hold for any takes and any specs.

use std::collections::BTreeSet;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::lockfile::{Lockfile, Record, Take, TakeSource, TakeState};
use crate::plan::test_support::{HOST, at_speed, line, options, planned, sources, take_number, video};
use crate::plan::{Plan, PlanOptions, SavedPlan, plan};
use crate::spec::{Digest, Video};

const STATES: [TakeState; 7] = [
    TakeState::Intent,
    TakeState::Freed,
    TakeState::Submitted,
    TakeState::Failed,
    TakeState::Done,
    TakeState::Pulled,
    TakeState::Forgotten,
];

/// Few keys and few contents, so that they often coincide.
fn a_content() -> impl Strategy<Value = (u8, u8, u32)> {
    (0u8..4, 0u8..2, 1u32..3)
}

pub(super) fn made(key: u8, (text, speed, take): (u8, u8, u32)) -> Video {
    take_number(at_speed(video(&format!("k{key}"), &format!("text {text}")), 1.0 + f64::from(speed) / 10.0), take)
}

pub(super) fn some_videos() -> impl Strategy<Value = Vec<Video>> {
    btree_map(0u8..6, a_content(), 0..6)
        .prop_map(|videos| videos.into_iter().map(|(key, content)| made(key, content)).collect::<Vec<_>>())
        .prop_shuffle()
}

pub(super) fn some_lines() -> impl Strategy<Value = Vec<Take>> {
    let one = (0u8..6, a_content(), 1u32..3, 0usize..7, 0u32..60);
    vec(
        one.prop_map(|(key, content, attempt, state, minute)| {
            line(&made(key, content), attempt, STATES[state], minute)
        }),
        0..12,
    )
}

fn lock(lines: &[Take]) -> Lockfile {
    crate::plan::test_support::lockfile(lines.iter().cloned())
}

/// Records every submission of a plan as accepted.
fn record(lockfile: &mut Lockfile, videos: &[Video], plan: &Plan) {
    for change in plan.submissions() {
        let video = &videos[change.video.unwrap()];
        lockfile.insert(Record::Take(line(video, change.attempt, TakeState::Submitted, 59)));
    }
}

fn sent(plan: &Plan) -> Vec<Digest> {
    plan.submissions().map(|change| change.digest).collect()
}

fn with_retries(videos: &[Video], lockfile: &Lockfile) -> Plan {
    plan(videos, &sources(), lockfile, &PlanOptions { retry_failed: true, ..options() })
}

proptest! {
    #[test]
    fn after_all_is_submitted_nothing_is_to_submit(videos in some_videos(), lines in some_lines(), retry: bool) {
        let again = |lockfile: &Lockfile| if retry { with_retries(&videos, lockfile) } else { planned(&videos, lockfile) };
        let mut lockfile = lock(&lines);
        let first = again(&lockfile);
        record(&mut lockfile, &videos, &first);
        prop_assert_eq!(sent(&again(&lockfile)), Vec::<Digest>::new());
    }

    #[test]
    fn the_order_of_videos_does_not_change_what_is_sent(videos in some_videos(), lines in some_lines()) {
        let lockfile = lock(&lines);
        let mut reversed = videos.clone();
        reversed.reverse();
        let (there, back) = (with_retries(&videos, &lockfile), with_retries(&reversed, &lockfile));
        prop_assert_eq!(sent(&there).into_iter().collect::<BTreeSet<_>>(), sent(&back).into_iter().collect());
    }

    #[test]
    fn a_digest_is_sent_once_and_never_when_paid_or_in_doubt(videos in some_videos(), lines in some_lines()) {
        let lockfile = lock(&lines);
        let made = with_retries(&videos, &lockfile);
        let all = sent(&made);
        prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        for digest in all {
            let blocks = |take: &Take| take.state.is_paid() || take.state == TakeState::Intent;
            prop_assert!(!lockfile.takes_of(HOST, &digest).any(blocks));
        }
    }

    #[test]
    fn every_video_is_accounted_for_once_and_every_doubt_is_shown(videos in some_videos(), lines in some_lines()) {
        let lockfile = lock(&lines);
        let made = planned(&videos, &lockfile);
        let explained = made.changes.iter().filter_map(|change| change.video).collect::<BTreeSet<_>>();
        let changes = made.changes.iter().filter(|change| change.video.is_some()).count();
        prop_assert_eq!((explained.len(), explained.len() as u64 + made.summary.unchanged), (changes, videos.len() as u64));
        prop_assert_eq!(made.summary.in_doubt, lockfile.takes_in_doubt(HOST).count() as u64);
    }

    #[test]
    fn a_video_that_is_paid_for_under_its_key_needs_no_content(
        videos in some_videos(), lines in some_lines(), accepted: bool, retry: bool,
    ) {
        let how = accepted.then_some(TakeSource::Accepted);
        let lockfile = lock(&lines.into_iter().map(|line| Take { how, ..line }).collect::<Vec<_>>());
        let is_paid = |video: &Video| lockfile.pays_for_key(HOST, &video.digest, &video.key);
        let nowhere = std::sync::Arc::default();
        let less = |video: &Video| if is_paid(video) { video.clone().without_content(&nowhere) } else { video.clone() };
        let less: Vec<Video> = videos.iter().map(less).collect();
        let again = |videos: &[Video]| if retry { with_retries(videos, &lockfile) } else { planned(videos, &lockfile) };
        prop_assert_eq!(again(&less), again(&videos));
    }

    #[test]
    fn going_there_and_back_costs_one_way(
        first in some_videos(), second in some_videos(), lines in some_lines(),
    ) {
        let mut lockfile = lock(&lines);
        for videos in [&first, &second] {
            let made = planned(videos, &lockfile);
            record(&mut lockfile, videos, &made);
        }
        prop_assert_eq!(sent(&planned(&first, &lockfile)), Vec::<Digest>::new());
    }

    #[test]
    fn a_saved_plan_is_not_stale_until_something_of_it_is_sent(videos in some_videos(), lines in some_lines()) {
        let mut lockfile = lock(&lines);
        let made = with_retries(&videos, &lockfile);
        let saved = SavedPlan::parse(&SavedPlan::new(&made, "2026-11-22T12:00:00Z".parse().unwrap()).to_json()).unwrap();
        let fresh = |lockfile: &Lockfile| {
            let options = PlanOptions { retry_failed: saved.retries(), selected: Some(saved.keys()), ..options() };
            plan(&videos, &sources(), lockfile, &options)
        };
        prop_assert_eq!(saved.staleness(&fresh(&lockfile)), None);
        prop_assert_eq!(sent(&fresh(&lockfile)), sent(&made));
        record(&mut lockfile, &videos, &made);
        prop_assert_eq!(saved.staleness(&fresh(&lockfile)).is_some(), !saved.submissions.is_empty());
    }
}
