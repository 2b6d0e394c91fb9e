//! `POST /v1/oauth/token`: exchanges a client id and secret for a token that expires.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::Response;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::answer::{ok, refuse};
use super::app::App;

/// Prefix of issued tokens. Other keys are static and never expire.
const PREFIX: &str = "sandbox-token-";
/// Lifetime of the vendor's tokens.
const LIFE: Duration = Duration::from_secs(5_909);
/// Number of tokens before expired ones are dropped.
const MAX_TOKENS: usize = 1_024;
/// Maximum size of a request, in bytes.
const MAX_BODY: usize = 64 << 10;

/// The issued tokens. They are kept in memory only, so a restart invalidates them.
#[derive(Debug, Default)]
pub struct Issued {
    tokens: Mutex<HashMap<String, Owner>>,
    count: AtomicU64,
}

#[derive(Debug)]
struct Owner {
    client: String,
    until: Instant,
}

impl Issued {
    /// Returns the client id of a key, for the rate limit. `None` if the token has expired or was never issued.
    pub fn client(&self, key: &str) -> Option<String> {
        if !key.starts_with(PREFIX) {
            return Some(key.to_owned());
        }
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(key).filter(|owner| Instant::now() < owner.until).map(|owner| owner.client.clone())
    }

    fn add(&self, token: String, client: &str, life: Duration) {
        let now = Instant::now();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MAX_TOKENS {
            tokens.retain(|_, owner| owner.until > now);
        }
        tokens.insert(token, Owner { client: client.to_owned(), until: now + life });
    }
}

/// `POST /v1/oauth/token`.
pub async fn exchange(State(app): State<Arc<App>>, request: Request) -> Response {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| value.to_ascii_lowercase().starts_with("application/json")) {
        return refuse(400, "the body must be `application/json`");
    }
    let body = to_bytes(request.into_body(), MAX_BODY).await.unwrap_or_default();
    let Ok(Value::Object(fields)) = serde_json::from_slice(&body) else {
        return refuse(400, "the body is not a JSON object");
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(id), Some(secret)) = (text("client_id"), text("client_secret")) else {
        return refuse(400, "`client_id` and `client_secret` are required");
    };
    if !app.rate.admits(id, Instant::now()) {
        return refuse(803, "frequent requests");
    }
    let is = |known: Option<&String>, given: &str| known.is_none_or(|known| known == given);
    if !is(app.options.client_id.as_ref(), id) || !is(app.options.client_secret.as_ref(), secret) {
        return refuse(401, "authorisation failed");
    }
    let life = app.faults.token_life().unwrap_or(LIFE);
    let number = app.issued.count.fetch_add(1, Ordering::Relaxed);
    let token = format!("{PREFIX}{}", app.store.hash(&format!("token {number} {}", app.options.clock.now())));
    app.issued.add(token.clone(), id, life);
    let seconds = life.as_secs_f64();
    let expires_in = if seconds.fract() == 0.0 { json!(life.as_secs()) } else { json!(seconds) };
    ok(&json!({ "access_token": token, "expires_in": expires_in }))
}
