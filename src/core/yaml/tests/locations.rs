//! Locations in the file of bytes of a decoded string.

use std::ops::Range;

use crate::diagnostic::Report;
use crate::source::{FileId, SourceFile};
use crate::yaml::{Value, origin_in_scalar, parse};

/// Returns the text in the file that the range of the value under `a` covers.
fn covered(text: &str, range: impl FnOnce(&str) -> Range<usize>) -> String {
    let source = SourceFile::new("test.yaml", "test.yaml", text);
    let tree = parse(FileId(0), &source, &mut Report::new()).expect("a tree");
    let node = &tree.as_map().unwrap().get("a").unwrap().value;
    let Value::String(string) = &node.value else { panic!("not a string: {node:?}") };
    let found = origin_in_scalar(&source, node.origin, string, range(&string.text));
    assert!(found.span.start >= node.origin.span.start && found.span.end <= node.origin.span.end);
    text[found.span.range()].to_owned()
}

/// Returns the text in the file that the first `word` of the value covers.
fn word(text: &str, word: &str) -> String {
    covered(text, |string| {
        let at = string.find(word).unwrap_or_else(|| panic!("no {word:?} in {string:?}"));
        at..at + word.len()
    })
}

#[test]
fn plain_and_quoted_words_are_found() {
    for text in [
        "a: ü {x} y\n",
        "a: 'ü {x} y'\n",
        "a: \"ü {x} y\"\n",
        "a: 'it''s ü {x}'\n",
        "a: \"\\\"q\\\" \\u00fc \\x41 \\U0001F600 {x}\"\n",
        "a: one\n  two\n\n  {x}\n",
        "a: 'one\n\n\n  two  \n  {x}'\n",
        "a: \"one\r\n  two\r\n  {x}\"\r\n",
        "a: |\n  one\n\n    two\n  {x}\n",
        "a: |\r\n  ü\r\n\r\n  {x} y\r\n",
        "a: |2\n    one\n  {x}\n",
        "a: |-\n\n\n  {x}\n",
        "a: |\n  one\n \n  {x}\n",
        "a: >\n  one\n  two\n\n  three\n    more\n\n    still\n  end {x}\n",
        "a: >-\r\n\r\n  one\r\n  {x}\r\n",
        "b: 1\nc: &l |\n  x {x}\na: *l\n",
    ] {
        assert_eq!(word(text, "{x}"), "{x}", "{text:?}");
    }
}

#[test]
fn escapes_and_line_breaks_are_covered_whole() {
    assert_eq!(word("a: \"x\\ny\"\n", "\n"), "\\n");
    assert_eq!(word("a: 'it''s'\n", "'"), "''");
    assert_eq!(word("a: >\n  one\n  two\n", "e t"), "e\n  t");
    assert_eq!(word("a: |\r\n  one\r\n  two\r\n", "e\nt"), "e\r\n  t");
    assert_eq!(covered("a: \"\\u00fc\"\n", |_| 0..2), "\\u00fc");
}

#[test]
fn an_empty_range_is_an_empty_place() {
    let text = "a: 'it''s'\n";
    let source = SourceFile::new("test.yaml", "test.yaml", text);
    let tree = parse(FileId(0), &source, &mut Report::new()).expect("a tree");
    let node = &tree.as_map().unwrap().entries[0].value;
    let Value::String(string) = &node.value else { panic!("not a string") };
    assert_eq!(origin_in_scalar(&source, node.origin, string, 3..3).span.range(), 8..8);
    assert_eq!(origin_in_scalar(&source, node.origin, string, 4..4).span.range(), 9..9);
}

#[test]
fn a_range_into_the_final_line_break_ends_with_the_origin() {
    assert_eq!(covered("a: |\n  one\n", |string| 2..string.len()), "e");
    assert_eq!(covered("a: |+\n  one\n\n\n", |string| 0..string.len()), "one");
}

#[test]
fn what_is_not_certain_is_the_whole_scalar() {
    assert_eq!(word("a: \"x \\\n   y\"\n", "y"), "\"x \\\n   y\"");
    assert_eq!(word("a: \"\\ud83d\\ude00 y\"\n", "y"), "\"\\ud83d\\ude00 y\"");
    assert_eq!(covered("a: plain\n", |_| 3..99), "plain");
    assert_eq!(covered("a: ü\n", |_| 1..2), "ü");
    #[expect(clippy::reversed_empty_ranges, reason = "a caller's mistake must not panic")]
    let reversed = 4..2;
    assert_eq!(covered("a: plain\n", |_| reversed), "plain");
}
