//! `sandbox`: runs the local emulator of the Vidnoz API until it is stopped.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{CliError, Context};
use crate::cli::exit::Exit;
use crate::cli::tool_args::SandboxArgs;
use crate::output::EventV1;
use crate::project::{self, PRODUCTION};
use crate::sandbox::{Fault, Sandbox, SandboxOptions};

pub fn run(call: &mut Context, args: &SandboxArgs) -> Result<Exit, CliError> {
    let faults = args.faults.iter().map(|spec| Fault::parse(spec));
    let faults = faults.collect::<Result<Vec<Fault>, _>>().map_err(|error| CliError::Usage(error.to_string()))?;
    let state_dir = if let Some(folder) = &args.state {
        call.working_directory.join(folder)
    } else {
        // Outside a project, the working directory contains the state, because the sandbox serves any client.
        let root = match call.root() {
            Err(CliError::Project(_)) => call.working_directory.clone(),
            root => root?,
        };
        project::sandbox_state(&root)?
    };
    let options = SandboxOptions {
        rate: (args.rate > 0.0).then_some(args.rate),
        queue: Duration::from_millis(args.queue),
        render: Duration::from_millis(args.render),
        faults,
        key: args.key.clone(),
        client_id: args.client_id.clone(),
        client_secret: args.client_secret.clone(),
        ..SandboxOptions::new(state_dir, call.draw_in.clone())
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    super::runtime()?.block_on(async {
        let stopped = super::signals::first()?;
        let sandbox = Sandbox::start(address, options).await.map_err(CliError::other)?;
        let base = sandbox.base_url();
        if call.json() {
            call.view.event(&EventV1::Listening { format_version: 1, base_url: base.clone() })?;
        } else {
            call.view.data(&format!("listening on {base}\n"))?;
            let chosen = args.key.is_some() || args.client_id.is_some() || args.client_secret.is_some();
            let program = call.callsheet(PRODUCTION);
            call.view.info(&hint(&base, chosen, &program))?;
        }
        stopped.await;
        sandbox.shutdown().await;
        Ok(Exit::Success)
    })
}

/// Returns how to use the sandbox. It must not write `=` after the name of a secret, because the view would redact
/// the rest.
fn hint(base: &str, chosen: bool, program: &str) -> String {
    let credentials = if chosen { "these credentials" } else { "any value in VIDNOZ_API_KEY" };
    format!("in another terminal, with {credentials}: CALLSHEET_BASE_URL={base} {program} apply\nCtrl-C stops it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::redact_signatures;

    #[test]
    fn the_hint_is_printed_as_it_is() {
        for chosen in [false, true] {
            let hint = hint("http://127.0.0.1:8787", chosen, "callsheet -C shop");
            assert_eq!(redact_signatures(&hint), hint);
        }
    }
}
