//! Findings about the connection to the vendor, and the requests that they need. Each request has a time limit.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use url::Url;

use super::check::Check;
use super::examination::{Examination, VendorAnswers};
use crate::project::Environment;
use crate::source::pluralize;
use crate::vendor::{BaseUrl, CallError, ClientError, HttpVendor, Route, UnreachableReason, Vendor, names_host, route};

/// Time limit of one request.
const MAX_QUESTION_TIME: Duration = Duration::from_secs(20);
/// Maximum deviation of the clock without a warning.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(1);

/// Whether `SSL_CERT_FILE` and `SSL_CERT_DIR` apply. macOS and Windows use their certificate stores.
const READS_VARIABLES: bool = cfg!(all(unix, not(target_vendor = "apple")));

/// Sends the vendor at `base_url` every request that the checks need.
///
/// `vendor` is the client with credentials, or the reason why there is none.
pub async fn ask_vendor(
    environment: &Environment,
    base_url: &str,
    vendor: Result<&HttpVendor, String>,
) -> VendorAnswers {
    let mut answers = VendorAnswers::default();
    let address = BaseUrl::new(base_url, &environment.allowed_hosts);
    answers.host = Some(address.clone());
    let timeout = environment.timeout.min(MAX_QUESTION_TIME / 2);
    // A sandbox that is not running has no address.
    let runs = vendor.is_ok() || !environment.is_sandbox();
    if let Some(address) = address.as_ref().ok().filter(|_| runs) {
        answers.reached = Some(address.probe(timeout).await);
    }
    let vendor = match vendor {
        Ok(vendor) => vendor,
        Err(words) => {
            answers.unready = Some(words);
            return answers;
        }
    };
    if matches!(answers.reached, Some(Ok(()))) {
        if vendor.exchanges() {
            answers.exchanged = Some(limited(vendor.wait_for_rate()).await.map(|()| vendor.token_life()));
        }
        if !matches!(answers.exchanged, Some(Err(_))) {
            answers.list = Some(limited(vendor.list_videos()).await.map(|videos| videos.len()));
        }
        answers.clock = vendor.clock_offset();
    }
    answers
}

/// Runs a request with the time limit [`MAX_QUESTION_TIME`].
async fn limited<T>(question: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
    let late = || CallError::InvalidResponse(format!("no usable answer within {} s", MAX_QUESTION_TIME.as_secs()));
    tokio::time::timeout(MAX_QUESTION_TIME, question).await.unwrap_or_else(|_| Err(late()))
}

fn address(facts: &Examination) -> Option<&BaseUrl> {
    facts.answers.host.as_ref()?.as_ref().ok()
}

pub(super) fn host(facts: &Examination) -> Check {
    let Ok(environment) = &facts.environment else { return Check::skipped("needs `environment`") };
    let host = &environment.host;
    match &facts.answers.host {
        Some(Ok(address)) if address.is_this_machine => Check::ok(format!("`{host}` is this machine")),
        Some(Ok(_)) if names_host(&environment.allowed_hosts, host) => {
            Check::ok(format!("`{host}` may receive the credentials: `CALLSHEET_ALLOW_HOST` names it"))
        }
        Some(Ok(_)) => Check::ok(format!("`{host}` may receive the credentials")),
        Some(Err(ClientError::Host(name))) => Check::failure(
            format!("`{name}` must not receive the credentials"),
            format!("correct `base_url`; if you trust the host, set `CALLSHEET_ALLOW_HOST={name}`"),
        ),
        Some(Err(error)) => Check::failure(error.to_string(), "correct `base_url` or `CALLSHEET_BASE_URL`"),
        None => Check::skipped("not asked"),
    }
}

