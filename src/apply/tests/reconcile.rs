//! The takes that the vendor's list settles, and those that it cannot settle.

use super::fakes::{after, host, line, lockfile, options, spec, wanted};
use crate::apply::{DesiredVideo, Reconciliation, VendorListing, rebuild, reconcile};
use crate::lockfile::{Lockfile, Record, Take, TakeSource::Adopted, TakeState};
use crate::spec::{digest, earlier_digests, marker, submitted_name};
use crate::vendor::{ListedVideo, TaskResult};

fn listed(id: &str, name: String) -> ListedVideo {
    // The vendor's clock is wrong, which must not matter.
    ListedVideo { id: id.into(), name, status: Some(1), created: Some(after(-9999)), ..ListedVideo::default() }
}

fn ours(id: &str, key: &str, attempt: u32) -> ListedVideo {
    listed(id, submitted_name(key, &marker(&wanted(key).digest, attempt)))
}

fn settled(lock: &Lockfile, videos: &[ListedVideo], taken_at: i64) -> Reconciliation {
    settled_for(lock, videos, taken_at, &[])
}

fn settled_for(lock: &Lockfile, videos: &[ListedVideo], taken_at: i64, keys: &[&str]) -> Reconciliation {
    let wanted: Vec<DesiredVideo> = keys.iter().map(|key| super::fakes::wanted(key)).collect();
    let listing = VendorListing { videos: videos.to_vec(), taken_at: after(taken_at) };
    reconcile(&listing, lock, &wanted, &options(), after(taken_at + 1))
}

fn only(settlement: &Reconciliation) -> &Take {
    match settlement.records.as_slice() {
        [Record::Take(take)] => take,
        other => panic!("{other:?}"),
    }
}

fn doubt(settlement: &Reconciliation) -> &str {
    assert!(settlement.freed.is_empty() && settlement.adopted.is_empty(), "{settlement:?}");
    assert_eq!(settlement.in_doubt.len(), 1, "{settlement:?}");
    &settlement.in_doubt[0].reason
}

#[test]
fn a_doubtful_take_that_is_listed_is_adopted() {
    let lock = lockfile([line("a", TakeState::Intent, 0)]);
    let settlement = settled(&lock, &[ours("v7", "a", 1)], 1);
    let take = only(&settlement);
    assert_eq!((take.state, take.how, take.video.as_deref()), (TakeState::Submitted, Some(Adopted), Some("v7")));
    assert_eq!((take.at, take.task.as_deref(), take.attempt), (after(0), None, 1), "when it was sent");
    assert!(take.spec.is_some() && take.name.is_some(), "the line stands alone");
    assert!(settlement.in_doubt.is_empty() && settlement.warnings.is_empty());
    let mut lock = lock;
    lock.insert(settlement.records[0].clone());
    assert!(settled(&lock, &[ours("v7", "a", 1)], 2).records.is_empty(), "settling again says nothing new");
}

#[test]
fn an_answer_that_was_torn_does_not_stand_in_its_own_way() {
    // `lock` makes this of a line that was cut after the id.
    let torn = Take { video: Some("v7".into()), ..line("a", TakeState::Intent, 0) };
    let settlement = settled(&lockfile([torn]), &[ours("v7", "a", 1)], 1);
    let take = only(&settlement);
    assert_eq!((take.state, take.video.as_deref()), (TakeState::Submitted, Some("v7")), "{settlement:?}");
    assert!(settlement.in_doubt.is_empty(), "{settlement:?}");
    // Its absence proves nothing, whatever other videos are listed.
    let torn = Take { task: Some("t7".into()), ..line("a", TakeState::Intent, 0) };
    let lock = lockfile([torn, line("b", TakeState::Submitted, 1)]);
    assert!(doubt(&settled(&lock, &[ours("v1", "b", 1)], 500)).contains("names `t7`, so it was accepted"));
}

