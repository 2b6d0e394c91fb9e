//! `explain`: the history of one video, made anew from its declaration alone.

use std::sync::Arc;

use super::compile::visible;
use super::{Compiled, ProjectError, World};
use crate::diagnostic::nearest;
use crate::spec::{History, Video};
use crate::template::{Inputs, history};

/// The most keys that are named when none was meant.
const NAMED: usize = 5;

/// The video of a key and where its values came from.
///
/// Only the key's own declaration is expanded again; the files that it reads are read again too.
///
/// # Errors
/// When there is no such video: with the nearest key, or with the instances of a base key.
pub fn explain(compiled: &mut Compiled, key: &str, world: &World) -> Result<(Video, History), ProjectError> {
    let Some(video) = compiled.videos.iter().find(|video| &*video.key == key).cloned() else {
        return Err(ProjectError::NoMatch { glob: key.to_owned(), hint: hint(compiled, key) });
    };
    let all = std::mem::take(&mut compiled.manifest.videos);
    compiled.manifest.videos.append(all.iter().filter(|one| one.key_origin == video.declared).cloned().collect());
    let env = visible(&compiled.manifest, world);
    let inputs = Inputs { root: &compiled.root, sources: &mut compiled.sources, env: &env, now: world.now };
    let found = history(&compiled.manifest, inputs, &video.key);
    compiled.manifest.videos = all;
    let found = found.ok_or_else(|| ProjectError::NoMatch { glob: key.to_owned(), hint: String::new() })?;
    Ok((video, found))
}

/// `; did you mean …?` or the first instances of a base.
fn hint(compiled: &Compiled, key: &str) -> String {
    let keys = compiled.videos.iter().map(|video| &video.key);
    let instance = |one: &&Arc<str>| one.strip_prefix(key).is_some_and(|rest| rest.starts_with('['));
    let instances: Vec<&Arc<str>> = keys.clone().filter(instance).take(NAMED + 1).collect();
    if !instances.is_empty() {
        let mut named: Vec<String> = instances.iter().take(NAMED).map(|one| format!("`{one}`")).collect();
        if instances.len() > NAMED {
            named.push("…".to_owned());
        }
        return format!("; it stands for several, name one of them: {}", named.join(", "));
    }
    let known = nearest(key, keys.map(|key| &**key));
    known.map(|key| format!("; did you mean `{key}`?")).unwrap_or_default()
}
