//! The options of a plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Action, Change};

/// The options of a plan.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// The environment's name.
    pub environment: String,
    /// The vendor's host, without port.
    pub host: Arc<str>,
    /// Whether to submit failed takes again.
    pub retry_failed: bool,
    /// The selected keys. `None` selects all, and only then are orphans listed.
    pub selected: Option<BTreeSet<Arc<str>>>,
    /// The base keys of invalid videos. Their takes are never orphans.
    pub faulty_bases: BTreeSet<Arc<str>>,
    /// The current time, to warn of expired results. `None` gives no warning.
    pub now: Option<jiff::Timestamp>,
    /// The decisions to trace.
    pub notes: Notes,
}

impl PlanOptions {
    pub(super) fn selects(&self, key: &str) -> bool {
        self.selected.as_ref().is_none_or(|keys| keys.contains(key))
    }
}

/// The decisions of a plan that are traced, so that a run that plans twice does not trace them twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notes {
    /// All of them.
    #[default]
    All,
    /// The plan before the vendor's list is read: traces the decisions that the list cannot change.
    BeforeAsking,
    /// The plan after the vendor's list was read: unchanged videos were traced before.
    AfterAsking,
}

impl Notes {
    /// Whether to trace a video that is paid for under its own key.
    pub(super) fn unchanged(self) -> bool {
        self != Self::AfterAsking
    }

    /// Whether to trace a change.
    pub(super) fn holds(self, change: &Change) -> bool {
        self != Self::BeforeAsking || !(change.submits || change.action == Action::Resolve)
    }
}
