//! One avatar, voice or template of the vendor's lists. Also the format of `catalog.json`, version 1.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::spec::without_signature;
use crate::vendor::text;

/// The fields that hold the address of a picture.
const PICTURE: &[&str] = &["preview_image_url", "thumb_url"];

/// An avatar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "Avatar")]
pub struct AvatarEntry {
    /// The vendor's id, as in `avatar.id`.
    pub id: String,
    /// The human-readable name.
    pub name: Option<String>,
    /// `female`, `male` or another word of the vendor.
    pub gender: Option<String>,
    /// A picture, without signature.
    pub preview_image: Option<String>,
    /// A video, without signature.
    pub preview_video: Option<String>,
}

/// A voice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "Voice")]
pub struct VoiceEntry {
    /// The vendor's id, as in `voice.tts.id`.
    pub id: String,
    /// The human-readable name.
    pub name: Option<String>,
    /// The vendor's name of the language: `English`.
    pub language: Option<String>,
    /// The vendor's name of the country: `United States`.
    pub country: Option<String>,
    /// `female`, `male` or another word of the vendor.
    pub gender: Option<String>,
    /// A sound, without signature.
    pub preview_audio: Option<String>,
    /// The values of `voice.tts.emotion` for this voice. Empty if the vendor lists none.
    pub emotions: Vec<String>,
}

/// A template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "Template")]
pub struct TemplateEntry {
    /// The vendor's id, a number written as text.
    pub id: String,
    /// The human-readable name.
    pub name: Option<String>,
    /// `16:9`, `9:16`, `1:1` or another word of the vendor, unchanged.
    pub aspect: Option<String>,
    /// Number of scenes.
    pub scenes: Option<u64>,
    /// A picture, without signature.
    pub preview_image: Option<String>,
    /// A video, without signature.
    pub preview_video: Option<String>,
}

impl AvatarEntry {
    /// Reads an entry of the vendor's list. Returns `None` if it has no id.
    pub(super) fn read(value: &Value) -> Option<Self> {
        Some(Self {
            id: first(value, &["avatar_id", "id"])?,
            name: first(value, &["name", "avatar_name"]),
            gender: first(value, &["gender"]).map(|word| word.to_lowercase()),
            preview_image: link(value, PICTURE),
            preview_video: link(value, &["preview_video_url"]),
        })
    }
}

impl VoiceEntry {
    /// As [`AvatarEntry::read`].
    pub(super) fn read(value: &Value) -> Option<Self> {
        let mut emotions: Vec<String> = Vec::new();
        for word in ["emotions", "style_list"].into_iter().filter_map(|name| value.get(name)).flat_map(word_list) {
            if !emotions.contains(&word) {
                emotions.push(word);
            }
        }
        Some(Self {
            id: first(value, &["voice_id", "id"])?,
            name: first(value, &["name", "voice_name"]),
            language: first(value, &["language", "language_name"]),
            country: first(value, &["country_name", "country"]),
            gender: first(value, &["gender"]).map(|word| word.to_lowercase()),
            preview_audio: link(value, &["preview_audio_url"]),
            emotions,
        })
    }
}

impl TemplateEntry {
    /// As [`AvatarEntry::read`].
    pub(super) fn read(value: &Value) -> Option<Self> {
        let aspect = first(value, &["aspect"]).map(|aspect| match aspect.as_str() {
            "1" => "16:9".to_owned(),
            "2" => "9:16".to_owned(),
            "3" => "1:1".to_owned(),
            _ => aspect,
        });
        // Their number, or the scenes themselves.
        let scenes = match value.get("scenes") {
            Some(Value::Array(scenes)) => Some(scenes.len() as u64),
            Some(value) => text(value).and_then(|number| number.parse().ok()),
            None => None,
        };
        Some(Self {
            id: first(value, &["id", "template_id"])?,
            name: first(value, &["name", "template_name"]),
            aspect,
            scenes,
            preview_image: link(value, PICTURE),
            preview_video: link(value, &["preview_video_url"]),
        })
    }
}

/// Returns the first of some fields that contains a text or a number.
fn first(value: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| value.get(name).and_then(text))
}

