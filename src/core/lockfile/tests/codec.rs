//! The text of a lockfile: its fields, its order, and the variants that are read without an error.

use super::super::{Lockfile, Record, Take, TakeSource, TakeState, encode, parse_bytes};
use super::{HEADER, asset, file, submitted, take};

#[test]
fn a_line_has_its_fields_in_their_order() {
    let full = Take {
        video: Some("V1".into()),
        how: Some(TakeSource::Adopted),
        seconds: Some(12.5),
        sha256: Some("a".repeat(64)),
        bytes: Some(9),
        message: Some("words".into()),
        state: TakeState::Pulled,
        ..submitted("welcome", '9', "OFZ2", 0)
    };
    let expected = format!(
        concat!(
            r#"{{"key":"welcome","digest":"v1:{}","attempt":1,"state":"pulled","task":"OFZ2","video":"V1","#,
            r#""name":"welcome #k3f2qa2b7c","host":"devapi.vidnoz.com","at":"2026-11-22T11:00:00Z","how":"adopted","#,
            r#""seconds":12.5,"sha256":"{}","bytes":9,"message":"words","spec":{{"name":"welcome"}}}}"#
        ),
        "9".repeat(32),
        "a".repeat(64)
    );
    assert_eq!(full.to_line(), expected);
}

#[test]
fn the_list_of_states_is_complete_and_in_their_order() {
    let error = serde_json::from_str::<TakeState>("\"\"").unwrap_err().to_string();
    let words = TakeState::ALL.map(|state| format!("`{}`", state.word()));
    assert!(error.contains(&format!("expected one of {} at", words.join(", "))), "{error}");
    assert!(TakeState::ALL.is_sorted());
}

#[test]
fn takes_are_sorted_by_key_then_time_and_assets_stand_last() {
    let mut lockfile = Lockfile::default();
    lockfile.insert(Record::Asset(asset('0', "A1", 0)));
    for one in [submitted("b", '1', "T3", 0), submitted("a", '3', "T2", 2), submitted("a", '2', "T1", 1)] {
        lockfile.insert(Record::Take(one));
    }
    let expected = file(&[submitted("a", '2', "T1", 1), submitted("a", '3', "T2", 2), submitted("b", '1', "T3", 0)]);
    let last = format!(
        "{{\"asset\":\"{}\",\"id\":\"A1\",\"host\":\"devapi.vidnoz.com\",\"at\":\"2026-11-22T11:00:00Z\"}}\n",
        "0".repeat(64)
    );
    assert_eq!(encode(&lockfile), expected + &last);
}

#[test]
fn nothing_is_an_empty_lock() {
    for text in ["", "\n\n", "\u{feff}", HEADER, HEADER.trim_end()] {
        let parsed = parse_bytes("callsheet.lock", text).unwrap();
        assert!(parsed.lockfile.is_empty() && parsed.torn.is_none(), "{text:?}");
    }
    assert_eq!(encode(&Lockfile::default()), HEADER);
}

#[test]
fn marks_blank_lines_repeated_headers_and_windows_line_ends_are_read() {
    let plain = file(&[submitted("a", '1', "T1", 1), submitted("b", '2', "T2", 2)]);
    let takes = plain.strip_prefix(HEADER).unwrap();
    for text in [
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{plain}"),
        format!("{HEADER}{HEADER}\n  \n{takes}{HEADER}"),
        format!("{takes}{HEADER}"),
        plain.trim_end().to_owned(),
        plain.replace('\n', "\r\n").trim_end().to_owned(),
        plain.replace("\"attempt\":1,", "").replace("\"state\"", "\"attempt\":1,\"state\""),
        plain
            .replace("{\"key\":\"a\",", "{")
            .replace("\"spec\":{\"name\":\"a\"}", "\"spec\":{\"name\":\"a\"},\"key\":\"a\""),
        plain.replace("\"task\"", "\"video\":null,\"task\""),
    ] {
        let parsed = parse_bytes("callsheet.lock", &text).unwrap();
        assert_eq!(encode(&parsed.lockfile), plain, "{text:?}");
        assert!(parsed.torn.is_none(), "{text:?}");
    }
}

#[test]
fn other_zones_and_fractions_are_the_same_moment() {
    let line = take("a", '1', 1, TakeState::Intent, 0).to_line();
    let text = format!("{HEADER}{}\n", line.replace("11:00:00Z", "12:00:00.250+01:00"));
    assert!(encode(&parse_bytes("l", &text).unwrap().lockfile).contains("\"at\":\"2026-11-22T11:00:00.25Z\""));
}
