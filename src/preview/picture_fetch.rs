//! Downloads remote background pictures on request: without an API key, over https (or http on loopback), with limits.
//!
//! Only `vendor/` talks to the vendor's API and sends the API key. This client has no key.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::RequestBuilder;
use thiserror::Error;

use super::images::{check_still, downloaded_name};
use crate::source::write_atomically;
use crate::spec::without_signature;
use crate::vendor::{FileHosts, ResultDownloader, cause};

/// Maximum size of a picture, in bytes.
const MAX_DOWNLOAD_BYTES: usize = 25 << 20;
/// Maximum time per picture.
const MAX_DOWNLOAD_TIME: Duration = Duration::from_secs(30);
/// Number of concurrent downloads.
const CONCURRENT_FETCHES: usize = 4;

/// The result of downloading pictures.
#[derive(Debug, Default)]
pub struct PictureFetch {
    /// Number of downloaded pictures.
    pub new: usize,
    /// Number of pictures that already existed.
    pub kept: usize,
    /// Addresses without signatures, and why each download failed.
    pub failed: Vec<(String, PictureFetchError)>,
}

/// Why a picture was not downloaded. Never contains the signature of an address.
#[derive(Debug, Error)]
pub enum PictureFetchError {
    /// The address is not allowed.
    #[error("{0}")]
    Refused(String),
    /// The response is not a picture.
    #[error("the answer is not a picture: {0}")]
    Unfit(String),
    /// The HTTP status of the server.
    #[error("the server answered {0}")]
    Status(u16),
    /// The network failed.
    #[error("{0}")]
    Network(String),
    /// The disk failed.
    #[error("cannot write `{0}`: {1}")]
    Disk(PathBuf, io::Error),
}

/// Downloads missing pictures into a directory, each under its [`downloaded_name`].
///
/// # Errors
/// If no client can be built.
pub async fn fetch_pictures(
    urls: impl Iterator<Item = &str>,
    directory: &Path,
    hosts: FileHosts,
) -> Result<PictureFetch, PictureFetchError> {
    let wanted: BTreeMap<String, &str> = urls.map(|url| (downloaded_name(url), url)).collect();
    let mut fetched = PictureFetch::default();
    let missing: Vec<(String, &str)> = wanted
        .into_iter()
        .filter(|(name, _)| {
            let there = directory.join(name).symlink_metadata().is_ok_and(|meta| meta.is_file());
            fetched.kept += usize::from(there);
            !there
        })
        .collect();
    if missing.is_empty() {
        return Ok(fetched);
    }
    let download = ResultDownloader::new(MAX_DOWNLOAD_TIME, hosts)
        .map_err(|error| PictureFetchError::Network(error.to_string()))?;
    let download = &download;
    let results: Vec<(&str, Result<(), PictureFetchError>)> = futures_util::stream::iter(missing)
        .map(|(name, url)| async move { (url, fetch(download, url, directory, &name).await) })
        .buffered(CONCURRENT_FETCHES)
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

async fn fetch(
    download: &ResultDownloader,
    address: &str,
    directory: &Path,
    name: &str,
) -> Result<(), PictureFetchError> {
    let path = directory.join(name);
    let request = download.get(address).map_err(|error| PictureFetchError::Refused(error.to_string()))?;
    // A picture is small, so the time of the whole is limited. A video may take any time.
    let bytes = tokio::time::timeout(MAX_DOWNLOAD_TIME, body(request));
    let bytes = bytes.await.map_err(|_| PictureFetchError::Network("it took longer than 30 s".to_owned()))??;
    check_still(bytes.clone()).map_err(PictureFetchError::Unfit)?;
    write_atomically(directory, &path, &bytes).map_err(|error| PictureFetchError::Disk(path, error))
}

async fn body(request: RequestBuilder) -> Result<Vec<u8>, PictureFetchError> {
    let network = |error: reqwest::Error| {
        let redirected = error.is_redirect();
        let words = cause(error);
        if redirected {
            PictureFetchError::Refused(format!("it is redirected: {words}"))
        } else {
            PictureFetchError::Network(words)
        }
    };
    let mut response = request.send().await.map_err(network)?;
    let status = response.status();
    if !status.is_success() {
        return Err(PictureFetchError::Status(status.as_u16()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(network)? {
        if bytes.len() + chunk.len() > MAX_DOWNLOAD_BYTES {
            return Err(PictureFetchError::Unfit("it is larger than 25 MB".to_owned()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            .route("/inside", get(async || (StatusCode::FOUND, [(header::LOCATION, "https://10.0.0.1/a.png")])))
            .route("/large", get(async || vec![0_u8; MAX_DOWNLOAD_BYTES + 1]));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let directory = tempfile::tempdir().unwrap();
        let hosts = || FileHosts::for_vendor("127.0.0.1", &[]);
        let urls: Vec<String> =
            ["/a.png?X-Amz-Date=1&X-Amz-Signature=aa", "/text", "/away", "/inside", "/large", "/none"]
                .iter()
                .map(|path| format!("{base}{path}"))
                .collect();
        let fetched = fetch_pictures(urls.iter().map(String::as_str), directory.path(), hosts()).await.unwrap();
        assert_eq!((fetched.new, fetched.kept), (1, 0));
        let mut words: Vec<String> =
            fetched.failed.iter().map(|(url, error)| format!("{} {error}", url.replace(&base, ""))).collect();
        words.sort();
        assert_eq!(
            words,
            [
                "/away it is redirected: its address is plain http, which does not protect the file",
                "/inside it is redirected: its address is in a private or reserved network",
                "/large the answer is not a picture: it is larger than 25 MB",
                "/none the server answered 404",
                "/text the answer is not a picture: it is not a picture of a supported format",
            ]
        );
        let again = format!("{base}/a.png?X-Amz-Date=1&X-Amz-Signature=bb");
        let fetched = fetch_pictures([again.as_str()].into_iter(), directory.path(), hosts()).await.unwrap();
        assert_eq!((fetched.new, fetched.kept), (0, 1));
        let elsewhere = FileHosts::for_vendor("devapi.vidnoz.com", &[]);
        let fetched = fetch_pictures([format!("{base}/b.png").as_str()].into_iter(), directory.path(), elsewhere).await;
        assert_eq!(fetched.unwrap().failed[0].1.to_string(), "its address is on this machine");
        assert_eq!(*seen.lock().unwrap(), [false], "asked once, without a key");
        server.abort();
    }
}
