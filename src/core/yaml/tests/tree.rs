//! The shape of trees: values, locations, merges.

use super::read;
use crate::yaml::{Node, Value, to_json};

fn tree(text: &str) -> Node {
    let (tree, faults) = read(text);
    assert_eq!(faults, Vec::<String>::new(), "{text}");
    tree.expect("a tree")
}

fn json(text: &str) -> String {
    to_json(&tree(text)).to_string()
}

fn slice<'a>(text: &'a str, node: &Node) -> &'a str {
    &text[node.origin.span.range()]
}

#[test]
fn scalars_follow_the_core_schema() {
    let text = "a: no\nb: 16:9\nc: 2024-01-01\nd: ~\ne:\nf: True\ng: 0x1f\nh: 1.5\ni: 'true'\nj: \"1\"\n";
    let want = r#"{"a":"no","b":"16:9","c":"2024-01-01","d":null,"e":null,"f":true,"g":31,"h":1.5,"i":"true","j":"1"}"#;
    assert_eq!(json(text), want);
}

#[test]
fn keys_are_their_source_text() {
    assert_eq!(
        json("1: a\ny: b\ntrue: c\n0x10: d\nnull: e\n'': f\n\"<<\": g\n"),
        r#"{"1":"a","y":"b","true":"c","0x10":"d","null":"e","":"f","<<":"g"}"#
    );
    assert_eq!(json("a: &k 0x1F\n*k : b\n"), r#"{"a":31,"0x1F":"b"}"#);
}

#[test]
fn merges_are_applied_and_own_keys_win() {
    let text =
        "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*b, *a]\n  z: 3\nd: {<<: *a, <: 4}\ne: {<<: {q: 5}}\n";
    assert_eq!(
        json(text),
        r#"{"a":{"x":1,"y":1},"b":{"y":2,"z":2},"c":{"z":3,"y":2,"x":1},"d":{"<":4,"x":1,"y":1},"e":{"q":5}}"#
    );
}

#[test]
fn a_merged_entry_keeps_the_place_of_its_anchor() {
    let text = "base: &b\n  speed: 1.5\nuse:\n  <<: *b\n  pitch: 2\n";
    let root = tree(text);
    let used = &root.as_map().unwrap().get("use").unwrap().value;
    let speed = used.as_map().unwrap().get("speed").unwrap();
    assert_eq!((speed.key_origin.span.start, slice(text, &speed.value)), (11, "1.5"));
    assert_eq!(slice(text, used), "<<");
}

#[test]
fn places_are_bytes_of_what_was_written() {
    let text = "é:\r\n  ß: 'ö'\r\n  l: |-\r\n    one\r\n    two\r\nlist:\r\n- ä b\r\n-\r\nf: [1, {a: 2}]\r\n";
    let root = tree(text);
    let map = root.as_map().unwrap();
    assert_eq!(slice(text, &root), "é");
    let inner = &map.get("é").unwrap().value;
    assert_eq!(slice(text, inner), "ß");
    assert_eq!(slice(text, &inner.as_map().unwrap().get("ß").unwrap().value), "'ö'");
    let literal = &inner.as_map().unwrap().get("l").unwrap().value;
    assert_eq!((slice(text, literal), literal.as_str()), ("one\r\n    two", Some("one\ntwo")));
    let list = &map.get("list").unwrap().value;
    assert_eq!(slice(text, list), "ä b");
    assert_eq!(slice(text, &list.as_list().unwrap()[1]), "-");
    let flow = &map.get("f").unwrap().value;
    assert_eq!(slice(text, flow), "[1, {a: 2}]");
    assert_eq!(slice(text, &flow.as_list().unwrap()[1]), "{a: 2}");
}

#[test]
fn an_absent_value_is_shown_at_its_key() {
    let text = "voice:\nscript: 'a'\n";
    let root = tree(text);
    let voice = &root.as_map().unwrap().get("voice").unwrap().value;
    assert!(matches!(voice.value, Value::Null));
    assert_eq!(slice(text, voice), "voice");
}

#[test]
fn document_marks_around_one_document_are_fine() {
    assert_eq!(json("---\na: 1\n...\n"), r#"{"a":1}"#);
    assert_eq!(json("%YAML 1.2\n--- # c\na: 1\n"), r#"{"a":1}"#);
}
