//! One instance of a video to its spec: every field read, every rule of specs held.

use std::sync::Arc;

use super::check;
use super::parts::{AvatarParts, BackgroundParts, MediaParts, Mode, TextField, TtsParts};
use super::presets::Laid;
use super::session::{Instance, Purpose, Session};
use super::voice::spoken;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{DefaultsDecl, Field, Incomplete, VideoDecl};
use crate::source::Origin;
use crate::spec::{Aspect, Avatar, Background, Fit, Media, Offset, SpecField, Style, Tts, VideoSpec, Voice};

use super::shelves::Shelves;
use super::typed::Typed;

/// More fields than a usual video declares.
const USUAL_FIELDS: usize = 16;

/// Reads the fields of one instance and notes where each value was declared.
pub(super) struct Builder<'a, 'm, 'w> {
    pub session: &'a mut Session<'m, 'w>,
    pub at: &'a Instance,
    pub origins: Vec<(SpecField, Origin)>,
    /// Whether the object being read has a fault that was told: what is absent in it may only have been refused.
    pub incomplete: bool,
}

/// A spec with the places of its values.
pub(super) type Built = (VideoSpec, Vec<(SpecField, Origin)>);

/// The spec of an instance; nothing when a fault was told.
pub(super) fn build<'m>(
    session: &mut Session<'m, '_>,
    shelves: &Shelves<'m>,
    video: &'m VideoDecl,
    defaults: &'m DefaultsDecl,
    at: &Instance,
) -> Option<Built> {
    let before = session.faults.raised();
    let mut builder = Builder { session, at, origins: Vec::with_capacity(USUAL_FIELDS), incomplete: false };
    let spec = builder.spec(shelves, video, defaults);
    let Builder { session, origins, .. } = builder;
    spec.filter(|_| session.faults.raised() == before).map(|spec| (spec, origins))
}

impl<'m> Builder<'_, 'm, '_> {
    fn spec(&mut self, shelves: &Shelves<'m>, video: &'m VideoDecl, defaults: &'m DefaultsDecl) -> Option<VideoSpec> {
        let body = &video.body;
        let name = self.name(body.name.as_deref().or(defaults.name.as_deref()));
        let aspect = self.value(SpecField::Aspect, body.aspect.as_deref().or(defaults.aspect.as_deref()));
        let take = self.take(body.take.as_deref().or(defaults.take.as_deref()));

        // What `defaults` lost to a fault must not look as if it had never been written.
        let partly = self.session.faults.incomplete(&Incomplete::Defaults);
        if partly {
            self.session.faults.silent();
        }
        self.incomplete = partly && body.avatar.is_none();
        let avatar = match body.avatar.as_deref().or(defaults.avatar.as_deref()) {
            Some(choice) => {
                let laid = shelves.avatars.choose(choice, self.session, self.at);
                laid.map(|laid| self.open(laid)).and_then(|parts| self.avatar(parts, video))
            }
            None => self.absent(video, Code::MissingField, "has no avatar", "give it `avatar`, or `defaults` one"),
        };
        self.incomplete = partly && (body.voice.is_none() || body.script.is_none());
        let voice = match body.voice.as_ref().or(defaults.voice.as_ref()) {
            Some(choice) => {
                let laid = shelves.voices.choose(choice, self.session, self.at);
                laid.map(|laid| self.open(laid)).and_then(|parts| self.voice(parts.mode, video, defaults))
            }
            None => self.absent(video, Code::MissingVoice, "has no voice", "give it `voice`, or `defaults` one"),
        };
        self.incomplete = partly && body.background.is_none();
        let background = if let Some(choice) = body.background.as_deref().or(defaults.background.as_deref()) {
            let laid = shelves.backgrounds.choose(choice, self.session, self.at);
            laid.map(|laid| self.open(laid)).and_then(|parts| self.background(parts))
        } else {
            let help = "give it `background`, or `defaults` one";
            self.absent(video, Code::MissingField, "has no background", help)
        };
        Some(VideoSpec {
            name: name?,
            aspect: aspect.unwrap_or(Aspect::Wide),
            avatar: avatar?,
            voice: voice?,
            background: background?,
            take: take?,
        })
    }

