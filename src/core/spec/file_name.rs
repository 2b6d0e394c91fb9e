//! Derives file names from keys. They are predictable, and valid on every system.
//!
//! | in the key | in the name |
//! |---|---|
//! | letters and digits of any script with their combining marks, `-`, `_`, `.`, `+`, `=`, `@` | unchanged, in normal form C |
//! | `[` and `,` | `.`, and the closing `]` is omitted: `onboarding[de,pro]` is `onboarding.de.pro` |
//! | all other characters, including spaces | `-` |
//!
//! A name that Windows reserves (`aux`, `com1`) gets a `_`. A name of more than 180 bytes is truncated, and ends in `~`
//! and eight digits of a hash of the key.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Maximum bytes of a name that come from a key. Suffixes follow it, and file systems allow 255 bytes.
pub const MAX_STEM_BYTES: usize = 180;
/// Names that Windows reserves, with any extension.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];
/// What makes a reserved name of `com` and `lpt`.
const PORTS: [&str; 13] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"];

/// Returns the file name of a key, without an extension.
pub fn file_stem(key: &str) -> String {
    let name = kept(key.strip_suffix(']').unwrap_or(key), &['[', ',']);
    if name.len() <= MAX_STEM_BYTES { escape_reserved(&name) } else { hashed(&name, key) }
}

/// Returns a value, for example of a column, as a part of a file name.
pub fn file_part(value: &str) -> String {
    let name = kept(value, &[]);
    if name.len() <= MAX_STEM_BYTES { name } else { hashed(&name, value) }
}

/// Returns a text with only the characters that names keep. Separators become dots.
///
/// A combining mark stays with its letter: the virama of Hindi and the vowels of Thai are part of a word. So do the
/// joiners between two letters of a script that needs them.
fn kept(text: &str, separators: &[char]) -> String {
    let mut name = String::with_capacity(text.len());
    let mut letter = None;
    let mut rest = text.nfc().peekable();
    while let Some(one) = rest.next() {
        let is_mark = letter.is_some() && is_combining_mark(one);
        let joins = |next: &char| !next.is_ascii() && next.is_alphanumeric();
        let is_joiner =
            matches!(one, '\u{200c}' | '\u{200d}') && letter == Some(true) && rest.peek().is_some_and(joins);
        name.push(match one {
            _ if is_mark || is_joiner => one,
            _ if separators.contains(&one) => '.',
            _ if one.is_alphanumeric() || "-_.+=@".contains(one) => one,
            _ => '-',
        });
        // The last letter, and whether its script may need joiners.
        letter = if is_mark || is_joiner { letter } else { one.is_alphanumeric().then_some(!one.is_ascii()) };
    }
    name
}

/// Returns the file names of keys, in order. Keys whose names differ at most in case each get a hash.
pub fn file_stems<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<String> {
    let keys: Vec<&str> = keys.collect();
    let stems: Vec<String> = keys.iter().map(|key| file_stem(key)).collect();
    let mut count: HashMap<String, u32> = HashMap::new();
    for stem in &stems {
        *count.entry(stem.to_lowercase()).or_default() += 1;
    }
    let alone = |stem: &str| count.get(&stem.to_lowercase()).is_none_or(|count| *count == 1);
    stems.into_iter().zip(keys).map(|(stem, key)| if alone(&stem) { stem } else { hashed(&stem, key) }).collect()
}

/// Returns a truncated name with a hash of the key at its end.
fn hashed(name: &str, key: &str) -> String {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(key.as_bytes())[..4]);
    let mut end = name.len().min(MAX_STEM_BYTES - 9);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    escape_reserved(&format!("{}~{hash}", name[..end].trim_end_matches('.')))
}

/// Returns one part of a path. If Windows reserves the text before its first dot, a `_` follows that text.
pub fn escape_reserved(name: &str) -> String {
    let (stem, rest) = name.split_at(name.find('.').unwrap_or(name.len()));
    let low = stem.to_ascii_lowercase();
    let port = |prefix: &str| low.strip_prefix(prefix).is_some_and(|digit| PORTS.contains(&digit));
    let reserved = RESERVED.contains(&low.as_str()) || port("com") || port("lpt");
    if reserved { format!("{stem}_{rest}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_names_that_every_system_takes() {
        for (key, name) in [
            ("welcome", "welcome"),
            ("onboarding[de,pro]", "onboarding.de.pro"),
            ("thanks[1042]", "thanks.1042"),
            ("a[x/y\\z:1]", "a.x-y-z-1"),
            ("a[..]", "a..."),
            ("a[São Paulo,東京]", "a.São-Paulo.東京"),
            ("a[\u{202e}txt<script>]", "a.-txt-script-"),
            ("aux", "aux_"),
            ("COM1[a]", "COM1_.a"),
            ("lpt³[a]", "lpt³_.a"),
            ("com⁴", "com⁴"),
            ("console", "console"),
        ] {
            assert_eq!(file_stem(key), name, "{key}");
        }
    }

    #[test]
    fn words_of_every_script_keep_their_marks_and_names_have_one_form() {
        for (key, name) in [
            ("a[नमस्ते]", "a.नमस्ते"),
            ("a[ที่นี่]", "a.ที่นี่"),
            ("a[Ame\u{301}lie]", "a.Am\u{e9}lie"),
            ("a[می\u{200c}شود]", "a.می\u{200c}شود"),
            ("a[x\u{200d}y]", "a.x-y"),
            ("a[ש\u{5c1}]", "a.ש\u{5c1}"),
            ("a[\u{301}x]", "a.-x"),
            ("a[شود\u{200c}]", "a.شود-"),
            ("👩\u{200d}🚒", "---"),
        ] {
            assert_eq!(file_stem(key), name, "{key}");
        }
        assert_eq!(file_part("São Paulo/[1], b"), "São-Paulo--1---b");
        assert!(file_part(&"ก".repeat(300)).len() <= MAX_STEM_BYTES);
    }

    #[test]
    fn two_keys_never_share_a_name_whatever_the_case() {
        let stems = file_stems(["a[B]", "a[b]", "c", "a.b"].into_iter());
        assert_eq!(stems[2], "c");
        let low: std::collections::BTreeSet<String> = stems.iter().map(|stem| stem.to_lowercase()).collect();
        assert_eq!(low.len(), 4, "{stems:?}");
        assert!(stems[0].starts_with("a.B~") && stems[3].starts_with("a.b~"), "{stems:?}");
    }

    #[test]
    fn long_keys_are_cut_and_stay_apart() {
        let key = |end: &str| format!("a[{}{end}]", "ö".repeat(100));
        let (one, other) = (file_stem(&key("x")), file_stem(&key("y")));
        assert!(one != other && one.len() <= MAX_STEM_BYTES && other.len() <= MAX_STEM_BYTES, "{one} {other}");
    }
}
