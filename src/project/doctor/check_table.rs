//! The table of checks: the prerequisites of each, and the function that derives its finding from the facts.

use super::diagnosis::{Check, CheckResult, CheckStatus, Diagnosis};
use super::examination::{Examination, Facts, VendorAnswers};
use super::{git_checks, local_checks, network_checks};

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
