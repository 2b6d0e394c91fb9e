//! Environments and guards as declared; no templates here.

use std::sync::Arc;
use std::time::Duration;

use crate::source::Origin;

/// A setting and its place.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub origin: Origin,
}

/// Where requests go, and how fast; absent means the built-in default.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentDecl {
    /// `https://…`, or http on loopback.
    pub base_url: Option<Setting<Arc<str>>>,
    /// The environment variable that holds the client id.
    pub client_id_env: Option<Setting<Arc<str>>>,
    /// The environment variable that holds the client secret.
    pub client_secret_env: Option<Setting<Arc<str>>>,
    /// The environment variable that holds a ready token.
    pub key_env: Option<Setting<Arc<str>>>,
    /// Requests a second, 0 = unlimited.
    pub rate: Option<Setting<f64>>,
    /// Submissions under way at once.
    pub concurrency: Option<Setting<u32>>,
    /// Time limit of one request.
    pub timeout: Option<Setting<Duration>>,
    /// How long after an intent a listing must be taken to prove absence.
    pub settle_grace: Option<Setting<Duration>>,
    /// In place of the guard of this name.
    pub max_credits_per_month: Option<Setting<f64>>,
    /// The place of the name; absent for built-in ones.
    pub origin: Option<Origin>,
}

/// Limits on what one apply may spend; absent means none.
#[derive(Clone, Debug, Default)]
pub struct GuardsDecl {
    /// Submissions, those in doubt counted.
    pub max_submissions: Option<Setting<u64>>,
    /// Credits by the dearer reading.
    pub max_credits: Option<Setting<f64>>,
    /// The share (0 to 1) of known videos submitted again.
    pub max_share: Option<Setting<f64>>,
    /// Credits of a calendar month by the upper estimate.
    pub max_credits_per_month: Option<Setting<f64>>,
}
