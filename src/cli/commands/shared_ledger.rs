//! What commands share about the shared ledger: opening it, and what is known of it here.

use std::path::Path;

use super::{CliError, Context, runtime};
use crate::ledger::{Ledger, LedgerError, Updated};
use crate::lockfile::{Lockfile, Record, Store};
use crate::output::format_span;
use crate::project::{self, CompiledProject, Environment};

/// Opens the ledger. `None` if the manifest sets none.
pub fn open(call: &Context, compiled: &CompiledProject, environment: &Environment) -> Result<Option<Ledger>, CliError> {
    project::open_ledger(compiled, environment, &call.process_env).map_err(|error| nothing_sent(&error))
}

/// Opens the ledger for a run that may spend, and reads it. An old branch without `ledger:` must not spend past one.
pub fn open_to_spend(
    call: &Context,
    compiled: &CompiledProject,
    environment: &Environment,
) -> Result<Option<(Ledger, Lockfile)>, CliError> {
    let Some(ledger) = open(call, compiled, environment)? else {
        if project::has_forgotten_ledger(&compiled.root, environment) {
            return Err(CliError::Other(
                "this repository has a shared ledger, but the manifest does not set `ledger:`; nothing was sent; copy it \
                 from the branch that sets it, or run `git fetch` if the ledger was closed"
                    .to_owned(),
            ));
        }
        return Ok(None);
    };
    let known = runtime()?.block_on(ledger.read()).map_err(|error| nothing_sent(&error))?;
    Ok(Some((ledger, known)))
}

fn nothing_sent(error: &LedgerError) -> CliError {
    CliError::Other(format!("{error}; nothing was sent"))
}

/// Adds to a lockfile what is known of the ledger. With `fetch`, reads the remote first. Returns a warning if what is
/// known may be old.
pub fn know(
    call: &Context,
    (compiled, environment): (&CompiledProject, &Environment),
    lockfile: &mut Lockfile,
    fetch: bool,
) -> Result<Option<String>, CliError> {
    let ledger = match project::open_ledger(compiled, environment, &call.process_env) {
        Ok(Some(ledger)) => ledger,
        Ok(None) => return Ok(None),
        Err(error) if fetch => return Err(CliError::Other(error.to_string())),
        Err(error) => return Ok(Some(format!("{error}: videos that other machines paid for look new"))),
    };
    if fetch {
        lockfile.union(&runtime()?.block_on(ledger.read()).map_err(CliError::other)?);
        return Ok(None);
    }
    match ledger.last_fetched() {
        Ok(Some((known, read))) => {
            lockfile.union(&known);
            let age = read.map(|read| call.process_env.now.duration_since(read).as_secs()).filter(|age| *age >= 60);
            Ok(age.map(|age| format!("the ledger was last read {} ago; `--fetch` asks it", format_span(age))))
        }
        Ok(None) => Ok(Some(
            "the ledger was never read here: videos that other machines paid for look new; `--fetch` asks it"
                .to_owned(),
        )),
        Err(error) => Ok(Some(format!("{error}: videos that other machines paid for look new"))),
    }
}

/// Adds to a lockfile what is known of the ledger, and warns if that may be old. See [`know`].
pub fn add_known(
    call: &Context,
    of: (&CompiledProject, &Environment),
    lockfile: &mut Lockfile,
    fetch: bool,
) -> Result<(), CliError> {
    match know(call, of, lockfile, fetch)? {
        Some(old) => Ok(call.view.warning(&old)?),
        None => Ok(()),
    }
}

/// Opens a lockfile with what is known of the ledger. See [`Context::open_lockfile`] and [`know`].
pub fn open_known(
    call: &Context,
    of: (&CompiledProject, &Environment),
    path: &Path,
    fetch: bool,
) -> Result<Store, CliError> {
    let mut store = call.open_lockfile(path)?;
    add_known(call, of, &mut store.lockfile, fetch)?;
    Ok(store)
}

/// Changes the ledger by hand, outside of an apply.
pub fn change<T: Send>(
    ledger: &Ledger,
    local: &Lockfile,
    note: &str,
    decide: impl FnMut(&Lockfile) -> (Vec<Record>, T) + Send,
) -> Result<Updated<T>, CliError> {
    let updated = runtime()?.block_on(ledger.update(local, note, &|| false, decide));
    updated.map_err(CliError::other)
}
