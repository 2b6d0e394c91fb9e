//! A spec read back from its canonical form, as lockfiles keep it.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::{
    Aspect, Avatar, Background, Fit, LocalFile, Media, MediaFormat, MediaSource, Offset, Style, Tts, VideoSpec, Voice,
};

const WHITE: &str = "#ffffff";

/// The spec of a canonical form; none where it is not one.
///
/// A local file comes back by its content alone: its name and its path are empty, its size is 0.
pub fn stored_spec(value: &Value) -> Option<VideoSpec> {
    let style = word(value, "/avatar/style", Style::from_word, Style::Full)?;
    Some(VideoSpec {
        name: text(value, "/name").unwrap_or_default(),
        aspect: word(value, "/aspect", Aspect::from_word, Aspect::Wide)?,
        avatar: Avatar {
            id: text(value, "/avatar/id")?,
            style,
            circle_bgcolor: text(value, "/avatar/circle_bgcolor").unwrap_or_else(|| WHITE.into()),
            scale: value.pointer("/avatar/scale").map_or(Some(1.0), Value::as_f64)?,
            offset: Offset { x: whole(value, "/avatar/offset/x", 0)?, y: whole(value, "/avatar/offset/y", 0)? },
        },
        voice: voice(value.get("voice")?)?,
        background: Background {
            color: text(value, "/background/color").unwrap_or_else(|| WHITE.into()),
            media: match value.pointer("/background/media") {
                None => None,
                Some(media) => Some(Media {
                    source: source(media)?,
                    fit: word(media, "/fit", Fit::from_word, Fit::Contain)?,
                    loop_: media.get("loop").map_or(Some(false), Value::as_bool)?,
                }),
            },
        },
        take: u32::try_from(whole(value, "/take", 1)?).ok()?,
    })
}

fn voice(value: &Value) -> Option<Voice> {
    if let Some(tts) = value.get("tts") {
        return Some(Voice::Tts(Tts {
            id: text(tts, "/id")?,
            text: text(tts, "/text")?,
            speed: tts.get("speed").map_or(Some(1.0), Value::as_f64)?,
            pitch: whole(tts, "/pitch", 0)?,
            emotion: text(tts, "/emotion"),
        }));
    }
    if let Some(silence) = value.get("silence") {
        return Some(Voice::Silence(u8::try_from(whole(silence, "/duration", 1)?).ok()?));
    }
    Some(Voice::File(source(value.get("file")?)?))
}

fn source(value: &Value) -> Option<MediaSource> {
    if let Some(id) = text(value, "/asset_id") {
        return Some(MediaSource::Asset(id));
    }
    if let Some(url) = text(value, "/url") {
        return Some(MediaSource::Url(url));
    }
    let sha256 = text(value, "/sha256")?.to_string();
    // The format is not stored, and nobody asks for that of a file without a path.
    let format = MediaFormat::Png;
    Some(MediaSource::File(Arc::new(LocalFile { name: String::new(), path: PathBuf::new(), format, sha256, bytes: 0 })))
}

fn text(value: &Value, pointer: &str) -> Option<Arc<str>> {
    value.pointer(pointer).and_then(Value::as_str).map(Arc::from)
}

fn whole(value: &Value, pointer: &str, default: i64) -> Option<i64> {
    value.pointer(pointer).map_or(Some(default), Value::as_i64)
}

fn word<T>(value: &Value, pointer: &str, read: impl Fn(&str) -> Option<T>, default: T) -> Option<T> {
    value.pointer(pointer).map_or(Some(default), |word| word.as_str().and_then(read))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::canonical_value;
    use super::*;

    #[test]
    fn what_is_stored_comes_back_as_it_was() {
        for stored in [
            json!({ "name": "n", "avatar": { "id": "A" }, "voice": { "silence": {} }, "background": {} }),
            json!({
                "aspect": "9:16", "name": "n", "take": 2,
                "avatar": { "id": "A", "style": "round", "circle_bgcolor": "#ffeecc", "scale": 1.1, "offset": { "x": -240 } },
                "voice": { "tts": { "id": "V", "text": "Hello", "speed": 1.05, "pitch": -5, "emotion": "sad" } },
                "background": { "color": "#f4f4f4", "media": { "url": "https://a.b/c.jpg", "fit": "cover", "loop": true } },
            }),
            json!({
                "name": "", "avatar": { "id": "A" }, "voice": { "file": { "asset_id": "7" } },
                "background": { "media": { "sha256": "ab" } },
            }),
        ] {
            let spec = stored_spec(&stored).unwrap();
            assert_eq!(canonical_value(&spec, true), stored);
        }
    }

    #[test]
    fn what_is_no_spec_is_none() {
        for wrong in [
            json!(null),
            json!({ "avatar": { "id": "A" }, "voice": {}, "background": {} }),
            json!({ "avatar": { "id": 1 }, "voice": { "silence": {} }, "background": {} }),
            json!({ "avatar": { "id": "A", "style": 3 }, "voice": { "silence": {} }, "background": {} }),
            json!({ "avatar": { "id": "A" }, "voice": { "silence": { "duration": 999 } }, "background": {} }),
        ] {
            assert!(stored_spec(&wrong).is_none(), "{wrong}");
        }
    }
}
