//! Ids with characters that no valid id contains.

use super::invisible_character;

/// Quotation marks that authors and word processors put around a word.
const QUOTES: &[char] =
    &['"', '\'', '`', '“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›', '「', '」', '＂', '＇'];

/// Returns what is suspicious about an id, as the end of a message, and the id that was probably meant.
pub(in crate::expand) fn suspicious_id(id: &str) -> Option<(&'static str, Option<String>)> {
    if id.contains("://") || id.starts_with("www.") {
        return Some(("is a URL, not an id", None));
    }
    let bare = id.trim().trim_matches(QUOTES).trim();
    let meant = Some(bare.to_owned()).filter(|bare| !bare.is_empty() && !bare.contains(QUOTES));
    if id.contains(QUOTES) {
        return Some(("has quotes that belong to the id", meant));
    }
    if id.trim() != id {
        return Some(("begins or ends with a space", meant));
    }
    invisible_character(id).map(|_| ("holds an invisible character", None))
}