#[test]
fn absence_is_proved_by_a_later_take_of_ours() {
    let lock = lockfile([line("a", TakeState::Intent, 0), line("b", TakeState::Submitted, 0)]);
    let settlement = settled(&lock, &[ours("v1", "b", 1)], 120);
    assert_eq!(only(&settlement).state, TakeState::Freed);
    assert_eq!(&*settlement.freed[0].key, "a");
    let also = lockfile([line("a", TakeState::Intent, 0), line("b", TakeState::Intent, 3)]);
    let settlement = settled(&also, &[ours("v1", "b", 1)], 120);
    assert_eq!((settlement.freed.len(), settlement.adopted.len()), (1, 1), "an adopted one proves it too");
}

#[test]
fn absence_proves_nothing_too_early() {
    let lock = lockfile([line("a", TakeState::Intent, 0), line("b", TakeState::Submitted, 1)]);
    assert!(doubt(&settled(&lock, &[ours("v1", "b", 1)], 119)).contains("nothing until 2m after"));
    let back = settled(&lock, &[ours("v1", "b", 1)], -500);
    assert!(doubt(&back).contains("nothing until 2m after"), "a clock that went back");
}

#[test]
fn absence_proves_nothing_without_a_later_take() {
    let nothing_later = "the vendor's list shows neither it nor a later submission of this lockfile";
    let lock = lockfile([line("a", TakeState::Intent, 10), line("b", TakeState::Submitted, 9)]);
    assert_eq!(doubt(&settled(&lock, &[ours("v1", "b", 1)], 500)), nothing_later, "an earlier one");
    assert_eq!(doubt(&settled(&lock, &[], 500)), nothing_later, "an empty list");
    let lock = lockfile([line("a", TakeState::Intent, 10), line("b", TakeState::Submitted, 11)]);
    assert_eq!(doubt(&settled(&lock, &[ours("v1", "c", 1)], 500)), nothing_later, "not known as submitted");
    let cut = listed("v1", "b #abc".to_owned());
    assert_eq!(doubt(&settled(&lock, &[cut], 500)), nothing_later, "a marker that is not intact");
    let lock = lockfile([line("a", TakeState::Intent, 10), line("b", TakeState::Submitted, 900)]);
    assert_eq!(doubt(&settled(&lock, &[ours("v1", "b", 1)], 500)), nothing_later, "a time that is still to come");
}

#[test]
fn a_time_that_is_not_that_of_sending_proves_nothing() {
    for state in [TakeState::Done, TakeState::Failed, TakeState::Pulled] {
        let lock = lockfile([line("a", TakeState::Intent, 10), line("b", state, 60)]);
        assert!(settled(&lock, &[ours("v1", "b", 1)], 500).freed.is_empty(), "{state:?}");
    }
    let adopted = Take { how: Some(Adopted), ..line("b", TakeState::Submitted, 60) };
    let lock = lockfile([line("a", TakeState::Intent, 10), adopted]);
    assert!(settled(&lock, &[ours("v1", "b", 1)], 500).freed.is_empty());
}

#[test]
fn a_name_that_may_be_ours_cut_off_prevents_the_proof() {
    let label = "a very long label of a doubtful video";
    let lock = lockfile([line(label, TakeState::Intent, 0), line("b", TakeState::Submitted, 1)]);
    let witness = ours("v1", "b", 1);
    let cut = listed("v2", label.to_owned());
    assert!(doubt(&settled(&lock, &[witness.clone(), cut], 500)).contains("a truncated name"));
    let stranger = listed("v2", "something else of a doubtful video".to_owned());
    assert_eq!(settled(&lock, &[witness, stranger], 500).freed.len(), 1);
}

#[test]
fn a_strangers_video_with_our_label_is_never_adopted() {
    let lock = lockfile([line("a", TakeState::Intent, 0)]);
    let settlement = settled_for(&lock, &[listed("v1", "a".into()), listed("v2", "b".into())], 1, &["a", "b"]);
    assert!(settlement.records.is_empty(), "{settlement:?}");
}

