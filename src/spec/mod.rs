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
mod media;
mod model;
mod preset_history;
mod presigned;
mod signature;
mod spec_text;
mod stored;
#[cfg(test)]
mod tests;
mod words;
mod written;

pub use canonical::{canonical_value, label_of_submitted, label_stays_whole, submitted_name};
pub use digest::{Digest, digest, marker};
pub use earlier::{digest_of_today, earlier_digests, urls};
pub use estimate::{Estimate, estimate, estimate_voice, price, stored_estimate, stored_voice};
pub use explicit::explicit_value;
pub use field::{Origins, SpecField};
pub use file_name::{LONGEST_STEM, file_stem, file_stems, unreserved};
pub use gather::Gather;
pub use history::{FieldHistory, Giver, History, Link, ScriptHistory, Used, UsedPlace};
pub use media::{MediaFormat, MediaKind};
pub use model::{Avatar, Background, LocalFile, Media, MediaSource, Offset, TEXT_LIMIT, Tts, Video, VideoSpec, Voice};
pub use preset_history::{Beneath, PresetField, PresetHistory, PresetKind, Unfollowed};
pub use presigned::{expiry, without_signature};
pub use signature::{REDACTED, redact_signatures, signatures};
pub use spec_text::SpecText;
pub use stored::stored_spec;
pub use words::{Aspect, Fit, Style};
pub use written::canonical_json;
