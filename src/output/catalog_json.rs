//! The catalog for programs, format 1.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::catalog_human::CatalogRows;
use super::document::versioned;
use crate::catalog::{AvatarEntry, Catalog, TemplateEntry, VoiceEntry};

/// What `callsheet catalog avatars|voices|templates --format json` prints: one of the three lists, in the vendor's order.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Catalog")]
pub struct CatalogDocument<'a> {
    /// The vendor's host.
    host: &'a str,
    /// When it was fetched, UTC.
    #[schemars(with = "String")]
    synced: &'a Timestamp,
    /// Of `catalog avatars`.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatars: Option<&'a [&'a AvatarEntry]>,
    /// Of `catalog voices`.
    #[serde(skip_serializing_if = "Option::is_none")]
    voices: Option<&'a [&'a VoiceEntry]>,
    /// Of `catalog templates`.
    #[serde(skip_serializing_if = "Option::is_none")]
    templates: Option<&'a [&'a TemplateEntry]>,
}

/// What `callsheet catalog sync --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CatalogSync")]
pub struct SyncedDocument<'a> {
    /// The vendor's host.
    host: &'a str,
    /// When it was fetched, UTC.
    #[schemars(with = "String")]
    synced: &'a Timestamp,
    /// Number of avatars.
    avatars: usize,
    /// Number of voices.
    voices: usize,
    /// Number of templates.
    templates: usize,
    /// Number of downloaded pictures, of `catalog sync --pictures`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pictures_fetched: Option<usize>,
    /// Number of pictures that were already on this disk, of `catalog sync --pictures`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pictures_kept: Option<usize>,
    /// Warnings.
    warnings: &'a [String],
}

/// Returns `catalog avatars|voices|templates --format json`.
pub fn catalog_json(catalog: &Catalog, entries: CatalogRows<'_>) -> String {
    let Catalog { host, synced, .. } = catalog;
    let mut all = CatalogDocument { host, synced, avatars: None, voices: None, templates: None };
    match entries {
        CatalogRows::Avatars(list) => all.avatars = Some(list),
        CatalogRows::Voices(list) => all.voices = Some(list),
        CatalogRows::Templates(list) => all.templates = Some(list),
    }
    versioned(&all)
}

/// Returns the document of `catalog sync --format json`. `pictures` has the numbers of downloaded and of kept pictures.
pub fn synced_json(catalog: &Catalog, warnings: &[String], pictures: Option<(usize, usize)>) -> String {
    versioned(&SyncedDocument {
        host: &catalog.host,
        synced: &catalog.synced,
        avatars: catalog.avatars.len(),
        voices: catalog.voices.len(),
        templates: catalog.templates.len(),
        pictures_fetched: pictures.map(|(new, _)| new),
        pictures_kept: pictures.map(|(_, kept)| kept),
        warnings,
    })
}