#[test]
fn one_marker_on_two_videos_adopts_the_first_and_tells_of_the_other() {
    let lock = lockfile([line("a", TakeState::Intent, 0)]);
    let early = ListedVideo { created: Some(after(-20_000)), ..ours("v2", "a", 1) };
    let settlement = settled(&lock, &[ours("v1", "a", 1), early.clone()], 1);
    assert_eq!(only(&settlement).video.as_deref(), Some("v2"));
    assert!(settlement.warnings[0].contains("`v1`") && settlement.warnings[0].contains("`v2`"));
    let paid = lockfile([line("a", TakeState::Submitted, 0)]);
    let settlement = settled(&paid, &[ours("v1", "a", 1), early], 1);
    assert_eq!((settlement.records.len(), settlement.warnings.len()), (0, 1), "told for paid ones too");
}

/// Sets the listed time of a video.
fn made(seconds: i64, video: ListedVideo) -> ListedVideo {
    ListedVideo { created: Some(after(seconds)), ..video }
}

#[test]
fn of_several_with_one_marker_the_one_whose_time_fits_the_intent_is_adopted() {
    let lock = lockfile([line("a", TakeState::Intent, 0)]);
    let adopted = |times: &[i64]| {
        let videos: Vec<ListedVideo> =
            times.iter().enumerate().map(|(index, at)| made(*at, ours(&format!("v{index}"), "a", 1))).collect();
        let settlement = settled(&lock, &videos, 100_000);
        assert!(settlement.freed.is_empty() && settlement.in_doubt.is_empty(), "{settlement:?}");
        assert!((0..times.len()).all(|index| settlement.warnings[0].contains(&format!("`v{index}`"))), "all are told");
        only(&settlement).video.clone().unwrap()
    };
    assert_eq!(adopted(&[-5_000, 3]), "v1", "another run's is earlier");
    assert_eq!(adopted(&[5_000, 9_000, -121]), "v2", "the grace and a second, before");
    assert_eq!(adopted(&[-5_000, 121]), "v1", "or after");
    assert_eq!(adopted(&[5_000, 122]), "v1", "none fits: the earliest");
    assert_eq!(adopted(&[60, -60, 9_000]), "v1", "two fit: the earliest");
    assert_eq!(adopted(&[3_600, 7_200]), "v0", "a vendor in another zone");
    // A later try of the intent counts.
    let again = lockfile([line("a", TakeState::Intent, 0), line("a", TakeState::Intent, 5_000)]);
    let both = [made(0, ours("v1", "a", 1)), made(5_010, ours("v2", "a", 1))];
    assert_eq!(only(&settled(&again, &both, 10_000)).video.as_deref(), Some("v2"));
}

#[test]
fn of_several_the_earliest_is_adopted_that_no_take_has_and_nobody_failed() {
    let known = Take { video: Some("v1".into()), task: None, ..line("b", TakeState::Submitted, 0) };
    let lock = lockfile([line("a", TakeState::Intent, 0), known]);
    let videos = [made(0, ours("v1", "a", 1)), made(5_000, ours("v2", "a", 1)), made(4_000, ours("v3", "a", 1))];
    assert_eq!(only(&settled(&lock, &videos, 9_000)).video.as_deref(), Some("v3"));
    let failed = ListedVideo { status: Some(3), ..made(0, ours("v1", "a", 1)) };
    let lock = lockfile([line("a", TakeState::Intent, 0)]);
    let settlement = settled(&lock, &[failed, made(5_000, ours("v2", "a", 1))], 9_000);
    assert_eq!(only(&settlement).video.as_deref(), Some("v2"), "the content is paid for by what is not failed");
    // Without an intent, no time can match.
    let settlement = settled_for(&lockfile([]), &[made(2, ours("v1", "a", 1)), made(1, ours("v2", "a", 1))], 9, &["a"]);
    assert_eq!(only(&settlement).video.as_deref(), Some("v2"));
}

#[test]
fn several_with_one_marker_free_nothing() {
    // All listed videos belong to other takes, so it stays in doubt.
    let known =
        |key: &str, id: &str| Take { video: Some(id.into()), task: None, ..line(key, TakeState::Submitted, 500) };
    let lock = lockfile([line("a", TakeState::Intent, 0), known("b", "v1"), known("c", "v2")]);
    let both = [made(0, ours("v1", "a", 1)), made(1, ours("v2", "a", 1))];
    assert!(doubt(&settled(&lock, &both, 9_000)).contains("a video of another take"));
    // They prove nothing either: another run may have sent any of them at another time.
    let lock = lockfile([line("a", TakeState::Intent, 0), line("b", TakeState::Submitted, 5)]);
    let twice = [made(5, ours("v1", "b", 1)), made(900, ours("v2", "b", 1))];
    let nothing_later = "the vendor's list shows neither it nor a later submission of this lockfile";
    assert_eq!(doubt(&settled(&lock, &twice, 9_000)), nothing_later);
    assert_eq!(settled(&lock, &twice[..1], 9_000).freed.len(), 1);
}

