//! What is spoken and heard: scripts in order of precedence, audio and picture files.

use std::sync::Arc;

use super::build::Builder;
use super::check;
use super::files::Refused;
use super::parts::{SourceField, SourceParts, TextField};
use super::place::Site;
use super::session::Purpose;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Choice, DefaultsDecl, Expr, ScriptDecl, VideoDecl};
use crate::spec::{LocalFile, MediaKind, MediaSource, SpecField, expiry, without_signature};

/// Where a text comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spoken<'m> {
    /// Written in a manifest.
    Inline(&'m TextField),
    /// In a script file.
    File(&'m TextField),
}

impl<'m> From<&'m ScriptDecl> for Spoken<'m> {
    fn from(script: &'m ScriptDecl) -> Self {
        match script {
            ScriptDecl::Text(field) => Self::Inline(field),
            ScriptDecl::File(field) => Self::File(field),
        }
    }
}

/// The field of a script.
pub(super) fn script_field(script: &ScriptDecl) -> &TextField {
    match script {
        ScriptDecl::Text(field) | ScriptDecl::File(field) => field,
    }
}

/// The text that counts: the video's `script`, its own `voice.tts.text`, the default script, the preset's text.
pub(super) fn spoken<'m>(
    video: &'m VideoDecl,
    defaults: &'m DefaultsDecl,
    preset: Option<&'m TextField>,
) -> Option<Spoken<'m>> {
    let own = video.body.script.as_ref().map(Spoken::from);
    let inline = match &video.body.voice {
        Some(Choice::Object(voice)) => voice.tts.as_ref().and_then(|tts| tts.text.as_ref()),
        _ => None,
    };
    own.or(inline.map(Spoken::Inline)).or(defaults.script.as_ref().map(Spoken::from)).or(preset.map(Spoken::Inline))
}

/// What a local file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Voice,
    Background,
}

impl Role {
    fn path(self) -> &'static str {
        if self == Self::Voice { "voice.file" } else { "background.media" }
    }

    fn takes(self, kind: MediaKind) -> bool {
        (self == Self::Voice) == (kind == MediaKind::Audio)
    }

    fn fields(self) -> [SpecField; 3] {
        match self {
            Self::Voice => [SpecField::FileAssetId, SpecField::FileUrl, SpecField::FileSha256],
            Self::Background => [SpecField::MediaAssetId, SpecField::MediaUrl, SpecField::MediaSha256],
        }
    }
}

impl<'m> Builder<'_, 'm, '_> {
    /// The text of an instance.
    pub(super) fn spoken(&mut self, source: Spoken<'m>) -> Option<Arc<str>> {
        let (Spoken::Inline(field) | Spoken::File(field)) = source;
        self.origins.push((SpecField::TtsText, field.origin));
        let text = match source {
            Spoken::Inline(field) => self.inline(field)?,
            Spoken::File(field) => self.script_file(field)?,
        };
        match check::text(&text) {
            Ok(text) => {
                if matches!(source, Spoken::Inline(_)) {
                    self.doubt_script(&text, field.origin);
                }
                Some(text)
            }
            Err(wrong) => {
                let fault = Diagnostic::new(wrong.code, wrong.message, field.origin);
                let fault = wrong.help.into_iter().fold(fault, Diagnostic::help);
                match source {
                    Spoken::Inline(field) => self.session.fault(field, self.at, fault),
                    Spoken::File(_) => self.session.faults.instance(fault, self.at.key.as_ref(), self.at.row.as_ref()),
                }
                None
            }
        }
    }

    fn inline(&mut self, field: &'m TextField) -> Option<Arc<str>> {
        match &field.value {
            Expr::Literal(text) => Some(self.session.files.spoken(text)),
            Expr::Template(text) => {
                let normal = self.session.files.spoken(&text.text);
                let site = Site::Normalised { text, origin: field.origin };
                self.session.render(&normal, site, self.at, Purpose::Content).map(Arc::from)
            }
        }
    }

