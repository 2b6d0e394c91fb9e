//! Selects the videos of a command: by exact key, then by globs with `*` and `?`. `--limit` takes the first ones.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::ProjectError;
use crate::diagnostic::nearest;
use crate::spec::Video;

/// The selection on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Keys or globs. Empty selects all.
    pub globs: Vec<String>,
    /// Keys or globs of videos to leave out.
    pub except: Vec<String>,
    /// The first so many in manifest order.
    pub limit: Option<usize>,
}

/// Returns the selected keys. `None` if everything is selected.
///
/// # Errors
/// If a glob matches no video.
pub fn select(videos: &[Video], selection: &Selection) -> Result<Option<BTreeSet<Arc<str>>>, ProjectError> {
    let keys = videos.iter().map(|video| &video.key);
    let mut chosen = match_selection(&keys, selection)?;
    if let Some(limit) = selection.limit {
        let keys = keys.filter(|key| chosen.as_ref().is_none_or(|chosen| chosen.contains(*key)));
        chosen = Some(keys.take(limit).cloned().collect());
    }
    if let Some(chosen) = &chosen {
        let except = (!selection.except.is_empty()).then(|| selection.except.join(" "));
        tracing::debug!(
            by = selection.globs.join(" "),
            except,
            limit = selection.limit,
            videos = chosen.len(),
            "selected"
        );
    }
    Ok(chosen)
}

/// The keys that the globs of a selection match, without those to leave out; `None` if it has no globs.
///
/// # Errors
/// Returns an error if a glob matches nothing. A typo in `except` would submit a video that the user excluded.
pub(super) fn match_selection<'a>(
    keys: &(impl Iterator<Item = &'a Arc<str>> + Clone),
    selection: &Selection,
) -> Result<Option<BTreeSet<Arc<str>>>, ProjectError> {
    let chosen = match_keys(keys, &selection.globs)?;
    let Some(except) = match_keys(keys, &selection.except)? else { return Ok(chosen) };
    let mut chosen = chosen.unwrap_or_else(|| keys.clone().cloned().collect());
    chosen.retain(|key| !except.contains(key));
    Ok(Some(chosen))
}

/// Returns the keys that globs match, an exact key first. `None` if there are no globs.
///
/// # Errors
/// If a glob matches nothing.
pub fn match_keys<'a>(
    keys: &(impl Iterator<Item = &'a Arc<str>> + Clone),
    globs: &[String],
) -> Result<Option<BTreeSet<Arc<str>>>, ProjectError> {
    if globs.is_empty() {
        return Ok(None);
    }
    let mut chosen = BTreeSet::new();
    let exact: HashSet<&str> = globs.iter().map(String::as_str).collect();
    let exact: HashMap<&str, &Arc<str>> =
        keys.clone().filter(|key| exact.contains(&***key)).map(|key| (&**key, key)).collect();
    for glob in globs {
        let found: Vec<_> = if let Some(key) = exact.get(glob.as_str()) {
            vec![*key]
        } else {
            let found = |glob: Vec<char>| keys.clone().filter(|key| matches(&glob, key)).collect::<Vec<_>>();
            // A terminal may use another normal form of Unicode than the key.
            Some(found(glob.chars().collect()))
                .filter(|found| !found.is_empty())
                .unwrap_or_else(|| found(glob.nfc().collect()))
        };
        if found.is_empty() {
            return Err(ProjectError::NoMatch(glob.clone(), hint(keys.clone(), glob)));
        }
        chosen.extend(found.into_iter().cloned());
    }
    Ok(Some(chosen))
}

/// Returns `; did you mean …?`, or the glob that selects the instances of a base key.
fn hint<'a>(keys: impl Iterator<Item = &'a Arc<str>> + Clone, glob: &str) -> String {
    let instance = |key: &Arc<str>| key.strip_prefix(glob).is_some_and(|rest| rest.starts_with('['));
    if keys.clone().any(instance) {
        return format!("; it has several instances, and `'{glob}[*]'` selects them");
    }
    let known = nearest(glob, keys.map(|key| &**key));
    known.map(|key| format!("; did you mean `{key}`?")).unwrap_or_default()
}

/// Returns `true` if a key matches a glob: `*` matches any characters, `?` exactly one. Backtracks only to the last
/// `*`, so the time stays linear in most cases.
fn matches(glob: &[char], key: &str) -> bool {
    let key: Vec<char> = key.chars().collect();
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < key.len() {
        match glob.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(one) if *one == '?' || *one == key[seen] => {
                at += 1;
                seen += 1;
            }
            _ => match star {
                Some((star_at, from)) => {
                    at = star_at + 1;
                    seen = from + 1;
                    star = Some((star_at, from + 1));
                }
                None => return false,
            },
        }
    }
    glob[at..].iter().all(|one| *one == '*')
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{hint, matches};

    #[test]
    fn a_base_key_is_told_with_the_glob_that_selects_it() {
        let keys: [Arc<str>; 3] = ["tour[en]".into(), "tour[de]".into(), "bye".into()];
        for (glob, says) in [
            ("tour", "; it has several instances, and `'tour[*]'` selects them"),
            ("tuor[de]", "; did you mean `tour[de]`?"),
            ("zebra*", ""),
        ] {
            assert_eq!(hint(keys.iter(), glob), says, "{glob}");
        }
    }

    #[test]
    fn brackets_are_plain_characters() {
        for (glob, key, fits) in [
            ("onboarding[*]", "onboarding[en,pro]", true),
            ("onboarding[en,*", "onboarding[en,pro]", true),
            ("*pro]", "onboarding[en,pro]", true),
            ("on?oarding*", "onboarding[en,pro]", true),
            ("onboarding", "onboarding[en,pro]", false),
            ("[o]nboarding*", "onboarding[en,pro]", false),
            ("*", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-d", false),
        ] {
            assert_eq!(matches(&glob.chars().collect::<Vec<_>>(), key), fits, "{glob} on {key}");
        }
    }
}