#[test]
fn a_take_that_was_renamed_proves_nothing_by_its_later_time() {
    let sent = line("b", TakeState::Submitted, 0);
    let renamed = crate::apply::renamed(&sent, &"new".into(), Some(&wanted("b").spec));
    let between = Take {
        at: after(0).checked_add(jiff::SignedDuration::from_micros(500)).unwrap(),
        ..line("a", TakeState::Intent, 0)
    };
    assert!(renamed.at > between.at);
    let lock = lockfile([between, sent, renamed]);
    assert!(settled(&lock, &[ours("v1", "b", 1)], 500).freed.is_empty());
    let earlier =
        lockfile([line("a", TakeState::Intent, -1), lock.takes_of_key(&host(), "new").next().unwrap().clone()]);
    assert_eq!(settled(&earlier, &[ours("v1", "b", 1)], 500).freed.len(), 1, "of what was sent well before it does");
}

#[test]
fn a_wanted_video_that_another_lockfile_paid_for_is_adopted() {
    for attempt in [1, 3, 4, 8, 64] {
        let settlement = settled_for(&lockfile([]), &[ours("v1", "a", attempt)], 1, &["a", "b"]);
        let take = only(&settlement);
        assert_eq!((&*take.key, take.attempt, take.how), ("a", attempt, Some(Adopted)));
        assert_eq!(&*take.host, &*host());
        assert!(take.spec.is_some());
    }
    let failed: Vec<Take> = (1..=5).map(|attempt| Take { attempt, ..line("a", TakeState::Failed, 0) }).collect();
    let settlement = settled_for(&lockfile(failed), &[ours("v1", "a", 6)], 1, &["a"]);
    assert_eq!(settlement.adopted.len(), 1, "the next attempt is looked for, however high");
}

#[test]
fn attempts_are_looked_for_up_to_a_block_beyond_the_highest_known_or_found() {
    let adopted = |lock: &Lockfile, attempts: &[u32]| {
        let videos: Vec<ListedVideo> = attempts.iter().map(|one| ours(&format!("v{one}"), "a", *one)).collect();
        let settlement = settled_for(lock, &videos, 1, &["a"]);
        let listing = VendorListing { videos, taken_at: after(1) };
        let rebuilt = rebuild(&listing, lock, &[wanted("a")], &options(), after(2));
        let numbers = |made: &Reconciliation| made.adopted.iter().map(|one| one.attempt).collect::<Vec<_>>();
        assert_eq!(numbers(&settlement), numbers(&rebuilt));
        numbers(&settlement)
    };
    let nothing = lockfile([]);
    assert_eq!(adopted(&nothing, &[65]), [0_u32; 0], "behind an empty block");
    assert_eq!(adopted(&nothing, &[1, 65]), [1, 65], "what is found extends the search");
    assert_eq!(adopted(&nothing, &[64, 128, 192, 321]), [64, 128, 192]);
    let freed = |attempt| lockfile([Take { attempt, ..line("a", TakeState::Freed, 0) }]);
    assert_eq!(adopted(&freed(7), &[128]), [128], "the block of the highest known, and one more");
    assert_eq!(adopted(&freed(7), &[129]), [0_u32; 0]);
    assert_eq!(adopted(&freed(9_999), &[10_000, 10_112]), [10_000, 10_112]);
    // An absurd attempt is known and costs no search. It hides no listed video.
    let absurd = lockfile([Take { attempt: u32::MAX, ..line("a", TakeState::Forgotten, 0) }]);
    assert_eq!(adopted(&absurd, &[3]), [3]);
}

