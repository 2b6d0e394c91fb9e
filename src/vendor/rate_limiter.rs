//! The rate limit that all tasks share: even spacing, adapted when the vendor asks to slow down.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Turn;
use tokio::time::{Instant, sleep_until};

use super::NotAccepted;

/// Initial spacing after a `too fast`, if no rate is set.
const INITIAL_SPACING: Duration = Duration::from_millis(125);
/// Maximum adapted spacing, unless a slower rate is set.
const MAX_SPACING: Duration = Duration::from_secs(16);
/// An adapted spacing below this counts as zero.
const NO_SPACING: Duration = Duration::from_millis(10);

/// Permits requests one at a time, evenly spaced.
#[derive(Debug)]
pub struct RateLimiter {
    /// The configured spacing.
    set: Duration,
    /// Held by the task that is next. tokio serves waiting tasks in order of arrival.
    turn: Turn<()>,
    pace: Mutex<Pace>,
}

#[derive(Debug)]
struct Pace {
    spacing: Duration,
    last: Option<Instant>,
    not_before: Option<Instant>,
    slowed: Option<Instant>,
}

/// The permission to send one request, returned with the result of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RatePermit {
    at: Instant,
}

impl RateLimiter {
    /// Creates a limiter with this many requests per second. 0, negative and non-finite numbers mean unlimited.
    pub fn new(per_second: f64) -> Self {
        let set = if per_second > 0.0 {
            Duration::try_from_secs_f64(1.0 / per_second).unwrap_or(Duration::MAX).min(Duration::from_hours(1))
        } else {
            Duration::ZERO
        };
        let pace = Pace { spacing: set, last: None, not_before: None, slowed: None };
        Self { set, turn: Turn::new(()), pace: Mutex::new(pace) }
    }

    /// Waits until the next request may be sent.
    ///
    /// A call that is dropped while it waits uses no permit.
    pub async fn acquire(&self) -> RatePermit {
        let _turn = self.turn.lock().await;
        loop {
            let now = Instant::now();
            let ready = {
                let mut pace = self.pace();
                let spaced = pace.last.map(|last| last + pace.spacing);
                let Some(ready) = spaced.max(pace.not_before).filter(|&ready| ready > now) else {
                    pace.last = Some(now);
                    return RatePermit { at: now };
                };
                ready
            };
            tracing::debug!(wait = ?ready - now, why = "the rate that all requests share", "waiting");
            // The spacing is read again after the sleep, because it may change during it.
            sleep_until(ready).await;
        }
    }

    /// Returns a permit for a request that is sent now. The caller has already waited for it.
    pub fn permit_now(&self) -> RatePermit {
        RatePermit { at: Instant::now() }
    }

    /// Slows down after a `too fast`: doubles the spacing, and permits nothing before `wait` has passed.
    ///
    /// A request that was in flight at the last slowdown does not slow the rate again.
    pub fn slow_down(&self, leave: RatePermit, wait: Option<Duration>) {
        let now = Instant::now();
        let mut pace = self.pace();
        if let Some(wait) = wait {
            pace.not_before = pace.not_before.max(Some(now + wait));
        }
        if pace.slowed.is_some_and(|slowed| leave.at <= slowed) {
            return;
        }
        pace.slowed = Some(now);
        let slower = if pace.spacing < NO_SPACING { INITIAL_SPACING } else { pace.spacing.saturating_mul(2) };
        let before = std::mem::replace(&mut pace.spacing, slower.min(MAX_SPACING.max(self.set)));
        tracing::debug!(?before, now = ?pace.spacing, asked = wait.map(tracing::field::debug), "slower: too many requests");
    }

