//! The result of `doctor` as a value.

use super::check::{Check, CheckStatus};
use super::examination::{Examination, VendorAnswers};
use super::{git_checks, local_checks, network_checks};
use crate::vendor::CallError;

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

/// The code of a check, the checks above it that it needs, and its function. If one that it needs failed or was skipped,
/// it is skipped.
type CheckRow = (&'static str, &'static [&'static str], fn(&Examination) -> Check);

const CHECKS: &[CheckRow] = &[
    ("project", &[], local_checks::project),
    ("manifests", &["project"], local_checks::manifests),
    ("environment", &[], local_checks::environment),
    ("lockfile", &["project", "environment"], local_checks::lockfile),
    ("git", &["project"], git_checks::repository),
    ("git-lockfile", &["lockfile", "git"], git_checks::lockfile),
    ("git-merge", &["environment", "git"], git_checks::merge),
    ("git-ignore", &["git"], git_checks::ignore),
    ("host", &["environment"], network_checks::host),
    ("proxy", &["host"], network_checks::proxy),
    ("certificates", &["host"], network_checks::certificates),
    ("connection", &["host", "proxy", "certificates"], network_checks::connection),
    ("clock", &["connection"], |facts| network_checks::clock(facts.answers.clock)),
    ("credentials", &["host", "certificates"], network_checks::credentials),
    ("list", &["connection"], network_checks::list),
    ("catalog", &["project", "environment"], local_checks::catalog),
    ("editor", &["project"], local_checks::editor),
    ("speech", &[], local_checks::speech),
    ("fonts", &["project"], local_checks::fonts),
];

impl Examination {
    /// Runs every check, in the order of the table.
    pub fn diagnosis(mut self, answers: VendorAnswers) -> Diagnosis {
        self.answers = answers;
        let mut checks: Vec<Check> = Vec::with_capacity(CHECKS.len());
        for (code, needs, find) in CHECKS {
            let stopped = |need: &&&str| {
                let known = checks.iter().find(|check| check.code == **need);
                known.is_some_and(|check| matches!(check.status, CheckStatus::Failure | CheckStatus::Skipped))
            };
            let check = match needs.iter().find(stopped) {
                Some(need) => Check::skipped(format!("needs `{need}`")),
                None => find(&self),
            };
            checks.push(Check { code, ..check });
        }
        Diagnosis {
            environment: self.environment_name,
            host: self.environment.as_ref().ok().map(|environment| environment.host.to_string()),
            checks,
            rejected: matches!(
                (&self.answers.list, &self.answers.exchanged),
                (Some(Err(CallError::Key(_))), _) | (_, Some(Err(CallError::Key(_))))
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CHECKS;

    #[test]
    fn a_check_needs_only_checks_above_it_and_each_code_is_there_once() {
        for (index, (code, needs, _)) in CHECKS.iter().enumerate() {
            let above: Vec<&str> = CHECKS[..index].iter().map(|row| row.0).collect();
            assert!(!above.contains(code), "{code}");
            for need in *needs {
                assert!(above.contains(need), "`{code}` needs `{need}`");
            }
        }
    }
}
