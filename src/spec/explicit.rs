//! The spec with every field spelled out, defaults too: what people and `render` are shown.

use serde_json::{Map, Value, json};

use super::{MediaSource, Style, VideoSpec, Voice, without_signature};

/// Every field of a spec; URLs without signatures, local files by name and content.
pub fn explicit_value(spec: &VideoSpec) -> Value {
    let mut avatar = Map::new();
    avatar.insert("id".into(), json!(*spec.avatar.id));
    avatar.insert("style".into(), json!(spec.avatar.style.word()));
    if spec.avatar.style == Style::Round {
        avatar.insert("circle_bgcolor".into(), json!(*spec.avatar.circle_bgcolor));
    }
    avatar.insert("scale".into(), json!(spec.avatar.scale));
    avatar.insert("offset".into(), json!({ "x": spec.avatar.offset.x, "y": spec.avatar.offset.y }));
    let mut background = Map::new();
    background.insert("color".into(), json!(*spec.background.color));
    if let Some(media) = &spec.background.media {
        let mut inner = source(&media.source);
        inner.insert("fit".into(), json!(media.fit.word()));
        inner.insert("loop".into(), json!(media.loop_));
        background.insert("media".into(), Value::Object(inner));
    }
    json!({
        "name": *spec.name,
        "aspect": spec.aspect.word(),
        "avatar": avatar,
        "voice": voice(&spec.voice),
        "background": background,
        "take": spec.take,
    })
}

fn voice(voice: &Voice) -> Value {
    match voice {
        Voice::Tts(tts) => {
            let mut map = Map::new();
            map.insert("id".into(), json!(*tts.id));
            map.insert("text".into(), json!(*tts.text));
            map.insert("speed".into(), json!(tts.speed));
            map.insert("pitch".into(), json!(tts.pitch));
            if let Some(emotion) = &tts.emotion {
                map.insert("emotion".into(), json!(**emotion));
            }
            json!({ "tts": map })
        }
        Voice::File(file) => json!({ "file": source(file) }),
        Voice::Silence(seconds) => json!({ "silence": { "duration": seconds } }),
    }
}

fn source(source: &MediaSource) -> Map<String, Value> {
    let mut map = Map::new();
    match source {
        MediaSource::Asset(id) => {
            map.insert("asset_id".into(), json!(**id));
        }
        MediaSource::Url(url) => {
            map.insert("url".into(), json!(without_signature(url)));
        }
        MediaSource::File(file) => {
            map.insert("path".into(), json!(file.name));
            map.insert("sha256".into(), json!(file.sha256));
        }
    }
    map
}
