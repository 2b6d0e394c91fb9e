//! The takes of one host, found by digest and attempt, or by key.

use std::collections::{BTreeMap, BTreeSet, HashMap, btree_map, hash_map};
use std::sync::Arc;

use super::Take;
use super::fold::FoldedTake;
use crate::spec::Digest;

/// The takes of one host.
#[derive(Clone, Debug, Default)]
pub(super) struct HostTakes {
    pub takes: HashMap<Digest, Attempts>,
    /// Every key that any line names. A query checks that the take still has it.
    pub keys: HashMap<Arc<str>, TakeIds>,
}

/// The takes of one digest; nearly always one.
#[derive(Clone, Debug)]
pub(super) enum Attempts {
    One(Box<FoldedTake>),
    Many(BTreeMap<u32, FoldedTake>),
}

/// Digest and attempt of the takes that a key names; nearly always one.
#[derive(Clone, Debug)]
pub(super) enum TakeIds {
    One((Digest, u32)),
    Many(BTreeSet<(Digest, u32)>),
}

impl HostTakes {
    pub fn entries(&self, digest: Digest) -> impl DoubleEndedIterator<Item = &FoldedTake> {
        self.takes.get(&digest).into_iter().flat_map(Attempts::entries)
    }

    pub fn all(&self) -> impl Iterator<Item = &FoldedTake> {
        self.takes.values().flat_map(Attempts::entries)
    }

    pub fn entry(&self, (digest, attempt): &(Digest, u32)) -> Option<&FoldedTake> {
        match self.takes.get(digest)? {
            Attempts::One(entry) => Some(&**entry).filter(|entry| entry.attempt() == *attempt),
            Attempts::Many(entries) => entries.get(attempt),
        }
    }

    pub fn insert(&mut self, take: Take) {
        match self.takes.entry(take.digest) {
            hash_map::Entry::Occupied(known) => known.into_mut().insert(take),
            hash_map::Entry::Vacant(free) => {
                free.insert(Attempts::One(Box::new(FoldedTake::One(take))));
            }
        }
    }
}

impl Attempts {
    /// By attempt.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &FoldedTake> {
        let (one, many) = match self {
            Self::One(entry) => (Some(&**entry), None),
            Self::Many(entries) => (None, Some(entries.values())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    pub fn insert(&mut self, take: Take) {
        match self {
            Self::One(known) if known.attempt() == take.attempt => known.fold(take),
            Self::One(known) => {
                let first = (known.attempt(), (**known).clone());
                *self = Self::Many(BTreeMap::from([first, (take.attempt, FoldedTake::One(take))]));
            }
            Self::Many(entries) => match entries.entry(take.attempt) {
                btree_map::Entry::Occupied(known) => known.into_mut().fold(take),
                btree_map::Entry::Vacant(free) => {
                    free.insert(FoldedTake::One(take));
                }
            },
        }
    }
}

impl TakeIds {
    pub fn iter(&self) -> impl Iterator<Item = &(Digest, u32)> {
        let (one, many) = match self {
            Self::One(id) => (Some(id), None),
            Self::Many(ids) => (None, Some(ids)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    pub fn insert(&mut self, id: (Digest, u32)) {
        match self {
            Self::One(known) if *known == id => {}
            Self::One(known) => *self = Self::Many(BTreeSet::from([*known, id])),
            Self::Many(ids) => drop(ids.insert(id)),
        }
    }
}
