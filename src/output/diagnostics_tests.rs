//! Complete reports, as users, programs and GitHub get them.

use proptest::prelude::*;

use super::{DiagnosticsV1, Screen, diagnostics_github, diagnostics_text, snippet};
use crate::diagnostic::{Code, Diagnostic, Report};
use crate::source::{FileId, Origin, RowLocation, SourceFile, Sources};

const PLAIN: Screen = Screen { color: false, width: 100, verbose: false };

const VOICES: &str = "voices:\n  narrator:\n    tts:\n      sped: 1.1\n      id: ü\u{1b}[31m\n      id: b\n";

fn sources() -> Sources {
    let mut sources = Sources::new();
    sources.add(SourceFile::new("voices.yaml", "voices.yaml", VOICES));
    sources.add(SourceFile::new("videos/b.yaml", "b.yaml", "\tx: 1\r\nlast"));
    sources
}

/// Returns the location of the `nth` occurrence of a word.
fn place(sources: &Sources, file: u32, word: &str, nth: usize) -> Origin {
    let (at, _) = sources.get(FileId(file)).text().match_indices(word).nth(nth).expect("the word");
    Origin::new(FileId(file), at as u32, (at + word.len()) as u32)
}

fn drawn(diagnostic: &Diagnostic, sources: &Sources) -> String {
    format!("\n{}\n", snippet(diagnostic, sources, PLAIN))
}

#[test]
fn a_message_stands_over_the_users_line() {
    let sources = sources();
    let one =
        Diagnostic::new(Code::UnknownField, "`sped` is not a field of `voice.tts`", place(&sources, 0, "sped", 0))
            .label("did you mean `speed`?")
            .help("fields: id, text, speed")
            .row(Some(RowLocation { file: "data/customers.csv".into(), line: 17 }))
            .key("thanks[1042]");
    assert_eq!(
        drawn(&one, &sources),
        "
error[unknown-field]: `sped` is not a field of `voice.tts`
 --> voices.yaml:4:7
  |
4 |       sped: 1.1
  |       ^^^^ did you mean `speed`?
  |
  = help: fields: id, text, speed
  = note: row data/customers.csv:17
  = note: video thanks[1042]
"
    );
}

