//! The planner: turns specs and takes into changes, with one query of the lockfile per video.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::SignedDuration;
use tracing::{Level, enabled};

use super::planner::{Candidate, Planner, stored_json};
use super::summary::{expired_warning, expiring_warning, other_host_warning, summarize};
use super::unmatched::{add_unmatched, claim_of};
use super::{Action, Change, Plan, PlanOptions, Reason, Relabel, trace};
use crate::lockfile::{Lockfile, Take, TakeSource, TakeState, VENDOR_RETENTION};
use crate::source::Sources;
use crate::spec::{Digest, Video, label_of, submitted_name};

/// Results that the vendor deletes within this time give a warning.
const MAX_LISTED: SignedDuration = SignedDuration::from_hours(48);

/// A placeholder for a marker where only its length counts.
const ANY_MARKER: &str = "0000000000";

/// Returns the plan for all videos of a project, in manifest order.
pub fn plan(videos: &[Video], sources: &Sources, lockfile: &Lockfile, options: &PlanOptions) -> Plan {
    let by_key = videos.iter().zip(0..).map(|(video, index)| (&*video.key, index)).collect();
    Planner { videos, by_key, sources, lockfile, options, traced: enabled!(Level::DEBUG) }.plan()
}

/// The plan so far.
#[derive(Default)]
struct PlanBuilder {
    changes: Vec<Change>,
    relabels: Vec<Relabel>,
    unchanged: u64,
    previously_paid: u64,
    /// Keys of declared videos whose results the vendor has deleted, unsaved.
    expired: Vec<Arc<str>>,
    /// Keys of declared videos whose results the vendor will soon delete, unsaved.
    expiring: Vec<Arc<str>>,
    /// Number of submissions that are paid for at other hosts, by host.
    elsewhere: BTreeMap<Arc<str>, u64>,
    /// Digests that this plan submits, retries or resolves, with the index of the video.
    claimed: HashMap<Digest, usize>,
}

