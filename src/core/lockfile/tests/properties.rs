//! Folding is set union: neither order nor grouping matters, across files too.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::{
    ANY_HOST, Asset, Lockfile, ReadOnlyLockfile, Record, Run, Store, StoredSpec, Take, TakeSource, TakeState, encode,
    encode_records, parse_bytes,
};
use super::{HOST, digest};

fn state() -> impl Strategy<Value = TakeState> {
    use TakeState::{Done, Failed, Forgotten, Freed, Intent, Pulled, Submitted};
    prop::sample::select(vec![Intent, Freed, Submitted, Submitted, Failed, Done, Pulled, Forgotten])
}

fn some<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = Option<T>> + use<T> {
    prop::option::of(prop::sample::select(values.to_vec()))
}

fn any_take() -> impl Strategy<Value = Take> {
    let id = (
        prop::sample::select(vec!["a", "b[en,pro]", "ü"]),
        prop::sample::select(vec!['1', '1', '1', '2']),
        prop::sample::select(vec![1, 1, 1, 2_u32]),
        state(),
        prop::sample::select(vec![HOST, HOST, HOST, HOST, "127.0.0.1", ANY_HOST]),
        0..4_i64,
    );
    let words = (some(&["T1", "T2"]), some(&["V1", "V2"]), some(&["a #x", "b #x"]), some(&["moderated", "two\nlines"]));
    let numbers = (prop::option::of(0.0..1e6_f64), some(&["1", "2"]), some(&[7_u64, u64::MAX]));
    let rest = (
        some(&[TakeSource::Adopted, TakeSource::Accepted]),
        some(&[r#"{"name":"a"}"#, r#"{ "name" : "ü\u0041" }"#]),
        prop::sample::select(vec![None, None, Some("ra"), Some("rb")]),
        prop::option::of(0..3_i64),
    );
    (id, words, numbers, rest).prop_map(|(id, words, numbers, (how, spec, run, until))| Take {
        key: id.0.into(),
        digest: digest(id.1),
        attempt: id.2,
        state: id.3,
        task: words.0.map(Into::into),
        video: words.1.map(Into::into),
        name: words.2.map(Into::into),
        host: id.4.into(),
        at: jiff::Timestamp::new(1_795_000_000 + id.5, 0).unwrap(),
        how,
        seconds: numbers.0,
        sha256: numbers.1.map(|digit| digit.repeat(64)),
        bytes: numbers.2,
        message: words.3.map(Into::into),
        until: until
            .filter(|_| run.is_some() && id.3 == TakeState::Intent)
            .map(|until| jiff::Timestamp::new(1_795_000_100 + until, 0).unwrap()),
        run: run.map(Into::into),
        spec: spec.and_then(|text| StoredSpec::new(text.to_owned())),
    })
}

fn any_record() -> impl Strategy<Value = Record> {
    let asset = (prop::sample::select(vec!["1", "2"]), prop::sample::select(vec!["A1", "A2"]), 0..3_i64).prop_map(
        |(digit, id, second)| Asset {
            asset: digit.repeat(64).into(),
            id: id.into(),
            host: HOST.into(),
            at: jiff::Timestamp::new(1_795_000_000 + second, 0).unwrap(),
        },
    );
    let run =
        (prop::sample::select(vec!["ra", "rb"]), some(&[0.0, -0.4]), 0..3_i64).prop_map(|(id, clock, second)| Run {
            run: id.into(),
            who: "github run 812/1".to_owned(),
            url: None,
            commit: None,
            clock,
            at: jiff::Timestamp::new(1_795_000_000 + second, 0).unwrap(),
        });
    prop_oneof![
        16 => any_take().prop_map(Record::Take),
        2 => asset.prop_map(Record::Asset),
        1 => run.prop_map(Record::Run),
    ]
}

fn fold(records: &[Record]) -> Lockfile {
    let mut lockfile = Lockfile::default();
    for record in records {
        lockfile.insert(record.clone());
    }
    lockfile
}

/// Returns everything that callers can observe of a lockfile.
fn seen(lockfile: &Lockfile) -> (Vec<String>, Vec<String>, String) {
    let takes = lockfile.takes().map(Take::to_line).collect();
    let mut answers = Vec::new();
    for (host, key, digit) in [(HOST, "a", '1'), (HOST, "b[en,pro]", '1'), ("127.0.0.1", "ü", '2')] {
        let digest = digest(digit);
        let line = |take: Option<&Take>| take.map_or_else(|| "-".to_owned(), Take::to_line);
        answers.push(line(lockfile.paid(host, &digest, key)));
        answers.push(line(lockfile.in_doubt(host, &digest)));
        answers.push(line(lockfile.failed(host, &digest)));
        answers.push(lockfile.next_attempt(host, &digest).to_string());
        answers.extend(lockfile.takes_of_key(host, key).map(Take::to_line));
        answers.extend(lockfile.takes_in_doubt(host).map(Take::to_line));
    }
    (takes, answers, encode(lockfile))
}

/// The folded take by the book: of every field the value of the greatest line that has it. Of several runs, the one that
/// speaks for the take.
fn by_the_book(lines: &[Take]) -> Take {
    let mut lines = lines.to_vec();
    lines.sort_by_cached_key(|line| {
        (line.state, line.how != Some(TakeSource::Accepted), line.until, line.at, line.to_line())
    });
    lines.reverse();
    let mut tops: Vec<Take> = Vec::new();
    for line in &lines {
        if tops.iter().all(|top| top.run != line.run) {
            tops.push(line.clone());
        }
    }
    let paid = tops.iter().find(|top| top.state.is_paid());
    let open = tops.iter().find(|top| top.state == TakeState::Intent);
    let run = paid.or(open).unwrap_or(&tops[0]).run.clone();
    lines.retain(|line| line.run == run);
    let origin = lines.iter().find(|line| line.task.is_some() || line.video.is_some());
    Take {
        task: lines.iter().find_map(|line| line.task.clone()),
        video: lines.iter().find_map(|line| line.video.clone()),
        name: lines.iter().find_map(|line| line.name.clone()),
        how: lines[0].how.or_else(|| origin.and_then(|line| line.how)),
        seconds: lines.iter().find_map(|line| line.seconds),
        sha256: lines.iter().find_map(|line| line.sha256.clone()),
        bytes: lines.iter().find_map(|line| line.bytes),
        spec: lines.iter().find_map(|line| line.spec.clone()),
        ..lines[0].clone()
    }
}

/// Whether `high` contains all information of `low`, by a naive definition.
fn covers(high: &Take, low: &Take) -> bool {
    let rank = |line: &Take| (line.state, line.how != Some(TakeSource::Accepted), line.until, line.at, line.to_line());
    let accepted = |line: &Take| line.how == Some(TakeSource::Accepted);
    let stands = low.state < TakeState::Submitted || !accepted(high) || (accepted(low) && low.key == high.key);
    let says = |has: fn(&Take) -> bool| !has(low) || has(high);
    rank(high) > rank(low)
        && high.run == low.run
        && stands
        && (low.task.is_none() || low.task == high.task)
        && (low.video.is_none() || low.video == high.video)
        && says(|line| line.name.is_some())
        && says(|line| line.seconds.is_some())
        && says(|line| line.sha256.is_some())
        && says(|line| line.bytes.is_some())
        && says(|line| line.spec.is_some())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_lines_never_matters(records in prop::collection::vec(any_record(), 0..14), seed in any::<u64>()) {
        let mut shuffled = records.clone();
        let count = shuffled.len().max(1);
        for index in 0..shuffled.len() {
            let other = (seed.rotate_left(index as u32 * 7) as usize) % count;
            shuffled.swap(index, other);
        }
        prop_assert_eq!(seen(&fold(&records)), seen(&fold(&shuffled)));
    }

    #[test]
    fn the_grouping_of_histories_never_matters(
        records in prop::collection::vec((any_record(), 0..3_usize), 0..14),
    ) {
        let whole = fold(&records.iter().map(|(record, _)| record.clone()).collect::<Vec<_>>());
        let mut groups = [Lockfile::default(), Lockfile::default(), Lockfile::default()];
        for (record, group) in &records {
            groups[*group].insert(record.clone());
        }
        // Each branch is compacted to a file, then the files are merged line by line, in two groupings.
        let [one, two, three] = groups.map(|group| encode(&group));
        let union = |left: &str, right: &str| encode(&parse_bytes("l", format!("{left}{right}")).unwrap().lockfile);
        let left = union(&union(&one, &two), &three);
        let right = union(&two, &union(&three, &one));
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(seen(&parse_bytes("l", &left).unwrap().lockfile), seen(&whole));
        prop_assert_eq!(union(&left, &left), left);
    }

    #[test]
    fn canonical_text_survives_reading_and_writing(records in prop::collection::vec(any_record(), 0..14)) {
        let text = encode(&fold(&records));
        let parsed = parse_bytes("l", &text).unwrap();
        prop_assert_eq!(parsed.torn, None);
        prop_assert_eq!(encode(&parsed.lockfile), text);
    }

    #[test]
    fn every_field_comes_from_the_greatest_line_that_has_it(
        lines in prop::collection::vec(any_take(), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let lines: Vec<Take> = lines
            .into_iter()
            .map(|line| Take { digest: digest('1'), attempt: 1, host: HOST.into(), ..line })
            .collect();
        let records: Vec<Record> = lines.iter().cloned().map(Record::Take).collect();
        // The lines that a file kept must give the same result when the other lines are added.
        let (before, after) = records.split_at(cut.index(records.len()));
        let mut folded = parse_bytes("l", encode(&fold(before))).unwrap().lockfile;
        for record in after {
            folded.insert(record.clone());
        }
        let takes: Vec<String> = folded.takes().map(Take::to_line).collect();
        prop_assert_eq!(takes, [by_the_book(&lines).to_line()]);
        // Every key that the user accepted or that was paid for has its take.
        for key in ["a", "b[en,pro]", "ü"] {
            // The failure of a submission counts against it, even if the user's decision ranks higher.
            let spoken_against = lines.iter().any(|line| matches!(line.state, TakeState::Failed | TakeState::Forgotten));
            let counts = |line: &Take| {
                line.state.is_paid()
                    && (line.task.is_some() || line.video.is_some())
                    && (line.how != Some(TakeSource::Accepted) || *line.key == *key)
            };
            if !spoken_against && lines.iter().any(counts) {
                prop_assert!(folded.paid(HOST, &digest('1'), key).is_some(), "{} is not paid", key);
            }
        }
    }

    #[test]
    fn a_line_is_kept_unless_a_greater_one_says_no_less(lines in prop::collection::vec(any_take(), 1..14)) {
        let one = |line: Take| Take { host: HOST.into(), digest: digest('1'), attempt: 1, ..line };
        let lines: Vec<Take> = lines.into_iter().map(one).collect();
        let records: Vec<Record> = lines.iter().cloned().map(Record::Take).collect();
        let kept: BTreeSet<String> = fold(&records).lines().map(Take::to_line).collect();
        let uncovered = lines.iter().filter(|low| !lines.iter().any(|high| covers(high, low))).map(Take::to_line);
        prop_assert_eq!(kept, uncovered.collect());
    }

    #[test]
    fn no_task_id_is_ever_lost(records in prop::collection::vec(any_record(), 0..14)) {
        let text = encode(&fold(&records));
        for record in &records {
            if let Record::Take(Take { task: Some(task), digest, attempt, host, .. }) = record {
                let kept = fold(&records).lines().any(|line| {
                    line.task.as_ref() == Some(task) && (&line.digest, line.attempt, &line.host) == (digest, *attempt, host)
                });
                prop_assert!(kept, "{} is gone from {}", task, text);
            }
        }
    }

    #[test]
    fn a_tear_anywhere_keeps_every_whole_line(records in prop::collection::vec(any_record(), 1..6), cut in any::<prop::sample::Index>()) {
        let text = encode(&fold(&records));
        let bytes = &text.as_bytes()[..cut.index(text.len())];
        let parsed = super::super::parse_bytes("l", bytes).unwrap();
        let whole = bytes.split(|byte| *byte == b'\n').count() - 1;
        let lines: Vec<&str> = text.lines().take(whole).skip(1).collect();
        let kept = encode(&parsed.lockfile);
        for line in lines {
            let covered = serde_json::from_str::<Take>(line).is_ok_and(|take| {
                parsed.lockfile.takes_of(&take.host, &take.digest).any(|known| known.state >= take.state)
            });
            prop_assert!(kept.contains(line) || covered, "{} is gone", line);
        }
    }

    /// In every order, with lines twice, torn anywhere, of both versions.
    #[test]
    fn specs_that_stay_in_the_file_give_the_same_answers(
        records in prop::collection::vec(any_record(), 0..14),
        (shared, crlf) in any::<(bool, bool)>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let header = if shared { "{\"callsheet\":\"lock\",\"version\":2}\n" } else { super::HEADER };
        let mut text = format!("{header}{}{}", encode_records(&records), encode_records(&records[..records.len() / 2]));
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let bytes = &text.as_bytes()[..cut.map_or(text.len(), |cut| cut.index(text.len()))];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("callsheet.lock");
        std::fs::write(&path, bytes).unwrap();
        let (whole, left) = (Store::open(&path).unwrap(), ReadOnlyLockfile::open(&path).unwrap());
        prop_assert_eq!(seen(&left.lockfile), seen(&whole.lockfile));
        prop_assert_eq!(&left.torn, &whole.torn);
        prop_assert!(left.check_specs().is_ok());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _answer = super::super::parse_bytes("l", &bytes);
        let mut headed = super::HEADER.as_bytes().to_vec();
        headed.extend(bytes);
        let _answer = super::super::parse_bytes("l", &headed);
    }
}
