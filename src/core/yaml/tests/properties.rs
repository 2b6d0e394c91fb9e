//! Properties of every text.

use proptest::prelude::*;

use crate::diagnostic::Report;
use crate::source::{FileId, SourceFile};
use crate::yaml::{MAX_DEPTH, Node, Value, origin_in_scalar, parse, to_json};

/// Walks the tree and checks that locations are in the text, keys are unique, strings can be located, and the depth
/// is limited.
fn check(source: &SourceFile, node: &Node, depth: usize) {
    assert!(depth <= MAX_DEPTH);
    assert!(source.text().get(node.origin.span.range()).is_some(), "{node:?}");
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| check(source, item, depth + 1)),
        Value::Map(map) => {
            let mut keys: Vec<_> = map.entries.iter().map(|entry| &*entry.key).collect();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), map.entries.len());
            for entry in &map.entries {
                assert!(source.text().get(entry.key_origin.span.range()).is_some());
                check(source, &entry.value, depth + 1);
            }
        }
        Value::String(text) => {
            for (at, character) in text.text.char_indices() {
                let found = origin_in_scalar(source, node.origin, text, at..at + character.len_utf8());
                assert!(source.text().get(found.span.range()).is_some());
                assert!(found.span.start >= node.origin.span.start && found.span.end <= node.origin.span.end);
            }
        }
        Value::Float(value) => assert!(value.is_finite()),
        Value::Null | Value::Bool(_) | Value::Int(_) => {}
    }
}

fn answers(text: &str) {
    let source = SourceFile::new("test.yaml", "test.yaml", text);
    let mut report = Report::new();
    let tree = parse(FileId(0), &source, &mut report);
    assert!(tree.is_some() || report.has_errors());
    for one in report.iter() {
        for label in one.primary.iter().chain(&one.secondary) {
            assert!(source.text().get(label.origin.span.range()).is_some(), "{one:?}");
        }
        assert!(!one.message.chars().any(char::is_control), "{one:?}");
    }
    if let Some(tree) = tree {
        check(&source, &tree, 0);
    }
}

/// Generates texts from pieces that have a meaning in YAML, so that most of them get past the first token.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "b", "é", "1", "1e9", "~", "true", ": ", ":", "- ", "-", "? ", "\n", "\n  ", "\n    ", "\r\n", "\t", " ",
        "{", "}", "[", "]", ", ", "\"", "'", "''", "\\", "\\n", "\\u00fc", "|", ">", "|-\n  ", ">+\n  ", "&a ", "*a",
        "<<: ", "!t ", "# ", "---\n", "...\n", "%", "@", "`", "{{ x }}", "{% y %}", "\u{feff}", "\u{85}", "\0",
        "<<: *a\n", "k: v\n",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// JSON is YAML, so the parser must read these documents, and the expected value is known.
fn json(keys: &'static str) -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        (-1e300..1e300).prop_map(serde_json::Value::from),
        "[ -~äß€😀]{0,12}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::btree_map(keys, inner, 0..20)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_parser_answers_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        answers(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn the_parser_answers_any_text(text in "\\PC{0,60}") {
        answers(&text);
    }

    #[test]
    fn the_parser_answers_almost_yaml(text in pieces()) {
        answers(&text);
    }

    #[test]
    fn json_is_read_as_what_it_is(value in json("[a-z<~ ]{1,6}")) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let source = SourceFile::new("test.yaml", "test.yaml", text.as_str());
            let mut report = Report::new();
            let tree = parse(FileId(0), &source, &mut report);
            prop_assert!(report.is_empty(), "{:?}", report);
            prop_assert_eq!(to_json(&tree.unwrap()), value.clone());
        }
    }

    // The test has no key `<<`, because the other writer does not quote it.
    #[test]
    fn what_another_writer_writes_is_read_as_what_it_is(value in json("[a-z~ ]{1,6}")) {
        let text = serde_yaml::to_string(&value).unwrap();
        let source = SourceFile::new("test.yaml", "test.yaml", text.as_str());
        let mut report = Report::new();
        let tree = parse(FileId(0), &source, &mut report);
        prop_assert!(report.is_empty(), "{:?} in {}", report, text);
        prop_assert_eq!(to_json(&tree.unwrap()), value);
    }

    #[test]
    fn every_character_of_a_literal_is_found(lines in prop::collection::vec("[a-zé ]{0,6}x", 1..6), crlf in any::<bool>()) {
        let end = if crlf { "\r\n" } else { "\n" };
        let text = format!("a: |2{end}  {}{end}", lines.join(&format!("{end}  ")));
        let source = SourceFile::new("test.yaml", "test.yaml", text.as_str());
        let tree = parse(FileId(0), &source, &mut Report::new()).expect("a tree");
        let node = &tree.as_map().unwrap().entries[0].value;
        let Value::String(string) = &node.value else { panic!("not a string") };
        prop_assert_eq!(&*string.text, lines.join("\n") + "\n");
        for (at, character) in string.text.char_indices().filter(|(_, character)| *character != '\n') {
            let found = origin_in_scalar(&source, node.origin, string, at..at + character.len_utf8());
            prop_assert_eq!(&text[found.span.range()], character.to_string());
        }
    }
}
