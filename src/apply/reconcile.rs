//! Reconciles the lockfile with the vendor's list: takes in doubt, and takes that another lockfile paid for.

use std::collections::HashSet;
use std::iter::once;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::absence_proof::{AbsenceProof, is_draft};
use super::{
    AdoptedTake, ApplyEvent, ApplyOptions, DesiredVideo, FreedTake, PlannedSubmission, Reconciliation, TakeInDoubt,
    records,
};
use crate::ledger::is_elsewhere;
use crate::lockfile::{Lockfile, Record, Take, TakeSource, TakeState, VENDOR_RETENTION};
use crate::spec::{Digest, earlier_digests, marker, submitted_name};
use crate::vendor::{ListedVideo, MarkerIndex};

/// The vendor's status of a failed video.
const FAILED: i64 = 3;

/// Number of attempts per block of the search for submissions that the lockfile lacks.
const SEARCH_BLOCK: u32 = 64;

/// The vendor's list of videos.
#[derive(Clone, Debug)]
pub struct VendorListing {
    /// All videos.
    pub videos: Vec<ListedVideo>,
    /// The time before the first request, by our own clock.
    pub taken_at: Timestamp,
}

impl Reconciliation {
    /// Returns the events to report.
    pub fn events(&self) -> impl Iterator<Item = ApplyEvent> {
        let adopted = self.adopted.iter().cloned().map(ApplyEvent::Adopted);
        let freed = self.freed.iter().cloned().map(ApplyEvent::Freed);
        let warnings = self.warnings.iter().map(|message| ApplyEvent::Warning { message: message.clone() });
        adopted.chain(freed).chain(warnings)
    }
}

/// Settles the takes in doubt, and adopts listed videos that the manifests declare.
///
/// Only the marker in its name identifies a video as ours. A freed take that is listed was accepted after all. Our own
/// times determine the order of takes. The vendor's clock only chooses among several videos with one marker.
pub fn reconcile(
    listing: &VendorListing,
    lockfile: &Lockfile,
    wanted: &[DesiredVideo],
    options: &ApplyOptions,
    now: Timestamp,
) -> Reconciliation {
    let index = MarkerIndex::new(&listing.videos);
    let mut reconciler = Reconciler::new(&index, lockfile, options, now);
    let absent = reconciler.known();
    let unpaid = wanted.iter().filter(|one| lockfile.paid(&options.host, &one.digest, &one.key).is_none());
    reconciler.unknown(unpaid);
    tracing::debug!(
        listed = listing.videos.len(),
        in_doubt_and_not_listed = absent.len(),
        adopted = reconciler.made.adopted.len(),
        "settling",
    );
    let proof = AbsenceProof::new(&index, listing.taken_at, options, lockfile);
    for take in absent {
        match proof.prove(take) {
            Ok(()) => reconciler.free(take),
            Err(reason) => reconciler.stay_in_doubt(take, reason),
        }
    }
    reconciler.made
}

/// Adopts all listed videos that the manifests declare, and frees nothing: for a lockfile that was lost.
pub fn rebuild(
    listing: &VendorListing,
    lockfile: &Lockfile,
    wanted: &[DesiredVideo],
    options: &ApplyOptions,
    now: Timestamp,
) -> Reconciliation {
    let index = MarkerIndex::new(&listing.videos);
    let mut reconciler = Reconciler::new(&index, lockfile, options, now);
    let absent = reconciler.known();
    reconciler.unknown(wanted.iter());
    for take in absent {
        reconciler.stay_in_doubt(take, "the vendor's list does not show it".to_owned());
    }
    reconciler.made
}

/// One reconciliation in progress.
struct Reconciler<'a> {
    index: &'a MarkerIndex<'a>,
    lockfile: &'a Lockfile,
    host: &'a Arc<str>,
    run: &'a Option<Arc<str>>,
    now: Timestamp,
    /// Maximum distance of the vendor's time of a video from that of its intent.
    window: SignedDuration,
    /// The list ids that the lockfile already has.
    taken: HashSet<&'a str>,
    made: Reconciliation,
}

impl<'a> Reconciler<'a> {
    fn new(index: &'a MarkerIndex<'a>, lockfile: &'a Lockfile, options: &'a ApplyOptions, now: Timestamp) -> Self {
        let ApplyOptions { host, settle_grace, run, .. } = options;
        // The answer in a torn line is in doubt too, so its id does not block the take itself.
        let here = lockfile.lines().filter(|line| *line.host == **host && line.state != TakeState::Intent);
        let taken = here.filter_map(|line| line.video.as_deref()).collect();
        // The vendor's times are in whole seconds.
        let window = SignedDuration::try_from(*settle_grace).unwrap_or(SignedDuration::MAX);
        let window = window.saturating_add(SignedDuration::from_secs(1));
        Self { index, lockfile, host, run, now, window, taken, made: Reconciliation::default() }
    }

