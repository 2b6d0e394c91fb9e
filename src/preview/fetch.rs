//! Remote background pictures fetched on request: without any key, over https (loopback may be plain), small and soon.
//!
//! Only the vendor's API is spoken to by `vendor/`, which sends the key; this client has none to send.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::Client;
use reqwest::redirect::{Attempt, Policy};
use thiserror::Error;
use url::{Host, Url};

use super::ledger::save;
use super::media::{check_still, fetched_name};
use crate::source::folder_of;
use crate::spec::without_signature;

/// The largest picture that is fetched.
const MOST_BYTES: usize = 25 << 20;
/// The longest that one picture may take.
const LONGEST: Duration = Duration::from_secs(30);
/// Addresses that lead on, at most.
const MOST_HOPS: usize = 5;
/// Fetched at once.
const SIDE_BY_SIDE: usize = 4;

/// What came of fetching.
#[derive(Debug, Default)]
pub struct Fetched {
    /// Pictures that came.
    pub new: usize,
    /// Pictures that were there already.
    pub kept: usize,
    /// Addresses, without signatures, and why nothing came.
    pub failed: Vec<(String, FetchError)>,
}

/// Why a picture did not come. Never names the signature of an address.
#[derive(Debug, Error)]
pub enum FetchError {
    /// An address that is not asked.
    #[error("{0}")]
    Refused(&'static str),
    /// An answer that is no picture.
    #[error("the answer is no picture: {0}")]
    Unfit(String),
    /// The server's status.
    #[error("the server answered {0}")]
    Status(u16),
    /// The network.
    #[error("{0}")]
    Network(String),
    /// The disk.
    #[error("cannot write `{0}`: {1}")]
    Disk(PathBuf, io::Error),
}

/// Fetches what is not there yet into a folder, each picture under its [`fetched_name`].
///
/// # Errors
/// When no client can be built, or the folder not made.
pub async fn fetch_pictures(urls: impl Iterator<Item = &str>, folder: &Path) -> Result<Fetched, FetchError> {
    let wanted: BTreeMap<String, &str> = urls.map(|url| (fetched_name(url), url)).collect();
    let mut fetched = Fetched::default();
    let missing: Vec<(PathBuf, &str)> = wanted
        .into_iter()
        .map(|(name, url)| (folder.join(name), url))
        .filter(|(path, _)| {
            let there = path.is_file();
            fetched.kept += usize::from(there);
            !there
        })
        .collect();
    if missing.is_empty() {
        return Ok(fetched);
    }
    std::fs::create_dir_all(folder).map_err(|error| FetchError::Disk(folder.to_path_buf(), error))?;
    let clients = Clients::new()?;
    let clients = &clients;
    let results: Vec<(&str, Result<(), FetchError>)> = futures_util::stream::iter(missing)
        .map(|(path, url)| async move { (url, clients.fetch(url, &path).await) })
        .buffered(SIDE_BY_SIDE)
        .collect()
        .await;
    for (url, result) in results {
        match result {
            Ok(()) => fetched.new += 1,
            Err(error) => fetched.failed.push((without_signature(url).into_owned(), error)),
        }
    }
    Ok(fetched)
}

/// One client for this machine, one for all others, so that neither leads to the other.
struct Clients {
    near: Client,
    far: Result<Client, String>,
}

impl Clients {
    fn new() -> Result<Self, FetchError> {
        // Fails only when a provider is there already, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let this_machine = [([127, 0, 0, 1], 0).into(), ([0, 0, 0, 0, 0, 0, 0, 1], 0).into()];
        let near = builder(true).no_proxy().resolve_to_addrs("localhost", &this_machine).tls_certs_only([]);
        Ok(Self {
            near: near.build().map_err(|error| FetchError::Network(cause(error)))?,
            // Without certificates there is no client for https; one for loopback still is.
            far: builder(false).build().map_err(cause),
        })
    }

