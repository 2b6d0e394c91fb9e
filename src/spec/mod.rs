//! One concrete video, fully explicit and vendor-neutral: the value that both wings share.

mod canonical;
mod digest;
mod earlier;
mod estimate;
mod explicit;
mod field;
mod file_name;
mod gather;
mod history;
mod model;
mod preset_history;
mod provenance;
mod spec_text;
mod stored;
#[cfg(test)]
mod tests;
mod written;

pub use crate::fields::{
    Aspect, Fit, LocalFile, MAX_SCRIPT_CHARS as TEXT_LIMIT, MediaFormat, MediaKind, REDACTED, Style, expiry,
    redact_signatures, signatures, without_signature,
};
pub use canonical::{canonical_value, label_of_submitted, label_stays_whole, submitted_name};
pub use digest::{Digest, digest, marker};
pub use earlier::{digest_of_today, earlier_digests, urls};
pub use estimate::{Estimate, estimate, estimate_voice, price, stored_estimate, stored_voice};
pub use explicit::explicit_value;
pub use field::{Origins, SpecField};
pub use file_name::{LONGEST_STEM, file_stem, file_stems, unreserved};
pub use gather::Gather;
pub use history::{FieldHistory, Giver, History, Link, ScriptHistory, Used, UsedPlace};
pub use model::{Avatar, Background, Media, MediaSource, Offset, Tts, Video, VideoSpec, Voice};
pub use preset_history::{Beneath, PresetField, PresetHistory, PresetKind, Unfollowed};
pub use provenance::{
    FieldProvenance, FieldTrace, Given, InstanceTrace, Layer, PresetLink, PresetNode, PresetValue, Provenance,
    Reference, ReferenceOrigin, ResolvedPreset, ScriptTrace, ValueSource,
};
pub use spec_text::SpecText;
pub use stored::stored_spec;
pub use written::canonical_json;
