//! The multipart form of a submission, in the order and form in which curl sends it.

use crate::fields::{Type, Value, Wire};
use crate::spec::{LocalFile, Spec};

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPart {
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The path that the form is sent to, below the base URL.
    pub endpoint: &'static str,
    /// The parts.
    pub parts: Vec<FormPart>,
}

/// Names of the wire, shared with the sandbox.
pub mod wire {
    /// Exchanges a client id and secret for a token.
    pub const TOKEN: &str = "/v1/oauth/token";
    /// Where submissions of avatar videos go. Other code takes the endpoint from the kind of the spec.
    #[cfg(test)]
    pub const SUBMIT: &str = crate::fields::KINDS[0].endpoint;
    /// Where submissions of template videos go.
    #[cfg(test)]
    pub const TEMPLATE_SUBMIT: &str = crate::fields::KINDS[1].endpoint;
    /// The endpoint that reports the state of a task.
    pub const TASK_DETAIL: &str = "/v2/task/detail";
    /// Lists videos.
    pub const VIDEO_LIST: &str = "/v2/video/list";
    /// Uploads files.
    pub const ASSET_UPLOAD: &str = "/v2/asset/upload";
    /// Lists assets.
    pub const ASSET_LIST: &str = "/v2/asset/list";
    /// Lists avatars.
    pub const AVATAR_LIST: &str = "/v2/avatar/list";
    /// Lists voices.
    pub const VOICE_LIST: &str = "/v2/voice/list";
    /// Lists vendor templates.
    pub const TEMPLATE_LIST: &str = "/v2/template/list";
}

/// The content type that curl gives every bracketed part in the vendor's example.
const BRACKETED: &str = "application/json";

impl Form {
    /// Creates a form without parts.
    pub const fn new(endpoint: &'static str) -> Self {
        Self { endpoint, parts: Vec::new() }
    }

    fn plain(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.push(name, None, value);
    }

    fn push(&mut self, name: &str, content_type: Option<&'static str>, value: impl Into<Vec<u8>>) {
        self.parts.push(FormPart { name: name.to_owned(), content_type, file_name: None, value: value.into() });
    }
}

/// Returns the form of a spec under a submitted name. `asset` returns the vendor's id of an uploaded local file.
///
/// Returns `None` if a local file has no id yet. Defaults are sent as in the vendor's own example, so that a new
/// default at the vendor does not change a video.
pub fn submission_form(
    spec: &Spec,
    submitted_name: &str,
    asset: impl Fn(&LocalFile) -> Option<String>,
) -> Option<Form> {
    let mut form = Form::new(spec.kind().kind.endpoint);
    for path in spec.field_paths() {
        let Some(field) = spec.table[path.row].field().filter(|row| row.field.wire != Wire::Never) else { continue };
        let value = match (&field.field.ty, spec.get(path)) {
            (Type::Label, _) => submitted_name.to_owned(),
            (_, None) => continue,
            (_, Some(Value::File(file))) => asset(file)?,
            (ty, Some(value)) => ty.to_part(value)?,
        };
        let name = spec.table.part_name(path);
        let content_type = name.contains('[').then_some(BRACKETED);
        form.push(&name, content_type, value);
    }
    Some(form)
}

/// Returns the form of an upload: the file, named by the last part of its path. Its bytes follow later. Extension and
/// content type are those of the detected format, whatever the name says.
pub fn upload_form(file: &LocalFile) -> Form {
    let name = file.format.file_name(&file.name);
    let mut form = Form::new(wire::ASSET_UPLOAD);
    form.parts.push(FormPart {
        name: "file".to_owned(),
        content_type: Some(file.format.content_type()),
        file_name: Some(name.clone()),
        value: Vec::new(),
    });
    form.plain("filetype", file.kind.vendor_code().to_string());
    form.plain("name", name);
    form
}

/// Returns the form of a query for the state of a task.
pub fn detail_form(task: &str) -> Form {
    let mut form = Form::new(wire::TASK_DETAIL);
    form.plain("id", task);
    form
}

#[cfg(test)]
mod tests;
