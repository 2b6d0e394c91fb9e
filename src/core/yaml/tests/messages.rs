//! The help that authors get.

use crate::diagnostic::{Diagnostic, Report};
use crate::source::{FileId, SourceFile};
use crate::yaml::parse;

/// Returns the only error of a text.
fn fault(text: &str) -> Diagnostic {
    let source = SourceFile::new("test.yaml", "test.yaml", text);
    let mut report = Report::new();
    parse(FileId(0), &source, &mut report);
    let mut faults = report.iter();
    let (Some(fault), None) = (faults.next(), faults.next()) else { panic!("not one fault: {report:?}") };
    fault.clone()
}

#[test]
fn a_template_is_shown_in_quotes() {
    for (text, help) in [
        ("text: {{ name }}\n", "quote it: `text: \"{{ name }}\"`"),
        ("a:\n  - text: {{ name }} hello # why\n", "quote it: `text: \"{{ name }} hello\"`"),
        ("text: {{ a | default(\"it's\") }}\n", "quote it: `text: '{{ a | default(\"it''s\") }}'`"),
        ("text: {% if x %}a{% endif %}\n", "quote it: `text: \"{% if x %}a{% endif %}\"`"),
        ("x: { text: Hello {{ name }} }\n", "quote it: `\"Hello {{ name }}\"`"),
        ("x: [a, {{ b }}]\n", "quote it: `\"{{ b }}\"`"),
        ("- {{ a }}\n", "quote it: `\"{{ a }}\"`"),
    ] {
        assert_eq!(fault(text).help, [help], "{text}");
    }
}

#[test]
fn a_text_with_a_colon_is_shown_in_quotes() {
    let found = fault("videos:\n  a:\n    script: Note: this\n");
    assert_eq!(found.message, "a `:` cannot begin a mapping here");
    assert_eq!(found.primary.unwrap().text, "mapping values are not allowed in this context");
    assert_eq!(found.help, ["if this is text, quote it: `script: \"Note: this\"`"]);
    assert_eq!(fault("a: @me\n").help, ["if this is text, quote it: `a: \"@me\"`"]);
    // The colon is on another line, so quotes would not help.
    assert_eq!(
        fault("a: 1\n  b: 2\n").help,
        ["look for a `:` missing on the line above, and at the indentation of both"]
    );
}

#[test]
fn a_near_anchor_is_named() {
    assert_eq!(fault("a: &speed 1\nb: *sped\n").primary.unwrap().text, "did you mean `*speed`?");
    assert!(fault("a: *late\nb: &late 1\n").help[0].starts_with("`&late` is later in the file"));
}

#[test]
fn both_places_of_a_duplicate_key_are_given() {
    let found = fault("a: 1\nb: 2\n'a': 3\n");
    let places = (found.primary.unwrap().origin.span.range(), found.secondary[0].origin.span.range());
    assert_eq!(places, (10..13, 0..1));
}

#[test]
fn an_open_bracket_is_pointed_at() {
    let found = fault("a: {b: 1\nc: 2\n");
    assert_eq!(found.secondary[0].origin.span.range(), 3..4);
    assert_eq!(found.message, "a `,` or `}` is missing");
}

#[test]
fn numbers_say_how_to_stay_text() {
    assert_eq!(fault("id: 1e999\n").help, ["if it is meant as text, quote it: `\"1e999\"`"]);
}
