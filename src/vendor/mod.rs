//! The only HTTP client: the vendor's API as a trait, its real form over reqwest, its answers in types.

mod answer;
mod client;
mod form;
mod multipart;
mod rate;
mod retry;
mod secret;

pub use answer::{Accepted, CallError, Doubt, KeyRefused, ListedVideo, NotAccepted, Refusal, Submission};
pub use client::Vendor;
pub use form::{Form, MediaKind, Part, detail_form, submission_form, upload_form, wire};
pub use multipart::{Encoded, content_type};
pub use rate::{Leave, RateLimiter};
pub use retry::{Backoff, SUBMISSION_ATTEMPTS};
pub use secret::{Redactor, clean, redact_signatures};
