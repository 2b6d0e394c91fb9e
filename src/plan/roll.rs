//! The videos of a project on their way past a lockfile: what is plainly paid for, or plainly new, is noted and let go.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::planner::Planner;
use super::slot::{ByKey, Content, Expiry, Fresh, Slot, Standing};
use super::{Plan, PlanOptions, trace};
use crate::lock::{Glance, StoreError};
use crate::source::{Pieces, Sources};
use crate::spec::{Digest, Gather, Video, earlier_digests};

/// So many videos that are not paid for are kept whole: to ask whether the lockfile knows their keys pays for more only.
const KEPT_WHOLE: usize = if cfg!(test) { 1 } else { 1_000 };

/// Takes videos in, in manifest order, and keeps whole only those that a plan may have to tell more of than that they are new.
#[derive(Debug)]
pub struct Roll {
    glance: Arc<Glance>,
    host: Arc<str>,
    now: jiff::Timestamp,
    with_specs: bool,
    /// Whether somebody asks why; then all that is open is kept whole.
    traced: bool,
    /// How many are kept whole, by all parts. Which, is chance where there are several; the plan is the same.
    whole: Arc<AtomicUsize>,
    slots: Pieces<Slot>,
    fresh: Fresh,
    open: Vec<Video>,
    /// Contents that earlier versions called otherwise: today's digest, and the one of before.
    earlier: Vec<(Digest, Digest)>,
}

impl Roll {
    /// The roll of a plan for a host at a time.
    pub fn new(glance: Glance, host: Arc<str>, now: jiff::Timestamp) -> Self {
        Self {
            glance: Arc::new(glance),
            host,
            now,
            with_specs: true,
            traced: trace::is_on(),
            whole: Arc::default(),
            slots: Pieces::default(),
            fresh: Fresh::default(),
            open: Vec::new(),
            earlier: Vec::new(),
        }
    }

    /// The changes of its plan carry no specs: for those who only tell of it, a third of the memory. Not to be saved.
    #[must_use]
    pub fn without_specs(self) -> Self {
        Self { with_specs: false, ..self }
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

    /// The plan: just what [`super::plan`] makes of the same videos and the whole lockfile; without the specs if so asked.
    ///
    /// `options.host` and `options.now` must be those of the roll.
    ///
    /// # Errors
    /// When the lockfile has to be looked at again and cannot be read, or was changed in place meanwhile.
    pub fn plan(self, sources: &Sources, options: &PlanOptions) -> Result<Plan, StoreError> {
        let Self { glance, slots, fresh, open, with_specs, traced, earlier, .. } = self;
        let is_open = |slot: &&Slot| matches!(slot.standing, Standing::Open(_));
        let wanted = slots.iter().filter(is_open).filter_map(|slot| slot.digest);
        let wanted: HashSet<Digest> = wanted.chain(earlier.iter().map(|(_, before)| *before)).collect();
        // Parts were taken in by value, so nobody else has it.
        let glance = Arc::into_inner(glance).ok_or(StoreError::Closed)?;
        // Only who asks why has what was let go brought back: the take that paid for it is named.
        let mut lockfile = glance.rest(&options.host, &wanted, traced)?;
        for (today, before) in earlier {
            lockfile.alias(today, before);
        }
        let by_key = ByKey::new(&slots);
        let planner =
            Planner { slots: &slots, videos: &open, sources, lockfile: &lockfile, options, traced, with_specs, by_key };
        let plan = planner.plan(fresh);
        // The process ends soon: to take a hundred thousand videos apart would only cost time.
        std::mem::forget((slots, open, lockfile));
        Ok(plan)
    }

    fn standing_of(&self, digest: Digest, video: &Video, is_renamed: bool) -> Standing {
        let Video { key, spec, .. } = video;
        if let Some(paid) = self.glance.plainly_paid(&self.host, digest, key, spec.name()) {
            return Standing::Settled(if paid.saved { Expiry::Far } else { Expiry::of(paid.at, Some(self.now)) });
        }
        let look = !is_renamed && !self.traced && self.whole.load(Ordering::Relaxed) >= KEPT_WHOLE;
        if look && self.glance.knows_nothing_of(&self.host, digest, key) {
            return Standing::Fresh;
        }
        Standing::Open(self.open.len() as u32)
    }
}

impl Extend<Video> for Roll {
    fn extend<I: IntoIterator<Item = Video>>(&mut self, videos: I) {
        for video in videos {
            let digest = Digest::of(&video.spec);
            let before = earlier_digests(&video.spec);
            let standing = self.standing_of(digest, &video, !before.is_empty());
            self.earlier.extend(before.into_iter().map(|before| (digest, before)));
            self.slots.push(Slot { key: Arc::clone(&video.key), digest: Some(digest), standing });
            match standing {
                Standing::Settled(_) => {}
                Standing::Fresh => self.fresh.push(Content::of(&video.spec, self.with_specs)),
                Standing::Open(_) => {
                    self.whole.fetch_add(1, Ordering::Relaxed);
                    self.open.push(video);
                }
            }
        }
    }
}

impl Gather for Roll {
    fn part(&self) -> Self {
        Self {
            glance: Arc::clone(&self.glance),
            host: Arc::clone(&self.host),
            whole: Arc::clone(&self.whole),
            slots: Pieces::default(),
            fresh: Fresh::default(),
            open: Vec::new(),
            earlier: Vec::new(),
            ..*self
        }
    }

    fn append(&mut self, mut part: Self) {
        let before = self.open.len() as u32;
        for slot in part.slots.iter_mut().filter(|_| before > 0) {
            if let Standing::Open(place) = &mut slot.standing {
                *place += before;
            }
        }
        self.slots.append(part.slots);
        self.fresh.append(part.fresh);
        self.open.append(&mut part.open);
        self.earlier.append(&mut part.earlier);
    }

    fn count(&self) -> usize {
        self.slots.len()
    }
}
