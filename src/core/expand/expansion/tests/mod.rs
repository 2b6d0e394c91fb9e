//! From YAML text to videos and messages.
#![expect(clippy::format_push_string, clippy::format_collect, reason = "text is built for reading, not for speed")]

mod errors;
mod media;
mod presets;
mod properties;
mod provenance;
mod rows;
mod scenes;
mod scripts;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use super::*;
use crate::diagnostic::Severity;
use crate::expand::{preset_provenance, trace};
use crate::fields::VENDOR;
use crate::manifest::{decode, merge};
use crate::source::SourceFile;
use crate::spec::key;
use crate::spec::{InstanceTrace, PresetProvenance};
use crate::yaml;

/// Presets and defaults that complete a video with only a script.
pub(super) const BASE: &str = r##"callsheet: 1
avatars:
  anna: { id: AVATAR1, style: half }
voices:
  narrator: { tts: { id: VOICE1, speed: 1.05 } }
backgrounds:
  plain: { color: "#F4F4F4" }
defaults: { avatar: anna, voice: narrator, background: plain }
"##;

/// A project in its own directory.
pub(super) struct Project {
    directory: tempfile::TempDir,
    env: BTreeMap<String, String>,
}

/// The videos and messages of a project, as text.
pub(super) struct Outcome {
    pub expansion: Expansion,
    pub report: Report,
    pub sources: Sources,
}

impl Project {
    pub fn new(manifest: &str) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), env: BTreeMap::new() }.file("callsheet.yaml", manifest)
    }

    /// The base with additional videos.
    pub fn videos(videos: &str) -> Self {
        Self::new(&format!("{BASE}videos:\n{videos}"))
    }

    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    pub fn root(&self) -> PathBuf {
        self.directory.path().to_path_buf()
    }

    pub fn expand(&self) -> Outcome {
        self.expand_files(&["callsheet.yaml"])
    }

    /// Reads and checks the manifests, the root first.
    fn read(&self, names: &[&str]) -> (Manifest, Sources, Report) {
        let (mut sources, mut report) = (Sources::new(), Report::new());
        let mut decoded = Vec::new();
        for name in names {
            let path = self.root().join(name);
            let text = std::fs::read_to_string(&path).unwrap();
            let id = sources.add(SourceFile::new(*name, path, text));
            let Some(tree) = yaml::parse(id, sources.get(id), &mut report) else { continue };
            decoded.push(decode(&tree, &mut report));
        }
        let manifest = merge(decoded, &[], &mut report);
        (manifest, sources, report)
    }

    /// The traces of some instances, and the sources of their origins.
    pub fn trace(&self, keys: &[&str]) -> (HashMap<Arc<str>, InstanceTrace>, Sources) {
        let (manifest, mut sources, _) = self.read(&["callsheet.yaml"]);
        let keys = keys.iter().map(|key| Arc::from(*key)).collect();
        let traces = trace(&manifest, self.inputs(&self.root(), &mut sources), &keys, &[]).unwrap();
        (traces, sources)
    }

    /// The provenance of `voices.NAME`.
    pub fn voice(&self, name: &str) -> Option<PresetProvenance> {
        let (manifest, mut sources, _) = self.read(&["callsheet.yaml"]);
        let voice = VENDOR.find("voice").unwrap();
        preset_provenance(&manifest, self.inputs(&self.root(), &mut sources), voice, name).unwrap()
    }

    fn inputs<'a>(&'a self, root: &'a Path, sources: &'a mut Sources) -> ExpandInputs<'a> {
        ExpandInputs { root, sources, env: &self.env, now: "2026-11-22T12:00:00Z".parse().unwrap() }
    }

    /// Expands with a limit other than [`MAX_VIDEOS`].
    pub fn expand_at_most(&self, max_videos: usize) -> Outcome {
        let (manifest, mut sources, mut report) = self.read(&["callsheet.yaml"]);
        let (root, mut expansion) = (self.root(), Expansion::default());
        let mut take = |video| expansion.videos.push(video);
        let mut run = prepare(&manifest, self.inputs(&root, &mut sources), &mut report, &mut take);
        run.max_videos = max_videos;
        run.expand_all();
        Outcome { expansion, report, sources }
    }

    pub fn expand_files(&self, names: &[&str]) -> Outcome {
        let (manifest, mut sources, mut report) = self.read(names);
        let root = self.root();
        let expansion = expand(&manifest, self.inputs(&root, &mut sources), &mut report);
        Outcome { expansion, report, sources }
    }
}

impl Outcome {
    /// The keys of all videos. Panics if there is an error.
    pub fn keys(&self) -> Vec<&str> {
        assert!(!self.report.has_errors(), "{:#?}", self.lines());
        self.expansion.videos.iter().map(|video| &*video.key).collect()
    }

    /// The only video.
    pub fn video(&self) -> &Video {
        assert!(!self.report.has_errors(), "{:#?}", self.lines());
        assert_eq!(self.expansion.videos.len(), 1);
        &self.expansion.videos[0]
    }

    /// The texts of all videos.
    pub fn texts(&self) -> Vec<&str> {
        assert!(!self.report.has_errors(), "{:#?}", self.lines());
        self.expansion.videos.iter().map(text).collect()
    }

    /// Each message on one line: `code file:line:column message | label | help | row | key`.
    pub fn lines(&self) -> Vec<String> {
        self.report.iter().map(|one| self.line(one)).collect()
    }

    fn line(&self, one: &Diagnostic) -> String {
        let mut line = one.code.name().to_owned();
        if let Some(primary) = &one.primary {
            let (file, place) = self.sources.locate(primary.origin);
            line += &format!(" {file}:{}:{} `{}`", place.line, place.column, self.under(primary.origin));
        }
        if let Some(file) = &one.file {
            line += &format!(" {}:{}", file.file, file.line);
        }
        line += &format!(" {}", one.message);
        if let Some(label) = one.primary.as_ref().map(|label| &label.text).filter(|text| !text.is_empty()) {
            line += &format!(" | {label}");
        }
        for help in &one.help {
            line += &format!(" | {help}");
        }
        if let Some(row) = &one.row {
            line += &format!(" | row {}:{}", row.file, row.line);
        }
        if let Some(key) = &one.key {
            line += &format!(" | key {key}");
        }
        if one.severity == Severity::Warning { format!("warning {line}") } else { line }
    }

    fn under(&self, origin: crate::source::Origin) -> String {
        self.sources.text(origin.file, origin.span).chars().take(30).collect()
    }
}

/// A spec as JSON, from its canonical text.
pub(super) fn json(video: &Video) -> serde_json::Value {
    serde_json::from_str(&crate::spec::canonical_json(&video.spec, true)).unwrap()
}

/// Line and text of the origin of a field's value.
pub(super) fn origin<'a>(outcome: &'a Outcome, video: &Video, path: &str) -> Option<(u32, &'a str)> {
    let origin = video.provenance.origin(VENDOR.find(path).unwrap().into())?;
    Some((outcome.sources.locate(origin).1.line, outcome.sources.text(origin.file, origin.span)))
}

pub(super) fn text(video: &Video) -> &str {
    video.spec.read(key::SPEECH).unwrap_or_else(|| panic!("{:?} has no text", video.spec))
}
