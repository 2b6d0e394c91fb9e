//! The only HTTP client: the vendor's API as a trait, its real form over reqwest, its answers in types.

mod advice;
mod answer;
mod classify;
mod client;
mod detail;
mod download;
mod entries;
mod envelope;
mod form;
mod http;
mod listing;
mod marked;
mod multipart;
mod options;
mod rate;
mod reply;
mod retry;
mod secret;
mod stop;
mod upload;

pub use advice::advice;
pub use answer::{Accepted, CallError, Doubt, KeyRefused, ListedVideo, NotAccepted, Refusal, Submission};
pub use client::Vendor;
pub use detail::{TaskDetail, TaskResult, TaskState};
pub use download::{Body, Download, FetchError, Resume};
pub use entries::{Entries, EntryList};
pub use form::{Form, Part, detail_form, local_files, submission_form, wire};
pub use http::HttpVendor;
pub use marked::Marked;
pub use multipart::{Encoded, content_type};
pub use options::{ClientError, HttpOptions, allowed_hosts, system_random};
pub use rate::{Leave, RateLimiter};
pub use retry::{Backoff, SUBMISSION_ATTEMPTS};
pub use secret::{Redactor, redact_signatures};
pub use stop::{Stop, StopSwitch};
