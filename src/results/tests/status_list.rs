//! The rows that `status` shows for a lockfile.

use super::*;
use crate::lockfile::TakeSource;
use crate::results::file_hash::FileHash;
use crate::results::poll::new_record;
use crate::results::pull::saved_record;
use crate::results::{Phase, StatusRole, video_statuses};

fn shown(wishes: &[Video], takes: Vec<Take>) -> Vec<(String, StatusRole, Phase)> {
    let rows = video_statuses(wishes, &lockfile(takes), HOST, noon());
    rows.into_iter().map(|row| (row.key.to_string(), row.role, row.phase)).collect()
}

#[test]
fn every_wish_has_a_row_and_nothing_paid_is_left_out() {
    let takes = vec![
        take("a", 1, TakeState::Submitted, hours_ago(1)),
        take("b", 2, TakeState::Intent, hours_ago(1)),
        take("c", 3, TakeState::Failed, hours_ago(1)),
        take("c", 9, TakeState::Pulled, hours_ago(30)),
        take("gone", 4, TakeState::Done, hours_ago(1)),
        take("gone", 5, TakeState::Done, hours_ago(2)),
        take("freed", 6, TakeState::Freed, hours_ago(1)),
    ];
    let wishes = [wish("a", 1), wish("also a", 1), wish("b", 2), wish("c", 3), wish("new", 7)];
    let row = |key: &str, role, phase| (key.to_owned(), role, phase);
    assert_eq!(
        shown(&wishes, takes),
        [
            row("a", StatusRole::Wanted, Phase::Submitted),
            row("also a", StatusRole::Wanted, Phase::Submitted),
            row("b", StatusRole::Wanted, Phase::InDoubt),
            row("c", StatusRole::Wanted, Phase::Failed),
            row("new", StatusRole::Wanted, Phase::NotSubmitted),
            row("c", StatusRole::Old, Phase::Pulled),
            row("gone", StatusRole::Old, Phase::Done),
            row("gone", StatusRole::Orphan, Phase::Done),
        ]
    );
}

#[test]
fn a_result_expires_seven_days_after_it_was_sent_until_it_is_saved() {
    let phase = |state, hours| shown(&[wish("a", 1)], vec![take("a", 1, state, hours_ago(hours))])[0].2;
    assert_eq!(
        (phase(TakeState::Submitted, 167), phase(TakeState::Submitted, 168)),
        (Phase::Submitted, Phase::Expired)
    );
    assert_eq!((phase(TakeState::Done, 167), phase(TakeState::Done, 168)), (Phase::Done, Phase::Expired));
    assert_eq!((phase(TakeState::Pulled, 1000), phase(TakeState::Failed, 1000)), (Phase::Pulled, Phase::Failed));
}

#[test]
fn the_time_of_the_submission_outlives_the_folding() {
    let mut known = lockfile([take("a", 1, TakeState::Submitted, hours_ago(100))]);
    let mut row = video_statuses(&[wish("a", 1)], &known, HOST, noon()).remove(0);
    (row.phase, row.seconds) = (Phase::Done, Some(9.0));
    known.insert(new_record(&row).unwrap());
    let done = known.takes().next().unwrap().clone();
    assert_eq!((done.state, done.at, known.lines().count()), (TakeState::Done, hours_ago(100), 1));
    let facts = |hash: &str, bytes| FileHash { sha256: hash.repeat(64), bytes };
    known.insert(saved_record(&done, &facts("a", 5), None));
    let pulled = known.takes().next().unwrap().clone();
    assert_eq!((pulled.state, pulled.at, pulled.seconds), (TakeState::Pulled, hours_ago(100), Some(9.0)));
    // Another file, saved later, wins whichever way its hash sorts.
    for hash in ["0", "f"] {
        let mut both = known.clone();
        both.insert(saved_record(&pulled, &facts(hash, 7), None));
        let last = both.takes().next().unwrap();
        assert_eq!((last.sha256.as_deref(), last.bytes), (Some(&*hash.repeat(64)), Some(7)));
    }
}

#[test]
fn what_a_person_accepted_is_as_old_as_the_old_take() {
    let old = take("a", 1, TakeState::Submitted, hours_ago(160));
    let accepted = Take {
        task: old.task.clone(),
        how: Some(TakeSource::Accepted),
        ..take("a", 2, TakeState::Submitted, hours_ago(1))
    };
    let rows = video_statuses(&[wish("a", 2)], &lockfile([old, accepted]), HOST, noon());
    assert_eq!(rows[0].sent, Some(hours_ago(160)));
    assert_eq!((rows.len(), rows[1].role), (2, StatusRole::Old));
}
