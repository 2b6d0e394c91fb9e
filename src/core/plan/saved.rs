//! A plan in a file. `apply FILE` does exactly this, or rejects the file as stale.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::summary::summarize;
use super::{Action, Change, Plan, Relabel};
use crate::spec::{CanonicalText, Digest, marker, submitted_name};

/// The format version that callsheet writes.
const FORMAT_VERSION: u32 = 1;

/// The reason why a saved plan is rejected.
#[derive(Debug, Error)]
pub enum SavedError {
    /// The header is not that of a plan.
    #[error("it does not begin like a saved plan: `{{\"callsheet\":\"plan\",…`")]
    NotAPlan,
    /// A newer callsheet wrote it.
    #[error("its format version is {0}, but this callsheet reads {FORMAT_VERSION}")]
    Version(u64),
    /// It is truncated, or was edited.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// One submission of a saved plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedSubmission {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// The attempt.
    pub attempt: u32,
    /// `add`, `change` or `retry`.
    pub action: Arc<str>,
    /// The name for the vendor, marker included.
    pub name: String,
}

/// The content of the file: the parts of a plan that cannot be calculated from others. The order of the fields is
/// frozen.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedPlanV1<'a> {
    /// Always `plan`. First, so that the first line identifies the file.
    callsheet: Cow<'a, str>,
    format_version: u32,
    environment: Cow<'a, str>,
    host: Arc<str>,
    created: Timestamp,
    submissions: Cow<'a, [SavedSubmission]>,
    known: u64,
    unchanged: u64,
    changes: Cow<'a, [Change]>,
    relabels: Cow<'a, [Relabel]>,
    warnings: Cow<'a, [String]>,
}

/// A saved plan.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedPlan {
    /// The time when it was made.
    pub created: Timestamp,
    /// The submissions that `apply` may make, and no others.
    pub submissions: Vec<SavedSubmission>,
    /// The plan, to show.
    pub plan: Plan,
}

impl SavedPlan {
    /// Creates a plan to save, with the time when it was made.
    pub fn new(plan: &Plan, created: Timestamp) -> Self {
        let mut plan = plan.clone();
        plan.changes.iter_mut().flat_map(|change| &mut change.diff).for_each(|field| field.declared = None);
        Self { created, submissions: plan.submissions().map(submission).collect(), plan }
    }

    /// Parses a saved plan.
    ///
    /// # Errors
    /// See [`SavedError`].
    pub fn parse(text: &str) -> Result<Self, SavedError> {
        if !is_saved_plan(text) {
            return Err(SavedError::NotAPlan);
        }
        let damaged = |error: serde_json::Error| SavedError::Damaged(error.to_string());
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(damaged)?;
        match value.get("format_version").and_then(Value::as_u64) {
            Some(version) if version == u64::from(FORMAT_VERSION) => {}
            Some(version) => return Err(SavedError::Version(version)),
            None => return Err(SavedError::Damaged("it names no `format_version`".to_owned())),
        }
        let document: SavedPlanV1<'_> = serde_json::from_value(value).map_err(damaged)?;
        let (created, submissions) = (document.created, document.submissions.into_owned());
        let plan = Plan {
            environment: document.environment.into_owned(),
            host: document.host,
            summary: summarize(&document.changes, document.unchanged),
            changes: document.changes.into_owned(),
            previously_paid: document.known,
            relabels: document.relabels.into_owned(),
            warnings: document.warnings.into_owned(),
        };
        if !plan.submissions().map(submission).eq(submissions.iter().cloned()) {
            return Err(SavedError::Damaged("its submissions are not those of its changes".to_owned()));
        }
        Ok(Self { created, submissions, plan })
    }

    /// Returns the file's text, ending in a newline.
    #[expect(clippy::missing_panics_doc, reason = "it cannot")]
    pub fn to_json(&self) -> String {
        let plan = &self.plan;
        let document = SavedPlanV1 {
            callsheet: "plan".into(),
            format_version: FORMAT_VERSION,
            environment: (&*plan.environment).into(),
            host: Arc::clone(&plan.host),
            created: self.created,
            submissions: (&*self.submissions).into(),
            known: plan.previously_paid,
            unchanged: plan.summary.unchanged,
            changes: (&*plan.changes).into(),
            relabels: (&*plan.relabels).into(),
            warnings: (&*plan.warnings).into(),
        };
        // Strings, numbers, and maps with string keys: serialization cannot fail.
        let text = serde_json::to_string_pretty(&document).expect("a saved plan is always JSON");
        format!("{text}\n")
    }

