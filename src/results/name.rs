//! The names of saved files, by a template of fields (written by [`file_stem`]). They are predictable, and two videos
//! never share a file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use crate::spec::{Digest, LONGEST_STEM, file_stem, unreserved};

/// The default template of names.
pub const DEFAULT_TEMPLATE: &str = "{key}.{ext}";
/// The vendor's only format.
const EXTENSION: &str = "mp4";

/// The reason why names cannot be used. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// An unknown field.
    #[error(
        "`--name` has no field `{{{0}}}`; use `{{key}}`, `{{base}}`, `{{digest}}`, `{{attempt}}`, `{{env}}` or `{{ext}}`"
    )]
    Field(String),
    /// A brace without its counterpart.
    #[error("`--name` has an unmatched brace; write `{{key}}.{{ext}}`")]
    Brace,
    /// A path that leaves the directory, or a part that no system accepts.
    #[error("`--name` makes `{0}`, which is not the name of a file below the folder: {1}")]
    Unusable(String, &'static str),
    /// Two videos with one file name.
    #[error(
        "`{0}` and `{1}` would both be saved as `{2}`; nothing was downloaded; `--name '{{key}}.{{digest}}.{{ext}}'` makes the names unique"
    )]
    Collision(Arc<str>, Arc<str>, String),
}

/// The input of a name.
#[derive(Clone, Debug)]
pub struct Named<'a> {
    /// The key.
    pub key: &'a Arc<str>,
    /// The content.
    pub digest: &'a Digest,
    /// The attempt.
    pub attempt: u32,
}

/// The template of `--name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTemplate {
    parts: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Key,
    Base,
    Digest,
    Attempt,
    Env,
    Ext,
}

impl NameTemplate {
    /// Parses a template: `{key}.{ext}`.
    ///
    /// # Errors
    /// Unknown fields, unmatched braces.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            if rest[open..].starts_with('}') {
                return Err(NameError::Brace);
            }
            let close = rest[open..].find('}').ok_or(NameError::Brace)? + open;
            if open > 0 {
                parts.push(Piece::Text(rest[..open].to_owned()));
            }
            parts.push(match &rest[open + 1..close] {
                "key" => Piece::Key,
                "base" => Piece::Base,
                "digest" => Piece::Digest,
                "attempt" => Piece::Attempt,
                "env" => Piece::Env,
                "ext" => Piece::Ext,
                other => return Err(NameError::Field(other.to_owned())),
            });
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            parts.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    fn fill(&self, named: &Named<'_>, env: &str) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Key => file_stem(named.key),
            Piece::Base => file_stem(named.key.split_once('[').map_or(&**named.key, |(base, _)| base)),
            Piece::Digest => named.digest.hex()[..12].to_owned(),
            Piece::Attempt => named.attempt.to_string(),
            Piece::Env => file_stem(env),
            Piece::Ext => EXTENSION.to_owned(),
        };
        self.parts.iter().map(piece).collect()
    }
}

