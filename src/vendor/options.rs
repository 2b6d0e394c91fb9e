//! Where the client connects and with what, checked before the first request: the key must not go astray.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, SystemTime};

use thiserror::Error;
use url::{Host, Url};

use super::Tokens;

/// The domain of the vendor, whose hosts may have the key.
const VENDOR_DOMAIN: &str = "vidnoz.com";

/// What a client needs to know.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Where the API is: `https://devapi.vidnoz.com`.
    pub base_url: String,
    /// The credentials, and the tokens that were made of them.
    pub tokens: Tokens,
    /// How long one call may take from the connection to the end of the answer.
    pub timeout: Duration,
    /// Requests per second over all tasks; 0 is unlimited.
    pub rate: f64,
    /// Further hosts that may have the credentials, from `CALLSHEET_ALLOW_HOST`; see [`allowed_hosts`].
    pub allowed_hosts: Vec<String>,
    /// The clock that dates in `Retry-After` are compared with.
    pub clock: fn() -> SystemTime,
    /// 64 even bits, for boundaries and jitter.
    pub random: fn() -> u64,
}

/// Why there is no client.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
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

impl HttpOptions {
    /// For a base URL and credentials, with one request a second and a timeout of a minute.
    pub fn new(base_url: impl Into<String>, tokens: impl Into<Tokens>) -> Self {
        Self {
            base_url: base_url.into(),
            tokens: tokens.into(),
            timeout: Duration::from_mins(1),
            rate: 1.0,
            allowed_hosts: Vec::new(),
            clock: SystemTime::now,
            random: system_random,
        }
    }

    /// Refuses what must never be connected to, before any request.
    ///
    /// # Errors
    /// [`ClientError`] for a URL that is not usable, a host that may not have the credentials, a token that cannot be sent.
    pub fn check(&self) -> Result<(), ClientError> {
        self.base()?;
        self.tokens.check()
    }

    /// The checked base.
    pub(super) fn base(&self) -> Result<Base, ClientError> {
        Base::new(&self.base_url, &self.allowed_hosts)
    }
}

/// A base URL that has passed the checks.
#[derive(Clone, Debug)]
pub(super) struct Base {
    url: Url,
    pub host: String,
    pub loopback: bool,
}

impl Base {
    /// Checks a base URL.
    pub fn new(base_url: &str, allowed_hosts: &[String]) -> Result<Self, ClientError> {
        // A URL that cannot be read is not repeated in the message: it may hold a password all the same.
        let url = Url::parse(base_url.trim()).map_err(|error| ClientError::Url(error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ClientError::UserInfo);
        }
        let Some(host) = url.host() else { return Err(ClientError::Url("it has no host".to_owned())) };
        let (loopback, name) = (is_this_machine(&host), host.to_string());
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(ClientError::NotHttps(name)),
            other => return Err(ClientError::Url(format!("`{other}` is not `https`"))),
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ClientError::Url("it has a query or a fragment".to_owned()));
        }
        let vendor = name == VENDOR_DOMAIN || name.strip_suffix(VENDOR_DOMAIN).is_some_and(|head| head.ends_with('.'));
        // An IPv6 address may be named with or without its brackets.
        let bare = |host: &str| host.trim_matches(['[', ']']).to_ascii_lowercase();
        if !loopback && !vendor && !allowed_hosts.iter().any(|allowed| bare(allowed) == bare(&name)) {
            return Err(ClientError::Host(name));
        }
        Ok(Self { url, host: name, loopback })
    }

    /// Host and port, as a person wrote them.
    pub fn place(&self) -> String {
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.host)
    }

    /// The address of an endpoint, below the path that the base has.
    pub fn endpoint(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let head = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{head}{path}"));
        url
    }

    /// True for plain http, which needs no certificates.
    pub fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }
}

/// Whether a host is this machine, which is reached without a proxy.
pub(super) fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// The hosts that `CALLSHEET_ALLOW_HOST` names, separated by commas.
pub fn allowed_hosts(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|host| !host.is_empty()).map(str::to_owned).collect()
}

