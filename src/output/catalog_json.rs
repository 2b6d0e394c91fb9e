//! The catalogue for programs, format 1.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::catalog::Entries;
use super::document::{document, schema_of};
use crate::catalog::{AvatarEntry, Catalog, TemplateEntry, VoiceEntry};

/// What `callsheet catalog avatars|voices|templates --format json` prints: one of the three lists, in the vendor's order.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Catalog")]
struct CatalogV1<'a> {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// The vendor's host.
    host: &'a str,
    /// When it was fetched, UTC.
    synced: String,
    /// Of `catalog avatars`.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatars: Option<Vec<AvatarV1<'a>>>,
    /// Of `catalog voices`.
    #[serde(skip_serializing_if = "Option::is_none")]
    voices: Option<Vec<VoiceV1<'a>>>,
    /// Of `catalog templates`.
    #[serde(skip_serializing_if = "Option::is_none")]
    templates: Option<Vec<TemplateV1<'a>>>,
}

/// An avatar.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Avatar")]
struct AvatarV1<'a> {
    /// The vendor's id, as `avatar.id` takes it.
    id: &'a str,
    /// What people call it.
    name: Option<&'a str>,
    /// `female`, `male` or other words of the vendor.
    gender: Option<&'a str>,
    /// A picture, without signature.
    preview_image: Option<&'a str>,
    /// A video, without signature.
    preview_video: Option<&'a str>,
}

/// A voice.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Voice")]
struct VoiceV1<'a> {
    /// The vendor's id, as `voice.tts.id` takes it.
    id: &'a str,
    /// What people call it.
    name: Option<&'a str>,
    /// In the vendor's words: `English`.
    language: Option<&'a str>,
    /// In the vendor's words: `United States`.
    country: Option<&'a str>,
    /// `female`, `male` or other words of the vendor.
    gender: Option<&'a str>,
    /// A sound, without signature.
    preview_audio: Option<&'a str>,
    /// The words that `voice.tts.emotion` takes with this voice; empty where none are listed.
    emotions: &'a [String],
}

/// A template.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Template")]
struct TemplateV1<'a> {
    /// The vendor's id, a number written as text.
    id: &'a str,
    /// What people call it.
    name: Option<&'a str>,
    /// `16:9`, `9:16`, `1:1`; other words of the vendor as they came.
    aspect: Option<&'a str>,
    /// How many scenes it has.
    scenes: Option<u64>,
    /// A picture, without signature.
    preview_image: Option<&'a str>,
    /// A video, without signature.
    preview_video: Option<&'a str>,
}

/// What `callsheet catalog sync --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CatalogSync")]
struct SyncedV1<'a> {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// The vendor's host.
    host: &'a str,
    /// When it was fetched, UTC.
    synced: String,
    /// How many avatars.
    avatars: usize,
    /// How many voices.
    voices: usize,
    /// How many templates.
    templates: usize,
    /// Sentences worth a look.
    warnings: &'a [String],
}

impl<'a> From<&'a AvatarEntry> for AvatarV1<'a> {
    fn from(one: &'a AvatarEntry) -> Self {
        Self {
            id: &one.id,
            name: one.name.as_deref(),
            gender: one.gender.as_deref(),
            preview_image: one.preview_image.as_deref(),
            preview_video: one.preview_video.as_deref(),
        }
    }
}

impl<'a> From<&'a VoiceEntry> for VoiceV1<'a> {
    fn from(one: &'a VoiceEntry) -> Self {
        Self {
            id: &one.id,
            name: one.name.as_deref(),
            language: one.language.as_deref(),
            country: one.country.as_deref(),
            gender: one.gender.as_deref(),
            preview_audio: one.preview_audio.as_deref(),
            emotions: &one.emotions,
        }
    }
}

impl<'a> From<&'a TemplateEntry> for TemplateV1<'a> {
    fn from(one: &'a TemplateEntry) -> Self {
        Self {
            id: &one.id,
            name: one.name.as_deref(),
            aspect: one.aspect.as_deref(),
            scenes: one.scenes,
            preview_image: one.preview_image.as_deref(),
            preview_video: one.preview_video.as_deref(),
        }
    }
}

/// `catalog avatars --format json` and its like.
pub fn catalog_json(catalog: &Catalog, entries: Entries<'_>) -> String {
    let synced = catalog.synced.to_string();
    let mut all =
        CatalogV1 { format_version: 1, host: &catalog.host, synced, avatars: None, voices: None, templates: None };
    match entries {
        Entries::Avatars(list) => all.avatars = Some(list.iter().map(|one| AvatarV1::from(*one)).collect()),
        Entries::Voices(list) => all.voices = Some(list.iter().map(|one| VoiceV1::from(*one)).collect()),
        Entries::Templates(list) => all.templates = Some(list.iter().map(|one| TemplateV1::from(*one)).collect()),
    }
    document(&all)
}

/// The schema of `catalog avatars --format json` and its like.
pub fn catalog_schema() -> Value {
    schema_of::<CatalogV1<'_>>()
}

/// `catalog sync --format json`.
pub fn synced_json(catalog: &Catalog, warnings: &[String]) -> String {
    document(&SyncedV1 {
        format_version: 1,
        host: &catalog.host,
        synced: catalog.synced.to_string(),
        avatars: catalog.avatars.len(),
        voices: catalog.voices.len(),
        templates: catalog.templates.len(),
        warnings,
    })
}

/// The schema of `catalog sync --format json`.
pub fn synced_schema() -> Value {
    schema_of::<SyncedV1<'_>>()
}
