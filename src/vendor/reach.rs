//! Whether a host answers at all: one request without credentials.

use std::time::Duration;

use url::Url;

use super::connect::{build_error, builder, cause};
use super::options::{Base, ClientError};

/// Why a host could not be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreached {
    /// No client can be made.
    Client(ClientError),
    /// The certificate of the host, or of the proxy, is not trusted.
    Certificate(String),
    /// No connection: name, TCP, TLS or the tunnel of a proxy.
    Connection(String),
    /// A connection, but no answer in time.
    Silent(String),
}

/// A checked base URL, which can be reached before there are credentials.
#[derive(Clone, Debug)]
pub struct Address {
    base: Base,
}

impl Address {
    /// Checks a base URL; sends nothing.
    ///
    /// # Errors
    /// [`ClientError`] if the URL is not usable, or credentials are not sent to its host.
    pub fn new(base_url: &str, allowed_hosts: &[String]) -> Result<Self, ClientError> {
        Ok(Self { base: Base::new(base_url, allowed_hosts)? })
    }

    /// The checked base URL.
    pub fn url(&self) -> Url {
        self.base.endpoint("/")
    }

    /// Whether requests stay on this machine.
    pub fn is_this_machine(&self) -> bool {
        self.base.loopback
    }

    /// Sends one GET without credentials. Any answer proves that name, proxy, TCP and TLS work.
    ///
    /// # Errors
    /// [`Unreached`] if there was no answer within `timeout`.
    pub async fn reach(&self, timeout: Duration) -> Result<(), Unreached> {
        let client = builder(timeout, &self.base).build().map_err(|error| Unreached::Client(build_error(error)))?;
        match client.get(self.url()).timeout(timeout).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.is_connect() => {
                let words = cause(error);
                let untrusted = words.to_ascii_lowercase().contains("certificate");
                Err(if untrusted { Unreached::Certificate(words) } else { Unreached::Connection(words) })
            }
            Err(error) if error.is_timeout() => Err(Unreached::Silent(format!("no answer within {timeout:?}"))),
            Err(error) => Err(Unreached::Silent(cause(error))),
        }
    }
}
