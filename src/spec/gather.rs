//! Where videos go as they are made: a list, a count, the roll of a plan.

use super::Video;

/// Takes videos in, in manifest order. Stretches of them may come into parts of their own, at the same time.
///
/// Parts that are appended in order give what all their videos would have given one by one.
pub trait Gather: Extend<Video> + Send + Sync + Sized {
    /// An empty one of the same kind, for a stretch of videos.
    #[must_use]
    fn part(&self) -> Self;

    /// Takes a part in; its videos come after those that are here.
    fn append(&mut self, part: Self);

    /// How many came in so far.
    fn count(&self) -> usize;
}

impl Gather for Vec<Video> {
    fn part(&self) -> Self {
        Self::new()
    }

    fn append(&mut self, mut part: Self) {
        Self::append(self, &mut part);
    }

    fn count(&self) -> usize {
        self.len()
    }
}
