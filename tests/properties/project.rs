//! A project in a temporary directory, compiled by the library.

use std::collections::BTreeMap;
use std::fs;

use callsheet::project::{ProcessEnv, compile};
use callsheet::spec::digest;

/// File names with contents.
pub type Files<'a> = &'a [(&'a str, &'a str)];

/// Returns the digests by key of a project with these files, at a given time and with a given environment.
pub fn digests_at(files: Files<'_>, env: &[(&str, &str)], now: &str) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let world = ProcessEnv {
        env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        now: now.parse().unwrap(),
    };
    let compiled = compile(folder.path(), &world).unwrap();
    let faults: Vec<_> =
        compiled.report.iter().filter(|one| one.code.severity() == callsheet::diagnostic::Severity::Error).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    compiled.videos.iter().map(|video| (video.key.to_string(), digest(&video.spec).to_string())).collect()
}

/// Returns the digests by key.
pub fn digests(files: Files<'_>) -> BTreeMap<String, String> {
    digests_at(files, &[], "2026-11-22T11:00:00Z")
}
