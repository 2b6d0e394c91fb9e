//! The spec's types: every field explicit.

use std::sync::Arc;

use super::{Aspect, Fit, LocalFile, Origins, Style};
use crate::source::{Origin, RowPlace};

/// A concrete video with its name and its history.
#[derive(Clone, Debug)]
pub struct Video {
    /// Its key: `onboarding[en,pro]`.
    pub key: Arc<str>,
    /// Everything that is sent.
    pub spec: VideoSpec,
    /// Where each value was declared; shared by the instances of a video.
    pub origins: Arc<Origins>,
    /// The place of the base key.
    pub declared: Origin,
    /// The record of the data file, for an instance of `rows`.
    pub row: Option<RowPlace>,
}

/// One concrete video, fully explicit.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoSpec {
    /// The label; the key unless declared. Not part of the digest.
    pub name: Arc<str>,
    /// Aspect, default 16:9.
    pub aspect: Aspect,
    /// The avatar.
    pub avatar: Avatar,
    /// Exactly one mode.
    pub voice: Voice,
    /// Colour and media.
    pub background: Background,
    /// Raised to shoot again what is otherwise unchanged; from 1.
    pub take: u32,
}

/// An avatar.
#[derive(Clone, Debug, PartialEq)]
pub struct Avatar {
    /// The vendor's id.
    pub id: Arc<str>,
    /// Default full.
    pub style: Style,
    /// `#rrggbb`, lower case, default `#ffffff`; only sent with style round.
    pub circle_bgcolor: Arc<str>,
    /// Default 1.0, above 0.
    pub scale: f64,
    /// Default 0, 0.
    pub offset: Offset,
}

/// Pixels from the default position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Offset {
    /// Right is positive.
    pub x: i64,
    /// Down is positive.
    pub y: i64,
}

/// What is heard.
#[derive(Clone, Debug, PartialEq)]
pub enum Voice {
    /// Speech from text.
    Tts(Tts),
    /// An audio file.
    File(MediaSource),
    /// Silence, in seconds, 1 to 99, default 1.
    Silence(u8),
}

/// Speech from text.
#[derive(Clone, Debug, PartialEq)]
pub struct Tts {
    /// The vendor's voice id.
    pub id: Arc<str>,
    /// 1 to [`TEXT_LIMIT`](super::TEXT_LIMIT) characters after trimming.
    pub text: Arc<str>,
    /// 0.5 to 1.5, default 1.0.
    pub speed: f64,
    /// −50 to 50, default 0.
    pub pitch: i64,
    /// An open list of words; absent stays absent.
    pub emotion: Option<Arc<str>>,
}

/// What is seen behind the avatar.
#[derive(Clone, Debug, PartialEq)]
pub struct Background {
    /// `#rrggbb`, lower case, default `#ffffff`; media win over it.
    pub color: Arc<str>,
    /// An image or a video.
    pub media: Option<Media>,
}

/// Background media.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Where it is.
    pub source: MediaSource,
    /// Default contain.
    pub fit: Fit,
    /// Default false.
    pub loop_: bool,
}

/// Where media lie.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaSource {
    /// At the vendor already.
    Asset(Arc<str>),
    /// On the web; may be presigned, then the whole URL with its signature is kept here and only here.
    Url(Arc<str>),
    /// In the project; uploaded once.
    File(Arc<LocalFile>),
}
