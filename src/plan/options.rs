//! How to plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Action, Change};

/// How to plan.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// The environment's name.
    pub environment: String,
    /// The vendor's host, without port.
    pub host: Arc<str>,
    /// Whether failed takes are sent again.
    pub retry_failed: bool,
    /// The keys that count; all when absent. Orphans are listed only when absent.
    pub selected: Option<BTreeSet<Arc<str>>>,
    /// The base keys of videos that had faults: their takes are never orphans.
    pub faulty_bases: BTreeSet<Arc<str>>,
    /// The present time, for the warning of expired results; none, no warning.
    pub now: Option<jiff::Timestamp>,
    /// Which decisions are noted.
    pub notes: Notes,
}

impl PlanOptions {
    pub(super) fn selects(&self, key: &str) -> bool {
        self.selected.as_ref().is_none_or(|keys| keys.contains(key))
    }
}

/// Which decisions of a plan are noted, so that a run that plans twice does not say all twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notes {
    /// All of them.
    #[default]
    All,
    /// The vendor will be asked, and it is planned again: what would be sent and what is in doubt is noted then.
    BeforeAsking,
    /// The vendor was asked: what is unchanged was noted before.
    AfterAsking,
}

impl Notes {
    /// Whether what is paid for under its own key is noted.
    pub(super) fn unchanged(self) -> bool {
        self != Self::AfterAsking
    }

    /// Whether a change is noted.
    pub(super) fn holds(self, change: &Change) -> bool {
        self != Self::BeforeAsking || !(change.submits || change.action == Action::Resolve)
    }
}