#[test]
fn what_is_listed_as_failed_is_adopted_as_failed() {
    let video = ListedVideo { status: Some(3), ..ours("v1", "a", 1) };
    for lock in [lockfile([]), lockfile([line("a", TakeState::Intent, 0)])] {
        let settlement = settled_for(&lock, std::slice::from_ref(&video), 1, &["a"]);
        assert_eq!(only(&settlement).state, TakeState::Failed);
        assert!(only(&settlement).message.is_some());
        assert!(settlement.adopted[0].failed);
    }
}

#[test]
fn a_draft_is_neither_there_nor_absent() {
    let draft = ListedVideo { status: Some(0), ..ours("v1", "a", 1) };
    let lock = lockfile([line("a", TakeState::Intent, 0), line("b", TakeState::Submitted, 1)]);
    let settlement = settled(&lock, &[draft.clone(), ours("v2", "b", 1)], 500);
    assert!(doubt(&settlement).contains("draft"));
    let settlement = settled_for(&lockfile([]), std::slice::from_ref(&draft), 500, &["a"]);
    assert_eq!(only(&settlement).state, TakeState::Intent, "somebody is at it: not to be sent");
    let drafted = lockfile([line("c", TakeState::Intent, 0), line("a", TakeState::Submitted, 1)]);
    assert!(settled(&drafted, &[draft], 500).freed.is_empty(), "a draft proves nothing either");
}

#[test]
fn a_freed_take_that_turns_up_was_accepted_after_all() {
    let lock = lockfile([line("a", TakeState::Freed, 0)]);
    let settlement = settled(&lock, &[ours("v1", "a", 1)], 1);
    assert_eq!(only(&settlement).state, TakeState::Submitted);
    assert!(settlement.warnings[0].contains("was freed as not accepted"));
    let mut lock = lock;
    lock.insert(settlement.records[0].clone());
    assert!(lock.paid(&host(), &wanted("a").digest, "a").is_some());
}

#[test]
fn a_listed_file_outranks_the_status_of_its_video() {
    let result = TaskResult { height: Some(720), url: "https://r.example/v.mp4".into(), bytes: None, seconds: None };
    for status in [0, 3] {
        let lock = lockfile([line("a", TakeState::Intent, 0)]);
        let video = ListedVideo { status: Some(status), results: vec![result.clone()], ..ours("v7", "a", 1) };
        let settlement = settled(&lock, &[video], 1);
        let take = only(&settlement);
        assert_eq!((take.state, take.video.as_deref()), (TakeState::Submitted, Some("v7")), "{status}");
        assert!(settlement.in_doubt.is_empty(), "{status}: {settlement:?}");
    }
}

#[test]
fn failed_and_forgotten_takes_stay_what_they_are() {
    for state in [TakeState::Failed, TakeState::Forgotten] {
        let lock = lockfile([line("a", state, 0)]);
        let settlement = settled_for(&lock, &[ours("v1", "a", 1)], 1, &["a"]);
        assert!(settlement.records.is_empty(), "{state:?}: {settlement:?}");
    }
}

#[test]
fn a_video_that_the_lockfile_has_is_not_adopted_twice() {
    let known = Take { video: Some("v1".into()), ..line("b", TakeState::Submitted, 0) };
    let lock = lockfile([line("a", TakeState::Intent, 0), known]);
    let settlement = settled_for(&lock, &[ours("v1", "a", 1)], 1, &["a"]);
    assert!(settlement.records.is_empty(), "{settlement:?}");
    assert_eq!(settlement.in_doubt.len(), 1);
}

#[test]
fn another_hosts_takes_are_not_touched() {
    let elsewhere = Take { host: "elsewhere".into(), ..line("a", TakeState::Intent, 0) };
    let settlement = settled(&lockfile([elsewhere]), &[ours("v1", "a", 1)], 500);
    assert!(settlement.records.is_empty() && settlement.in_doubt.is_empty(), "{settlement:?}");
}