    /// The parts of an object, and a note of whether they are all there; what is made of parts that are not is no video.
    fn open<P>(&mut self, laid: Laid<P>) -> P {
        if laid.incomplete {
            self.incomplete = true;
            self.session.faults.silent();
        }
        laid.parts
    }

    /// A fault that shows only because something is not there: none when that was refused before.
    pub(super) fn missed(&mut self, fault: Diagnostic) {
        if self.incomplete {
            self.session.faults.silent();
        } else {
            self.session.faults.declared(fault);
        }
    }

    fn absent<T>(&mut self, video: &VideoDecl, code: Code, lacks: &str, help: &str) -> Option<T> {
        let fault = Diagnostic::new(code, format!("video `{}` {lacks}", video.key), video.key_origin);
        self.missed(fault.help(help));
        None
    }

    fn note(&mut self, field: SpecField, origin: Origin) {
        self.origins.push((field, origin));
    }

    /// A typed field, if it is declared.
    fn value<T: Typed>(&mut self, which: SpecField, field: Option<&Field<T>>) -> Option<T> {
        let field = field?;
        self.note(which, field.origin);
        self.session.typed(which.path(), field, self.at)
    }

    /// A typed field within a range; the default when absent or wrong (the fault is told).
    fn ranged<T: Typed + std::fmt::Display>(
        &mut self,
        which: SpecField,
        field: Option<&Field<T>>,
        default: T,
        (fits, words): (impl Fn(T) -> bool, &str),
    ) -> T {
        let Some(value) = self.value(which, field) else { return default };
        if let Some(field) = field
            && !fits(value)
        {
            let message = format!("`{}` is {value}, it must be {words}", which.path());
            self.session.fault(field, self.at, Diagnostic::new(Code::OutOfRange, message, field.origin));
        }
        value
    }

    /// A string field that a check reads.
    pub(super) fn checked<T>(
        &mut self,
        which: SpecField,
        field: &TextField,
        check: impl Fn(&Arc<str>, &str) -> Result<T, check::Wrong>,
    ) -> Option<T> {
        self.note(which, field.origin);
        let purpose = if which == SpecField::Name { Purpose::Label } else { Purpose::Content };
        let text = self.session.text(field, self.at, purpose)?;
        match check(&text, which.path()) {
            Ok(value) => Some(value),
            Err(wrong) => {
                let fault = Diagnostic::new(wrong.code, wrong.message, field.origin);
                let fault = wrong.help.into_iter().fold(fault, Diagnostic::help);
                self.session.fault(field, self.at, fault);
                None
            }
        }
    }

    fn name(&mut self, field: Option<&TextField>) -> Option<Arc<str>> {
        match field {
            Some(field) => self.checked(SpecField::Name, field, check::name),
            None => self.at.key.clone(),
        }
    }

    fn take(&mut self, field: Option<&Field<i64>>) -> Option<u32> {
        let fits = |take: i64| u32::try_from(take).is_ok_and(|take| take >= 1);
        let take = self.ranged(SpecField::Take, field, 1, (fits, "1 or more, at most 4294967295"));
        u32::try_from(take).ok()
    }

    fn required_id(&mut self, which: SpecField, field: Option<&TextField>, video: &VideoDecl) -> Option<Arc<str>> {
        let Some(field) = field else {
            let message = format!("video `{}` has no `{}`", video.key, which.path());
            self.missed(Diagnostic::new(Code::MissingField, message, video.key_origin));
            return None;
        };
        self.checked(which, field, check::id)
    }

