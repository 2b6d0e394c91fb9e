//! The video that `doctor --spend` submits: one silent second, an ordinary take under a reserved key.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use thiserror::Error;

use crate::lockfile::{Lockfile, Take, TakeState};
use crate::manifest::Manifest;
use crate::project::{CompiledProject, Environment};
use crate::source::{FileId, Origin};
use crate::spec::{Digest, Provenance, Video, digest, stored_spec};

/// The key of the takes that `doctor --spend` submits.
pub const DOCTOR_KEY: &str = "callsheet.doctor";

/// Its first `take` number, minus one. No video of a project has such a number by chance, so no content is shared.
const TAKES_BEFORE: u32 = 900_000;

/// Maximum number of base presets in a chain.
const MAX_LAYERS: usize = 64;

/// The video and the known take of `doctor --spend`.
#[derive(Clone, Debug)]
pub struct SilentVideo {
    /// The video to submit.
    pub video: Video,
    /// A take that an earlier `doctor --spend` submitted. If present, nothing is sent.
    pub known: Option<Take>,
}

/// The reason why there is no video to submit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SilentVideoError {
    /// The project has no avatar.
    #[error("the project has no avatar with an id; nothing was sent; name one with `--avatar ID`")]
    NoAvatar,
    /// A preset without an id, or with a templated id.
    #[error("the avatar preset `{0}` has no plain id; nothing was sent; name an id with `--avatar ID`")]
    NoId(String),
    /// A video of the project already has the key.
    #[error(
        "a video of this project has the key `{DOCTOR_KEY}`, which `doctor --spend` uses; nothing was sent; rename the video"
    )]
    KeyTaken,
}

/// Returns the silent second for a project, and its take in the lockfile.
///
/// Without `retake`, the last take counts, in any state. A take in doubt always counts, because it must be settled
/// first.
///
/// # Errors
/// [`SilentVideoError`] if the project has no avatar, or already uses the key.
pub fn silent_second(
    compiled: &CompiledProject,
    environment: &Environment,
    lockfile: &Lockfile,
    (avatar, retake): (Option<&str>, bool),
) -> Result<SilentVideo, SilentVideoError> {
    if compiled.videos.iter().any(|video| &*video.key == DOCTOR_KEY) {
        return Err(SilentVideoError::KeyTaken);
    }
    // A freed take was never made, so its number is available.
    let takes = lockfile.takes_of_key(&environment.host, DOCTOR_KEY).filter(|take| take.state != TakeState::Freed);
    let mut takes: Vec<&Take> = takes.collect();
    takes.sort_by_key(|take| take.at);
    let last = takes.last().copied();
    let in_doubt = last.is_some_and(|take| take.state == TakeState::Intent);
    let known = last.filter(|_| !retake && !in_doubt).cloned();
    let same = last.filter(|_| in_doubt || known.is_some());
    let take = match same {
        Some(take) => number(take).unwrap_or(1),
        None => takes.into_iter().filter_map(number).max().unwrap_or(0) + 1,
    };
    let id = match same.and_then(avatar_of) {
        Some(id) if avatar.is_none() || in_doubt => id,
        _ => avatar_id(compiled, avatar)?,
    };
    Ok(SilentVideo { video: video(&id, take), known })
}

/// Returns the take of this content, unless it is in doubt or freed.
pub fn silent_take(lockfile: &Lockfile, environment: &Environment, digest: &Digest) -> Option<Take> {
    let takes = lockfile.takes_of_key(&environment.host, DOCTOR_KEY);
    let accepted = |take: &&Take| take.digest == *digest && !matches!(take.state, TakeState::Intent | TakeState::Freed);
    takes.filter(accepted).last().cloned()
}

/// Returns a name of maximum length that contains everything a vendor may change in a name. The number comes first, so
/// that it distinguishes takes even if the name is truncated.
fn label(take: u32) -> String {
    let head = format!("Doctor {take}: \"Ä & B\"  keeps all of a long name");
    head.chars().chain(std::iter::repeat('.')).take(48).collect()
}

fn video(avatar: &str, take: u32) -> Video {
    let spec = stored_spec(&json!({
        "name": label(take),
        "avatar": { "id": avatar },
        "voice": { "silence": {} },
        "background": {},
        "take": TAKES_BEFORE + take,
    }));
    let spec = spec.unwrap_or_else(|| unreachable!("a silent video of the required fields is a spec"));
    let declared = Origin::new(FileId(0), 0, 0);
    Video {
        key: DOCTOR_KEY.into(),
        digest: digest(&spec),
        spec,
        provenance: Arc::new(Provenance::default()),
        declared_at: declared,
        row: None,
    }
}

/// Returns the number of a take among those of this key, from 1.
fn number(take: &Take) -> Option<u32> {
    u32::try_from(take.spec_value()?.get("take")?.as_u64()?).ok()?.checked_sub(TAKES_BEFORE)
}

fn avatar_of(take: &Take) -> Option<Arc<str>> {
    Some(take.spec_value()?.get("avatar")?.get("id")?.as_str()?.into())
}

/// Returns the id of the given avatar. Defaults to the avatar of the first video, then to the first preset.
fn avatar_id(compiled: &CompiledProject, named: Option<&str>) -> Result<Arc<str>, SilentVideoError> {
    let manifest = &compiled.manifest;
    match named {
        Some(word) if avatars(manifest).any(|name| **name == *word) => {
            preset_id(manifest, word).ok_or_else(|| SilentVideoError::NoId(word.to_owned()))
        }
        Some(id) => Ok(id.into()),
        None => {
            let of_videos =
                compiled.videos.first().and_then(|video| video.spec.avatar().map(|avatar| avatar.id.into()));
            let of_presets = || avatars(manifest).find_map(|name| preset_id(manifest, name));
            of_videos.or_else(of_presets).ok_or(SilentVideoError::NoAvatar)
        }
    }
}

fn avatars(manifest: &Manifest) -> impl Iterator<Item = &Arc<str>> {
    manifest.preset_block("avatars").into_iter().flat_map(|group| group.presets.keys())
}

/// Returns the id of a preset or of its base preset.
fn preset_id(manifest: &Manifest, name: &str) -> Option<Arc<str>> {
    let mut name = name.to_owned();
    let mut seen = BTreeSet::new();
    while seen.len() < MAX_LAYERS && seen.insert(name.clone()) {
        let decl = &manifest.preset_block("avatars")?.presets.get(name.as_str())?.decl;
        if let Some(id) = decl.get(manifest.table.find("avatar.id")?) {
            return id.literal().cloned();
        }
        name = decl.base.as_ref()?.literal()?.to_string();
    }
    None
}