    /// Speeds up by an eighth after a served request, up to the configured rate.
    pub fn speed_up(&self) {
        let mut pace = self.pace();
        let quicker = pace.spacing.saturating_sub(pace.spacing / 8);
        let quicker = if quicker < NO_SPACING { Duration::ZERO } else { quicker };
        let before = std::mem::replace(&mut pace.spacing, quicker.max(self.set));
        if before != pace.spacing {
            tracing::debug!(?before, now = ?pace.spacing, "quicker: a request was served");
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        // After a panic elsewhere, the numbers are still valid.
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first step, before jitter.
const FIRST_STEP: Duration = Duration::from_secs(1);
/// Maximum wait, even if the vendor requests a longer one.
pub(super) const MAX_WAIT: Duration = Duration::from_mins(1);
/// Maximum tries of one submission, including the first.
const SUBMISSION_TRIES: u32 = 8;

/// The waits between the tries of one call that was certainly not accepted: exponential steps with full jitter.
#[derive(Debug)]
pub struct Backoff {
    attempts: u32,
    made: u32,
    random: fn() -> u64,
}

impl Backoff {
    /// Creates a schedule with `attempts` tries, including the first. `random` returns 64 uniform bits.
    pub fn new(attempts: u32, random: fn() -> u64) -> Self {
        Self { attempts, made: 1, random }
    }

    /// Creates the schedule of a submission.
    pub fn for_submission(random: fn() -> u64) -> Self {
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
    use std::sync::Arc;

    use super::*;

    impl RateLimiter {
        /// Returns the current spacing between two requests.
        pub(crate) fn spacing(&self) -> Duration {
            self.pace().spacing
        }
    }

    async fn seconds(limiter: &RateLimiter, requests: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..requests {
            limiter.acquire().await;
        }
        start.elapsed().as_secs_f64()
    }

    fn near(value: f64, meant: f64) {
        // Tokio's timer counts in milliseconds and rounds up.
        assert!((value - meant).abs() < 0.03, "{value} is not about {meant}");
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_evenly_spaced_and_the_first_goes_at_once() {
        near(seconds(&RateLimiter::new(1.0), 1).await, 0.0);
        near(seconds(&RateLimiter::new(2.0), 11).await, 5.0);
        near(seconds(&RateLimiter::new(0.5), 3).await, 4.0);
    }

    #[tokio::test(start_paused = true)]
    async fn no_rate_is_unlimited() {
        for none in [0.0, -1.0, f64::NAN] {
            near(seconds(&RateLimiter::new(none), 1000).await, 0.0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_was_idle_gives_no_burst() {
        let limiter = RateLimiter::new(1.0);
        limiter.acquire().await;
        tokio::time::sleep(Duration::from_mins(1)).await;
        near(seconds(&limiter, 4).await, 3.0);
    }

    #[tokio::test(start_paused = true)]
    async fn all_tasks_share_it() {
        let limiter = Arc::new(RateLimiter::new(1.0));
        let start = Instant::now();
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let limiter = Arc::clone(&limiter);
                tokio::spawn(async move { limiter.acquire().await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        near(start.elapsed().as_secs_f64(), 7.0);
    }

    #[tokio::test(start_paused = true)]
    async fn too_fast_halves_the_rate_down_to_a_floor() {
        let limiter = RateLimiter::new(1.0);
        for meant in [2, 4, 8, 16, 16] {
            let leave = limiter.acquire().await;
            tokio::time::sleep(Duration::from_millis(5)).await;
            limiter.slow_down(leave, None);
            assert_eq!(limiter.spacing(), Duration::from_secs(meant));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_of_refusals_is_one_lesson() {
        let limiter = RateLimiter::new(0.0);
        let leaves = [limiter.acquire().await, limiter.acquire().await, limiter.acquire().await];
        for leave in leaves {
            limiter.slow_down(leave, None);
        }
        assert_eq!(limiter.spacing(), INITIAL_SPACING);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_learnt_binds_the_tasks_that_already_wait() {
        let limiter = Arc::new(RateLimiter::new(1.0));
        let leave = limiter.acquire().await;
        let waiting = {
            let limiter = Arc::clone(&limiter);
            tokio::spawn(async move { limiter.acquire().await })
        };
        tokio::time::sleep(Duration::from_millis(500)).await;
        limiter.slow_down(leave, Some(Duration::from_secs(9)));
        let next = waiting.await.unwrap();
        near((next.at - leave.at).as_secs_f64(), 9.5);
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_comes_back_step_by_step_and_not_beyond_what_was_set() {
        let limiter = RateLimiter::new(1.0);
        let leave = limiter.acquire().await;
        limiter.slow_down(leave, None);
        let mut steps = 0;
        while limiter.spacing() > Duration::from_secs(1) {
            let before = limiter.spacing();
            limiter.speed_up();
            assert!(limiter.spacing() < before);
            steps += 1;
        }
        assert!((4..20).contains(&steps), "{steps}");
        limiter.speed_up();
        assert_eq!(limiter.spacing(), Duration::from_secs(1));

        let unlimited = RateLimiter::new(0.0);
        let leave = unlimited.acquire().await;
        unlimited.slow_down(leave, Some(Duration::from_secs(9)));
        (0..30).for_each(|_| unlimited.speed_up());
        assert_eq!(unlimited.spacing(), Duration::ZERO);
        let start = Instant::now();
        unlimited.acquire().await;
        near(start.elapsed().as_secs_f64(), 9.0);
        unlimited.acquire().await;
        near(start.elapsed().as_secs_f64(), 9.0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_gives_up_takes_no_turn() {
        let limiter = RateLimiter::new(1.0);
        limiter.acquire().await;
        let start = Instant::now();
        let given_up = tokio::time::timeout(Duration::from_millis(100), limiter.acquire()).await;
        assert!(given_up.is_err());
        limiter.acquire().await;
        near(start.elapsed().as_secs_f64(), 1.0);
    }

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
