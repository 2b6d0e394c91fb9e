//! Small videos, lockfiles and manifests, for tests of plans and their views.

#![expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a test with a wrong plan must stop")]

use std::sync::Arc;

use super::{Plan, PlanOptions, plan};
use crate::fields::VENDOR;
use crate::lockfile::{Lockfile, Record, StoredSpec, Take, TakeId, TakeState};
use crate::source::{FileId, Origin, SourceFile, Sources};
use crate::spec::test_support::spec;
use crate::spec::{OwnValue, Provenance, ValueSource, Video, canonical_json, digest, marker, submitted_name};

/// The host of all tests.
pub const HOST: &str = "devapi.vidnoz.com";
/// `speed` is in line 3, column 12, `text` in line 4, column 11.
pub const MANIFEST: &str = "voices:\n  narrator:\n    speed: 1.1\n    text: Hello\n";

/// Returns the only manifest, file 0.
pub fn sources() -> Sources {
    let mut sources = Sources::new();
    sources.add(SourceFile::new("voices.yaml", "/p/voices.yaml", MANIFEST));
    sources
}

/// Returns a speaking video whose speed and text come from [`MANIFEST`].
pub fn video(key: &str, text: &str) -> Video {
    let at = |needle: &str| {
        let start = MANIFEST.find(needle).unwrap() as u32;
        Origin::new(FileId(0), start, start + needle.len() as u32)
    };
    let given = |path: &str, needle: &str| {
        let field = VENDOR.find(path).unwrap().into();
        OwnValue { field, source: ValueSource::Video, origin: at(needle) }
    };
    let given = [given("voice.tts.text", "Hello"), given("voice.tts.speed", "1.1")].into();
    let spec = spec(text).with("name", key);
    Video {
        key: key.into(),
        digest: digest(&spec),
        spec,
        provenance: Arc::new(Provenance { layers: Box::default(), given }),
        declared_at: at("narrator"),
        row: None,
    }
}

/// Returns the same video with another value for a field.
pub fn with(video: Video, path: &str, json: impl Into<serde_json::Value>) -> Video {
    let spec = video.spec.with(path, json);
    Video { digest: digest(&spec), spec, ..video }
}

/// Returns the same video with another speed.
pub fn at_speed(video: Video, speed: f64) -> Video {
    with(video, "voice.tts.speed", speed)
}

/// Returns the same video with another `take` number.
pub fn take_number(video: Video, take: u32) -> Video {
    with(video, "take", take)
}

/// Returns the line that a submission of a video leaves.
pub fn line(video: &Video, attempt: u32, state: TakeState, minute: u32) -> Take {
    let digest = video.digest;
    let id = TakeId { host: HOST.into(), digest, attempt };
    let at = format!("2026-11-22T11:{minute:02}:00Z").parse().unwrap();
    Take {
        name: Some(submitted_name(video.spec.name(), &marker(&digest, attempt))),
        task: (state.is_paid() || state == TakeState::Failed).then(|| format!("task-{}-{attempt}", video.key)),
        message: (state == TakeState::Failed).then(|| "no such voice".to_owned()),
        spec: StoredSpec::new(canonical_json(&video.spec, true)),
        ..Take::new(id, Arc::clone(&video.key), state, at)
    }
}

/// Returns a lockfile of lines.
pub fn lockfile(lines: impl IntoIterator<Item = Take>) -> Lockfile {
    let mut lockfile = Lockfile::default();
    for line in lines {
        lockfile.insert(Record::Take(line));
    }
    lockfile
}

/// Returns the options for production at [`HOST`].
pub fn options() -> PlanOptions {
    PlanOptions { environment: "production".into(), host: HOST.into(), ..PlanOptions::default() }
}

/// Returns the plan with [`options`] and [`sources`].
pub fn planned(videos: &[Video], lockfile: &Lockfile) -> Plan {
    plan(videos, &sources(), lockfile, &options())
}
