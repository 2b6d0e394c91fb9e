//! The spec as structs, until every user reads the record.

use std::sync::Arc;

use super::{Aspect, Fit, LocalFile, Spec, Style};
use crate::fields::{RowId, RowSet, VENDOR, Value};

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

fn row(path: &str) -> RowId {
    VENDOR.find(path).unwrap_or_else(|| panic!("no row `{path}`"))
}

impl MediaSource {
    fn value(&self, group: &str) -> (RowId, Value) {
        match self {
            Self::Asset(id) => (row(&format!("{group}.asset_id")), Value::Text(Arc::clone(id))),
            Self::Url(url) => (row(&format!("{group}.url")), Value::Text(Arc::clone(url))),
            Self::File(file) => (row(&format!("{group}.path")), Value::File(Arc::clone(file))),
        }
    }
}

impl From<&VideoSpec> for Spec {
    fn from(spec: &VideoSpec) -> Self {
        let text = |path: &str, text: &Arc<str>| (row(path), Value::Text(Arc::clone(text)));
        let whole = |path: &str, number: i64| (row(path), Value::Integer(number));
        let mut groups: RowSet = ["avatar", "voice", "background"].into_iter().map(row).collect();
        let mut values = vec![
            text("name", &spec.name),
            (row("aspect"), Value::Word(spec.aspect as u8)),
            text("avatar.id", &spec.avatar.id),
            (row("avatar.style"), Value::Word(spec.avatar.style as u8)),
            text("avatar.circle_bgcolor", &spec.avatar.circle_bgcolor),
            (row("avatar.scale"), Value::Number(spec.avatar.scale)),
            whole("avatar.offset.x", spec.avatar.offset.x),
            whole("avatar.offset.y", spec.avatar.offset.y),
            text("background.color", &spec.background.color),
            whole("take", i64::from(spec.take)),
        ];
        match &spec.voice {
            Voice::Tts(tts) => {
                values.push(text("voice.tts.id", &tts.id));
                values.push(text("voice.tts.text", &tts.text));
                values.push((row("voice.tts.speed"), Value::Number(tts.speed)));
                values.push(whole("voice.tts.pitch", tts.pitch));
                values.extend(tts.emotion.as_ref().map(|emotion| text("voice.tts.emotion", emotion)));
            }
            Voice::File(source) => values.push(source.value("voice.file")),
            Voice::Silence(seconds) => {
                groups = groups.with(row("voice.silence"));
                values.push(whole("voice.silence.duration", i64::from(*seconds)));
            }
        }
        if let Some(media) = &spec.background.media {
            values.push(media.source.value("background.media"));
            values.push((row("background.media.fit"), Value::Word(media.fit as u8)));
            values.push((row("background.media.loop"), Value::Flag(media.loop_)));
        }
        Self::new(&VENDOR, groups, values)
    }
}
