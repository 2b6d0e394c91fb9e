//! Script and media files of videos. Ensures that they are inside the project, and reads each once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::similar_path::similar_path;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{has_template, normalize_speech};
use crate::media::{InspectError, inspect};
use crate::source::{
    ConfineError, FileId, Origin, ReadError, SourceFile, Sources, confine, conflict_range, is_lfs_pointer,
    leftover_conflict_range, read_text,
};
use crate::spec::{LocalFile, MediaKind};

/// A script file, in the form that is spoken or rendered.
#[derive(Clone, Debug)]
pub(super) struct Script {
    /// Its id in the sources.
    pub file: FileId,
    /// Its normalized text.
    pub text: Arc<str>,
    /// Whether it is a template.
    pub template: bool,
    /// The first of the conflict markers that its author forgot to remove.
    pub leftover: Option<Origin>,
}

impl Script {
    /// Returns the origin of the first control character that cannot be spoken.
    pub(super) fn control_character(&self) -> Option<Origin> {
        let (at, one) = self.text.char_indices().find(|(_, one)| one.is_control() && !matches!(one, '\n' | '\t'))?;
        Some(Origin::new(self.file, at as u32, (at + one.len_utf8()) as u32))
    }
}

/// The reason why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileError {
    pub code: Code,
    pub message: String,
    pub help: Option<String>,
    /// A path in the project that the author may have meant.
    pub similar: Option<String>,
    /// The origin in the file itself, if its content is invalid.
    pub place: Option<Origin>,
}

impl FileError {
    /// Creates a refusal with a code and a message only.
    pub(super) fn new(code: Code, message: String) -> Self {
        Self { code, message, help: None, similar: None, place: None }
    }
}

/// A media file and its use: the real path, and the kinds that the field accepts.
type MediaUse = (PathBuf, &'static [MediaKind]);

/// The files of an expansion.
pub(super) struct Files {
    root: PathBuf,
    real_root: PathBuf,
    scripts: HashMap<PathBuf, Result<Script, FileError>>,
    media: HashMap<MediaUse, Result<Arc<LocalFile>, FileError>>,
    /// Real paths, by the naming file and by the path as written.
    found: HashMap<FileId, HashMap<Box<str>, Result<PathBuf, FileError>>>,
}

impl Files {
    pub(super) fn new(root: &Path) -> Self {
        let real_root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        Self {
            root: root.to_path_buf(),
            real_root,
            scripts: HashMap::new(),
            media: HashMap::new(),
            found: HashMap::new(),
        }
    }

    /// Resolves a path as written in a manifest to the real file.
    pub(super) fn find(&mut self, naming: FileId, path: &str, sources: &Sources) -> Result<PathBuf, FileError> {
        let known = self.found.entry(naming).or_default();
        if let Some(found) = known.get(path) {
            return found.clone();
        }
        let naming = sources.get(naming).path();
        let found = confine(&self.root, naming, path).map_err(|error| {
            let similar = match &error {
                ConfineError::Missing(_) => similar_path(&self.root, naming, path),
                _ => None,
            };
            FileError { similar, ..FileError::new(Code::BadPath, error.to_string()) }
        });
        known.insert(path.into(), found.clone());
        found
    }

    /// Returns the display name of a real path.
    pub(super) fn name(&self, real: &Path) -> String {
        let parts = real.strip_prefix(&self.real_root).unwrap_or(real).components();
        parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// Returns a script file. Reads and registers each file once.
    pub(super) fn script(&mut self, real: PathBuf, sources: &mut Sources) -> Result<Script, FileError> {
        if let Some(known) = self.scripts.get(&real) {
            return known.clone();
        }
        let name = self.name(&real);
        let outcome = match read_text(&real) {
            Ok(text) => {
                let text: Arc<str> = normalize_speech(&text).into();
                let conflict = conflict_range(&text);
                let pointer = is_lfs_pointer(text.as_bytes());
                let template = has_template(&text);
                let file = sources.add(SourceFile::new(name, &real, Arc::clone(&text)));
                if pointer {
                    Err(lfs_pointer(&self.name(&real)))
                } else if let Some(line) = conflict {
                    let origin = Origin::new(file, line.start as u32, line.end as u32);
                    Err(FileError { place: Some(origin), ..Diagnostic::merge_conflict("", 0).into() })
                } else {
                    let leftover = leftover_conflict_range(&text)
                        .map(|line| Origin::new(file, line.start as u32, line.end as u32));
                    Ok(Script { file, text, template, leftover })
                }
            }
            Err(error) => Err(unread(&error, &name)),
        };
        self.scripts.insert(real, outcome.clone());
        outcome
    }

    /// Returns a media file of a field. Hashes and inspects each file once per kinds that a field accepts.
    pub(super) fn media(&mut self, real: PathBuf, kinds: &'static [MediaKind]) -> Result<Arc<LocalFile>, FileError> {
        let file = (real, kinds);
        if let Some(known) = self.media.get(&file) {
            return known.clone();
        }
        let outcome = inspect(&self.name(&file.0), &file.0, kinds).map_err(|error| match error {
            InspectError::LfsPointer(name) => lfs_pointer(&name),
            InspectError::Io(..) => FileError::new(Code::UnreadableFile, error.to_string()),
            InspectError::UnknownFormat { ref help, .. } => {
                FileError { help: help.clone(), ..FileError::new(Code::BadMedia, error.to_string()) }
            }
            _ => FileError::new(Code::BadMedia, error.to_string()),
        });
        self.media.insert(file, outcome.clone());
        outcome
    }
}

impl From<Diagnostic> for FileError {
    fn from(diagnostic: Diagnostic) -> Self {
        let help = diagnostic.help.into_iter().next();
        Self { help, ..Self::new(diagnostic.code, diagnostic.message) }
    }
}

fn lfs_pointer(name: &str) -> FileError {
    let message = format!("`{name}` is a Git LFS pointer, not its content");
    FileError { message, ..Diagnostic::lfs_pointer(name).into() }
}

fn unread(error: &ReadError, name: &str) -> FileError {
    let fault = Diagnostic::unreadable_file(name, error);
    let help = fault.help.into_iter().next().filter(|_| !matches!(error, ReadError::TooLarge(_)));
    FileError { help, ..FileError::new(fault.code, fault.message) }
}
