//! Downloads files without credentials: results are at hosts that the vendor names, under presigned URLs.
//!
//! This client has no credentials, so it cannot leak them. [`FileHosts`] decides which URLs are requested. Messages
//! contain the host of a URL, never the URL.

use std::io;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, DATE, ETAG, HeaderMap, HeaderName, IF_RANGE, LAST_MODIFIED, RANGE,
    RETRY_AFTER,
};
use reqwest::{Client, RequestBuilder, Response};
use thiserror::Error;
use url::Url;

use super::ClientError;
use super::classify::retry_after;
use super::client_builder::{build_error, builder, cause};
use super::file_hosts::{FileHosts, is_loopback};
use super::gzip::{self, Unpacker};

/// A date is a strong validator only if the file was this old when it was served (RFC 9110, 8.8.2.2).
const STRONG_DATE: Duration = Duration::from_mins(1);

/// Downloads files: results of the vendor, and images that a manifest references. Cheap to clone.
///
/// It has one client for this machine (no proxy, no certificates) and one for all other hosts. Neither can follow a
/// redirect into the other's network.
#[derive(Clone, Debug)]
pub struct ResultDownloader {
    this_machine: Client,
    /// For all other hosts. An error if certificates are missing.
    others: Result<Client, ClientError>,
    hosts: FileHosts,
    /// How long nothing may come before a connection counts as broken.
    idle: Duration,
}

/// The state of a partial download: the offset, and how to recognize the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumePoint {
    /// Number of bytes that are already on disk.
    pub from: u64,
    /// The server's validator of this file.
    pub validator: String,
}

/// The reason why a file cannot be downloaded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DownloadError {
    /// The URL must not be requested: it is invalid, or redirects to a blocked address.
    #[error("{0}")]
    Refused(String),
    /// The host responded with an error.
    #[error("`{host}` answered HTTP {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The host that responded.
        host: String,
        /// The wait that the host requests.
        wait: Option<Duration>,
    },
    /// The file at the host is no longer the one that was partly downloaded.
    #[error("the file changed at `{0}` while it was fetched")]
    Changed(String),
    /// No connection, or a broken one. A retry may succeed.
    #[error("{0}")]
    Broken(String),
}

/// A file while it is received.
#[derive(Debug)]
pub struct ResultBody {
    response: Response,
    /// The host that sends the file.
    pub host: String,
    idle: Duration,
    /// The first bytes, read to recognize gzip.
    read: Option<Bytes>,
    /// Unpacks a file that the host sends as gzip.
    unpacker: Option<Unpacker>,
    /// Offset of the first byte: 0, or the offset of the resumed download.
    pub start: u64,
    /// Size of the complete file, if the server sends it.
    pub total: Option<u64>,
    /// The validator for resuming. `None` if the server sends no strong one.
    pub validator: Option<String>,
}

impl ResultDownloader {
    /// Creates a client that gives up after `idle` without a byte.
    ///
    /// # Errors
    /// [`ClientError`] if no client can be built. Missing certificates are an error only for https.
    pub fn new(idle: Duration, hosts: FileHosts) -> Result<Self, ClientError> {
        // No timeout for the complete download: a file may take any time while bytes arrive.
        let build = |is_this_machine: bool| {
            let builder = hosts.with_redirects(builder(is_this_machine, !is_this_machine, idle));
            builder.read_timeout(idle).build().map_err(build_error)
        };
        Ok(Self { this_machine: build(true)?, others: build(false), hosts, idle })
    }

    /// Returns a request for the file at a URL.
    ///
    /// # Errors
    /// [`DownloadError::Refused`] if the URL must not be requested.
    pub fn get(&self, address: &str) -> Result<RequestBuilder, DownloadError> {
        let url = Url::parse(address).map_err(|_| DownloadError::Refused("its address is not a URL".to_owned()))?;
        let is_this_machine = is_loopback(&url);
        if let Some(why) = self.hosts.rejection(&url, is_this_machine) {
            return Err(DownloadError::Refused(why.to_owned()));
        }
        match &self.others {
            _ if is_this_machine => Ok(self.this_machine.get(url)),
            Ok(client) => Ok(client.get(url)),
            Err(error) => Err(DownloadError::Refused(error.to_string())),
        }
    }

