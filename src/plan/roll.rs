//! The videos of a project on their way past a lockfile: what is plainly paid for is counted and let go.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::Arc;

use super::compute::Planner;
use super::slot::{Expiry, Slot, Standing};
use super::{Plan, PlanOptions, trace};
use crate::lock::{Glance, StoreError, key_hash};
use crate::source::Sources;
use crate::spec::{DigestBits, Gather, Video};

/// Takes videos in, in manifest order, and keeps whole only those that a plan may have to tell of.
#[derive(Debug)]
pub struct Roll {
    glance: Arc<Glance>,
    host: Arc<str>,
    now: jiff::Timestamp,
    slots: Vec<Slot>,
    open: Vec<Video>,
}

impl Roll {
    /// The roll of a plan for a host at a time.
    pub fn new(glance: Glance, host: Arc<str>, now: jiff::Timestamp) -> Self {
        Self { glance: Arc::new(glance), host, now, slots: Vec::new(), open: Vec::new() }
    }

    /// The lockfile as read.
    pub fn glance(&self) -> &Glance {
        &self.glance
    }

    /// How many videos are kept whole.
    pub fn kept(&self) -> usize {
        self.open.len()
    }

    /// All keys, in manifest order.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<str>> + Clone {
        self.slots.iter().map(|slot| &slot.key)
    }

    /// The plan: just what [`super::plan`] makes of the same videos and the whole lockfile.
    ///
    /// `options.host` and `options.now` must be those of the roll.
    ///
    /// # Errors
    /// When the lockfile has to be looked at again and cannot be read, or was changed in place meanwhile.
    pub fn plan(self, sources: &Sources, options: &PlanOptions) -> Result<Plan, StoreError> {
        let Self { glance, slots, open, .. } = self;
        let is_open = |slot: &&Slot| matches!(slot.standing, Standing::Open(_));
        let wanted: HashSet<DigestBits> = slots.iter().filter(is_open).filter_map(|slot| slot.digest).collect();
        let settled: OnceCell<HashSet<u64>> = OnceCell::new();
        let keys = || slots.iter().filter(|slot| !is_open(slot)).map(|slot| key_hash(&slot.key)).collect();
        // Parts were taken in by value, so nobody else has it.
        let glance = Arc::into_inner(glance).ok_or(StoreError::Closed)?;
        let is_settled = |key: u64| settled.get_or_init(keys).contains(&key);
        // Only who asks why has what was let go brought back: the take that paid for it is named.
        let traced = trace::is_on();
        let lockfile = glance.rest(&options.host, |digest| traced || wanted.contains(digest), is_settled)?;
        let by_key = OnceCell::new();
        let planner = Planner { slots: &slots, videos: &open, sources, lockfile: &lockfile, options, traced, by_key };
        let plan = planner.plan();
        // The process ends soon: to take a hundred thousand videos apart would only cost time.
        std::mem::forget((slots, open, lockfile));
        Ok(plan)
    }
}

impl Extend<Video> for Roll {
    fn extend<I: IntoIterator<Item = Video>>(&mut self, videos: I) {
        for video in videos {
            let digest = DigestBits::of(&video.spec);
            let standing = match self.glance.plainly_paid(&self.host, digest, &video.key, &video.spec.name) {
                Some(paid) => {
                    Standing::Settled(if paid.saved { Expiry::Far } else { Expiry::of(paid.at, Some(self.now)) })
                }
                None => Standing::Open(self.open.len() as u32),
            };
            self.slots.push(Slot { key: Arc::clone(&video.key), digest: Some(digest), standing });
            if standing == Standing::Open(self.open.len() as u32) {
                self.open.push(video);
            }
        }
    }
}

impl Gather for Roll {
    fn part(&self) -> Self {
        let (glance, host) = (Arc::clone(&self.glance), Arc::clone(&self.host));
        Self { glance, host, now: self.now, slots: Vec::new(), open: Vec::new() }
    }

    fn append(&mut self, part: Self) {
        let before = self.open.len() as u32;
        self.slots.extend(part.slots.into_iter().map(|slot| match slot.standing {
            Standing::Open(place) => Slot { standing: Standing::Open(before + place), ..slot },
            Standing::Settled(_) => slot,
        }));
        self.open.extend(part.open);
    }

    fn count(&self) -> usize {
        self.slots.len()
    }
}
