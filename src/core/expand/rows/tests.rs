//! Valid, invalid and hostile data files.

use encoding_rs::Encoding;
use minijinja::Value;

use super::*;
use crate::diagnostic::Severity;
use crate::manifest::Delimiter;

/// Each record as `line: name=value …`, each error as `line! message`, each warning as `line? message`.
fn read(name: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    read_as(name, content, None, None)
}

/// Reads with the settings `encoding` and `delimiter`.
pub(super) fn read_as(
    name: &str,
    content: impl AsRef<[u8]>,
    encoding: Option<&'static Encoding>,
    delimiter: Option<Delimiter>,
) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, content).unwrap();
    let format = DataFormat::from_name(&path).unwrap();
    let file = DataFile { path: &path, name, format, encoding, delimiter, head_bytes: 512 };
    let mut lines = Vec::new();
    let mut take = |outcome: Result<DataRow, RowError>| {
        lines.push(match outcome {
            Ok(row) => format!("{}: {}", row.line, shown(&row.value)),
            Err(diagnostic) if diagnostic.code.severity() == Severity::Warning => {
                format!("{}? {}", diagnostic.line, diagnostic.message)
            }
            Err(diagnostic) => format!("{}! {}", diagnostic.line, diagnostic.message),
        });
        Continue::Yes
    };
    if format == DataFormat::Yaml {
        let (mut sources, mut report) = (crate::source::Sources::new(), crate::diagnostic::Report::new());
        match load(file, &mut sources, &mut report) {
            Some(all) => all.into_iter().for_each(|one| {
                take(one);
            }),
            None => lines.push(report.iter().map(|one| one.code.name()).collect()),
        }
    } else {
        read_rows(file, &mut take);
    }
    lines
}

#[test]
fn the_header_says_what_separates_the_cells() {
    // As spreadsheets write it where the comma is the decimal mark: byte order mark, semicolons, `\r\n`.
    let sheet = "\u{feff}id;\"first; name\";price\r\n1;Jürgen;1,5\r\n2;\"a;b\r\nc\";\r\n";
    assert_eq!(read("a.csv", sheet), ["2: id=1 first; name=Jürgen price=1,5", "3: id=2 first; name=a;b\r\nc price="]);
    assert_eq!(read("a.csv", "\nid\tname\n1\tA;B, C\n"), ["3: id=1 name=A;B, C"]);
    // A comma in the header decides. A single column has no delimiter.
    assert_eq!(read("a.csv", "id,a;b\n1,x;y\n").last().unwrap(), "2: id=1 a;b=x;y");
    assert_eq!(read("a.csv", "name\nA;B\n"), ["2: name=A;B"]);
    assert_eq!(read("a.csv", "\"a;b\"\n1\n"), ["2: a;b=1"]);
    assert_eq!(
        read("a.csv", "id;name\n1;2;3\n"),
        ["2! this record has 3 cells, but the header has 2: a cell seems to hold a semicolon"]
    );
}

