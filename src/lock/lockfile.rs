//! The folded set: one record a take, found by host and digest, by key, or in order.

use super::{Asset, Record, Take};
use crate::spec::Digest;

/// All takes and assets, folded: of two lines of one take the higher rank holds, of equal ranks the later.
#[derive(Clone, Debug, Default)]
pub struct Lockfile {}

impl Lockfile {
    /// Folds a record in; the order of insertion never matters.
    pub fn insert(&mut self, _record: Record) {
        unimplemented!()
    }

    /// The takes in file order: by key, then time, then digest and attempt.
    pub fn takes(&self) -> impl Iterator<Item = &Take> {
        std::iter::empty()
    }

    /// The assets, by content and host.
    pub fn assets(&self) -> impl Iterator<Item = &Asset> {
        std::iter::empty()
    }

    /// The takes of a digest at a host, by attempt.
    pub fn takes_of(&self, _host: &str, _digest: &Digest) -> impl Iterator<Item = &Take> {
        std::iter::empty()
    }

    /// The takes under a key at a host, oldest first.
    pub fn takes_of_key(&self, _host: &str, _key: &str) -> impl Iterator<Item = &Take> {
        std::iter::empty()
    }

    /// The take that makes a submission needless: submitted, done or pulled; one accepted by a person only for its own key.
    pub fn paid(&self, _host: &str, _digest: &Digest, _key: &str) -> Option<&Take> {
        None
    }

    /// The intent without an answer, if the digest has one.
    pub fn in_doubt(&self, _host: &str, _digest: &Digest) -> Option<&Take> {
        None
    }

    /// The failed take that is the last word on a digest: no later attempt, nothing paid, nothing in doubt.
    pub fn failed(&self, _host: &str, _digest: &Digest) -> Option<&Take> {
        None
    }

    /// The number of the next submission of a digest: one more than the highest known.
    pub fn next_attempt(&self, _host: &str, _digest: &Digest) -> u32 {
        1
    }

    /// The asset id of a file's content at a host.
    pub fn asset(&self, _host: &str, _sha256: &str) -> Option<&Asset> {
        None
    }
}
