//! Draws the storyboard of a plan for `preview`.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use similar::ChangeTag;

use super::CompiledProject;
use crate::catalog::{Catalog, SignedAddresses, TemplateEntry};
use crate::fields::VENDOR;
use crate::lockfile::Lockfile;
use crate::plan::{Action, Change, DiffSegment, FieldChange, Plan, word_diff};
use crate::preview::{
    DrawProcess, Fonts, Frame, FrameError, FrameRenderer, ImageRenderer, ImageResolver, PictureFetch,
    PictureFetchError, RenderOptions, Shot, ShotChange, ShotStatus, Storyboard, TemplatePicture, downloaded_name,
    fetch_pictures, write_storyboard,
};
use crate::results::SavedVideos;
use crate::source::{check_inside, make_directory};
use crate::spec::key;
use crate::spec::views::MediaSource;
use crate::spec::{Aspect, Spec, digest, stored_spec};
use crate::vendor::FileHosts;

/// The default output directory for frames, relative to the project root.
pub const PREVIEW_DIRECTORY: &str = ".callsheet/preview";

/// The options of a preview.
#[derive(Clone, Debug)]
pub struct PreviewRequest {
    /// The output directory.
    pub directory: PathBuf,
    /// The drawing options.
    pub options: RenderOptions,
    /// Where pictures of untrusted origin are drawn.
    pub draw_in: DrawProcess,
}

/// Returns the selected videos as shots, with their status in the plan and the specs submitted before.
pub fn shots(compiled: &CompiledProject, plan: &Plan, selected: Option<&BTreeSet<Arc<str>>>) -> Vec<Shot> {
    let changes: HashMap<&str, &Change> =
        plan.changes.iter().filter(|change| change.video.is_some()).map(|change| (&*change.key, change)).collect();
    let videos = compiled.videos.iter().filter(|video| selected.is_none_or(|keys| keys.contains(&video.key)));
    videos
        .map(|video| {
            let change = changes.get(&*video.key).copied();
            let changed = change.filter(|change| change.action == Action::Change);
            Shot {
                key: Arc::clone(&video.key),
                spec: video.spec.clone(),
                status: change.map_or(ShotStatus::Unchanged, |change| shot_status(change.action)),
                submits: change.is_some_and(|change| change.submits),
                before: changed.and_then(|change| stored_spec(&change.before.as_ref()?.value())),
                changes: changed.map(fields).unwrap_or_default(),
                film: None,
                film_before: None,
                cast: Vec::new(),
            }
        })
        .collect()
}

fn shot_status(action: Action) -> ShotStatus {
    match action {
        Action::Add => ShotStatus::New,
        Action::Change => ShotStatus::Changed,
        Action::Move => ShotStatus::Moved,
        Action::Retry => ShotStatus::Failed,
        Action::Resolve => ShotStatus::InDoubt,
        Action::Orphan => ShotStatus::Unchanged,
    }
}

fn fields(change: &Change) -> Vec<ShotChange> {
    let place = |place: &crate::source::Location| format!("{}:{}", place.file, place.line);
    let fields = change.diff.iter().map(|field| {
        let [before, after] = field.texts();
        let place = field.origin.as_ref().map(place).unwrap_or_default();
        ShotChange { path: field.path.clone(), before, after, place, words: words(field) }
    });
    fields.collect()
}

