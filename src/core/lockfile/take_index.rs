//! The folded set: one record per take, found by host and digest, by key, or in order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, btree_map, hash_map};
use std::sync::Arc;

use jiff::Timestamp;

use super::digest_aliases::DigestAliases;
use super::fold::FoldedTake;
use super::host_takes::{HostTakes, TakeIds};
use super::record_line::Header;
use super::take::to_json;
use super::{Asset, Record, Run, StoredSpec, Take, TakeId, TakeSource, TakeState};
use crate::spec::{Digest, current_digest};

/// The host of an intent from a torn line that names none. It counts at every host.
pub const ANY_HOST: &str = "";

/// Maximum attempt that raises the next one. A larger one is an error: it is known but raises nothing, so that every
/// content has a next attempt.
const MAX_RAISING_ATTEMPT: u32 = 9_999;

/// All takes and assets, folded. If a take has several lines, the highest rank wins, then the latest time.
#[derive(Clone, Debug, Default)]
pub struct Lockfile {
    hosts: HashMap<Arc<str>, HostTakes>,
    assets: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Asset>>,
    aliases: DigestAliases,
    runs: BTreeMap<Arc<str>, Run>,
    pub(super) header: Header,
}

/// The header of a shared ledger's lockfile, as runs and takes with a run imply it.
const SHARED: Header = Header { version: 2, home: None, closed: None };

impl Lockfile {
    /// Folds a record into the set. The order of insertion never matters.
    pub fn insert(&mut self, record: Record) {
        match record {
            Record::Take(take) => self.insert_take(take),
            Record::Asset(asset) => self.insert_asset(asset),
            Record::Run(run) => self.insert_run(run),
        }
    }

    /// Folds a header in: one set has one home, and closed stays closed.
    pub(super) fn insert_header(&mut self, header: &Header) {
        self.header.version = self.header.version.max(header.version);
        self.header.home = self.header.home.take().max(header.home.clone());
        self.header.closed = self.header.closed.max(header.closed);
    }

    /// Makes it a lockfile of the shared ledger at `home`.
    pub fn share(&mut self, home: &str) {
        self.insert_header(&Header { home: Some(home.into()), ..SHARED });
    }

    /// Ends the shared ledger.
    pub fn close(&mut self, at: Timestamp) {
        self.insert_header(&Header { closed: Some(at), ..SHARED });
    }

    /// Whether it belongs to a shared ledger, so that it is written in version 2.
    pub fn is_shared(&self) -> bool {
        self.header.version > 1
    }

    /// Where the shared ledger is: the remote, as host and path.
    pub fn home(&self) -> Option<&str> {
        self.header.home.as_deref()
    }

    /// When the shared ledger was closed.
    pub fn closed(&self) -> Option<Timestamp> {
        self.header.closed
    }

