//! State shared by all handlers.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::clips::ClipStore;
use super::issued_tokens::IssuedTokens;
use super::options::SandboxOptions;
use super::rate_limit::RateLimit;
use super::response::vendor_error;
use crate::sandbox::fault::FaultInjector;
use crate::sandbox::state::{StateStore, Task};

/// How long signed addresses are valid: seven days.
pub const SIGNED_SECONDS: u64 = 604_800;

/// State shared by all handlers.
#[derive(Debug)]
pub struct AppState {
    /// Accepted submissions and uploads.
    pub store: StateStore,
    /// The faults to inject.
    pub faults: FaultInjector,
    /// The settings of the sandbox.
    pub options: SandboxOptions,
    /// `http://127.0.0.1:8787`.
    pub base_url: String,
    /// `true` once the sandbox shuts down.
    pub closing: watch::Receiver<bool>,
    /// The rate limit.
    pub rate: RateLimit,
    /// Tokens that a client id and secret were exchanged for.
    pub issued: IssuedTokens,
    /// The clips of tasks.
    pub clips: ClipStore,
}

impl AppState {
    /// Creates the shared state of a sandbox.
    pub fn new(
        store: StateStore,
        options: SandboxOptions,
        base_url: String,
        closing: watch::Receiver<bool>,
    ) -> AppState {
        AppState {
            faults: FaultInjector::new(store.seed, options.faults.clone()),
            rate: RateLimit::new(options.rate),
            issued: IssuedTokens::default(),
            clips: ClipStore::new(&store.directory, options.draw_in.clone()),
            store,
            options,
            base_url,
            closing,
        }
    }

    /// Checks the API key and the rate. The error is the response to send.
    pub fn authorize(&self, headers: &HeaderMap) -> Result<(), Box<Response>> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, key) = given.and_then(|value| value.split_once(' ')).unwrap_or_default();
        let key = key.trim();
        let Some(client) = self.issued.client(key) else {
            return Err(Box::new(vendor_error(401, "the token is invalid or expired")));
        };
        // For a token, the client id identifies the client. A static key identifies itself.
        let known = client != key || self.options.key.as_deref().is_none_or(|known| known == key);
        if !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() || !known {
            let message =
                if given.is_none() { "the header `Authorization: Bearer KEY` is required" } else { "invalid key" };
            return Err(Box::new(vendor_error(401, message)));
        }
        if self.rate.allows(&client, Instant::now()) {
            Ok(())
        } else {
            Err(Box::new(vendor_error(803, "frequent requests")))
        }
    }

    /// Waits. Returns `false` if the sandbox shut down before the time was over.
    pub async fn pause(&self, span: Duration) -> bool {
        let mut closing = self.closing.clone();
        tokio::select! {
            () = tokio::time::sleep(span) => true,
            _ = closing.wait_for(|closing| *closing) => false,
        }
    }

    /// Returns the address and duration of a task's clip, and its size if the clip exists.
    pub fn clip_info(&self, task: &Task, now: Timestamp) -> ClipInfo {
        let size = self.clips.size(task);
        ClipInfo { url: self.sign(&format!("/results/{}.mp4", task.video), now), size, seconds: task.work.seconds }
    }

    /// Returns an address in the form of a presigned one. It is valid for seven days.
    pub fn sign(&self, path: &str, now: Timestamp) -> String {
        let date = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let signature = self.signature(path, &date);
        format!(
            "{}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-Expires={SIGNED_SECONDS}\
             &X-Amz-SignedHeaders=host&X-Amz-Signature={signature}",
            self.base_url
        )
    }

    /// Checks a signature made by [`AppState::sign`].
    pub fn signed(&self, path: &str, query: &BTreeMap<String, String>, now: Timestamp) -> bool {
        let (Some(date), Some(signature)) = (query.get("X-Amz-Date"), query.get("X-Amz-Signature")) else {
            return false;
        };
        let made = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date)
            .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC))
            .map(|made| now.duration_since(made.timestamp()).as_secs());
        let fresh = made.is_ok_and(|age| age < SIGNED_SECONDS.cast_signed());
        fresh && *signature == self.signature(path, date)
    }

    fn signature(&self, path: &str, date: &str) -> String {
        self.store.hash(&format!("sign {path} {date}"))
    }
}

/// The facts about a clip that the API reports.
#[derive(Clone, Debug)]
pub struct ClipInfo {
    /// The signed address.
    pub url: String,
    /// Size in bytes. `None` until the clip is rendered.
    pub size: Option<usize>,
    /// Duration of the video.
    pub seconds: f64,
}

impl ClipInfo {
    /// Returns the facts as the detail of a task reports them.
    pub fn detail(&self) -> Value {
        Self::sized("video_size", self.size, json!({ "url": self.url, "video_duration": self.seconds }))
    }

    /// Returns the facts as the list of videos reports them.
    pub fn listed(&self) -> Value {
        Self::sized("size", self.size, json!({ "url": self.url, "duration": self.seconds }))
    }

    /// Adds the size if the clip is rendered: listing 1,000 videos must not render 1,000 clips.
    fn sized(name: &str, size: Option<usize>, mut facts: Value) -> Value {
        if let Some(size) = size {
            facts[name] = size.into();
        }
        facts
    }
}
