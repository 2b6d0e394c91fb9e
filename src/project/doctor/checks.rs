//! The table of checks: the prerequisites of each, and the function that derives its finding from the facts.

use super::diagnosis::{Check, CheckStatus, Diagnosis, Finding};
use super::examine::{Answers, Examination, Facts};
use super::{git, local, network};

/// One line of the report.
struct Row {
    code: &'static str,
    /// Checks above this one. If one of them failed or was skipped, this one is skipped.
    needs: &'static [&'static str],
    find: fn(&Facts<'_>) -> Finding,
}

const fn row(code: &'static str, needs: &'static [&'static str], find: fn(&Facts<'_>) -> Finding) -> Row {
    Row { code, needs, find }
}

const ROWS: &[Row] = &[
    row("project", &[], local::project),
    row("manifests", &["project"], local::manifests),
    row("environment", &[], local::environment),
    row("lockfile", &["project", "environment"], local::lockfile),
    row("git", &["project"], git::repository),
    row("git-lockfile", &["lockfile", "git"], git::lockfile),
    row("git-merge", &["environment", "git"], git::merge),
    row("git-ignore", &["git"], git::ignore),
    row("host", &["environment"], network::host),
    row("proxy", &["host"], network::proxy),
    row("certificates", &["host"], network::certificates),
    row("connection", &["host", "proxy", "certificates"], network::connection),
    row("clock", &["connection"], network::clock),
    row("credentials", &["host", "certificates"], network::credentials),
    row("list", &["connection"], network::list),
    row("catalog", &["project", "environment"], local::catalog),
    row("editor", &["project"], local::editor),
    row("speech", &[], local::speech),
    row("fonts", &["project"], local::fonts),
];

impl Examination {
    /// Runs every check, in the order of the table.
    pub fn diagnosis(&self, answers: &Answers) -> Diagnosis {
        let facts = Facts { local: self, answers };
        let mut checks: Vec<Check> = Vec::with_capacity(ROWS.len());
        for Row { code, needs, find } in ROWS {
            let stopped = |need: &&&str| {
                let known = checks.iter().find(|check| check.code == **need);
                known.is_some_and(|check| matches!(check.status, CheckStatus::Failure | CheckStatus::Skipped))
            };
            let Finding { status, message, next } = match needs.iter().find(stopped) {
                Some(need) => Finding::skipped(format!("needs `{need}`")),
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
    use super::ROWS;

    #[test]
    fn a_check_needs_only_checks_above_it_and_each_code_is_there_once() {
        for (index, row) in ROWS.iter().enumerate() {
            let above: Vec<&str> = ROWS[..index].iter().map(|row| row.code).collect();
            assert!(!above.contains(&row.code), "{}", row.code);
            for need in row.needs {
                assert!(above.contains(need), "`{}` needs `{need}`", row.code);
            }
        }
    }
}
