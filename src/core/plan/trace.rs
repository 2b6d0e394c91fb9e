//! Traces the reasons of a plan's decisions, video by video, for `--verbose`.

use std::collections::BTreeSet;

use tracing::debug;

use super::{Action, Change, PlanOptions, Reason, Relabel, TraceScope};
use crate::lockfile::Take;
use crate::spec::views::{Speech, Voice};
use crate::spec::{Spec, thousandths};

/// Traces the start of a plan.
pub(super) fn trace_start(videos: usize, options: &PlanOptions) {
    debug!(
        videos,
        selected = options.selected.as_ref().map(BTreeSet::len),
        host = &*options.host,
        environment = options.environment,
        retry_failed = options.retry_failed,
        when = match options.trace {
            TraceScope::All => None,
            TraceScope::BeforeListing => Some("before the vendor's list is read"),
            TraceScope::AfterListing => Some("after the vendor's list was read"),
        },
        "planning",
    );
}

/// Traces an unchanged video, which this take paid for.
pub(super) fn unchanged(key: &str, take: &Take) {
    debug!(
        key,
        paid_by = &*take.key,
        attempt = take.attempt,
        state = take.state.word(),
        at = %take.at,
        task = take.task.as_deref(),
        video = take.video.as_deref(),
        digest = take.digest.to_string(),
        "unchanged",
    );
}

/// Traces a changed label, which costs nothing.
pub(super) fn relabeled(relabel: &Relabel) {
    debug!(key = &*relabel.key, before = relabel.before, after = relabel.after, "only the label changed");
}

/// Traces a change, and the take that is the reason for it.
pub(super) fn change(notes: TraceScope, change: &Change, why: &'static str, take: Option<&Take>) {
    if !notes.covers(change) {
        return;
    }
    debug!(
        key = &*change.key,
        why,
        submits = change.submits,
        attempt = change.submits.then_some(change.attempt),
        digest = change.digest.to_string(),
        same_as = match &change.reason {
            Reason::SameContent(key) => Some(&**key),
            _ => None,
        },
        fields_changed = (!change.diff.is_empty()).then_some(change.diff.len()),
        take_key = take.map(|take| &*take.key),
        take_attempt = take.map(|take| take.attempt),
        take_state = take.map(|take| take.state.word()),
        take_at = take.map(|take| tracing::field::display(take.at)),
        take_task = take.and_then(|take| take.task.as_deref()),
        take_video = take.and_then(|take| take.video.as_deref()),
        take_digest =
            take.map(|take| take.digest).filter(|digest| *digest != change.digest).map(|digest| digest.to_string()),
        vendor_said = match &change.reason {
            Reason::Failed(message) => Some(message.as_str()),
            _ => None,
        },
        "{}",
        word(change),
    );
}

fn word(change: &Change) -> &'static str {
    match change.action {
        Action::Add => "new",
        Action::Change => "changed",
        Action::Move => "moved",
        Action::Retry if change.submits => "failed before, sent again",
        Action::Retry => "failed",
        Action::Resolve => "in doubt",
        Action::Orphan => "orphan",
    }
}

/// Traces how length and price of a submission were calculated.
pub(super) fn estimate(notes: TraceScope, change: &Change, spec: &Spec) {
    if !notes.covers(change) || !(change.submits || change.action == Action::Resolve) {
        return;
    }
    let made = &change.estimate;
    let mut voices = spec.voices();
    let (from, characters, speed) = match (voices.next(), voices.next()) {
        (Some(Voice::Speech(Speech { text, speed, .. })), None) => {
            ("characters / (15 × speed)", Some(text.trim().chars().count()), Some(speed))
        }
        (Some(Voice::Silence(_)), None) => ("the silence's duration", None, None),
        (Some(Voice::File(_)), None) if made.seconds.is_some() => ("the audio file's length", None, None),
        (Some(Voice::File(_)), None) => ("an audio file of unknown length, at most 10 minutes", None, None),
        _ => ("the sum over the scenes", None, None),
    };
    debug!(
        key = &*change.key,
        from,
        characters,
        speed,
        seconds = made.seconds.map(thousandths),
        credits = made.credits.map(thousandths),
        credits_at_most = thousandths(made.credits_at_most),
        "estimated",
    );
}
