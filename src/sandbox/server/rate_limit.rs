//! The rate limit of the sandbox, per key.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Number of keys before idle ones are dropped.
const MAX_KEYS: usize = 1_024;
/// A request may be early by a fifth of the interval, because networks have jitter.
const TOLERANCE_DIVISOR: u32 = 5;

/// The earliest time of the next request, per key.
#[derive(Debug)]
pub struct RateLimit {
    interval: Option<Duration>,
    next: Mutex<HashMap<String, Instant>>,
}

impl RateLimit {
    /// Creates a limit in requests per second. `None` and invalid rates mean no limit.
    pub fn new(per_second: Option<f64>) -> RateLimit {
        let interval =
            per_second.filter(|rate| *rate > 0.0).and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        RateLimit { interval, next: Mutex::new(HashMap::new()) }
    }

    /// Returns `true` if a request of this key is allowed now. A request that is too early changes nothing.
    pub fn allows(&self, key: &str, now: Instant) -> bool {
        let Some(interval) = self.interval else { return true };
        let mut keys = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MAX_KEYS {
            keys.retain(|_, next| *next > now);
        }
        let next = keys.entry(key.to_owned()).or_insert(now);
        if now + interval / TOLERANCE_DIVISOR < *next {
            return false;
        }
        *next = (*next).max(now) + interval;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_even_clock() {
        let rate = RateLimit::new(Some(2.0));
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let asked = [0, 10, 390, 410, 800, 910, 5_000, 5_010].map(|moment| rate.allows("a", at(moment)));
        // The third request is early by more than a fifth of 500 ms. A pause does not allow a burst afterwards.
        assert_eq!(asked, [true, false, false, true, false, true, true, false]);
        assert!(rate.allows("b", at(5_010)));
        for unlimited in [None, Some(0.0), Some(-1.0), Some(f64::NAN)] {
            let rate = RateLimit::new(unlimited);
            assert!((0..5).all(|_| rate.allows("a", start)));
        }
    }
}
