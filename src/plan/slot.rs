//! One video as a plan sees it: its key, its digest, and whether there is more to be said.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::PlanOptions;
use crate::lock::KEPT_BY_VENDOR;
use crate::source::{Pieces, cores, share_out};
use crate::spec::{Digest, Estimate, Spec, SpecText, Video, estimate};

/// So few videos are hashed on one thread: starting more would take longer.
const SERIAL: usize = 2_000;

/// So many are hashed before a thread asks for more.
const STRETCH: usize = 256;

/// One video.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) key: Arc<str>,
    /// None where it was not asked for, because the video is not selected.
    pub(super) digest: Option<Digest>,
    pub(super) standing: Standing,
}

/// What is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is paid for under its own key and label, and nothing else is to be said, but perhaps when its result expires.
    Settled(Expiry),
    /// The lockfile knows neither its content nor its key: it is new, or another video of the plan has its content.
    /// What is to be told of it is kept, in the order of the slots.
    Fresh,
    /// The number of the video that has to be looked at.
    Open(u32),
}

/// What a change tells of the wanted content, besides its digest.
#[derive(Debug)]
pub(super) struct Content {
    /// Where plans carry specs.
    pub(super) spec: Option<SpecText>,
    pub(super) estimate: Estimate,
}

impl Content {
    /// Of a spec; its text only if it is asked for.
    pub(super) fn of(spec: &Spec, with_text: bool) -> Self {
        Self { spec: with_text.then(|| SpecText::new(spec)), estimate: estimate(spec) }
    }
}

/// The contents of fresh slots, in their order.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    estimates: Pieces<Estimate>,
    /// Of all, or of none.
    specs: Pieces<SpecText>,
}

impl Fresh {
    pub(super) fn push(&mut self, content: Content) {
        self.estimates.push(content.estimate);
        if let Some(spec) = content.spec {
            self.specs.push(spec);
        }
    }

    pub(super) fn append(&mut self, part: Self) {
        self.estimates.append(part.estimates);
        self.specs.append(part.specs);
    }

    pub(super) fn len(&self) -> usize {
        self.estimates.len()
    }

    pub(super) fn into_contents(self) -> impl Iterator<Item = Content> {
        let mut specs = self.specs.into_iter();
        self.estimates.into_iter().map(move |estimate| Content { spec: specs.next(), estimate })
    }
}

/// Slots by their keys, those that have to be looked at first: takes that are looked at seldom name another.
#[derive(Debug)]
pub(super) struct ByKey<'a> {
    slots: &'a Pieces<Slot>,
    open: OnceCell<HashMap<&'a str, &'a Slot>>,
    others: OnceCell<HashMap<&'a str, &'a Slot>>,
}

impl<'a> ByKey<'a> {
    /// Of all slots; nothing is numbered yet.
    pub(super) fn new(slots: &'a Pieces<Slot>) -> Self {
        Self { slots, open: OnceCell::new(), others: OnceCell::new() }
    }

    /// The slot of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'a Slot> {
        let of = |open: bool| {
            let slots = self.slots.iter().filter(move |slot| matches!(slot.standing, Standing::Open(_)) == open);
            slots.map(|slot| (&*slot.key, slot)).collect()
        };
        let open = self.open.get_or_init(|| of(true)).get(key);
        open.or_else(|| self.others.get_or_init(|| of(false)).get(key)).copied()
    }
}

/// How long the vendor still keeps a result that nobody has saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expiry {
    /// Long enough, or it is not asked for.
    Far,
    /// Two days at most.
    Soon,
    /// No longer.
    Past,
}

impl Expiry {
    /// Results that the vendor deletes within this time are warned of.
    const WARNED: SignedDuration = SignedDuration::from_hours(48);

    /// Of a take submitted then; without a present time nothing is warned of.
    pub(super) fn of(at: Timestamp, now: Option<Timestamp>) -> Self {
        let Some(now) = now else { return Self::Far };
        let left = KEPT_BY_VENDOR - now.duration_since(at);
        if left.is_negative() {
            Self::Past
        } else if left < Self::WARNED {
            Self::Soon
        } else {
            Self::Far
        }
    }
}

/// The slots of videos that all have to be looked at; digests of the selected ones, on all cores when there are many.
pub(super) fn slots(videos: &[Video], options: &PlanOptions) -> Pieces<Slot> {
    let one = |(number, video): (usize, &Video)| Slot {
        key: Arc::clone(&video.key),
        digest: options.selects(&video.key).then(|| Digest::of(&video.spec)),
        standing: Standing::Open(number as u32),
    };
    let threads = if videos.len() <= SERIAL { 1 } else { cores() };
    let stretch = |piece: usize| {
        let numbered = videos.iter().enumerate().skip(piece * STRETCH).take(STRETCH);
        (piece, numbered.map(one).collect::<Vec<_>>())
    };
    share_out(threads, None, videos.len().div_ceil(STRETCH), |left| left.map(stretch).collect()).into_iter().collect()
}
