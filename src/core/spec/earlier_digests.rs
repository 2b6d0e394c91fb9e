//! The digests that earlier versions computed, which knew fewer signatures of URLs.
//!
//! The table of signatures grows. A URL that then loses its signature changes the digest of its spec. A take that was
//! paid under an earlier digest still counts. So this module computes that digest from a current spec, and today's
//! digest from a spec in a lockfile.

use serde_json::Value;

use super::canonical::canonical_json_at;
use super::{Digest, Spec, digest, without_signature};
use crate::fields::{SCHEMES_REVISION, Type, VENDOR, without_signature_at};

/// Returns the digests of a spec in earlier versions, without today's digest. Usually there are none.
pub fn earlier_digests(spec: &Spec) -> Vec<Digest> {
    let mut earlier = Vec::new();
    for revision in 0..SCHEMES_REVISION {
        // Revisions differ only in URLs. If no URL differs, there is nothing to hash.
        if spec.urls().any(|url| without_signature_at(url, revision) != without_signature(url)) {
            let former = Digest::from_canonical(&canonical_json_at(spec, false, revision));
            if former != digest(spec) && !earlier.contains(&former) {
                earlier.push(former);
            }
        }
    }
    earlier
}

/// Returns today's digest of a stored canonical spec, or `None` if all of its URLs are unchanged.
pub fn current_digest(stored: &str) -> Option<Digest> {
    // Parse only specs with a signed URL, because they are rare. An escape in a URL only costs the time to parse it.
    let urls = stored.split("\"url\":\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
    if !urls.into_iter().any(|url| url.contains('\\') || *without_signature(url) != *url) {
        return None;
    }
    let mut spec: Value = serde_json::from_str(stored).ok()?;
    if !strip_signatures(&mut spec) {
        return None;
    }
    spec.as_object_mut()?.shift_remove("name");
    Some(Digest::from_canonical(&serde_json_canonicalizer::to_string(&spec).ok()?))
}

/// Strips the signatures of all URLs of a stored spec, including list items. Returns `true` if there was one.
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
