//! Random specs with everything that version 0.1.0 derived from them.

use callsheet::spec::{canonical_json, digest, estimate, explicit_value, stored_spec};
use callsheet::vendor::submission_form;
use serde_json::{Value, json};

#[test]
fn random_specs_keep_their_digest_forms_and_estimate() {
    let mut count = 0;
    for line in include_str!("specs.jsonl").lines() {
        let known: Value = serde_json::from_str(line).unwrap();
        let canonical = known["canonical"].as_str().unwrap();
        let spec = stored_spec(&serde_json::from_str(canonical).unwrap()).expect(canonical);
        assert_eq!(canonical_json(&spec, true), canonical);
        assert_eq!(canonical_json(&spec, false), known["unnamed"].as_str().unwrap());
        assert_eq!(digest(&spec).to_string(), known["digest"].as_str().unwrap(), "{canonical}");
        // Compares the texts, because the order of the members matters.
        assert_eq!(explicit_value(&spec).to_string(), known["explicit"].to_string());
        let form = submission_form(&spec, "label #m5arylcx7m", |_| Some("sbx-1".to_owned())).unwrap();
        let parts: Vec<Value> = form
            .parts
            .iter()
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