    async fn fetch(&self, address: &str, path: &Path) -> Result<(), FetchError> {
        let url = Url::parse(address).map_err(|_| FetchError::Refused("the address is no URL"))?;
        let near = is_near(&url);
        if let Some(why) = refusal(&url, near) {
            return Err(FetchError::Refused(why));
        }
        let client = match &self.far {
            _ if near => &self.near,
            Ok(client) => client,
            Err(words) => return Err(FetchError::Network(words.clone())),
        };
        let bytes = tokio::time::timeout(LONGEST, body(client, url));
        let bytes = bytes.await.map_err(|_| FetchError::Network("it took longer than 30 s".to_owned()))??;
        check_still(bytes.clone()).map_err(FetchError::Unfit)?;
        save(folder_of(path), path, &bytes).map_err(|error| match error {
            super::StudioError::Disk(path, error) => FetchError::Disk(path, error),
            other => FetchError::Disk(path.to_path_buf(), io::Error::other(other.to_string())),
        })
    }
}

async fn body(client: &Client, url: Url) -> Result<Vec<u8>, FetchError> {
    let network = |error: reqwest::Error| FetchError::Network(cause(error));
    let mut response = client.get(url).send().await.map_err(network)?;
    let status = response.status();
    if status.is_redirection() {
        return Err(FetchError::Refused("it leads on to an address that is not https, or too often"));
    }
    if !status.is_success() {
        return Err(FetchError::Status(status.as_u16()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(network)? {
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(FetchError::Unfit("it is larger than 25 MB".to_owned()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn builder(near: bool) -> reqwest::ClientBuilder {
    let follow = move |attempt: Attempt<'_>| {
        let lost = refusal(attempt.url(), near).is_some() || attempt.previous().len() > MOST_HOPS;
        if lost { attempt.stop() } else { attempt.follow() }
    };
    Client::builder()
        .user_agent(concat!("callsheet/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::custom(follow))
        .referer(false)
        .connect_timeout(Duration::from_secs(10))
}

/// Why an address is not asked; `near` is whether this machine may be.
fn refusal(url: &Url, near: bool) -> Option<&'static str> {
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => Some("the address holds a user or a password"),
        "http" | "https" if near && is_near(url) => None,
        "https" if !is_near(url) => None,
        "https" | "http" if is_near(url) => Some("a remote address leads to this machine"),
        _ => Some("the address is not https"),
    }
}

fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The innermost cause in words, without the address.
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut inner: &dyn std::error::Error = &error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str, near: bool) -> Option<&'static str> {
        refusal(&Url::parse(text).unwrap(), near)
    }

    #[test]
    fn only_https_is_asked_and_this_machine_only_by_its_own_name() {
        assert_eq!(why("https://cdn.example.com/a.jpg", false), None);
        assert_eq!(why("http://127.0.0.1:8000/a.jpg", true), None);
        assert_eq!(why("http://cdn.example.com/a.jpg", false), Some("the address is not https"));
        assert_eq!(why("http://cdn.example.com/a.jpg", true), Some("the address is not https"));
        assert_eq!(why("https://localhost/a.jpg", false), Some("a remote address leads to this machine"));
        assert_eq!(why("http://169.254.169.254/latest", false), Some("the address is not https"));
        assert_eq!(why("file:///etc/passwd", true), Some("the address is not https"));
        assert_eq!(why("https://u:p@a.b/c", false), Some("the address holds a user or a password"));
    }

    #[tokio::test]
    async fn pictures_come_once_and_everything_else_says_why() {
        use axum::http::{StatusCode, header};
        use axum::routing::get;
        let png = super::super::tests::chart_png();
        let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let log = std::sync::Arc::clone(&seen);
        let router = axum::Router::new()
            .route(
                "/a.png",
                get(move |headers: axum::http::HeaderMap| async move {
                    log.lock().unwrap().push(headers.contains_key("authorization"));
                    png
                }),
            )
            .route("/text", get(async || "no picture"))
            .route("/away", get(async || (StatusCode::FOUND, [(header::LOCATION, "http://example.com/a.png")])))
            .route("/large", get(async || vec![0_u8; MOST_BYTES + 1]));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir().unwrap();
        let urls: Vec<String> = ["/a.png?X-Amz-Date=1&X-Amz-Signature=aa", "/text", "/away", "/large", "/none"]
            .iter()
            .map(|path| format!("{base}{path}"))
            .collect();
        let fetched = fetch_pictures(urls.iter().map(String::as_str), folder.path()).await.unwrap();
        assert_eq!((fetched.new, fetched.kept), (1, 0));
        let mut words: Vec<String> =
            fetched.failed.iter().map(|(url, error)| format!("{} {error}", url.replace(&base, ""))).collect();
        words.sort();
        assert_eq!(
            words,
            [
                "/away it leads on to an address that is not https, or too often",
                "/large the answer is no picture: it is larger than 25 MB",
                "/none the server answered 404",
                "/text the answer is no picture: it is no picture that is known here",
            ]
        );
        let again = format!("{base}/a.png?X-Amz-Date=1&X-Amz-Signature=bb");
        let fetched = fetch_pictures([again.as_str()].into_iter(), folder.path()).await.unwrap();
        assert_eq!((fetched.new, fetched.kept), (0, 1));
        assert_eq!(*seen.lock().unwrap(), [false], "asked once, without a key");
        server.abort();
    }
}
