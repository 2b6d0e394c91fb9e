//! `init`: a commented starter project that validates, and what git must know; nothing that exists is changed but by adding lines.

use std::fs;
use std::path::{Path, PathBuf};

use super::ProjectError;
use crate::schema::{manifest_schema, to_pretty};
use crate::source::ROOT_MANIFEST;

const STARTER: &str = include_str!("starter.yaml");
const STARTER_SCRIPT: &str =
    "Welcome to {{ vars.product }}. This tour takes two minutes,\nand you can stop it at any time.\n";
const ATTRIBUTES: &str = "callsheet*.lock merge=union eol=lf";
const IGNORED: [&str; 2] = [".callsheet/", "dist/"];

/// What `init` did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scaffolded {
    /// New files, relative to the root.
    pub written: Vec<String>,
    /// Files that gained lines.
    pub extended: Vec<String>,
    /// Files that had all that is needed.
    pub kept: Vec<String>,
}

/// Starts a project in `folder`, which is made when it is missing.
///
/// # Errors
/// When a root manifest is there already, or the system refuses.
pub fn scaffold(folder: &Path) -> Result<Scaffolded, ProjectError> {
    fs::create_dir_all(folder).map_err(|error| ProjectError::io("make", folder, error))?;
    let mut done = Scaffolded::default();
    write_new(folder, ROOT_MANIFEST, STARTER, &mut done)?;
    if done.written.is_empty() {
        let exists = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "it is there already, and stays as it is");
        return Err(ProjectError::io("write", folder.join(ROOT_MANIFEST), exists));
    }
    write_new(folder, "scripts/tour.txt", STARTER_SCRIPT, &mut done)?;
    write_new(folder, ".callsheet/schema.json", &to_pretty(&manifest_schema()), &mut done)?;
    extend(folder, ".gitattributes", &[ATTRIBUTES], &mut done)?;
    extend(folder, ".gitignore", &IGNORED, &mut done)?;
    Ok(done)
}

fn write_new(folder: &Path, name: &str, text: &str, done: &mut Scaffolded) -> Result<(), ProjectError> {
    let path = folder.join(name);
    if path.symlink_metadata().is_ok() {
        done.kept.push(name.to_owned());
        return Ok(());
    }
    put(&path, text)?;
    done.written.push(name.to_owned());
    Ok(())
}

fn extend(folder: &Path, name: &str, lines: &[&str], done: &mut Scaffolded) -> Result<(), ProjectError> {
    let path = folder.join(name);
    let old = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(ProjectError::io("read", path, error)),
    };
    let missing: Vec<&str> =
        lines.iter().copied().filter(|line| !old.lines().any(|known| known.trim() == *line)).collect();
    if missing.is_empty() {
        done.kept.push(name.to_owned());
        return Ok(());
    }
    let is_new = old.is_empty();
    let mut text = old;
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for line in missing {
        text.push_str(line);
        text.push('\n');
    }
    put(&path, &text)?;
    if is_new {
        done.written.push(name.to_owned());
    } else {
        done.extended.push(name.to_owned());
    }
    Ok(())
}

fn put(path: &PathBuf, text: &str) -> Result<(), ProjectError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| ProjectError::io("make", parent, error))?;
    }
    fs::write(path, text).map_err(|error| ProjectError::io("write", path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_init_refuses_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".gitignore"), "target").unwrap();
        let done = scaffold(folder.path()).unwrap();
        assert_eq!(done.written, [ROOT_MANIFEST, "scripts/tour.txt", ".callsheet/schema.json", ".gitattributes"]);
        assert_eq!(done.extended, [".gitignore"]);
        assert_eq!(fs::read_to_string(folder.path().join(".gitignore")).unwrap(), "target\n.callsheet/\ndist/\n");
        assert!(scaffold(folder.path()).unwrap_err().to_string().contains("it is there already"));
    }
}