    /// The runs of a shared ledger, by id.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.values()
    }

    /// A run by its id.
    pub fn run(&self, id: &str) -> Option<&Run> {
        self.runs.get(id)
    }

    /// Who a run was, for messages: `github run 812/1`, else its id.
    pub fn who<'a>(&'a self, id: &'a str) -> &'a str {
        self.run(id).map_or(id, |run| &run.who)
    }

    fn insert_run(&mut self, run: Run) {
        self.insert_header(&SHARED);
        let text = |run: &Run| (run.at, to_json(run));
        if self.runs.get(&run.run).is_none_or(|known| text(&run) > text(known)) {
            self.runs.insert(Arc::clone(&run.run), run);
        }
    }

    /// Folds all records of another lockfile into this one.
    pub fn union(&mut self, other: &Self) {
        for take in other.lines() {
            self.insert_take(take.clone());
        }
        for asset in other.assets() {
            self.insert_asset(asset.clone());
        }
        self.aliases.union(&other.aliases);
        for run in other.runs() {
            self.insert_run(run.clone());
        }
        self.insert_header(&other.header);
    }

    /// Records the digest that an earlier version computed for a content. Its earlier takes then count for the content.
    ///
    /// Takes that store their spec are found by it. This method is for takes that do not.
    pub fn add_digest_alias(&mut self, today: Digest, earlier: Digest) {
        self.aliases.insert(today, earlier);
    }

    /// Returns the current digest for a digest of any version.
    pub fn current_digest(&self, digest: &Digest) -> Digest {
        self.aliases.current(digest)
    }

    /// Returns all digests that a content ever had, the current one first.
    pub fn digests_of(&self, digest: Digest) -> impl DoubleEndedIterator<Item = Digest> + Clone {
        std::iter::once(digest).chain(self.aliases.earlier(digest).iter().copied())
    }

    /// Registers the digest of a take, if an earlier version computed it. The spec must be in memory: one that stays in
    /// its file is registered before.
    pub(super) fn add_earlier_digest(&mut self, take: &Take) {
        if let Some(today) = take.spec.as_ref().and_then(StoredSpec::in_memory).and_then(current_digest) {
            self.aliases.insert(today, take.digest);
        }
    }

    fn insert_take(&mut self, mut take: Take) {
        // Hosts and keys are shared: a hundred thousand lines name one host.
        if let Some((known, _)) = self.hosts.get_key_value(&take.host) {
            take.host = Arc::clone(known);
        }
        self.add_earlier_digest(&take);
        if take.run.is_some() {
            self.insert_header(&SHARED);
        }
        let host = self.hosts.entry(Arc::clone(&take.host)).or_default();
        let id = (take.digest, take.attempt);
        match host.keys.entry(Arc::clone(&take.key)) {
            hash_map::Entry::Occupied(mut known) => {
                take.key = Arc::clone(known.key());
                known.get_mut().insert(id);
            }
            hash_map::Entry::Vacant(free) => {
                free.insert(TakeIds::One(id));
            }
        }
        host.insert(take);
    }

    fn insert_asset(&mut self, asset: Asset) {
        let hosts = self.assets.entry(Arc::clone(&asset.asset)).or_default();
        match hosts.entry(Arc::clone(&asset.host)) {
            btree_map::Entry::Occupied(mut known) => {
                if (asset.at, &asset.id) > (known.get().at, &known.get().id) {
                    known.insert(asset);
                }
            }
            btree_map::Entry::Vacant(free) => {
                free.insert(asset);
            }
        }
    }

    /// Whether a take is known, in any state.
    pub fn has_take(&self, id: &TakeId) -> bool {
        self.hosts.get(&id.host).is_some_and(|host| host.entry(&(id.digest, id.attempt)).is_some())
    }

    /// Whether no take, asset or run is known.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.assets.is_empty() && self.runs.is_empty()
    }

    /// Returns the takes in file order: by key, then time, then digest and attempt.
    pub fn takes(&self) -> impl Iterator<Item = &Take> {
        in_file_order(self.entries().map(FoldedTake::folded))
    }

    /// Returns the takes at a host that `counts` selects, in file order.
    pub fn takes_where(&self, host: &str, counts: impl Fn(&Take) -> bool) -> impl Iterator<Item = &Take> {
        let here = self.hosts.get(host).into_iter().flat_map(HostTakes::all).map(FoldedTake::folded);
        in_file_order(here.filter(|take| counts(take)))
    }

    /// Returns the lines of each take at a host, the greatest first. The takes are unordered.
    pub fn lines_of_takes(&self, host: &str) -> impl Iterator<Item = &[Take]> {
        self.hosts.get(host).into_iter().flat_map(HostTakes::all).map(FoldedTake::lines)
    }

    /// Returns the lines that the file must keep, in file order. That is one line per take, or more if a lower line has
    /// what a higher one lacks.
    pub fn lines(&self) -> impl Iterator<Item = &Take> {
        in_file_order(self.entries().flat_map(FoldedTake::lines))
    }

    fn entries(&self) -> impl Iterator<Item = &FoldedTake> {
        self.hosts.values().flat_map(HostTakes::all)
    }

    /// Returns the assets, by content and host.
    pub fn assets(&self) -> impl Iterator<Item = &Asset> {
        self.assets.values().flat_map(BTreeMap::values)
    }

    /// Returns the takes of a content at a host, by attempt. Those with an earlier digest come first.
    pub fn takes_of(&self, host: &str, digest: &Digest) -> impl Iterator<Item = &Take> {
        self.entries_of(host, digest).map(FoldedTake::folded)
    }

    fn entries_of(&self, host: &str, digest: &Digest) -> impl DoubleEndedIterator<Item = &FoldedTake> {
        let names = self.digests_of(*digest).rev();
        self.hosts.get(host).into_iter().flat_map(move |host| names.clone().flat_map(|name| host.entries(name)))
    }

    /// Returns the takes with a key at a host, oldest first.
    pub fn takes_of_key(&self, host: &str, key: &str) -> impl Iterator<Item = &Take> {
        let here = self.hosts.get(host).into_iter();
        in_file_order(here.flat_map(|host| {
            let ids = host.keys.get(key).into_iter().flat_map(TakeIds::iter);
            ids.filter_map(|id| host.entry(id)?.under_key(key))
        }))
    }

    /// Returns the take that makes a submission unnecessary: submitted, done or pulled. A take that the user accepted
    /// counts only for its own key.
    pub fn paid(&self, host: &str, digest: &Digest, key: &str) -> Option<&Take> {
        self.entries_of(host, digest).rev().find_map(|entry| entry.paid(key))
    }

    /// Whether a take pays for a digest under the same key, so that a plan need not compare anything else.
    pub fn pays_for_key(&self, host: &str, digest: &Digest, key: &str) -> bool {
        self.paid(host, digest, key).is_some_and(|take| *take.key == *key)
    }

    /// Returns another host at which a digest is paid for, under any key. The first by name.
    pub fn paid_at_other_host(&self, host: &str, digest: &Digest) -> Option<&Arc<str>> {
        let others = self.hosts.iter().filter(|(name, _)| ***name != *host);
        let paid = |other: &HostTakes| {
            self.digests_of(*digest).any(|name| other.entries(name).any(FoldedTake::is_paid_for_all))
        };
        others.filter(|(_, other)| paid(other)).map(|(name, _)| name).min()
    }

    /// Returns the digest's intent without a response, if any. Of several, the highest attempt.
    pub fn in_doubt(&self, host: &str, digest: &Digest) -> Option<&Take> {
        let doubtful = |take: &&Take| take.state == TakeState::Intent;
        let here = self.entries_of(host, digest).rev().map(FoldedTake::folded).find(doubtful);
        here.or_else(|| {
            let mut unplaced = self.entries_of(ANY_HOST, digest).rev().map(FoldedTake::folded).filter(doubtful);
            unplaced.find(|take| !self.answers(host, take))
        })
    }

    /// Whether a host has an attempt that answers an intent without a host: the same one, or a later one that counts.
    fn answers(&self, host: &str, unplaced: &Take) -> bool {
        let later = unplaced.attempt..=MAX_RAISING_ATTEMPT;
        let content = self.current_digest(&unplaced.digest);
        let mut known = self.entries_of(host, &content).map(FoldedTake::attempt);
        known.any(|attempt| attempt == unplaced.attempt || later.contains(&attempt))
    }

    /// Returns all intents without a response at a host, in file order. Includes those of torn lines that name no host.
    pub fn takes_in_doubt(&self, host: &str) -> impl Iterator<Item = &Take> {
        let at = |host: &str| self.hosts.get(host).into_iter().flat_map(HostTakes::all).map(FoldedTake::folded);
        let elsewhere = if host == ANY_HOST { None } else { Some(at(ANY_HOST)) };
        let unplaced = elsewhere.into_iter().flatten().filter(|take| !self.answers(host, take));
        in_file_order(at(host).chain(unplaced).filter(|take| take.state == TakeState::Intent))
    }

    /// Returns the failed take that decides a digest: no later attempt, nothing paid, nothing in doubt.
    ///
    /// A take that the user accepted for one key does not decide the digest: query [`Lockfile::paid`] with the key
    /// first.
    pub fn failed(&self, host: &str, digest: &Digest) -> Option<&Take> {
        if self.entries_of(host, digest).any(FoldedTake::is_paid_for_all) {
            return None;
        }
        // An attempt above the next one, from a typo or another branch, implies nothing about later submissions.
        let next = self.next_attempt(host, digest);
        let sent = self.takes_of(host, digest).filter(|take| take.how != Some(TakeSource::Accepted));
        let last = sent.max_by_key(|take| (take.attempt < next, take.attempt));
        let last = last.filter(|take| take.state == TakeState::Failed)?;
        if self.in_doubt(host, digest).is_some() { None } else { Some(last) }
    }

    /// Returns the next attempt of a digest: the lowest that no line has, above all finished ones.
    ///
    /// While an attempt is in doubt, nothing may be submitted: query [`Lockfile::in_doubt`] first.
    pub fn next_attempt(&self, host: &str, digest: &Digest) -> u32 {
        let over = self.last_over(host, digest);
        let mut used: Vec<u32> = self.attempts(host, digest).filter(|attempt| *attempt > over).collect();
        used.sort_unstable();
        used.dedup();
        used.into_iter()
            .fold(over.saturating_add(1), |next, used| if used == next { next.saturating_add(1) } else { next })
    }

    /// Returns the highest attempt of a digest that this lockfile knows or implies.
    pub fn last_attempt(&self, host: &str, digest: &Digest) -> u32 {
        let known = self.attempts(host, digest).filter(|attempt| *attempt <= MAX_RAISING_ATTEMPT).max();
        known.unwrap_or_default().max(self.next_attempt(host, digest) - 1)
    }

    /// Whether an intent must not be written: its content is paid for or in doubt, or its attempt already exists.
    ///
    /// `again` means that the intent is another try of a submission whose own intent is known.
    pub fn conflicts_with(&self, intent: &Take, again: bool) -> bool {
        let Take { host, digest, key, attempt, .. } = intent;
        let own = |take: &Take| again && take.attempt == *attempt && take.state == TakeState::Intent;
        self.paid(host, digest, key).is_some()
            || self.in_doubt(host, digest).is_some_and(|take| !own(take))
            || self.takes_of(host, digest).any(|take| take.attempt == *attempt && !own(take))
            || self.last_over(host, digest) >= *attempt
    }

    /// Returns the highest attempt that was freed, failed or forgotten, among those that count, or 0.
    fn last_over(&self, host: &str, digest: &Digest) -> u32 {
        let over = |take: &&Take| matches!(take.state, TakeState::Freed | TakeState::Failed | TakeState::Forgotten);
        let takes = self.takes_of(host, digest).chain(self.takes_of(ANY_HOST, digest)).filter(over);
        takes.map(|take| take.attempt).filter(|attempt| *attempt <= MAX_RAISING_ATTEMPT).max().unwrap_or_default()
    }

    /// Returns all attempts of a digest, including those of torn lines that name no host.
    fn attempts(&self, host: &str, digest: &Digest) -> impl Iterator<Item = u32> {
        self.entries_of(host, digest).chain(self.entries_of(ANY_HOST, digest)).map(FoldedTake::attempt)
    }

    /// Returns the asset with an upload key at a host.
    pub fn asset(&self, host: &str, upload_key: &str) -> Option<&Asset> {
        self.assets.get(upload_key)?.get(host)
    }
}

/// Sorts by key, then time, then all other fields, so that equal sets have one order. Texts are compared only where all
/// other fields are equal, and each is encoded once.
fn in_file_order<'a>(takes: impl Iterator<Item = &'a Take>) -> std::vec::IntoIter<&'a Take> {
    let mut takes: Vec<&Take> = takes.collect();
    takes.sort_unstable_by(|left, right| file_order(left, right));
    for equals in takes.chunk_by_mut(|left, right| file_order(left, right).is_eq()) {
        if equals.len() > 1 {
            equals.sort_by_cached_key(|take| take.to_line());
        }
    }
    takes.into_iter()
}

fn file_order(left: &Take, right: &Take) -> Ordering {
    let first = (&left.key, left.at, &left.digest, left.attempt);
    first
        .cmp(&(&right.key, right.at, &right.digest, right.attempt))
        .then_with(|| (&left.host, left.state, left.bytes).cmp(&(&right.host, right.state, right.bytes)))
}
