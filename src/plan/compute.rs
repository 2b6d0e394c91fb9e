//! Specs and takes to changes: stub, to be written.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Plan;
use crate::lock::Lockfile;
use crate::source::Sources;
use crate::spec::Video;

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
}

/// The plan for all videos of a project.
pub fn plan(_videos: &[Video], _sources: &Sources, _lockfile: &Lockfile, _options: &PlanOptions) -> Plan {
    Plan::default()
}
