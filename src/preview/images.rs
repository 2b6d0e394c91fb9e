//! Finds and inspects background media: a still picture that can be drawn, or the reason why not.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::source::open_regular;
use crate::spec::key;
use crate::spec::views::MediaSource;
use crate::spec::{Aspect, MediaFormat, MediaKind, Spec, redact_signatures, without_signature};

/// Maximum number of pixels. No background needs more; a decompression bomb has more.
const MAX_PIXELS: u64 = 60_000_000;
/// Maximum size of a file, in bytes.
pub(super) const MAX_IMAGE_BYTES: u64 = 40 << 20;
/// Maximum size of an SVG, in bytes. References can multiply what a larger one draws.
const MAX_SVG_BYTES: u64 = 2 << 20;

/// The background media of a spec, ready to draw.
#[derive(Clone, Debug)]
pub enum Backdrop {
    /// No background media: only the color.
    Plain,
    /// A still picture.
    Still(Arc<StillImage>),
    /// Media that cannot be shown: their kind, their name, and a hint.
    Placeholder {
        /// The kind, such as `Background video`.
        title: String,
        /// The name, such as `office.mp4`.
        detail: String,
        /// A hint, such as `the first frame is known only to the vendor`. Never empty.
        hint: String,
    },
}

impl Backdrop {
    /// The title of a picture that exists but cannot be drawn.
    const UNUSABLE: &str = "Background that cannot be drawn";

    fn placeholder(title: &str, detail: &str, hint: &str) -> Self {
        Self::Placeholder { title: title.to_owned(), detail: detail.to_owned(), hint: hint.to_owned() }
    }

    /// Returns the placeholder of a picture that cannot be drawn.
    pub(super) fn unusable(&self, why: &str) -> Self {
        Self::placeholder(Self::UNUSABLE, if let Self::Still(still) = self { &still.name } else { "" }, why)
    }

    /// Returns whether it is the placeholder of a picture that cannot be drawn.
    pub(super) fn is_unusable(&self) -> bool {
        matches!(self, Self::Placeholder { title, .. } if title == Self::UNUSABLE)
    }
}

/// A still picture, not decoded yet.
#[derive(Debug)]
pub struct StillImage {
    /// The SHA-256 of its content, as 64 hex digits.
    pub sha256: String,
    pub(super) format: MediaFormat,
    /// Its bytes.
    pub(super) bytes: Arc<Vec<u8>>,
    /// The name for messages.
    pub(super) name: String,
}

impl StillImage {
    /// The message for a picture without pixels.
    pub(super) const UNDECODABLE: &str = "its pixels cannot be decoded";
}

/// Finds background media, and caches the pictures it has read.
#[derive(Debug, Default)]
pub struct ImageResolver {
    /// The directory of downloaded pictures, each named by [`downloaded_name`].
    fetched: Option<PathBuf>,
    /// Local files of the project by content. Specs from the lockfile have only the hash of a file.
    by_content: HashMap<String, PathBuf>,
    /// The downloaded pictures of avatars, by the vendor's id.
    pub portraits: HashMap<String, PathBuf>,
    /// The directory of asset files, named by id. Only the sandbox has one.
    pub assets: Option<PathBuf>,
    /// The known vendor templates.
    pub templates: HashMap<i64, TemplatePicture>,
    seen: Mutex<BTreeMap<PathBuf, LoadedImage>>,
}

/// The known look of a vendor template.
#[derive(Clone, Debug)]
pub struct TemplatePicture {
    /// Its name.
    pub name: String,
    /// The ratio of width to height.
    pub aspect: Aspect,
    /// The address of its preview picture.
    pub picture: Option<String>,
}

type LoadedImage = Result<Arc<StillImage>, Unusable>;

/// Why a file is not a usable still picture.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Unusable {
    /// A video, whose first frame is not decoded.
    Video,
    /// The reason, as a message.
    Because(String),
}

