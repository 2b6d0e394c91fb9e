//! The video that `doctor --spend` submits: one silent second, an ordinary take under a reserved key.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use thiserror::Error;

use crate::lockfile::{Lockfile, State, Take};
use crate::manifest::Manifest;
use crate::project::{Compiled, Environment};
use crate::source::{FileId, Origin};
use crate::spec::{Digest, Provenance, Video, stored_spec};

/// The key of the takes that `doctor --spend` submits.
pub const DOCTOR_KEY: &str = "callsheet.doctor";

/// Its first `take` number, less one: no video of a project has such a number by chance, so no content is shared.
const TAKES_BEFORE: u32 = 900_000;

/// The most presets that one may be based on.
const MOST_LAYERS: usize = 64;

/// What `doctor --spend` is about.
#[derive(Clone, Debug)]
pub struct Silence {
    /// The video to be submitted.
    pub video: Video,
    /// A take that an earlier `doctor --spend` submitted: then nothing is sent.
    pub known: Option<Take>,
}

/// Why there is no video to submit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SilenceError {
    /// The project has no avatar.
    #[error("the project has no avatar with an id; nothing was sent; name one with `--avatar ID`")]
    NoAvatar,
    /// A preset whose id is a template, or that has none.
    #[error("the avatar preset `{0}` has no plain id; nothing was sent; name an id with `--avatar ID`")]
    NoId(String),
    /// A video of the project has the key.
    #[error(
        "a video of this project has the key `{DOCTOR_KEY}`, which `doctor --spend` uses; nothing was sent; rename the video"
    )]
    KeyTaken,
}

/// The silent second for a project, and the take of it that the lockfile knows.
///
/// Without `retake` the last one counts, in any state: a second one needs `retake`. A take
/// in doubt is settled first, so it counts in any case.
///
/// # Errors
/// [`SilenceError`] if the project has no avatar, or the key already.
pub fn silent_second(
    compiled: &Compiled,
    environment: &Environment,
    lockfile: &Lockfile,
    (avatar, retake): (Option<&str>, bool),
) -> Result<Silence, SilenceError> {
    if compiled.videos.iter().any(|video| &*video.key == DOCTOR_KEY) {
        return Err(SilenceError::KeyTaken);
    }
    let mut takes: Vec<&Take> = lockfile.takes_of_key(&environment.host, DOCTOR_KEY).collect();
    takes.sort_by_key(|take| take.at);
    let last = takes.iter().rev().find(|take| take.state != State::Freed).copied();
    let in_doubt = last.is_some_and(|take| take.state == State::Intent);
    let known = last.filter(|_| !retake && !in_doubt).cloned();
    let same = last.filter(|_| in_doubt || known.is_some());
    let take = match same {
        Some(take) => number(take).unwrap_or(1),
        // A freed one was never made: its number is free.
        None => {
            takes.iter().filter(|take| take.state != State::Freed).filter_map(|take| number(take)).max().unwrap_or(0)
                + 1
        }
    };
    let id = match same.and_then(avatar_of) {
        Some(id) if avatar.is_none() || in_doubt => id,
        _ => avatar_id(compiled, avatar)?,
    };
    Ok(Silence { video: video(&id, take), known })
}

/// The take of this content, unless it is in doubt or freed.
pub fn silent_take(lockfile: &Lockfile, environment: &Environment, digest: &Digest) -> Option<Take> {
    let takes = lockfile.takes_of_key(&environment.host, DOCTOR_KEY);
    let accepted = |take: &&Take| take.digest == *digest && !matches!(take.state, State::Intent | State::Freed);
    takes.filter(accepted).last().cloned()
}

/// The name is as long as a name can be, and has everything that a vendor may change in one. The number comes first:
/// it distinguishes the takes however much of the name is cut off.
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
        digest: Digest::of(&spec),
        spec,
        provenance: Arc::new(Provenance::default()),
        declared_at: declared,
        row: None,
    }
}

fn stored(take: &Take) -> Option<Value> {
    serde_json::from_str(take.spec.as_ref()?.get()).ok()
}

/// The number of a take among those of this key, from 1.
fn number(take: &Take) -> Option<u32> {
    u32::try_from(stored(take)?.get("take")?.as_u64()?).ok()?.checked_sub(TAKES_BEFORE)
}

fn avatar_of(take: &Take) -> Option<Arc<str>> {
    Some(stored(take)?.get("avatar")?.get("id")?.as_str()?.into())
}

/// The id of the avatar that was named, else of the first video, else of the first preset.
fn avatar_id(compiled: &Compiled, named: Option<&str>) -> Result<Arc<str>, SilenceError> {
    let manifest = &compiled.manifest;
    match named {
        Some(word) if avatars(manifest).any(|name| **name == *word) => {
            preset_id(manifest, word).ok_or_else(|| SilenceError::NoId(word.to_owned()))
        }
        Some(id) => Ok(id.into()),
        None => {
            let of_videos =
                compiled.videos.first().and_then(|video| video.spec.avatar().map(|avatar| avatar.id.into()));
            let of_presets = || avatars(manifest).find_map(|name| preset_id(manifest, name));
            of_videos.or_else(of_presets).ok_or(SilenceError::NoAvatar)
        }
    }
}

fn avatars(manifest: &Manifest) -> impl Iterator<Item = &Arc<str>> {
    manifest.preset_block("avatars").into_iter().flat_map(|group| group.presets.keys())
}

/// The id of a preset, its own or that of the preset it uses.
fn preset_id(manifest: &Manifest, name: &str) -> Option<Arc<str>> {
    let mut name = name.to_owned();
    let mut seen = BTreeSet::new();
    while seen.len() < MOST_LAYERS && seen.insert(name.clone()) {
        let decl = &manifest.preset_block("avatars")?.presets.get(name.as_str())?.decl;
        if let Some(id) = decl.get(manifest.table.find("avatar.id")?) {
            return id.literal().cloned();
        }
        name = decl.base.as_ref()?.literal()?.to_string();
    }
    None
}
