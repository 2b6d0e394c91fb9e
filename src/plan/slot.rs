//! One video as a plan sees it: its key, its digest, and whether there is more to be said.

use std::sync::Arc;

use super::PlanOptions;
use crate::spec::{DigestBits, Video};

/// So few videos are hashed on one thread: starting more would take longer.
const SERIAL: usize = 2_000;

/// One video.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) key: Arc<str>,
    /// None where it was not asked for, because the video is not selected.
    pub(super) digest: Option<DigestBits>,
    pub(super) standing: Standing,
}

/// What is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is paid for under its own key and label, and nothing else is to be said, but perhaps that the result has expired.
    Settled { expired: bool },
    /// The number of the video that has to be looked at.
    Open(u32),
}

/// The slots of videos that all have to be looked at; digests of the selected ones, on all cores when there are many.
pub(super) fn slots(videos: &[Video], options: &PlanOptions) -> Vec<Slot> {
    let one = |(number, video): (usize, &Video)| Slot {
        key: Arc::clone(&video.key),
        digest: options.selects(&video.key).then(|| DigestBits::of(&video.spec)),
        standing: Standing::Open(number as u32),
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if videos.len() <= SERIAL || threads == 1 {
        return videos.iter().enumerate().map(one).collect();
    }
    let numbered: Vec<(usize, &Video)> = videos.iter().enumerate().collect();
    let chunks = numbered.chunks(videos.len().div_ceil(threads));
    std::thread::scope(|scope| {
        let work = chunks.map(|chunk| scope.spawn(move || chunk.iter().copied().map(one).collect::<Vec<_>>()));
        let work: Vec<_> = work.collect();
        work.into_iter()
            .flat_map(|slots| slots.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
