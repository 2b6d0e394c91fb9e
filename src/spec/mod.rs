//! One concrete video, fully explicit and vendor-neutral: the value that both pipelines share.

mod canonical;
mod digest;
mod earlier;
mod estimate;
mod explicit;
mod file_name;
mod label;
mod model;
mod preset_provenance;
mod provenance;
mod spec_text;
mod stored;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod video;
pub mod views;

pub use crate::fields::{
    Aspect, Fit, LocalFile, MAX_SCRIPT_CHARS as TEXT_LIMIT, MediaFormat, MediaKind, REDACTED, Style, expiry,
    redact_signatures, signature_ranges, without_signature,
};
pub use canonical::canonical_json;
pub use digest::{Digest, digest, marker};
pub use earlier::{digest_of_today, earlier_digests};
pub use estimate::{
    Credits, Estimate, estimate, estimate_voice, price, rounded_up, serialize_thousandths, stored_at_most,
    stored_estimate, thousandths,
};
pub use explicit::explicit_value;
pub use file_name::{LONGEST_STEM, file_part, file_stem, file_stems, unreserved};
pub use label::{label_of_submitted, label_stays_whole, submitted_name};
pub use model::Spec;
pub use preset_provenance::{DeclaredValue, NamedPreset, PresetProvenance, UnresolvedBase, UnresolvedReason};
pub use provenance::{
    FieldProvenance, FieldTrace, Given, InstanceTrace, Layer, PresetLink, PresetNode, PresetValue, Provenance,
    Reference, ReferenceOrigin, ResolvedPreset, ScriptTrace, ValueSource,
};
pub use spec_text::SpecText;
pub use stored::{stored_partial, stored_spec, stored_spec_in, stored_voices};
pub use video::Video;
