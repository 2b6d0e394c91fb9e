//! The audit: compares what the vendor would bill with the lockfile.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;

use callsheet::lockfile::{Level, verify};
use callsheet::project::{ProcessEnv, compile, desired_videos};
use serde_json::Value;

use super::project::Project;
use super::vendor::{Accepted, Vendor};

/// The content of a project: digest to spoken text, and digest to key.
pub struct Audit {
    texts: HashMap<String, String>,
}

/// The content of the lockfile for one digest, from all its lines.
#[derive(Debug, Default)]
struct Entry {
    /// Task and video ids of lines with the state `submitted` or a later one.
    ids: HashSet<String>,
    /// Attempts with an intent and no later state.
    doubts: HashSet<u64>,
}

impl Audit {
    pub fn of(project: &Project) -> Self {
        let compiled = compile(&project.root(), &ProcessEnv::from_process()).unwrap();
        assert!(!compiled.report.has_errors(), "the project of the test is invalid");
        let texts = desired_videos(&compiled, None).into_iter().map(|one| {
            let text = one.spec.spoken_texts().next().expect("a spoken text");
            (one.digest.to_string(), text.to_owned())
        });
        Self { texts: texts.collect() }
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Checks that the lockfile is readable.
    pub fn readable(project: &Project) {
        let Ok(bytes) = fs::read(project.lock()) else { return };
        let text = String::from_utf8(bytes).unwrap();
        let errors: Vec<_> =
            verify("callsheet.lock", &text).into_iter().filter(|one| one.level == Level::Error).collect();
        assert!(errors.is_empty(), "{errors:?}\n{text}");
    }

    /// Checks that the vendor accepted nothing twice.
    pub fn no_duplicates(vendor: &Vendor) {
        let mut seen: HashMap<String, Accepted> = HashMap::new();
        for one in vendor.accepted() {
            let before = seen.insert(one.text.clone(), one.clone());
            assert!(before.is_none(), "PAID TWICE: {before:?} and {one:?}");
        }
    }

    /// Checks that each accepted submission is in the lockfile, either as paid under its own id or in doubt.
    pub fn nothing_lost(&self, project: &Project, vendor: &Vendor) {
        let accepted = vendor.accepted();
        let entries = entries(project);
        for one in accepted {
            let digest = self.digest(&one.text);
            let known =
                entries.get(digest).is_some_and(|entry| !entry.doubts.is_empty() || entry.ids.contains(&one.task));
            let adopted = entries.get(digest).is_some_and(|entry| entry.ids.contains(&one.video));
            assert!(known || adopted, "LOST: {one:?}, the lockfile has {:?}", entries.get(digest));
        }
    }

    /// Checks the end: each content is accepted exactly once and recorded under its id, and nothing is in doubt.
    pub fn closed(&self, project: &Project, vendor: &Vendor) {
        Self::readable(project);
        Self::no_duplicates(vendor);
        let accepted = vendor.accepted();
        let entries = entries(project);
        assert_eq!(accepted.len(), self.len(), "not all were accepted");
        for one in accepted {
            let entry = entries.get(self.digest(&one.text)).unwrap_or_else(|| panic!("LOST: {one:?}"));
            assert!(entry.ids.contains(&one.task) || entry.ids.contains(&one.video), "LOST: {one:?} {entry:?}");
            assert!(entry.doubts.is_empty(), "still in doubt: {one:?} {entry:?}");
        }
    }

    /// Returns the keys in doubt, each with whether the vendor has accepted it.
    pub fn doubts(&self, project: &Project, vendor: &Vendor) -> Vec<(String, bool)> {
        let accepted: HashSet<String> = vendor.accepted().into_iter().map(|one| one.text).collect();
        let lines = lines(project);
        let key = |digest: &str| {
            let line = lines.iter().find(|line| line["digest"] == digest).unwrap();
            line["key"].as_str().unwrap().to_owned()
        };
        let doubtful = entries(project).into_iter().filter(|(_, entry)| !entry.doubts.is_empty());
        doubtful.map(|(digest, _)| (key(&digest), accepted.contains(&self.texts[&digest]))).collect()
    }

    fn digest(&self, text: &str) -> &str {
        let found = self.texts.iter().find(|(_, known)| *known == text);
        found.unwrap_or_else(|| panic!("the vendor has `{text}`, which nobody wanted")).0
    }
}

/// Returns the readable lines as plain JSON. The audit does not use the lockfile reader that it checks.
fn lines(project: &Project) -> Vec<Value> {
    let text = fs::read_to_string(project.lock()).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn entries(project: &Project) -> BTreeMap<String, Entry> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let mut answered = HashSet::new();
    let lines = lines(project);
    for line in &lines {
        let (Some(digest), Some(state)) = (line["digest"].as_str(), line["state"].as_str()) else { continue };
        let entry = entries.entry(digest.to_owned()).or_default();
        if state != "intent" {
            answered.insert((digest.to_owned(), line["attempt"].as_u64().unwrap()));
        }
        if matches!(state, "submitted" | "done" | "pulled") {
            entry.ids.extend(["task", "video"].iter().filter_map(|id| Some(line.get(id)?.as_str()?.to_owned())));
        }
    }
    for line in lines.iter().filter(|line| line["state"] == "intent") {
        let (digest, attempt) = (line["digest"].as_str().unwrap(), line["attempt"].as_u64().unwrap());
        if !answered.contains(&(digest.to_owned(), attempt)) {
            entries.entry(digest.to_owned()).or_default().doubts.insert(attempt);
        }
    }
    entries
}
