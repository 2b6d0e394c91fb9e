//! Compares two texts word by word: unchanged, removed and added words.

use std::collections::HashMap;

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{ChangeTag, DiffableStr};

/// Minimum similarity of texts. Less similar texts are shown in full, one after the other.
const MIN_SIMILARITY: f32 = 0.3;
/// Maximum product of both word counts, without common ends. A larger diff would take too long.
const MAX_DIFF_CELLS: usize = 6_000_000;

/// Consecutive words with the same change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffSegment {
    /// Unchanged, removed or added.
    pub tag: ChangeTag,
    /// The words.
    pub text: String,
}

/// Returns the unchanged, removed and added words, or `None` if the texts have too little in common.
pub fn word_diff(before: &str, after: &str) -> Option<Vec<DiffSegment>> {
    let (old, new) = (before.tokenize_unicode_words(), after.tokenize_unicode_words());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let same_end = old[same..].iter().rev().zip(new[same..].iter().rev()).take_while(|(old, new)| old == new).count();
    let (middle_old, middle_new) = (&old[same..old.len() - same_end], &new[same..new.len() - same_end]);
    if middle_old.len() * middle_new.len() > MAX_DIFF_CELLS {
        return None;
    }
    let ends = old[..same].iter().chain(&old[old.len() - same_end..]).filter(|token| is_word(token)).count();
    if share(ends + in_common(middle_old, middle_new), &old, &new) < MIN_SIMILARITY {
        return None;
    }
    // Calls the algorithm directly. `TextDiff` chooses it by a value, so all of them would be compiled.
    let mut diff = Compact::new(Replace::new(Capture::new()), old.as_slice(), new.as_slice());
    let Ok(()) = myers::diff(&mut diff, old.as_slice(), 0..old.len(), new.as_slice(), 0..new.len());
    let operations = diff.into_inner().into_inner().into_ops();
    let changes = || operations.iter().flat_map(|one| one.iter_changes(old.as_slice(), new.as_slice()));
    let stayed = changes().filter(|change| change.tag() == ChangeTag::Equal);
    let stayed = stayed.filter(|change| is_word(change.value_ref())).count();
    if share(stayed, &old, &new) < MIN_SIMILARITY {
        return None;
    }
    let mut pieces = Vec::new();
    let (mut gone, mut come, mut gap) = (String::new(), String::new(), String::new());
    for change in changes() {
        let word = change.value();
        match change.tag() {
            // A space between two changed words is part of the change.
            ChangeTag::Equal if word.trim().is_empty() && !(gone.is_empty() && come.is_empty()) => gap.push_str(word),
            ChangeTag::Equal => {
                flush(&mut pieces, &mut gone, &mut come);
                gap.push_str(word);
                push(&mut pieces, ChangeTag::Equal, &std::mem::take(&mut gap));
            }
            tag => {
                gone.push_str(&gap);
                come.push_str(&gap);
                gap.clear();
                if tag == ChangeTag::Delete { gone.push_str(word) } else { come.push_str(word) }
            }
        }
    }
    flush(&mut pieces, &mut gone, &mut come);
    push(&mut pieces, ChangeTag::Equal, &gap);
    Some(pieces)
}

/// Returns `true` if the token is more than whitespace, which all texts have in common.
fn is_word(token: &str) -> bool {
    !token.trim().is_empty()
}

/// Returns the share of `common` words in the words of both sides.
fn share(common: usize, old: &[&str], new: &[&str]) -> f32 {
    let words = old.iter().chain(new).filter(|token| is_word(token)).count();
    (2 * common) as f32 / words.max(1) as f32
}

/// Returns how many words both texts have in the same order.
///
/// The number is never less than that of a diff, and much faster to compute, because 64 positions of one text are
/// compared at the same time (Crochemore and others 2001, Hyyrö 2004: lengths of common subsequences by bits).
fn in_common(old: &[&str], new: &[&str]) -> usize {
    let (short, long) = if old.len() <= new.len() { (old, new) } else { (new, old) };
    let short: Vec<&str> = short.iter().copied().filter(|token| is_word(token)).collect();
    let blocks = short.len().div_ceil(64);
    let mut places: HashMap<&str, Vec<u64>> = HashMap::new();
    for (place, word) in short.iter().enumerate() {
        places.entry(word).or_insert_with(|| vec![0; blocks])[place / 64] |= 1 << (place % 64);
    }
    // The bit of a matched position is 0. Bits past the end are always 1.
    let mut free = vec![u64::MAX; blocks];
    for places in long.iter().filter_map(|word| places.get(word)) {
        let mut carry = false;
        for (free, places) in free.iter_mut().zip(places) {
            let (sum, over) = free.overflowing_add(*free & places);
            let (sum, again) = sum.overflowing_add(carry.into());
            *free = sum | (*free & !places);
            carry = over || again;
        }
    }
    free.iter().map(|free| free.count_zeros() as usize).sum()
}

fn flush(pieces: &mut Vec<DiffSegment>, gone: &mut String, come: &mut String) {
    push(pieces, ChangeTag::Delete, &std::mem::take(gone));
    push(pieces, ChangeTag::Insert, &std::mem::take(come));
}

fn push(pieces: &mut Vec<DiffSegment>, tag: ChangeTag, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.tag == tag => last.text.push_str(text),
        _ => pieces.push(DiffSegment { tag, text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_common_are_those_of_the_longest_way_through_both() {
        let words: Vec<String> = (0..7).map(|number| format!("w{number}")).collect();
        for (seed, long) in [(1_u64, 3), (2, 63), (3, 64), (4, 65), (5, 200)] {
            let text = |seed: u64, long: usize| -> Vec<&str> {
                let mut state = seed;
                let mut next = || {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 33) as usize
                };
                (0..long).map(|_| words[next() % words.len()].as_str()).collect()
            };
            let (old, new) = (text(seed, long), text(seed + 100, long * 2 / 3 + 1));
            let mut row = vec![0; new.len() + 1];
            for before in &old {
                let mut corner = 0;
                for (place, after) in new.iter().enumerate() {
                    let best = if before == after { corner + 1 } else { row[place].max(row[place + 1]) };
                    corner = std::mem::replace(&mut row[place + 1], best);
                }
            }
            assert_eq!(in_common(&old, &new), row[new.len()], "{long}");
            assert_eq!(in_common(&new, &old), row[new.len()], "{long}");
        }
        assert_eq!((in_common(&[], &["a"]), in_common(&["a", " "], &[" ", "a", " "])), (0, 1), "blanks are no words");
    }

    #[test]
    fn the_worst_texts_take_no_time() {
        let letters: Vec<char> = ('一'..='鿿').collect();
        let before: String = (0..4_999).map(|number| letters[number * 7 % 5_000]).collect();
        let after: String = (0..4_999).map(|number| letters[number * 13 % 5_000]).collect();
        assert_eq!(word_diff(&before, &after), None, "25 million pairs of letters");
    }
}
