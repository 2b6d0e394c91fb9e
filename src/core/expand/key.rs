//! Keys of instances: the base key and its parts in brackets.

use std::sync::Arc;

/// Maximum length of a part, in characters.
const PART_LIMIT: usize = 100;

/// Returns what is wrong with a part of a key, as the end of "it …". Returns `None` if it is valid.
pub(super) fn check_part(part: &str) -> Option<&'static str> {
    if part.is_empty() {
        return Some("is empty");
    }
    if part.chars().nth(PART_LIMIT).is_some() {
        return Some("has more than 100 characters");
    }
    if part.contains(['[', ']', ',']) {
        return Some("has a bracket or a comma");
    }
    if part.chars().any(char::is_control) {
        return Some("has a line break or another control character");
    }
    (part.trim() != part).then_some("begins or ends with a space")
}

/// Returns `base` or `base[part,part]`.
pub(super) fn compose(base: &Arc<str>, parts: &[String]) -> Arc<str> {
    if parts.is_empty() { Arc::clone(base) } else { format!("{base}[{}]", parts.join(",")).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_in_brackets_in_order() {
        let base: Arc<str> = "v".into();
        assert_eq!(&*compose(&base, &[]), "v");
        assert_eq!(&*compose(&base, &["en".into(), "7".into()]), "v[en,7]");
    }

    #[test]
    fn a_part_must_not_be_mistaken_for_another_key() {
        for bad in ["", " a", "a ", "a,b", "a[", "]", "a\nb", "\u{a0}x", "a\u{7f}"] {
            assert!(check_part(bad).is_some(), "{bad:?}");
        }
        assert!(check_part(&"ü".repeat(101)).is_some());
        for good in ["a", "ü b", "7", &"ü".repeat(100), "😀", "a.b-c_d/é"] {
            assert_eq!(check_part(good), None, "{good:?}");
        }
    }
}