/// 64 bits from the operating system's randomness, by way of the standard library's hasher.
pub fn system_random() -> u64 {
    RandomState::new().hash_one(0_u8)
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    fn options(url: &str) -> HttpOptions {
        HttpOptions::new(url, SecretString::from("sk-0123456789".to_owned()))
    }

    #[test]
    fn the_key_goes_to_the_vendor_and_to_this_machine() {
        for url in [
            "https://devapi.vidnoz.com",
            "https://vidnoz.com/",
            "https://a.b.VIDNOZ.com:8443/prefix/",
            "http://127.0.0.1:8787",
            "http://127.9.9.9",
            "http://[::1]:80",
            "http://localhost:8787",
            "https://LOCALHOST",
        ] {
            assert_eq!(options(url).check(), Ok(()), "{url}");
        }
    }

    #[test]
    fn it_goes_nowhere_else() {
        for host in [
            "evil.com",
            "evilvidnoz.com",
            "vidnoz.com.evil.com",
            "vidnoz.com.",
            "127.0.0.1.evil.com",
            "localhost.evil.com",
            "10.0.0.1",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
        ] {
            let result = options(&format!("https://{host}/")).check();
            assert!(matches!(result, Err(ClientError::Host(_))), "{host}: {result:?}");
        }
    }

    /// What is judged is the host as it is connected to: mapped, lowered, in punycode.
    #[test]
    fn no_dress_of_a_host_passes_for_another() {
        for (url, host) in [
            ("https://ＤＥＶＡＰＩ．ｖｉｄｎｏｚ．ｃｏｍ", "devapi.vidnoz.com"),
            ("https://devapi。vidnoz｡com", "devapi.vidnoz.com"),
            ("https://dev\u{ad}api.vid\u{200b}noz.com", "devapi.vidnoz.com"),
            ("https://devapi%2Evidnoz%2ecom", "devapi.vidnoz.com"),
            ("https://bücher.vidnoz.com", "xn--bcher-kva.vidnoz.com"),
            ("https://vidnoz.com\\@evil.com", "vidnoz.com"),
            ("http://１２７.0.0.1", "127.0.0.1"),
            ("http://0x7f.1", "127.0.0.1"),
            ("http://ⓛocalhost", "localhost"),
        ] {
            match options(url).base() {
                Ok(base) => assert_eq!((&*base.host, base.url.host_str()), (host, Some(host)), "{url}"),
                Err(error) => panic!("{url}: {error}"),
            }
        }
        for url in [
            "https://vidnοz.com",
            "https://devapi.vıdnoz.com",
            "https://xn--vidnz-jye.com",
            "https://vidnoz.com．evil.com",
            "https://vidnoz.com\u{2024}evil.com",
            "https://evil.com\u{2024}vidnoz.com",
            "https://evil.com\\.vidnoz.com",
            "https://evil.com／.vidnoz.com",
            "https://evil.com%2f.vidnoz.com",
            "https://evil.com%00.vidnoz.com",
            "https://evil.com＃.vidnoz.com",
            "https://evil.com？.vidnoz.com",
            "https://evil.com/.vidnoz.com",
            "https://evil.com#.vidnoz.com",
            "https://vidnoz.com＠evil.com",
            "https://vidnoz.com:443:evil.com",
            "https://vidnoz.com。",
            "https://vidnoz.com..",
            "https://.vidnoz.com.evil.com",
            "http://localhost.",
            "http://127.0.0.1.nip.io",
            "http://0",
        ] {
            let result = options(url).check();
            assert!(result.is_err(), "{url}: {:?}", options(url).base().map(|base| base.host));
        }
    }

    #[test]
    fn a_named_host_is_allowed_but_only_over_https() {
        let mut named = options("https://Gateway.example.com/vidnoz");
        assert_eq!(named.check(), Err(ClientError::Host("gateway.example.com".to_owned())));
        named.allowed_hosts = allowed_hosts(" other.example.com ,gateway.EXAMPLE.com,");
        assert_eq!(named.check(), Ok(()));
        named.base_url = "http://gateway.example.com".to_owned();
        assert_eq!(named.check(), Err(ClientError::NotHttps("gateway.example.com".to_owned())));
        named.base_url = "https://sub.gateway.example.com".to_owned();
        assert!(named.check().is_err());
        for allowed in ["[2001:db8::1]", "2001:DB8::1"] {
            let mut six = options("https://[2001:db8::1]:8443");
            assert!(six.check().is_err());
            six.allowed_hosts = allowed_hosts(allowed);
            assert_eq!(six.check(), Ok(()), "{allowed}");
        }
        assert!(allowed_hosts(" , ").is_empty());
    }

    #[test]
    fn other_schemes_passwords_and_queries_are_refused() {
        assert!(matches!(options("http://devapi.vidnoz.com").check(), Err(ClientError::NotHttps(_))));
        for user in ["https://user@vidnoz.com", "https://:pass@vidnoz.com", "http://vidnoz.com:x@127.0.0.1"] {
            assert_eq!(options(user).check(), Err(ClientError::UserInfo), "{user}");
        }
        for wrong in [
            "",
            "vidnoz.com",
            "ftp://vidnoz.com",
            "file:///etc",
            "https://",
            "https://vidnoz.com?a",
            "https://vidnoz.com#a",
        ] {
            assert!(matches!(options(wrong).check(), Err(ClientError::Url(_))), "{wrong}");
        }
        let secret = options("https://u:topsecret@[vidnoz.com").check().unwrap_err();
        assert!(!secret.to_string().contains("topsecret"), "{secret}");
    }

    #[test]
    fn a_key_that_cannot_be_sent_is_refused_and_never_shown() {
        let with = |key: &str| HttpOptions::new("https://vidnoz.com", SecretString::from(key.to_owned()));
        assert_eq!(with("  \n").check(), Err(ClientError::Key("is empty")));
        for wrong in ["a b", "a\r\nX: y", "schlüssel"] {
            assert!(matches!(with(wrong).check(), Err(ClientError::Key(_))), "{wrong:?}");
        }
        let fine = with("sk-0123456789\n");
        assert_eq!(fine.check(), Ok(()));
        let header = fine.tokens.present().unwrap().header;
        assert_eq!(header.to_str().unwrap(), "Bearer sk-0123456789");
        assert!(!format!("{header:?} {fine:?}").contains("sk-0123456789"));
    }

    #[test]
    fn endpoints_lie_below_the_base() {
        let at = |url: &str| options(url).base().unwrap().endpoint("/v2/video/list").to_string();
        assert_eq!(at("https://vidnoz.com"), "https://vidnoz.com/v2/video/list");
        assert_eq!(at("http://127.0.0.1:8787/"), "http://127.0.0.1:8787/v2/video/list");
        assert_eq!(at("https://vidnoz.com/proxy/a/"), "https://vidnoz.com/proxy/a/v2/video/list");
    }

    #[test]
    fn randomness_is_not_constant() {
        assert_ne!(system_random(), system_random());
    }
}