/// Returns the names of all videos, relative to the directory, in order. Each name belongs to one video, ignoring case.
///
/// # Errors
/// See [`NameError`].
pub fn file_names(all: &[Named<'_>], template: &NameTemplate, env: &str) -> Result<Vec<PathBuf>, NameError> {
    let mut taken: BTreeMap<String, &Arc<str>> = BTreeMap::new();
    let mut names = Vec::with_capacity(all.len());
    for named in all {
        let name = template.fill(named, env);
        if let Some(why) = unusable(&name) {
            return Err(NameError::Unusable(name, why));
        }
        let name = name.split('/').map(unreserved).collect::<Vec<_>>().join("/");
        // Whether `A.mp4` and `a.mp4` are one file depends on the system.
        if let Some(other) = taken.insert(name.to_lowercase(), named.key) {
            return Err(NameError::Collision(Arc::clone(other), Arc::clone(named.key), name));
        }
        names.push(PathBuf::from(name));
    }
    Ok(names)
}

fn unusable(name: &str) -> Option<&'static str> {
    let odd = |one: char| one.is_control() || "<>:\"|?*\\".contains(one);
    if name.chars().any(odd) {
        return Some("it has a character that some systems reject");
    }
    for part in name.split('/') {
        if part.is_empty() {
            return Some("a part of it is empty");
        }
        if part.starts_with('.') {
            return Some("a part of it begins with a dot; such names are for partial downloads");
        }
        if part.ends_with(['.', ' ']) {
            return Some("a part of it ends in a dot or a space");
        }
        if part.len() > LONGEST_STEM + 40 {
            return Some("a part of it is too long");
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest() -> Digest {
        Digest::parse("v1:0123456789abcdef0123456789abcdef").unwrap()
    }

    fn names(keys: &[&str], template: &str) -> Result<Vec<String>, NameError> {
        let (keys, digest) = (keys.iter().map(|key| Arc::from(*key)).collect::<Vec<Arc<str>>>(), digest());
        let all: Vec<Named<'_>> = keys.iter().map(|key| Named { key, digest: &digest, attempt: 2 }).collect();
        let made = file_names(&all, &NameTemplate::parse(template)?, "staging")?;
        Ok(made.into_iter().map(|path| path.to_str().unwrap().to_owned()).collect())
    }

    fn plain(key: &str) -> String {
        names(&[key], DEFAULT_TEMPLATE).unwrap().remove(0)
    }

    #[test]
    fn keys_become_names_that_every_system_takes() {
        for (key, name) in [
            ("welcome", "welcome.mp4"),
            ("onboarding[de,pro]", "onboarding.de.pro.mp4"),
            ("thanks[1042]", "thanks.1042.mp4"),
            ("a[x/y\\z:1]", "a.x-y-z-1.mp4"),
            ("a[..]", "a....mp4"),
            ("a[São Paulo,東京]", "a.São-Paulo.東京.mp4"),
            ("a[e\u{301}]", "a.e-.mp4"),
            ("a[\u{202e}txt]", "a.-txt.mp4"),
            ("aux", "aux_.mp4"),
            ("COM1[a]", "COM1_.a.mp4"),
            ("console", "console.mp4"),
        ] {
            assert_eq!(plain(key), name, "{key}");
        }
    }

    #[test]
    fn long_keys_are_cut_and_stay_apart() {
        let key = |end: &str| format!("a[{}{end}]", "ö".repeat(100));
        let both = names(&[&key("x"), &key("y")], DEFAULT_TEMPLATE).unwrap();
        assert!(both[0] != both[1] && both.iter().all(|name| name.len() <= LONGEST_STEM + 4), "{both:?}");
    }

    #[test]
    fn two_videos_never_share_a_file_whatever_the_case() {
        for (one, other) in [("a[b]", "a.b"), ("a[B]", "a[b]"), ("a[x y]", "a[x-y]"), ("ÄB", "äb")] {
            let error = names(&[one, other], DEFAULT_TEMPLATE).unwrap_err();
            assert!(matches!(error, NameError::Collision(..)), "{one} {other}: {error}");
        }
        assert!(names(&["a", "b"], "film.{ext}").is_err());
        let error = names(&["a[B]", "a[b]"], DEFAULT_TEMPLATE).unwrap_err().to_string();
        assert!(error.starts_with("`a[B]` and `a[b]` would both be saved as `a.b.mp4`"), "{error}");
    }

    #[test]
    fn templates_have_fields_and_folders_and_stay_below() {
        assert_eq!(
            names(&["a[b]"], "{env}/{base}/{key}-{digest}-{attempt}.{ext}").unwrap(),
            ["staging/a/a.b-0123456789ab-2.mp4"]
        );
        for wrong in ["../{key}", "/{key}", "{key}/", "a//{key}", ".{key}", "{key}.", "{key}:{ext}", "a\\{key}"] {
            assert!(matches!(names(&["k"], wrong), Err(NameError::Unusable(..))), "{wrong}");
        }
        assert!(matches!(names(&["k"], "{kye}"), Err(NameError::Field(_))));
        for wrong in ["{key", "key}", "{"] {
            assert_eq!(names(&["k"], wrong), Err(NameError::Brace), "{wrong}");
        }
    }
}
