//! Decides when absence from the vendor's list proves that a submission was never accepted.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::lockfile::{How, Lockfile, State, Take};
use crate::spec::{marker, submitted_name};
use crate::vendor::{ListedVideo, Marked};

/// The vendor's status of a video that is only a draft.
const DRAFT: i64 = 0;

/// Maximum time that renames add to the time of a submission's line.
const RENAMES: SignedDuration = SignedDuration::from_millis(20);

/// Whether a listed video is only a draft, which may never have been rendered. A file outranks every status.
pub(super) fn is_draft(video: &ListedVideo) -> bool {
    video.results.is_empty() && video.status == Some(DRAFT)
}

/// A listing, as evidence about takes that it does not contain.
pub(super) struct Evidence<'a> {
    index: &'a Marked<'a>,
    taken_at: Timestamp,
    grace: SignedDuration,
    /// The time of the latest take that the list shows with an intact marker, by our own clock.
    shown_until: Option<Timestamp>,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(
        index: &'a Marked<'a>,
        taken_at: Timestamp,
        grace: Duration,
        lockfile: &Lockfile,
        host: &str,
    ) -> Self {
        let shown_until = lockfile
            .takes()
            .filter(|take| *take.host == *host)
            .filter_map(sent_at)
            .filter(|(at, _)| *at <= taken_at)
            .filter(|(_, take)| {
                let bearing = index.bearing(&marker(&take.digest, take.attempt));
                // If several videos have one marker, another run may have sent any of them at another time.
                bearing.iter().filter(|video| !is_draft(video)).count() == 1
            })
            .map(|(at, _)| at)
            .max();
        let grace = SignedDuration::try_from(grace).unwrap_or(SignedDuration::MAX);
        Self { index, taken_at, grace, shown_until }
    }

    /// Proves that a take in doubt, which the list does not show, was never accepted. The error says why it cannot.
    pub(super) fn absence(&self, take: &Take) -> Result<(), String> {
        if let Some(id) = take.task.as_ref().or(take.video.as_ref()) {
            return Err(format!(
                "a torn line of it names `{id}`, so it was accepted, but the vendor's list does not show it"
            ));
        }
        let ripe = take.at.checked_add(self.grace).is_ok_and(|ripe| self.taken_at >= ripe);
        if !ripe {
            let grace = SignedDuration::from_secs(self.grace.as_secs());
            return Err(format!(
                "the vendor's list does not show it yet, which proves nothing until {grace:#} after it was sent"
            ));
        }
        if self.shown_until.is_none_or(|shown| shown < take.at) {
            return Err("the vendor's list shows neither it nor a later submission of this lockfile".to_owned());
        }
        let submitted =
            take.name.clone().unwrap_or_else(|| submitted_name(&take.key, &marker(&take.digest, take.attempt)));
        if let Some(name) = self.index.may_be_cut(&submitted) {
            return Err(format!("the vendor lists `{name}`, which may be this video with a truncated name"));
        }
        tracing::debug!(
            key = &*take.key,
            attempt = take.attempt,
            sent_at = %take.at,
            listed_at = %self.taken_at,
            grace = ?self.grace.unsigned_abs(),
            later_one_is_shown = self.shown_until.map(tracing::field::display),
            "proved not to have been accepted",
        );
        Ok(())
    }
}

/// Returns a lower bound for the time at which a take was sent. Only an intent and a submission with its own response
/// have one.
///
/// Each recorded rename adds a millisecond. A submitted name that differs from the key may come from a rename, so its
/// time counts 20 ms earlier. That is enough for twenty renames within the week that the vendor lists it.
///
/// A later state has the time of its end or discovery, an adopted take that of its discovery: neither proves an order.
fn sent_at(take: &Take) -> Option<(Timestamp, &Take)> {
    let sure = match take.state {
        State::Intent => take.name.is_some() && take.spec.is_some(),
        State::Submitted => take.how.is_none() && take.task.is_some(),
        _ => false,
    };
    let sure = sure && take.how != Some(How::Accepted);
    let renamed = take.state == State::Submitted
        && take.name.as_deref() != Some(&submitted_name(&take.key, &marker(&take.digest, take.attempt)));
    let at = if renamed { take.at.checked_sub(RENAMES).unwrap_or(Timestamp::MIN) } else { take.at };
    sure.then_some((at, take))
}
