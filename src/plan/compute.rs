//! Specs and takes to changes: one question to the lockfile for each video.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::draft::Draft;
use super::gone::gone;
use super::label::relabel;
use super::planner::Planner;
use super::slot::{ByKey, Content, Expiry, Fresh, Slot, Standing, slots};
use super::summary::{elsewhere_warning, expired_warning, expiring_warning, summarise};
use super::{Action, Change, Plan, PlanOptions, Reason, Relabel, trace};
use crate::lock::{How, Lockfile, State, Take};
use crate::source::Sources;
use crate::spec::{Digest, Video};

/// The plan for all videos of a project.
pub fn plan(videos: &[Video], sources: &Sources, lockfile: &Lockfile, options: &PlanOptions) -> Plan {
    let slots = slots(videos, options);
    let (traced, by_key) = (trace::is_on(), ByKey::new(&slots));
    Planner { slots: &slots, videos, sources, lockfile, options, traced, with_specs: true, by_key }
        .plan(Fresh::default())
}

/// What came of it so far.
#[derive(Default)]
struct Made {
    changes: Vec<Change>,
    relabels: Vec<Relabel>,
    unchanged: u64,
    known: u64,
    /// Wanted keys whose results the vendor has deleted, unsaved.
    expired: Vec<Arc<str>>,
    /// Wanted keys whose results the vendor is about to delete, unsaved.
    expiring: Vec<Arc<str>>,
    /// How many of the submissions are paid for at other hosts.
    elsewhere: BTreeMap<Arc<str>, u64>,
    /// Digests that this plan submits, retries or resolves, with the number of the slot that does it.
    claimed: HashMap<Digest, u32>,
}

impl Made {
    fn tell_expiry(&mut self, key: &Arc<str>, expiry: Expiry) {
        match expiry {
            Expiry::Far => {}
            Expiry::Soon => self.expiring.push(Arc::clone(key)),
            Expiry::Past => self.expired.push(Arc::clone(key)),
        }
    }
}

impl<'a> Planner<'a> {
    /// The plan; `fresh` are the contents of the slots that are, in their order.
    pub(super) fn plan(&self, fresh: Fresh) -> Plan {
        let options = self.options;
        // Much is fresh only where most is new: then no list is copied to grow.
        let most = if fresh.len() == 0 { 0 } else { fresh.len() + self.videos.len() };
        let (changes, claimed) = (Vec::with_capacity(most), HashMap::with_capacity(most));
        let mut made = Made { changes, claimed, ..Made::default() };
        let mut fresh = fresh.into_contents();
        trace::begin(self.slots.len(), options);
        for (index, slot) in self.slots.iter().enumerate() {
            match slot.standing {
                Standing::Settled(expiry) => self.settled(slot, expiry, &mut made),
                Standing::Fresh => {
                    let change = fresh.next().and_then(|content| self.fresh(index, content, &mut made.claimed));
                    made.changes.extend(change);
                }
                Standing::Open(place) => self.decide(index, &self.videos[place as usize], &mut made),
            }
        }
        let mut changes = made.changes;
        gone(self, &mut changes);
        let summary = summarise(&changes, made.unchanged);
        Plan {
            environment: options.environment.clone(),
            host: Arc::clone(&options.host),
            changes,
            known: made.known,
            relabels: made.relabels,
            summary,
            warnings: elsewhere_warning(&made.elsewhere, &options.host)
                .into_iter()
                .chain(expired_warning(&made.expired))
                .chain(expiring_warning(&made.expiring))
                .collect(),
        }
    }

    /// A video that is plainly paid for.
    fn settled(&self, slot: &Slot, expiry: Expiry, made: &mut Made) {
        made.known += 1;
        if self.digest_of(slot).is_some() {
            made.unchanged += 1;
            made.tell_expiry(&slot.key, expiry);
            self.note_paid(slot);
        }
    }

    /// A video of which the lockfile knows neither content nor key.
    fn fresh(&self, index: usize, content: Content, claimed: &mut HashMap<Digest, u32>) -> Option<Change> {
        let slot = &self.slots[index];
        let digest = self.digest_of(slot)?;
        let draft = Draft { index, key: &slot.key, digest: &digest, known: false, content };
        if let Some(owner) = claimed.get(&digest) {
            return Some(self.moved(draft, &self.slots[*owner as usize].key));
        }
        claimed.insert(digest, index as u32);
        let attempt = self.next_attempt(draft.digest);
        Some(Change { submits: true, ..draft.change(Action::Add, Reason::New, attempt) })
    }

