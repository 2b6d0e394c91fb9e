//! Random specs with everything that version 0.1.0 derived from them.
//!
//! A field that the vendor added since then changes no canonical text and no digest. Its default is part of explicit forms
//! and of the parts that are sent, so `fields.txt` lists the fields of that version, and only theirs are compared.

use callsheet::fields::{Row, VENDOR};
use callsheet::spec::{canonical_json, digest, estimate, explicit_value, stored_spec};
use callsheet::vendor::submission_form;
use serde_json::{Value, json};

const FIELDS: &str = include_str!("fields.txt");

/// Returns the fields and groups that the version of the corpus did not have.
fn added_rows() -> Vec<&'static Row> {
    let contains = |row: &Row, path: &str| {
        path.strip_prefix(row.path).is_some_and(|rest| matches!(rest.get(..1), None | Some(".")))
    };
    VENDOR.rows.iter().filter(|row| !FIELDS.lines().any(|path| contains(row, path))).collect()
}

/// Removes the member of an object at a path such as `avatar.offset.x`.
fn remove(object: &mut Value, path: &str) {
    match path.split_once('.') {
        None => drop(object.as_object_mut().unwrap().shift_remove(path)),
        Some((group, rest)) => object.get_mut(group).into_iter().for_each(|group| remove(group, rest)),
    }
}

#[test]
fn random_specs_keep_their_digest_forms_and_estimate() {
    let added = added_rows();
    let known_rows: Vec<&Row> = FIELDS.lines().map(|path| &VENDOR[VENDOR.find(path).expect(path)]).collect();
    let is_added = |name: &str| {
        let named = |row: &&Row| row.part_name == name;
        added.iter().any(named) && !known_rows.iter().any(named)
    };
    let mut count = 0;
    for line in include_str!("specs.jsonl").lines() {
        let known: Value = serde_json::from_str(line).unwrap();
        let canonical = known["canonical"].as_str().unwrap();
        let spec = stored_spec(&serde_json::from_str(canonical).unwrap()).expect(canonical);
        assert_eq!(canonical_json(&spec, true), canonical);
        assert_eq!(canonical_json(&spec, false), known["unnamed"].as_str().unwrap());
        assert_eq!(digest(&spec).to_string(), known["digest"].as_str().unwrap(), "{canonical}");
        // Compares the texts, because the order of the members matters.
        let mut explicit = explicit_value(&spec);
        for row in &added {
            remove(&mut explicit, row.path);
        }
        assert_eq!(explicit.to_string(), known["explicit"].to_string());
        let form = submission_form(&spec, "label #m5arylcx7m", |_| Some("sbx-1".to_owned())).unwrap();
        let parts: Vec<Value> = form
            .parts
            .iter()
            .filter(|part| !is_added(&part.name))
            .map(|part| json!([part.name, part.content_type, String::from_utf8(part.value.clone()).unwrap()]))
            .collect();
        assert_eq!(json!(parts), known["form"], "{canonical}");
        let guess = estimate(&spec);
        let figures = json!([guess.seconds, guess.credits, guess.credits_at_most]);
        assert_eq!(figures.to_string(), known["estimate"].to_string(), "{canonical}");
        count += 1;
    }
    assert_eq!(count, 3_000);
}
