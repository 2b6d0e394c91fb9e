//! Resolves built-in defaults, the manifest's `environments` and the process's variables once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tracing::{Level, debug, enabled};
use url::Url;

use super::ProjectError;
use crate::manifest::{EnvironmentDecl, Manifest, Setting, check_base_url};
use crate::source::{Origin, Sources, make_directory};
use crate::vendor::{CredentialVariables, FileHosts};

/// The default environment, which needs no declaration.
pub const PRODUCTION: &str = "production";
/// The built-in environment: a sandbox inside the command.
pub const SANDBOX: &str = "sandbox";
/// The directory of the sandbox's tasks, relative to the project root.
pub const SANDBOX_STATE: &str = ".callsheet/sandbox";

/// A resolved environment: where requests go, and how fast.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// The base URL of the API. For the sandbox, a loopback URL that is set when it starts.
    pub base_url: Url,
    /// The host without port: part of a take's identity.
    pub host: Arc<str>,
    /// The environment variables that contain the credentials.
    pub variables: CredentialVariables,
    /// Requests per second. 0 means unlimited.
    pub rate: f64,
    /// Maximum number of submissions in flight.
    pub concurrency: usize,
    /// The time limit of one request.
    pub timeout: Duration,
    /// Minimum time between an intent and a listing that proves absence.
    pub settle_grace: Duration,
    /// Hosts that may receive the API key in addition to vidnoz.com and loopback, from `CALLSHEET_ALLOW_HOST`.
    pub allowed_hosts: Vec<String>,
}

impl Environment {
    /// Returns `true` for the built-in sandbox.
    pub fn is_sandbox(&self) -> bool {
        self.name == SANDBOX
    }
}

/// Creates the directory of the sandbox's tasks, and returns its path.
///
/// # Errors
/// If the path leaves the project, or the directory cannot be created.
pub fn sandbox_state(root: &Path) -> Result<PathBuf, ProjectError> {
    let state = root.join(SANDBOX_STATE);
    make_directory(root, &state).map_err(|error| ProjectError::io("make", &state, error))?;
    Ok(state)
}

/// The proxy variables that `reqwest` reads.
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Returns the hosts from which files of an environment may be downloaded.
pub fn file_hosts(environment: &Environment, process_env: &ProcessEnv) -> FileHosts {
    let hosts = FileHosts::for_vendor(&environment.host, &environment.allowed_hosts);
    hosts.with_proxies(PROXIES.into_iter().filter_map(|name| process_env.var(name)))
}

/// Returns the path of the lockfile of an environment.
pub fn lock_path(root: &Path, environment: &str) -> PathBuf {
    match environment {
        PRODUCTION => root.join("callsheet.lock"),
        SANDBOX => root.join(".callsheet").join("sandbox.lock"),
        other => root.join(format!("callsheet.{other}.lock")),
    }
}

/// Returns `true` for the name of a lockfile of any environment except the sandbox.
pub(super) fn is_lock_name(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("callsheet.") else { return false };
    rest == "lock" || rest.strip_suffix(".lock").is_some_and(|environment| !environment.is_empty())
}

/// Returns the name of the requested environment, which may not exist: `--env`, then `CALLSHEET_ENV`, then production.
pub fn environment_name<'a>(asked: Option<&'a str>, process_env: &'a ProcessEnv) -> &'a str {
    asked.or_else(|| process_env.var("CALLSHEET_ENV")).unwrap_or(PRODUCTION)
}

/// Resolves the requested environment: `--env`, then `CALLSHEET_ENV`, then production.
///
/// # Errors
/// If the environment is unknown, or its base URL is invalid.
pub fn resolve(
    manifest: &Manifest,
    asked: Option<&str>,
    process_env: &ProcessEnv,
) -> Result<Environment, ProjectError> {
    let name = environment_name(asked, process_env);
    let declared = manifest.environments.get(name);
    if declared.is_none() && name != PRODUCTION && name != SANDBOX {
        let mut known: Vec<&str> = manifest.environments.keys().map(|key| &**key).collect();
        known.extend([PRODUCTION, SANDBOX]);
        known.sort_unstable();
        known.dedup();
        return Err(ProjectError::UnknownEnvironment(name.to_owned(), known.join(", ")));
    }
    let empty = EnvironmentDecl::default();
    let declared = declared.unwrap_or(&empty);
    let sandbox = name == SANDBOX;
    let built_in = if sandbox { "http://127.0.0.1" } else { "https://devapi.vidnoz.com" };
    // The sandbox starts its own server. A variable meant for the vendor must not redirect it.
    let overridden = if sandbox { None } else { process_env.var("CALLSHEET_BASE_URL") };
    let text = overridden.or_else(|| declared.base_url.as_ref().map(|url| &*url.value)).unwrap_or(built_in);
    // Errors do not repeat it, because it may contain a password.
    check_base_url(text).map_err(ProjectError::BaseUrl)?;
    let base_url = Url::parse(text).map_err(|_| ProjectError::BaseUrl("is not a URL"))?;
    let host = base_url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_lowercase();
    Ok(Environment {
        name: name.to_owned(),
        base_url,
        host: host.into(),
        variables: variables(declared),
        rate: value(declared.rate.as_ref()).unwrap_or(if sandbox { 0.0 } else { 1.0 }),
        concurrency: value(declared.concurrency.as_ref()).unwrap_or(if sandbox { 16 } else { 4 }) as usize,
        timeout: value(declared.timeout.as_ref()).unwrap_or(Duration::from_mins(1)),
        settle_grace: value(declared.settle_grace.as_ref()).unwrap_or(Duration::from_mins(2)),
        allowed_hosts: process_env.list("CALLSHEET_ALLOW_HOST"),
    })
}

