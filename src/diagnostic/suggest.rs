//! "did you mean": the nearest of some known names.

/// The known name nearest to `word`, if one is near enough to be a slip of the hand.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(word, known, (word.chars().count() / 3).clamp(1, 3))
}

/// The known name nearest to `word`, at most `limit` slips away: for what is not made of words, such as ids.
pub fn nearest_within<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, limit: usize) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    known
        .into_iter()
        // Lengths that differ by more are out of reach; measuring a word of megabytes would take the memory of its square.
        .filter(|name| name.chars().count().abs_diff(length) <= limit + 1)
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
