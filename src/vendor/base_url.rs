//! Checks where the client connects before the first request, so that no other host receives the credentials.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::ClientBuilder;
use url::Url;

use super::client_builder::{ClientError, build_error, builder, cause};

/// The vendor's domain. Its hosts may receive the credentials.
const VENDOR_DOMAIN: &str = "vidnoz.com";

/// The reason why a host is unreachable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnreachableReason {
    /// No client can be built.
    Client(ClientError),
    /// The certificate of the host, or of the proxy, is not trusted.
    Certificate(String),
    /// No connection: name lookup, TCP, TLS or a proxy's tunnel failed.
    Connection(String),
    /// A connection, but no response in time.
    Silent(String),
}

/// A base URL that passed the checks.
#[derive(Clone, Debug)]
pub struct BaseUrl {
    pub(super) url: Url,
    /// The host without a port.
    pub host: String,
    /// Whether requests stay on this machine.
    pub is_this_machine: bool,
}

impl BaseUrl {
    /// Checks a base URL; sends nothing.
    ///
    /// # Errors
    /// [`ClientError`] if the URL is not usable, or credentials are not sent to its host.
    pub fn new(base_url: &str, allowed_hosts: &[String]) -> Result<Self, ClientError> {
        // The message does not repeat an unreadable URL: it may contain a password.
        let url = Url::parse(base_url.trim()).map_err(|error| ClientError::Url(error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ClientError::UserInfo);
        }
        let Some(name) = url.host_str() else { return Err(ClientError::Url("it has no host".to_owned())) };
        let (is_this_machine, name) = (is_this_machine(name), name.to_owned());
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine => {}
            "http" => return Err(ClientError::NotHttps(name)),
            other => return Err(ClientError::Url(format!("`{other}` is not `https`"))),
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ClientError::Url("it has a query or a fragment".to_owned()));
        }
        let vendor = name == VENDOR_DOMAIN || name.strip_suffix(VENDOR_DOMAIN).is_some_and(|head| head.ends_with('.'));
        if !is_this_machine && !vendor && !names_host(allowed_hosts, &name) {
            return Err(ClientError::Host(name));
        }
        Ok(Self { url, host: name, is_this_machine })
    }

    /// Returns host and port, as the user wrote them.
    pub(super) fn authority(&self) -> String {
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.host)
    }

    /// Returns the URL of an endpoint, below the path of the base.
    pub fn endpoint(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let head = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{head}{path}"));
        url
    }

    /// Returns a client for this URL. Plain http needs no certificates, so it works where none are installed.
    pub(super) fn client(&self, timeout: Duration) -> ClientBuilder {
        // Shorter than the timeout of the call, so that a connection that was never made is recognized as such.
        builder(self.is_this_machine, self.url.scheme() != "http", timeout / 2)
    }

    /// Sends one GET without credentials. Any response proves that name, proxy, TCP and TLS work.
    ///
    /// # Errors
    /// [`UnreachableReason`] if there was no response within `timeout`.
    pub async fn probe(&self, timeout: Duration) -> Result<(), UnreachableReason> {
        let client = self.client(timeout).build().map_err(|error| UnreachableReason::Client(build_error(error)))?;
        match client.get(self.endpoint("/")).timeout(timeout).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.is_connect() => {
                let words = cause(error);
                let untrusted = words.to_ascii_lowercase().contains("certificate");
                Err(if untrusted {
                    UnreachableReason::Certificate(words)
                } else {
                    UnreachableReason::Connection(words)
                })
            }
            Err(error) if error.is_timeout() => Err(UnreachableReason::Silent(format!("no answer within {timeout:?}"))),
            Err(error) => Err(UnreachableReason::Silent(cause(error))),
        }
    }
}

/// Whether a host is this machine, which is reached without a proxy. IPv6 addresses are in brackets.
pub fn is_this_machine(host: &str) -> bool {
    host == "localhost" || without_brackets(host).parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Whether a host is in a list. An IPv6 address matches with or without brackets.
pub fn names_host(hosts: &[String], host: &str) -> bool {
    hosts.iter().any(|one| without_brackets(one).eq_ignore_ascii_case(without_brackets(host)))
}

fn without_brackets(host: &str) -> &str {
    host.trim_matches(['[', ']'])
}
