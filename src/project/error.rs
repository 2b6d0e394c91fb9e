//! Errors that stop an operation, other than the author's mistakes.

use std::path::PathBuf;

use thiserror::Error;

use crate::catalog::CatalogError;
use crate::lockfile::StoreError;

/// An error that stopped an operation. Each message contains the next step.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// No root manifest was found.
    #[error("no `callsheet.yaml` in `{0}` or above it; `callsheet init` starts a project")]
    NoProject(PathBuf),
    /// `-C` names a directory without a root manifest.
    #[error("no `callsheet.yaml` in `{0}`; `callsheet init` starts a project there")]
    NoManifest(PathBuf),
    /// `-C` names a file.
    #[error("`{0}` is a file; `-C` takes the directory that holds `callsheet.yaml`")]
    NotADirectory(PathBuf),
    /// `-C` names a path that does not exist.
    #[error("there is no directory `{0}`; `callsheet init` makes it and starts a project there")]
    NoDirectory(PathBuf),
    /// The root manifest has the other extension.
    #[error("`{0}` is not read: rename it to `callsheet.yaml`")]
    Misnamed(PathBuf),
    /// An environment that is neither built in nor declared, and all known names, joined.
    #[error("environment `{0}` is not declared under `environments`; known: {1}")]
    UnknownEnvironment(String, String),
    /// A base URL that cannot be used. Errors in manifests are diagnostics instead.
    #[error("`CALLSHEET_BASE_URL` {0}")]
    BaseUrl(&'static str),
    /// A glob or key that selects nothing, and a hint that starts with `;` or is empty.
    #[error("no video matches `{0}`{1}")]
    NoMatch(String, String),
    /// A name of neither a video nor a preset, and a hint that starts with `;` or is empty.
    #[error("there is no video or preset `{0}`{1}")]
    NothingNamed(String, String),
    /// The base key of several videos, and the first keys, joined.
    #[error("`{0}` is the base key of several videos; name one: {1}")]
    BaseKey(String, String),
    /// An error of the lockfile.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An error of the catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A file or directory that cannot be read or written.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// `read`, `write`, `make`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}

impl ProjectError {
    /// Creates an error for a system error about a path.
    pub fn io(action: &'static str, path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }
}
