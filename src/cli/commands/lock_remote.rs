//! `lock settle` and `lock rebuild`: settle or recover takes from the vendor's list of videos.

use std::sync::Arc;

use jiff::Timestamp;

use super::apply_finish::{CommandOutcome, finish_events};
use super::shared_ledger;
use super::vendor_session::{VendorSession, acquire_apply_lock};
use super::{CliError, Context, runtime};
use crate::apply::{self, ApplyOptions, DesiredVideo, ManualEdit, ManualEditError, Reconciliation, VendorListing};
use crate::cli::exit::Exit;
use crate::lockfile::{Lockfile, Record, Take};
use crate::output::{ApplyProgress, SummaryV1, in_doubt_hint};
use crate::project::{self, Environment};
use crate::vendor::{CallError, ProgressReporter, Vendor};

/// How a listing is judged.
type Judge<'a> = &'a (dyn Fn(&VendorListing, &Lockfile, &[DesiredVideo], &ApplyOptions) -> Judged + Sync);
type Judged = Result<Reconciliation, ManualEditError>;

/// Settles the takes in doubt. Sends nothing.
pub fn settle(call: &mut Context) -> Result<Exit, CliError> {
    ask_vendor(call, "settle", &|listing, lockfile, wanted, options| {
        Ok(apply::reconcile(listing, lockfile, wanted, options, Timestamp::now()))
    })
}

/// Settles the claims of a run that has ended, on the user's word: adopts what the vendor lists, frees the rest.
pub fn free_run(call: &mut Context, run: &str) -> Result<Exit, CliError> {
    ask_vendor(call, "free", &|listing, lockfile, wanted, options| {
        let now = Timestamp::now();
        let hand = |lockfile: &Lockfile| ManualEdit { lockfile, host: &options.host, now }.free_run(run);
        hand(lockfile)?;
        let mut settled = apply::reconcile(listing, lockfile, wanted, options, now);
        let mut known = lockfile.clone();
        settled.records.iter().for_each(|record| known.insert(record.clone()));
        let freed = hand(&known).unwrap_or_default();
        for record in &freed {
            if let Record::Take(Take { key, digest, attempt, .. }) = record {
                settled.freed.push(apply::FreedTake { key: key.clone(), digest: *digest, attempt: *attempt });
                settled.in_doubt.retain(|doubt| (doubt.digest, doubt.attempt) != (*digest, *attempt));
            }
        }
        settled.records.extend(freed);
        Ok(settled)
    })
}

/// Recovers the takes of current specs by their markers. Sends nothing and frees nothing.
pub fn rebuild(call: &mut Context) -> Result<Exit, CliError> {
    ask_vendor(call, "rebuild", &|listing, lockfile, wanted, options| {
        Ok(apply::rebuild(listing, lockfile, wanted, options, Timestamp::now()))
    })
}

fn ask_vendor(call: &mut Context, word: &str, judge: Judge<'_>) -> Result<Exit, CliError> {
    let ended = settle_with(call, word, judge);
    finish_events(call, ended)
}

fn settle_with(call: &mut Context, word: &str, judge: Judge<'_>) -> Result<CommandOutcome, CliError> {
    let _held = acquire_apply_lock(call, &format!("callsheet lock {word}"))?;
    let (compiled, environment, path) = call.lockfile_context()?;
    let mut store = call.open_lockfile(&path)?;
    project::add_earlier_digests(&mut store.lockfile, &compiled.videos);
    let wanted = project::desired_videos(&compiled, None);
    let mut options = project::apply_options(&environment);
    let ledger = shared_ledger::open(call, &compiled, &environment)?;
    if let Some(ledger) = &ledger {
        options.run = Some(Arc::clone(ledger.run()));
        store.lockfile.share(&ledger.branch().home);
    }
    let taken_at = Timestamp::now();
    let (listed, clock) = runtime()?.block_on(async {
        let session = VendorSession::open(call, &compiled.root, &environment).await?;
        let listed = session.vendor.list_videos().await;
        let clock = session.vendor.clock_offset();
        session.warn_of_clock(call)?;
        session.close().await;
        Ok::<_, CliError>((listed, clock))
    })?;
    let listing = match listed {
        Ok(videos) => VendorListing { videos, taken_at },
        Err(CallError::Key(message)) => {
            call.fail(&message)?;
            return Ok(CommandOutcome { exit: Exit::ApiKeyRejected, summary: SummaryV1::default() });
        }
        Err(error) => return Err(CliError::Other(format!("the vendor's videos could not be listed: {error}"))),
    };
    let settled = match &ledger {
        None => judge(&listing, &store.lockfile, &wanted, &options),
        // Judged on what the ledger holds, and published with it.
        Some(ledger) => {
            let line = ledger.run_line(clock);
            let decide = |known: &Lockfile| {
                let mut seen = known.clone();
                seen.insert(line.clone());
                let settled = judge(&listing, &seen, &wanted, &options);
                let mut records = settled.as_ref().map(|settled| settled.records.clone()).unwrap_or_default();
                if !records.is_empty() {
                    records.push(line.clone());
                }
                (records, settled)
            };
            shared_ledger::change(ledger, &store.lockfile, word, decide)?.result
        }
    };
    let settled = settled.map_err(CliError::other)?;
    store.append(&settled.records)?;
    store.compact()?;
    report(call, &settled, &environment)
}

fn report(call: &mut Context, settled: &Reconciliation, environment: &Environment) -> Result<CommandOutcome, CliError> {
    let progress = ApplyProgress::new(&call.view, None);
    for event in settled.events() {
        progress.event(&event);
    }
    // For humans, the advice below lists them.
    for one in settled.in_doubt.iter().filter(|_| call.json()) {
        progress.event(&apply::ApplyEvent::InDoubt { key: one.key.clone(), reason: one.reason.clone() });
    }
    if !call.json() {
        let counts = format!(
            "{} adopted, {} freed, {} still in doubt",
            settled.adopted.len(),
            settled.freed.len(),
            settled.in_doubt.len()
        );
        call.view.data(&format!("Settled: {counts}\n"))?;
        let advice = in_doubt_hint(&settled.in_doubt, &call.callsheet(&environment.name));
        if !advice.is_empty() {
            call.view.notice(&advice)?;
        }
    }
    let summary = SummaryV1 {
        counts: apply::ApplySummary {
            adopted: settled.adopted.len(),
            freed: settled.freed.len(),
            in_doubt: settled.in_doubt.len(),
            ..apply::ApplySummary::default()
        },
        ..SummaryV1::default()
    };
    Ok(CommandOutcome { exit: if settled.in_doubt.is_empty() { Exit::Success } else { Exit::Incomplete }, summary })
}
