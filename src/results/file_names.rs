//! Names of saved files, by a template of fields ([`file_stem`] says how keys are written): predictable, and never two
//! videos in one file.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use super::SubtitleFormat;
use crate::spec::{Digest, MAX_STEM_BYTES, escape_reserved, file_part, file_stem};

/// The default template of names.
pub const DEFAULT_TEMPLATE: &str = "{key}.{ext}";
/// The vendor's only format.
const EXTENSION: &str = "mp4";
/// A value of a field, to check a template without a video.
const TRIAL: &str = "x";

/// Why a template of names cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// An unknown field.
    #[error(
        "`{setting}` has no field `{{{field}}}`; use `{{key}}`, `{{base}}`, `{{name}}`, `{{matrix.AXIS}}`, `{{row.COLUMN}}`, `{{digest}}`, `{{attempt}}`, `{{env}}`, `{{ext}}`"
    )]
    Field {
        /// The flag or the setting.
        setting: &'static str,
        /// The field.
        field: String,
    },
    /// An unmatched brace.
    #[error("`{0}` has an unmatched brace; write `{{key}}.{{ext}}`")]
    Brace(&'static str),
    /// A path that leaves the folder, or a part that no system takes.
    #[error("`{0}` makes `{1}`, which is not a file name below the output directory: {2}")]
    Unusable(&'static str, String, &'static str),
}

/// A video without a unique file name. Other videos are not affected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameConflict {
    /// The name, or the template if a value is missing.
    pub name: String,
    /// The reason, with the next step.
    pub reason: String,
}

/// The parts of a name.
#[derive(Clone, Debug)]
pub struct NameInput<'a> {
    /// The key.
    pub key: &'a Arc<str>,
    /// The label at the vendor.
    pub label: &'a str,
    /// The content.
    pub digest: &'a Digest,
    /// The attempt.
    pub attempt: u32,
    /// The values of the matrix and of the row, by their fields.
    pub values: Option<&'a BTreeMap<String, String>>,
}

/// The template of `--name`, or of `pull.name` in the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTemplate {
    setting: &'static str,
    text: String,
    parts: Vec<NameSegment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum NameSegment {
    Text(String),
    Key,
    Base,
    Label,
    Digest,
    Attempt,
    Env,
    Ext,
    /// A value of the matrix or of the row: `matrix.locale`.
    Value(String),
}

impl NameTemplate {
    /// Reads a template: `{key}.{ext}`. `setting` names the flag or the setting in messages.
    ///
    /// # Errors
    ///
    /// Returns an error for an unknown field, a lonely brace, or text that makes no path below a directory.
    pub fn parse(text: &str, setting: &'static str) -> Result<Self, NameError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            if rest[open..].starts_with('}') {
                return Err(NameError::Brace(setting));
            }
            let close = rest[open..].find('}').ok_or(NameError::Brace(setting))? + open;
            if open > 0 {
                parts.push(NameSegment::Text(rest[..open].nfc().collect()));
            }
            parts.push(match &rest[open + 1..close] {
                "key" => NameSegment::Key,
                "base" => NameSegment::Base,
                "name" => NameSegment::Label,
                "digest" => NameSegment::Digest,
                "attempt" => NameSegment::Attempt,
                "env" => NameSegment::Env,
                "ext" => NameSegment::Ext,
                field => match field.split_once('.') {
                    Some(("matrix" | "row", name)) if !name.is_empty() => NameSegment::Value(field.to_owned()),
                    _ => return Err(NameError::Field { setting, field: field.to_owned() }),
                },
            });
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            parts.push(NameSegment::Text(rest.nfc().collect()));
        }
        let template = Self { setting, text: text.to_owned(), parts };
        let trial = template.parts.iter().map(|piece| if let NameSegment::Text(text) = piece { text } else { TRIAL });
        let trial: String = trial.collect();
        match unusable(&trial) {
            Some(why) => Err(NameError::Unusable(setting, text.to_owned(), why)),
            None => Ok(template),
        }
    }

    /// Returns the fields of matrix and row that it has: `matrix.locale`.
    pub fn value_fields(&self) -> Vec<String> {
        let value =
            |piece: &NameSegment| if let NameSegment::Value(field) = piece { Some(field.clone()) } else { None };
        self.parts.iter().filter_map(value).collect()
    }

    fn fill(&self, named: &NameInput<'_>, env: &str) -> Result<String, NameConflict> {
        let piece = |piece: &NameSegment| {
            Ok(match piece {
                NameSegment::Text(text) => text.clone(),
                NameSegment::Key => file_stem(named.key),
                NameSegment::Base => file_stem(named.key.split_once('[').map_or(&**named.key, |(base, _)| base)),
                NameSegment::Label if *named.label == **named.key => file_stem(named.key),
                NameSegment::Label => file_part(named.label),
                NameSegment::Digest => named.digest.hex()[..12].to_owned(),
                NameSegment::Attempt => named.attempt.to_string(),
                NameSegment::Env => file_stem(env),
                NameSegment::Ext => EXTENSION.to_owned(),
                NameSegment::Value(field) => match named.values.and_then(|values| values.get(field)) {
                    Some(value) => file_part(value),
                    None => return Err(self.no_value(field)),
                },
            })
        };
        let name: String = self.parts.iter().map(piece).collect::<Result<_, _>>()?;
        if let Some(why) = unusable(&name) {
            let reason = format!(
                "`{}` makes `{name}`, which is not a file name below the output directory: {why}",
                self.setting
            );
            return Err(NameConflict { name, reason });
        }
        Ok(name.split('/').map(escape_reserved).collect::<Vec<_>>().join("/"))
    }

    fn no_value(&self, field: &str) -> NameConflict {
        let reason = format!(
            "it has no value for `{{{field}}}` in `{}`; pull it with another `--name`, such as `--name '{DEFAULT_TEMPLATE}'`",
            self.setting
        );
        NameConflict { name: self.text.clone(), reason }
    }
}

