//! The catalog: a table with links for humans, and format 1 for programs.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Theme;
use super::document::versioned;
use super::text::{TableCell, Widths, cell, pluralize};
use super::theme::DIM;
use crate::catalog::{AvatarEntry, Catalog, TemplateEntry, VoiceEntry};
use crate::source::sanitize;

/// Entries of one list of the catalog.
#[derive(Clone, Copy, Debug)]
pub enum CatalogRows<'a> {
    /// Avatars.
    Avatars(&'a [&'a AvatarEntry]),
    /// Voices.
    Voices(&'a [&'a VoiceEntry]),
    /// Templates.
    Templates(&'a [&'a TemplateEntry]),
}

/// Returns the size of a catalog: `5 avatars, 6 voices and 3 templates of devapi.vidnoz.com`.
pub fn synced_sentence(catalog: &Catalog) -> String {
    let counted = |entries: usize, noun: &str| pluralize(entries as u64, noun);
    format!(
        "{}, {} and {} of {}",
        counted(catalog.avatars.len(), "avatar"),
        counted(catalog.voices.len(), "voice"),
        counted(catalog.templates.len(), "template"),
        sanitize(&catalog.host),
    )
}

/// Returns a table with a heading, or an empty text without entries. Ids and links are never truncated, so that the
/// user can copy them.
pub fn catalog_text(entries: CatalogRows<'_>, color: bool) -> String {
    fn row<const N: usize>(cells: [Option<&str>; N]) -> Vec<TableCell<'static>> {
        cells.into_iter().map(|text| cell(sanitize(text.unwrap_or_default()).into_owned())).collect()
    }
    let (heading, rows): (&[&str], Vec<_>) = match entries {
        CatalogRows::Avatars(avatars) => {
            let rows = avatars.iter().map(|one| {
                let preview = one.preview_video.as_deref().or(one.preview_image.as_deref());
                row([one.name.as_deref(), one.gender.as_deref(), Some(&one.id), preview])
            });
            (&["NAME", "GENDER", "ID", "PREVIEW"], rows.collect())
        }
        CatalogRows::Voices(voices) => {
            let rows = voices.iter().map(|one| {
                let [language, country, name, gender, preview] =
                    [&one.language, &one.country, &one.name, &one.gender, &one.preview_audio]
                        .map(|text| text.as_deref());
                row([language, country, name, gender, Some(&one.emotions.join(",")), Some(&one.id), preview])
            });
            (&["LANGUAGE", "COUNTRY", "NAME", "GENDER", "EMOTIONS", "ID", "PREVIEW"], rows.collect())
        }
        CatalogRows::Templates(templates) => {
            let rows = templates.iter().map(|one| {
                let scenes = one.scenes.map(|scenes| scenes.to_string());
                let preview = one.preview_video.as_deref().or(one.preview_image.as_deref());
                row([one.name.as_deref(), one.aspect.as_deref(), scenes.as_deref(), Some(&one.id), preview])
            });
            (&["NAME", "ASPECT", "SCENES", "ID", "PREVIEW"], rows.collect())
        }
    };
    if rows.is_empty() {
        return String::new();
    }
    let heading = heading.iter().copied().map(cell).collect();
    let rows: Vec<_> = std::iter::once(heading).chain(rows).collect();
    let widths = Widths::of(&rows);
    let mut lines: Vec<String> = rows.iter().map(|row| widths.line(row, Theme::new(false))).collect();
    lines[0] = Theme::new(color).paint(DIM, &lines[0]);
    lines.join("\n") + "\n"
}

/// Returns the time since an instant: `just now`, `5 min ago`, `3 h ago`, `3 d ago`.
pub fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    match seconds {
        ..120 => "just now".to_owned(),
        120..7_200 => format!("{} min ago", seconds / 60),
        7_200..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_reads_aloud() {
        let then: Timestamp = "2026-11-22T11:00:00Z".parse().unwrap();
        for (now, words) in [
            ("2026-11-22T10:00:00Z", "just now"),
            ("2026-11-22T11:01:59Z", "just now"),
            ("2026-11-22T11:02:00Z", "2 min ago"),
            ("2026-11-22T12:59:59Z", "119 min ago"),
            ("2026-11-22T13:00:00Z", "2 h ago"),
            ("2026-11-25T11:00:00Z", "3 d ago"),
        ] {
            assert_eq!(age(then, now.parse().unwrap()), words);
        }
    }

    #[test]
    fn a_table_is_aligned_clean_and_uncut() {
        let long = "x".repeat(300);
        let anna = AvatarEntry { id: long.clone(), name: Some("東京\u{1b}[2J".to_owned()), ..AvatarEntry::default() };
        let ben = AvatarEntry { id: "b".to_owned(), gender: Some("male".to_owned()), ..AvatarEntry::default() };
        let text = catalog_text(CatalogRows::Avatars(&[&anna, &ben]), false);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], format!("東京␛[2J          {long}"));
        assert_eq!(lines[2], "          male    b");
        assert_eq!(catalog_text(CatalogRows::Voices(&[]), false), "");
    }
}
