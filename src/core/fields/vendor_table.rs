//! The vendor's table: the only list of its parameters, in the order of the vendor's page.
//!
//! A new parameter is a new row. The manifest's schema, decoding, templates, layers, `explain`, the canonical form,
//! the wire format, the sandbox and the reference page follow from it. A published default never changes, because
//! digests omit it.

use std::sync::LazyLock;

use super::Literal::{Bool, Float, Int, Text};
use super::Type::{Color, File, Flag, Id, Integer, Items, Label, Number, Speech, Url, Words};
use super::Wire::{As, Named, Never};
use super::{Aspect, Field, Fit, Group, Kind, List, MediaKind, Range, Style, Table, field, group};

/// The vendor's parameters, and callsheet's own: `path` and `take`.
#[rustfmt::skip]
pub static FIELDS: &[Field] = &[
    field("name", Label, "The label at the vendor; by default the key. Changing it costs nothing.").example(Text("Welcome")),
    field("aspect", Words(Aspect::WORDS), "Width to height of the picture.").default(Text("16:9")),

    field("avatar.id", Id, "The vendor's avatar id.").required().example(Text("AVATAR_ID")).short_name("avatar.id"),
    field("avatar.style", Words(Style::WORDS), "The framing of the avatar.").default(Text("full")),
    field("avatar.circle_bgcolor", Color, "Color inside the circle, `#rrggbb`; only with style `round`.").default(Text("#ffffff")).only_with("avatar.style", "round"),
    field("avatar.scale", Number(Range::above(0.0)), "Size in the picture, as a factor.").default(Float(1.0)),
    field("avatar.offset.x", Integer(-1_000_000, 1_000_000), "Pixels, right is positive.").default(Int(0)).short_name("offset.x"),
    field("avatar.offset.y", Integer(-1_000_000, 1_000_000), "Pixels, down is positive.").default(Int(0)).short_name("offset.y"),

    field("voice.tts.id", Id, "The vendor's voice id.").required().example(Text("VOICE_ID")).short_name("voice.id"),
    field("voice.tts.text", Speech, "The spoken text; `script` of a video overrides it.").required().example(Text("Hello.")),
    field("voice.tts.speed", Number(Range::between(0.5, 1.5)), "Speed, as a factor.").default(Float(1.0)),
    field("voice.tts.pitch", Integer(-50, 50), "Pitch.").default(Int(0)),
    field("voice.tts.emotion", Id, "An emotion that the voice supports: `cheerful`, `sad`, …").labeled_example("an emotion", Text("cheerful")),
    field("voice.file.asset_id", Id, "The vendor's id of an uploaded file.").example(Text("ASSET_ID")).short_name("file.asset_id"),
    field("voice.file.url", Url, "An http(s) URL.").example(Text("https://cdn.example.com/voice.mp3")).short_name("file.url"),
    field("voice.file.path", File(&[MediaKind::Audio]), "A local file, uploaded once; relative to the file that names it.").wire(As("asset_id")).example(Text("media/voice.mp3")).short_name("file.sha256"),
    field("voice.silence.duration", Integer(1, 99), "Whole seconds.").default(Int(1)).short_name("silence.duration"),

    field("background.color", Color, "The color, `#rrggbb`; media override it.").default(Text("#ffffff")).short_name("background.color"),
    field("background.media.asset_id", Id, "The vendor's id of an uploaded file.").example(Text("ASSET_ID")).short_name("media.asset_id"),
    field("background.media.url", Url, "An http(s) URL.").example(Text("https://cdn.example.com/office.jpg")).short_name("media.url"),
    field("background.media.path", File(&[MediaKind::Image, MediaKind::Video]), "A local file, uploaded once; relative to the file that names it.").wire(As("asset_id")).example(Text("media/office.jpg")).short_name("media.sha256"),
    field("background.media.fit", Words(Fit::WORDS), "How the media fill the picture.").default(Text("contain")),
    field("background.media.loop", Flag, "Whether a video starts again when it ends.").default(Bool(false)).example(Bool(true)),

    field("template.id", Integer(0, 9_007_199_254_740_991), "The vendor's id of the template, a number.").required().wire(Named("template_id")).example(Int(4711)).short_name("template.id"),
    field("template.scene_count", Integer(1, 100), "How many scenes the template has; only compared with `scenes`.").wire(Never).only_compared().example(Int(3)),
    field("template.scenes", Items(SCENES), "What each scene of the template says, in the order of the scenes.").required().wire(Named("voices")).video_key("scenes"),

    field("take", Integer(1, 1_000_000), "Raise it to retake an otherwise unchanged video.").default(Int(1)).wire(Never).example(Int(2)),
];

/// The scenes of a vendor template. The template itself determines how a voice speaks.
const SCENES: List = List {
    title: "Scene",
    description: "One scene: exactly one voice, the video's unless given, and its script.",
    group: "voice",
    without: &["tts.speed", "tts.pitch", "tts.emotion"],
};

/// What to do about a field that scenes lack.
pub const NOT_IN_SCENE: &str = "the template determines how its voices speak: remove the field, or name a voice preset";

/// The groups of the fields.
#[rustfmt::skip]
pub static GROUPS: &[Group] = &[
    group("avatar", "Avatar", "The avatar: a preset's name, or an object.", "An avatar, or overrides of a preset.").presets("avatars").required(),
    group("avatar.offset", "Offset", "Offset from the default position.", "Pixels from the default position."),
    group("voice", "Voice", "The voice: a preset's name, or an object.", "A voice, or overrides of a preset: exactly one mode after all layers.").presets("voices").required().one_of(&["tts", "file", "silence"]),
    group("voice.tts", "Tts", "Speech from text.", "Speech from text."),
    group("voice.file", "File", "An audio file.", "An audio file: exactly one of the three.").one_of(&["asset_id", "url", "path"]),
    group("voice.silence", "Silence", "No voice.", "Silence of a length."),
    group("background", "Background", "The background: a preset's name, or an object.", "A background: a color, or media over it.").presets("backgrounds").required(),
    group("template", "Template", "The vendor template in place of avatar, background and aspect: a preset's name, or an object.", "A vendor template, or what overrides one.").presets("templates").required(),
    group("background.media", "Media", "An image or a video.", "Background media: exactly one of asset_id, url, path.").one_of(&["asset_id", "url", "path"]),
];

/// The kinds of videos. A key that is not a root of a kind belongs to all of them. The root that the items of a list
/// have, too, excludes no other kind: a video of the list's kind declares it for the items without their own.
#[rustfmt::skip]
pub static KINDS: &[Kind] = &[
    Kind { endpoint: "/v2/task/avatar-to-video", roots: &["aspect", "avatar", "voice", "background"] },
    Kind { endpoint: "/v2/task/template-to-video", roots: &["template"] },
];

/// The vendor's table with everything that follows from its rows.
pub static VENDOR: LazyLock<Table> = LazyLock::new(|| Table::new(FIELDS, GROUPS, KINDS));
