//! Opens the vendor for `apply` and the `lock` commands, and starts the built-in sandbox if it is the vendor.

use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::{CliError, Context};
use crate::lockfile::{ApplyLock, ApplyLockError};
use crate::output::format_span;
use crate::project::{self, Environment};
use crate::sandbox::{Sandbox, SandboxOptions};
use crate::vendor::{ClientError, Credentials, HttpVendor, Tokens, Vendor as _};

/// The API key for the built-in sandbox, which accepts any. It must not occur in a message, because messages redact
/// keys.
const SANDBOX_KEY: &str = "built-in-no-key";

/// Maximum difference of clocks in seconds without a warning.
const MAX_CLOCK_OFFSET: i64 = 60;

/// The vendor of a run, with its server for `--env sandbox`.
pub struct VendorSession {
    /// The client.
    pub vendor: HttpVendor,
    sandbox: Option<Sandbox>,
}

impl VendorSession {
    /// Opens the vendor of an environment. It sends nothing yet.
    pub async fn open(call: &Context, root: &std::path::Path, environment: &Environment) -> Result<Self, CliError> {
        let refused = |error: ClientError| match error {
            ClientError::Key(fault) => CliError::Other(format!(
                "the token in the environment variable `{}` {fault}",
                environment.variables.token
            )),
            error => CliError::Other(error.to_string()),
        };
        if environment.is_sandbox() {
            let options = SandboxOptions::new(project::sandbox_state(root)?, call.draw_in.clone());
            let started = Sandbox::start(([127, 0, 0, 1], 0).into(), options).await;
            let sandbox = started.map_err(|error| CliError::Other(format!("the sandbox does not start: {error}")))?;
            tracing::debug!(
                host = &*environment.host,
                state = project::SANDBOX_STATE,
                "the built-in sandbox emulates the vendor"
            );
            let key = Tokens::from(SecretString::from(SANDBOX_KEY));
            let vendor = project::vendor(environment, &sandbox.base_url(), key).map_err(refused)?;
            return Ok(Self { vendor, sandbox: Some(sandbox) });
        }
        let tokens = tokens(call, environment)?;
        let vendor = project::vendor(environment, environment.base_url.as_str(), tokens);
        Ok(Self { vendor: vendor.map_err(refused)?, sandbox: None })
    }

    /// Returns a warning if the vendor's clock and ours differ, because expiry depends on both.
    pub fn clock_warning(&self) -> Option<String> {
        let offset = self.vendor.clock_offset()?.as_secs();
        let (ahead, behind) =
            if offset > 0 { ("the vendor's", "this machine's") } else { ("this machine's", "the vendor's") };
        (offset.abs() > MAX_CLOCK_OFFSET).then(|| {
            // A `Date` has whole seconds, so two hours may measure as 1 h 59 min 59 s.
            let rounded = (offset.abs() + 30) / 60 * 60;
            format!(
                "{ahead} clock is {} ahead of {behind}, so expiry times may be wrong; check this machine's clock",
                format_span(rounded)
            )
        })
    }

    /// Warns about different clocks, once per command.
    pub fn warn_of_clock(&self, call: &Context) -> Result<(), CliError> {
        match self.clock_warning() {
            Some(words) if !call.clock_warned.replace(true) => Ok(call.warn(&words)?),
            _ => Ok(()),
        }
    }

    /// Returns the address of the sandbox, if it is one.
    pub fn sandbox_url(&self) -> Option<String> {
        self.sandbox.as_ref().map(Sandbox::base_url)
    }

    /// Stops the sandbox, if it is one.
    pub async fn close(self) {
        if let Some(sandbox) = self.sandbox {
            sandbox.shutdown().await;
        }
    }
}

/// Returns the tokens of the command. All of its clients share one exchange.
fn tokens(call: &Context, environment: &Environment) -> Result<Tokens, CliError> {
    if let Some(tokens) = call.tokens.get() {
        return Ok(tokens.clone());
    }
    let names = &environment.variables;
    let lookup = |name: &str| call.process_env.var(name);
    let credentials = Credentials::from_variables(names, lookup).map_err(CliError::other)?;
    if credentials.pair().is_some() {
        let from = format!("{}, {}", names.client_id, names.client_secret);
        tracing::debug!(host = &*environment.host, pair_from = from, "the vendor's API");
        if lookup(&names.token).is_some() {
            tracing::debug!(ignored = names.token, "the client id and secret override a token");
        }
    } else {
        tracing::debug!(host = &*environment.host, key_from = names.token, "the vendor's API");
    }
    Ok(call.tokens.get_or_init(|| credentials.into()).clone())
}

/// Commands that hold the apply lock only to write a few lines. The last entry is a holder that did not yet record
/// its command.
const SHORT_LOCK_HOLDERS: [&str; 4] = ["callsheet status", "callsheet wait", "callsheet pull", "callsheet"];
/// Maximum wait for such a holder.
const SHORT_LOCK_WAIT: Duration = Duration::from_secs(3);

/// Acquires the apply lock, which allows one apply at a time per project on this machine.
pub fn acquire_apply_lock(call: &Context, command: &str) -> Result<ApplyLock, CliError> {
    let path = project::apply_lock_path(&call.root()?);
    let end = Instant::now() + SHORT_LOCK_WAIT;
    loop {
        match ApplyLock::acquire(&path, call.user(), command, call.process_env.now) {
            Err(ApplyLockError::Held { command, .. })
                if SHORT_LOCK_HOLDERS.contains(&&*command) && Instant::now() < end =>
            {
                std::thread::sleep(Duration::from_millis(50));
            }
            taken => return taken.map_err(|error| CliError::Other(lock_error(&error))),
        }
    }
}

/// Returns why a command without the apply lock does nothing, and the next step.
fn lock_error(error: &ApplyLockError) -> String {
    let next = match error {
        ApplyLockError::Held { .. } => return error.to_string(),
        ApplyLockError::Unsupported(..) => "use a checkout on a local disk",
        ApplyLockError::Io(..) => "use a checkout in which `.callsheet` can be written",
    };
    format!("{error}, so two applies could run at the same time; nothing was sent; {next}")
}
