//! Limits on what one apply may spend, and the messages of violated limits.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use tracing::debug;

use super::{Action, Change, Month, Plan};
use crate::source::Location;
use crate::spec::{Credits, rounded_up, serialize_thousandths};

/// Minimum number of paid videos for a share: a change of two in five is not an accident.
const MIN_PAID_FOR_SHARE: u64 = 10;

/// Where a limit was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LimitOrigin {
    /// On the command line.
    Flag,
    /// In the manifest.
    Manifest(Location),
}

/// A limit and where it was set.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit<T> {
    /// The maximum.
    pub value: T,
    /// Where it was set.
    pub origin: LimitOrigin,
}

/// The limits of one apply. `None` is unlimited.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guards {
    /// Maximum submissions, including those in doubt.
    pub max_submissions: Option<Limit<u64>>,
    /// Maximum credits by the upper estimate, including those in doubt.
    pub max_credits: Option<Limit<f64>>,
    /// Maximum share (0 to 1) of previously paid videos that are submitted again. Applies from ten such videos.
    pub max_share: Option<Limit<f64>>,
    /// Maximum credits of a calendar month, by the upper estimate of the takes in the lockfile.
    pub max_credits_per_month: Option<Limit<f64>>,
}

impl Guards {
    /// Returns these limits, overridden by those of the command line.
    #[must_use]
    pub fn with_flags(self, flags: Self) -> Self {
        Self {
            max_submissions: flags.max_submissions.or(self.max_submissions),
            max_credits: flags.max_credits.or(self.max_credits),
            max_share: flags.max_share.or(self.max_share),
            max_credits_per_month: flags.max_credits_per_month.or(self.max_credits_per_month),
        }
    }

    /// Returns the month's budget for a plan. `None` if no budget is set.
    pub fn budget(&self, plan: &Plan, month: &Month) -> Option<Budget> {
        let limit = self.max_credits_per_month.as_ref()?.value;
        let (spent, planned) = (month.credits, month.planned(plan));
        Some(Budget {
            month: month.name(),
            limit,
            spent,
            planned,
            left: (limit - spent - planned).max(0.0),
            submissions: month.submissions,
            unknown: month.unknown,
        })
    }

    /// Says why the month's budget blocks, given all that the month has come to. `None` if it does not.
    pub fn over_month(&self, month: &Month) -> Option<String> {
        let limit = self.max_credits_per_month.as_ref()?;
        let enough = rounded_up(month.credits);
        (!within(month.credits, limit.value)).then(|| {
            format!(
                "`max_credits_per_month` is {}, but with other runs the next videos bring {} to up to {enough}; \
                 `--max-credits-per-month {enough}` allows it",
                limit.value,
                month.name(),
            )
        })
    }
}

impl<T> Limit<T> {
    /// Creates a limit from the command line.
    pub const fn flag(value: T) -> Self {
        Self { value, origin: LimitOrigin::Flag }
    }
}

/// The state of a month's budget, by the takes in this lockfile.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Budget {
    /// The calendar month, UTC: `2026-12`.
    pub month: String,
    /// Maximum credits of the month.
    pub limit: f64,
    /// Credits of the submissions: finished videos by their length, others by the upper estimate.
    #[serde(serialize_with = "serialize_thousandths")]
    pub spent: f64,
    /// Credits that the plan adds, by the upper estimate; 0 in a report.
    #[serde(serialize_with = "serialize_thousandths")]
    pub planned: f64,
    /// Credits that are left, at least 0.
    #[serde(serialize_with = "serialize_thousandths")]
    pub left: f64,
    /// Submissions that were counted.
    pub submissions: u64,
    /// Submissions of unknown content, each counted as 10 minutes.
    pub unknown: u64,
}

/// The kind of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guard {
    /// `max_submissions`
    Submissions,
    /// `max_credits`
    Credits,
    /// `max_share`
    Share,
    /// `max_credits_per_month`
    Budget,
}

impl Guard {
    /// Returns the name in manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submissions => "max_submissions",
            Self::Credits => "max_credits",
            Self::Share => "max_share",
            Self::Budget => "max_credits_per_month",
        }
    }
}

