//! The fields that code refers to. Code must not refer to any other field.

use crate::fields::{Aspect, Fit, Key, Style};

/// The label at the vendor.
pub const NAME: Key<&str> = Key::text("name");
/// Ratio of width to height.
pub const ASPECT: Key<Aspect> = Key::aspect("aspect");
/// The vendor's avatar id.
pub const AVATAR_ID: Key<&str> = Key::text("avatar.id");
/// The framing of the avatar.
pub const STYLE: Key<Style> = Key::style("avatar.style");
/// Color inside the circle.
pub const CIRCLE_COLOR: Key<&str> = Key::text("avatar.circle_bgcolor");
/// Size of the avatar, as a factor.
pub const SCALE: Key<f64> = Key::number("avatar.scale");
/// Pixels to the right.
pub const OFFSET_X: Key<i64> = Key::integer("avatar.offset.x");
/// Pixels down.
pub const OFFSET_Y: Key<i64> = Key::integer("avatar.offset.y");
/// The vendor's voice id.
pub const VOICE_ID: Key<&str> = Key::text("voice.tts.id");
/// The spoken text.
pub const SPEECH: Key<&str> = Key::text("voice.tts.text");
/// Speed of the speech, as a factor.
pub const SPEED: Key<f64> = Key::number("voice.tts.speed");
/// Pitch of the speech.
pub const PITCH: Key<i64> = Key::integer("voice.tts.pitch");
/// The emotion of the voice.
pub const EMOTION: Key<&str> = Key::text("voice.tts.emotion");
/// Seconds of silence.
pub const SILENCE: Key<i64> = Key::integer("voice.silence.duration");
/// The vendor's template id.
pub const TEMPLATE_ID: Key<i64> = Key::integer("template.id");
/// The number of scenes of the vendor's template, which is only compared.
pub const SCENE_COUNT: Key<i64> = Key::integer("template.scene_count");
/// Color of the background.
pub const BACKGROUND_COLOR: Key<&str> = Key::text("background.color");
/// How media fill the picture.
pub const FIT: Key<Fit> = Key::fit("background.media.fit");
