//! The user's decisions about takes, accepted and rejected.

use super::fakes::{after, host, line, lockfile, wanted};
use crate::apply::{DesiredVideo, ManualEdit, ManualEditError, VendorId};
use crate::lockfile::{Lockfile, Record, Take, TakeSource, TakeState};
use crate::spec::digest;

fn hand<'a>(lockfile: &'a Lockfile, host: &'a std::sync::Arc<str>) -> ManualEdit<'a> {
    ManualEdit { lockfile, host, now: after(1000) }
}

fn take(record: Record) -> Take {
    match record {
        Record::Take(take) => take,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_doubtful_take_is_adopted_by_its_task() {
    let (lock, host) = (lockfile([line("a", TakeState::Intent, 0)]), host());
    let adopted = take(hand(&lock, &host).adopt("a", None, VendorId::Task(" task-9 ")).unwrap());
    assert_eq!((adopted.state, adopted.how), (TakeState::Submitted, Some(TakeSource::Adopted)));
    assert_eq!(adopted.task.as_deref(), Some("task-9"));
    assert!(adopted.spec.is_some(), "the line stands alone");
    let mut after = lock.clone();
    after.insert(Record::Take(adopted));
    assert!(after.paid(&host, &wanted("a").digest, "a").is_some());
    assert!(after.in_doubt(&host, &wanted("a").digest).is_none());
}

#[test]
fn a_doubtful_take_is_adopted_by_what_the_list_calls_it() {
    let (lock, host) = (lockfile([line("a", TakeState::Intent, 0)]), host());
    let adopted = take(hand(&lock, &host).adopt("a", None, VendorId::Video("video-9")).unwrap());
    assert_eq!((adopted.task.as_deref(), adopted.video.as_deref()), (None, Some("video-9")));
    assert_eq!((adopted.state, adopted.how), (TakeState::Submitted, Some(TakeSource::Adopted)));
}

#[test]
fn only_what_is_in_doubt_is_adopted_or_freed() {
    let (lock, host) = (lockfile([line("a", TakeState::Submitted, 0), line("b", TakeState::Intent, 0)]), host());
    let hand = hand(&lock, &host);
    assert_eq!(hand.free("a", None).unwrap_err(), ManualEditError::NotInDoubt("a".into()));
    assert_eq!(hand.adopt("a", None, VendorId::Task("t")).unwrap_err(), ManualEditError::NotInDoubt("a".into()));
    assert_eq!(hand.free("c", None).unwrap_err(), ManualEditError::NoTake("c".into(), host.clone()));
    assert_eq!(hand.adopt("b", None, VendorId::Task("task-of-a")).unwrap_err(), ManualEditError::TaskKnown("a".into()));
    assert!(matches!(hand.adopt("b", None, VendorId::Task("two words")).unwrap_err(), ManualEditError::BadTask(_)));
    assert!(matches!(hand.adopt("b", None, VendorId::Task("")).unwrap_err(), ManualEditError::BadTask(_)));
}

#[test]
fn a_torn_answer_can_be_adopted_and_not_be_freed() {
    let host = host();
    let lock = lockfile([Take { task: Some("task-9".into()), ..line("a", TakeState::Intent, 0) }]);
    let refused = hand(&lock, &host).free("a", None).unwrap_err();
    assert_eq!(refused, ManualEditError::Answered("a".into(), "task-9".into()));
    assert!(refused.to_string().contains("`callsheet lock adopt 'a' TASK`"), "{refused}");
    assert_eq!(
        take(hand(&lock, &host).adopt("a", None, VendorId::Task("task-9")).unwrap()).state,
        TakeState::Submitted
    );
    let listed = lockfile([Take { video: Some("v7".into()), ..line("a", TakeState::Intent, 0) }]);
    assert!(matches!(hand(&listed, &host).free("a", None).unwrap_err(), ManualEditError::Answered(..)));
}

#[test]
fn a_freed_take_makes_room_for_the_next_attempt() {
    let (lock, host) = (lockfile([line("a", TakeState::Intent, 0)]), host());
    let mut lock = lock;
    let freed = hand(&lock, &host).free("a", None).unwrap();
    lock.insert(freed);
    assert!(lock.in_doubt(&host, &wanted("a").digest).is_none());
    assert_eq!(lock.next_attempt(&host, &wanted("a").digest), 2);
}

#[test]
fn of_two_doubts_under_one_key_one_must_be_named() {
    let other = Take { key: "a".into(), ..line("b", TakeState::Intent, 5) };
    let (lock, host) = (lockfile([line("a", TakeState::Intent, 0), other]), host());
    let hand = hand(&lock, &host);
    let ManualEditError::Several(_, digests) = hand.free("a", None).unwrap_err() else { panic!("one was chosen") };
    assert_eq!(digests.len(), 2);
    let named = wanted("b").digest;
    let start = &named.hex()[..8];
    assert_eq!(take(hand.free("a", Some(start)).unwrap()).digest, named);
}

#[test]
fn an_accepted_take_holds_for_its_key_only_and_keeps_the_old_task() {
    let changed = DesiredVideo { key: "a".into(), ..wanted("a, but longer") };
    let (mut lock, host) = (lockfile([line("a", TakeState::Done, 0)]), host());
    let accepted = take(hand(&lock, &host).reuse(&changed, None).unwrap());
    assert_eq!((accepted.how, accepted.attempt), (Some(TakeSource::Accepted), 1));
    assert_eq!(accepted.task.as_deref(), Some("task-of-a"));
    assert_eq!(accepted.digest, digest(&changed.spec));
    lock.insert(Record::Take(accepted));
    assert!(lock.paid(&host, &changed.digest, "a").is_some());
    assert!(lock.paid(&host, &changed.digest, "b").is_none());
    assert_eq!(hand(&lock, &host).reuse(&changed, None).unwrap_err(), ManualEditError::AlreadyPaid("a".into()));
}

#[test]
fn a_video_made_by_hand_is_accepted_for_one_key_by_its_id() {
    let (lock, host) = (lockfile([line("a", TakeState::Done, 0)]), host());
    let mine = DesiredVideo { key: "b".into(), ..wanted("made with curl") };
    let accepted = take(hand(&lock, &host).reuse(&mine, Some(VendorId::Video(" 4711 "))).unwrap());
    assert_eq!(
        (accepted.how, accepted.video.as_deref(), accepted.task),
        (Some(TakeSource::Accepted), Some("4711"), None)
    );
    assert_eq!((accepted.digest, accepted.attempt, accepted.name), (digest(&mine.spec), 1, None));
    let accept = |known_as| hand(&lock, &host).reuse(&mine, Some(known_as)).unwrap_err();
    assert_eq!(accept(VendorId::Task("task-of-a")), ManualEditError::TaskKnown("a".into()));
    assert_eq!(accept(VendorId::Task("two words")), ManualEditError::BadTask("two words".into()));
}

#[test]
fn nothing_is_accepted_without_an_old_video_or_over_a_doubt() {
    let changed = DesiredVideo { key: "a".into(), ..wanted("b") };
    let (lock, host) = (lockfile([line("a", TakeState::Failed, 0)]), host());
    assert_eq!(hand(&lock, &host).reuse(&changed, None).unwrap_err(), ManualEditError::NothingToReuse("a".into()));
    let lock = lockfile([line("a", TakeState::Done, 0), line("b", TakeState::Intent, 0)]);
    assert_eq!(hand(&lock, &host).reuse(&changed, None).unwrap_err(), ManualEditError::InDoubt("a".into()));
}

#[test]
fn only_what_nobody_wants_is_forgotten() {
    let (lock, host) = (lockfile([line("a", TakeState::Done, 0), line("b", TakeState::Intent, 0)]), host());
    let hand = hand(&lock, &host);
    let is_wanted = |digest: &crate::spec::Digest| *digest == wanted("a").digest;
    assert_eq!(hand.forget("a", is_wanted).unwrap_err(), ManualEditError::StillWanted("a".into()));
    assert_eq!(hand.forget("b", |_| false).unwrap_err(), ManualEditError::InDoubt("b".into()));
    assert!(matches!(hand.forget("c", |_| false).unwrap_err(), ManualEditError::NoTake(..)));
    let records = hand.forget("a", |_| false).unwrap();
    assert_eq!(records.len(), 1);
    let mut lock = lock.clone();
    for record in records {
        lock.insert(record);
    }
    assert!(lock.paid(&host, &wanted("a").digest, "a").is_none());
}