impl Serialize for Guard {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A limit that the plan exceeds.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Refusal")]
pub struct GuardViolation {
    /// `max_submissions`, `max_credits`, `max_share` or `max_credits_per_month`.
    #[schemars(with = "String")]
    pub guard: Guard,
    /// The limit, as written: `50`, `30%`.
    pub limit: String,
    /// The value that the plan reaches.
    pub reached: String,
    /// The complete message.
    pub message: String,
    /// The flag that raises the limit just enough.
    pub lift: String,
    /// The manifest line that sets it; null if a flag does.
    #[schemars(with = "Option<Location>")]
    pub origin: LimitOrigin,
    /// The reason for the block, without the flag that lifts it.
    #[serde(skip)]
    why: String,
}

impl GuardViolation {
    /// Creates a refusal. `made_of` is the reached value in its parts: `58 to submit and 2 in doubt`. `readings`
    /// replaces the reached value in the sentence.
    fn new(
        guard: Guard,
        origin: &LimitOrigin,
        [limit, reached, made_of]: [String; 3],
        readings: Option<&str>,
        lift: String,
    ) -> Self {
        let place = match origin {
            LimitOrigin::Flag => "set by a flag".to_owned(),
            LimitOrigin::Manifest(place) => format!("set at {}:{}:{}", place.file, place.line, place.column),
        };
        let subject = if guard == Guard::Budget { "the month" } else { "this plan" };
        let said = readings.unwrap_or(&reached);
        let reaches = match reached.as_str() {
            "1" if made_of == "1 to submit" => "has 1 submission".to_owned(),
            all if made_of == format!("{all} to submit") => format!("has {all} submissions"),
            _ => format!("reaches {said}: {made_of}"),
        };
        let why = format!("`{}` is {limit} ({place}), but {subject} {reaches}", guard.name());
        let message = format!("{why}; `{lift}` allows it");
        Self { guard, limit, reached, message, lift, origin: origin.clone(), why }
    }
}

/// Returns one sentence with every guard that blocks, and all flags that lift them together. `None` if nothing blocks.
pub fn violation_sentence(refusals: &[GuardViolation]) -> Option<String> {
    let whys: Vec<&str> = refusals.iter().map(|refusal| refusal.why.as_str()).collect();
    let lifts: Vec<&str> = refusals.iter().map(|refusal| refusal.lift.as_str()).collect();
    let allows = if lifts.len() == 1 { "allows" } else { "together allow" };
    (!whys.is_empty()).then(|| format!("{}; `{}` {allows} it", whys.join("; "), lifts.join(" ")))
}

/// Returns the limits that a plan exceeds, empty if it may be applied. Takes in doubt count as submissions.
///
/// `month` has the submissions before the plan.
pub fn guard(plan: &Plan, guards: &Guards, month: &Month) -> Vec<GuardViolation> {
    let checks = [submissions(plan, guards), credits(plan, guards), share(plan, guards), budget(plan, guards, month)];
    checks.into_iter().flatten().collect()
}

fn budget(plan: &Plan, guards: &Guards, month: &Month) -> Option<GuardViolation> {
    let limit = guards.max_credits_per_month.as_ref()?;
    let planned = month.planned(plan);
    let enough = rounded_up(month.credits + planned);
    // Credits that are spent cannot be returned, so only additional ones are blocked.
    let refused = planned > 0.0 && !within(month.credits + planned, limit.value);
    let made_of = format!(
        "up to {} in {} by this lockfile, and up to {} for {}",
        rounded_up(month.credits),
        month.name(),
        rounded_up(planned),
        breakdown(plan),
    );
    trace_guard(Guard::Budget, Some(limit), |value| value.to_string(), || made_of.clone(), refused);
    refused.then(|| {
        let words = [limit.value.to_string(), format!("up to {enough}"), made_of];
        GuardViolation::new(Guard::Budget, &limit.origin, words, None, format!("--max-credits-per-month {enough}"))
    })
}

fn submissions(plan: &Plan, guards: &Guards) -> Option<GuardViolation> {
    let reached = plan.summary.submit + plan.summary.in_doubt;
    let limit = guards.max_submissions.as_ref();
    let refused = limit.is_some_and(|limit| reached > limit.value);
    trace_guard(Guard::Submissions, limit, |value| value.to_string(), || breakdown(plan), refused);
    limit.filter(|_| refused).map(|limit| {
        let words = [limit.value.to_string(), reached.to_string(), breakdown(plan)];
        GuardViolation::new(Guard::Submissions, &limit.origin, words, None, format!("--max-submissions {reached}"))
    })
}

fn credits(plan: &Plan, guards: &Guards) -> Option<GuardViolation> {
    let reached = plan.summary.credits_at_most;
    let limit = guards.max_credits.as_ref();
    let refused = limit.is_some_and(|limit| !within(reached, limit.value));
    let counted = || format!("up to {} for {}", rounded_up(reached), breakdown(plan));
    trace_guard(Guard::Credits, limit, |value| value.to_string(), counted, refused);
    limit.filter(|_| refused).map(|limit| {
        let enough = rounded_up(reached);
        let words = [limit.value.to_string(), format!("up to {enough}"), breakdown(plan)];
        let readings = readings(plan.summary.price());
        GuardViolation::new(Guard::Credits, &limit.origin, words, Some(&readings), format!("--max-credits {enough}"))
    })
}

/// Returns both estimates, and which of them the guard uses.
fn readings(price: Credits) -> String {
    let used = if price.has_range() && price.likely > 0.0 { ", and guards use the upper estimate" } else { "" };
    format!("{price}{used}")
}

fn share(plan: &Plan, guards: &Guards) -> Option<GuardViolation> {
    let is_again = |change: &&Change| change.previously_paid && matches!(change.action, Action::Change | Action::Retry);
    let again = plan.submissions().filter(is_again).count();
    let share = again as f64 / plan.previously_paid as f64;
    let limit = guards.max_share.as_ref();
    let refused = plan.previously_paid >= MIN_PAID_FOR_SHARE && limit.is_some_and(|limit| !within(share, limit.value));
    let counted = || {
        format!(
            "{again} of {} previously paid videos again; the limit applies from {MIN_PAID_FOR_SHARE} such videos",
            plan.previously_paid
        )
    };
    trace_guard(Guard::Share, limit, |value| format!("{}%", rounded(value * 100.0)), counted, refused);
    limit.filter(|_| refused).map(|limit| {
        let enough = (share * 100.0 - EPSILON).ceil();
        let made_of = format!("{again} of {} previously paid videos would be submitted again", plan.previously_paid);
        let words = [format!("{}%", rounded(limit.value * 100.0)), format!("{enough}%"), made_of];
        GuardViolation::new(Guard::Share, &limit.origin, words, None, format!("--max-share {enough}%"))
    })
}

/// Traces the values that a guard compared. The fields are computed only if tracing is enabled.
fn trace_guard<T: Copy>(
    guard: Guard,
    limit: Option<&Limit<T>>,
    shown: impl Fn(T) -> String,
    counted: impl Fn() -> String,
    refused: bool,
) {
    debug!(
        name = guard.name(),
        limit = limit.map_or_else(|| "none".to_owned(), |limit| shown(limit.value)),
        from = limit.map(|limit| match &limit.origin {
            LimitOrigin::Flag => "a flag".to_owned(),
            LimitOrigin::Manifest(place) => format!("{}:{}:{}", place.file, place.line, place.column),
        }),
        counted = counted(),
        verdict = match limit {
            None => "no limit",
            Some(_) if refused => "refused",
            Some(_) => "kept",
        },
        "guard",
    );
}

fn breakdown(plan: &Plan) -> String {
    match (plan.summary.submit, plan.summary.in_doubt) {
        (submit, 0) => format!("{submit} to submit"),
        (0, doubt) => format!("{doubt} in doubt"),
        (submit, doubt) => format!("{submit} to submit and {doubt} in doubt"),
    }
}

/// Decimal fractions are not exact in binary, so a difference this small is ignored.
const EPSILON: f64 = 1e-9;

/// Whether a limit is met. NaN does not meet it.
fn within(reached: f64, limit: f64) -> bool {
    reached <= limit + EPSILON
}

/// Rounds away the binary error: 0.07 × 100 is `7`.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
