//! The options of a client.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, SystemTime};

use super::client_builder::ClientError;
use super::{BaseUrl, Tokens};

/// The options of a client.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// The API's base URL: `https://devapi.vidnoz.com`.
    pub base_url: String,
    /// The credentials, and the tokens obtained with them.
    pub tokens: Tokens,
    /// The timeout of one call, from the connection to the end of the response.
    pub timeout: Duration,
    /// Requests per second, shared by all tasks. 0 means unlimited.
    pub rate: f64,
    /// Further hosts that may receive the credentials, from `CALLSHEET_ALLOW_HOST`.
    pub allowed_hosts: Vec<String>,
    /// The clock that dates in `Retry-After` are compared with.
    pub clock: fn() -> SystemTime,
    /// Returns 64 uniform bits, for boundaries and jitter.
    pub random: fn() -> u64,
}

impl HttpOptions {
    /// Returns the options for a base URL and credentials, with one request per second and a timeout of one minute.
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

    /// Checks the base URL. Rejects a host that must never be connected to, and a token that cannot be sent, before any
    /// request.
    pub(super) fn base(&self) -> Result<BaseUrl, ClientError> {
        let base = BaseUrl::new(&self.base_url, &self.allowed_hosts)?;
        self.tokens.check()?;
        Ok(base)
    }
}

/// Returns 64 bits from the operating system's randomness, through the standard library's hasher.
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

    fn check(options: &HttpOptions) -> Result<(), ClientError> {
        options.base().map(drop)
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
            assert_eq!(check(&options(url)), Ok(()), "{url}");
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
            let result = check(&options(&format!("https://{host}/")));
            assert!(matches!(result, Err(ClientError::Host(_))), "{host}: {result:?}");
        }
    }

    /// The check sees the host as the client connects to it: mapped, lowercase, in punycode.
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
            let result = check(&options(url));
            assert!(result.is_err(), "{url}: {:?}", options(url).base().map(|base| base.host));
        }
    }

    #[test]
    fn a_named_host_is_allowed_but_only_over_https() {
        let mut named = options("https://Gateway.example.com/vidnoz");
        assert_eq!(check(&named), Err(ClientError::Host("gateway.example.com".to_owned())));
        named.allowed_hosts = ["other.example.com", "gateway.EXAMPLE.com"].map(str::to_owned).to_vec();
        assert_eq!(check(&named), Ok(()));
        named.base_url = "http://gateway.example.com".to_owned();
        assert_eq!(check(&named), Err(ClientError::NotHttps("gateway.example.com".to_owned())));
        named.base_url = "https://sub.gateway.example.com".to_owned();
        assert!(check(&named).is_err());
        for allowed in ["[2001:db8::1]", "2001:DB8::1"] {
            let mut six = options("https://[2001:db8::1]:8443");
            assert!(check(&six).is_err());
            six.allowed_hosts = vec![allowed.to_owned()];
            assert_eq!(check(&six), Ok(()), "{allowed}");
        }
    }

    #[test]
    fn other_schemes_passwords_and_queries_are_refused() {
        assert!(matches!(check(&options("http://devapi.vidnoz.com")), Err(ClientError::NotHttps(_))));
        for user in ["https://user@vidnoz.com", "https://:pass@vidnoz.com", "http://vidnoz.com:x@127.0.0.1"] {
            assert_eq!(check(&options(user)), Err(ClientError::UserInfo), "{user}");
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
            assert!(matches!(check(&options(wrong)), Err(ClientError::Url(_))), "{wrong}");
        }
        let secret = check(&options("https://u:topsecret@[vidnoz.com")).unwrap_err();
        assert!(!secret.to_string().contains("topsecret"), "{secret}");
    }

    #[test]
    fn a_key_that_cannot_be_sent_is_refused_and_never_shown() {
        let with = |key: &str| HttpOptions::new("https://vidnoz.com", SecretString::from(key.to_owned()));
        assert_eq!(check(&with("  \n")), Err(ClientError::Key("is empty")));
        for wrong in ["a b", "a\r\nX: y", "schlüssel"] {
            assert!(matches!(check(&with(wrong)), Err(ClientError::Key(_))), "{wrong:?}");
        }
        let fine = with("sk-0123456789\n");
        assert_eq!(check(&fine), Ok(()));
        let header = fine.tokens.current().unwrap().header;
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
