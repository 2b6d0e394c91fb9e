//! One check of `doctor` with its result.

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

impl Check {
    /// Creates the result of a check. The table has its code.
    fn new(status: CheckStatus, message: impl Into<String>) -> Self {
        Self { code: "", status, message: message.into(), next: None }
    }

    pub(super) fn ok(message: impl Into<String>) -> Self {
        Self::new(CheckStatus::Ok, message)
    }

    pub(super) fn warning(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(CheckStatus::Warning, message).then(next)
    }

    pub(super) fn failure(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(CheckStatus::Failure, message).then(next)
    }

    pub(super) fn skipped(message: impl Into<String>) -> Self {
        Self::new(CheckStatus::Skipped, message)
    }

    /// Adds an optional next step.
    pub(super) fn then(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }
}
