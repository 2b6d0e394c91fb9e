//! `POST /v1/oauth/token`: exchanges a client id and secret for a token that expires. Tokens are
//! kept in memory only.

use std::sync::Arc;
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
