//! What the room promises: the published file is current, every fault has its message, our walk agrees with the schema.

use std::path::Path;

use super::*;

/// The published file.
fn schema_path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/callsheet.schema.json")
}

#[test]
fn the_published_schema_is_current() {
    let wanted = to_pretty(&manifest_schema());
    if std::env::var_os("CALLSHEET_UPDATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(schema_path().parent().unwrap()).unwrap();
        std::fs::write(schema_path(), &wanted).unwrap();
    }
    let found = std::fs::read_to_string(schema_path()).unwrap_or_default();
    assert!(found == wanted, "schema/callsheet.schema.json is not current; run the test with CALLSHEET_UPDATE=1");
}
