//! `init`: creates a commented starter project that validates, and configures git. Only adds lines to existing files.

use std::fs;
use std::path::Path;

use super::{ProcessEnv, ProjectError, SCHEMA_FILE, compile, modeline_of, refresh_schema};
use crate::source::{ROOT_MANIFEST, read_regular, write_atomically};

const STARTER: &str = include_str!("starter.yaml");
const STARTER_SCRIPT: &str =
    "Welcome to {{ vars.product }}. This tour takes two minutes,\nand you can stop it at any time.\n";
/// The git attributes of lockfiles.
pub const LOCK_ATTRIBUTES: &str = "callsheet*.lock merge=union eol=lf";
const IGNORED: [&str; 2] = [".callsheet/", "dist/"];

/// The YAML extension of VS Code.
const EXTENSION: &str = "redhat.vscode-yaml";

/// The settings of VS Code: manifests without their own modeline use the project's schema too.
const SETTINGS: &str = r#"{
  "yaml.schemas": {
    ".callsheet/schema.json": ["callsheet.yaml", "videos/**/*.yaml"]
  }
}
"#;
const EXTENSIONS: &str = r#"{
  "recommendations": ["redhat.vscode-yaml"]
}
"#;

/// The result of `init`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scaffolded {
    /// New files, relative to the root.
    pub written: Vec<String>,
    /// Files to which lines were added.
    pub extended: Vec<String>,
    /// Files that needed no change.
    pub kept: Vec<String>,
    /// Optional additions to existing files, one sentence each.
    pub hints: Vec<String>,
}

/// Creates a project in `folder`, and the directory itself if it is missing.
///
/// # Errors
/// If a root manifest already exists, or a file cannot be written.
pub fn scaffold(directory: &Path, process_env: &ProcessEnv) -> Result<Scaffolded, ProjectError> {
    fs::create_dir_all(directory).map_err(|error| ProjectError::io("make", directory, error))?;
    let mut done = Scaffolded::default();
    let starter = format!("{}\n{STARTER}", modeline_of(ROOT_MANIFEST));
    write_new(directory, ROOT_MANIFEST, &starter, &mut done)?;
    if done.written.is_empty() {
        let exists = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "it already exists, and stays unchanged");
        return Err(ProjectError::io("write", directory.join(ROOT_MANIFEST), exists));
    }
    write_new(directory, "scripts/tour.txt", STARTER_SCRIPT, &mut done)?;
    match compile(directory, process_env).and_then(|compiled| refresh_schema(&compiled)) {
        Ok(true) => done.written.push(SCHEMA_FILE.to_owned()),
        Ok(false) => done.kept.push(SCHEMA_FILE.to_owned()),
        // The project is complete without the editor schema.
        Err(error) => done.hints.push(format!("the editor's schema is missing: {error}")),
    }
    vscode(directory, "settings.json", SETTINGS, SCHEMA_FILE, &mut done)?;
    vscode(directory, "extensions.json", EXTENSIONS, EXTENSION, &mut done)?;
    append_lines(directory, ".gitattributes", &[LOCK_ATTRIBUTES], &mut done)?;
    append_lines(directory, ".gitignore", &IGNORED, &mut done)?;
    Ok(done)
}

fn write_new(directory: &Path, name: &str, text: &str, done: &mut Scaffolded) -> Result<(), ProjectError> {
    let path = directory.join(name);
    if path.symlink_metadata().is_ok() {
        done.kept.push(name.to_owned());
        return Ok(());
    }
    write_file(directory, &path, text)?;
    done.written.push(name.to_owned());
    Ok(())
}

/// Writes a file for VS Code. If the file exists, adds a hint about missing settings instead: it may contain comments,
/// which rewriting would lose.
fn vscode(directory: &Path, name: &str, text: &str, needle: &str, done: &mut Scaffolded) -> Result<(), ProjectError> {
    let name = format!(".vscode/{name}");
    let hints = match read_own(&directory.join(&name)) {
        Ok(old) => !old.contains(needle),
        // An unreadable file is also left unchanged.
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    write_new(directory, &name, text, done)?;
    if hints {
        let inner: String = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        let inner = inner.trim_start_matches('{').strip_suffix('}').unwrap_or_default().trim();
        done.hints.push(format!("`{name}` stays unchanged; for the editor add to it: {inner}"));
    }
    Ok(())
}

/// Reads a text file. Does not follow a link, because it may lead to an endless device.
fn read_own(path: &Path) -> std::io::Result<String> {
    String::from_utf8(read_regular(path)?).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))
}

fn append_lines(directory: &Path, name: &str, lines: &[&str], done: &mut Scaffolded) -> Result<(), ProjectError> {
    let path = directory.join(name);
    if path.is_symlink() {
        done.hints.push(format!("`{name}` is a link and stays unchanged; add to it: {}", lines.join(", ")));
        return Ok(());
    }
    let old = match read_own(&path) {
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
    let gap = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
    write_file(directory, &path, &format!("{old}{gap}{}\n", missing.join("\n")))?;
    let list = if old.is_empty() { &mut done.written } else { &mut done.extended };
    list.push(name.to_owned());
    Ok(())
}

fn write_file(directory: &Path, path: &Path, text: &str) -> Result<(), ProjectError> {
    write_atomically(directory, path, text.as_bytes()).map_err(|error| ProjectError::io("write", path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_init_refuses_and_changes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(".gitignore"), "target").unwrap();
        let done = scaffold(directory.path(), &ProcessEnv::from_process()).unwrap();
        let [settings, extensions] = [".vscode/settings.json", ".vscode/extensions.json"];
        assert_eq!(
            done.written,
            [ROOT_MANIFEST, "scripts/tour.txt", SCHEMA_FILE, settings, extensions, ".gitattributes"]
        );
        assert!(done.hints.is_empty());
        assert_eq!(done.extended, [".gitignore"]);
        assert_eq!(fs::read_to_string(directory.path().join(".gitignore")).unwrap(), "target\n.callsheet/\ndist/\n");
        assert!(
            scaffold(directory.path(), &ProcessEnv::from_process())
                .unwrap_err()
                .to_string()
                .contains("it already exists")
        );
    }

    #[test]
    fn the_editors_files_are_left_alone_and_what_they_lack_is_said() {
        let directory = tempfile::tempdir().unwrap();
        let settings = "{ // mine\n  \"editor.tabSize\": 2 }\n";
        let extensions = "{ \"recommendations\": [\"redhat.vscode-yaml\"] }\n";
        for (name, text) in [("settings.json", settings), ("extensions.json", extensions)] {
            fs::create_dir_all(directory.path().join(".vscode")).unwrap();
            fs::write(directory.path().join(".vscode").join(name), text).unwrap();
        }
        let done = scaffold(directory.path(), &ProcessEnv::from_process()).unwrap();
        assert_eq!(fs::read_to_string(directory.path().join(".vscode/settings.json")).unwrap(), settings);
        assert_eq!(fs::read_to_string(directory.path().join(".vscode/extensions.json")).unwrap(), extensions);
        let wanted = "`.vscode/settings.json` stays unchanged; for the editor add to it: \"yaml.schemas\": \
                      { \".callsheet/schema.json\": [\"callsheet.yaml\", \"videos/**/*.yaml\"] }";
        assert_eq!(done.hints, [wanted]);
        let parsed: serde_json::Value = serde_json::from_str(SETTINGS).unwrap();
        assert!(parsed["yaml.schemas"][SCHEMA_FILE].is_array());
        assert!(EXTENSIONS.contains(EXTENSION));
    }
}
