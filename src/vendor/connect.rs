//! How all clients connect: directly or through a proxy, with which certificates, and for how long.

use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use reqwest::{Client, ClientBuilder};

/// A connection that takes longer is not made.
const MAX_CONNECT: Duration = Duration::from_secs(10);

/// Why there is no client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Not a URL, or one with parts that a base has not.
    #[error("`base_url` is not usable: {0}")]
    Url(String),
    /// A user name or a password in it.
    #[error("`base_url` must not hold a user name or a password")]
    UserInfo,
    /// Plain http to somewhere else than this machine.
    #[error("`base_url` must begin with `https://`: plain http is only for this machine, not for `{0}`")]
    NotHttps(String),
    /// A host that may not have the credentials.
    #[error(
        "the credentials are not sent to `{0}`: only hosts under `vidnoz.com` and this machine get them; if you trust this host, name it in `CALLSHEET_ALLOW_HOST`"
    )]
    Host(String),
    /// A token that cannot be sent.
    #[error("the token {0}")]
    Key(&'static str),
    /// No certificates to check the vendor's by.
    #[error(
        "no CA certificates can be read on this machine: install the package `ca-certificates`; where `SSL_CERT_FILE` or `SSL_CERT_DIR` is set, correct it"
    )]
    NoCertificates,
    /// Anything else that keeps the client from being built.
    #[error("the HTTP client cannot be built: {0}")]
    Build(String),
}

/// The message of the innermost cause, without the URL.
pub fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut inner: &dyn Error = &error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// The settings of every client. They know no credentials, follow no redirect and repeat nothing.
///
/// This machine is reached directly, whatever the environment says of proxies, and `localhost` is this machine.
pub(super) fn builder(this_machine: bool, certificates: bool, connect: Duration) -> ClientBuilder {
    // Fails only if a provider is installed already, which does as well.
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