    /// Requests a file, or the rest of a partial one.
    ///
    /// # Errors
    /// See [`DownloadError`].
    pub async fn open(&self, address: &str, resume: Option<&ResumePoint>) -> Result<ResultBody, DownloadError> {
        let request =
            self.get(address).map_err(|why| DownloadError::Refused(format!("the file is not fetched: {why}")))?;
        let mut request = request.header(ACCEPT_ENCODING, "identity");
        if let Some(ResumePoint { from, validator }) = resume {
            request = request.header(RANGE, format!("bytes={from}-")).header(IF_RANGE, validator);
        }
        let response = request.send().await.map_err(|error| send_error(error, address))?;
        // After redirects, another host may have responded.
        let host = response.url().host_str().unwrap_or_default().to_owned();
        let headers = response.headers();
        let encoding = gzip::encoding(headers);
        let status = response.status().as_u16();
        let (start, total) = match (status, resume) {
            (200, _) => (0, text(headers, &CONTENT_LENGTH).and_then(|length| length.trim().parse().ok())),
            // The file is now sent compressed, so the bytes on disk do not match its offsets.
            (206, Some(_)) if encoding.is_some() => return Err(DownloadError::Changed(host)),
            (206, Some(resume)) => part(headers, resume).ok_or_else(|| DownloadError::Changed(host.clone()))?,
            (416, Some(_)) => return Err(DownloadError::Changed(host)),
            _ => {
                let wait = text(headers, &RETRY_AFTER).and_then(|text| retry_after(text, SystemTime::now()));
                return Err(DownloadError::Status { status, host, wait });
            }
        };
        let validator = validator(headers).or_else(|| resume.filter(|_| start > 0).map(|one| one.validator.clone()));
        let mut body =
            ResultBody { response, host, idle: self.idle, read: None, unpacker: None, start, total, validator };
        if start == 0 {
            body.recognize(encoding.as_deref()).await?;
        }
        Ok(body)
    }
}

impl ResultBody {
    /// Reads the first bytes to find out whether the file is compressed.
    ///
    /// A compressed file is unpacked while it is received. Then the host's size and validator do not describe the file
    /// on disk. The number of bytes on disk is not an offset, so a broken download starts from the beginning.
    async fn recognize(&mut self, encoding: Option<&str>) -> Result<(), DownloadError> {
        let mut first = Vec::new();
        while first.len() < gzip::MAGIC_BYTES {
            let Some(bytes) = self.receive().await? else { break };
            first.extend_from_slice(&bytes);
        }
        if gzip::is_gzip(&first) {
            (self.total, self.validator, self.unpacker) = (None, None, Some(Unpacker::default()));
        } else if let Some(reason) = gzip::unknown_encoding(encoding) {
            return Err(DownloadError::Refused(format!("`{}` sent the file {reason}", self.host)));
        }
        self.read = Some(first.into());
        Ok(())
    }

    /// Returns the next bytes of the file, or `None` at the end.
    ///
    /// # Errors
    /// [`DownloadError::Broken`] if the connection breaks or stalls. The bytes before it are valid.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, DownloadError> {
        if let Some(piece) = self.unpacked(Unpacker::piece)? {
            return Ok(Some(piece));
        }
        let next = match self.read.take() {
            Some(read) => Some(read).filter(|read| !read.is_empty()),
            None => self.receive().await?,
        };
        let Some(unpacker) = &mut self.unpacker else { return Ok(next) };
        let Some(packed) = next else {
            let rest = self.unpacked(|unpacker| unpacker.finish().map(Some))?;
            return Ok(rest.filter(|rest| !rest.is_empty()));
        };
        unpacker.push(packed);
        self.unpacked(Unpacker::piece)
    }

    /// Returns the next bytes of the unpacker, if there is one.
    fn unpacked(
        &mut self,
        unpack: impl FnOnce(&mut Unpacker) -> io::Result<Option<Bytes>>,
    ) -> Result<Option<Bytes>, DownloadError> {
        let Some(unpacker) = &mut self.unpacker else { return Ok(None) };
        unpack(unpacker).map_err(|error| {
            let words = format!("the answer of `{}` cannot be unpacked from gzip: {error}", self.host);
            // A retry would receive the same bytes.
            if error.kind() == io::ErrorKind::Other {
                DownloadError::Refused(words)
            } else {
                DownloadError::Broken(words)
            }
        })
    }

    /// Returns the next bytes as the host sends them.
    async fn receive(&mut self) -> Result<Option<Bytes>, DownloadError> {
        match tokio::time::timeout(self.idle, self.response.chunk()).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => {
                Err(DownloadError::Broken(format!("the connection to `{}` broke: {}", self.host, cause(error))))
            }
            Err(_) => Err(DownloadError::Broken(format!("`{}` sent nothing for {:?}", self.host, self.idle))),
        }
    }
}

fn send_error(error: reqwest::Error, address: &str) -> DownloadError {
    let url = Url::parse(address).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let (redirect, connect, timeout) = (error.is_redirect(), error.is_connect(), error.is_timeout());
    let words = cause(error);
    match (redirect, connect, timeout) {
        (true, ..) => DownloadError::Refused(format!("`{host}` redirects, and the file is not fetched: {words}")),
        (_, true, _) => DownloadError::Broken(format!("no connection to `{host}`: {words}")),
        (.., true) => DownloadError::Broken(format!("`{host}` did not answer in time")),
        _ => DownloadError::Broken(format!("the connection to `{host}` broke: {words}")),
    }
}

