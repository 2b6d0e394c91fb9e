//! The canonical form: what is hashed, stored and compared; fields at their default left out.

use serde_json::{Map, Value, json};

use super::{Aspect, Style};
use super::{Fit, MediaSource, VideoSpec, Voice, without_signature};

/// The longest name that is submitted, in characters, marker included.
const NAME_LIMIT: usize = 60;

/// The spec as JSON, fields at their default left out, URLs without signatures, local files by content.
///
/// The name is part of it only with `named`; it is never part of the digest.
pub fn canonical_value(spec: &VideoSpec, named: bool) -> Value {
    let mut root = Map::new();
    if named {
        root.insert("name".into(), json!(*spec.name));
    }
    if spec.aspect != Aspect::Wide {
        root.insert("aspect".into(), json!(spec.aspect.word()));
    }
    root.insert("avatar".into(), avatar(spec));
    root.insert("voice".into(), voice(&spec.voice));
    root.insert("background".into(), background(spec));
    if spec.take != 1 {
        root.insert("take".into(), json!(spec.take));
    }
    Value::Object(root)
}

fn avatar(spec: &VideoSpec) -> Value {
    let avatar = &spec.avatar;
    let mut map = Map::new();
    map.insert("id".into(), json!(*avatar.id));
    if avatar.style != Style::Full {
        map.insert("style".into(), json!(avatar.style.word()));
    }
    if avatar.style == Style::Round && &*avatar.circle_bgcolor != "#ffffff" {
        map.insert("circle_bgcolor".into(), json!(*avatar.circle_bgcolor));
    }
    if (avatar.scale - 1.0).abs() > 0.0 {
        map.insert("scale".into(), json!(avatar.scale));
    }
    let mut offset = Map::new();
    if avatar.offset.x != 0 {
        offset.insert("x".into(), json!(avatar.offset.x));
    }
    if avatar.offset.y != 0 {
        offset.insert("y".into(), json!(avatar.offset.y));
    }
    if !offset.is_empty() {
        map.insert("offset".into(), Value::Object(offset));
    }
    Value::Object(map)
}

fn voice(voice: &Voice) -> Value {
    match voice {
        Voice::Tts(tts) => {
            let mut map = Map::new();
            map.insert("id".into(), json!(*tts.id));
            map.insert("text".into(), json!(*tts.text));
            if (tts.speed - 1.0).abs() > 0.0 {
                map.insert("speed".into(), json!(tts.speed));
            }
            if tts.pitch != 0 {
                map.insert("pitch".into(), json!(tts.pitch));
            }
            if let Some(emotion) = &tts.emotion {
                map.insert("emotion".into(), json!(**emotion));
            }
            json!({ "tts": map })
        }
        Voice::File(source) => {
            let mut map = Map::new();
            media_source(&mut map, source);
            json!({ "file": map })
        }
        Voice::Silence(1) => json!({ "silence": {} }),
        Voice::Silence(seconds) => json!({ "silence": { "duration": seconds } }),
    }
}

fn background(spec: &VideoSpec) -> Value {
    let mut map = Map::new();
    if &*spec.background.color != "#ffffff" {
        map.insert("color".into(), json!(*spec.background.color));
    }
    if let Some(media) = &spec.background.media {
        let mut inner = Map::new();
        media_source(&mut inner, &media.source);
        if media.fit != Fit::Contain {
            inner.insert("fit".into(), json!(media.fit.word()));
        }
        if media.loop_ {
            inner.insert("loop".into(), json!(true));
        }
        map.insert("media".into(), Value::Object(inner));
    }
    Value::Object(map)
}

fn media_source(map: &mut Map<String, Value>, source: &MediaSource) {
    match source {
        MediaSource::Asset(id) => map.insert("asset_id".into(), json!(**id)),
        MediaSource::Url(url) => map.insert("url".into(), json!(without_signature(url))),
        MediaSource::File(file) => map.insert("sha256".into(), json!(file.sha256)),
    };
}

/// The name sent to the vendor: the label, cut, then ` #` and the marker, 60 characters at most.
pub fn submitted_name(label: &str, marker: &str) -> String {
    let tail = format!(" #{marker}");
    let room = NAME_LIMIT - tail.chars().count();
    let head: String = label.chars().filter(|one| !one.is_control()).take(room).collect();
    format!("{}{tail}", head.trim_end())
}

/// Whether a label is submitted as it is, nothing of it cut.
pub fn label_stays_whole(label: &str) -> bool {
    /// A blank, `#` and a marker.
    const TAIL: usize = 12;
    let fits = label.len() <= NAME_LIMIT - TAIL || label.chars().count() <= NAME_LIMIT - TAIL;
    fits && label.trim_end() == label && !label.chars().any(char::is_control)
}

/// The label part of a submitted name.
pub fn label_of_submitted(name: &str) -> &str {
    name.rsplit_once(" #").map_or(name, |(label, _)| label)
}
