//! The lockfile for programs, format 1: takes, and what `lock verify` found.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::{document, schema_of};
use super::lock_views::word;
use crate::lockfile::{Finding, How, State, Take};

/// What `callsheet lock show --format json` prints, and what `lock adopt`, `free`, `accept` and `forget` wrote.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Takes")]
struct TakesV1 {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// By key, then time.
    takes: Vec<LockTakeV1>,
}

/// A take as the lockfile knows it; what is not known is absent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Take")]
pub(super) struct LockTakeV1 {
    /// The key it was submitted under.
    key: String,
    /// The content.
    digest: String,
    /// Counts the submissions of one digest at one host, from 1.
    attempt: u32,
    /// What became of it.
    state: LockStateV1,
    /// The vendor's task id.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    /// The vendor's id in its list of videos, where only that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    video: Option<String>,
    /// The name that was submitted, marker included.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The vendor's host, without port.
    host: String,
    /// When it was sent, or found, UTC; one that was freed or forgotten says when.
    at: String,
    /// How it came to be known, when not by its own answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<HowV1>,
    /// Seconds of the finished video.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    /// The hash of the saved file, 64 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    /// The size of the saved file.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// Why it failed, in the vendor's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The canonical spec with its name: fields at their default are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    spec: Option<Value>,
}

/// What became of a take.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "State")]
enum LockStateV1 {
    /// Written before a submission; alone it means: in doubt.
    Intent,
    /// Not accepted, by proof or by a person's word.
    Freed,
    /// Accepted by the vendor.
    Submitted,
    /// Accepted, and failed at the vendor.
    Failed,
    /// Finished at the vendor.
    Done,
    /// Saved.
    Pulled,
    /// Given up by a person.
    Forgotten,
}

/// How a take came to be known.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "How")]
enum HowV1 {
    /// Found at the vendor, or named by a person.
    Adopted,
    /// A person said that the old video will do; for this key only.
    Accepted,
}

/// What `callsheet lock verify --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Findings")]
struct FindingsV1<'a> {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// Nothing when the file is as `apply` leaves it, or not there yet.
    findings: Vec<FindingV1<'a>>,
}

/// Something that the lockfile should be told of.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingV1<'a> {
    /// How much it matters: an `error` must not stay.
    #[schemars(extend("enum" = ["note", "warning", "error"]))]
    level: &'static str,
    /// A stable word: `refused`, `torn`, `unsorted`, `in-doubt`, `paid-twice`, `spec-digest`.
    code: &'a str,
    /// The lockfile's name; with `--staged` its path.
    file: &'a str,
    /// The line, from 1, where one is meant.
    line: Option<usize>,
    /// What, with names.
    message: &'a str,
}

impl From<&Take> for LockTakeV1 {
    fn from(take: &Take) -> Self {
        Self {
            key: take.key.to_string(),
            digest: take.digest.to_string(),
            attempt: take.attempt,
            state: take.state.into(),
            task: take.task.clone(),
            video: take.video.clone(),
            name: take.name.clone(),
            host: take.host.to_string(),
            at: take.at.to_string(),
            how: take.how.map(HowV1::from),
            seconds: take.seconds,
            sha256: take.sha256.clone(),
            bytes: take.bytes,
            message: take.message.clone(),
            // It was JSON when it was read.
            spec: take.spec.as_ref().and_then(|spec| serde_json::from_str(spec.get()).ok()),
        }
    }
}

impl From<State> for LockStateV1 {
    fn from(state: State) -> Self {
        match state {
            State::Intent => Self::Intent,
            State::Freed => Self::Freed,
            State::Submitted => Self::Submitted,
            State::Failed => Self::Failed,
            State::Done => Self::Done,
            State::Pulled => Self::Pulled,
            State::Forgotten => Self::Forgotten,
        }
    }
}

impl From<How> for HowV1 {
    fn from(how: How) -> Self {
        match how {
            How::Adopted => Self::Adopted,
            How::Accepted => Self::Accepted,
        }
    }
}

/// `lock show --format json`.
pub fn takes_json<'a>(takes: impl Iterator<Item = &'a Take>) -> String {
    document(&TakesV1 { format_version: 1, takes: takes.map(LockTakeV1::from).collect() })
}

/// The schema of `lock show --format json`.
pub fn takes_schema() -> Value {
    schema_of::<TakesV1>()
}

/// `lock verify --format json`.
pub fn findings_json(checked: &[(String, Vec<Finding>)]) -> String {
    let findings = checked.iter().flat_map(|(name, findings)| {
        findings.iter().map(|finding| FindingV1 {
            level: word(finding.level),
            code: finding.code,
            file: name,
            line: finding.line,
            message: &finding.message,
        })
    });
    document(&FindingsV1 { format_version: 1, findings: findings.collect() })
}

/// The schema of `lock verify --format json`.
pub fn findings_schema() -> Value {
    schema_of::<FindingsV1<'_>>()
}
