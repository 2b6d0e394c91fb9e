//! Adds what is on this disk to the shots of a storyboard: finished videos, the names of the catalog, and its pictures.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::CompiledProject;
use crate::catalog::{Catalog, SignedAddresses};
use crate::lockfile::Lockfile;
use crate::preview::{PictureFetch, PictureFetchError, Shot, downloaded_name, fetch_pictures};
use crate::results::SavedVideos;
use crate::source::make_directory;
use crate::spec::views::key;
use crate::spec::{Spec, digest, explicit_value};
use crate::vendor::FileHosts;

/// The cache directory for fetched pictures, relative to the project root.
pub const MEDIA_DIRECTORY: &str = ".callsheet/media";

/// Maximum number of pictures that one sync downloads.
const MAX_PICTURES: usize = 500;

/// Finds the finished video of each shot, and of what was submitted before, among the files that `pull` saved.
pub fn find_finished_videos(shots: &mut [Shot], (lockfile, host): (&Lockfile, &str), directory: &Path) {
    let mut saved = None;
    let mut find = |spec: &Spec, key: &str| {
        let take = lockfile.paid(host, &digest(spec), key)?;
        let (sha256, bytes) = (take.sha256.as_deref()?, take.bytes?);
        // Before the first pull there is nothing to list.
        saved.get_or_insert_with(|| SavedVideos::in_directory(directory)).find_saved(sha256, bytes)
    };
    for shot in shots {
        shot.film = find(&shot.spec, &shot.key);
        shot.film_before = shot.before.as_ref().and_then(|before| find(before, &shot.key));
    }
}

/// Adds the catalog's names of avatar, voice, language and vendor template.
pub fn name_shots(shots: &mut [Shot], catalog: &Catalog) {
    for shot in shots {
        let spec = &shot.spec;
        let mut cast: Vec<(&'static str, String)> = Vec::new();
        let avatars = spec.read_all::<&str>(key::AVATAR_ID).filter_map(|(_, id)| catalog.avatar(id)?.name.clone());
        cast.extend(avatars.map(|name| ("avatar", name)));
        for voice in spec.read_all::<&str>(key::VOICE_ID).filter_map(|(_, id)| catalog.voice(id)) {
            cast.extend(voice.name.clone().map(|name| ("voice", name)));
            let language = voice.language.as_ref().map(|language| match &voice.country {
                Some(country) => format!("{language} ({country})"),
                None => language.clone(),
            });
            cast.extend(language.map(|language| ("language", language)));
        }
        let template = template_id(spec).and_then(|id| catalog.template(&id)?.name.clone());
        cast.extend(template.map(|name| ("template", name)));
        // Scenes often have the same voice.
        let mut seen = BTreeSet::new();
        cast.retain(|one| seen.insert(one.clone()));
        shot.cast = cast;
    }
}

/// Returns the id of the vendor template, as text. A kind of video without one has none.
fn template_id(spec: &Spec) -> Option<String> {
    match explicit_value(spec).pointer("/template/id")? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// Returns the downloaded picture of each avatar that the shots use.
pub(super) fn portraits(shots: &[Shot], catalog: &Catalog, media: &Path) -> HashMap<String, PathBuf> {
    let specs = shots.iter().flat_map(|shot| std::iter::once(&shot.spec).chain(&shot.before));
    let ids: BTreeSet<&str> = specs.filter_map(|spec| spec.read(key::AVATAR_ID)).collect();
    let known = ids.into_iter().filter_map(|id| {
        let path = media.join(downloaded_name(catalog.avatar(id)?.preview_image.as_ref()?));
        path.symlink_metadata().is_ok_and(|meta| meta.is_file()).then(|| (id.to_owned(), path))
    });
    known.collect()
}

/// Downloads the catalog's pictures of the avatars and vendor templates that the project uses. Returns the number of
/// pictures beyond the maximum, too.
///
/// # Errors
/// If the client or the directory cannot be created. The result contains the errors of single pictures.
pub async fn fetch_catalog_pictures(
    compiled: &CompiledProject,
    catalog: &Catalog,
    signed: &SignedAddresses,
    hosts: FileHosts,
) -> Result<(PictureFetch, usize), PictureFetchError> {
    let mut urls: BTreeSet<&str> = BTreeSet::new();
    for video in &compiled.videos {
        let avatars = video.spec.read_all::<&str>(key::AVATAR_ID);
        urls.extend(avatars.filter_map(|(_, id)| catalog.avatar(id)?.preview_image.as_deref()));
        let template = template_id(&video.spec).and_then(|id| catalog.template(&id)?.preview_image.as_deref());
        urls.extend(template);
    }
    let directory = compiled.root.join(MEDIA_DIRECTORY);
    make_directory(&compiled.root, &directory).map_err(|error| PictureFetchError::Disk(directory.clone(), error))?;
    let beyond = urls.len().saturating_sub(MAX_PICTURES);
    // The storage rejects an address without its signature.
    let urls = urls.into_iter().take(MAX_PICTURES).map(|url| signed.get(url).unwrap_or(url));
    Ok((fetch_pictures(urls, &directory, hosts).await?, beyond))
}
