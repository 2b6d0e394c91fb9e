//! How clients of the API connect: directly or through a proxy, with which certificates, and for how long.

use std::error::Error;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder};

use super::options::{Base, ClientError, HttpOptions};

/// A connection that takes longer is none.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

/// The innermost cause in words, without the URL.
pub(super) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut inner: &dyn Error = &error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// A client of the API. Each request brings its own credentials.
pub(super) fn client(options: &HttpOptions, base: &Base, submits: bool) -> Result<Client, ClientError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let mut builder = builder(options.timeout, base).default_headers(headers);
    if submits {
        builder = builder.http1_only().pool_max_idle_per_host(0);
    }
    builder.build().map_err(build_error)
}

/// The settings that all clients of the API share. They know no credentials.
pub(super) fn builder(timeout: Duration, base: &Base) -> ClientBuilder {
    // Fails only when a provider is there already, which does as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("callsheet/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        // Always shorter than the whole call, so that a connection that was never made is seen as such.
        .connect_timeout(LONGEST_CONNECT.min(timeout / 2));
    if base.loopback {
        // This machine is reached directly, whatever the environment says of proxies, and `localhost` is this machine.
        let this_machine = [([127, 0, 0, 1], 0).into(), ([0, 0, 0, 0, 0, 0, 0, 1], 0).into()];
        builder = builder.no_proxy().resolve_to_addrs("localhost", &this_machine);
    }
    if base.is_plain() {
        // Plain http needs no certificates, so it also works where none are installed.
        builder = builder.tls_certs_only([]);
    }
    builder
}

pub(super) fn build_error(error: reqwest::Error) -> ClientError {
    let words = cause(error);
    if words.to_ascii_lowercase().contains("certificate") {
        ClientError::NoCertificates
    } else {
        ClientError::Build(words)
    }
}