    /// Checks the takes of the lockfile against the list. Returns those in doubt that the list does not show.
    fn known(&mut self) -> Vec<&'a Take> {
        let mut absent = Vec::new();
        let lockfile = self.lockfile;
        for take in lockfile.takes_in_doubt(self.host) {
            if let Some(until) = take.until.filter(|_| is_elsewhere(take, self.run.as_deref(), self.now)) {
                // Its run may still send it, so not even a list can settle it.
                let who = take.run.as_deref().map_or("another run", |run| lockfile.who(run));
                self.stay_in_doubt(take, format!("claimed by {who} until {until:.0}"));
                continue;
            }
            match self.find_take(take) {
                MarkerMatch::Video(video) => self.adopt(take.clone(), video, take.at),
                MarkerMatch::Draft(video) => {
                    self.stay_in_doubt(take, format!("the vendor lists it as a draft, video `{}`", video.id));
                }
                MarkerMatch::Known => {
                    self.stay_in_doubt(take, "the vendor lists it as a video of another take".to_owned());
                }
                MarkerMatch::Nothing => absent.push(take),
            }
        }
        for take in lockfile.takes().filter(|take| *take.host == **self.host) {
            if matches!(take.state, TakeState::Intent | TakeState::Forgotten) {
                continue;
            }
            let freed = take.state == TakeState::Freed;
            match self.find_take(take) {
                MarkerMatch::Video(video) if freed => {
                    self.warn(format!(
                        "`{}` was freed as not accepted, but the vendor lists it as video `{}`: adopted",
                        take.key, video.id
                    ));
                    self.adopt(take.clone(), video, self.made_at(video));
                }
                MarkerMatch::Draft(video) if freed => self.warn(format!(
                    "`{}` was freed as not accepted, but the vendor lists it as a draft, video `{}`",
                    take.key, video.id
                )),
                MarkerMatch::Video(video) if take.how == Some(TakeSource::Accepted) => {
                    self.adopt(take.clone(), video, self.made_at(video));
                }
                _ => {}
            }
        }
        absent
    }

    /// Searches the list for takes of declared content that the lockfile lacks.
    fn unknown(&mut self, wanted: impl Iterator<Item = &'a DesiredVideo>) {
        // A list without markers saves the first apply of many videos 64 hashes per video.
        if self.index.is_empty() {
            return;
        }
        let (host, now) = (self.host, self.now);
        let mut seen = HashSet::new();
        for one in wanted.filter(|one| seen.insert(&one.digest)) {
            let takes = self.lockfile.takes_of(host, &one.digest);
            let known: HashSet<(Digest, u32)> = takes.map(|take| (take.digest, take.attempt)).collect();
            // An earlier version may have submitted it with the marker of its earlier digest.
            let names: Vec<Digest> = once(one.digest).chain(earlier_digests(&one.spec)).collect();
            let mut attempt = 0;
            let mut last = block_after(self.lockfile.last_attempt(host, &one.digest));
            while attempt < last {
                attempt += 1;
                // A known take under one digest does not use this attempt of the other digests: another checkout, with
                // another version, may have used it.
                for name in names.iter().filter(|name| !known.contains(&(**name, attempt))) {
                    let marker = marker(name, attempt);
                    if self.index.with_marker(&marker).is_empty() {
                        continue;
                    }
                    last = last.max(block_after(attempt));
                    let mut line = records::intent(&PlannedSubmission::new(one, attempt), host, now);
                    if known.contains(&(one.digest, attempt)) {
                        // The current digest already has this attempt, so this is a separate take. The earlier digest
                        // was not computed from the current spec.
                        let submitted = submitted_name(one.spec.name(), &marker);
                        line = Take { digest: *name, name: Some(submitted), spec: None, ..line };
                    }
                    match self.find(&Take { state: TakeState::Freed, ..line.clone() }, &marker) {
                        MarkerMatch::Video(video) => self.adopt(line, video, self.made_at(video)),
                        // Another run submits or submitted it. A line in doubt prevents a second submission.
                        MarkerMatch::Draft(video) => {
                            self.stay_in_doubt(&line, format!("the vendor lists it as a draft, video `{}`", video.id));
                            self.made.records.push(Record::Take(line));
                        }
                        MarkerMatch::Nothing | MarkerMatch::Known => {}
                    }
                }
            }
        }
    }

    /// Searches like [`Self::find`], by each marker that the take's content ever had.
    fn find_take(&mut self, take: &Take) -> MarkerMatch<'a> {
        for name in self.lockfile.digests_of(take.digest) {
            match self.find(take, &marker(&name, take.attempt)) {
                MarkerMatch::Nothing => {}
                found => return found,
            }
        }
        MarkerMatch::Nothing
    }

    /// Returns the video to adopt for a take among those with a marker. Several were each paid for, so all are
    /// reported.
    ///
    /// Several runs may have used one attempt. Then the take's own video is the one whose time matches its intent:
    /// within the grace period plus a second, before or after, with the vendor's time read as UTC. If not exactly one
    /// matches, it is the earliest that no other take has. Videos that failed at the vendor come last, because the
    /// others pay for the content.
    fn find(&mut self, take: &Take, marker: &str) -> MarkerMatch<'a> {
        let bearing = self.index.with_marker(marker);
        let mut made: Vec<&ListedVideo> = bearing.iter().copied().filter(|video| !is_draft(video)).collect();
        let listed = made.len();
        if listed > 1 {
            let ids: Vec<String> = made.iter().map(|video| format!("`{}`", video.id)).collect();
            self.warn(format!(
                "`{}` exists {listed} times at the vendor, as videos {}: another run paid for all but one",
                take.key,
                ids.join(", ")
            ));
        }
        made.retain(|video| !self.taken.contains(video.id.as_str()));
        made.sort_by_key(|video| (is_failed(video), video.created.is_none(), video.created, video.id.as_str()));
        let Some(first) = made.first() else {
            return match bearing.first() {
                Some(_) if listed > 0 => MarkerMatch::Known,
                Some(draft) => MarkerMatch::Draft(draft),
                None => MarkerMatch::Nothing,
            };
        };
        let mut fitting =
            made.iter().filter(|video| is_failed(video) == is_failed(first) && self.time_matches(take, video));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => MarkerMatch::Video(only),
            _ => MarkerMatch::Video(first),
        }
    }

    /// Whether the vendor's time of a video is close to that of a take's intent, if that time is known.
    fn time_matches(&self, take: &Take, video: &ListedVideo) -> bool {
        let sent = take.state == TakeState::Intent && take.name.is_some() && take.spec.is_some();
        sent && video.created.is_some_and(|created| created.duration_since(take.at).abs() <= self.window)
    }

    /// Returns the creation time of a video without an intent: the vendor's time if it is plausible, else now.
    fn made_at(&self, video: &ListedVideo) -> Timestamp {
        // An earlier time would mean that the vendor has deleted the result. But it lists the result.
        let believed = |made: &Timestamp| *made <= self.now && self.now.duration_since(*made) < VENDOR_RETENTION;
        video.created.filter(believed).unwrap_or(self.now)
    }

    /// Adopts a video. `at` is the time of its submission, if known.
    fn adopt(&mut self, known: Take, video: &'a ListedVideo, at: Timestamp) {
        self.taken.insert(&video.id);
        let failed = is_failed(video);
        tracing::debug!(
            key = &*known.key,
            attempt = known.attempt,
            marker = marker(&known.digest, known.attempt),
            video = video.id,
            status = video.status,
            "adopted: the list shows its marker",
        );
        self.made.adopted.push(AdoptedTake {
            key: known.key.clone(),
            digest: known.digest,
            attempt: known.attempt,
            video: video.id.clone(),
            failed,
        });
        let known = Take { host: self.host.clone(), ..known };
        self.made.records.push(Record::Take(records::adopted(known, &video.id, failed, at)));
    }

    fn free(&mut self, take: &Take) {
        let Take { key, digest, attempt, .. } = take.clone();
        self.made.freed.push(FreedTake { key, digest, attempt });
        let take = Take { host: self.host.clone(), ..take.clone() };
        self.made.records.push(Record::Take(records::freed(take, self.now)));
    }

    fn stay_in_doubt(&mut self, take: &Take, mut reason: String) {
        if let Some(message) = &take.message {
            reason = format!("the vendor answered {message}; {reason}");
        }
        tracing::debug!(key = &*take.key, attempt = take.attempt, since = %take.at, reason, "still in doubt");
        let Take { key, digest, attempt, at: since, .. } = take.clone();
        self.made.in_doubt.push(TakeInDoubt { key, digest, attempt, since, reason });
    }

    fn warn(&mut self, warning: String) {
        if !self.made.warnings.contains(&warning) {
            self.made.warnings.push(warning);
        }
    }
}

/// The state of one marker in the list.
enum MarkerMatch<'a> {
    /// A video that can be adopted.
    Video(&'a ListedVideo),
    /// A draft, which may never have been rendered.
    Draft(&'a ListedVideo),
    /// Only videos that the lockfile already has.
    Known,
    /// No video.
    Nothing,
}

/// Returns the last attempt to search if this one is the highest known or found: one block after its own.
fn block_after(attempt: u32) -> u32 {
    attempt.div_ceil(SEARCH_BLOCK).saturating_add(1).saturating_mul(SEARCH_BLOCK)
}

/// Whether a video failed at the vendor. A file outranks every status.
fn is_failed(video: &ListedVideo) -> bool {
    video.results.is_empty() && video.status == Some(FAILED)
}