    fn avatar(&mut self, parts: AvatarParts<'m>, video: &VideoDecl) -> Option<Avatar> {
        let id = self.required_id(SpecField::AvatarId, parts.id, video);
        let style = self.value(SpecField::AvatarStyle, parts.style).unwrap_or(Style::Full);
        let circle = match parts.circle_bgcolor {
            Some(field) => {
                if style != Style::Round {
                    let message = format!("`avatar.circle_bgcolor` is given, but `avatar.style` is `{}`", style.word());
                    let fault = Diagnostic::new(Code::CircleWithoutRound, message, field.key_origin);
                    let fault = fault.help("it needs `style: round`; otherwise remove it");
                    self.missed(fault);
                }
                self.checked(SpecField::AvatarCircleBgcolor, field, check::color)?
            }
            None => Arc::clone(&self.session.white),
        };
        let above_nought = (|scale: f64| scale.is_finite() && scale > 0.0, "above 0");
        let scale = self.ranged(SpecField::AvatarScale, parts.scale, 1.0, above_nought);
        let x = self.value(SpecField::AvatarOffsetX, parts.offset_x).unwrap_or(0);
        let y = self.value(SpecField::AvatarOffsetY, parts.offset_y).unwrap_or(0);
        let offset = Offset { x, y };
        self.doubt_scale(scale, parts.scale.map(|field| field.origin));
        self.doubt_offset(offset, parts.offset_x.map(|field| field.origin), parts.offset_y.map(|field| field.origin));
        Some(Avatar { id: id?, style, circle_bgcolor: circle, scale, offset })
    }

    fn voice(&mut self, mode: Option<Mode<'m>>, video: &'m VideoDecl, defaults: &'m DefaultsDecl) -> Option<Voice> {
        match mode {
            Some(Mode::Tts(tts)) => self.tts(tts, video, defaults).map(Voice::Tts),
            Some(Mode::File(source)) => {
                self.no_script(video, "file");
                self.audio(source).map(Voice::File)
            }
            Some(Mode::Silence { duration }) => {
                self.no_script(video, "silence");
                let rule = (|seconds: i64| (1..=99).contains(&seconds), "between 1 and 99");
                let seconds = self.ranged(SpecField::SilenceDuration, duration, 1, rule);
                u8::try_from(seconds).ok().map(Voice::Silence)
            }
            None => {
                let help = "give the voice one of `tts`, `file`, `silence`";
                self.absent(video, Code::MissingVoice, "has a voice without a mode", help)
            }
        }
    }

    fn no_script(&mut self, video: &VideoDecl, mode: &str) {
        let Some(script) = &video.body.script else { return };
        let message = format!("video `{}` has a `script`, but its voice is `{mode}`", video.key);
        let fault = Diagnostic::new(Code::ScriptWithoutSpeech, message, super::voice::script_field(script).key_origin);
        self.missed(fault.help("only a `tts` voice speaks a script"));
    }

    fn tts(&mut self, parts: TtsParts<'m>, video: &'m VideoDecl, defaults: &'m DefaultsDecl) -> Option<Tts> {
        let id = self.required_id(SpecField::TtsId, parts.id, video);
        let text = spoken(video, defaults, parts.text).map(|source| self.spoken(source));
        let text = match text {
            Some(text) => text,
            None => self.absent(video, Code::MissingText, "has nothing to say", "give it `script`"),
        };
        let speed = (|speed: f64| (0.5..=1.5).contains(&speed), "between 0.5 and 1.5");
        let speed = self.ranged(SpecField::TtsSpeed, parts.speed, 1.0, speed);
        let pitch = (|pitch: i64| (-50..=50).contains(&pitch), "between -50 and 50");
        let pitch = self.ranged(SpecField::TtsPitch, parts.pitch, 0, pitch);
        let emotion = parts.emotion.map(|field| self.checked(SpecField::TtsEmotion, field, check::id));
        let emotion = match emotion {
            Some(emotion) => Some(emotion?),
            None => None,
        };
        Some(Tts { id: id?, text: text?, speed, pitch, emotion })
    }

    fn background(&mut self, parts: BackgroundParts<'m>) -> Option<Background> {
        let color = match parts.color {
            Some(field) => self.checked(SpecField::BackgroundColor, field, check::color),
            None => Some(Arc::clone(&self.session.white)),
        };
        let media = parts.media.map(|media| self.media(media));
        Some(Background {
            color: color?,
            media: match media {
                Some(media) => Some(media?),
                None => None,
            },
        })
    }

    fn media(&mut self, parts: MediaParts<'m>) -> Option<Media> {
        let source = self.picture(parts.source);
        let fit = self.value(SpecField::MediaFit, parts.fit).unwrap_or(Fit::Contain);
        let loop_ = self.value(SpecField::MediaLoop, parts.loop_).unwrap_or(false);
        Some(Media { source: source?, fit, loop_ })
    }
}
