//! The hosts that files are downloaded from: never this machine, a private or a link-local network, unless the vendor's
//! own host is in it.
//!
//! URLs of result files and backgrounds are untrusted. Without this check, a pull request could make a CI runner query
//! services of its own network. Literal addresses are checked before the request and at each redirect, host names after
//! they are resolved. A proxy resolves names itself, so with a proxy only literal addresses can be checked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::ClientBuilder;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use url::{Host, Url};

use super::base_url::{is_this_machine, names_host};

/// Maximum number of redirects.
const MAX_HOPS: usize = 5;

/// The permitted hosts of files, in addition to public addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileHosts {
    /// Whether the vendor runs on this machine, as the sandbox does.
    pub loopback: bool,
    /// Hosts with any address: those that `CALLSHEET_ALLOW_HOST` names.
    pub allowed: Vec<String>,
    /// Hosts of the proxies. They receive the requests instead of the files' hosts.
    pub proxies: Vec<String>,
}

/// The error for a host name without a public address.
const NO_PUBLIC_ADDRESS: &str =
    "it has only addresses of this machine or of a private network; `CALLSHEET_ALLOW_HOST` allows a host";

impl FileHosts {
    /// Returns the permitted hosts for a vendor at `host`, given without a port.
    pub fn for_vendor(host: &str, allowed: &[String]) -> Self {
        Self { loopback: is_this_machine(host), allowed: allowed.to_vec(), proxies: Vec::new() }
    }

    /// Adds the hosts of proxies, from the values of `HTTPS_PROXY` and the other proxy variables.
    #[must_use]
    pub fn with_proxies<'a>(mut self, proxies: impl Iterator<Item = &'a str>) -> Self {
        let url = |text: &str| Url::parse(text).ok().filter(Url::has_host);
        let parsed = proxies.filter_map(|text| url(text).or_else(|| url(&format!("http://{text}"))));
        self.proxies.extend(parsed.filter_map(|url| url.host_str().map(str::to_owned)));
        self
    }

    /// Returns the reason to reject a URL. `from_loopback` means that the first request went to this machine.
    pub(super) fn rejection(&self, url: &Url, from_loopback: bool) -> Option<&'static str> {
        if !url.username().is_empty() || url.password().is_some() {
            return Some("its address holds a user or a password");
        }
        match url.scheme() {
            "https" | "http" if is_loopback(url) && self.loopback && from_loopback => None,
            "https" | "http" if is_loopback(url) => Some("its address is on this machine"),
            "https" if self.is_private(url) => Some("its address is in a private or reserved network"),
            "https" => None,
            "http" => Some("its address is plain http, which does not protect the file"),
            _ => Some("its address is not https"),
        }
    }

    /// Whether the host is a literal address that is neither public nor allowed.
    fn is_private(&self, url: &Url) -> bool {
        let address: IpAddr = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            _ => return false,
        };
        !is_public(address) && !names_host(&self.allowed, url.host_str().unwrap_or_default())
    }

    /// Makes the client check the target of every redirect.
    pub(super) fn with_redirects(&self, builder: ClientBuilder) -> ClientBuilder {
        let hosts = self.clone();
        let follow = Policy::custom(move |attempt| {
            let from_this_machine = attempt.previous().first().is_some_and(is_loopback);
            if attempt.previous().len() > MAX_HOPS {
                return attempt.error("it is redirected too often");
            }
            match hosts.rejection(attempt.url(), from_this_machine) {
                Some(why) => attempt.error(why),
                None => attempt.follow(),
            }
        });
        builder.redirect(follow).dns_resolver(self.clone())
    }
}

