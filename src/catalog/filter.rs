//! Filters entries by words. An entry matches if it contains every word.

use super::{AvatarEntry, TemplateEntry, VoiceEntry};

/// The words that an entry must contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    words: Vec<String>,
}

impl Filter {
    /// Creates a filter from some words, ignoring case.
    pub fn new(words: &[String]) -> Self {
        let words = words.iter().flat_map(|word| word.split_whitespace());
        Self { words: words.map(str::to_lowercase).collect() }
    }

    /// Returns `true` if each word is part of a text, or equals one of `whole`.
    fn matches(&self, texts: &[Option<&str>], whole: &[&str]) -> bool {
        self.words.iter().all(|word| {
            let within = texts.iter().flatten().any(|text| text.to_lowercase().contains(word.as_str()));
            within || whole.iter().any(|text| text.to_lowercase() == *word)
        })
    }

    /// Returns the matching avatars, by name.
    pub fn avatars<'a>(&self, entries: &'a [AvatarEntry]) -> Vec<&'a AvatarEntry> {
        // `male` must not match `female`.
        let fits =
            |one: &&AvatarEntry| self.matches(&[Some(&one.id), one.name.as_deref()], &gender(one.gender.as_deref()));
        let mut found: Vec<_> = entries.iter().filter(fits).collect();
        found.sort_by_cached_key(|one| (lower(one.name.as_deref()), &one.id));
        found
    }

    /// Returns the matching voices, by language and name.
    pub fn voices<'a>(&self, entries: &'a [VoiceEntry]) -> Vec<&'a VoiceEntry> {
        let fits = |one: &&VoiceEntry| {
            let texts = [Some(one.id.as_str()), one.name.as_deref(), one.language.as_deref(), one.country.as_deref()];
            let mut whole = gender(one.gender.as_deref());
            whole.extend(one.emotions.iter().map(String::as_str));
            self.matches(&texts, &whole)
        };
        let mut found: Vec<_> = entries.iter().filter(fits).collect();
        found.sort_by_cached_key(|one| (lower(one.language.as_deref()), lower(one.name.as_deref()), &one.id));
        found
    }

    /// Returns the matching templates, by name.
    pub fn templates<'a>(&self, entries: &'a [TemplateEntry]) -> Vec<&'a TemplateEntry> {
        let fits = |one: &&TemplateEntry| {
            self.matches(&[one.name.as_deref()], &[one.id.as_str(), one.aspect.as_deref().unwrap_or_default()])
        };
        let mut found: Vec<_> = entries.iter().filter(fits).collect();
        found.sort_by_cached_key(|one| (lower(one.name.as_deref()), &one.id));
        found
    }
}

fn gender(word: Option<&str>) -> Vec<&str> {
    word.into_iter().collect()
}

fn lower(text: Option<&str>) -> String {
    text.unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(name: &str, language: &str, gender: &str, emotions: &[&str]) -> VoiceEntry {
        VoiceEntry {
            id: format!("id-{name}="),
            name: Some(name.to_owned()),
            language: Some(language.to_owned()),
            gender: Some(gender.to_owned()),
            emotions: emotions.iter().map(|word| (*word).to_owned()).collect(),
            ..VoiceEntry::default()
        }
    }

    #[test]
    fn every_word_must_be_found_and_male_is_not_in_female() {
        let voices = [
            voice("Katja", "German", "female", &["normal"]),
            voice("Guy", "English", "male", &["cheerful", "sad"]),
            voice("Jenny", "English", "female", &["cheerful"]),
        ];
        for (words, names) in [
            ("", vec!["Guy", "Jenny", "Katja"]),
            ("english", vec!["Guy", "Jenny"]),
            ("ENG female", vec!["Jenny"]),
            ("male", vec!["Guy"]),
            ("cheerful", vec!["Guy", "Jenny"]),
            ("cheer", vec![]),
            ("id-kat", vec!["Katja"]),
            ("german male", vec![]),
        ] {
            let found = Filter::new(&[words.to_owned()]).voices(&voices).into_iter();
            assert_eq!(found.filter_map(|one| one.name.as_deref()).collect::<Vec<_>>(), names, "{words}");
        }
    }
}
