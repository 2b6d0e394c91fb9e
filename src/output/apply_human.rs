//! The human-readable result of an apply: one sentence, and the next step for each take with a problem.

use std::fmt::Write as _;

use super::text::{counts, format_timestamp, pluralize, quote, total_cost};
use crate::apply::{Outcome, RefusedSubmission, SkipReason, TakeInDoubt};
use crate::source::sanitize;
use crate::spec::{Estimate, marker};
use crate::vendor::hint_for;

/// Maximum number of takes in doubt to list. Further ones are counted.
const MAX_LISTED: usize = 20;

/// Returns the summary: `Applied: 3 submitted, 1 in doubt · about 0:54 of video, about 6.3 credits (at most 12.1)`.
///
/// `spent` has the estimates of the takes that this run sent.
pub fn outcome_sentence(outcome: &Outcome, spent: &[Estimate]) -> String {
    let summary = outcome.summary();
    let said = counts(&[
        (summary.submitted, "submitted"),
        (summary.adopted, "found at the vendor"),
        (summary.refused, "refused"),
        (summary.in_doubt, "in doubt"),
        (summary.not_sent, "not sent"),
        (summary.unwritten, "submitted but not in the lockfile"),
        (summary.elsewhere, "by another run"),
    ]);
    let said = if said.is_empty() { "nothing to do" } else { &said };
    if spent.is_empty() {
        return format!("Applied: {said}");
    }
    let unknown = spent.iter().filter(|one| one.seconds.is_none()).count() as u64;
    let seconds = spent.iter().filter_map(|one| one.seconds).sum();
    let price = spent.iter().map(Estimate::price).sum();
    format!("Applied: {said} · {}", total_cost(spent.len() as u64, unknown, seconds, price))
}

/// Returns the next steps for all problems. Empty if there are none.
pub fn outcome_hint(outcome: &Outcome, again: &str) -> String {
    let mut text = refused_hint(&outcome.refused);
    text.push_str(&in_doubt_hint(&outcome.in_doubt, again));
    if let Some(message) = &outcome.key_refused {
        let _infallible = writeln!(text, "{}; videos that were not sent cost nothing", sanitize(message));
    }
    if let Some(reason) = &outcome.unreachable {
        let why = format!("the vendor could not be reached ({})", sanitize(reason));
        text.push_str(&skipped_hint(outcome, &why, SkipReason::Unreachable, again));
    }
    if let Some(reason) = &outcome.no_token {
        let why = format!("the vendor issued no access token ({})", sanitize(reason));
        text.push_str(&skipped_hint(outcome, &why, SkipReason::NoToken, again));
    }
    if let Some(unknown) = &outcome.unknown_code {
        let left = outcome.not_sent.iter().filter(|one| one.reason == SkipReason::UnknownCode).count();
        let _infallible = writeln!(
            text,
            "the vendor answered code {} several times in a row ({}): {} not sent, {} in doubt; ask Vidnoz what the code \
             means, then run `{again} apply`",
            unknown.code,
            sanitize(&unknown.message),
            pluralize(left as u64, "video"),
            outcome.in_doubt.len()
        );
    }
    for one in outcome.not_sent.iter().filter(|one| one.reason == SkipReason::SubmittedElsewhere) {
        let _infallible = writeln!(
            text,
            "`{}` was not sent: the lockfile changed on disk and now has a submission of it; `{again} plan` shows its state",
            sanitize(&one.key)
        );
    }
    let lost = outcome.not_sent.iter().filter(|one| one.reason == SkipReason::LostAgain).count();
    if lost > 0 {
        let _infallible = writeln!(
            text,
            "the vendor accepted no try of {} in this run; they cost nothing; `{again} apply` sends them again",
            pluralize(lost as u64, "video")
        );
    }
    text.push_str(&shared_advice(outcome, again));
    if outcome.interrupted {
        let stopped = outcome.not_sent.iter().filter(|one| one.reason == SkipReason::Stopped).count();
        let _infallible = writeln!(text, "interrupted: {stopped} not sent; `{again} apply` continues");
    }
    text
}

/// Returns what to do about a shared ledger that takes no claim.
pub fn ledger_advice(again: &str) -> String {
    format!(
        "check that this run may push to it (`contents: write`, the branch's rule); `{again} lock unshare` ends a ledger"
    )
}

