//! Paths in manifests: relative to the naming file, and never outside the project root, with links resolved.

use std::path::{Component, Path, PathBuf};

use thiserror::Error;

/// The reason why a path of a manifest is rejected.
#[derive(Debug, Error)]
pub enum ConfineError {
    /// The path is absolute.
    #[error("`{0}` is absolute")]
    Absolute(String),
    /// The path, with links resolved, is outside the project root.
    #[error("`{0}` leaves the project root")]
    Outside(String),
    /// A part begins with a dot, as written or with links resolved: `.git/config`, `.env`.
    #[error("`{0}` is hidden: no part of a path may begin with a dot")]
    Hidden(String),
    /// The path does not exist.
    #[error("`{0}` does not exist")]
    Missing(String),
    /// The path is not a regular file: a directory, a FIFO, a device, a socket.
    #[error("`{0}` is not a regular file")]
    NotAFile(String),
    /// A system error.
    #[error("cannot open `{0}`: {1}")]
    Io(String, #[source] std::io::Error),
}

/// Resolves `path`, relative to `naming_file`, with links. Ensures that the file is inside `root`.
///
/// Never opens the file, so it rejects a FIFO instead of waiting for it.
///
/// # Errors
/// See [`ConfineError`].
pub fn confine(root: &Path, naming_file: &Path, path: &str) -> Result<PathBuf, ConfineError> {
    let shown = || path.to_owned();
    let asked = Path::new(path);
    if asked.is_absolute() || matches!(asked.components().next(), Some(Component::Prefix(_) | Component::RootDir)) {
        return Err(ConfineError::Absolute(shown()));
    }
    if has_hidden_part(asked) {
        return Err(ConfineError::Hidden(shown()));
    }
    let io = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => ConfineError::Missing(shown()),
        _ => ConfineError::Io(shown(), error),
    };
    let root = root.canonicalize().map_err(io)?;
    let folder = naming_file.parent().unwrap_or(&root).canonicalize().map_err(io)?;
    if escapes_root(&root, &folder, asked) {
        return Err(ConfineError::Outside(shown()));
    }
    let real = folder.join(asked).canonicalize().map_err(io)?;
    match real.strip_prefix(&root) {
        Ok(inside) if has_hidden_part(inside) => return Err(ConfineError::Hidden(shown())),
        Ok(_) => {}
        Err(_) => return Err(ConfineError::Outside(shown())),
    }
    let meta = real.metadata().map_err(io)?;
    if meta.is_file() { Ok(real) } else { Err(ConfineError::NotAFile(shown())) }
}

/// Returns `true` if a part of a path begins with a dot, except `.` and `..`. Secrets and files of tools have such
/// names.
pub fn has_hidden_part(path: &Path) -> bool {
    let hidden =
        |part: Component<'_>| matches!(part, Component::Normal(name) if name.as_encoded_bytes().starts_with(b"."));
    path.components().any(hidden)
}

/// Returns `true` if the path as written leaves the root, so that the file system outside is not even accessed.
fn escapes_root(root: &Path, folder: &Path, asked: &Path) -> bool {
    let mut depth = folder.strip_prefix(root).map_or(0, |inside| inside.components().count());
    for part in asked.components() {
        match part {
            Component::ParentDir if depth == 0 => return true,
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            _ => {}
        }
    }
    false
}
