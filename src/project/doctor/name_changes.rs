//! Compares a listed name with the submitted one.

use schemars::JsonSchema;
use serde::Serialize;

use crate::vendor::unescaped;

/// One way in which a listed name differs from the submitted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "NameChangeV1")]
pub enum NameChange {
    /// In lower case.
    Lowered,
    /// Spaces are missing.
    // At the ends, or several became one.
    Trimmed,
    /// Escaped for HTML.
    Escaped,
    /// The end is missing.
    // Only this number of characters is left.
    Cut(#[serde(skip)] usize),
    /// Something else.
    Other,
}

/// Returns how a name differs from the submitted one. Empty if the names are equal.
pub fn name_changes(submitted: &str, listed: &str) -> Vec<NameChange> {
    if submitted == listed {
        return Vec::new();
    }
    let plain = unescaped(listed);
    let mut changes = Vec::new();
    if plain != listed {
        changes.push(NameChange::Escaped);
    }
    if !submitted.starts_with(&plain) && is_lowered(submitted, &plain) {
        changes.push(NameChange::Lowered);
    }
    let (submitted, plain) = (submitted.to_lowercase(), plain.to_lowercase());
    let (short, squeezed) = (squeeze(&submitted), squeeze(&plain));
    if !submitted.starts_with(&plain) && short.starts_with(&squeezed) {
        changes.push(NameChange::Trimmed);
    }
    if !short.starts_with(&squeezed) || squeezed.is_empty() {
        return vec![NameChange::Other];
    }
    if short != squeezed {
        changes.push(NameChange::Cut(plain.chars().count()));
    }
    if changes.is_empty() { vec![NameChange::Other] } else { changes }
}

/// Returns `true` if the listed name is in lower case where the submitted one has capitals.
fn is_lowered(submitted: &str, listed: &str) -> bool {
    let upper = |text: &str| text.chars().filter(|one| one.is_uppercase()).count();
    let head: String = submitted.chars().take(listed.chars().count()).collect();
    upper(listed) == 0 && upper(&head) > 0
}

/// Joins the words with one space.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "Doctor 1: \"Ä & B\" <C>  keeps #k3f2qa2b7c";

    #[test]
    fn each_change_is_known() {
        let lower = NAME.to_lowercase();
        let escaped = "Doctor 1: &quot;Ä &amp; B&quot; &lt;C&gt;  keeps #k3f2qa2b7c";
        let trimmed = "Doctor 1: \"Ä & B\" <C> keeps #k3f2qa2b7c";
        for (listed, changes) in [
            (NAME, vec![]),
            (lower.as_str(), vec![NameChange::Lowered]),
            (escaped, vec![NameChange::Escaped]),
            (trimmed, vec![NameChange::Trimmed]),
            ("Doctor 1: \"Ä & B", vec![NameChange::Cut(16)]),
            ("doctor 1: \"ä & b", vec![NameChange::Lowered, NameChange::Cut(16)]),
            ("Doctor 1: &quot;Ä &amp; B", vec![NameChange::Escaped, NameChange::Cut(16)]),
            ("D", vec![NameChange::Cut(1)]),
            ("", vec![NameChange::Other]),
            ("video 17", vec![NameChange::Other]),
            ("Doctor 2: \"Ä & B", vec![NameChange::Other]),
        ] {
            assert_eq!(name_changes(NAME, listed), changes, "{listed}");
        }
    }
}
