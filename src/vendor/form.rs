//! The multipart form of a submission, part for part as curl sends it.

use crate::spec::{LocalFile, MediaSource, Style, VideoSpec, Voice};

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The bracketed name: `avatar[offset][x]`.
    pub name: String,
    /// The part's `Content-Type`, if it has one.
    pub content_type: Option<&'static str>,
    /// The file name, for a file part.
    pub file_name: Option<String>,
    /// The bytes.
    pub value: Vec<u8>,
}

/// A form, in the order of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Form {
    /// The parts.
    pub parts: Vec<Part>,
}

/// Names of the wire, shared with the sandbox.
pub mod wire {
    /// Where a client id and secret are exchanged for a token.
    pub const TOKEN: &str = "/v1/oauth/token";
    /// Where submissions go.
    pub const SUBMIT: &str = "/v2/task/avatar-to-video";
    /// Where the state of a task is asked.
    pub const TASK_DETAIL: &str = "/v2/task/detail";
    /// Where videos are listed.
    pub const VIDEO_LIST: &str = "/v2/video/list";
    /// Where files go.
    pub const ASSET_UPLOAD: &str = "/v2/asset/upload";
    /// Where assets are listed.
    pub const ASSET_LIST: &str = "/v2/asset/list";
    /// Avatars.
    pub const AVATAR_LIST: &str = "/v2/avatar/list";
    /// Voices.
    pub const VOICE_LIST: &str = "/v2/voice/list";
    /// Templates.
    pub const TEMPLATE_LIST: &str = "/v2/template/list";
    /// Template videos.
    pub const TEMPLATE_SUBMIT: &str = "/v2/task/template-to-video";
}

/// The content type that curl gives every bracketed part in the vendor's example.
const BRACKETED: &str = "application/json";

impl Form {
    fn plain(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.push(name, None, value);
    }

    fn bracketed(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.push(name, Some(BRACKETED), value);
    }

    fn push(&mut self, name: &str, content_type: Option<&'static str>, value: impl Into<Vec<u8>>) {
        self.parts.push(Part { name: name.to_owned(), content_type, file_name: None, value: value.into() });
    }

    /// The value of a part as text, if there is such a part and it is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        let part = self.parts.iter().find(|part| part.name == name)?;
        std::str::from_utf8(&part.value).ok()
    }
}

/// The form of a spec under a submitted name; `asset` gives the vendor's id of a local file already uploaded.
///
/// None when a local file has no id yet. Defaults are sent as written in the vendor's own example, so that a default
/// which the vendor changes one day does not change a video.
pub fn submission_form(
    spec: &VideoSpec,
    submitted_name: &str,
    asset: impl Fn(&LocalFile) -> Option<String>,
) -> Option<Form> {
    let mut form = Form::default();
    form.plain("name", submitted_name);
    form.plain("aspect", spec.aspect.number().to_string());
    avatar(&mut form, spec);
    voice(&mut form, &spec.voice, &asset)?;
    background(&mut form, spec, &asset)?;
    Some(form)
}

fn avatar(form: &mut Form, spec: &VideoSpec) {
    let avatar = &spec.avatar;
    form.bracketed("avatar[id]", &*avatar.id);
    form.bracketed("avatar[style]", avatar.style.number().to_string());
    if avatar.style == Style::Round {
        form.bracketed("avatar[circle_bgcolor]", &*avatar.circle_bgcolor);
    }
    form.bracketed("avatar[scale]", decimal(avatar.scale));
    form.bracketed("avatar[offset][x]", avatar.offset.x.to_string());
    form.bracketed("avatar[offset][y]", avatar.offset.y.to_string());
}

fn voice(form: &mut Form, voice: &Voice, asset: &impl Fn(&LocalFile) -> Option<String>) -> Option<()> {
    match voice {
        Voice::Tts(tts) => {
            form.bracketed("voice[tts][id]", &*tts.id);
            form.bracketed("voice[tts][text]", &*tts.text);
            form.bracketed("voice[tts][speed]", decimal(tts.speed));
            form.bracketed("voice[tts][pitch]", tts.pitch.to_string());
            if let Some(emotion) = &tts.emotion {
                form.bracketed("voice[tts][emotion]", &**emotion);
            }
        }
        Voice::File(source) => media_source(form, "voice[file]", source, asset)?,
        Voice::Silence(seconds) => form.bracketed("voice[silence][duration]", seconds.to_string()),
    }
    Some(())
}

fn background(form: &mut Form, spec: &VideoSpec, asset: &impl Fn(&LocalFile) -> Option<String>) -> Option<()> {
    form.bracketed("background[color]", &*spec.background.color);
    if let Some(media) = &spec.background.media {
        media_source(form, "background[media]", &media.source, asset)?;
        form.bracketed("background[media][fit]", media.fit.number().to_string());
        form.bracketed("background[media][loop]", media.loop_.to_string());
    }
    Some(())
}

fn media_source(
    form: &mut Form,
    group: &str,
    source: &MediaSource,
    asset: &impl Fn(&LocalFile) -> Option<String>,
) -> Option<()> {
    match source {
        MediaSource::Asset(id) => form.bracketed(&format!("{group}[asset_id]"), &**id),
        MediaSource::Url(url) => form.bracketed(&format!("{group}[url]"), &**url),
        MediaSource::File(file) => form.bracketed(&format!("{group}[asset_id]"), asset(file)?),
    }
    Some(())
}

/// The form of an upload: the file, whose bytes follow later, under the last part of its name; the format's ending and
/// content type, whatever the name says.
pub fn upload_form(file: &LocalFile) -> Form {
    let name = file.format.file_name(&file.name);
    let mut form = Form::default();
    form.parts.push(Part {
        name: "file".to_owned(),
        content_type: Some(file.format.content_type()),
        file_name: Some(name.clone()),
        value: Vec::new(),
    });
    form.plain("filetype", file.format.kind().number().to_string());
    form.plain("name", name);
    form
}

/// The local files of a spec.
pub fn local_files(spec: &VideoSpec) -> impl Iterator<Item = &LocalFile> {
    let voice = match &spec.voice {
        Voice::File(source) => Some(source),
        _ => None,
    };
    let sources = voice.into_iter().chain(spec.background.media.as_ref().map(|media| &media.source));
    sources.filter_map(|source| match source {
        MediaSource::File(file) => Some(&**file),
        _ => None,
    })
}

/// The form that asks for the state of a task.
pub fn detail_form(task: &str) -> Form {
    let mut form = Form::default();
    form.plain("id", task);
    form
}

/// A float with a point and the fewest digits that read back to it: `1.0`, `1.05`; never an exponent.
fn decimal(value: f64) -> String {
    let mut text = value.to_string();
    if !text.contains('.') {
        text.push_str(".0");
    }
    text
}

#[cfg(test)]
mod tests;
