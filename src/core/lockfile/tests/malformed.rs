//! Invalid files: the location, the reason, and the next step.

use super::super::{TakeState, parse_bytes};
use super::{HEADER, file, submitted, take};

/// Returns the message for a file whose second line is this one, followed by a valid one.
fn refused(line: &str) -> String {
    let good = submitted("z", '9', "T9", 0).to_line();
    parse_bytes("callsheet.lock", format!("{HEADER}{line}\n{good}\n")).unwrap_err().to_string()
}

/// Returns the message for a valid line with one text replaced.
fn changed(from: &str, to: &str) -> String {
    let line = submitted("a", '1', "T1", 0).to_line();
    assert!(line.contains(from), "{from} is not in {line}");
    refused(&line.replace(from, to))
}

#[test]
fn every_wrong_value_is_refused_with_its_field() {
    let time = "\"2026-11-22T11:00:00Z\"";
    for (from, to, why) in [
        ("\"attempt\":1", "\"attempt\":0", "`attempt` counts from 1"),
        ("\"attempt\":1", "\"attempt\":-1", "`attempt` must be a whole number from 1"),
        ("\"attempt\":1", "\"attempt\":4294967296", "`attempt` must be a whole number from 1"),
        ("\"attempt\":1", "\"attempt\":\"1\"", "`attempt` must be a whole number from 1"),
        ("\"attempt\":1,", "", "`attempt` is missing"),
        ("\"submitted\"", "\"sent\"", "`state` must be one of `intent`, `freed`, `submitted`"),
        ("\"submitted\"", "\"Submitted\"", "`state` must be one of"),
        ("\"v1:1", "\"v1:G", "`digest` must be `v1:` and 32"),
        ("\"v1:1", "\"v2:1", "`digest` must be `v1:` and 32"),
        ("\"v1:1", "\"v1:", "`digest` must be `v1:` and 32"),
        ("\"T1\"", "\"T\\u0007\"", "`task` holds a control character"),
        ("\"T1\"", "\"T\\n\"", "`task` holds a control character"),
        ("\"T1\"", "\"\"", "`task` is empty"),
        ("\"T1\"", "17", "`task` must be a text"),
        ("\"key\":\"a\"", "\"key\":\"\"", "`key` is empty"),
        ("\"key\":\"a\"", "\"key\":null", "`key` must be a text"),
        ("{\"key\":\"a\",", "{", "`key` is missing"),
        ("\"host\":\"devapi.vidnoz.com\",", "", "`host` is missing"),
        ("devapi.vidnoz.com", "dev api", "`host` must be a host name"),
        (time, "\"yesterday\"", "`at` must be a time like `2026-11-22T11:00:00Z`"),
        (time, "1795000000", "`at` must be a time like"),
        (time, "\"2026-11-22T11:00:00Z\",\"how\":\"found\"", "`how` must be `adopted` or `accepted`"),
        (time, "\"2026-11-22T11:00:00Z\",\"seconds\":-1", "`seconds` must be a length of time"),
        (time, "\"2026-11-22T11:00:00Z\",\"seconds\":1e999", "`seconds` must be a length of time"),
        (time, "\"2026-11-22T11:00:00Z\",\"seconds\":\"1\"", "`seconds` must be a number"),
        (time, "\"2026-11-22T11:00:00Z\",\"sha256\":\"AB\"", "`sha256` must be 64"),
        (time, "\"2026-11-22T11:00:00Z\",\"bytes\":1.5", "`bytes` must be a whole number"),
        ("\"spec\":{\"name\":\"a\"}", "\"spec\":[]", "`spec` must be an object"),
        ("\"task\"", "\"tusk\"", "`tusk` is not a field of a line"),
        ("\"task\"", "\"url\":\"https://x\",\"task\"", "`url` is not a field of a line"),
        ("\"task\"", "\"task\":\"T0\",\"task\"", "duplicate field `task`"),
    ] {
        let message = changed(from, to);
        assert!(message.starts_with("callsheet.lock:2: "), "{message}");
        assert!(message.contains(why), "{to}: {message}");
        assert!(message.contains("git diff -- callsheet.lock"), "{message}");
    }
}