impl ImageResolver {
    /// Creates an image resolver with the local files of these specs, and an optional directory of downloaded pictures.
    pub fn new<'a>(specs: impl Iterator<Item = &'a Spec>, fetched: Option<PathBuf>) -> Self {
        let by_content = specs
            .filter_map(|spec| match spec.background_media()? {
                MediaSource::File(file) if !file.path.as_os_str().is_empty() => {
                    Some((file.sha256.clone(), file.path.clone()))
                }
                _ => None,
            })
            .collect();
        Self { fetched, by_content, ..Self::default() }
    }

    /// Returns the picture of an avatar. `None` if none was downloaded.
    ///
    /// # Errors
    /// A message that says why the file is not a picture that can be drawn.
    pub(super) fn portrait(&self, id: &str) -> Result<Option<Arc<StillImage>>, String> {
        let Some(path) = self.portraits.get(id) else { return Ok(None) };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match self.load(path, &name) {
            Ok(still) => Ok(Some(still)),
            Err(Unusable::Video) => Err(format!("it is a video (`{name}`)")),
            Err(Unusable::Because(why)) => Err(format!("{why} (`{name}`)")),
        }
    }

    /// Returns the ratio of width to height, which a vendor template determines. An unknown one counts as landscape.
    pub fn aspect(&self, spec: &Spec) -> Aspect {
        let template = spec.read::<i64>(key::TEMPLATE_ID).map(|id| self.templates.get(&id).map(|look| look.aspect));
        template.map_or_else(|| spec.aspect(), Option::unwrap_or_default)
    }

    /// Returns the background of a spec: its media, or the preview picture of its vendor template.
    pub fn background(&self, spec: &Spec) -> Backdrop {
        let Some(id) = spec.read::<i64>(key::TEMPLATE_ID) else { return self.find(spec.background_media()) };
        let unseen = |detail: &str, hint: &str| Backdrop::placeholder("Vendor template", detail, hint);
        let Some(TemplatePicture { name, picture, .. }) = self.templates.get(&id) else {
            return unseen(&id.to_string(), "not listed yet; `catalog sync` fetches it");
        };
        let shown = format!("{name} ({id})");
        let Some(picture) = picture else { return unseen(&shown, "the vendor lists no picture of it") };
        match self.find(Some(MediaSource::Url(picture))) {
            Backdrop::Placeholder { title, .. } if title == NOT_FETCHED => {
                unseen(&shown, "not fetched; `preview --fetch` shows it")
            }
            found => found,
        }
    }

    /// Returns the background that media produce.
    pub fn find(&self, media: Option<MediaSource<'_>>) -> Backdrop {
        let Some(media) = media else { return Backdrop::Plain };
        let (path, name) = match media {
            MediaSource::Asset(id) => {
                let known =
                    |directory: &PathBuf| plain_name(id).then(|| directory.join(id)).filter(|path| path.is_file());
                match self.assets.as_ref().and_then(known) {
                    Some(path) => (path, format!("asset {id}")),
                    None => return Backdrop::placeholder("Background asset", id, "kept at the vendor; not shown here"),
                }
            }
            MediaSource::Url(url) => {
                let shown = redact_signatures(&without_signature(url)).into_owned();
                let kept = self.fetched.as_ref().map(|directory| directory.join(downloaded_name(url)));
                match kept.filter(|path| path.symlink_metadata().is_ok_and(|meta| meta.is_file())) {
                    Some(path) => (path, shown),
                    None => {
                        return Backdrop::placeholder(NOT_FETCHED, &shown, "not fetched; `preview --fetch` shows it");
                    }
                }
            }
            MediaSource::File(file) => {
                let known = Some(&file.path).filter(|path| !path.as_os_str().is_empty());
                let Some(path) = known.or_else(|| self.by_content.get(&file.sha256)) else {
                    let content = format!("sha256 {}…", &file.sha256[..file.sha256.len().min(16)]);
                    return Backdrop::placeholder(
                        "Earlier local background",
                        &content,
                        "the file is no longer in this project",
                    );
                };
                (path.clone(), file.name.clone())
            }
        };
        match self.load(&path, &name) {
            Ok(still) => Backdrop::Still(still),
            Err(Unusable::Video) => {
                Backdrop::placeholder("Background video", &name, "a video: its first frame is not shown here")
            }
            Err(Unusable::Because(why)) => Backdrop::placeholder(Backdrop::UNUSABLE, &name, &why),
        }
    }

    fn load(&self, path: &Path, name: &str) -> LoadedImage {
        let known = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        known.unwrap_or_else(|| {
            let looked = load_file(path, name);
            // Keeps a limited number of pictures, because a project with many rows may have many.
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.len() >= 32 {
                seen.clear();
            }
            seen.insert(path.to_path_buf(), looked.clone());
            looked
        })
    }
}