/// Returns the credential variables that an environment declares, or the built-in ones.
fn variables(declared: &EnvironmentDecl) -> CredentialVariables {
    let built_in = CredentialVariables::default();
    let name =
        |declared: Option<&Setting<Arc<str>>>, built_in| value(declared).map_or(built_in, |name| name.to_string());
    CredentialVariables {
        client_id: name(declared.client_id_env.as_ref(), built_in.client_id),
        client_secret: name(declared.client_secret_env.as_ref(), built_in.client_secret),
        token: name(declared.key_env.as_ref(), built_in.token),
    }
}

fn value<T: Clone>(setting: Option<&Setting<T>>) -> Option<T> {
    setting.map(|setting| setting.value.clone())
}

/// Environment variables and the clock: the machine's state that a run depends on. It is an argument, so that a test is
/// a function call.
#[derive(Clone, Debug)]
pub struct ProcessEnv {
    /// The environment variables that are valid UTF-8.
    pub env: BTreeMap<String, String>,
    /// The current time.
    pub now: Timestamp,
}

impl ProcessEnv {
    /// Reads the environment and the clock of this process.
    pub fn from_process() -> Self {
        let text = |name: std::ffi::OsString, value: std::ffi::OsString| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { env: std::env::vars_os().filter_map(|(name, value)| text(name, value)).collect(), now: Timestamp::now() }
    }

    /// Returns the comma-separated values of a variable.
    pub fn list(&self, name: &str) -> Vec<String> {
        let words = self.var(name).unwrap_or_default().split(',').map(str::trim);
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// Returns a variable if it is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns the environment variables that templates may read: those in the manifest's `env` list that are set.
    pub(super) fn visible_variables(&self, manifest: &Manifest) -> BTreeMap<String, String> {
        manifest.env.iter().filter_map(|(name, _)| Some((name.to_string(), self.env.get(&**name)?.clone()))).collect()
    }
}

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
    let setting = |name: &str, value: String, origin: Option<Origin>| {
        debug!(value, from = origin.map_or_else(|| "default".to_owned(), at), "{name}");
    };
    if !environment.is_sandbox() {
        setting("client_id_env", variables.client_id.clone(), origin(declared.client_id_env.as_ref()));
        setting("client_secret_env", variables.client_secret.clone(), origin(declared.client_secret_env.as_ref()));
        setting("key_env", variables.token.clone(), origin(declared.key_env.as_ref()));
    }
    setting("rate", format!("{rate:?}"), origin(declared.rate.as_ref()));
    setting("concurrency", concurrency.to_string(), origin(declared.concurrency.as_ref()));
    setting("timeout", format!("{timeout:?}"), origin(declared.timeout.as_ref()));
    setting("settle_grace", format!("{settle_grace:?}"), origin(declared.settle_grace.as_ref()));
}

fn origin<T>(setting: Option<&Setting<T>>) -> Option<Origin> {
    setting.map(|setting| setting.origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(pairs: &[(&str, &str)]) -> ProcessEnv {
        ProcessEnv {
            env: pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            now: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn production_exists_by_itself() {
        let found = resolve(&Manifest::default(), None, &world(&[])).unwrap();
        assert_eq!((found.name.as_str(), &*found.host, found.rate), ("production", "devapi.vidnoz.com", 1.0));
        assert_eq!(lock_path(Path::new("p"), &found.name), Path::new("p/callsheet.lock"));
    }

    #[test]
    fn the_sandbox_ignores_a_base_url_meant_for_the_vendor() {
        let process_env = world(&[("CALLSHEET_BASE_URL", "https://elsewhere.example"), ("CALLSHEET_ENV", "sandbox")]);
        let found = resolve(&Manifest::default(), None, &process_env).unwrap();
        assert!(found.is_sandbox());
        assert_eq!((&*found.host, found.rate), ("127.0.0.1", 0.0));
    }

    #[test]
    fn several_hosts_are_allowed_by_one_variable() {
        let allowed = |text| {
            let process_env = world(&[("CALLSHEET_ALLOW_HOST", text)]);
            resolve(&Manifest::default(), None, &process_env).unwrap().allowed_hosts
        };
        assert_eq!(allowed(" other.example.com ,gateway.EXAMPLE.com,"), ["other.example.com", "gateway.EXAMPLE.com"]);
        assert!(allowed(" , ").is_empty());
    }

    #[test]
    fn the_host_is_without_port_and_lower_case() {
        let process_env = world(&[("CALLSHEET_BASE_URL", "http://LocalHost:8787")]);
        assert_eq!(&*resolve(&Manifest::default(), None, &process_env).unwrap().host, "localhost");
    }

    #[test]
    fn an_unknown_environment_lists_the_known_ones() {
        let error = resolve(&Manifest::default(), Some("staging"), &world(&[])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "environment `staging` is not declared under `environments`; known: production, sandbox"
        );
    }

    #[test]
    fn a_base_url_that_cannot_be_used_is_refused_unseen() {
        for (url, why) in [
            ("https://u:topsecret@[vidnoz.com", "is not a URL"),
            ("https://u:topsecret@vidnoz.com", "holds a user or a password"),
            ("http://vidnoz.com", "is not https, so the credentials would be sent unencrypted"),
        ] {
            let error = resolve(&Manifest::default(), None, &world(&[("CALLSHEET_BASE_URL", url)])).unwrap_err();
            assert_eq!(error.to_string(), format!("`CALLSHEET_BASE_URL` {why}"));
        }
    }
}
