//! The question before money is spent.

use jiff::Timestamp;

use super::{CliError, Context};
use crate::cli::exit::Exit;
use crate::output::plan_sentence;
use crate::plan::Plan;
use crate::project::{self, CompiledProject, Environment};
use crate::vendor::StopToken;

/// Asks the user for confirmation. Returns an exit code unless the answer is yes.
pub async fn confirm(
    call: &mut Context,
    plan: &Plan,
    environment: &Environment,
    stop: &StopToken,
) -> Result<Option<Exit>, CliError> {
    if !call.interactive {
        return Err(CliError::Other(
            "confirmation needs a terminal; nothing was sent; `--yes` applies without asking".to_owned(),
        ));
    }
    // The plan is already above the question, unless the output is quiet.
    let sum = if call.view.shape.quiet { format!("{}\n", plan_sentence(plan)) } else { String::new() };
    let place = if environment.is_sandbox() {
        "the sandbox, where nothing is paid for".to_owned()
    } else {
        format!("{} ({})", environment.host, environment.name)
    };
    call.view.ask(&format!("{sum}Submit to {place}? Only `yes` is accepted: "))?;
    let mut input = std::mem::replace(&mut call.input, Box::new(std::io::empty()));
    let (reply, answer) = tokio::sync::oneshot::channel();
    // Read in a separate thread, so that a signal is handled while the user types nothing. It ends with the
    // process.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = input.read_line(&mut line).map(|_| line);
        drop(reply.send(read));
    });
    let line = tokio::select! {
        biased;
        () = stop.stop_requested() => {
            call.view.notice("\ninterrupted; nothing was sent")?;
            return Ok(Some(Exit::Interrupted));
        }
        line = answer => line.unwrap_or_else(|_| Ok(String::new()))?,
    };
    if line.trim() == "yes" {
        return Ok(None);
    }
    call.view.notice("not applied; nothing was sent")?;
    Ok(Some(Exit::Error))
}

/// Reports an expired presigned URL before any money is spent.
pub fn not_expired(compiled: &CompiledProject, plan: &Plan) -> Result<(), CliError> {
    let (work, standby) = project::planned_submissions(plan, &compiled.videos);
    let specs = work.iter().map(|one| (&one.key, &one.spec)).chain(standby.iter().map(|one| (&one.key, &one.spec)));
    match project::first_expired_url(specs, Timestamp::now()) {
        None => Ok(()),
        Some((key, end)) => Err(CliError::Other(format!(
            "`{key}` has a presigned URL that expired at {end}, so the vendor could not fetch it; nothing was sent; sign it again"
        ))),
    }
}
