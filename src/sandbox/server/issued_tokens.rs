//! The tokens that the sandbox issued.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

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
