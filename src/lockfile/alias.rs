//! Digests of before: which contents of today the takes of a lockfile were paid for under an earlier digest.

use std::collections::HashMap;

use crate::spec::Digest;

/// Contents that have had other digests; nearly always none.
///
/// Takes keep the digest that they were submitted under: it is their identity, and their marker was made of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Aliases {
    /// The digests of before, by that of today.
    earlier: HashMap<Digest, Vec<Digest>>,
    /// The digest of today, by one of before.
    today: HashMap<Digest, Digest>,
}

impl Aliases {
    /// Notes that what was called `earlier` is called `today` now.
    pub(super) fn insert(&mut self, today: Digest, earlier: Digest) {
        if today != earlier && self.today.insert(earlier, today).is_none() {
            self.earlier.entry(today).or_default().push(earlier);
        }
    }

    pub(super) fn union(&mut self, other: &Self) {
        other.today.iter().for_each(|(earlier, today)| self.insert(*today, *earlier));
    }

    /// The digest of today.
    pub(super) fn today(&self, digest: &Digest) -> Digest {
        self.today.get(digest).copied().unwrap_or(*digest)
    }

    /// The digests of before.
    pub(super) fn earlier(&self, digest: Digest) -> &[Digest] {
        if self.earlier.is_empty() { &[] } else { self.earlier.get(&digest).map_or(&[], Vec::as_slice) }
    }
}
