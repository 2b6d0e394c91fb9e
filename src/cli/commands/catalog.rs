//! `catalog`: downloads the vendor's lists, and shows them offline.

use std::path::Path;

use super::vendor_session::VendorSession;
use super::{CliError, Context, runtime};
use crate::catalog::{self, Catalog, CatalogSync, Filter};
use crate::cli::command_args::CatalogCommand;
use crate::cli::exit::Exit;
use crate::output::{CatalogRows, age, catalog_json, catalog_text, pluralize, synced_json, synced_sentence};
use crate::project::{self, CompiledProject, Environment};
use crate::vendor::CallError;

pub fn run(call: &mut Context, command: &CatalogCommand) -> Result<Exit, CliError> {
    // The manifests may have errors, because the user may be searching for the ids that fix them.
    let compiled = call.compile()?;
    let environment = call.environment(&compiled)?;
    let known = || known(call, &compiled.root, &environment);
    match command {
        CatalogCommand::Sync { pictures } => sync(call, &compiled, (&environment, *pictures)),
        CatalogCommand::Avatars(args) => {
            let known = known()?;
            let found = Filter::new(&args.words).avatars(&known.avatars);
            show(call, &known, CatalogRows::Avatars(&found), (found.len(), known.avatars.len(), "avatar"))
        }
        CatalogCommand::Voices(args) => {
            let known = known()?;
            let found = Filter::new(&args.words).voices(&known.voices);
            show(call, &known, CatalogRows::Voices(&found), (found.len(), known.voices.len(), "voice"))
        }
        CatalogCommand::Templates(args) => {
            let known = known()?;
            let found = Filter::new(&args.words).templates(&known.templates);
            show(call, &known, CatalogRows::Templates(&found), (found.len(), known.templates.len(), "template"))
        }
    }
}

/// Returns the catalog of an environment's host from the last sync.
pub fn known(call: &Context, root: &Path, environment: &Environment) -> Result<Catalog, CliError> {
    let found = Catalog::load_for(root, &environment.host);
    found?.ok_or_else(|| {
        let callsheet = call.callsheet(&environment.name);
        CliError::Other(format!(
            "there is no catalog of `{}` yet; `{callsheet} catalog sync` downloads it",
            environment.host
        ))
    })
}

fn sync(
    call: &mut Context,
    compiled: &CompiledProject,
    (environment, with_pictures): (&Environment, bool),
) -> Result<Exit, CliError> {
    let now = call.process_env.now;
    let (synced, pictures) = runtime()?.block_on(async {
        let session = VendorSession::open(call, &compiled.root, environment).await?;
        let synced = catalog::sync(&session.vendor, now).await;
        // The built-in sandbox serves its pictures only while it runs.
        let pictures = match &synced {
            Ok(CatalogSync { catalog, signed, .. }) if with_pictures => {
                let hosts = project::file_hosts(environment, &call.process_env);
                Some(project::fetch_catalog_pictures(compiled, catalog, signed, hosts).await)
            }
            _ => None,
        };
        session.close().await;
        Ok::<_, CliError>((synced, pictures))
    })?;
    let mut synced = match synced {
        Ok(synced) => synced,
        Err(CallError::Key(message)) => {
            call.view.error(&message)?;
            return Ok(Exit::ApiKeyRejected);
        }
        Err(error) => {
            return Err(CliError::Other(format!(
                "the vendor's lists could not be fetched: {error}; nothing was changed"
            )));
        }
    };
    synced.catalog.save(&compiled.root)?;
    call.refresh_schema(compiled)?;
    let mut fetched = None;
    if let Some(pictures) = pictures {
        let (found, beyond) = pictures.map_err(|error| {
            CliError::Other(format!("the lists are saved, but no picture can be downloaded: {error}"))
        })?;
        synced.warnings.extend(found.failed.iter().map(|(url, error)| format!("`{url}` is not fetched: {error}")));
        if beyond > 0 {
            synced
                .warnings
                .push(format!("{} beyond the first 500 are not fetched", pluralize(beyond as u64, "picture")));
        }
        fetched = Some((found.new, found.kept));
    }
    if call.json() {
        call.view.data(&synced_json(&synced.catalog, &synced.warnings, fetched))?;
        return Ok(Exit::Success);
    }
    for warning in &synced.warnings {
        call.view.warning(warning)?;
    }
    call.view.data(&format!("Synced: {}\n", synced_sentence(&synced.catalog)))?;
    if let Some((new, kept)) = fetched {
        call.view.info(&format!("{} fetched, {kept} kept", pluralize(new as u64, "picture")))?;
    }
    Ok(Exit::Success)
}

fn show(
    call: &mut Context,
    known: &Catalog,
    entries: CatalogRows<'_>,
    (found, of, word): (usize, usize, &str),
) -> Result<Exit, CliError> {
    if call.json() {
        call.view.data(&catalog_json(known, entries))?;
        return Ok(Exit::Success);
    }
    call.view.data(&catalog_text(entries, call.view.shape.color_out))?;
    call.view.info(&format!(
        "{found} of {of} {word}{} of {}",
        if of == 1 { "" } else { "s" },
        age_sentence(call, known)
    ))?;
    Ok(Exit::Success)
}

/// Returns the host and the time since the last sync: `devapi.vidnoz.com, synced 3 d ago`.
pub fn age_sentence(call: &Context, known: &Catalog) -> String {
    let text = format!("{}, synced {}", known.host, age(known.synced, call.process_env.now));
    let days = call.process_env.now.duration_since(known.synced).as_hours() / 24;
    if days < catalog::OLD_DAYS { text } else { format!("{text}; `catalog sync` updates it") }
}