/// Returns the next steps about the shared ledger. Empty if there are none.
fn shared_advice(outcome: &Outcome, again: &str) -> String {
    let (mut text, shared) = (String::new(), &outcome.shared);
    if let Some(why) = &shared.unclaimed {
        let counts = outcome.summary();
        let sent = if counts.submitted + counts.in_doubt + counts.unwritten == 0 {
            "nothing was sent"
        } else {
            "nothing more was sent, and what was sent is recorded here"
        };
        let _infallible = writeln!(text, "{}; {sent}; {}", sanitize(why), ledger_advice(again));
    }
    if let Some((answers, why)) = &shared.unpublished {
        let _infallible = writeln!(
            text,
            "{} only in the lockfile here; the ledger holds the claims, so nothing is paid twice; `{again} lock fetch` publishes \
             them ({})",
            if *answers == 1 { "1 answer is".to_owned() } else { format!("{answers} answers are") },
            sanitize(why)
        );
    }
    if let Some(why) = &shared.over_budget {
        let left = outcome.not_sent.iter().filter(|one| one.reason == SkipReason::OverBudget).count();
        let _infallible =
            writeln!(text, "a guard blocks the rest: {}; {} not sent", sanitize(why), pluralize(left as u64, "video"));
    }
    for one in shared.elsewhere.iter().take(MAX_LISTED) {
        let page = one.url.as_ref().map(|url| format!(" ({})", sanitize(url))).unwrap_or_default();
        let _infallible = writeln!(
            text,
            "`{}` is claimed by {}{page} until {}; `{again} apply` sees the result later, and run {} names it",
            sanitize(&one.key),
            sanitize(&one.who),
            format_timestamp(one.until),
            sanitize(&one.run),
        );
    }
    if shared.elsewhere.len() > MAX_LISTED {
        let _infallible = writeln!(text, "… and {} more", shared.elsewhere.len() - MAX_LISTED);
    }
    text
}

/// Returns the advice for videos that were not sent, although the vendor rejected none. The same command continues.
fn skipped_hint(outcome: &Outcome, why: &str, left: SkipReason, again: &str) -> String {
    let counts = outcome.summary();
    let left = outcome.not_sent.iter().filter(|one| one.reason == left).count();
    let sent = if counts.submitted + counts.in_doubt + counts.unwritten == 0 {
        "nothing was sent".to_owned()
    } else {
        let was = if left == 1 { "was" } else { "were" };
        format!("{} {was} not sent and cost nothing", pluralize(left as u64, "video"))
    };
    format!("{why}: {sent}; `{again} apply` continues later\n")
}

/// Reports refusals with the same reason only once.
fn refused_hint(refused: &[RefusedSubmission]) -> String {
    let mut text = String::new();
    let mut told: Vec<(Option<i64>, &str)> = Vec::new();
    for one in refused {
        let reason = (one.code, one.message.as_str());
        if told.contains(&reason) {
            continue;
        }
        told.push(reason);
        let same = refused.iter().filter(|other| (other.code, other.message.as_str()) == reason).count();
        let who = if same == 1 {
            format!("`{}` was refused and cost nothing", sanitize(&one.key))
        } else {
            format!("{same} videos were refused and cost nothing")
        };
        let message = if one.message.is_empty() { "the vendor gave no reason".into() } else { sanitize(&one.message) };
        let _infallible = writeln!(text, "{who}: {message}");
        if let Some(code) = one.code {
            let _infallible = writeln!(text, "  {}", hint_for(code));
        }
    }
    text
}

/// Returns how to settle takes in doubt. Empty if there are none.
pub fn in_doubt_hint(doubtful: &[TakeInDoubt], again: &str) -> String {
    if doubtful.is_empty() {
        return String::new();
    }
    let (is, it) = if doubtful.len() == 1 { ("is", "it") } else { ("are", "they") };
    let mut text = format!(
        "{} {is} in doubt: sent, but not confirmed, and possibly billed, so {it} {is} not sent again.\n\
         `{again} lock settle` reads the vendor's list again and sends nothing. The next apply reads it too.\n\
         To settle by hand, search the vendor's videos for a name that ends in the marker.\n",
        pluralize(doubtful.len() as u64, "video"),
    );
    for one in doubtful.iter().take(MAX_LISTED) {
        let key = sanitize(&one.key);
        let word = quote(&key);
        let several = doubtful.iter().filter(|other| other.key == one.key).count() > 1;
        let which = if several { format!(" --digest {}", one.digest) } else { String::new() };
        let _infallible = write!(
            text,
            "  {key}  marker #{}, sent {}; {}\n    \
             if it exists:    {again} lock adopt {word} --video ID{which}\n    \
             if it does not:  {again} lock free {word}{which}\n",
            marker(&one.digest, one.attempt),
            format_timestamp(one.since),
            sanitize(&one.reason),
        );
    }
    if doubtful.len() > MAX_LISTED {
        let more = doubtful.len() - MAX_LISTED;
        let _infallible = writeln!(text, "  … and {more} more; `{again} lock verify` lists all");
    }
    text
}
