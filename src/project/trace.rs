//! Logs the settings of a run and their sources, for `--verbose`.

use tracing::{Level, debug, enabled};

use super::{Environment, PRODUCTION, ProcessEnv, SANDBOX, lock_path};
use crate::manifest::{EnvironmentDecl, Manifest, Setting};
use crate::source::{Origin, Sources};

/// Logs the environment of a run, its lockfile and its settings. Each has its source: a flag, a variable, a line of the
/// manifest, or a default. `asked` is the flag's value.
pub fn trace_environment(
    (manifest, sources): (&Manifest, &Sources),
    (asked, process_env): (Option<&str>, &ProcessEnv),
    environment: &Environment,
) {
    if !enabled!(Level::DEBUG) {
        return;
    }
    // Destructured, so that a new setting must get a line here or an underscore.
    let Environment { name, base_url: _, host, variables, rate, concurrency, timeout, settle_grace, allowed_hosts: _ } =
        environment;
    let none = EnvironmentDecl::default();
    let declared = manifest.environments.get(name.as_str()).unwrap_or(&none);
    let from = match (asked, process_env.var("CALLSHEET_ENV")) {
        (Some(_), _) => "--env",
        (None, Some(_)) => "CALLSHEET_ENV",
        (None, None) => "default",
    };
    let at = |origin| {
        let (file, position) = sources.locate(origin);
        format!("{file}:{}:{}", position.line, position.column)
    };
    let built_in = match name.as_str() {
        PRODUCTION | SANDBOX => "built in",
        _ => "undeclared",
    };
    debug!(
        name,
        from,
        declared = declared.origin.map_or_else(|| built_in.to_owned(), at),
        lockfile = %lock_path(std::path::Path::new(""), name).display(),
        "environment",
    );
    let host_from = if environment.is_sandbox() {
        "the built-in sandbox".to_owned()
    } else if process_env.var("CALLSHEET_BASE_URL").is_some() {
        "CALLSHEET_BASE_URL".to_owned()
    } else {
        declared.base_url.as_ref().map_or_else(|| "default".to_owned(), |setting| at(setting.origin))
    };
    debug!(name = &**host, from = host_from, "host");
    if !environment.is_sandbox() {
        debug!(
            value = variables.client_id,
            from = setting_source(declared.client_id_env.as_ref(), at),
            "client_id_env"
        );
        debug!(
            value = variables.client_secret,
            from = setting_source(declared.client_secret_env.as_ref(), at),
            "client_secret_env"
        );
        debug!(value = variables.token, from = setting_source(declared.key_env.as_ref(), at), "key_env");
    }
    debug!(value = *rate, from = setting_source(declared.rate.as_ref(), at), "rate");
    debug!(value = *concurrency, from = setting_source(declared.concurrency.as_ref(), at), "concurrency");
    debug!(value = ?timeout, from = setting_source(declared.timeout.as_ref(), at), "timeout");
    debug!(value = ?settle_grace, from = setting_source(declared.settle_grace.as_ref(), at), "settle_grace");
}

/// Returns the source of a setting.
fn setting_source<T>(setting: Option<&Setting<T>>, at: impl Fn(Origin) -> String) -> String {
    setting.map_or_else(|| "default".to_owned(), |setting| at(setting.origin))
}
