//! Earlier digests: maps the digests of earlier versions to the current digest of the same content.

use std::collections::HashMap;

use crate::spec::Digest;

/// The contents that have had other digests. Almost always empty.
///
/// A take keeps the digest that it was submitted with: the digest is part of its identity, and its marker was computed
/// from it.
#[derive(Clone, Debug, Default)]
pub(super) struct DigestAliases {
    /// The earlier digests, by the current one.
    earlier: HashMap<Digest, Vec<Digest>>,
    /// The current digest, by an earlier one.
    today: HashMap<Digest, Digest>,
}

impl DigestAliases {
    /// Records that the content with the digest `earlier` now has the digest `today`.
    pub(super) fn insert(&mut self, today: Digest, earlier: Digest) {
        if today != earlier && self.today.insert(earlier, today).is_none() {
            self.earlier.entry(today).or_default().push(earlier);
        }
    }

    pub(super) fn union(&mut self, other: &Self) {
        other.today.iter().for_each(|(earlier, today)| self.insert(*today, *earlier));
    }

    /// Returns the current digest.
    pub(super) fn current(&self, digest: &Digest) -> Digest {
        self.today.get(digest).copied().unwrap_or(*digest)
    }

    /// Returns the earlier digests.
    pub(super) fn earlier(&self, digest: Digest) -> &[Digest] {
        if self.earlier.is_empty() { &[] } else { self.earlier.get(&digest).map_or(&[], Vec::as_slice) }
    }
}