pub(super) fn proxy(facts: &Examination) -> Check {
    let Some(address) = address(facts) else { return Check::skipped("needs `host`") };
    match route(&address.endpoint("/"), &facts.process_env.env) {
        Route::ThisMachine => Check::ok("none: this machine is reached directly"),
        Route::Direct => Check::ok("none: no variable names one"),
        Route::Exempt => Check::ok("none: `NO_PROXY` excludes the host"),
        Route::Proxy { variable, address } => Check::ok(format!("`{address}`, named by `{variable}`")),
        Route::Unsupported { variable, scheme } => Check::failure(
            format!("`{variable}` names a `{scheme}` proxy, which is not supported"),
            format!("set `{variable}` to an http proxy, or exclude the host with `NO_PROXY`"),
        ),
        Route::Unreadable { variable } => Check::warning(
            format!("`{variable}` is not the address of a proxy, so it is ignored"),
            format!("set `{variable}` to an address such as `http://proxy.example:3128`, or unset it"),
        ),
    }
}

pub(super) fn certificates(facts: &Examination) -> Check {
    let Some(address) = address(facts) else { return Check::skipped("needs `host`") };
    if address.endpoint("/").scheme() == "http" {
        return Check::ok("not needed: plain http on this machine");
    }
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(|name| facts.process_env.var(name).is_some());
    if let Some(name) = named.filter(|_| !READS_VARIABLES) {
        return Check::warning(
            format!("those of the system; `{name}` is not read on this system"),
            "add the CA to the system's certificate store",
        );
    }
    let Some(file) = facts.process_env.var("SSL_CERT_FILE") else {
        return match &facts.answers.reached {
            Some(Err(UnreachableReason::Client(error @ ClientError::NoCertificates))) => {
                Check::failure(error.to_string(), "install the package `ca-certificates`")
            }
            _ => match facts.process_env.var("SSL_CERT_DIR") {
                Some(directory) => Check::ok(format!("those of the directory `{directory}`, named by `SSL_CERT_DIR`")),
                None => Check::ok("those of this machine"),
            },
        };
    };
    // The bundle itself is public, but its path is private.
    match std::fs::read_to_string(Path::new(file)) {
        Err(error) => Check::failure(
            format!("`SSL_CERT_FILE` names `{file}`, which cannot be read: {error}"),
            "correct `SSL_CERT_FILE`, or unset it",
        ),
        Ok(text) => match text.matches("-----BEGIN CERTIFICATE-----").count() {
            0 => Check::failure(
                format!("`SSL_CERT_FILE` names `{file}`, which holds no certificate"),
                "write the certificates into it in PEM format",
            ),
            one => Check::ok(format!("{one} in `{file}`, named by `SSL_CERT_FILE`")),
        },
    }
}

pub(super) fn connection(facts: &Examination) -> Check {
    let Ok(environment) = &facts.environment else { return Check::skipped("needs `environment`") };
    if let Some(words) = facts.answers.unready.as_ref().filter(|_| environment.is_sandbox()) {
        return match facts.root() {
            None => Check::skipped("needs `project`"),
            Some(_) => {
                Check::failure(words.clone(), "end the other `callsheet sandbox` of this project, if there is one")
            }
        };
    }
    let place = address(facts).map(|base| base.endpoint("/")).and_then(|url| authority(&url)).unwrap_or_default();
    match &facts.answers.reached {
        Some(Ok(())) => Check::ok(format!("`{}` answers", environment.host)),
        Some(Err(UnreachableReason::Client(error))) => {
            Check::failure(error.to_string(), "correct `SSL_CERT_FILE` or `SSL_CERT_DIR`, if one is set")
        }
        Some(Err(UnreachableReason::Certificate(words)))
            if words.contains("Expired") || words.contains("NotValidYet") =>
        {
            Check::failure(
                format!("the certificate of `{place}` is not valid now: {words}"),
                "check the clock of this machine",
            )
        }
        Some(Err(UnreachableReason::Certificate(words))) => Check::failure(
            format!("the certificate of `{place}` is not trusted: {words}"),
            "if a proxy inspects TLS, put its CA into a bundle and name that in `SSL_CERT_FILE`",
        ),
        Some(Err(UnreachableReason::Connection(words))) => Check::failure(
            format!("no connection to `{place}`: {words}"),
            "check the network, the proxy and the firewall; docs/how-to/network.md lists the hosts to allow",
        ),
        Some(Err(UnreachableReason::Silent(words))) => Check::failure(
            format!("`{place}` does not answer: {words}"),
            "check the proxy and the firewall, then try again",
        ),
        None => Check::skipped("not asked"),
    }
}

