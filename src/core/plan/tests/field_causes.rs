//! The word or the value that changed a field.

use serde_json::{Value, json};

use crate::fields::VENDOR;
use crate::plan::{FieldCause, field_cause};
use crate::source::{FileId, Origin, RowLocation};
use crate::spec::{FieldTrace, Reference, ReferenceOrigin, ScriptTrace};

/// Returns references by name and value, each written in another place. Those of a row are in one row.
fn references(values: &[(&str, Value)]) -> Vec<Reference> {
    let origin = |index: usize, path: &str| {
        if path.starts_with("row.") {
            return ReferenceOrigin::Row(RowLocation { file: "data.csv".into(), line: 7 });
        }
        ReferenceOrigin::Manifest(Origin::new(FileId(0), index as u32 * 10, index as u32 * 10 + 5))
    };
    let values = values.iter().enumerate();
    values
        .map(|(index, (path, value))| Reference {
            path: (*path).to_owned(),
            value: value.clone(),
            origin: Some(origin(index, path)),
        })
        .collect()
}

fn trace(template: &str, values: &[(&str, Value)]) -> FieldTrace {
    let field = VENDOR.find("voice.tts.text").unwrap().into();
    FieldTrace { field, template: Some(template.into()), references: references(values), script: None }
}

/// Returns the name of the reference, else the template from the changed word on.
fn cause(template: &str, values: &[(&str, Value)], before: &str, after: &str) -> String {
    let trace = trace(template, values);
    match field_cause(&trace, None, (before, after)) {
        Some(FieldCause::Reference(reference)) => reference.path.clone(),
        Some(FieldCause::Text(byte)) => format!("…{}", &template[byte..]),
        None => "?".to_owned(),
    }
}

const TEMPLATE: &str = "Hello {{ row.name }}, welcome to {{ vars.city }}.";

/// Returns the cause in a text with a name and a city.
fn greeting(template: &str, (name, city): (&str, &str), before: &str, after: &str) -> String {
    cause(template, &[("row.name", json!(name)), ("vars.city", json!(city))], before, after)
}

#[test]
fn a_changed_value_is_told_from_a_changed_word() {
    let before = "Hello Anna, welcome to Bonn.";
    let told = |template, values, after| greeting(template, values, before, after);
    assert_eq!(told(TEMPLATE, ("Bob", "Bonn"), "Hello Bob, welcome to Bonn."), "row.name");
    assert_eq!(told(TEMPLATE, ("Anja", "Bonn"), "Hello Anja, welcome to Bonn."), "row.name");
    assert_eq!(told(TEMPLATE, ("Anna Lee", "Bonn"), "Hello Anna Lee, welcome to Bonn."), "row.name");
    assert_eq!(told(TEMPLATE, ("Anna", "Berlin"), "Hello Anna, welcome to Berlin."), "vars.city");
    let literal = |template, after| told(template, ("Anna", "Bonn"), after);
    let template = "Hello {{ row.name }}, greetings to {{ vars.city }}.";
    assert_eq!(literal(template, "Hello Anna, greetings to Bonn."), "…greetings to {{ vars.city }}.");
    let template = "Hallo {{ row.name }}, welcome to {{ vars.city }}.";
    assert_eq!(literal(template, "Hallo Anna, welcome to Bonn."), format!("…{template}"));
    let template = "Hello {{ row.name }}, welcome to {{ vars.city }}!";
    assert_eq!(literal(template, "Hello Anna, welcome to Bonn!"), "…!");
    let template = "Hello {{ row.name }} dear, welcome to {{ vars.city }}.";
    assert_eq!(literal(template, "Hello Anna dear, welcome to Bonn."), "…dear, welcome to {{ vars.city }}.");
}

#[test]
fn what_was_removed_belongs_to_what_is_left_of_it() {
    let told = |template, name, before, after| greeting(template, (name, "Bonn"), before, after);
    let before = "Hello Anna, welcome to Bonn.";
    assert_eq!(told(TEMPLATE, "Ann", before, "Hello Ann, welcome to Bonn."), "row.name");
    assert_eq!(told(TEMPLATE, "nna", before, "Hello nna, welcome to Bonn."), "row.name");
    assert_eq!(told(TEMPLATE, "", before, "Hello , welcome to Bonn."), "row.name");
    let template = "{{ row.name }}, welcome to {{ vars.city }}.";
    assert_eq!(told(template, "Anna", before, "Anna, welcome to Bonn."), "row.name");
    let template = "Hello {{ row.name }}, to {{ vars.city }}.";
    assert_eq!(told(template, "Anna", before, "Hello Anna, to Bonn."), "…to {{ vars.city }}.");
    // The value may have lost a word, or the text: the line of the text contains both.
    let before = "Hello Anna dear, welcome to Bonn.";
    assert_eq!(told(TEMPLATE, "Anna", before, "Hello Anna, welcome to Bonn."), "…, welcome to {{ vars.city }}.");
    let text = "One.\nThree.";
    assert_eq!(cause(text, &[], "One.\nTwo.\nThree.", text), "…Three.");
    assert_eq!(cause("One.", &[], "One.\nTwo.", "One."), "…");
}

#[test]
fn a_value_that_is_there_twice_is_told_by_its_place() {
    let values = [("row.name", json!("Bonn")), ("vars.city", json!("Bonn"))];
    let told = |before, after| cause("{{ row.name }} from {{ vars.city }} likes Bonn", &values, before, after);
    assert_eq!(told("Anna from Bonn likes Bonn", "Bonn from Bonn likes Bonn"), "row.name");
    assert_eq!(told("Bonn from Ulm likes Bonn", "Bonn from Bonn likes Bonn"), "vars.city");
    assert_eq!(told("Bonn from Bonn likes Ulm", "Bonn from Bonn likes Bonn"), "…Bonn");
}