/// The title of a remote picture that was not fetched.
const NOT_FETCHED: &str = "Remote background";

/// Returns whether an asset id is a plain file name, which cannot leave a directory.
fn plain_name(id: &str) -> bool {
    !id.is_empty() && id.len() <= 100 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Returns the file name of a downloaded picture. The signature of the address does not change it.
pub fn downloaded_name(url: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(without_signature(url).as_bytes())[..16])
}

/// Checks that bytes are a picture that can be drawn.
///
/// # Errors
/// A message with the reason.
pub fn check_still(bytes: Vec<u8>) -> Result<(), String> {
    match check_image(bytes, "") {
        Ok(_) => Ok(()),
        Err(Unusable::Video) => Err("it is a video, and only pictures are shown".to_owned()),
        Err(Unusable::Because(why)) => Err(why),
    }
}

fn load_file(path: &Path, name: &str) -> LoadedImage {
    let unread = |error: std::io::Error| Unusable::Because(format!("it cannot be read: {error}"));
    let file = open_regular(path).map_err(unread)?;
    let mut bytes = Vec::new();
    file.take(MAX_IMAGE_BYTES + 1).read_to_end(&mut bytes).map_err(unread)?;
    check_image(bytes, name)
}

fn check_image(bytes: Vec<u8>, name: &str) -> LoadedImage {
    let because = |why: &str| Err(Unusable::Because(why.to_owned()));
    let known = MediaFormat::sniff(&bytes[..bytes.len().min(64 << 10)]);
    if known.is_some_and(|format| format.kind() == MediaKind::Video) {
        return Err(Unusable::Video);
    }
    if bytes.len() as u64 > MAX_IMAGE_BYTES {
        return because("it is larger than 40 MB");
    }
    let format = match known {
        Some(MediaFormat::Bmp) => return because("BMP pictures are sent, but not drawn here"),
        Some(format) if format.kind() == MediaKind::Image => format,
        _ => return because("it is not a picture of a supported format"),
    };
    if format == MediaFormat::Svg {
        if bytes.len() as u64 > MAX_SVG_BYTES {
            return because("it is an SVG larger than 2 MB; simplify it, or export it as PNG");
        }
    } else {
        match imagesize::blob_size(&bytes) {
            Ok(size) if size.width as u64 * size.height as u64 > MAX_PIXELS => {
                return because("it has more than 60 million pixels");
            }
            Ok(size) if size.width == 0 || size.height == 0 => return because("it has no pixels"),
            Ok(_) => {}
            Err(_) => return because("it is damaged"),
        }
    }
    let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
    Ok(Arc::new(StillImage { sha256, format, bytes: Arc::new(bytes), name: name.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(backdrop: &Backdrop) -> (&str, &str) {
        match backdrop {
            Backdrop::Placeholder { title, hint, .. } => (title, hint),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_cannot_be_shown_says_why() {
        let resolver = ImageResolver::default();
        let asset = resolver.find(Some(MediaSource::Asset("../../etc/passwd")));
        assert_eq!(title(&asset).0, "Background asset");
        let remote = resolver.find(Some(MediaSource::Url("https://a.b/c.jpg?X-Amz-Date=1&X-Amz-Signature=secret")));
        assert!(matches!(&remote, Backdrop::Placeholder { detail, .. } if !detail.contains("secret")), "{remote:?}");
        assert_eq!(check_image(b"\0\0\0\x18ftypmp42....".to_vec(), "").unwrap_err(), Unusable::Video);
        for (bytes, why) in [
            (&b"plain text"[..], "it is not a picture of a supported format"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "it is damaged"),
            (
                b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0",
                "BMP pictures are sent, but not drawn here",
            ),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x01\0\0\0\x01\0\0\x08\x06\0\0\0", "it has more than 60 million pixels"),
        ] {
            assert_eq!(check_image(bytes.to_vec(), "").unwrap_err(), Unusable::Because(why.to_owned()));
        }
    }

    #[test]
    fn a_new_signature_names_the_same_file() {
        let name =
            |signature: &str| downloaded_name(&format!("https://a.b/c.jpg?X-Amz-Date=1&X-Amz-Signature={signature}"));
        assert_eq!(name("aa"), name("bb"));
        assert_ne!(downloaded_name("https://a.b/c.jpg"), downloaded_name("https://a.b/d.jpg"));
    }
}
