//! Retry schedule for requests that were certainly not accepted: exponential steps with full jitter, limited tries.

use std::time::Duration;

use super::NotAccepted;

/// The first step, before jitter.
const FIRST_STEP: Duration = Duration::from_secs(1);
/// Maximum wait, even if the vendor requests a longer one.
pub(super) const MAX_WAIT: Duration = Duration::from_mins(1);
/// Maximum tries of one submission, including the first.
const SUBMISSION_TRIES: u32 = 8;

/// The waits between the tries of one call.
#[derive(Debug)]
pub struct Backoff<R> {
    attempts: u32,
    made: u32,
    random: R,
}

impl<R: FnMut() -> u64> Backoff<R> {
    /// Creates a schedule with `attempts` tries, including the first. `random` returns 64 uniform bits.
    pub fn new(attempts: u32, random: R) -> Self {
        Self { attempts, made: 1, random }
    }

    /// Creates the schedule of a submission.
    pub fn for_submission(random: R) -> Self {
        Self::new(SUBMISSION_TRIES, random)
    }

    /// Returns the wait before the next try, or `None` if no try is left.
    ///
    /// It requires a [`NotAccepted`], because no other submission may be sent again.
    pub fn next(&mut self, why: &NotAccepted) -> Option<Duration> {
        self.step(why.retry_after)
    }

    /// Returns the next wait of a call that costs nothing. A wait that the vendor requests overrides the schedule.
    pub(super) fn step(&mut self, asked: Option<Duration>) -> Option<Duration> {
        if self.made >= self.attempts {
            return None;
        }
        let ceiling = FIRST_STEP.saturating_mul(1_u32.checked_shl(self.made - 1).unwrap_or(u32::MAX)).min(MAX_WAIT);
        self.made += 1;
        if let Some(asked) = asked {
            return Some(asked.min(MAX_WAIT));
        }
        Some(ceiling.mul_f64(fraction((self.random)())))
    }
}

/// Returns a uniform fraction in [0, 1), made of the upper 53 of 64 uniform bits.
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
        assert_eq!(backoff.next(&asked(3600)), Some(MAX_WAIT));
    }

    #[test]
    fn one_attempt_is_never_repeated_and_many_do_not_overflow() {
        assert_eq!(Backoff::new(1, || 0).next(&unreachable()), None);
        let mut many = Backoff::new(100, || u64::MAX);
        let longest = std::iter::from_fn(|| many.next(&unreachable())).max().unwrap();
        assert!(longest <= MAX_WAIT);
    }
}