impl Resolve for FileHosts {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let any = names_host(&self.allowed, &name) || names_host(&self.proxies, &name);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name, 0)).await?.collect();
            let usable: Vec<SocketAddr> = found.into_iter().filter(|one| any || is_public(one.ip())).collect();
            if usable.is_empty() {
                return Err(NO_PUBLIC_ADDRESS.into());
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

/// Whether the host of a URL is literally this machine. The parser has already expanded `http://127.1` and
/// `http://0x7f000001`.
pub(super) fn is_loopback(url: &Url) -> bool {
    let is_mapped = matches!(url.host(), Some(Host::Ipv6(address)) if address.to_canonical().is_loopback());
    is_mapped || url.host_str().is_some_and(is_this_machine)
}

/// Whether an address is on the public internet (IANA's registries of special-purpose addresses).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let reserved = match (first, second) {
        // this network, private, loopback; multicast up to broadcast; link-local, where clouds serve credentials;
        // private; benchmarks
        (0 | 10 | 127 | 224.., _) | (169, 254) | (192, 168) | (198, 18 | 19) => true,
        (100, second) => second & 0xc0 == 64, // carrier-grade NAT
        (172, second) => second & 0xf0 == 16, // private
        // protocol assignments, documentation, 6to4 relays
        _ => matches!((first, second, third), (192, 0, 0 | 2) | (192, 88, 99) | (198, 51, 100) | (203, 0, 113)),
    };
    !reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // IPv4-mapped, NAT64 and 6to4 addresses reach the embedded IPv4 address
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            embedded(high, low)
        }
        // protocol assignments (including Teredo), documentation
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        [0x3fff, second, ..] => second >= 0x1000,
        // Only global unicast is public: not unspecified, loopback, unique local, link-local, multicast.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::client_builder::{builder, cause};
    use super::*;

    fn refused(hosts: &FileHosts, url: &str, from_loopback: bool) -> bool {
        hosts.rejection(&Url::parse(url).unwrap(), from_loopback).is_some()
    }

    #[test]
    fn an_address_is_public_or_it_is_not() {
        for public in ["1.1.1.1", "100.128.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "64:ff9b::101:101"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:0:1::1",
            "2001:db8::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn only_https_on_public_addresses_and_the_vendors_own_machine_are_fetched() {
        let remote = FileHosts::for_vendor("devapi.vidnoz.com", &[]);
        let sandbox = FileHosts::for_vendor("127.0.0.1", &[]);
        assert!(!refused(&remote, "https://files.example.com/a.mp4", false));
        for own in ["http://127.0.0.1:8787/a.mp4", "http://localhost:1/a", "https://[::1]/a", "http://0x7f.1/a"] {
            assert!(!refused(&sandbox, own, true), "{own}");
            assert!(refused(&sandbox, own, false), "{own}: a stranger must not send us to this machine");
            assert!(refused(&remote, own, true), "{own}: the vendor is elsewhere");
        }
        for wrong in [
            "http://files.example.com/a.mp4",
            "http://127.0.0.1.example.com/a.mp4",
            "http://169.254.169.254/latest",
            "https://169.254.169.254/latest",
            "https://2852039166/latest",
            "https://10.0.0.1/",
            "https://192.168.1.1/",
            "https://[fd00::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://0/",
            "https://[::]/",
            "https://0300.0250.1/",
            "ftp://files.example.com/a.mp4",
            "file:///etc/passwd",
            "https://user@files.example.com/a.mp4",
        ] {
            assert!(refused(&remote, wrong, false) && refused(&sandbox, wrong, true), "{wrong}");
        }
        let gateway = FileHosts::for_vendor("10.0.0.1", &["10.0.0.1".to_owned(), "[fd00::1]".to_owned()]);
        assert!(
            !refused(&gateway, "https://10.0.0.1/a.mp4", false) && !refused(&gateway, "https://[fd00::1]/a", false)
        );
        assert!(refused(&gateway, "https://10.0.0.2/a.mp4", false));
    }

    #[tokio::test]
    async fn a_name_is_judged_by_what_it_resolves_to() {
        let url = |hosts: &FileHosts| {
            let client =
                hosts.with_redirects(builder(false, true, Duration::from_secs(10))).no_proxy().build().unwrap();
            async move { client.get("https://localhost:1/a.mp4").send().await.unwrap_err() }
        };
        let refused = cause(url(&FileHosts::default()).await);
        assert!(refused.contains("private network"), "{refused}");
        // Both hosts get a request, and no server listens there.
        let allowed = FileHosts { allowed: vec!["LOCALHOST".to_owned()], ..FileHosts::default() };
        let proxy = FileHosts::default().with_proxies(["http://user:word@localhost:3128", "other:80"].into_iter());
        assert_eq!(proxy.proxies, ["localhost", "other"]);
        for hosts in [allowed, proxy] {
            let asked = cause(url(&hosts).await);
            assert!(!asked.contains("private network"), "{asked}");
        }
    }
}
