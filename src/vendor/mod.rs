//! The only HTTP client: the vendor's API as a trait, its implementation with reqwest, and its responses as types.

mod base_url;
mod call_reply;
mod classify;
mod client;
mod client_builder;
mod clock_skew;
mod credentials;
mod download;
mod envelope;
mod file_body;
mod file_hosts;
mod form;
mod gzip;
mod http;
mod http_options;
mod list_requests;
mod marker_index;
mod multipart;
mod outcome;
mod pagination;
mod proxy_route;
mod rate_limiter;
mod redactor;
mod stop;
mod task;
mod token_exchange;
mod tokens;

pub use crate::spec::redact_signatures;
pub use base_url::{BaseUrl, UnreachableReason, is_this_machine, names_host};
pub use client::Vendor;
pub use client_builder::{ClientError, cause};
pub use credentials::{ClientCredentials, CredentialVariables, Credentials, CredentialsError};
pub use download::{DownloadError, ResultBody, ResultDownloader, ResumePoint};
pub use envelope::text;
pub use file_hosts::FileHosts;
pub use form::{Form, FormPart, detail_form, submission_form, wire};
pub use http::HttpVendor;
pub use http_options::{HttpOptions, system_random};
pub use marker_index::{MarkerIndex, unescaped};
pub use multipart::Encoded;
pub use outcome::{
    CallError, InDoubt, KeyRefused, ListedVideo, NotAccepted, Refusal, SubmitOutcome, UnknownCode, hint_for,
};
pub use pagination::{ListedEntries, VendorList};
pub use proxy_route::{Route, route};
pub use rate_limiter::{Backoff, RateLimiter, RatePermit, fraction};
pub use redactor::Redactor;
pub use stop::{NoProgress, ProgressReporter, StopSource, StopToken};
pub use task::{TaskDetail, TaskResult, TaskState};
pub use tokens::Tokens;
