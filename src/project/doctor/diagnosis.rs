//! The result of `doctor` as a value.

use schemars::JsonSchema;
use serde::Serialize;

/// The result of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// Works, or is not needed.
    Ok,
    /// Works, with a risk.
    Warning,
    /// Does not work.
    Failure,
    /// Not checked, because something that it needs does not work.
    Skipped,
}

impl CheckStatus {
    /// All statuses.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Warning, Self::Failure, Self::Skipped];

    /// Returns the stable name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
            Self::Skipped => "skipped",
        }
    }
}

/// The result of one check, and the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CheckResult {
    pub(super) status: CheckStatus,
    pub(super) message: String,
    pub(super) next: Option<String>,
}

impl CheckResult {
    pub(super) fn ok(message: impl Into<String>) -> Self {
        Self { status: CheckStatus::Ok, message: message.into(), next: None }
    }

    pub(super) fn warning(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { status: CheckStatus::Warning, message: message.into(), next: Some(next.into()) }
    }

    pub(super) fn failure(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { status: CheckStatus::Failure, message: message.into(), next: Some(next.into()) }
    }

    pub(super) fn skipped(message: impl Into<String>) -> Self {
        Self { status: CheckStatus::Skipped, message: message.into(), next: None }
    }

    /// Adds an optional next step.
    pub(super) fn then(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// A stable word: `git-merge`.
    pub code: &'static str,
    /// The result.
    #[schemars(with = "String", extend("enum" = CheckStatus::ALL.map(CheckStatus::word)))]
    pub status: CheckStatus,
    /// The finding.
    pub message: String,
    /// The next step, if there is one.
    pub next: Option<String>,
}

/// All checks of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The environment's name; the requested one if it could not be resolved.
    pub environment: String,
    /// The vendor's host, if it is known.
    pub host: Option<String>,
    /// In a fixed order.
    pub checks: Vec<Check>,
    /// Whether the vendor rejected the credentials.
    pub rejected: bool,
}

impl Diagnosis {
    /// Returns the number of checks with a status.
    pub fn count(&self, status: CheckStatus) -> usize {
        self.checks.iter().filter(|check| check.status == status).count()
    }
}
