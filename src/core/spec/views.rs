//! Views of a spec for code that depends on certain fields: the estimate, the previews, the catalog.

use super::{Spec, key};
use crate::fields::{Aspect, Fit, LocalFile, Record, RowId, Style, Table, Value};

/// The voice of a video or of a scene.
#[derive(Clone, Debug, PartialEq)]
pub enum Voice<'a> {
    /// Speech from text.
    Speech(Speech<'a>),
    /// An audio file. `None` in a spec that lacks it.
    File(Option<MediaSource<'a>>),
    /// Silence, in seconds.
    Silence(i64),
}

/// Speech from text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speech<'a> {
    /// The text.
    pub text: &'a str,
    /// Speed as a factor, above 0.
    pub speed: f64,
    /// Pitch. 0 is the voice's own pitch.
    pub pitch: i64,
}

/// The source of a media file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MediaSource<'a> {
    /// At the vendor, by asset id.
    Asset(&'a str),
    /// On the web, by a URL that may be presigned.
    Url(&'a str),
    /// In the project.
    File(&'a LocalFile),
}

/// The avatar of a video.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Avatar<'a> {
    /// The vendor's id.
    pub id: &'a str,
    /// Its framing.
    pub style: Style,
    /// Color inside the circle, `#rrggbb`.
    pub circle_color: &'a str,
    /// Size as a factor.
    pub scale: f64,
    /// Pixels to the right and down.
    pub offset: (i64, i64),
}

const WHITE: &str = "#ffffff";

impl Spec {
    /// Returns the voices: one for an avatar video, one for each scene of a vendor template.
    pub fn voices(&self) -> impl Iterator<Item = Voice<'_>> {
        let lists = self.table.lists.and(self.record.present());
        let own = lists.is_empty().then(|| voice(self.table, &self.record));
        let scenes = lists.iter().flat_map(|list| self.items(list)).map(|scene| voice(self.table, scene));
        own.into_iter().chain(scenes)
    }

    /// Returns the texts that are spoken.
    pub fn spoken_texts(&self) -> impl Iterator<Item = &str> {
        self.voices().filter_map(|voice| match voice {
            Voice::Speech(speech) => Some(speech.text),
            _ => None,
        })
    }

    /// Returns the avatar, or `None` for a kind of video without one.
    pub fn avatar(&self) -> Option<Avatar<'_>> {
        Some(Avatar {
            id: self.read(key::AVATAR_ID)?,
            style: self.read(key::STYLE)?,
            circle_color: self.read(key::CIRCLE_COLOR).unwrap_or(WHITE),
            scale: self.read(key::SCALE)?,
            offset: (self.read(key::OFFSET_X)?, self.read(key::OFFSET_Y)?),
        })
    }

    /// Returns the ratio of width to height.
    pub fn aspect(&self) -> Aspect {
        self.read(key::ASPECT).unwrap_or(Aspect::Wide)
    }

    /// Returns the color of the background, `#rrggbb`.
    pub fn background_color(&self) -> &str {
        self.read(key::BACKGROUND_COLOR).unwrap_or(WHITE)
    }

    /// Returns the media of the background.
    pub fn background_media(&self) -> Option<MediaSource<'_>> {
        media(self.table, &self.record, self.table.find("background.media")?)
    }

    /// Returns how the media of the background fill the picture.
    pub fn fit(&self) -> Fit {
        self.read(key::FIT).unwrap_or(Fit::Contain)
    }
}

fn voice<'a>(table: &'static Table, record: &'a Record) -> Voice<'a> {
    if let Some(text) = table.read(record, key::SPEECH) {
        // A stored spec may contain any number, and a video at speed 0 has no finite length.
        let speed = table.read(record, key::SPEED).filter(|speed| *speed > 0.0);
        let pitch = table.read(record, key::PITCH).unwrap_or_default();
        return Voice::Speech(Speech { text, speed: speed.unwrap_or(1.0), pitch });
    }
    if let Some(seconds) = table.read::<i64>(record, key::SILENCE) {
        // A negative length would lower the credits of a month.
        return Voice::Silence(seconds.max(0));
    }
    Voice::File(table.find("voice.file").and_then(|group| media(table, record, group)))
}

fn media<'a>(table: &'static Table, record: &'a Record, group: RowId) -> Option<MediaSource<'a>> {
    let chosen = table[group].group()?.choice.and(record.present()).iter().next()?;
    match (table.ty(chosen)?, record.stored(table.fields, chosen)?) {
        (_, Value::File(file)) => Some(MediaSource::File(file)),
        (crate::fields::Type::Url, Value::Text(url)) => Some(MediaSource::Url(url)),
        (_, Value::Text(id)) => Some(MediaSource::Asset(id)),
        _ => None,
    }
}
