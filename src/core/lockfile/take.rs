//! One line of the lockfile: a take in a state, or an uploaded asset.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::StoredSpec;
use crate::spec::Digest;

/// How long the vendor keeps results after the submission (vendor's documentation of the endpoint).
pub const VENDOR_RETENTION: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The state of a take.
// By rank: if a take has several lines, the one with the highest rank wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "State")]
pub enum TakeState {
    /// Written before a submission. Without a later state, the take is in doubt.
    Intent,
    /// Not accepted, as proved or as the user says.
    Freed,
    /// Accepted by the vendor.
    Submitted,
    /// Accepted, and failed at the vendor.
    Failed,
    /// Finished at the vendor.
    Done,
    /// Saved.
    Pulled,
    /// Forgotten by the user.
    Forgotten,
}

impl TakeState {
    /// All states, by rank.
    pub const ALL: [Self; 7] =
        [Self::Intent, Self::Freed, Self::Submitted, Self::Failed, Self::Done, Self::Pulled, Self::Forgotten];

    /// Whether a take in this state makes a submission unnecessary.
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Submitted | Self::Done | Self::Pulled)
    }

    /// Returns the name of the state in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Freed => "freed",
            Self::Submitted => "submitted",
            Self::Failed => "failed",
            Self::Done => "done",
            Self::Pulled => "pulled",
            Self::Forgotten => "forgotten",
        }
    }
}

/// How a take became known.
// Absent if it is known by its own response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "How")]
pub enum TakeSource {
    /// Found at the vendor, or named by the user.
    Adopted,
    /// The user keeps the old video, for this key only.
    Accepted,
}

/// A take in the lockfile. Unknown fields are absent.
// The content of one line, complete in itself. Host, digest and attempt identify the take.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Take {
    /// The key it was submitted under.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// Counts the submissions of one digest at one host, from 1.
    pub attempt: u32,
    /// The state.
    pub state: TakeState,
    /// The vendor's task id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The vendor's id in its list of videos, if it is the only known id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<String>,
    /// The name that was submitted, marker included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The vendor's host, without port.
    pub host: Arc<str>,
    /// When it was sent or found, UTC. Of a freed or forgotten take, the time of that decision.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// How the take became known, if not by its own response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<TakeSource>,
    /// Seconds of the finished video.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "exact_number")]
    pub seconds: Option<f64>,
    /// The hash of the saved file, 64 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The size of the saved file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The vendor's message about the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The end of a claim in a shared ledger. Its run starts no request that could end later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// The run that claimed it in a shared ledger; a line of the same run answers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Arc<str>>,
    /// The canonical spec with its name: fields at their default are left out.
    // Unparsed, and perhaps still in the file, because only a diff reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub spec: Option<StoredSpec>,
}

impl Take {
    /// Creates a take whose optional fields are unknown.
    pub fn new(TakeId { host, digest, attempt }: TakeId, key: Arc<str>, state: TakeState, at: Timestamp) -> Self {
        Self {
            key,
            digest,
            attempt,
            state,
            task: None,
            video: None,
            name: None,
            host,
            at,
            how: None,
            seconds: None,
            sha256: None,
            bytes: None,
            message: None,
            until: None,
            run: None,
            spec: None,
        }
    }

    /// Returns the time of a line that supersedes this one: of equal ranks, the later line wins. That is a millisecond
    /// later, or less where a millisecond would reach another month. The month of the bill and the vendor's day of
    /// deletion follow from the time.
    pub fn just_after(&self) -> Timestamp {
        let month = |at: Timestamp| at.strftime("%Y-%m").to_string();
        let after = |step| self.at.checked_add(step).ok();
        let [usual, least] = [SignedDuration::from_millis(1), SignedDuration::from_nanos(1)].map(after);
        let same = |at: &Timestamp| month(*at) == month(self.at);
        usual.filter(same).or(least.filter(same)).or(usual).unwrap_or(self.at)
    }

    /// Whether the vendor accepted a submission that it names, and did not fail it.
    pub(super) fn is_paid_submission(&self) -> bool {
        self.state.is_paid() && self.how != Some(TakeSource::Accepted) && (self.task.is_some() || self.video.is_some())
    }

    /// Returns the parsed spec. Returns `None` if the take has none, or as [`StoredSpec::text`] does.
    pub fn spec_value(&self) -> Option<serde_json::Value> {
        self.spec.as_ref()?.value()
    }

    /// Returns the line in the file, without its line break.
    pub fn to_line(&self) -> String {
        to_json(self)
    }
}

/// Returns the line of a record in the file, without its line break.
#[expect(clippy::expect_used, reason = "texts, numbers and one raw value that is JSON already: nothing can refuse")]
pub(super) fn to_json(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("a line is always JSON")
}

/// The identity of a take: host, content and attempt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct TakeId {
    /// The vendor's host, without port.
    pub host: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// Counts the submissions of one digest at one host, from 1.
    pub attempt: u32,
}

/// Parses a number to the nearest double. serde_json may be off by one bit, and a text that is read and written would
/// change.
fn exact_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let Some(raw) = Option::<Box<RawValue>>::deserialize(deserializer)? else { return Ok(None) };
    let number = raw.get().parse().map_err(|_| serde::de::Error::custom("`seconds` must be a number"))?;
    Ok(Some(number))
}

/// A local file that was uploaded once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// See `LocalFile::upload_key`: 64 hex digits, mostly the SHA-256 hash of the content.
    pub asset: Arc<str>,
    /// The vendor's asset id.
    pub id: String,
    /// The vendor's host, without port.
    pub host: Arc<str>,
    /// The time of the upload, UTC. Of two lines, the later wins.
    pub at: Timestamp,
}

/// A process that may spend, in a shared ledger: who it was, for as long as the ledger exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Its id: ten random characters, made for this process.
    pub run: Arc<str>,
    /// Who runs it: `github run 812/1`, or a user's name.
    pub who: String,
    /// The page of the job in the pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The commit that it applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Seconds that its clock is ahead of the vendor's. `None` if the vendor did not answer.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "exact_number")]
    pub clock: Option<f64>,
    /// When it began, UTC; of two lines the later holds.
    pub at: Timestamp,
}

/// One line.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Record {
    /// A take in a state.
    Take(Take),
    /// An uploaded file.
    Asset(Asset),
    /// A run of a shared ledger.
    Run(Run),
}

impl Record {
    /// Returns the line in the file, without its line break.
    pub fn to_line(&self) -> String {
        to_json(self)
    }

    /// The vendor's host, without port. `None` for a run.
    pub fn host(&self) -> Option<&Arc<str>> {
        match self {
            Self::Take(take) => Some(&take.host),
            Self::Asset(asset) => Some(&asset.host),
            Self::Run(_) => None,
        }
    }
}
