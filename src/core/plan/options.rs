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
    pub invalid_base_keys: BTreeSet<Arc<str>>,
    /// The current time, to warn of expired results. `None` gives no warning.
    pub now: Option<jiff::Timestamp>,
    /// The decisions to trace.
    pub trace: TraceScope,
}

impl PlanOptions {
    pub(super) fn selects(&self, key: &str) -> bool {
        self.selected.as_ref().is_none_or(|keys| keys.contains(key))
    }
}

/// The decisions of a plan that are traced, so that a run that plans twice does not trace them twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TraceScope {
    /// All of them.
    #[default]
    All,
    /// The plan before the vendor's list is read: traces the decisions that the list cannot change.
    BeforeListing,
    /// The plan after the vendor's list was read: unchanged videos were traced before.
    AfterListing,
}

impl TraceScope {
    /// Whether to trace a video that is paid for under its own key.
    pub(super) fn unchanged(self) -> bool {
        self != Self::AfterListing
    }

    /// Whether to trace a change.
    pub(super) fn covers(self, change: &Change) -> bool {
        self != Self::BeforeListing || !(change.submits || change.action == Action::Resolve)
    }
}