    fn decide(&self, index: usize, video: &Video, made: &mut Made) {
        let slot = &self.slots[index];
        let host = &*self.options.host;
        let Some(digest) = &self.digest_of(slot) else {
            made.known += u64::from(self.is_known(&slot.key));
            return;
        };
        let paid = self.lockfile.paid(host, digest, &video.key);
        if let Some(take) = paid.and_then(|take| self.under_own_key(&video.key, digest, take)) {
            made.unchanged += 1;
            made.known += 1;
            let relabel = relabel(video, take);
            if self.traced && self.options.notes.unchanged() {
                trace::unchanged(&video.key, take);
                relabel.iter().for_each(trace::relabelled);
            }
            made.relabels.extend(relabel);
            self.note_expiry(video, take, made);
            return;
        }
        if let Some(take) = paid.filter(|_| self.is_shared(digest)) {
            // Two videos of one content have one take for good: nothing is left to be told or done. Its name is the
            // other key's, which is no label of this one that was changed.
            made.unchanged += 1;
            made.known += 1;
            if self.traced && self.options.notes.unchanged() {
                trace::unchanged(&video.key, take);
            }
            self.note_expiry(video, take, made);
            return;
        }
        let known = self.is_known(&video.key);
        made.known += u64::from(known);
        let content = Content::of(&video.spec, self.with_specs);
        let draft = Draft { index, key: &video.key, digest, known, content };
        if let Some(take) = paid {
            self.note_expiry(video, take, made);
            let change = self.moved(draft, &take.key);
            trace::change(self.options.notes, &change, "the same content is paid for under another key", Some(take));
            made.changes.push(change);
            return;
        }
        if let Some(owner) = made.claimed.get(digest) {
            let change = self.moved(draft, &self.slots[*owner as usize].key);
            trace::change(self.options.notes, &change, "the same content stands earlier in this plan", None);
            made.changes.push(change);
            return;
        }
        let pending = self.lockfile.in_doubt(host, digest).or_else(|| self.lockfile.failed(host, digest));
        if let Some(take) = pending
            && self.is_wanted_as(&take.key, digest)
            && take.key != video.key
        {
            // The key that it was sent for shows it, wherever in the manifest that key stands.
            let change = self.moved(draft, &take.key);
            trace::change(
                self.options.notes,
                &change,
                "the same content was sent for another key, which shows how it stands",
                Some(take),
            );
            made.changes.push(change);
            return;
        }
        made.claimed.insert(*digest, index as u32);
        let change = match pending {
            Some(take) if take.state == State::Intent => {
                draft.change(Action::Resolve, Reason::InDoubt(take.at), take.attempt)
            }
            Some(take) => self.failed(draft, take),
            None => self.wanted(draft, video),
        };
        if let Some(other) = self.lockfile.paid_elsewhere(host, digest).filter(|_| change.submits) {
            *made.elsewhere.entry(Arc::clone(other)).or_default() += 1;
        }
        if self.traced {
            self.note(&change, video, pending);
        }
        made.changes.push(change);
    }

    /// Notes which take paid for a video that was let go, if somebody asks why.
    fn note_paid(&self, slot: &Slot) {
        if !self.traced || !self.options.notes.unchanged() {
            return;
        }
        let take = slot.digest.and_then(|digest| self.lockfile.paid(&self.options.host, &digest, &slot.key));
        if let Some(take) = take {
            trace::unchanged(&slot.key, take);
        }
    }

    /// Notes why a content is not simply paid for.
    fn note(&self, change: &Change, video: &Video, pending: Option<&Take>) {
        let last = self.last_other(&video.key, &change.digest);
        let (why, take) = match (change.action, &change.reason) {
            (Action::Resolve, _) => ("its intent has no answer", pending),
            (Action::Retry, _) if change.submits => {
                ("the vendor failed it, and --retry-failed sends it again", pending)
            }
            (Action::Retry, _) => ("the vendor failed it; --retry-failed sends it again", pending),
            (_, Reason::TakeRaised) => ("`take` was raised", last),
            (Action::Change, _) => ("no take of this content; the key has one of another", last),
            _ => ("no take of this key or content", None),
        };
        trace::change(self.options.notes, change, why, take);
        trace::estimate(self.options.notes, change, &video.spec);
    }

    /// The paid take of a content that stands under this very key, if there is one beside `take`.
    fn under_own_key(&self, key: &str, digest: &Digest, take: &'a Take) -> Option<&'a Take> {
        if *take.key == *key {
            return Some(take);
        }
        let takes = self.lockfile.takes_of_key(&self.options.host, key);
        takes.filter(|take| self.lockfile.content(&take.digest) == *digest && take.state.is_paid()).last()
    }

    /// Whether a take that pays for a content, whoever wants it, stands under the key of a video that has it.
    fn is_shared(&self, digest: &Digest) -> bool {
        let takes = self.lockfile.takes_of(&self.options.host, digest);
        let mut paid = takes.filter(|take| take.state.is_paid() && take.how != Some(How::Accepted));
        paid.any(|take| {
            // Selected or not: what is selected changes nothing of what a video is.
            let slot = self.slot_of(&take.key);
            let found = slot.and_then(|slot| match slot.standing {
                Standing::Open(place) => slot.digest.or_else(|| Some(Digest::of(&self.videos[place as usize].spec))),
                Standing::Settled(_) | Standing::Fresh => slot.digest,
            });
            found == Some(*digest)
        })
    }

    /// Whether a selected video of this key has this content.
    fn is_wanted_as(&self, key: &str, digest: &Digest) -> bool {
        self.slot_of(key).and_then(|slot| self.digest_of(slot)) == Some(*digest)
    }

    fn note_expiry(&self, video: &Video, take: &Take, made: &mut Made) {
        let unsaved = matches!(take.state, State::Submitted | State::Done) && take.how != Some(How::Accepted);
        if unsaved {
            made.tell_expiry(&video.key, Expiry::of(take.at, self.options.now));
        }
    }
}
