//! The canonical form written straight to text: RFC 8785, members in order, no tree in between.
//!
//! A law holds it equal to the tree of [`canonical_value`](super::canonical_value) in canonical order.

use std::borrow::Cow;

use super::{Aspect, Fit, MediaSource, Style, VideoSpec, Voice};
use crate::fields::{REVISION, without_signature_at};

/// Whole numbers up to here are the same in any reading.
const EXACT: u64 = 1 << 53;

/// The spec as RFC 8785 text, fields at their default left out; the name only with `named`.
pub fn canonical_json(spec: &VideoSpec, named: bool) -> String {
    canonical_json_at(spec, named, REVISION)
}

/// [`canonical_json`] as it was when URLs were stripped by an earlier revision of the table of signatures.
pub(super) fn canonical_json_at(spec: &VideoSpec, named: bool, revision: u8) -> String {
    let mut text = Writer { text: String::with_capacity(512), revision };
    text.open();
    if spec.aspect != Aspect::Wide {
        text.string("aspect", spec.aspect.word());
    }
    text.object("avatar", |text| avatar(text, spec));
    text.object("background", |text| background(text, spec));
    if named {
        text.string("name", &spec.name);
    }
    if spec.take != 1 {
        text.whole("take", i64::from(spec.take));
    }
    text.object("voice", |text| voice(text, &spec.voice));
    text.close();
    text.text
}

fn avatar(text: &mut Writer, spec: &VideoSpec) {
    let avatar = &spec.avatar;
    if avatar.style == Style::Round && &*avatar.circle_bgcolor != "#ffffff" {
        text.string("circle_bgcolor", &avatar.circle_bgcolor);
    }
    text.string("id", &avatar.id);
    if avatar.offset.x != 0 || avatar.offset.y != 0 {
        text.object("offset", |text| {
            for (name, pixels) in [("x", avatar.offset.x), ("y", avatar.offset.y)] {
                if pixels != 0 {
                    text.whole(name, pixels);
                }
            }
        });
    }
    text.fraction("scale", avatar.scale);
    if avatar.style != Style::Full {
        text.string("style", avatar.style.word());
    }
}

fn background(text: &mut Writer, spec: &VideoSpec) {
    if &*spec.background.color != "#ffffff" {
        text.string("color", &spec.background.color);
    }
    if let Some(media) = &spec.background.media {
        text.object("media", |text| {
            let (name, value) = member(&media.source, text.revision);
            if name == "asset_id" {
                text.string(name, &value);
            }
            if media.fit != Fit::Contain {
                text.string("fit", media.fit.word());
            }
            if media.loop_ {
                text.member("loop");
                text.text.push_str("true");
            }
            if name != "asset_id" {
                text.string(name, &value);
            }
        });
    }
}

fn voice(text: &mut Writer, voice: &Voice) {
    match voice {
        Voice::Tts(tts) => text.object("tts", |text| {
            if let Some(emotion) = &tts.emotion {
                text.string("emotion", emotion);
            }
            text.string("id", &tts.id);
            if tts.pitch != 0 {
                text.whole("pitch", tts.pitch);
            }
            text.fraction("speed", tts.speed);
            text.string("text", &tts.text);
        }),
        Voice::File(source) => text.object("file", |text| {
            let (name, value) = member(source, text.revision);
            text.string(name, &value);
        }),
        Voice::Silence(seconds) => text.object("silence", |text| {
            if *seconds != 1 {
                text.whole("duration", i64::from(*seconds));
            }
        }),
    }
}

fn member(source: &MediaSource, revision: u8) -> (&'static str, Cow<'_, str>) {
    match source {
        MediaSource::Asset(id) => ("asset_id", Cow::Borrowed(id)),
        MediaSource::Url(url) => ("url", without_signature_at(url, revision)),
        MediaSource::File(file) => ("sha256", Cow::Borrowed(&file.sha256)),
    }
}

struct Writer {
    text: String,
    /// Of the table of signatures.
    revision: u8,
}

impl Writer {
    fn open(&mut self) {
        self.text.push('{');
    }

    fn close(&mut self) {
        self.text.push('}');
    }

    /// The name of the next member, one of ours: nothing in it needs an escape.
    fn member(&mut self, name: &str) {
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
        self.text.push('"');
        self.text.push_str(name);
        self.text.push_str("\":");
    }

    fn object(&mut self, name: &str, members: impl FnOnce(&mut Self)) {
        self.member(name);
        self.open();
        members(self);
        self.close();
    }

