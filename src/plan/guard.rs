//! Limits on what one apply may spend, and the refusals they speak.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use tracing::debug;

use super::{Action, Month, Plan};
use crate::source::Location;
use crate::spec::{Credits, rounded_up, serialize_thousandths};

/// So few known videos make no share: a change of two in five is no accident.
const SHARE_FROM: u64 = 10;

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
    /// The most that is allowed.
    pub value: T,
    /// Where it was set.
    pub origin: LimitOrigin,
}

/// The limits of one apply; absent means none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guards {
    /// Submissions, those in doubt counted.
    pub max_submissions: Option<Limit<u64>>,
    /// Credits by the dearer reading, those in doubt counted.
    pub max_credits: Option<Limit<f64>>,
    /// The share (0 to 1) of known videos that are submitted again; holds from ten known videos.
    pub max_share: Option<Limit<f64>>,
    /// Credits of a calendar month by the upper estimate of the takes in the lockfile.
    pub max_credits_per_month: Option<Limit<f64>>,
}

impl Guards {
    /// These limits with those of the command line over them.
    #[must_use]
    pub fn with_flags(self, flags: Self) -> Self {
        Self {
            max_submissions: flags.max_submissions.or(self.max_submissions),
            max_credits: flags.max_credits.or(self.max_credits),
            max_share: flags.max_share.or(self.max_share),
            max_credits_per_month: flags.max_credits_per_month.or(self.max_credits_per_month),
        }
    }

    /// The month's budget against a plan; `None` if no budget is set.
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
}

impl<T> Limit<T> {
    /// Of the command line.
    pub const fn flag(value: T) -> Self {
        Self { value, origin: LimitOrigin::Flag }
    }
}

/// The state of a month's budget, by the takes in this lockfile.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Budget {
    /// The calendar month, UTC: `2026-12`.
    pub month: String,
    /// The most credits of the month.
    pub limit: f64,
    /// Credits of what was submitted, by the upper estimate; of finished videos, by their length.
    #[serde(serialize_with = "serialize_thousandths")]
    pub spent: f64,
    /// Credits that the plan adds, by the upper estimate; 0 in a report.
    #[serde(serialize_with = "serialize_thousandths")]
    pub planned: f64,
    /// Credits that are left; 0 where nothing is.
    #[serde(serialize_with = "serialize_thousandths")]
    pub left: f64,
    /// Submissions that were counted.
    pub submissions: u64,
    /// Submissions of unknown content, each counted like 10 minutes.
    pub unknown: u64,
}

/// Which limit.
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
    /// The name in manifests.
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

/// A limit that the plan goes beyond.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Refusal {
    /// `max_submissions`, `max_credits`, `max_share` or `max_credits_per_month`.
    #[schemars(with = "String")]
    pub guard: Guard,
    /// The limit, as written: `50`, `30%`.
    pub limit: String,
    /// What the plan comes to.
    pub reached: String,
    /// The whole sentence.
    pub message: String,
    /// The flag that lifts it just enough.
    pub lift: String,
    /// The manifest line that sets it; null when a flag does.
    #[schemars(with = "Option<Location>")]
    pub origin: LimitOrigin,
    /// What blocks, without the flag that lifts it.
    #[serde(skip)]
    why: String,
}

impl Refusal {
    /// `made_of` is what the plan comes to, in its parts: `58 to submit and 2 in doubt`.
    /// `readings` replaces what it comes to in the sentence.
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
        let why = format!("`{}` is {limit} ({place}), {subject} comes to {said}: {made_of}", guard.name());
        let message = format!("{why}; `{lift}` allows it");
        Self { guard, limit, reached, message, lift, origin: origin.clone(), why }
    }
}

/// Every guard that blocks, and all the flags that lift them together, in one sentence; `None` if nothing blocks.
pub fn refusal_sentence(refusals: &[Refusal]) -> Option<String> {
    let whys: Vec<&str> = refusals.iter().map(|refusal| refusal.why.as_str()).collect();
    let lifts: Vec<&str> = refusals.iter().map(|refusal| refusal.lift.as_str()).collect();
    let allows = if lifts.len() == 1 { "allows" } else { "together allow" };
    (!whys.is_empty()).then(|| format!("{}; `{}` {allows} it", whys.join("; "), lifts.join(" ")))
}

/// What the limits refuse of a plan; nothing when it may be applied. Takes in doubt count as submissions.
///
/// `month` is what was submitted before the plan.
pub fn guard(plan: &Plan, guards: &Guards, month: &Month) -> Vec<Refusal> {
    let checks = [submissions(plan, guards), credits(plan, guards), share(plan, guards), budget(plan, guards, month)];
    checks.into_iter().flatten().collect()
}