#[test]
fn an_intent_that_was_torn_off_before_its_host_is_settled_here() {
    let torn = Take { host: "".into(), name: None, spec: None, ..line("a", TakeState::Intent, 0) };
    let settlement = settled(&lockfile([torn]), &[ours("v1", "a", 1)], 1);
    assert_eq!(&*only(&settlement).host, &*host());
    let settlement_twice = settled_for(&lockfile([line("a", TakeState::Intent, 0)]), &[ours("v1", "a", 1)], 1, &["a"]);
    assert_eq!(settlement_twice.records.len(), 1, "found as doubtful, not again as wanted");
}

#[test]
fn a_lost_lockfile_is_rebuilt_from_the_list() {
    let failed = ListedVideo { status: Some(3), ..ours("v1", "a", 1) };
    let listing = VendorListing { videos: vec![failed, ours("v2", "a", 2), ours("v3", "b", 1)], taken_at: after(0) };
    let all = ["a", "b", "c"].map(wanted);
    let settlement = rebuild(&listing, &lockfile([line("c", TakeState::Intent, -500)]), &all, &options(), after(1));
    let states: Vec<_> = settlement.adopted.iter().map(|one| (&*one.key, one.attempt, one.failed)).collect();
    assert_eq!(states, [("a", 1, true), ("a", 2, false), ("b", 1, false)]);
    assert!(settlement.freed.is_empty());
    assert_eq!(&*settlement.in_doubt[0].key, "c");
}

#[test]
fn a_number_that_a_digest_of_before_has_is_looked_for_under_the_one_of_today() {
    let url = "https://b.s3.amazonaws.com/a.jpg?AWSAccessKeyId=K&Signature=s&Expires=4000000000";
    let spec = spec("a").with("background.media.url", url);
    let (today, before) = (digest(&spec), earlier_digests(&spec)[0]);
    let one = DesiredVideo { spec, digest: today, ..wanted("a") };
    // Refused here by the previous version. Another checkout has since sent the same attempt, under the current digest.
    for state in [TakeState::Freed, TakeState::Failed] {
        let mut lock = lockfile([Take { digest: before, spec: None, task: None, ..line("a", state, 0) }]);
        lock.add_digest_alias(today, before);
        let video = listed("v7", submitted_name("a", &marker(&today, 1)));
        let listing = VendorListing { videos: vec![video], taken_at: after(1) };
        let settlement = reconcile(&listing, &lock, std::slice::from_ref(&one), &options(), after(2));
        let take = only(&settlement);
        assert_eq!((take.digest, take.attempt, take.video.as_deref()), (today, 1, Some("v7")), "{settlement:?}");
        lock.insert(settlement.records[0].clone());
        assert!(lock.paid(&host(), &today, "a").is_some());
    }
}

#[test]
fn a_number_that_the_digest_of_today_has_is_looked_for_under_one_of_before() {
    let url = "https://b.s3.amazonaws.com/a.jpg?AWSAccessKeyId=K&Signature=s&Expires=4000000000";
    let spec = spec("a").with("background.media.url", url);
    let (today, before) = (digest(&spec), earlier_digests(&spec)[0]);
    let one = DesiredVideo { spec, digest: today, ..wanted("a") };
    // Failed here under the current digest. Another checkout, with the previous version, then sent this attempt.
    for aliased in [false, true] {
        let failed = Take { digest: today, spec: None, ..line("a", TakeState::Failed, 0) };
        let mut lock = lockfile([failed]);
        if aliased {
            lock.add_digest_alias(today, before);
        }
        let video = listed("v7", submitted_name("a", &marker(&before, 1)));
        let listing = VendorListing { videos: vec![video], taken_at: after(1) };
        let settlement = reconcile(&listing, &lock, std::slice::from_ref(&one), &options(), after(2));
        let take = only(&settlement);
        assert_eq!((take.digest, take.attempt, take.video.as_deref()), (before, 1, Some("v7")), "{settlement:?}");
        lock.insert(settlement.records[0].clone());
        lock.add_digest_alias(today, before);
        assert!(lock.paid(&host(), &today, "a").is_some(), "it is not sent again");
        let again = reconcile(&listing, &lock, std::slice::from_ref(&one), &options(), after(3));
        assert!(again.records.is_empty() && again.warnings.is_empty(), "{again:?}");
    }
}