#[test]
fn a_filter_hides_the_value_but_not_the_place() {
    let values = [("row.name", json!("Bob")), ("vars.city", json!("Bonn"))];
    let template = "Hi {{ row.name | upper }}, {{ vars.city }}.";
    assert_eq!(cause(template, &values, "Hi ANNA, Bonn.", "Hi BOB, Bonn."), "row.name");
    assert_eq!(cause(template, &values, "Hi BOB, Ulm.", "Hi BOB, Bonn."), "vars.city");
    let template = "{{ (row.name ~ vars.city) | upper }}";
    assert_eq!(cause(template, &values, "ANNABONN", "BOBBONN"), "?", "two references and neither value");
    let template = "{{ vars.name_long | upper }}, {{ vars.name }}";
    let values = [("vars.name", json!("Bob")), ("vars.name_long", json!("Bobby"))];
    assert_eq!(cause(template, &values, "ANNA, Bob", "BOBBY, Bob"), "vars.name_long");
}

#[test]
fn a_loop_and_a_mapping_are_found_by_the_values_inside_them() {
    let values = [("vars.tips", json!({"de": ["Rufen Sie an", "Schreiben Sie"]})), ("matrix.locale", json!("de"))];
    let template = "Tipps: {% for tip in vars.tips[matrix.locale] %}{{ tip }}. {% endfor %}Danke.";
    let after = "Tipps: Rufen Sie an. Schreiben Sie. Danke.";
    assert_eq!(cause(template, &values, "Tipps: Rufen Sie an. Warten Sie. Danke.", after), "vars.tips");
    assert_eq!(cause(template, &values, "Tips: Rufen Sie an. Schreiben Sie. Danke.", after), format!("…{template}"));
    assert_eq!(cause(template, &values, &after.replace("Danke", "Bitte"), after), "…Danke.");
}

#[test]
fn a_branch_that_is_not_taken_any_more_is_told_by_its_condition() {
    let template = "Hi {{ vars.name }}. {% if row.vip %}Thanks {{ vars.name }}!{% else %}Join now!{% endif %} Bye.";
    let told = |vip: bool, before, after| {
        cause(template, &[("row.vip", json!(vip)), ("vars.name", json!("Bo"))], before, after)
    };
    let (member, other) = ("Hi Bo. Thanks Bo! Bye.", "Hi Bo. Join now! Bye.");
    assert_eq!((told(true, other, member), told(false, member, other)), ("row.vip".to_owned(), "row.vip".to_owned()));
    let changed = told(true, "Hi Bo. Thank you Bo! Bye.", member);
    assert!(changed.starts_with("…Thanks {{"), "{changed}");
}

#[test]
fn a_word_that_a_tag_writes_itself_is_text() {
    let values = [("row.formal", json!(true))];
    let template = "{{ 'Good day' if row.formal else 'Hey' }} there";
    assert_eq!(
        cause(template, &values, "Hello there", "Good day there"),
        "…Good day' if row.formal else 'Hey' }} there"
    );
    assert_eq!(cause(template, &values, "Hey there", "Good day there"), "row.formal");
    assert_eq!(cause("{{ '}} {{' }} x {# don't #}", &values, "}} {{ y", "}} {{ x"), "…x {# don't #}");
}

#[test]
fn a_number_or_a_color_is_told_by_its_reference() {
    let values = [("row.speed", json!(1.2)), ("vars.base", json!(1))];
    assert_eq!(cause("{{ row.speed }}", &values[..1], "1.0", "1.2"), "row.speed");
    assert_eq!(cause("{{ vars.base * row.speed }}", &values, "1.0", "1.2"), "row.speed");
    assert_eq!(cause("{{ vars.base * row.speed * 2 }}", &values, "1.0", "2.4"), "?");
    assert_eq!(cause("{{ 0.9 }}", &[], "1.0", "0.9"), "…0.9 }}");
    assert_eq!(cause("{{ row.color }}", &[("row.color", json!("#FF8800"))], "#ffffff", "#ff8800"), "row.color");
}

#[test]
fn a_script_is_told_by_its_own_text_and_values() {
    let text = "Hello {{ row.name }}.\nWrite to us.";
    let traced = ScriptTrace {
        origin: Origin::new(FileId(1), 0, text.len() as u32),
        references: references(&[("row.name", json!("Bob"))]),
    };
    let trace = FieldTrace {
        script: Some(traced),
        ..trace("scripts/{{ matrix.locale }}.txt", &[("matrix.locale", json!("de"))])
    };
    let told = |before| field_cause(&trace, Some(text), (before, "Hello Bob.\nWrite to us."));
    assert_eq!(told("Hello Bob.\nCall us."), Some(FieldCause::Text(text.find("Write").unwrap())));
    assert!(matches!(told("Hello Eva.\nWrite to us."), Some(FieldCause::Reference(found)) if found.path == "row.name"));
    assert_eq!(field_cause(&trace, None, ("a", "b")), None, "without its text nothing is known");
}

proptest::proptest! {
    #[test]
    fn any_texts_have_a_place_in_their_template(template in "[aé{}% .\n]{0,30}", before in "[aé.\n ]{0,9}", after in "[aé.\n ]{0,9}") {
        let trace = trace(&template, &[("a", json!("é"))]);
        if let Some(FieldCause::Text(byte)) = field_cause(&trace, None, (&before, &after)) {
            proptest::prop_assert!(template.is_char_boundary(byte));
        }
    }
}
