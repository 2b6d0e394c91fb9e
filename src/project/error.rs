//! What stops a use of the front door, other than the author's mistakes.

use std::path::PathBuf;

use thiserror::Error;

use crate::catalog::CatalogError;
use crate::lockfile::StoreError;

/// Why a use stopped; each says what to do.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// No root manifest was found.
    #[error("no `callsheet.yaml` in `{0}` or above it; `callsheet init` starts a project")]
    NoProject(PathBuf),
    /// `-C` names a folder without one.
    #[error("no `callsheet.yaml` in `{0}`; `callsheet -C {0} init` starts a project there")]
    NoManifest(PathBuf),
    /// `-C` names a file.
    #[error("`{0}` is a file; `-C` takes the folder that holds `callsheet.yaml`")]
    NotAFolder(PathBuf),
    /// `-C` names nothing.
    #[error("there is no folder `{0}`; `callsheet -C {0} init` makes it and starts a project there")]
    NoFolder(PathBuf),
    /// The root manifest has the other extension.
    #[error("`{0}` is not read: rename it to `callsheet.yaml`")]
    Misnamed(PathBuf),
    /// An environment that is neither built in nor declared.
    #[error("environment `{name}` is not declared under `environments`; known: {known}")]
    UnknownEnvironment {
        /// The name asked for.
        name: String,
        /// All names, joined.
        known: String,
    },
    /// A base URL that cannot be used; those of manifests are diagnostics.
    #[error("`CALLSHEET_BASE_URL` {0}")]
    BaseUrl(&'static str),
    /// A glob or key selects nothing.
    #[error("no video matches `{glob}`{hint}")]
    NoMatch {
        /// What was asked for.
        glob: String,
        /// A hint that starts with `;`, or nothing.
        hint: String,
    },
    /// Neither a video nor a preset has the name.
    #[error("no video and no preset is `{word}`{hint}")]
    NoSubject {
        /// What was asked for.
        word: String,
        /// A hint that starts with `;`, or nothing.
        hint: String,
    },
    /// The lockfile.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A file or folder could not be read or written.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// `read`, `write`, `make`.
        action: &'static str,
        /// What.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
}

impl ProjectError {
    /// An error of the system about a path.
    pub fn io(action: &'static str, path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }
}