/// Returns host and port.
fn authority(url: &Url) -> Option<String> {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}{port}", url.host_str()?))
}

pub(super) fn clock(ahead: Option<SignedDuration>) -> Check {
    let Some(ahead) = ahead else {
        return Check::ok("not known: no answer of the vendor had the time");
    };
    if ahead.abs() <= CLOCK_TOLERANCE {
        return Check::ok("agrees with the vendor's within a minute");
    }
    let word = if ahead.is_negative() { "ahead of" } else { "behind" };
    Check::warning(
        format!("this clock is {} {word} the vendor's, so times in the lockfile are wrong", length(ahead.abs())),
        "set the clock of this machine, for example with NTP",
    )
}

fn length(span: SignedDuration) -> String {
    format!("{:#}", SignedDuration::from_secs(span.as_secs()))
}

pub(super) fn credentials(facts: &Examination) -> Check {
    let Ok(environment) = &facts.environment else { return Check::skipped("needs `environment`") };
    if environment.is_sandbox() {
        return Check::ok("not needed: the sandbox takes any");
    }
    if let Some(words) = &facts.answers.unready {
        return with_next_step(words, "set the variables, then try again");
    }
    let names = &environment.variables;
    match (&facts.answers.exchanged, &facts.answers.list) {
        (Some(Err(CallError::Key(words))), _) | (_, Some(Err(CallError::Key(words)))) => {
            with_next_step(words, "check the variables that hold the credentials")
        }
        (Some(Err(error)), _) => Check::failure(
            format!("`{}` and `{}` could not be exchanged for a token: {error}", names.client_id, names.client_secret),
            "try again later",
        ),
        (Some(Ok(life)), _) => {
            let life = life.map(|life| format!(", which lives {} s", life.as_secs())).unwrap_or_default();
            Check::ok(format!("`{}` and `{}` were exchanged for a token{life}", names.client_id, names.client_secret))
        }
        (None, Some(Ok(_))) => Check::ok(format!("the vendor accepts the token in `{}`", names.token)).then(format!(
            "in CI, set `{}` and `{}`: a ready token expires after about 98 minutes",
            names.client_id, names.client_secret
        )),
        (None, Some(Err(_))) => Check::skipped("not known: the list cannot be read"),
        (None, None) => Check::skipped("needs `connection`"),
    }
}

/// Splits a message whose last part is the next step.
fn with_next_step(words: &str, next: &str) -> Check {
    // This command never submits anything.
    let words = words.replace("; nothing was sent", "");
    let (message, next) = words.rsplit_once("; ").unwrap_or((&words, next));
    Check::failure(message, next)
}

pub(super) fn list(facts: &Examination) -> Check {
    match &facts.answers.list {
        Some(Ok(0)) => Check::ok("readable: no videos yet"),
        Some(Ok(videos)) => Check::ok(format!("readable: {}", pluralize(*videos as u64, "video"))),
        None | Some(Err(CallError::Key(_))) => Check::skipped("needs `credentials`"),
        Some(Err(error)) => Check::failure(
            format!("the vendor's list of videos cannot be read: {error}"),
            "try again later; without the list, takes in doubt stay in doubt",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::CheckStatus;
    use super::*;

    #[test]
    fn a_clock_that_is_off_by_more_than_a_minute_is_told_with_its_direction() {
        let told = |seconds: i64| clock(Some(SignedDuration::from_secs(seconds)));
        for close in [0, 60, -60] {
            assert_eq!(told(close).status, CheckStatus::Ok, "{close}");
        }
        let (behind, ahead) = (told(61), told(-7320));
        assert_eq!((behind.status, ahead.status), (CheckStatus::Warning, CheckStatus::Warning));
        assert!(behind.message.starts_with("this clock is 1m 1s behind the vendor's"), "{}", behind.message);
        assert!(ahead.message.starts_with("this clock is 2h 2m ahead of the vendor's"), "{}", ahead.message);
        assert_eq!(clock(None).status, CheckStatus::Ok);
    }
}