/// Returns the names of all videos, relative to the directory, in order. Each name belongs to one video, ignoring case.
///
/// Videos with a common name, or with a common name of their `subtitles`, have none: which of them it would be is chance.
pub fn file_names(
    all: &[NameInput<'_>],
    template: &NameTemplate,
    env: &str,
    subtitles: &[SubtitleFormat],
) -> Vec<Result<PathBuf, NameConflict>> {
    let mut names: Vec<Result<String, NameConflict>> = all.iter().map(|named| template.fill(named, env)).collect();
    // Systems differ in whether `A.mp4` and `a.mp4` are one file.
    let is_same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    let files = |name: &str| {
        let beside = subtitles.iter().map(|format| format.path(Path::new(name)).to_string_lossy().into_owned());
        std::iter::once(name.to_owned()).chain(beside).collect::<Vec<_>>()
    };
    let mut owners: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, name) in names.iter().enumerate() {
        for file in name.iter().flat_map(|name| files(name)) {
            owners.entry(file.to_lowercase()).or_default().push(at);
        }
    }
    let shared = |at: usize, name: &str| {
        files(name).into_iter().find_map(|file| {
            let others = owners[&file.to_lowercase()].iter().copied().filter(|other| *other != at);
            let others: Vec<usize> = others.collect();
            (!others.is_empty()).then_some((file, others))
        })
    };
    let collisions: Vec<(usize, NameConflict)> = names
        .iter()
        .enumerate()
        .filter_map(|(at, name)| {
            let name = name.as_ref().ok()?;
            let (file, others) = shared(at, name)?;
            let more = if others.len() > 1 { format!(" and {} more", others.len() - 1) } else { String::new() };
            // Each of the two files is a video or its subtitles.
            let is_video = is_same(&file, name);
            let is_other_video = names[others[0]].as_ref().is_ok_and(|other| is_same(&file, other));
            let what = if is_other_video { "" } else { "the subtitles of " };
            let too = if is_other_video && !is_video { ", like its subtitles" } else { " too" };
            let reason = format!(
                "{what}`{}`{more} would be saved as `{file}`{too}; `--name '{{key}}.{{digest}}.{{ext}}'` makes them unique",
                all[others[0]].key
            );
            Some((at, NameConflict { name: name.clone(), reason }))
        })
        .collect();
    for (at, refused) in collisions {
        names[at] = Err(refused);
    }
    names.into_iter().map(|name| name.map(PathBuf::from)).collect()
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
        if part.len() > MAX_STEM_BYTES + 40 {
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

    fn values() -> BTreeMap<String, String> {
        let values = [("matrix.locale", "de"), ("row.First name", "Ame\u{301}lie /..")];
        let empty = [("row.empty", ""), ("row.dots", "../..")];
        values.into_iter().chain(empty).map(|(field, value)| (field.to_owned(), value.to_owned())).collect()
    }

    fn names(keys: &[&str], template: &str) -> Result<Vec<Result<String, NameConflict>>, NameError> {
        let (keys, digest) = (keys.iter().map(|key| Arc::from(*key)).collect::<Vec<Arc<str>>>(), digest());
        let values = values();
        let named = |key| NameInput { key, label: "Ça va?", digest: &digest, attempt: 2, values: Some(&values) };
        let all: Vec<NameInput<'_>> = keys.iter().map(named).collect();
        let made = file_names(&all, &NameTemplate::parse(template, "--name")?, "staging", &[]);
        Ok(made.into_iter().map(|path| path.map(|path| path.to_str().unwrap().to_owned())).collect())
    }

    fn one(key: &str, template: &str) -> Result<String, NameConflict> {
        names(&[key], template).unwrap().remove(0)
    }

    #[test]
    fn keys_become_names_that_every_system_takes() {
        for (key, name) in [
            ("welcome", "welcome.mp4"),
            ("onboarding[de,pro]", "onboarding.de.pro.mp4"),
            ("a[..]", "a....mp4"),
            ("a[e\u{301}]", "a.\u{e9}.mp4"),
            ("a[नमस्ते]", "a.नमस्ते.mp4"),
            ("a[\u{202e}txt]", "a.-txt.mp4"),
            ("COM1[a]", "COM1_.a.mp4"),
        ] {
            assert_eq!(one(key, DEFAULT_TEMPLATE).unwrap(), name, "{key}");
        }
        let key = |end: &str| format!("a[{}{end}]", "ö".repeat(100));
        let both = names(&[&key("x"), &key("y")], DEFAULT_TEMPLATE).unwrap();
        let both: Vec<String> = both.into_iter().map(Result::unwrap).collect();
        assert!(both[0] != both[1] && both.iter().all(|name| name.len() <= MAX_STEM_BYTES + 4), "{both:?}");
    }

    #[test]
    fn videos_with_one_name_are_refused_and_no_others() {
        for (first, other) in [("a[b]", "a.b"), ("a[B]", "a[b]"), ("a[x y]", "a[x-y]"), ("ÄB", "äb"), ("é", "e\u{301}")]
        {
            let made = names(&[first, "free", other], DEFAULT_TEMPLATE).unwrap();
            assert_eq!(made[1].as_deref(), Ok("free.mp4"), "{first}");
            let reason = &made[0].as_ref().unwrap_err().reason;
            assert!(reason.starts_with(&format!("`{other}` would be saved as `")), "{reason}");
            assert!(made[2].as_ref().unwrap_err().reason.starts_with(&format!("`{first}` would")));
        }
        let all = names(&["a", "b", "c"], "film.{ext}").unwrap();
        assert!(all[2].as_ref().unwrap_err().reason.starts_with("`a` and 1 more would be saved as `film.mp4` too; "));
    }

    #[test]
    fn subtitles_take_names_too() {
        let keys: [Arc<str>; 2] = ["a.mp4".into(), "a.srt".into()];
        let digest = digest();
        let all = keys.each_ref().map(|key| NameInput { key, label: "", digest: &digest, attempt: 1, values: None });
        let template = NameTemplate::parse("{key}", "--name").unwrap();
        assert!(file_names(&all, &template, "", &[]).iter().all(Result::is_ok));
        let refused = |keys: [&str; 2]| {
            let keys = keys.map(Arc::<str>::from);
            let all =
                keys.each_ref().map(|key| NameInput { key, label: "", digest: &digest, attempt: 1, values: None });
            let names = file_names(&all, &template, "", &[SubtitleFormat::Srt]);
            names
                .into_iter()
                .map(|name| name.unwrap_err().reason.split(';').next().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let [video, subtitles] = [
            "`a.srt` would be saved as `a.srt`, like its subtitles",
            "the subtitles of `a.mp4` would be saved as `a.srt` too",
        ];
        assert_eq!(refused(["a.mp4", "a.srt"]), [video, subtitles]);
        let subtitles = [
            "the subtitles of `A` would be saved as `a.srt` too",
            "the subtitles of `a.mp4` would be saved as `A.srt` too",
        ];
        assert_eq!(refused(["a.mp4", "A"]), subtitles);
    }

    #[test]
    fn values_of_matrix_and_row_are_parts_of_a_path_and_never_leave_it() {
        assert_eq!(one("a[b]", "{matrix.locale}/{base}-{row.First name}.{ext}").unwrap(), "de/a-Am\u{e9}lie--...mp4");
        assert_eq!(one("a", "{name}.{ext}").unwrap(), "Ça-va-.mp4");
        for (template, why) in [
            ("{row.empty}/{key}.{ext}", "a part of it is empty"),
            ("{row.dots}/{key}.{ext}", "begins with a dot"),
            ("{row.dots}", "begins with a dot"),
            ("{matrix.tier}/{key}.{ext}", "no value for `{matrix.tier}` in `--name`; pull it with another `--name`"),
        ] {
            let reason = one("k", template).unwrap_err().reason;
            assert!(reason.contains(why), "{template}: {reason}");
        }
        let fields = NameTemplate::parse("{matrix.locale}/{key}-{row.id}", "--name").unwrap().value_fields();
        assert_eq!(fields, ["matrix.locale", "row.id"]);
    }

    #[test]
    fn templates_have_fields_and_folders_and_stay_below() {
        assert_eq!(
            one("a[b]", "{env}/{base}/{key}-{digest}-{attempt}.{ext}").unwrap(),
            "staging/a/a.b-0123456789ab-2.mp4"
        );
        for wrong in [
            "../{key}",
            "/{key}",
            "{key}/",
            "a//{key}",
            ".{key}",
            "{key}.",
            "{key}:{ext}",
            "a\\{key}",
            "a/../{key}",
            "",
            "C:/{key}",
        ] {
            assert!(matches!(names(&["k"], wrong), Err(NameError::Unusable(..))), "{wrong}");
        }
        for wrong in ["{kye}", "{matrix}", "{matrix.}", "{vars.x}"] {
            assert!(matches!(names(&["k"], wrong), Err(NameError::Field { .. })), "{wrong}");
        }
        for wrong in ["{key", "key}", "{"] {
            assert_eq!(names(&["k"], wrong), Err(NameError::Brace("--name")), "{wrong}");
        }
    }
}
