//! `POST /v1/oauth/token`: exchanges the pair for a token, and issues the permits of requests that carry one.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::call_reply::CallReply;
use super::credentials::ClientCredentials;
use super::http::MAX_RESPONSE_BYTES;
use super::tokens::{GrantedToken, Token};
use super::{Backoff, CallError, HttpVendor, RatePermit, wire};

/// Maximum length of a token, in bytes. Servers reject longer headers.
const MAX_TOKEN_BYTES: usize = 16 << 10;

impl HttpVendor {
    /// Waits for a permit and a valid token. An exchange uses the permit, so the request waits for another.
    pub(super) async fn wait_for_token(&self) -> Result<(RatePermit, Token), CallError> {
        let mut turn = Some(self.rate.acquire().await);
        let token = match self.tokens.current_valid() {
            Some(token) => token,
            None => self.renew_from(self.tokens.current().map(|token| token.generation), &mut turn).await?,
        };
        let Some(leave) = turn else {
            let leave = self.rate.acquire().await;
            // The rate may be slower than tokens live. The vendor then refuses the expired one, and it is renewed
            // again.
            return Ok((leave, self.tokens.current().unwrap_or(token)));
        };
        Ok((leave, token))
    }

    /// Returns a token that is newer than `old`.
    pub(super) async fn renew_from(&self, old: Option<u64>, turn: &mut Option<RatePermit>) -> Result<Token, CallError> {
        let Some(pair) = self.tokens.credentials().pair() else {
            return Err(CallError::Key(self.tokens.credentials().token_refused("")));
        };
        self.tokens.renew(old, self.exchange_pair(pair, turn)).await
    }

    /// Exchanges the pair. Repeating it is safe: an exchange costs nothing.
    async fn exchange_pair(
        &self,
        pair: &ClientCredentials,
        turn: &mut Option<RatePermit>,
    ) -> Result<GrantedToken, CallError> {
        let body = json!({ "client_id": pair.id.expose_secret(), "client_secret": pair.secret.expose_secret() });
        let body = body.to_string();
        // The id is not secret, but the vendor may echo it, and no message shows the value of a credential.
        let redactor = self.redactor().with(&pair.id);
        let mut backoff = Backoff::new(self.tries, self.random);
        loop {
            let leave = match turn.take() {
                Some(leave) => leave,
                None => self.rate.acquire().await,
            };
            let asked = Instant::now();
            let request = self.reader.post(self.base.endpoint(wire::TOKEN));
            let request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
            let (error, wait) = match self.try_once(leave, request, (MAX_RESPONSE_BYTES, self.timeout), &redactor).await
            {
                CallReply::Served(envelope) => return Ok(grant(&envelope.data, asked)),
                CallReply::Failed(CallError::Key(message) | CallError::Refused { code: 400, message }) => {
                    return Err(CallError::Key(self.tokens.credentials().pair_refused(&message)));
                }
                CallReply::Failed(error) => return Err(CallError::NoToken(error.to_string())),
                CallReply::TooFast(error, wait) => (error, wait),
                CallReply::NotDelivered(error) | CallReply::Transient(error) => (error, None),
            };
            Self::wait_before_retry(&mut backoff, error, wait)
                .await
                .map_err(|error| CallError::NoToken(error.to_string()))?;
        }
    }
}

/// Parses `data` of the response. A missing token becomes an empty one. `expires_in` counts only as a positive number.
fn grant(data: &Value, asked: Instant) -> GrantedToken {
    let token = data.get("access_token").and_then(Value::as_str).filter(|token| token.len() <= MAX_TOKEN_BYTES);
    let seconds = data.get("expires_in").and_then(Value::as_f64).filter(|seconds| *seconds > 0.0);
    GrantedToken {
        token: SecretString::from(token.unwrap_or_default()),
        life: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).filter(|life| !life.is_zero()),
        asked,
    }
}

#[cfg(test)]
mod tests;