    fn script_file(&mut self, field: &'m TextField) -> Option<Arc<str>> {
        let path = self.session.text(field, self.at, Purpose::Content)?;
        let session = &mut *self.session;
        let real = session.files.find(field.origin.file, &path, session.sources);
        let script = match real.and_then(|real| session.files.script(real, session.sources)) {
            Ok(script) => script,
            Err(refused) => return self.refuse(field, refused),
        };
        if !script.template {
            return Some(script.text);
        }
        let site = Site::File(script.file, script.text.len());
        self.session.render(&script.text, site, self.at, Purpose::Content).map(Arc::from)
    }

    fn refuse<T>(&mut self, field: &TextField, refused: Refused) -> Option<T> {
        let fault = Diagnostic::new(refused.code, refused.message, field.origin);
        let fault = match refused.help {
            Some(help) => fault.help(help),
            None if refused.code == Code::BadPath => {
                fault.help("a path is relative to the file that names it and stays in the project")
            }
            None => fault,
        };
        self.session.fault(field, self.at, fault);
        None
    }

    /// An audio file of any of the three kinds.
    pub(super) fn audio(&mut self, parts: SourceParts<'m>) -> Option<MediaSource> {
        self.media_source(parts, Role::Voice)
    }

    /// A background of any of the three kinds.
    pub(super) fn picture(&mut self, parts: SourceParts<'m>) -> Option<MediaSource> {
        self.media_source(parts, Role::Background)
    }

    fn media_source(&mut self, parts: SourceParts<'m>, role: Role) -> Option<MediaSource> {
        let [asset, url, sha256] = role.fields();
        match parts.member {
            Some(SourceField::Asset(field)) => self.checked(asset, field, check::id).map(MediaSource::Asset),
            Some(SourceField::Url(field)) => {
                if let Expr::Literal(text) = &field.value
                    && self.session.good_urls.contains(&(Arc::as_ptr(text).cast::<u8>() as usize))
                {
                    self.origins.push((url, field.origin));
                    return Some(MediaSource::Url(Arc::clone(text)));
                }
                let address = self.checked(url, field, check::url)?;
                self.warn_of_expiry(field, &address);
                if matches!(field.value, Expr::Literal(_)) {
                    self.session.good_urls.insert(Arc::as_ptr(&address).cast::<u8>() as usize);
                }
                Some(MediaSource::Url(address))
            }
            Some(SourceField::Path(field)) => {
                self.origins.push((sha256, field.origin));
                self.local(field, role).map(MediaSource::File)
            }
            None => {
                let message = format!("`{}` has neither `asset_id` nor `url` nor `path`", role.path());
                let fault = Diagnostic::new(Code::MissingField, message, parts.origin);
                self.missed(fault);
                None
            }
        }
    }

    fn local(&mut self, field: &'m TextField, role: Role) -> Option<Arc<LocalFile>> {
        // What counts is the file's content, so a path out of the environment is no different from a plain one.
        let path = self.session.text(field, self.at, Purpose::Content)?;
        let session = &mut *self.session;
        let real = session.files.find(field.origin.file, &path, session.sources);
        match real.and_then(|real| session.files.media(real)) {
            Ok(found) if role.takes(found.format.kind()) => Some(found),
            Ok(found) => {
                let wants = if role == Role::Voice { "an audio file" } else { "an image or a video" };
                let (path, kind) = (role.path(), found.format.kind().words());
                let message = format!("`{}` is {kind}, but `{path}` wants {wants}", found.name);
                self.refuse(field, Refused::new(Code::BadMedia, message))
            }
            Err(refused) => self.refuse(field, refused),
        }
    }

    fn warn_of_expiry(&mut self, field: &TextField, url: &str) {
        let Some(expires) = expiry(url) else { return };
        let now = self.session.now;
        let left = expires.duration_since(now);
        let shown = without_signature(url);
        let message = if expires <= now {
            format!("the presigned URL `{shown}` expired at {expires}")
        } else if left <= jiff::SignedDuration::from_hours(1) {
            format!("the presigned URL `{shown}` expires at {expires}, within the hour")
        } else {
            return;
        };
        let warning = Diagnostic::new(Code::ExpiredUrl, message, field.origin);
        self.session.faults.warn(warning.help("sign it anew, or name a local file by `path`"));
    }
}
