//! Digests of earlier versions, which knew fewer signatures of URLs.
//!
//! The table of signatures grows, and with it the URLs that lose their signature, so a content may get another digest.
//! What was paid for under an earlier digest counts: it is computed here, from a spec that is wanted and from one that a
//! lockfile stores.

use serde_json::Value;

use super::canonical::canonical_json_at;
use super::{Digest, Spec, without_signature};
use crate::fields::{REVISION, Type, VENDOR, without_signature_at};

/// Returns the digests that earlier versions gave to a spec, today's left out; nearly always none.
pub fn earlier_digests(spec: &Spec) -> Vec<Digest> {
    let mut earlier = Vec::new();
    for revision in 0..REVISION {
        // Only URLs are read in another way: without one that is, nothing is hashed.
        if spec.urls().any(|url| without_signature_at(url, revision) != without_signature(url)) {
            let digest = Digest::of_canonical(&canonical_json_at(spec, false, revision));
            if digest != Digest::of(spec) && !earlier.contains(&digest) {
                earlier.push(digest);
            }
        }
    }
    earlier
}

/// Returns the digest that a stored canonical spec has today. `None` if each of its URLs is read as before.
pub fn digest_of_today(stored: &str) -> Option<Digest> {
    // Few specs have a URL, and fewer one that is signed: only those are parsed. An escape in it only costs time.
    let urls = stored.split("\"url\":\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
    if !urls.into_iter().any(|url| url.contains('\\') || *without_signature(url) != *url) {
        return None;
    }
    let mut spec: Value = serde_json::from_str(stored).ok()?;
    if !strip_signatures(&mut spec) {
        return None;
    }
    spec.as_object_mut()?.shift_remove("name");
    Some(Digest::of_canonical(&serde_json_canonicalizer::to_string(&spec).ok()?))
}

/// Strips the signatures of all URLs of a stored spec, those of list items too. Returns whether there was one.
fn strip_signatures(value: &mut Value) -> bool {
    match value {
        Value::Object(members) => members.iter_mut().fold(false, |stripped, (key, member)| match member {
            Value::String(url) if is_url(key) => {
                let bare = without_signature(url).into_owned();
                let has_signature = *url != bare;
                *url = bare;
                stripped | has_signature
            }
            member => stripped | strip_signatures(member),
        }),
        Value::Array(items) => items.iter_mut().fold(false, |stripped, item| stripped | strip_signatures(item)),
        _ => false,
    }
}

fn is_url(key: &str) -> bool {
    VENDOR.fields.iter().any(|row| VENDOR[row].stored_key == key && matches!(VENDOR.ty(row), Some(Type::Url)))
}
