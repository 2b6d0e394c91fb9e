//! Two canonical specs, leaf by leaf in the order of the vendor's table, defaults made explicit.

use serde_json::{Value, json};

use super::{FieldChange, Place};
use crate::source::{Origin, Sources};
use crate::spec::{Origins, SpecField};

/// The leaves that differ, and where the wanted values were declared; the label is no content and left out.
///
/// A default is told as its value (`1.0`), so that a reader never has to know it. Leaves of a group that only
/// one side has (another voice mode, media) show as removed or added, and only those that were written.
pub(super) fn diff(before: &Value, after: &Value, origins: &Origins, sources: &Sources) -> Vec<FieldChange> {
    let content = SpecField::ALL.iter().copied().filter(|field| *field != SpecField::Name);
    content
        .filter_map(|field| {
            let (before, after) = match (leaf(before, field), leaf(after, field)) {
                (Leaf::Absent, Leaf::Absent | Leaf::Default(_)) | (Leaf::Default(_), Leaf::Absent) => return None,
                (before, after) => (before.value(), after.value()),
            };
            if before == after {
                return None;
            }
            let origin = after.as_ref().and_then(|_| origins.get(field)).map(|origin| place(sources, origin));
            Some(FieldChange { path: field.path().to_owned(), before, after, origin })
        })
        .collect()
}

fn place(sources: &Sources, origin: Origin) -> Place {
    let (file, position) = sources.place(origin);
    Place { file: file.to_owned(), line: position.line, column: position.column }
}

/// What a spec says of a field.
enum Leaf {
    /// It is written.
    Written(Value),
    /// It is not, so it has this value.
    Default(Value),
    /// The spec has no such field.
    Absent,
}

impl Leaf {
    fn value(self) -> Option<Value> {
        match self {
            Self::Written(value) | Self::Default(value) => Some(value),
            Self::Absent => None,
        }
    }
}

fn leaf(spec: &Value, field: SpecField) -> Leaf {
    if let Some(value) = get(spec, field.path()) {
        return Leaf::Written(normal(field, value));
    }
    let within =
        |group: &str, value: Value| if get(spec, group).is_some() { Leaf::Default(value) } else { Leaf::Absent };
    match field {
        SpecField::Aspect => Leaf::Default(json!("16:9")),
        SpecField::AvatarStyle => Leaf::Default(json!("full")),
        SpecField::AvatarCircleBgcolor if get(spec, "avatar.style").is_some_and(|style| style == "round") => {
            Leaf::Default(json!("#ffffff"))
        }
        SpecField::AvatarScale => Leaf::Default(json!(1.0)),
        SpecField::AvatarOffsetX | SpecField::AvatarOffsetY => Leaf::Default(json!(0)),
        SpecField::TtsSpeed => within("voice.tts", json!(1.0)),
        SpecField::TtsPitch => within("voice.tts", json!(0)),
        // Silence has no other leaf: its default must stand for the mode.
        SpecField::SilenceDuration if get(spec, "voice.silence").is_some() => Leaf::Written(json!(1)),
        SpecField::BackgroundColor => Leaf::Default(json!("#ffffff")),
        SpecField::MediaFit => within("background.media", json!("contain")),
        SpecField::MediaLoop => within("background.media", json!(false)),
        SpecField::Take => Leaf::Default(json!(1)),
        _ => Leaf::Absent,
    }
}

fn get<'a>(spec: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(spec, |value, part| value.get(part))
}

/// RFC 8785 writes 2.0 as `2`: numbers that may have a fraction are compared and shown as such.
fn normal(field: SpecField, value: &Value) -> Value {
    match (field, value.as_f64()) {
        (SpecField::AvatarScale | SpecField::TtsSpeed, Some(number)) => json!(number),
        _ => value.clone(),
    }
}