    /// Returns the keys that are submitted or renamed: the selection to plan with before calling [`SavedPlan::staleness`].
    pub fn keys(&self) -> BTreeSet<Arc<str>> {
        self.submissions.iter().map(|one| &one.key).chain(self.renamed()).cloned().collect()
    }

    /// Returns the keys that are paid for under another one. A content that is submitted, or in doubt, has its own
    /// change.
    fn renamed(&self) -> impl Iterator<Item = &Arc<str>> {
        let (moves, others): (Vec<_>, Vec<_>) =
            self.plan.changes.iter().partition(|change| change.action == Action::Move);
        let others: HashSet<Digest> = others.into_iter().map(|change| change.digest).collect();
        moves.into_iter().filter(move |change| !others.contains(&change.digest)).map(|change| &change.key)
    }

    /// Whether failed takes are submitted again: the option to plan with before calling [`SavedPlan::staleness`].
    pub fn retries(&self) -> bool {
        self.submissions.iter().any(|one| *one.action == *Action::Retry.word())
    }

    /// Returns why the saved plan may no longer be applied, if one of its own changes would now differ.
    ///
    /// `now` is a fresh plan over [`SavedPlan::keys`] and [`SavedPlan::retries`].
    pub fn staleness(&self, now: &Plan) -> Option<String> {
        if self.plan.environment != now.environment {
            let (saved, now) = (&self.plan.environment, &now.environment);
            return Some(format!(
                "it was made for the environment `{saved}`, not for `{now}`; `--env {saved}` applies it"
            ));
        }
        if self.plan.host != now.host {
            let (saved, now) = (&self.plan.host, &now.host);
            return Some(format!("it was made for the host `{saved}`, not for `{now}`"));
        }
        let fresh: HashMap<&str, &Change> = now.submissions().map(|change| (&*change.key, change)).collect();
        let is_other = |change: &&Change| change.action != Action::Move && change.video.is_some();
        let others: HashSet<&str> = now.changes.iter().filter(is_other).map(|change| &*change.key).collect();
        if let Some(key) = self.renamed().find(|key| others.contains(&***key)) {
            return Some(format!("`{key}` was only renamed in the plan, and its content is no longer paid for"));
        }
        self.submissions.iter().find_map(|saved| {
            let key = &saved.key;
            let Some(fresh) = fresh.get(&**key) else {
                return Some(no_longer_submitted(key, now));
            };
            if fresh.digest != saved.digest {
                return Some(format!("the content of `{key}` has changed since"));
            }
            if fresh.attempt != saved.attempt || fresh.action.word() != &*saved.action {
                return Some(format!(
                    "`{key}` would now be submission {} of its content (`{}`), but in the plan it was submission {} (`{}`)",
                    fresh.attempt,
                    fresh.action.word(),
                    saved.attempt,
                    saved.action,
                ));
            }
            // `apply` sends exactly what was shown, including the name in the vendor's list.
            (submission(fresh).name != saved.name).then(|| format!("the label of `{key}` has changed since"))
        })
    }
}

fn submission(change: &Change) -> SavedSubmission {
    let wanted = change.after.as_ref().map(CanonicalText::value);
    let label = wanted.as_ref().and_then(|spec| spec.get("name")?.as_str()).unwrap_or(&change.key);
    SavedSubmission {
        key: Arc::clone(&change.key),
        digest: change.digest,
        attempt: change.attempt,
        action: change.action.word().into(),
        name: submitted_name(label, &marker(&change.digest, change.attempt)),
    }
}

/// Returns why a key of the saved plan is no longer submitted.
fn no_longer_submitted(key: &str, now: &Plan) -> String {
    match now.changes.iter().find(|change| &*change.key == key).map(|change| change.action) {
        Some(Action::Resolve) => format!("`{key}` is in doubt now"),
        Some(Action::Move) => format!("the content of `{key}` is now another key's"),
        Some(Action::Retry) => format!("`{key}` has failed at the vendor since"),
        _ => format!("`{key}` no longer needs a submission: it was submitted, or its video is gone"),
    }
}

/// Whether a text is a saved plan, by its header alone. A truncated file counts, so that its error can say so.
pub fn is_saved_plan(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}');
    let tokens = ["{", "\"callsheet\"", ":", "\"plan\""];
    tokens.into_iter().try_fold(start, |rest, token| rest.trim_start().strip_prefix(token)).is_some()
}
