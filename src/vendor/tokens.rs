//! The access token of a command, shared by all tasks and clients, and renewed once for all of them.
//!
//! The token is in memory only. Each token has a generation number, so that several refusals of one token renew it
//! once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::SecretString;
use tokio::sync::Mutex as Turn;
use tokio::time::Instant;

use super::credentials::{CredentialKind, bearer};
use super::{CallError, ClientError, Credentials, Redactor};

/// Maximum time before a token's expiry at which it is renewed.
const MAX_MARGIN: Duration = Duration::from_mins(1);
/// The margin of a short-lived token is its lifetime divided by this.
const MARGIN_PART: u32 = 10;

/// The tokens of a command. Clones share them.
#[derive(Clone, Debug)]
pub struct Tokens(Arc<SharedTokens>);

#[derive(Debug)]
struct SharedTokens {
    credentials: Credentials,
    redactor: Redactor,
    state: Mutex<State>,
    /// Held by the task that exchanges the pair. Other tasks wait for its result.
    exchanging: Turn<()>,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Token>,
    /// Number of finished exchanges.
    exchanges: u64,
    /// The reason why the last exchange returned no token.
    failure: Option<CallError>,
}

/// A token with its header.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// The `Authorization` header.
    pub header: HeaderValue,
    /// The number of the token within the command. 0 for a ready one.
    pub generation: u64,
    /// The lifetime, if the vendor sends it.
    pub life: Option<Duration>,
    /// `None` for a token of unknown lifetime, which is used until the vendor refuses it.
    renew_at: Option<Instant>,
}

/// A token as the vendor grants it.
#[derive(Debug)]
pub(super) struct GrantedToken {
    /// The token.
    pub token: SecretString,
    /// The lifetime, if the vendor sends it.
    pub life: Option<Duration>,
    /// The time of the request, from which the lifetime counts.
    pub asked: Instant,
}

impl From<Credentials> for Tokens {
    fn from(credentials: Credentials) -> Self {
        let redactor = Redactor::default();
        let mut state = State::default();
        match &credentials.kind {
            CredentialKind::Pair(pair) => redactor.add_secret(&pair.secret),
            CredentialKind::Token(token) => {
                redactor.add_secret(token);
                // `check` reports a token that no header can carry, before the first request.
                state.token =
                    bearer(token).ok().map(|header| Token { header, generation: 0, life: None, renew_at: None });
            }
        }
        Self(Arc::new(SharedTokens { credentials, redactor, state: Mutex::new(state), exchanging: Turn::default() }))
    }
}

impl From<SecretString> for Tokens {
    fn from(token: SecretString) -> Self {
        Credentials::from(token).into()
    }
}

impl Tokens {
    /// Returns the credentials that tokens are obtained with.
    pub fn credentials(&self) -> &Credentials {
        &self.0.credentials
    }

    /// Returns what removes the secret and all tokens from text.
    pub(super) fn redactor(&self) -> &Redactor {
        &self.0.redactor
    }

    /// Rejects a ready token that cannot be sent.
    pub(super) fn check(&self) -> Result<(), ClientError> {
        match &self.0.credentials.kind {
            CredentialKind::Pair(_) => Ok(()),
            CredentialKind::Token(token) => bearer(token).map(drop),
        }
    }

    /// Returns the current token, expired or not. `None` before the first exchange.
    pub(super) fn current(&self) -> Option<Token> {
        self.state().token.clone()
    }

    /// Returns the current token, unless it is about to expire.
    pub(super) fn current_valid(&self) -> Option<Token> {
        self.current().filter(|token| token.renew_at.is_none_or(|at| Instant::now() < at))
    }

    /// Marks the token of a generation as refused, so that no other request starts with it.
    pub(super) fn expire(&self, generation: u64) {
        let renewable = self.0.credentials.pair().is_some();
        if let Some(token) = self.state().token.as_mut().filter(|token| renewable && token.generation == generation) {
            token.renew_at = Some(Instant::now());
        }
    }

    /// Returns a token that is newer than the one of generation `old`: another task's, or the result of `exchange`.
    ///
    /// Tasks that wait during an exchange share its result, including a failure. If the call is dropped during the
    /// exchange, the next task makes it.
    pub(super) async fn renew(
        &self,
        old: Option<u64>,
        exchange: impl Future<Output = Result<GrantedToken, CallError>>,
    ) -> Result<Token, CallError> {
        let before = self.state().exchanges;
        let _turn = self.0.exchanging.lock().await;
        {
            let state = self.state();
            if let Some(token) = state.token.as_ref().filter(|token| old.is_none_or(|old| token.generation > old)) {
                return Ok(token.clone());
            }
            if let Some(failure) = state.failure.as_ref().filter(|_| state.exchanges > before) {
                return Err(failure.clone());
            }
        }
        let granted = exchange.await.and_then(|grant| self.token(&grant));
        let mut state = self.state();
        state.exchanges += 1;
        state.failure = granted.as_ref().err().cloned();
        let token = Token { generation: state.exchanges, ..granted? };
        state.token = Some(token.clone());
        Ok(token)
    }

