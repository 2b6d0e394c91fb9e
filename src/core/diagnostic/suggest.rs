//! Suggests the closest of some known names: "did you mean".

/// Returns the known name closest to `word`, if it is close enough for a typo.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(word, known, (word.chars().count() / 3).clamp(1, 3))
}

/// Returns the known name closest to `word`, at most `limit` edits away. For names that are not words, such as ids.
pub fn nearest_within<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, limit: usize) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    known
        .into_iter()
        // Other lengths cannot match, and the memory of the comparison grows with the square of the length.
        .filter(|name| name.chars().count().abs_diff(length) <= limit + 1)
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
