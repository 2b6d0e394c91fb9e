//! The fields of a spec by path, and where each value came from.

use crate::source::Origin;

macro_rules! fields {
    ($($variant:ident $path:literal,)*) => {
        /// A leaf of a spec.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each variant is its path")]
        pub enum SpecField { $($variant,)* }

        impl SpecField {
            /// All fields in the order of the vendor's table.
            pub const ALL: &'static [SpecField] = &[$(SpecField::$variant,)*];

            /// The dotted path: `voice.tts.speed`.
            pub const fn path(self) -> &'static str {
                match self { $(SpecField::$variant => $path,)* }
            }

            /// The field of a dotted path.
            pub fn from_path(path: &str) -> Option<Self> {
                match path { $($path => Some(SpecField::$variant),)* _ => None }
            }
        }
    };
}

fields! {
    Name "name",
    Aspect "aspect",
    AvatarId "avatar.id",
    AvatarStyle "avatar.style",
    AvatarCircleBgcolor "avatar.circle_bgcolor",
    AvatarScale "avatar.scale",
    AvatarOffsetX "avatar.offset.x",
    AvatarOffsetY "avatar.offset.y",
    TtsId "voice.tts.id",
    TtsText "voice.tts.text",
    TtsSpeed "voice.tts.speed",
    TtsPitch "voice.tts.pitch",
    TtsEmotion "voice.tts.emotion",
    FileAssetId "voice.file.asset_id",
    FileUrl "voice.file.url",
    FileSha256 "voice.file.sha256",
    SilenceDuration "voice.silence.duration",
    BackgroundColor "background.color",
    MediaAssetId "background.media.asset_id",
    MediaUrl "background.media.url",
    MediaSha256 "background.media.sha256",
    MediaFit "background.media.fit",
    MediaLoop "background.media.loop",
    Take "take",
}

/// Where the values of a spec were declared; fields left at their default are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// Field and place, in any order, each field once.
    pub fields: Vec<(SpecField, Origin)>,
}

impl Origins {
    /// Where a field's value was declared, by its row.
    pub fn origin(&self, field: crate::fields::FieldPath) -> Option<Origin> {
        let path = crate::fields::VENDOR.canonical_path(field);
        self.get(SpecField::from_path(&path)?)
    }

    /// Where a field's value was declared.
    pub fn get(&self, field: SpecField) -> Option<Origin> {
        self.fields.iter().find(|(known, _)| *known == field).map(|(_, origin)| *origin)
    }
}
