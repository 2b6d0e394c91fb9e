//! One concrete video, fully explicit and vendor-neutral: the value that both pipelines share.

mod canonical;
mod canonical_text;
mod digest;
mod earlier_digests;
mod estimate;
mod explicit;
mod file_name;
pub mod key;
mod model;
mod preset_provenance;
mod provenance;
mod stored;
#[cfg(any(test, feature = "test-support"))]
pub mod test_support;
#[cfg(test)]
mod tests;
mod video;
pub mod views;

pub use crate::fields::{
    Aspect, Fit, LocalFile, MediaFormat, MediaKind, REDACTED, Style, expiry, redact_signatures, signature_ranges,
    without_signature,
};
pub use canonical::canonical_json;
pub use canonical_text::CanonicalText;
pub use digest::{Digest, digest, label_of, marker, submitted_name};
pub use earlier_digests::{current_digest, earlier_digests};
pub use estimate::{
    Credits, Estimate, MAX_AUDIO_SECONDS, UNKNOWN_AUDIO_SECONDS, credits_for, estimate, estimate_voice, rounded_up,
    serialize_thousandths, stored_at_most, stored_estimate, thousandths,
};
pub use explicit::explicit_value;
pub use file_name::{MAX_STEM_BYTES, escape_reserved, file_part, file_stem, file_stems};
pub use model::Spec;
pub use preset_provenance::{DeclaredValue, NamedPreset, PresetProvenance, UnresolvedBase, UnresolvedReason};
pub use provenance::{
    FieldProvenance, FieldTrace, InstanceTrace, Layer, OwnValue, PresetNode, PresetValue, Provenance, Reference,
    ReferenceOrigin, ResolvedPreset, ScriptTrace, ValueSource,
};
pub use stored::{stored_partial, stored_spec, stored_spec_in, stored_voices};
pub use video::Video;
