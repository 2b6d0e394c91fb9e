//! Paths that manifests name: relative to the naming file, never out of the project root, links resolved.

use std::path::{Component, Path, PathBuf};

use thiserror::Error;

/// Why a path of a manifest is refused.
#[derive(Debug, Error)]
pub enum ConfineError {
    /// The path is absolute.
    #[error("`{0}` is absolute")]
    Absolute(String),
    /// The path, links resolved, lies outside the project root.
    #[error("`{0}` leaves the project root")]
    Outside(String),
    /// A part begins with a dot, as written or once links are resolved: `.git/config`, `.env`.
    #[error("`{0}` is hidden: no part of a path may begin with a dot")]
    Hidden(String),
    /// Nothing is there.
    #[error("`{0}` does not exist")]
    Missing(String),
    /// Something is there that is not a plain file: a folder, a FIFO, a device, a socket.
    #[error("`{0}` is not a regular file")]
    NotAFile(String),
    /// The system refused to look.
    #[error("cannot open `{0}`: {1}")]
    Io(String, #[source] std::io::Error),
}

/// The file that `path` names as seen from `naming_file`, links resolved, proved to lie under `root`.
///
/// The check never opens the file, so a FIFO is refused, not waited for.
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
    if leaves(&root, &folder, asked) {
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

/// Whether a part of a path begins with a dot, `.` and `..` aside: secrets and the files of tools have such names.
pub fn has_hidden_part(path: &Path) -> bool {
    let hidden =
        |part: Component<'_>| matches!(part, Component::Normal(name) if name.as_encoded_bytes().starts_with(b"."));
    path.components().any(hidden)
}

/// Whether the path climbs out of the root by its words alone, so that nothing outside is even looked at.
fn leaves(root: &Path, folder: &Path, asked: &Path) -> bool {
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
