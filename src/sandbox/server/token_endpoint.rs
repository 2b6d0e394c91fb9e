//! `POST /v1/oauth/token`: exchanges a client id and secret for a token that expires. Tokens are
//! kept in memory only.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::Response;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::app_state::AppState;
use super::response::{ok, vendor_error};

/// Lifetime of the vendor's tokens.
const LIFE: Duration = Duration::from_secs(5_909);

/// `POST /v1/oauth/token`.
pub async fn exchange(
    State(app): State<Arc<AppState>>,
    body: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Response {
    let fields = match body {
        Ok(Json(fields)) => fields,
        Err(JsonRejection::MissingJsonContentType(_)) => {
            return vendor_error(400, "the body must be `application/json`");
        }
        Err(_) => return vendor_error(400, "the body is not a JSON object"),
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(id), Some(secret)) = (text("client_id"), text("client_secret")) else {
        return vendor_error(400, "`client_id` and `client_secret` are required");
    };
    if !app.rate.allows(id, Instant::now()) {
        return vendor_error(803, "frequent requests");
    }
    let is = |known: Option<&String>, given: &str| known.is_none_or(|known| known == given);
    if !is(app.options.client_id.as_ref(), id) || !is(app.options.client_secret.as_ref(), secret) {
        return vendor_error(401, "authorisation failed");
    }
    let life = app.faults.token_life().unwrap_or(LIFE);
    let token =
        app.issued.add(id, life, |number| app.store.hash(&format!("token {number} {}", app.options.clock.now())));
    let seconds = life.as_secs_f64();
    let expires_in = if seconds.fract() == 0.0 { json!(life.as_secs()) } else { json!(seconds) };
    ok(&json!({ "access_token": token, "expires_in": expires_in }))
}

/// Prefix of issued tokens. Other keys are static and never expire.
const PREFIX: &str = "sandbox-token-";
/// Number of tokens before expired ones are dropped.
const MAX_TOKENS: usize = 1_024;

/// The issued tokens. They are kept in memory only, so a restart invalidates them.
#[derive(Debug, Default)]
pub struct IssuedTokens {
    tokens: Mutex<HashMap<String, Owner>>,
    count: AtomicU64,
}

#[derive(Debug)]
struct Owner {
    client: String,
    until: Instant,
}

impl IssuedTokens {
    /// Returns the client id of a key, for the rate limit. `None` if the token has expired or was never issued.
    pub fn client(&self, key: &str) -> Option<String> {
        if !key.starts_with(PREFIX) {
            return Some(key.to_owned());
        }
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(key).filter(|owner| Instant::now() < owner.until).map(|owner| owner.client.clone())
    }

    /// Issues a token to a client. `hash` makes it from its number.
    pub fn add(&self, client: &str, life: Duration, hash: impl FnOnce(u64) -> String) -> String {
        let token = format!("{PREFIX}{}", hash(self.count.fetch_add(1, Ordering::Relaxed)));
        let now = Instant::now();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MAX_TOKENS {
            tokens.retain(|_, owner| owner.until > now);
        }
        tokens.insert(token.clone(), Owner { client: client.to_owned(), until: now + life });
        token
    }
}
