//! A plan past a lockfile is the plan with the whole lockfile.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;

use super::laws::{made, some_lines, some_videos};
use crate::lock::{Glance, How, Lockfile, Record, State, Store, StoreError, Take, encode, encode_records};
use crate::plan::testing::{HOST, line, options, sources, video};
use crate::plan::{Action, Change, Plan, PlanOptions, Roll, plan};
use crate::spec::{Gather, Video};

/// After the vendor has deleted what any line tells of.
const LATE: &str = "2026-12-22T11:00:00Z";

/// The text of a file of these lines, in this order, nothing folded.
fn text(lines: &[Take]) -> String {
    let records: Vec<Record> = lines.iter().cloned().map(Record::Take).collect();
    encode(&Lockfile::default()) + &encode_records(&records)
}

/// A lockfile on disk, in a folder that goes when it is dropped.
fn file_of(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callsheet.lock");
    fs::write(&path, text).unwrap();
    (folder, path)
}

/// The plan past a file.
fn past(text: &str, videos: (&[Video], &[Video]), options: &PlanOptions) -> Result<Plan, StoreError> {
    past_as(text, videos, options, |roll| roll)
}

fn past_as(
    text: &str,
    (videos, more): (&[Video], &[Video]),
    options: &PlanOptions,
    kind: impl FnOnce(Roll) -> Roll,
) -> Result<Plan, StoreError> {
    let (_folder, path) = file_of(text);
    let mut roll = kind(Roll::new(Glance::open(&path)?, Arc::clone(&options.host), options.now.unwrap()));
    roll.extend(videos.iter().cloned());
    let mut part = roll.part();
    part.extend(more.iter().cloned());
    roll.append(part);
    roll.plan(&sources(), options)
}

fn whole(text: &str, videos: &[Video], options: &PlanOptions) -> Plan {
    let (_folder, path) = file_of(text);
    plan(videos, &sources(), &Store::open(&path).unwrap().lockfile, options)
}

/// A plan whose changes carry no specs.
fn bare(plan: Plan) -> Plan {
    let changes = plan.changes.into_iter().map(|change| Change { before: None, after: None, ..change }).collect();
    Plan { changes, ..plan }
}

/// Turns a line into one of its odd kin.
fn odd(mut line: Take, kind: u8) -> Take {
    match kind {
        0 => line.host = "127.0.0.1".into(),
        7 => line.host = "".into(),
        1 => line.how = Some(How::Adopted),
        2 => line.how = Some(How::Accepted),
        3 => line.name = Some("another label #0000000000".to_owned()),
        4 => line.name = None,
        5 => line.spec = None,
        6 => (line.state, line.sha256) = (State::Pulled, Some("a".repeat(64))),
        _ => {}
    }
    line
}

proptest! {
    #[test]
    fn what_is_let_go_changes_no_plan(
        videos in some_videos(), lines in some_lines(), paid in vec(any::<bool>(), 6), kinds in vec(0u8..24, 24),
        retry: bool, late: bool, cut in 0usize..7, torn in 0usize..40, selected in prop::option::of(vec(0u8..6, 0..3)),
    ) {
        let own = videos.iter().zip(paid).filter(|(_, paid)| *paid);
        let own = own.map(|(video, _)| line(video, 1, State::Submitted, 30));
        let lines: Vec<Take> = lines.into_iter().chain(own).zip(kinds).map(|(line, kind)| odd(line, kind)).collect();
        let mut text = text(&lines);
        if torn < 4 && !lines.is_empty() {
            text.truncate(text.len() - 10 - torn * 40);
        }
        let options = PlanOptions {
            retry_failed: retry,
            selected: selected.map(|keys| keys.iter().map(|key| format!("k{key}").into()).collect::<BTreeSet<_>>()),
            now: Some(if late { LATE } else { "2026-11-22T12:00:00Z" }.parse().unwrap()),
            ..options()
        };
        let whole = whole(&text, &videos, &options);
        let videos = videos.split_at(cut.min(videos.len()));
        prop_assert_eq!(&past(&text, videos, &options).unwrap(), &whole);
        // Who asks why has everything brought back, and the plan is the same.
        let told = tracing::subscriber::with_default(tracing_subscriber::registry(), || past(&text, videos, &options));
        prop_assert_eq!(&told.unwrap(), &whole);
        prop_assert_eq!(past_as(&text, videos, &options, Roll::without_specs).unwrap(), bare(whole));
    }
}