#[test]
fn wrong_assets_are_refused_with_their_field() {
    let line = super::super::Record::Asset(super::asset('1', "A1", 0)).to_line();
    for (from, to, why) in [
        ("\"1111", "\"111", "`asset` must be 64"),
        ("\"A1\"", "\"\"", "`id` is empty"),
        ("\"id\":\"A1\",", "", "`id` is missing"),
        ("\"id\"", "\"size\":1,\"id\"", "`size` is not a field"),
    ] {
        let message = refused(&line.replace(from, to));
        assert!(message.contains(why), "{to}: {message}");
    }
}

#[test]
fn what_is_no_line_is_refused_in_the_middle() {
    let line = submitted("a", '1', "T1", 0).to_line();
    for (text, why) in [
        (&line[..40], "not JSON at column"),
        ("nonsense", "not JSON at column 2"),
        ("[1]", "not JSON"),
        ("null", "not JSON"),
        ("{}", "`key` is missing"),
        ("{\"callsheet\":\"plan\",\"version\":1}", "this is a `plan` of callsheet, not a lockfile"),
        ("{\"callsheet\":\"lock\"}", "`version` must be a number from 1"),
        ("{\"callsheet\":\"lock\",\"version\":0}", "`version` must be a number from 1"),
        ("{\"callsheet\":\"lock\",\"version\":1,\"more\":1}", "`more` is not a field"),
        (&format!("{line}{line}"), "not JSON at column"),
    ] {
        let message = refused(text);
        assert!(message.starts_with("callsheet.lock:2: ") && message.contains(why), "{text}: {message}");
    }
}

#[test]
fn a_last_line_of_wrong_values_is_broken_and_not_torn() {
    let line = submitted("a", '1', "T1", 0).to_line().replace("\"attempt\":1", "\"attempt\":0");
    let message = parse_bytes("callsheet.lock", format!("{HEADER}{line}")).unwrap_err().to_string();
    assert!(message.contains("`attempt` counts from 1"), "{message}");
}

#[test]
fn bytes_that_are_no_text_are_refused_in_the_middle() {
    let mut bytes = HEADER.as_bytes().to_vec();
    bytes.extend(b"{\"key\":\"\xff\"}\n");
    let message = super::super::parse_bytes("callsheet.lock", &bytes).unwrap_err().to_string();
    assert!(message.starts_with("callsheet.lock:2: not UTF-8"), "{message}");
}

#[test]
fn conflict_markers_are_refused_with_the_command_that_helps() {
    let takes = file(&[submitted("a", '1', "T1", 0)]);
    for marker in
        ["<<<<<<< HEAD", "||||||| base", "=======", ">>>>>>> theirs", "<<<<<<<", "<<<<<<< HEAD\r", ">>>>>>>>> nested"]
    {
        for end in ["\n", ""] {
            let message = parse_bytes("callsheet.lock", format!("{takes}{marker}{end}")).unwrap_err().to_string();
            assert!(message.starts_with("callsheet.lock:3: "), "{message}");
            assert!(message.contains("run `callsheet lock merge`"), "{message}");
        }
    }
}

#[test]
fn a_newer_version_is_refused_wherever_it_stands_and_whatever_it_holds() {
    let newer = "{\"callsheet\":\"lock\",\"version\":3,\"shards\":4}\n";
    for text in [
        newer.to_owned(),
        format!("{HEADER}{newer}"),
        format!("{newer}{HEADER}"),
        format!("{HEADER}{{\"other\":\"line\"}}\n{newer}"),
    ] {
        let message = parse_bytes("callsheet.lock", &text).unwrap_err().to_string();
        assert!(message.contains("format version 3 is newer than this callsheet reads (2)"), "{message}");
    }
}

#[test]
fn a_file_without_a_header_is_refused() {
    let line = take("a", '1', 1, TakeState::Done, 0).to_line();
    for text in [format!("\n{line}\n"), format!("\n{line}"), "\nhello".to_owned(), "\nhello\nworld\n".to_owned()] {
        let message = parse_bytes("callsheet.lock", &text).unwrap_err().to_string();
        assert!(message.starts_with("callsheet.lock:2: the header") && message.contains("is missing"), "{message}");
    }
    // A file of zeros may have been anything, so it must not count as empty.
    let message = parse_bytes("callsheet.lock", "\0".repeat(512)).unwrap_err().to_string();
    assert!(message.contains("is missing"), "{message}");
}