/// Returns the words of two spoken texts, compared. Any other value, such as an id, is shown in full.
fn words(field: &FieldChange) -> Vec<(char, String)> {
    let (Some(Value::String(before)), Some(Value::String(after))) = (&field.before, &field.after) else {
        return Vec::new();
    };
    if field.path.rsplit('.').next() != Some("text") {
        return Vec::new();
    }
    let sign = |piece: DiffSegment| {
        let sign = match piece.tag {
            ChangeTag::Equal => '=',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        (sign, piece.text)
    };
    word_diff(before, after).unwrap_or_default().into_iter().map(sign).collect()
}

/// Fetches the remote backgrounds of shots into the project's media directory.
///
/// # Errors
/// If the client or the directory cannot be created. The result contains the errors of single URLs.
pub async fn fetch_backgrounds(
    shots: &[Shot],
    root: &Path,
    hosts: FileHosts,
) -> Result<PictureFetch, PictureFetchError> {
    let specs = shots.iter().flat_map(|shot| std::iter::once(&shot.spec).chain(&shot.before));
    let looks = template_looks(root);
    let urls = specs.filter_map(|spec| match spec.background_media() {
        Some(MediaSource::Url(url)) => Some(url),
        Some(_) => None,
        None => looks.get(&spec.read::<i64>(key::TEMPLATE_ID)?)?.picture.as_deref(),
    });
    let directory = root.join(MEDIA_DIRECTORY);
    make_directory(root, &directory).map_err(|error| PictureFetchError::Disk(directory.clone(), error))?;
    fetch_pictures(urls, &directory, hosts).await
}

/// Returns the looks of the vendor's templates by the project's catalog, which is a cache: an unreadable one has none.
fn template_looks(root: &Path) -> HashMap<i64, TemplatePicture> {
    let catalog = Catalog::load(root).ok().flatten();
    let look = |one: TemplateEntry| {
        let aspect = one.aspect.as_deref().and_then(Aspect::from_word).unwrap_or_default();
        let name = one.name.unwrap_or_else(|| one.id.clone());
        Some((one.id.parse().ok()?, TemplatePicture { name, aspect, picture: one.preview_image }))
    };
    catalog.into_iter().flat_map(|catalog| catalog.templates).filter_map(look).collect()
}

/// Draws the shots and writes their storyboard. Returns the page to open, and the frame of each shot. `on_progress` hears
/// how many frames are ready.
///
/// # Errors
/// See [`FrameError`].
pub fn preview(
    (root, environment, catalog): (&Path, &str, Option<&Catalog>),
    shots: &[Shot],
    ask: &PreviewRequest,
    on_progress: &(dyn Fn(usize) + Sync),
) -> Result<(PathBuf, Vec<Frame>), FrameError> {
    let fonts = Fonts::default();
    let media = Some(root.join(MEDIA_DIRECTORY)).filter(|media| check_inside(root, media).is_ok());
    let portraits = media.as_deref().zip(catalog).map(|(media, catalog)| portraits(shots, catalog, media));
    let mut resolver = ImageResolver::new(shots.iter().map(|shot| &shot.spec), media);
    resolver.portraits = portraits.unwrap_or_default();
    resolver.templates = template_looks(root);
    let images = ImageRenderer::new(ask.draw_in.clone());
    let renderer = FrameRenderer { fonts: &fonts, resolver: &resolver, images: &images, options: ask.options };
    let frames = renderer.render_all(shots, &ask.directory, on_progress)?;
    let name = root.canonicalize().ok().and_then(|root| Some(root.file_name()?.to_string_lossy().into_owned()));
    let title = name.unwrap_or_else(|| "project".to_owned());
    let board = Storyboard {
        title: &title,
        environment,
        shots,
        frames: &frames,
        has_clips: ask.options.clips,
        directory: &ask.directory,
    };
    let index = write_storyboard(&board, &ask.directory)?;
    Ok((index, frames))
}

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

/// Adds the catalog's names of avatar, voice, language and vendor template, and shows changed ids by their names.
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
        let template =
            spec.read::<i64>(key::TEMPLATE_ID).and_then(|id| catalog.template(&id.to_string())?.name.clone());
        cast.extend(template.map(|name| ("template", name)));
        // Scenes often have the same voice.
        let mut seen = BTreeSet::new();
        cast.retain(|one| seen.insert(one.clone()));
        shot.cast = cast;
        shot.changes.iter_mut().for_each(|change| name_change(change, catalog));
    }
}

/// Replaces the ids of a change with the catalog's names. Ids of one name follow it, because they distinguish equal names.
fn name_change(change: &mut ShotChange, catalog: &Catalog) {
    let Some(field) = VENDOR.field_at(&change.path) else { return };
    let row = Some(field.row);
    let name_of = |id: &str| {
        if row == VENDOR.row_of(key::AVATAR_ID) {
            catalog.avatar(id)?.name.clone()
        } else if row == VENDOR.row_of(key::VOICE_ID) {
            catalog.voice(id)?.name.clone()
        } else if row == VENDOR.row_of(key::TEMPLATE_ID) {
            catalog.template(id)?.name.clone()
        } else {
            None
        }
    };
    let names = [&change.before, &change.after].map(|id| name_of(id));
    let is_same = names[0] == names[1];
    for (id, name) in [&mut change.before, &mut change.after].into_iter().zip(names) {
        if let Some(name) = name {
            *id = if is_same { format!("{name} ({id})") } else { name };
        }
    }
}

/// Returns the downloaded picture of each avatar that the shots use.
fn portraits(shots: &[Shot], catalog: &Catalog, media: &Path) -> HashMap<String, PathBuf> {
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
        let template = video.spec.read::<i64>(key::TEMPLATE_ID).and_then(|id| catalog.template(&id.to_string()));
        urls.extend(template.and_then(|template| template.preview_image.as_deref()));
    }
    let directory = compiled.root.join(MEDIA_DIRECTORY);
    make_directory(&compiled.root, &directory).map_err(|error| PictureFetchError::Disk(directory.clone(), error))?;
    let beyond = urls.len().saturating_sub(MAX_PICTURES);
    // The storage rejects an address without its signature.
    let urls = urls.into_iter().take(MAX_PICTURES).map(|url| signed.get(url).unwrap_or(url));
    Ok((fetch_pictures(urls, &directory, hosts).await?, beyond))
}
