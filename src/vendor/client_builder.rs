//! The connection settings of all clients: proxy, certificates and timeouts.

use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use reqwest::{Client, ClientBuilder};

/// Maximum time to connect.
const MAX_CONNECT: Duration = Duration::from_secs(10);

/// The reason why no client can be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Not a URL, or a URL with parts that a base URL cannot have.
    #[error("`base_url` is not usable: {0}")]
    Url(String),
    /// The URL contains a user name or a password.
    #[error("`base_url` must not hold a user name or a password")]
    UserInfo,
    /// Plain http to another machine.
    #[error("`base_url` must begin with `https://`: plain http is only for this machine, not for `{0}`")]
    NotHttps(String),
    /// A host that must not receive the credentials.
    #[error(
        "the credentials are not sent to `{0}`, only to `vidnoz.com` and this machine; if you trust this host, name it in `CALLSHEET_ALLOW_HOST`"
    )]
    Host(String),
    /// A token that cannot be sent.
    #[error("the token {0}")]
    Key(&'static str),
    /// No certificates to verify the vendor's with.
    #[error(
        "no CA certificates can be read on this machine: install the package `ca-certificates`; where `SSL_CERT_FILE` or `SSL_CERT_DIR` is set, correct it"
    )]
    NoCertificates,
    /// Any other error of the HTTP library.
    #[error("the HTTP client cannot be built: {0}")]
    Build(String),
}

/// Returns the message of the innermost cause, without the URL.
pub fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut inner: &dyn Error = &error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// Returns the settings of every client: no credentials, no redirects, no retries.
///
/// This machine is reached directly, whatever proxies the environment names. `localhost` always means this machine.
pub(super) fn builder(this_machine: bool, certificates: bool, connect: Duration) -> ClientBuilder {
    // Fails only if a provider is already installed, which serves equally well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("callsheet/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(MAX_CONNECT.min(connect));
    if this_machine {
        let addresses = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
        builder = builder.no_proxy().resolve_to_addrs("localhost", &addresses);
    }
    if certificates { builder } else { builder.tls_certs_only([]) }
}

pub(super) fn build_error(error: reqwest::Error) -> ClientError {
    let words = cause(error);
    if words.to_ascii_lowercase().contains("certificate") {
        ClientError::NoCertificates
    } else {
        ClientError::Build(words)
    }
}
