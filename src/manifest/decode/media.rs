//! Avatars, voices and backgrounds from their mappings.

use super::reader::Reader;
use crate::diagnostic::Code;
use crate::manifest::{
    AvatarDecl, BackgroundDecl, Choice, FileDecl, MediaDecl, OffsetDecl, SilenceDecl, TtsDecl, VoiceDecl,
};
use crate::yaml::{Entry, Mapping, Node, Value};

/// The ways to say where media lie, of which one is given.
const SOURCES: [&str; 3] = ["asset_id", "url", "path"];

/// An object that may stand in a preset or in a video.
pub(super) trait Object: Sized {
    fn object(reader: &mut Reader<'_>, node: &Node) -> Option<Self>;
}

/// A preset's name, or an object.
pub(super) fn choice<D: Object>(reader: &mut Reader<'_>, map: &Mapping, key: &str) -> Option<Choice<D>> {
    let entry = map.get(key)?;
    match &entry.value.value {
        Value::String(_) => reader.name(entry).map(Choice::Named),
        Value::Map(_) => D::object(reader, &entry.value).map(Box::new).map(Choice::Object),
        _ => reader.left_out(),
    }
}

fn inner<D>(
    reader: &mut Reader<'_>,
    map: &Mapping,
    key: &str,
    read: impl FnOnce(&mut Reader<'_>, &Entry, &Mapping) -> D,
) -> Option<D> {
    let entry = map.get(key)?;
    let fields = reader.map(&entry.value)?;
    Some(read(reader, entry, fields))
}

impl Object for AvatarDecl {
    fn object(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let map = reader.map(node)?;
        Some(Self {
            use_: reader.field(map, "use"),
            id: reader.field(map, "id"),
            style: reader.field(map, "style"),
            circle_bgcolor: reader.field(map, "circle_bgcolor"),
            scale: reader.field(map, "scale"),
            offset: inner(reader, map, "offset", |reader, entry, fields| OffsetDecl {
                x: reader.field(fields, "x"),
                y: reader.field(fields, "y"),
                origin: entry.value.origin,
            }),
            origin: node.origin,
        })
    }
}

impl Object for VoiceDecl {
    fn object(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let map = reader.map(node)?;
        reader.exclusive(Code::VoiceModes, "voice", map, &["tts", "file", "silence"]);
        Some(Self {
            use_: reader.field(map, "use"),
            tts: inner(reader, map, "tts", |reader, entry, fields| TtsDecl {
                id: reader.field(fields, "id"),
                text: reader.field(fields, "text"),
                speed: reader.field(fields, "speed"),
                pitch: reader.field(fields, "pitch"),
                emotion: reader.field(fields, "emotion"),
                origin: entry.value.origin,
            }),
            file: inner(reader, map, "file", |reader, entry, fields| {
                reader.exclusive(Code::ExclusiveFields, "voice.file", fields, &SOURCES);
                FileDecl {
                    asset_id: reader.field(fields, "asset_id"),
                    url: reader.field(fields, "url"),
                    path: reader.field(fields, "path"),
                    origin: entry.value.origin,
                }
            }),
            silence: inner(reader, map, "silence", |reader, entry, fields| SilenceDecl {
                duration: reader.field(fields, "duration"),
                origin: entry.value.origin,
            }),
            origin: node.origin,
        })
    }
}

impl Object for BackgroundDecl {
    fn object(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let map = reader.map(node)?;
        Some(Self {
            use_: reader.field(map, "use"),
            color: reader.field(map, "color"),
            media: inner(reader, map, "media", |reader, entry, fields| {
                reader.exclusive(Code::ExclusiveFields, "background.media", fields, &SOURCES);
                MediaDecl {
                    asset_id: reader.field(fields, "asset_id"),
                    url: reader.field(fields, "url"),
                    path: reader.field(fields, "path"),
                    fit: reader.field(fields, "fit"),
                    loop_: reader.field(fields, "loop"),
                    origin: entry.value.origin,
                }
            }),
            origin: node.origin,
        })
    }
}
