//! The multipart form of a submission, part for part as curl sends it: stub, to be written.

use crate::spec::{LocalFile, VideoSpec};

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

/// The form of a spec under a submitted name; `asset` gives the vendor's id of a local file already uploaded.
///
/// None when a local file has no id yet.
pub fn submission_form(
    _spec: &VideoSpec,
    _submitted_name: &str,
    _asset: impl Fn(&LocalFile) -> Option<String>,
) -> Option<Form> {
    None
}
