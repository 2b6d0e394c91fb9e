//! What a plan asks while it is made: of the slots, of the lockfile.

use serde_json::Value;

use super::PlanOptions;
use super::slot::{ByKey, Slot};
use crate::lock::{Lockfile, State, Take};
use crate::source::{Pieces, Sources};
use crate::spec::{Digest, SpecText, Video};

/// What is looked at.
pub(super) struct Planner<'a> {
    /// Every video of the project, in manifest order.
    pub(super) slots: &'a Pieces<Slot>,
    /// Those that more may have to be told of than that they are new, as the slots number them.
    pub(super) videos: &'a [Video],
    pub(super) sources: &'a Sources,
    pub(super) lockfile: &'a Lockfile,
    pub(super) options: &'a PlanOptions,
    /// Whether somebody asks why.
    pub(super) traced: bool,
    /// Whether changes carry the specs that they are about.
    pub(super) with_specs: bool,
    /// The slot of each key.
    pub(super) by_key: ByKey<'a>,
}

impl<'a> Planner<'a> {
    /// The slot of a key.
    pub(super) fn slot_of(&self, key: &str) -> Option<&'a Slot> {
        self.by_key.get(key)
    }

    /// The digest of a slot, if it is selected.
    pub(super) fn digest_of(&self, slot: &Slot) -> Option<Digest> {
        slot.digest.filter(|_| self.options.selects(&slot.key))
    }

    /// Whether the key has a paid take, of whatever content.
    pub(super) fn is_known(&self, key: &str) -> bool {
        self.lockfile.takes_of_key(&self.options.host, key).any(|take| take.state.is_paid())
    }

    /// The number of the next submission of a content.
    pub(super) fn next_attempt(&self, digest: &Digest) -> u32 {
        self.lockfile.next_attempt(&self.options.host, digest)
    }

    /// The take of the key that the wanted content replaces: the last paid one, else the last failed one.
    pub(super) fn last_other(&self, key: &str, digest: &Digest) -> Option<&Take> {
        let mut last = None;
        let takes = self.lockfile.takes_of_key(&self.options.host, key);
        for take in takes.filter(|take| self.lockfile.content(&take.digest) != *digest) {
            let holds = last.is_some_and(|last: &Take| last.state.is_paid());
            if take.state.is_paid() || (take.state == State::Failed && !holds) {
                last = Some(take);
            }
        }
        last
    }

    /// A stored spec as a change carries it, where changes do.
    pub(super) fn text(&self, spec: Option<&Value>) -> Option<SpecText> {
        spec.filter(|_| self.with_specs).map(SpecText::from)
    }
}
