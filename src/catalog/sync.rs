//! Fetches all lists of the vendor.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use super::entries::signed_picture;
use super::{AvatarEntry, Catalog, TemplateEntry, VoiceEntry};
use crate::vendor::{CallError, HttpVendor, ListedEntries, VendorList};

/// The result of a sync.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogSync {
    /// All lists.
    pub catalog: Catalog,
    /// Lists that the vendor does not have, and entries that cannot be used.
    pub warnings: Vec<String>,
    /// The addresses of pictures, as the vendor listed them.
    pub signed: SignedAddresses,
}

/// Addresses of pictures with their signatures, by the address without. Signatures are secrets: nothing saves or shows them.
#[derive(Clone, Default, PartialEq)]
pub struct SignedAddresses(BTreeMap<String, String>);

impl SignedAddresses {
    /// Returns the address with its signature, if the vendor listed it.
    pub fn get(&self, address: &str) -> Option<&str> {
        self.0.get(address).map(String::as_str)
    }
}

impl fmt::Debug for SignedAddresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signed").field(&self.0.len()).finish()
    }
}

/// Fetches all lists of the vendor. A list that this vendor does not have (404) is empty, with a warning.
///
/// # Errors
/// [`CallError`] if a list fails otherwise or is invalid. Then nothing is saved.
pub async fn sync(vendor: &HttpVendor, now: Timestamp) -> Result<CatalogSync, CallError> {
    let mut warnings = Vec::new();
    let avatars = fetch(vendor, VendorList::Avatars, &mut warnings).await?;
    let voices = fetch(vendor, VendorList::Voices, &mut warnings).await?;
    let mut templates = fetch(vendor, VendorList::Templates, &mut warnings).await?;
    match vendor.entries(VendorList::OwnTemplates).await {
        Ok(own) => templates.extend(own.entries),
        Err(error @ CallError::Key(_)) => return Err(error),
        // Not every plan includes them, and the other templates are complete.
        Err(error) => warnings.push(format!("the account's own templates are left out: {error}")),
    }
    let catalog = Catalog {
        host: vendor.host().to_owned(),
        synced: now,
        avatars: read(&avatars, "avatar", (AvatarEntry::read, |one| &one.id), &mut warnings),
        voices: read(&voices, "voice", (VoiceEntry::read, |one| &one.id), &mut warnings),
        templates: read(&templates, "template", (TemplateEntry::read, |one| &one.id), &mut warnings),
    };
    let signed = SignedAddresses(avatars.iter().chain(&templates).filter_map(signed_picture).collect());
    Ok(CatalogSync { catalog, warnings, signed })
}

async fn fetch(vendor: &HttpVendor, list: VendorList, warnings: &mut Vec<String>) -> Result<Vec<Value>, CallError> {
    let word = list.name();
    match vendor.entries(list).await {
        Ok(ListedEntries { entries, total, .. }) => {
            if let Some(of) = total.filter(|total| *total > entries.len()) {
                warnings.push(format!("the vendor's list of {word} ended after {} of {of}", entries.len()));
            }
            Ok(entries)
        }
        Err(CallError::Refused { code: 404, .. }) => {
            warnings.push(format!("the vendor has no list of {word}"));
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

/// The functions that read an entry and its id.
type EntryReader<E> = (fn(&Value) -> Option<E>, fn(&E) -> &String);

/// Reads entries and sorts them by id. Of several entries with one id, the first counts.
fn read<E>(values: &[Value], word: &str, (read, id): EntryReader<E>, warnings: &mut Vec<String>) -> Vec<E> {
    let mut entries: Vec<E> = values.iter().filter_map(read).collect();
    match values.len() - entries.len() {
        0 => {}
        1 => warnings.push(format!("1 {word} of the vendor's list has no id and is left out")),
        lost => warnings.push(format!("{lost} {word}s of the vendor's list have no id and are left out")),
    }
    entries.sort_by(|one, other| id(one).cmp(id(other)));
    entries.dedup_by(|later, first| id(later) == id(first));
    entries
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_are_sorted_once_each_and_what_is_lost_is_told() {
        let mut warnings = Vec::new();
        let values = [json!({"id": "b"}), json!({"name": "x"}), json!({"id": "a"}), json!({"id": "b", "name": "late"})];
        let found = read(&values, "avatar", (AvatarEntry::read, |one| &one.id), &mut warnings);
        let ids: Vec<_> = found.iter().map(|one| (one.id.as_str(), one.name.as_deref())).collect();
        assert_eq!(ids, [("a", None), ("b", None)]);
        assert_eq!(warnings, ["1 avatar of the vendor's list has no id and is left out"]);
    }
}
