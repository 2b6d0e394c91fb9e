//! `lock settle` and `lock rebuild`: settle or recover takes from the vendor's list of videos.

use std::sync::Arc;

use jiff::Timestamp;

use super::ending::{Ended, close};
use super::plan::warn_torn;
use super::shared;
use super::site::{Site, take_apply_lock};
use super::{Call, Failure, runtime};
use crate::apply::{self, DesiredVideo, ManualEdit, ManualEditError, Reconciliation, VendorListing};
use crate::cli::exit::Exit;
use crate::lockfile::{Lockfile, Record, Store, Take};
use crate::output::{ApplyProgress, SummaryV1, in_doubt_hint};
use crate::project::{self, Environment};
use crate::vendor::{CallError, ProgressReporter, Vendor};

/// How a listing is judged.
type Judge<'a> = &'a (
        dyn Fn(
    &VendorListing,
    &Lockfile,
    &[DesiredVideo],
    &apply::ApplyOptions,
) -> Result<Reconciliation, ManualEditError>
            + Sync
    );

/// Settles the takes in doubt. Sends nothing.
pub fn settle(call: &mut Call) -> Result<Exit, Failure> {
    let ended = ask_vendor(call, "settle", &|listing, lockfile, wanted, options| {
        Ok(apply::reconcile(listing, lockfile, wanted, options, Timestamp::now()))
    });
    close(call, ended)
}

/// Settles the claims of a run that has ended, on the user's word: adopts what the vendor lists, frees the rest.
pub fn free_run(call: &mut Call, run: &str) -> Result<Exit, Failure> {
    let ended = ask_vendor(call, "free", &|listing, lockfile, wanted, options| {
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
    });
    close(call, ended)
}

/// Recovers the takes of current specs by their markers. Sends nothing and frees nothing.
pub fn rebuild(call: &mut Call) -> Result<Exit, Failure> {
    let ended = ask_vendor(call, "rebuild", &|listing, lockfile, wanted, options| {
        Ok(apply::rebuild(listing, lockfile, wanted, options, Timestamp::now()))
    });
    close(call, ended)
}

fn ask_vendor(call: &mut Call, word: &str, judge: Judge<'_>) -> Result<Ended, Failure> {
    let root = call.root()?;
    let _held = take_apply_lock(call, &root, &format!("callsheet lock {word}"))?;
    let (compiled, environment, path) = call.lockfile_context()?;
    let mut store = Store::open(&path)?;
    warn_torn(call, &store)?;
    project::add_earlier_digests(&mut store.lockfile, &compiled.videos);
    let wanted = project::desired_videos(&compiled, None);
    let mut options = project::apply_options(&environment);
    let ledger = shared::open(call, &compiled, &environment)?;
    if let Some(ledger) = &ledger {
        options.run = Some(Arc::clone(ledger.run()));
        store.lockfile.share(&ledger.branch().home);
    }
    let taken_at = Timestamp::now();
    let (listed, clock) = runtime()?.block_on(async {
        let site = Site::open(call, &compiled.root, &environment).await?;
        let listed = site.vendor.list_videos().await;
        let clock = site.vendor.clock_offset();
        site.warn_of_clock(call)?;
        site.close().await;
        Ok::<_, Failure>((listed, clock))
    })?;
    let listing = match listed {
        Ok(videos) => VendorListing { videos, taken_at },
        Err(CallError::Key(message)) => {
            call.fail(&message)?;
            return Ok(Ended { exit: Exit::KeyRefused, summary: SummaryV1::default() });
        }
        Err(error) => return Err(Failure::Other(format!("the vendor's videos could not be listed: {error}"))),
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
            shared::change(ledger, &store.lockfile, word, decide)?.result
        }
    };
    let settled = settled.map_err(|error| Failure::Other(error.to_string()))?;
    store.append(&settled.records)?;
    store.compact()?;
    report(call, &settled, &environment)
}

fn report(call: &mut Call, settled: &Reconciliation, environment: &Environment) -> Result<Ended, Failure> {
    let progress = ApplyProgress::new(call.view.streams(), call.view.shape, call.json(), None);
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
        let advice = in_doubt_hint(&settled.in_doubt, &call.again(environment));
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
    Ok(Ended { exit: if settled.in_doubt.is_empty() { Exit::Ok } else { Exit::Unfinished }, summary })
}