fn budget(plan: &Plan, guards: &Guards, month: &Month) -> Option<Refusal> {
    let limit = guards.max_credits_per_month.as_ref()?;
    let planned = month.planned(plan);
    let enough = rounded_up(month.credits + planned);
    // What was spent cannot be taken back: only what would be added is blocked.
    let refused = planned > 0.0 && !within(month.credits + planned, limit.value);
    let made_of = format!(
        "up to {} in {} by what the lockfile knows, and up to {} for {}",
        rounded_up(month.credits),
        month.name(),
        rounded_up(planned),
        made_of(plan),
    );
    note(Guard::Budget, Some(limit), |value| value.to_string(), || made_of.clone(), refused);
    refused.then(|| {
        let words = [limit.value.to_string(), format!("up to {enough}"), made_of];
        Refusal::new(Guard::Budget, &limit.origin, words, None, format!("--max-credits-per-month {enough}"))
    })
}

fn submissions(plan: &Plan, guards: &Guards) -> Option<Refusal> {
    let reached = plan.summary.submit + plan.summary.in_doubt;
    let limit = guards.max_submissions.as_ref();
    let refused = limit.is_some_and(|limit| reached > limit.value);
    note(Guard::Submissions, limit, |value| value.to_string(), || made_of(plan), refused);
    limit.filter(|_| refused).map(|limit| {
        let words = [limit.value.to_string(), reached.to_string(), made_of(plan)];
        Refusal::new(Guard::Submissions, &limit.origin, words, None, format!("--max-submissions {reached}"))
    })
}

fn credits(plan: &Plan, guards: &Guards) -> Option<Refusal> {
    let reached = plan.summary.credits_at_most;
    let limit = guards.max_credits.as_ref();
    let refused = limit.is_some_and(|limit| !within(reached, limit.value));
    let counted = || format!("up to {} for {}", rounded_up(reached), made_of(plan));
    note(Guard::Credits, limit, |value| value.to_string(), counted, refused);
    limit.filter(|_| refused).map(|limit| {
        let enough = rounded_up(reached);
        let words = [limit.value.to_string(), format!("up to {enough}"), made_of(plan)];
        let readings = readings(plan.summary.price());
        Refusal::new(Guard::Credits, &limit.origin, words, Some(&readings), format!("--max-credits {enough}"))
    })
}

/// Returns both readings, and which of them the guard uses.
fn readings(price: Credits) -> String {
    let used = if price.is_open() && price.likely > 0.0 { ", and guards use the upper reading" } else { "" };
    format!("{price}{used}")
}

fn share(plan: &Plan, guards: &Guards) -> Option<Refusal> {
    let again = plan.submissions().filter(|change| change.known && is_again(change.action)).count();
    let share = again as f64 / plan.known as f64;
    let limit = guards.max_share.as_ref();
    let refused = plan.known >= SHARE_FROM && limit.is_some_and(|limit| !within(share, limit.value));
    let counted = || format!("{again} of {} known videos again; it holds from {SHARE_FROM} known", plan.known);
    note(Guard::Share, limit, |value| format!("{}%", rounded(value * 100.0)), counted, refused);
    limit.filter(|_| refused).map(|limit| {
        let enough = (share * 100.0 - DUST).ceil();
        let made_of = format!("{again} of {} known videos would be submitted again", plan.known);
        let words = [format!("{}%", rounded(limit.value * 100.0)), format!("{enough}%"), made_of];
        Refusal::new(Guard::Share, &limit.origin, words, None, format!("--max-share {enough}%"))
    })
}

/// Notes what a guard looked at, if somebody asks why: only then the fields are computed.
fn note<T: Copy>(
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

fn is_again(action: Action) -> bool {
    matches!(action, Action::Change | Action::Retry)
}

fn made_of(plan: &Plan) -> String {
    match (plan.summary.submit, plan.summary.in_doubt) {
        (submit, 0) => format!("{submit} to submit"),
        (0, doubt) => format!("{doubt} in doubt"),
        (submit, doubt) => format!("{submit} to submit and {doubt} in doubt"),
    }
}

/// Decimal fractions are not exact in binary; so much is no excess.
const DUST: f64 = 1e-9;

/// Whether a limit is kept. What cannot be compared is not.
fn within(reached: f64, limit: f64) -> bool {
    reached <= limit + DUST
}

/// Without the dust: 0.07 × 100 is `7`.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
