//! The result of `doctor` as a value.

use schemars::JsonSchema;
use serde::Serialize;

use super::examination::{Examination, Facts, VendorAnswers};
use super::{git_checks, local_checks, network_checks};

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

/// One line of the report.
struct CheckRow {
    code: &'static str,
    /// Checks above this one. If one of them failed or was skipped, this one is skipped.
    needs: &'static [&'static str],
    find: fn(&Facts<'_>) -> CheckResult,
}

const fn row(code: &'static str, needs: &'static [&'static str], find: fn(&Facts<'_>) -> CheckResult) -> CheckRow {
    CheckRow { code, needs, find }
}

const CHECKS: &[CheckRow] = &[
    row("project", &[], local_checks::project),
    row("manifests", &["project"], local_checks::manifests),
    row("environment", &[], local_checks::environment),
    row("lockfile", &["project", "environment"], local_checks::lockfile),
    row("git", &["project"], git_checks::repository),
    row("git-lockfile", &["lockfile", "git"], git_checks::lockfile),
    row("git-merge", &["environment", "git"], git_checks::merge),
    row("git-ignore", &["git"], git_checks::ignore),
    row("host", &["environment"], network_checks::host),
    row("proxy", &["host"], network_checks::proxy),
    row("certificates", &["host"], network_checks::certificates),
    row("connection", &["host", "proxy", "certificates"], network_checks::connection),
    row("clock", &["connection"], network_checks::clock),
    row("credentials", &["host", "certificates"], network_checks::credentials),
    row("list", &["connection"], network_checks::list),
    row("catalog", &["project", "environment"], local_checks::catalog),
    row("editor", &["project"], local_checks::editor),
    row("speech", &[], local_checks::speech),
    row("fonts", &["project"], local_checks::fonts),
];

impl Examination {
    /// Runs every check, in the order of the table.
    pub fn diagnosis(&self, answers: &VendorAnswers) -> Diagnosis {
        let facts = Facts { local: self, answers };
        let mut checks: Vec<Check> = Vec::with_capacity(CHECKS.len());
        for CheckRow { code, needs, find } in CHECKS {
            let stopped = |need: &&&str| {
                let known = checks.iter().find(|check| check.code == **need);
                known.is_some_and(|check| matches!(check.status, CheckStatus::Failure | CheckStatus::Skipped))
            };
            let CheckResult { status, message, next } = match needs.iter().find(stopped) {
                Some(need) => CheckResult::skipped(format!("needs `{need}`")),
                None => find(&facts),
            };
            checks.push(Check { code, status, message, next });
        }
        Diagnosis {
            environment: self.environment_name.clone(),
            host: self.environment.as_ref().ok().map(|environment| environment.host.to_string()),
            checks,
            rejected: answers.is_rejected(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CHECKS;

    #[test]
    fn a_check_needs_only_checks_above_it_and_each_code_is_there_once() {
        for (index, row) in CHECKS.iter().enumerate() {
            let above: Vec<&str> = CHECKS[..index].iter().map(|row| row.code).collect();
            assert!(!above.contains(&row.code), "{}", row.code);
            for need in row.needs {
                assert!(above.contains(need), "`{}` needs `{need}`", row.code);
            }
        }
    }
}