/// Returns offset and complete size of a partial response. `None` unless it is the requested part of the same file.
fn part(headers: &HeaderMap, resume: &ResumePoint) -> Option<(u64, Option<u64>)> {
    let same = validator(headers).is_none_or(|now| now == resume.validator);
    let (range, total) = text(headers, &CONTENT_RANGE)?.strip_prefix("bytes ")?.split_once('/')?;
    let start: u64 = range.split_once('-')?.0.trim().parse().ok()?;
    (same && start == resume.from).then(|| (start, total.trim().parse().ok()))
}

/// Returns a strong validator: an ETag, or a date that is old enough.
fn validator(headers: &HeaderMap) -> Option<String> {
    if let Some(tag) = text(headers, &ETAG) {
        return (tag.starts_with('"') && tag.len() > 2).then(|| tag.to_owned());
    }
    let modified = text(headers, &LAST_MODIFIED)?;
    let since = httpdate::parse_http_date(text(headers, &DATE)?).ok()?;
    let age = since.duration_since(httpdate::parse_http_date(modified).ok()?).ok()?;
    (age >= STRONG_DATE).then(|| modified.to_owned())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[tokio::test]
    async fn a_file_on_this_machine_is_fetched_only_where_the_vendor_is() {
        let idle = Duration::from_secs(5);
        let refused = |url: &'static str, vendor: &str| {
            let download = ResultDownloader::new(idle, FileHosts::for_vendor(vendor, &[])).unwrap();
            async move { matches!(download.open(url, None).await, Err(DownloadError::Refused(_))) }
        };
        for url in ["http://127.0.0.1:1/a.mp4", "https://localhost:1/a.mp4", "https://[::1]:1/a.mp4"] {
            assert!(refused(url, "devapi.vidnoz.com").await, "{url}");
            // No server listens there, but the request is sent.
            assert!(!refused(url, "127.0.0.1").await, "{url}");
        }
        for vendor in ["devapi.vidnoz.com", "127.0.0.1"] {
            assert!(refused("https://169.254.169.254/a.mp4", vendor).await, "{vendor}");
        }
    }

    #[tokio::test]
    async fn a_gzip_bomb_is_refused_for_good() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        for _ in 0..100 {
            io::Write::write_all(&mut encoder, &vec![0; 1 << 20]).unwrap();
        }
        let bomb = encoder.finish().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/a.mp4", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert!(stream.read(&mut [0; 2048]).await.unwrap() > 0);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bomb.len());
            stream.write_all(head.as_bytes()).await.unwrap();
            // The client does not read it to the end.
            let _closed = stream.write_all(&bomb).await;
        });
        let idle = Duration::from_mins(1);
        let download = ResultDownloader::new(idle, FileHosts::for_vendor("127.0.0.1", &[])).unwrap();
        let mut body = download.open(&url, None).await.unwrap();
        let mut came = 0;
        let refused = loop {
            match body.chunk().await {
                Ok(piece) => came += piece.expect("the rest is refused").len(),
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, DownloadError::Refused(_)) && came <= 64 << 20, "{came}: {refused}");
    }

    #[test]
    fn only_strong_validators_are_kept() {
        assert_eq!(validator(&headers(&[(ETAG, "\"abc\"")])), Some("\"abc\"".to_owned()));
        assert_eq!(validator(&headers(&[(ETAG, "W/\"abc\"")])), None);
        let dated =
            |modified: &str| validator(&headers(&[(DATE, "Sun, 22 Nov 2026 11:00:00 GMT"), (LAST_MODIFIED, modified)]));
        assert!(dated("Sun, 22 Nov 2026 10:58:00 GMT").is_some());
        assert_eq!(dated("Sun, 22 Nov 2026 10:59:30 GMT"), None, "it may change within the same second again");
    }

    #[test]
    fn a_part_counts_only_where_it_was_asked_for_and_of_the_same_file() {
        let resume = ResumePoint { from: 10, validator: "\"a\"".to_owned() };
        let part = |range: &str, tag: &str| super::part(&headers(&[(CONTENT_RANGE, range), (ETAG, tag)]), &resume);
        assert_eq!(part("bytes 10-99/100", "\"a\""), Some((10, Some(100))));
        assert_eq!(part("bytes 10-99/*", "\"a\""), Some((10, None)));
        assert_eq!(part("bytes 0-99/100", "\"a\""), None);
        assert_eq!(part("bytes 10-99/100", "\"b\""), None);
        assert_eq!(part("bytes", "\"a\""), None);
    }
}
