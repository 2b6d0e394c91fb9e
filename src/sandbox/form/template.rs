//! Template videos: a vendor template, and a voice for each of its scenes.

use std::sync::LazyLock;

use super::reader::FormErrors;
use super::submission::Submission;
use super::{Assets, Part};
use crate::fields::{FIELDS, Field, GROUPS, KINDS, Kind, List, Table, Type, Value, Wire, field, group};
use crate::spec::Spec;

const ID_PART: &str = "template_id";
const ID: Type = Type::Integer(0, i64::MAX);
const SCENES: List = List { title: "Scene", group: "voice", without: &["tts.speed", "tts.pitch", "tts.emotion"] };

/// The rows of template videos. Manifests cannot declare them yet, so the vendor's table is without them.
const ROWS: [Field; 2] = [
    field("template.id", ID, "The vendor's template id.").required().wire(Wire::Named(ID_PART)),
    field("template.scenes", Type::Items(SCENES), "The voice of each scene.").required().wire(Wire::Named("voices")),
];

/// The kind of template videos.
pub const KIND: Kind = Kind { endpoint: "/v2/task/template-to-video", roots: &["template"] };

/// The vendor's table with the rows of template videos.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let template = group("template", "Template", "A vendor template.", "A vendor template.").required();
    Table::new([FIELDS, &ROWS].concat().leak(), [GROUPS, &[template]].concat().leak(), [KINDS, &[KIND]].concat().leak())
});

/// Returns the template and the spec of a template video; `scenes_of` gives the number of scenes of a known template.
///
/// # Errors
/// All errors of the form, each with the name of its part.
pub fn template_video(
    parts: &[Part],
    scenes_of: impl Fn(i64) -> Option<usize>,
    assets: &dyn Assets,
) -> Result<(i64, Spec), FormErrors> {
    // The template determines the allowed parts, so its id is read first.
    let part = parts.iter().find(|part| part.name == ID_PART);
    let id = part.and_then(|part| match ID.receive(std::str::from_utf8(&part.value).ok()?) {
        Ok(Value::Integer(id)) => Some(id),
        _ => None,
    });
    let scenes = id.and_then(scenes_of);
    let mut form = Submission::read(&TABLE, &KIND, scenes.unwrap_or(1), parts, assets);
    if let (Some(id), None) = (id, scenes) {
        form.error(format!("`{ID_PART}` names no template: {id}"));
    }
    // A form without a readable id has an error, so `finish` fails and the default id is never used.
    form.finish().map(|spec| (id.unwrap_or_default(), spec))
}