#[test]
fn further_places_are_shown_in_their_files() {
    let sources = sources();
    let one = Diagnostic::new(Code::DuplicateKey, "the key `id` occurs twice", place(&sources, 0, "id", 1))
        .label("a second time here")
        .with_secondary(place(&sources, 0, "id", 0), "first here")
        .with_secondary(place(&sources, 0, "voices", 0), "in this")
        .with_secondary(place(&sources, 1, "x", 0), "and there");
    assert_eq!(
        drawn(&one, &sources),
        "
error[duplicate-key]: the key `id` occurs twice
 --> voices.yaml:6:7
  |
1 | voices:
  | ------ in this
...
5 |       id: ü␛[31m
  |       -- first here
6 |       id: b
  |       ^^ a second time here
  |
 ::: videos/b.yaml:1:2
  |
1 |     x: 1
  |     - and there
"
    );
}

#[test]
fn a_signature_in_the_users_line_is_drawn_hidden() {
    let mut sources = Sources::new();
    let text = "url: https://b.example/x.jpg?X-Amz-Signature=abc&x=1\n";
    sources.add(SourceFile::new("a.yaml", "a.yaml", text));
    let one = Diagnostic::new(Code::ExpiredUrl, "old", Origin::new(FileId(0), 5, text.len() as u32 - 1));
    assert!(drawn(&one, &sources).contains("1 | url: https://b.example/x.jpg?X-Amz-Signature=•••&x=1\n"));
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let sources = sources();
    let one =
        Diagnostic::new(Code::UnknownValue, "`\u{1b}]0;x\u{7}` is not known", place(&sources, 0, "\u{1b}[31m", 0))
            .label("a\u{9b}b\nc")
            .help("\r\u{202e}")
            .key("k\u{1}0\u{1}");
    let text = drawn(&one, &sources);
    assert_eq!(
        text,
        "
error[unknown-value]: `␛]0;x␇` is not known
 --> voices.yaml:5:12
  |
5 |       id: ü␛[31m
  |            ^^^^^ a\\u{9b}b↵c
  |
  = help: ↵\\u{202e}
  = note: video k␁0␁
"
    );
    let colored = snippet(&one, &sources, Screen { color: true, width: 100, verbose: false });
    assert!(colored.contains("\u{1b}[1m") && !colored.contains("\u{1b}]") && !colored.contains('\u{1}'));
}

#[test]
fn a_message_without_source_names_what_it_can() {
    let sources = sources();
    let row = Diagnostic::in_file(Code::BadRows, "the record has 3 cells", "data/x.csv", 12).help("4 are wanted");
    assert_eq!(
        drawn(&row, &sources),
        "\nerror[bad-rows]: the record has 3 cells\n --> data/x.csv:12\n  = help: 4 are wanted\n"
    );
    let file = Diagnostic::in_file(Code::UnreadableFile, "cannot be read", "a.yaml", 0);
    assert_eq!(drawn(&file, &sources), "\nerror[unreadable-file]: cannot be read\n --> a.yaml\n");
    let bare = Diagnostic::without_location(Code::NoVideos, "the project declares no videos").key("k");
    assert_eq!(drawn(&bare, &sources), "\nwarning[no-videos]: the project declares no videos\n  = note: video k\n");
}

#[test]
fn places_at_the_edges_can_be_drawn() {
    let mut sources = sources();
    let empty = sources.add(SourceFile::new("empty.yaml", "empty.yaml", ""));
    let one = |origin| drawn(&Diagnostic::new(Code::EmptyFile, "x", origin), &sources);
    assert_eq!(one(Origin::new(empty, 0, 0)), "\nerror[empty-file]: x\n --> empty.yaml:1:1\n  |\n1 |\n  | ^\n");
    let end = sources.get(FileId(1)).text().len() as u32;
    assert_eq!(
        one(Origin::new(FileId(1), end, end + 9)),
        "\nerror[empty-file]: x\n --> videos/b.yaml:2:5\n  |\n2 | last\n  |     ^\n"
    );
    // Several lines: the first represents all.
    assert_eq!(
        one(Origin::new(FileId(0), 0, 30)),
        "\nerror[empty-file]: x\n --> voices.yaml:1:1\n  |\n1 | voices:\n  | ^^^^^^^\n"
    );
    // A carriage return, and a location within a character.
    one(Origin::new(FileId(1), 5, 6));
    one(Origin::new(FileId(0), place(&sources, 0, "ü", 0).span.start + 1, 900));
}

#[test]
fn a_line_of_a_megabyte_is_cut_around_the_place() {
    let mut sources = Sources::new();
    let text = format!("{}here{}\n", "x ".repeat(500_000), " yé".repeat(500_000));
    let file = sources.add(SourceFile::new("long.yaml", "long.yaml", text));
    let one = Diagnostic::new(Code::WrongType, "x", Origin::new(file, 1_000_000, 1_000_004)).label("this");
    let text = snippet(&one, &sources, Screen { color: false, width: 60, verbose: false });
    // With quadratic time it would take hours. A busy machine may need seconds.
    assert_eq!(
        text,
        "error[wrong-type]: x
 --> long.yaml:1:1000001
  |
1 | ...x x x x x x x x x x here yé yé yé yé yé yé yé yé y...
  |                        ^^^^ this"
    );
    // A location as long as the line, at any width.
    for width in [0, 1, 10, 80, 1_000] {
        let all = Diagnostic::new(Code::WrongType, "x", Origin::new(file, 3, 2_000_000));
        assert!(snippet(&all, &sources, Screen { color: false, width, verbose: false }).len() < 20_000);
    }
}

fn rows(sources: &Sources, number: u64) -> Report {
    let mut report = Report::new();
    for line in 2..number + 2 {
        report.push(
            Diagnostic::new(
                Code::UndefinedVariable,
                format!("`row.x{line}` is not defined"),
                place(sources, 0, "1.1", 0),
            )
            .row(Some(RowLocation { file: "data/c.csv".into(), line })),
        );
    }
    report
}

#[test]
fn a_report_is_sorted_and_ends_in_a_tally() {
    let sources = sources();
    let mut report = Report::new();
    report.push(Diagnostic::new(Code::WrongType, "second", place(&sources, 0, "narrator", 0)));
    report.push(Diagnostic::new(Code::EnvInSpec, "first", place(&sources, 0, "voices", 0)));
    report.push(Diagnostic::without_location(Code::MissingVersion, "before all"));
    assert_eq!(
        diagnostics_text(&report, &sources, PLAIN),
        "\
error[missing-version]: before all

warning[env-in-spec]: first
 --> voices.yaml:1:1
  |
1 | voices:
  | ^^^^^^

error[wrong-type]: second
 --> voices.yaml:2:3
  |
2 |   narrator:
  |   ^^^^^^^^

2 errors, 1 warning
"
    );
    assert_eq!(diagnostics_text(&Report::new(), &sources, PLAIN), "");
}

#[test]
fn equal_faults_of_rows_are_one_with_a_count() {
    let sources = sources();
    let two = diagnostics_text(&rows(&sources, 2), &sources, PLAIN);
    assert!(two.contains("… and 1 more like this: data/c.csv:3\n") && two.matches("error[").count() == 1, "{two}");
    let counted = diagnostics_text(&rows(&sources, 980), &sources, PLAIN);
    assert_eq!(
        counted,
        "\
error[undefined-variable]: `row.x2` is not defined
 --> voices.yaml:4:13
  |
4 |       sped: 1.1
  |             ^^^
  |
  = note: row data/c.csv:2

… and 979 more like this: data/c.csv:3, data/c.csv:4, data/c.csv:5, data/c.csv:6, data/c.csv:7, …

980 errors
"
    );
    let json = serde_json::to_value(DiagnosticsV1::new(&rows(&sources, 980), &sources)).unwrap();
    assert_eq!(json["diagnostics"].as_array().unwrap().len(), 980);
}

#[test]
fn faults_of_rows_that_differ_are_listed() {
    let sources = sources();
    let mut report = rows(&sources, 2);
    let row = |line| Some(RowLocation { file: "data/c.csv".into(), line });
    let here = place(&sources, 0, "1.1", 0);
    report.push(Diagnostic::new(Code::UndefinedVariable, "`row.x` is a list", here).row(row(9)));
    report.push(Diagnostic::in_file(Code::BadRows, "`a` is missing", "d.csv", 3));
    report.push(Diagnostic::in_file(Code::BadRows, "`b` is missing", "d.csv", 4));
    report.push(Diagnostic::in_file(Code::BadRows, "`a` is missing", "d.csv", 5));
    report.push(Diagnostic::in_file(Code::BadRows, "`a` is missing", "e.csv", 5));
    let text = diagnostics_text(&report, &sources, PLAIN);
    assert_eq!(text.matches("error[").count(), 5, "{text}");
    assert!(text.contains("… and 1 more like this: d.csv:5\n"), "{text}");
}

#[test]
fn equal_words_at_different_places_are_counted_too() {
    let sources = sources();
    let mut report = Report::new();
    for at in 0..21 {
        report.push(Diagnostic::new(Code::NullValue, "a field is empty", Origin::new(FileId(0), at, at + 1)));
    }
    let text = diagnostics_text(&report, &sources, PLAIN);
    assert!(text.contains("… and 20 more like this\n") && text.matches("error[").count() == 1, "{text}");
}

#[test]
fn no_screen_is_longer_than_a_person_reads() {
    let sources = sources();
    let mut report = Report::new();
    for at in 0..1_000 {
        report.push(Diagnostic::new(
            Code::NullValue,
            format!("`x{at}` is empty"),
            Origin::new(FileId(0), at % 40, 40 + at),
        ));
    }
    report.push(Diagnostic::without_location(Code::NoVideos, "x".repeat(1 << 20)));
    let text = diagnostics_text(&report, &sources, PLAIN);
    assert!(text.len() < 100_000, "{}", text.len());
    assert!(text.ends_with("has them all\n\n1000 errors, 1 warning\n"), "{}", &text[text.len() - 200..]);
    assert_eq!(text.matches("[null-value]").count() + text.matches("[no-videos]").count(), 200);
}

#[test]
fn the_tally_of_too_many_errors_is_a_least() {
    let mut report = Report::new();
    for at in 0..crate::diagnostic::MAX_DIAGNOSTICS {
        report.push(Diagnostic::without_location(Code::NullValue, format!("`x{at}` is empty")));
    }
    let text = diagnostics_text(&report, &sources(), PLAIN);
    assert!(text.ends_with("has more of them\n\nat least 10000 errors\n"), "{}", &text[text.len() - 200..]);
    assert!(DiagnosticsV1::new(&report, &sources()).cut);
}

#[test]
fn json_has_every_field_of_format_version_1() {
    let sources = sources();
    let mut report = Report::new();
    report.push(
        Diagnostic::new(Code::DuplicateKey, "twice", place(&sources, 0, "ü\u{1b}", 0))
            .label("here")
            .with_secondary(place(&sources, 1, "last", 0), "first")
            .help("keep one")
            .row(Some(RowLocation { file: "c.csv".into(), line: 17 }))
            .key("thanks[1]"),
    );
    report.push(Diagnostic::in_file(Code::EmptyRows, "none", "d.csv", 0));
    let json: serde_json::Value =
        serde_json::from_str(&super::versioned(&DiagnosticsV1::new(&report, &sources))).unwrap();
    let want = serde_json::json!({"format_version": 1, "cut": false, "diagnostics": [
        {"code": "empty-rows", "severity": "warning", "message": "none", "file": "d.csv", "line": null, "column": null,
         "end_line": null, "end_column": null, "help": [], "labels": [], "row": null, "columns": [],
         "key": null},
        {"code": "duplicate-key", "severity": "error", "message": "twice", "file": "voices.yaml", "line": 5, "column": 11,
         "end_line": 5, "end_column": 13, "help": ["keep one"],
         "labels": [
            {"file": "voices.yaml", "line": 5, "column": 11, "end_line": 5, "end_column": 13, "text": "here"},
            {"file": "videos/b.yaml", "line": 2, "column": 1, "end_line": 2, "end_column": 5, "text": "first"}],
         "row": {"file": "c.csv", "line": 17}, "columns": [], "key": "thanks[1]"},
    ]});
    assert_eq!(json, want);
}

#[test]
fn github_gets_one_escaped_command_a_line() {
    let mut sources = sources();
    let odd = sources.add(SourceFile::new("a,b:c%.yaml", "x", "key: 1\n"));
    let mut report = Report::new();
    report.push(
        Diagnostic::new(Code::UnknownField, "50% of `sped`, ::warning::\nis wrong", place(&sources, 0, "sped", 0))
            .label("did you mean `speed`?")
            .help("look it up")
            .key("k[1]"),
    );
    report.push(Diagnostic::new(Code::EnvInSpec, "odd", Origin::new(odd, 5, 6)));
    report.push(Diagnostic::new(Code::BadMapKey, "long", Origin::new(FileId(0), 0, 20)));
    report.push(Diagnostic::in_file(Code::BadRows, "row", "d.csv", 3));
    report.push(Diagnostic::without_location(Code::NoVideos, "none"));
    assert_eq!(
        diagnostics_github(&report, &sources, ""),
        "\
::error file=d.csv,line=3,title=bad-rows::row
::warning title=no-videos::none
::error file=voices.yaml,line=1,endLine=2,title=bad-map-key::long
::error file=voices.yaml,line=4,endLine=4,col=7,endColumn=11,title=unknown-field::50%25 of `sped`, ::warning::↵is wrong\
%0Adid you mean `speed`?%0Ahelp: look it up%0Avideo k[1]
::warning file=a%2Cb%3Ac%25.yaml,line=1,endLine=1,col=6,endColumn=7,title=env-in-spec::odd
"
    );
    let many = diagnostics_github(&rows(&sources, 30), &sources, "");
    assert_eq!(many.lines().count(), 1);
    assert!(many.contains("%0Arow data/c.csv:2%0Aand 29 more like this: data/c.csv:3,"), "{many}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_place_of_any_text_can_be_drawn(
        text in "(\\PC|\\p{Cc}|\n|\r\n|\t|x{40}|é|\u{202e}){0,60}",
        places in prop::collection::vec((0u32..200, 0u32..200, "(\\PC|\\p{Cc}){0,8}"), 1..5),
        width in 0usize..150,
        color in any::<bool>(),
    ) {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("a\u{1}.yaml", "a.yaml", text.as_str()));
        let mut one = Diagnostic::new(Code::WrongType, text.as_str(), Origin::new(file, places[0].0, places[0].1)).label(&*text);
        for (start, end, words) in &places[1..] {
            one = one.with_secondary(Origin::new(file, *start, *end), words.as_str());
        }
        let mut report = Report::new();
        report.push(one);
        let drawn = diagnostics_text(&report, &sources, Screen { color, width, verbose: false });
        let raw = |character: char| character.is_control() && !matches!(character, '\n' | '\t' | '\u{1b}');
        prop_assert!(!drawn.contains(raw), "{:?}", drawn);
        prop_assert!(color || !drawn.contains('\u{1b}'), "{:?}", drawn);
        prop_assert_eq!(diagnostics_github(&report, &sources, "").lines().count(), 1);
        serde_json::to_string(&DiagnosticsV1::new(&report, &sources)).unwrap();
    }
}
