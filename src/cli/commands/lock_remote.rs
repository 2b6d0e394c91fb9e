//! `lock settle` and `lock rebuild`: settle or recover takes from the vendor's list of videos.

use jiff::Timestamp;

use super::ending::{Ended, close};
use super::plan::warn_torn;
use super::site::{Site, take_apply_lock};
use super::{Call, Failure, runtime};
use crate::apply::{self, Listing, Settlement, Wanted};
use crate::cli::exit::Exit;
use crate::lockfile::{Lockfile, Store};
use crate::output::{RunProgress, SummaryV1, doubt_advice};
use crate::project::{self, Environment};
use crate::vendor::{CallError, ProgressReporter, Vendor};

/// Settles the takes in doubt. Sends nothing.
pub fn settle(call: &mut Call) -> Result<Exit, Failure> {
    let ended = ask_vendor(call, "settle", apply::settle);
    close(call, ended)
}

/// Recovers the takes of current specs by their markers. Sends nothing and frees nothing.
pub fn rebuild(call: &mut Call) -> Result<Exit, Failure> {
    let ended = ask_vendor(call, "rebuild", apply::rebuild);
    close(call, ended)
}

fn ask_vendor(
    call: &mut Call,
    word: &str,
    judge: fn(&Listing, &Lockfile, &[Wanted], &apply::ApplyOptions, Timestamp) -> Settlement,
) -> Result<Ended, Failure> {
    let root = call.root()?;
    let _held = take_apply_lock(call, &root, &format!("callsheet lock {word}"))?;
    let (compiled, environment, path) = call.lockfile_context()?;
    let mut store = Store::open(&path)?;
    warn_torn(call, &store)?;
    project::know_earlier(&mut store.lockfile, &compiled.videos);
    let wanted = project::wanted(&compiled, None);
    let options = project::apply_options(&environment);
    let taken_at = Timestamp::now();
    let listed = runtime()?.block_on(async {
        let site = Site::open(call, &compiled.root, &environment).await?;
        let listed = site.vendor.list_videos().await;
        site.warn_of_clock(call)?;
        site.close().await;
        Ok::<_, Failure>(listed)
    })?;
    let listing = match listed {
        Ok(videos) => Listing { videos, taken_at },
        Err(CallError::Key(message)) => {
            call.fail(&message)?;
            return Ok(Ended { exit: Exit::KeyRefused, summary: SummaryV1::default() });
        }
        Err(error) => return Err(Failure::Other(format!("the vendor's videos could not be listed: {error}"))),
    };
    let settled = judge(&listing, &store.lockfile, &wanted, &options, Timestamp::now());
    store.append(&settled.records)?;
    store.compact()?;
    report(call, &settled, &environment)
}

fn report(call: &mut Call, settled: &Settlement, environment: &Environment) -> Result<Ended, Failure> {
    let progress = RunProgress::new(call.view.streams(), call.view.shape, call.json(), None);
    for event in settled.events() {
        progress.event(&event);
    }
    // For humans, the advice below lists them.
    for one in settled.in_doubt.iter().filter(|_| call.json()) {
        progress.event(&apply::Event::InDoubt { key: one.key.clone(), reason: one.reason.clone() });
    }
    if !call.json() {
        let counts = format!(
            "{} adopted, {} freed, {} still in doubt",
            settled.adopted.len(),
            settled.freed.len(),
            settled.in_doubt.len()
        );
        call.view.data(&format!("Settled: {counts}\n"))?;
        let advice = doubt_advice(&settled.in_doubt, &call.again(environment));
        if !advice.is_empty() {
            call.view.tell(&advice)?;
        }
    }
    let summary = SummaryV1 {
        counts: apply::Summary {
            adopted: settled.adopted.len(),
            freed: settled.freed.len(),
            in_doubt: settled.in_doubt.len(),
            ..apply::Summary::default()
        },
        ..SummaryV1::default()
    };
    Ok(Ended { exit: if settled.in_doubt.is_empty() { Exit::Ok } else { Exit::Unfinished }, summary })
}