impl Planner<'_> {
    fn plan(&self) -> Plan {
        let options = self.options;
        let mut made = PlanBuilder::default();
        trace::trace_start(self.videos.len(), options);
        for index in 0..self.videos.len() {
            self.decide(index, &mut made);
        }
        let mut changes = made.changes;
        add_unmatched(self, &mut changes);
        let summary = summarize(&changes, made.unchanged);
        Plan {
            environment: options.environment.clone(),
            host: Arc::clone(&options.host),
            changes,
            previously_paid: made.previously_paid,
            relabels: made.relabels,
            summary,
            warnings: other_host_warning(&made.elsewhere, &options.host)
                .into_iter()
                .chain(expired_warning(&made.expired))
                .chain(expiring_warning(&made.expiring))
                .collect(),
        }
    }

    fn decide(&self, index: usize, made: &mut PlanBuilder) {
        let video = &self.videos[index];
        let digest = &video.digest;
        let host = &*self.options.host;
        if !self.options.selects(&video.key) {
            made.previously_paid += u64::from(self.has_paid_take(&video.key));
            return;
        }
        let paid = self.lockfile.paid(host, digest, &video.key);
        let own = paid.and_then(|take| self.under_own_key(&video.key, digest, take));
        // Two videos with one content share one take permanently: there is nothing to report or do. The name at the
        // vendor is that of the other key, so it is not a changed label of this one.
        if let Some(take) = own.or_else(|| paid.filter(|_| self.is_shared(digest))) {
            made.unchanged += 1;
            made.previously_paid += 1;
            let relabel = own.and_then(|take| relabel(video, take));
            if self.traced && self.options.trace.unchanged() {
                trace::unchanged(&video.key, take);
                relabel.iter().for_each(trace::relabeled);
            }
            made.relabels.extend(relabel);
            self.note_expiry(video, take, made);
            return;
        }
        let previously_paid = self.has_paid_take(&video.key);
        made.previously_paid += u64::from(previously_paid);
        let candidate = Candidate { index, video, previously_paid };
        let pending = self.lockfile.in_doubt(host, digest).or_else(|| self.lockfile.failed(host, digest));
        let same = if let Some(take) = paid {
            self.note_expiry(video, take, made);
            Some((&take.key, "the same content is paid for under another key", Some(take)))
        } else if let Some(owner) = made.claimed.get(digest) {
            Some((&self.videos[*owner].key, "the same content is earlier in this plan", None))
        } else {
            // The key that it was sent for shows it, wherever in the manifest that key is declared.
            let other = pending.filter(|take| take.key != video.key && self.is_wanted_as(&take.key, digest));
            other
                .map(|take| (&take.key, "the same content was sent for another key, which shows its state", Some(take)))
        };
        if let Some((other, why, take)) = same {
            let change = self.moved(&candidate, other);
            trace::change(self.options.trace, &change, why, take);
            made.changes.push(change);
            return;
        }
        made.claimed.insert(*digest, index);
        let change = match pending {
            Some(take) if take.state == TakeState::Intent => {
                let change = candidate.change(Action::Resolve, Reason::InDoubt(take.at), take.attempt);
                Change { claim: claim_of(self.lockfile, take), ..change }
            }
            Some(take) => self.failed(&candidate, take),
            None => self.wanted(&candidate),
        };
        if let Some(other) = self.lockfile.paid_at_other_host(host, digest).filter(|_| change.submits) {
            *made.elsewhere.entry(Arc::clone(other)).or_default() += 1;
        }
        if self.traced {
            self.note(&change, video, pending);
        }
        made.changes.push(change);
    }

    /// Records why a content is not simply paid for.
    fn note(&self, change: &Change, video: &Video, pending: Option<&Take>) {
        let last = self.last_other(&video.key, &change.digest);
        let (why, take) = match (change.action, &change.reason) {
            (Action::Resolve, _) => ("its intent has no response", pending),
            (Action::Retry, _) if change.submits => {
                ("it failed at the vendor, and --retry-failed sends it again", pending)
            }
            (Action::Retry, _) => ("it failed at the vendor; --retry-failed sends it again", pending),
            (_, Reason::TakeRaised) => ("`take` was raised", last),
            (Action::Change, _) => ("no take of this content; the key has one of another", last),
            _ => ("no take of this key or content", None),
        };
        trace::change(self.options.trace, change, why, take);
        trace::estimate(self.options.trace, change, &video.spec);
    }

    fn note_expiry(&self, video: &Video, take: &Take, made: &mut PlanBuilder) {
        let unsaved =
            matches!(take.state, TakeState::Submitted | TakeState::Done) && take.how != Some(TakeSource::Accepted);
        let Some(now) = self.options.now.filter(|_| unsaved) else { return };
        let left = VENDOR_RETENTION - now.duration_since(take.at);
        if left.is_negative() {
            made.expired.push(Arc::clone(&video.key));
        } else if left < MAX_LISTED {
            made.expiring.push(Arc::clone(&video.key));
        }
    }
}

/// Returns the changed label of a paid take. Parses the stored spec only if its label may differ.
fn relabel(video: &Video, take: &Take) -> Option<Relabel> {
    let wanted = video.spec.name();
    let sent = take.name.as_deref().map(label_of);
    if sent == Some(wanted) {
        return None;
    }
    let stored = stored_json(take).and_then(|spec| Some(spec.get("name")?.as_str()?.to_owned()));
    let before = match stored {
        Some(name) if name == wanted => return None,
        Some(name) => name,
        // A long label was truncated when it was submitted.
        None if sent.is_none_or(|label| label == label_of(&submitted_name(wanted, ANY_MARKER))) => return None,
        None => sent.unwrap_or_default().to_owned(),
    };
    Some(Relabel { key: Arc::clone(&video.key), before, after: wanted.to_owned() })
}
