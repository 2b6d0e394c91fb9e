//! Derives file names from keys. They are predictable, and valid on every system.
//!
//! | in the key | in the name |
//! |---|---|
//! | letters and digits of any script, `-`, `_`, `.`, `+`, `=`, `@` | unchanged |
//! | `[` and `,` | `.`, and the closing `]` is omitted: `onboarding[de,pro]` is `onboarding.de.pro` |
//! | all other characters, including spaces | `-` |
//!
//! A name that Windows reserves (`aux`, `com1`) gets a `_`. A name of more than 180 bytes is truncated, and ends in `~`
//! and eight digits of a hash of the key.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

/// Maximum bytes of a name that come from a key. Suffixes follow it, and file systems allow 255 bytes.
pub const LONGEST_STEM: usize = 180;
/// Names that Windows reserves, with any extension.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Returns the file name of a key, without an extension.
pub fn file_stem(key: &str) -> String {
    let keeps = |one: char| one.is_alphanumeric() || "-_.+=@".contains(one);
    let bare = key.strip_suffix(']').unwrap_or(key);
    let name: String = bare
        .chars()
        .map(|one| match one {
            '[' | ',' => '.',
            one if keeps(one) => one,
            _ => '-',
        })
        .collect();
    if name.len() <= LONGEST_STEM { unreserved(&name) } else { hashed(&name, key) }
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
    let mut end = name.len().min(LONGEST_STEM - 9);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    unreserved(&format!("{}~{hash}", name[..end].trim_end_matches('.')))
}

/// Returns one part of a path. If Windows reserves the text before its first dot, a `_` follows that text.
pub fn unreserved(name: &str) -> String {
    let (stem, rest) = name.split_at(name.find('.').unwrap_or(name.len()));
    let low = stem.to_ascii_lowercase();
    let port = |prefix: &str| low.strip_prefix(prefix).is_some_and(|digit| matches!(digit.as_bytes(), [b'0'..=b'9']));
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
            ("console", "console"),
        ] {
            assert_eq!(file_stem(key), name, "{key}");
        }
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
        assert!(one != other && one.len() <= LONGEST_STEM && other.len() <= LONGEST_STEM, "{one} {other}");
    }
}