/// Returns the first of some fields that contains a URL, without its signature, which is a secret.
fn link(value: &Value, names: &[&str]) -> Option<String> {
    Some(without_signature(&address(value, names)?).into_owned())
}

/// Returns the first of several fields that is an address, with its signature.
fn address(value: &Value, names: &[&str]) -> Option<String> {
    let is_address = |text: &String| text.starts_with("https://") || text.starts_with("http://");
    names.iter().find_map(|name| value.get(name).and_then(text).filter(is_address))
}

/// Returns the address of the picture of an avatar or template, without and with its signature.
pub(super) fn signed_picture(value: &Value) -> Option<(String, String)> {
    let signed = address(value, PICTURE)?;
    Some((without_signature(&signed).into_owned(), signed))
}

/// Returns a list of words from an array of texts, an array of objects with a name, or one text with commas.
fn word_list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(parts) => {
            parts.iter().filter_map(|part| text(part).or_else(|| first(part, &["name", "value", "id"]))).collect()
        }
        Value::String(list) => {
            list.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

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
            |one: &&AvatarEntry| self.matches(&[Some(&one.id), one.name.as_deref()], one.gender.as_deref().as_slice());
        let mut found: Vec<_> = entries.iter().filter(fits).collect();
        found.sort_by_cached_key(|one| (lower(one.name.as_deref()), &one.id));
        found
    }

    /// Returns the matching voices, by language and name.
    pub fn voices<'a>(&self, entries: &'a [VoiceEntry]) -> Vec<&'a VoiceEntry> {
        let fits = |one: &&VoiceEntry| {
            let texts = [Some(one.id.as_str()), one.name.as_deref(), one.language.as_deref(), one.country.as_deref()];
            let whole: Vec<&str> = one.gender.iter().chain(&one.emotions).map(String::as_str).collect();
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

fn lower(text: Option<&str>) -> String {
    text.unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_names_of_ids_and_links_vary() {
        let one = AvatarEntry::read(&json!({"avatar_id": " a= ", "name": "Anna", "gender": "Female",
        "thumb_url": "https://p.example/a.jpg?X-Amz-Date=1&X-Amz-Signature=secret", "preview_video_url": ""}));
        let one = one.unwrap();
        assert_eq!((one.id.as_str(), one.name.as_deref(), one.gender.as_deref()), ("a=", Some("Anna"), Some("female")));
        assert!(one.preview_image.as_deref().unwrap().starts_with("https://p.example/a.jpg"));
        assert!(!format!("{one:?}").contains("secret"), "{one:?}");
        assert_eq!(one.preview_video, None);
        assert_eq!(AvatarEntry::read(&json!({"id": 17})).unwrap().id, "17");
        for none in [json!({}), json!(null), json!("x"), json!({"id": ""}), json!({"id": null}), json!([1])] {
            assert_eq!(AvatarEntry::read(&none), None, "{none}");
        }
    }

    #[test]
    fn emotions_come_in_several_dresses() {
        let emotions = |value: Value| VoiceEntry::read(&value).unwrap().emotions;
        assert_eq!(emotions(json!({"id": 1, "emotions": ["sad", "sad"], "style_list": ["chat"]})), ["sad", "chat"]);
        assert_eq!(
            emotions(json!({"id": 1, "style_list": [{"name": "chat"}, {"value": "sad"}, 4]})),
            ["chat", "sad", "4"]
        );
        assert_eq!(emotions(json!({"id": 1, "emotions": "normal, happy,"})), ["normal", "happy"]);
        assert!(emotions(json!({"id": 1, "emotions": null, "style_list": 3})).is_empty());
    }

    #[test]
    fn a_template_has_words_for_its_aspect() {
        let one = TemplateEntry::read(&json!({"id": 3, "name": "Story", "aspect": "2", "scenes": "2"})).unwrap();
        assert_eq!((one.id.as_str(), one.aspect.as_deref(), one.scenes), ("3", Some("9:16"), Some(2)));
        let other = TemplateEntry::read(&json!({"id": "x", "aspect": "4:3", "scenes": [{}, {}, {}]})).unwrap();
        assert_eq!((other.aspect.as_deref(), other.scenes), (Some("4:3"), Some(3)));
    }

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