    fn string(&mut self, name: &str, value: &str) {
        self.member(name);
        self.text.push('"');
        let mut rest = value;
        while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
            self.text.push_str(&rest[..at]);
            self.escape(rest.as_bytes()[at]);
            rest = &rest[at + 1..];
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            b'"' => self.text.push_str("\\\""),
            b'\\' => self.text.push_str("\\\\"),
            0x08 => self.text.push_str("\\b"),
            b'\t' => self.text.push_str("\\t"),
            b'\n' => self.text.push_str("\\n"),
            0x0c => self.text.push_str("\\f"),
            b'\r' => self.text.push_str("\\r"),
            other => {
                let digits = b"0123456789abcdef";
                self.text.push_str("\\u00");
                self.text.push(char::from(digits[usize::from(other >> 4)]));
                self.text.push(char::from(digits[usize::from(other & 15)]));
            }
        }
    }

    fn whole(&mut self, name: &str, number: i64) {
        self.member(name);
        if number.unsigned_abs() <= EXACT {
            self.text.push_str(&number.to_string());
        } else {
            self.number(&number);
        }
    }

    /// A number that is left out where it is 1.
    fn fraction(&mut self, name: &str, number: f64) {
        if (number - 1.0).abs() > 0.0 {
            self.member(name);
            self.number(&number);
        }
    }

    fn number(&mut self, number: &impl serde::Serialize) {
        let written = serde_json_canonicalizer::to_string(number);
        self.text.push_str(written.as_deref().unwrap_or("null"));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Avatar, Background, LocalFile, Media, Offset, Tts, canonical_value};
    use super::*;

    fn text() -> impl Strategy<Value = std::sync::Arc<str>> {
        prop_oneof!["[ -~]{0,12}", "(?s).{0,12}", "[\\x00-\\x1f\"\\\\\u{7f}é\u{2028}👋]{0,8}"].prop_map(Into::into)
    }

    fn source() -> impl Strategy<Value = MediaSource> {
        let url = prop_oneof![
            text().prop_map(|text| text.to_string()),
            Just("https://a.b/c?x=1&X-Amz-Signature=s".to_owned())
        ];
        prop_oneof![
            text().prop_map(MediaSource::Asset),
            url.prop_map(|url| MediaSource::Url(url.into())),
            "[0-9a-f]{64}".prop_map(|sha256| MediaSource::File(std::sync::Arc::new(LocalFile {
                name: "a".into(),
                path: "a".into(),
                sha256,
                bytes: 1,
                format: crate::spec::MediaFormat::Png,
            }))),
        ]
    }

    fn fraction() -> impl Strategy<Value = f64> {
        prop_oneof![
            Just(1.0),
            Just(1.05),
            Just(-0.0),
            Just(1e21),
            Just(1e-7),
            any::<f64>().prop_filter("finite", |one| one.is_finite())
        ]
    }

    fn whole() -> impl Strategy<Value = i64> {
        prop_oneof![Just(0), -300_i64..300, any::<i64>()]
    }

    fn voice() -> impl Strategy<Value = Voice> {
        prop_oneof![
            (text(), text(), fraction(), whole(), proptest::option::of(text()))
                .prop_map(|(id, text, speed, pitch, emotion)| Voice::Tts(Tts { id, text, speed, pitch, emotion })),
            source().prop_map(Voice::File),
            (1_u8..100).prop_map(Voice::Silence),
        ]
    }

    fn spec() -> impl Strategy<Value = VideoSpec> {
        let avatar = (text(), 0_usize..3, prop_oneof![Just("#ffffff".into()), text()], fraction(), whole(), whole());
        let avatar = avatar.prop_map(|(id, style, circle_bgcolor, scale, x, y)| Avatar {
            id,
            style: Style::ALL[style],
            circle_bgcolor,
            scale,
            offset: Offset { x, y },
        });
        let media = (source(), 0_usize..2, any::<bool>()).prop_map(|(source, fit, loop_)| Media {
            source,
            fit: Fit::ALL[fit],
            loop_,
        });
        let background = (prop_oneof![Just("#ffffff".into()), text()], proptest::option::of(media))
            .prop_map(|(color, media)| Background { color, media });
        (text(), 0_usize..3, avatar, voice(), background, prop_oneof![Just(1), any::<u32>()]).prop_map(
            |(name, aspect, avatar, voice, background, take)| VideoSpec {
                name,
                aspect: Aspect::ALL[aspect],
                avatar,
                voice,
                background,
                take,
            },
        )
    }

    proptest! {
        #[test]
        fn the_text_is_the_canonical_form_of_the_tree(spec in spec(), named: bool) {
            let tree = serde_json_canonicalizer::to_string(&canonical_value(&spec, named)).unwrap();
            prop_assert_eq!(canonical_json(&spec, named), tree);
        }
    }
}