fn shown(value: &Value) -> String {
    let pairs = value.try_iter().unwrap().map(|name| format!("{name}={}", value.get_item(&name).unwrap()));
    pairs.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_table_has_a_header_and_cells_of_text() {
    assert_eq!(
        read("a.csv", "id,name\n1,Ada\n\n2,\"Bo, \"\"B\"\"\n!\"\n3,\n"),
        ["2: id=1 name=Ada", "4: id=2 name=Bo, \"B\"\n!", "6: id=3 name=",]
    );
    assert_eq!(read("a.CSV", "\u{feff}id,name\r\n1,Ada"), ["2: id=1 name=Ada"]);
    let crlf = "id,name\r\n1,Ada\r\n\r\n2,\"B\r\no\"\r\n3,C\r\n";
    assert_eq!(read("a.csv", crlf), ["2: id=1 name=Ada", "4: id=2 name=B\r\no", "6: id=3 name=C"]);
    assert_eq!(read("a.csv", "id\n\"1\""), ["2: id=1"]);
    assert_eq!(read("a.csv", "id\n"), [""; 0]);
}

#[test]
fn a_table_without_a_clear_header_is_refused() {
    assert_eq!(read("a.csv", ""), ["0! the data file is empty"]);
    assert_eq!(read("a.csv", "\n\n"), ["0! the data file is empty"]);
    assert_eq!(read("a.csv", "id,name,id\n1,2,3\n"), ["1! the header names the column `id` twice"]);
    assert_eq!(read("a.csv", "id\r1\r2\r"), ["1! the lines of the data file end in carriage returns alone"]);
    assert_eq!(read("a.csv", "id,,x\n1,2,3\n"), ["1! column 2 of the header has no name"]);
}

#[test]
fn a_record_of_another_length_is_told_and_the_rest_is_read() {
    assert_eq!(
        read("a.csv", "a,b\n1\n1,2,3\n4,5\n"),
        [
            "2! this record has 1 cell, but the header has 2: `b` is missing",
            "3! this record has 3 cells, but the header has 2: a cell seems to hold a comma",
            "4: a=4 b=5",
        ]
    );
}

#[test]
fn an_open_quote_does_not_swallow_the_rest_in_silence() {
    assert_eq!(
        read("a.csv", "a,b\n1,2\n3,\"four\n5,6\n"),
        ["2: a=1 b=2", "3! a quote is opened in this record and never closed",]
    );
    assert_eq!(read("a.csv", "a\n\"x"), ["2! a quote is opened in this record and never closed"]);
    assert_eq!(read("a.csv", "a\n5\" screen\n"), ["2: a=5\" screen"], "a quote within a plain cell is text");
}

#[test]
fn a_table_that_is_not_text_is_told() {
    assert_eq!(read("a.csv", b"a,b\n1,\xff\n2,3\n"), ["2! the data file is not UTF-8 text"]);
    assert_eq!(read("a.jsonl", b"{\"a\":1}\n\xff\n{\"a\":2}\n"), ["1: a=1", "2! the data file is not UTF-8 text"]);
    assert_eq!(read("a.json", b"[\n\xff]"), ["2! the data file is not UTF-8 text"]);
}

#[test]
fn an_endless_record_is_refused_before_it_fills_the_memory() {
    let long = "x".repeat(17 * 1024 * 1024);
    assert_eq!(read("a.csv", format!("a,b\n1,\"{long}")), ["2! this record is larger than 16 MB"]);
    assert_eq!(
        read("a.jsonl", format!("{{\"a\":1}}\n{{\"a\":\"{long}\"}}\n")),
        ["1: a=1", "2! this line is larger than 16 MB"]
    );
}

#[test]
fn json_is_a_list_of_objects_with_their_lines() {
    assert_eq!(
        read("a.json", "[\n{\"id\": 7, \"n\": null, \"b\": true},\n\n {\"id\":\n 8.5}]\n"),
        ["2: id=7 b=True", "4: id=8.5",]
    );
    assert_eq!(read("a.json", "[]"), [""; 0]);
    assert_eq!(read("a.json", "{\"a\": 1}"), ["1! the data file does not hold a list of objects"]);
    assert_eq!(
        read("a.json", "[{\"a\": 1},\n 5, [1]]"),
        ["1: a=1", "2! this row is not an object", "2! this row is not an object"]
    );
    assert_eq!(read("a.json", "[{\"a\": 1},\n {\"a\": }]"), ["2! the data file is not JSON: expected value"]);
    assert_eq!(read("a.json", "[{\"a\": 1,\n \"a\": 2}]"), ["2! this row is not JSON: the column `a` occurs twice"]);
    assert_eq!(read("a.json", ""), ["1! the data file is not JSON: it ends within a value"]);
    let deep = format!("[{{\"a\": {}1{}}}]", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read("a.json", deep)[0].contains("recursion limit exceeded"));
}

#[test]
fn json_lines_are_objects_one_a_line() {
    assert_eq!(
        read("a.jsonl", "{\"a\": 1}\n\n[1]\nnope\n{\"a\": 1} {}\n{\"b\": 2}"),
        [
            "1: a=1",
            "3! this row is not an object",
            "4! this row is not JSON: expected ident",
            "5! this row is not JSON: trailing characters",
            "6: b=2",
        ]
    );
}

#[test]
fn yaml_is_a_list_of_mappings() {
    assert_eq!(
        read("a.yaml", "- { id: 1 }\n- id: no\n  n: ~\n- 5\n"),
        ["1: id=1", "2: id=no", "4! this row is a whole number, not a mapping"]
    );
    assert_eq!(read("a.yml", "a: 1\n"), ["1! the data file does not hold a list of mappings"]);
    assert_eq!(read("a.yaml", "- [\n"), ["yaml-syntax"]);
}

#[test]
fn reading_stops_when_told_to() {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in [("a.csv", "a\n1\n2\n3\n"), ("a.jsonl", "{}\n{}\n{}\n"), ("a.json", "[{},{},{}]")] {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        let mut count = 0;
        let format = DataFormat::from_name(&path).unwrap();
        read_rows(
            DataFile { path: &path, name, format, encoding: None, delimiter: None, head_bytes: HEAD_BYTES },
            &mut |_| {
                count += 1;
                if count == 2 { Continue::No } else { Continue::Yes }
            },
        );
        assert_eq!(count, 2, "{name}");
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        for name in ["a.csv", "a.json", "a.jsonl", "a.yaml"] {
            read(name, &bytes);
        }
    }
}
