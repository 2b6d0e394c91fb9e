//! Digests of before: what a content was called when fewer signatures of URLs were known.
//!
//! The table of signatures grows, and with it the URLs that lose their signature, so a content may get another digest.
//! What was paid for under the digest of before counts: it is computed here, from a spec that is wanted and from one
//! that a lockfile stores.

use serde_json::Value;

use super::written::canonical_json_at;
use super::{Digest, MediaSource, VideoSpec, Voice, without_signature};
use crate::fields::{REVISION, without_signature_at};

/// The digests that earlier versions gave to a spec, today's left out; nearly always none.
pub fn earlier_digests(spec: &VideoSpec) -> Vec<Digest> {
    let mut earlier = Vec::new();
    for revision in 0..REVISION {
        // Only URLs are read in another way: without one that is, nothing is hashed.
        if urls(spec).any(|url| without_signature_at(url, revision) != without_signature(url)) {
            let digest = Digest::of_canonical(&canonical_json_at(spec, false, revision));
            if digest != Digest::of(spec) && !earlier.contains(&digest) {
                earlier.push(digest);
            }
        }
    }
    earlier
}

/// The URLs of a spec.
pub fn urls(spec: &VideoSpec) -> impl Iterator<Item = &str> {
    let voice = if let Voice::File(source) = &spec.voice { Some(source) } else { None };
    let media = spec.background.media.as_ref().map(|media| &media.source);
    [voice, media].into_iter().flatten().filter_map(|source| match source {
        MediaSource::Url(url) => Some(&**url),
        _ => None,
    })
}

/// The digest that a stored canonical spec has today; none where no URL of it is read in another way than before.
pub fn digest_of_today(stored: &str) -> Option<Digest> {
    // Few specs have a URL, and fewer one that is signed: only those are parsed. An escape in it only costs time.
    let urls = stored.split("\"url\":\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
    if !urls.into_iter().any(|url| url.contains('\\') || *without_signature(url) != *url) {
        return None;
    }
    let mut spec: Value = serde_json::from_str(stored).ok()?;
    let mut changed = false;
    for place in ["/background/media/url", "/voice/file/url"] {
        let Some(url) = spec.pointer_mut(place) else { continue };
        let bare = without_signature(url.as_str()?).into_owned();
        if url.as_str() != Some(&*bare) {
            *url = Value::String(bare);
            changed = true;
        }
    }
    if !changed {
        return None;
    }
    spec.as_object_mut()?.shift_remove("name");
    Some(Digest::of_canonical(&serde_json_canonicalizer::to_string(&spec).ok()?))
}
