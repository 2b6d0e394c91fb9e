//! The modeline of a manifest, which names its schema for the YAML language server.

use std::path::{Component, Path, PathBuf};

/// The path of the project's schema, relative to the root.
pub const SCHEMA_FILE: &str = ".callsheet/schema.json";

/// Returns `true` if the leading comments of a manifest name the project's schema. `name` is relative to the root.
pub fn names_schema(name: &str, text: &str) -> bool {
    let directory = Path::new(name).parent().unwrap_or(Path::new(""));
    modeline(text).is_some_and(|named| is_schema(&directory.join(named)))
}

/// Returns the schema that a document's leading comments name for the YAML language server.
fn modeline(text: &str) -> Option<String> {
    let mut head =
        text.lines().map(str::trim).take_while(|line| line.is_empty() || line.starts_with('#') || *line == "---");
    head.find_map(|line| {
        let words = line.strip_prefix('#')?;
        // As in the language server: without the space, this is not a modeline.
        let words = words.strip_prefix([' ', '\t'])?.trim_start();
        let named = match words.strip_prefix("yaml-language-server") {
            Some(rest) => {
                rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix("$schema")?.strip_prefix('=')?
            }
            None => words.strip_prefix("$schema:")?,
        };
        named.split_whitespace().next().map(|named| named.replace("%20", " "))
    })
}

/// Returns `true` if a path relative to the root is the project's schema.
fn is_schema(path: &Path) -> bool {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !plain.pop() {
                    return false;
                }
            }
            part => plain.push(part),
        }
    }
    plain == Path::new(SCHEMA_FILE)
}

/// Returns the modeline of a manifest, by its name relative to the root.
pub fn modeline_of(name: &str) -> String {
    let up = "../".repeat(name.matches('/').count());
    format!("# yaml-language-server: $schema={up}{SCHEMA_FILE}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modeline_is_read_as_the_server_reads_it() {
        let named = |text: &str| modeline(text);
        assert_eq!(named("# yaml-language-server: $schema=a.json\ncallsheet: 1").as_deref(), Some("a.json"));
        assert_eq!(named("# a word\n\n---\n#  yaml-language-server : $schema=a.json more").as_deref(), Some("a.json"));
        assert_eq!(named("# $schema: ../a%20b.json\n").as_deref(), Some("../a b.json"));
        assert_eq!(named("#yaml-language-server: $schema=a.json\n"), None);
        assert_eq!(named("callsheet: 1\n# yaml-language-server: $schema=a.json\n"), None);
    }

    #[test]
    fn the_schema_is_known_from_every_folder() {
        for name in ["callsheet.yaml", "videos/a.yaml", "a/b/c.yaml"] {
            let line = modeline_of(name);
            let directory = Path::new(name).parent().unwrap();
            assert!(is_schema(&directory.join(modeline(&line).unwrap())), "{line}");
        }
        assert!(is_schema(Path::new("./x/../.callsheet/schema.json")));
        assert!(!is_schema(Path::new("../.callsheet/schema.json")));
        assert!(!is_schema(Path::new("schema/callsheet.schema.json")));
    }
}
