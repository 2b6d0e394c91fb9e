//! The lines of the journal.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fields::MediaKind;

/// The version of the journal that this code writes, and the only one it reads.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// The first line.
    Sandbox(Header),
    /// An accepted submission.
    Task(Box<Task>),
    /// An upload.
    Asset(Box<Asset>),
}

/// What holds for the whole folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// See [`VERSION`].
    pub version: u32,
    /// Ids, signatures and shares of faults follow from it.
    pub seed: u64,
}

/// An accepted submission. Its life is written with it, so that a restart with other options changes no past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "a task has two ids: the task's and the video's")]
pub struct Task {
    /// Counted from 0.
    pub number: u64,
    /// The id in the answer to the submission.
    pub task: String,
    /// The id in the list of videos.
    pub video: String,
    /// As submitted, or random.
    pub name: String,
    /// When it was accepted.
    pub at: Timestamp,
    /// What is made, and how long that takes.
    pub work: Work,
}

/// What is made of a submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// How long it waits.
    #[serde(with = "milliseconds")]
    pub queue: Duration,
    /// How long it runs then.
    #[serde(with = "milliseconds")]
    pub render: Duration,
    /// Why it fails in the end, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The vendor's number.
    pub aspect: u8,
    /// `#rrggbb`.
    pub colour: String,
    /// Of video.
    pub seconds: f64,
    /// What it costs.
    pub credits: f64,
    /// Of a template video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<i64>,
    /// Names and values of all parts, as they came.
    pub parts: Vec<(String, String)>,
}

/// An upload; its bytes lie beside the journal under its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asset {
    /// Counted from 0.
    pub number: u64,
    /// `sbx…`.
    pub id: String,
    /// As submitted, or the file's.
    pub name: String,
    /// Image, video or audio.
    pub kind: MediaKind,
    /// The file's extension, lower case.
    pub format: String,
    /// Size.
    pub bytes: u64,
    /// 64 hex digits.
    pub sha256: String,
    /// When it was uploaded.
    pub at: Timestamp,
    /// Pixels across and down, if it is an image that we can read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
    /// Of sound or video, if we can read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

mod milliseconds {
    //! Durations as whole milliseconds.

    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}