    fn token(&self, grant: &GrantedToken) -> Result<Token, CallError> {
        // Learned before any response can echo it.
        self.0.redactor.add_secret(&grant.token);
        let header = bearer(&grant.token)
            .map_err(|_| CallError::NoToken("the vendor's answer holds no usable `access_token`".to_owned()))?;
        let renew_at = grant.life.and_then(|life| {
            let margin = MAX_MARGIN.min(life / MARGIN_PART);
            grant.asked.checked_add(life.saturating_sub(margin))
        });
        tracing::debug!(life = grant.life.map(tracing::field::debug), "access token received");
        Ok(Token { header, generation: 0, life: grant.life, renew_at })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves a usable state: its fields are independent.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::super::{CredentialVariables, Redactor};
    use super::*;

    fn tokens() -> Tokens {
        let lookup = |name: &str| Some(if name == "VIDNOZ_CLIENT_ID" { "id" } else { "secret-0123456789" });
        Credentials::from_variables(&CredentialVariables::default(), lookup).unwrap().into()
    }

    fn grant(token: &str, seconds: Option<f64>) -> GrantedToken {
        let life = seconds.map(Duration::from_secs_f64);
        GrantedToken { token: token.into(), life, asked: Instant::now() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_a_minute_or_a_tenth_of_its_life_before_its_end() {
        for (life, last) in [(5909.0, 5848), (600.0, 539), (100.0, 89), (10.0, 8)] {
            let tokens = tokens();
            tokens.renew(None, async { Ok(grant("tok-1", Some(life))) }).await.unwrap();
            tokio::time::advance(Duration::from_secs(last)).await;
            assert!(tokens.current_valid().is_some(), "{life}");
            tokio::time::advance(Duration::from_secs(1)).await;
            assert!(tokens.current_valid().is_none() && tokens.current().is_some(), "{life}");
        }
        let tokens = tokens();
        tokens.renew(None, async { Ok(grant("tok-1", None)) }).await.unwrap();
        tokio::time::advance(Duration::from_hours(1000)).await;
        assert!(tokens.current_valid().is_some(), "only a refusal ends it");
        tokens.expire(1);
        assert!(tokens.current_valid().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn many_tasks_share_one_exchange_and_one_failure() {
        let (tokens, asked) = (tokens(), AtomicUsize::new(0));
        let slowly = |result: Result<GrantedToken, CallError>| {
            asked.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                result
            }
        };
        let renew = |old, result: fn() -> Result<GrantedToken, CallError>| {
            let (tokens, slowly) = (&tokens, &slowly);
            async move { tokens.renew(old, async { slowly(result()).await }).await.map(|token| token.generation) }
        };
        let down = || Err(CallError::NoToken("down".to_owned()));
        let failed = join_all((0..16).map(|_| renew(None, down))).await;
        assert!(failed.iter().all(|one| *one == Err(CallError::NoToken("down".to_owned()))));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        let first = join_all((0..16).map(|_| renew(None, || Ok(grant("tok-1", None))))).await;
        assert!(first.iter().all(|one| *one == Ok(2)), "{first:?}");
        let second = join_all((0..16).map(|_| renew(Some(2), || Ok(grant("tok-2", None))))).await;
        assert!(second.iter().all(|one| *one == Ok(3)));
        assert_eq!(renew(Some(2), || Ok(grant("tok-3", None))).await, Ok(3), "a late refusal of an old token");
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn an_exchange_that_is_given_up_leaves_it_to_the_next() {
        let tokens = tokens();
        let never = tokens.renew(None, std::future::pending());
        assert!(tokio::time::timeout(Duration::from_secs(1), never).await.is_err());
        assert_eq!(tokens.renew(None, async { Ok(grant("tok-1", None)) }).await.unwrap().generation, 1);
    }

    #[tokio::test]
    async fn each_token_is_removed_from_texts_and_unusable_ones_are_rejected() {
        let tokens = tokens();
        let redactor: Redactor = tokens.redactor().clone();
        tokens.renew(None, async { Ok(grant("tok-0123456789", None)) }).await.unwrap();
        let said = redactor.sanitize_message("secret-0123456789 and tok-0123456789");
        assert_eq!(said, "[redacted] and [redacted]");
        for bad in ["", "a b", "schlüssel"] {
            let error = tokens.renew(Some(9), async { Ok(grant(bad, None)) }).await.unwrap_err();
            assert!(error.to_string().contains("no usable `access_token`"), "{bad:?}: {error}");
        }
        assert!(!format!("{tokens:?}").contains("tok-0123456789"));
    }
}
