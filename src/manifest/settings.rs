//! Environments and guards as declared. They contain no templates.

use std::sync::Arc;
use std::time::Duration;

use crate::source::Origin;

/// A setting with its location.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Its location.
    pub origin: Origin,
}

/// The address of requests, and their rate. An absent setting has its built-in default.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentDecl {
    /// An `https://` URL, or `http://` on loopback.
    pub base_url: Option<Setting<Arc<str>>>,
    /// The environment variable that holds the client id.
    pub client_id_env: Option<Setting<Arc<str>>>,
    /// The environment variable that holds the client secret.
    pub client_secret_env: Option<Setting<Arc<str>>>,
    /// The environment variable that holds a ready token.
    pub key_env: Option<Setting<Arc<str>>>,
    /// Requests per second; 0 means unlimited.
    pub rate: Option<Setting<f64>>,
    /// Maximum number of concurrent submissions.
    pub concurrency: Option<Setting<u32>>,
    /// Time limit of one request.
    pub timeout: Option<Setting<Duration>>,
    /// Minimum time between an intent and a listing that proves that the vendor has no such video.
    pub settle_grace: Option<Setting<Duration>>,
    /// The value that replaces the guard with this name.
    pub max_credits_per_month: Option<Setting<f64>>,
    /// The location of the name, or `None` for a built-in environment.
    pub origin: Option<Origin>,
}

/// The limits of one apply. An absent limit does not apply.
#[derive(Clone, Debug, Default)]
pub struct GuardsDecl {
    /// Number of submissions, including takes in doubt.
    pub max_submissions: Option<Setting<u64>>,
    /// Credits by the upper estimate.
    pub max_credits: Option<Setting<f64>>,
    /// Share (0 to 1) of already paid videos to submit again.
    pub max_share: Option<Setting<f64>>,
    /// Credits per calendar month, by the upper estimate.
    pub max_credits_per_month: Option<Setting<f64>>,
}
