//! When to try again what was surely not accepted: exponential steps with full jitter, within a budget.

use std::time::Duration;

use super::NotAccepted;

/// The first step, before jitter.
const BASE: Duration = Duration::from_secs(1);
/// No wait is longer, whoever asks for it.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// How often one submission is sent at most, the first time included.
const SUBMISSION_ATTEMPTS: u32 = 8;

/// The waits between the attempts of one call.
#[derive(Debug)]
pub struct Backoff<R> {
    attempts: u32,
    made: u32,
    random: R,
}

impl<R: FnMut() -> u64> Backoff<R> {
    /// With `attempts` in all, the first included; `random` gives 64 even bits.
    pub fn new(attempts: u32, random: R) -> Self {
        Self { attempts, made: 1, random }
    }

    /// For a submission.
    pub fn for_submission(random: R) -> Self {
        Self::new(SUBMISSION_ATTEMPTS, random)
    }

    /// How long to wait before the next attempt; none when the budget is spent.
    ///
    /// It asks for a [`NotAccepted`], because nothing else may be sent again.
    pub fn next(&mut self, why: &NotAccepted) -> Option<Duration> {
        self.step(why.retry_after)
    }

    /// The next wait of a call that costs nothing; what the vendor asks for wins over the schedule.
    pub(super) fn step(&mut self, asked: Option<Duration>) -> Option<Duration> {
        if self.made >= self.attempts {
            return None;
        }
        let ceiling = BASE.saturating_mul(1_u32.checked_shl(self.made - 1).unwrap_or(u32::MAX)).min(LONGEST_WAIT);
        self.made += 1;
        if let Some(asked) = asked {
            return Some(asked.min(LONGEST_WAIT));
        }
        Some(ceiling.mul_f64(fraction((self.random)())))
    }
}

/// An even fraction in [0, 1), made of the upper 53 of 64 even bits: the share of a wait that is waited.
pub fn fraction(random: u64) -> f64 {
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreachable() -> NotAccepted {
        NotAccepted::for_tests("connection refused", None, false)
    }

    #[test]
    fn the_ceiling_doubles_to_a_minute_and_the_budget_ends() {
        let mut backoff = Backoff::for_submission(|| u64::MAX);
        let waits = std::iter::from_fn(|| backoff.next(&unreachable())).map(|wait| (wait.as_millis() + 500) / 1000);
        let waits: Vec<u128> = waits.collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60]);
        assert_eq!(backoff.next(&unreachable()), None);
    }

    #[test]
    fn jitter_is_full() {
        let mut none = Backoff::for_submission(|| 0);
        assert_eq!(none.next(&unreachable()), Some(Duration::ZERO));
        let mut half = Backoff::for_submission(|| 1 << 63);
        assert_eq!(half.next(&unreachable()), Some(Duration::from_millis(500)));
        assert_eq!(half.next(&unreachable()), Some(Duration::from_secs(1)));
    }

    #[test]
    fn what_the_vendor_asks_for_wins_but_not_beyond_a_minute() {
        let mut backoff = Backoff::for_submission(|| u64::MAX);
        let asked = |seconds| NotAccepted::for_tests("too fast", Some(Duration::from_secs(seconds)), true);
        assert_eq!(backoff.next(&asked(7)), Some(Duration::from_secs(7)));
        assert_eq!(backoff.next(&asked(3600)), Some(LONGEST_WAIT));
    }

    #[test]
    fn one_attempt_is_never_repeated_and_many_do_not_overflow() {
        assert_eq!(Backoff::new(1, || 0).next(&unreachable()), None);
        let mut many = Backoff::new(100, || u64::MAX);
        let longest = std::iter::from_fn(|| many.next(&unreachable())).max().unwrap();
        assert!(longest <= LONGEST_WAIT);
    }
}