#[test]
fn a_paid_video_is_let_go_and_its_history_stays_on_disk() {
    let (old, now) = (made(1, (0, 0, 1)), made(1, (1, 0, 1)));
    let (_folder, path) = file_of(&text(&[line(&old, 1, State::Done, 1), line(&now, 1, State::Submitted, 2)]));
    let mut roll = Roll::new(Glance::open(&path).unwrap(), HOST.into(), LATE.parse().unwrap());
    roll.extend([now]);
    assert_eq!(roll.kept(), 0);
    // Nothing is read again, so nothing that became of the file matters.
    fs::write(&path, "gone").unwrap();
    let made = roll.plan(&sources(), &options()).unwrap();
    assert_eq!((made.summary.unchanged, made.changes.len()), (1, 0));
}

#[test]
fn of_what_is_new_little_is_kept_and_nothing_is_lost() {
    let paid = video("welcome", "Hello");
    let (_folder, path) = file_of(&text(&[line(&paid, 1, State::Submitted, 1)]));
    let videos = [
        video("first", "One"),
        video("second", "Two"),
        video("third", "Two"),
        video("welcome", "Goodbye"),
        video("renamed", "Hello"),
    ];
    let options = PlanOptions { now: Some("2026-11-22T12:00:00Z".parse().unwrap()), ..options() };
    let of = |mut roll: Roll| {
        roll.extend(videos.iter().cloned());
        (roll.kept(), roll.plan(&sources(), &options).unwrap())
    };
    let roll = || Roll::new(Glance::open(&path).unwrap(), HOST.into(), options.now.unwrap());
    let whole = plan(&videos, &sources(), &Store::open(&path).unwrap().lockfile, &options);
    // The first as one of few, the fourth for its key, the fifth for its content.
    assert_eq!(of(roll()), (3, whole.clone()));
    let told = of(roll().without_specs()).1;
    assert!(told.changes.iter().all(|change| change.before.is_none() && change.after.is_none()));
    assert_eq!(told, bare(whole));
}

#[test]
fn a_key_that_only_a_later_line_of_a_content_has_is_known() {
    let (first, second) = (video("first", "Hello"), video("second", "Hello"));
    let lines = [line(&first, 1, State::Submitted, 1), line(&second, 2, State::Submitted, 2)];
    let options = PlanOptions { now: Some("2026-11-22T12:00:00Z".parse().unwrap()), ..options() };
    let videos = [video("other", "One"), video("second", "Two")];
    let made = past(&text(&lines), (&videos, &[]), &options).unwrap();
    let change = made.changes.iter().find(|change| &*change.key == "second").unwrap();
    assert_eq!((change.action, change.known), (Action::Change, true));
    assert_eq!(made, whole(&text(&lines), &videos, &options));
}

#[test]
fn a_file_changed_in_place_meanwhile_is_refused_not_believed() {
    let paid = video("welcome", "Hello");
    let before = text(&[line(&paid, 1, State::Submitted, 1)]);
    let (_folder, path) = file_of(&before);
    for after in [before[..before.len() / 2].to_owned(), before.replace("v1:", "v1:0"), "x".repeat(before.len())] {
        fs::write(&path, &before).unwrap();
        let mut roll = Roll::new(Glance::open(&path).unwrap(), HOST.into(), LATE.parse().unwrap());
        roll.extend([video("welcome", "Goodbye")]);
        assert_eq!(roll.kept(), 1);
        fs::write(&path, &after).unwrap();
        assert!(matches!(roll.plan(&sources(), &options()), Err(StoreError::Read(..))), "{after}");
    }
}

#[test]
fn a_file_replaced_meanwhile_is_read_as_it_was() {
    let paid = video("welcome", "Hello");
    let (folder, path) = file_of(&text(&[line(&paid, 1, State::Submitted, 1)]));
    let mut roll = Roll::new(Glance::open(&path).unwrap(), HOST.into(), LATE.parse().unwrap());
    roll.extend([video("welcome", "Goodbye")]);
    fs::write(folder.path().join("other"), "x").unwrap();
    fs::rename(folder.path().join("other"), &path).unwrap();
    assert_eq!(roll.plan(&sources(), &options()).unwrap().summary.changed, 1);
}
