//! The route of a request: direct, or through a proxy that the environment names.
//!
//! The client uses the same matcher, so the route shown here is the route that requests take.

use std::collections::BTreeMap;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::is_this_machine;

/// How requests to a host travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Without a proxy: this machine is always reached directly.
    ThisMachine,
    /// Without a proxy: no variable names one.
    Direct,
    /// Without a proxy: `NO_PROXY` names the host.
    Exempt,
    /// Through a proxy.
    Proxy {
        /// The variable that names it.
        variable: &'static str,
        /// Its host and port, without user and password.
        address: String,
    },
    /// Through a proxy that the client cannot use.
    Unsupported {
        /// The variable that names it.
        variable: &'static str,
        /// Its scheme: `socks5`.
        scheme: String,
    },
    /// Without a proxy: the value of this variable is not the address of one.
    Unreadable {
        /// The variable.
        variable: &'static str,
    },
}

/// The variables that name a proxy for https, in order of precedence. In each pair, the first that is set counts.
const HTTPS: [[&str; 2]; 2] = [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];
/// The variables that list hosts without a proxy.
const NO_PROXY_VARIABLES: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Returns the route to a base URL, by the environment's variables.
pub fn route(base_url: &Url, env: &BTreeMap<String, String>) -> Route {
    let (Some(host), Ok(uri)) = (base_url.host_str(), base_url.as_str().parse::<Uri>()) else { return Route::Direct };
    if is_this_machine(host) {
        return Route::ThisMachine;
    }
    // In a CGI server, a client's header can set `HTTP_PROXY`. Such servers set this variable.
    if env.contains_key("REQUEST_METHOD") {
        return Route::Direct;
    }
    let except = first(NO_PROXY_VARIABLES, env).map_or("", |(_, value)| value);
    let mut unreadable = None;
    for (variable, value) in HTTPS.into_iter().filter_map(|names| first(names, env)) {
        let Some(proxy) = Matcher::builder().https(value.to_owned()).build().intercept(&uri) else {
            unreadable = unreadable.or(Some(variable).filter(|_| !value.trim().is_empty()));
            continue;
        };
        if Matcher::builder().https(value.to_owned()).no(except.to_owned()).build().intercept(&uri).is_none() {
            return Route::Exempt;
        }
        let scheme = proxy.uri().scheme_str().unwrap_or_default().to_owned();
        if scheme.starts_with("socks") {
            return Route::Unsupported { variable, scheme };
        }
        let address = proxy.uri().authority().map(ToString::to_string).unwrap_or_default();
        return Route::Proxy { variable, address };
    }
    unreadable.map_or(Route::Direct, |variable| Route::Unreadable { variable })
}

/// Returns the first of two spellings that is set, even to an empty value.
fn first<'a>(names: [&'static str; 2], env: &'a BTreeMap<String, String>) -> Option<(&'static str, &'a str)> {
    names.into_iter().find_map(|name| env.get(name).map(|value| (name, value.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(url: &str, env: &[(&str, &str)]) -> Route {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        route(&Url::parse(url).unwrap(), &env)
    }

    fn proxy(variable: &'static str, address: &str) -> Route {
        Route::Proxy { variable, address: address.to_owned() }
    }

    const VENDOR: &str = "https://devapi.vidnoz.com";

    #[test]
    fn the_first_variable_that_names_a_proxy_counts() {
        let own = ("HTTPS_PROXY", "http://proxy.example:3128");
        assert_eq!(way(VENDOR, &[]), Route::Direct);
        assert_eq!(way(VENDOR, &[own, ("ALL_PROXY", "other:1")]), proxy("HTTPS_PROXY", "proxy.example:3128"));
        assert_eq!(way(VENDOR, &[("https_proxy", "proxy:3128")]), proxy("https_proxy", "proxy:3128"));
        assert_eq!(way(VENDOR, &[("all_proxy", "https://p.example")]), proxy("all_proxy", "p.example"));
        assert_eq!(way(VENDOR, &[("HTTP_PROXY", "proxy:3128")]), Route::Direct, "for plain http only");
        assert_eq!(way(VENDOR, &[("HTTPS_PROXY", ""), ("https_proxy", "proxy:1")]), Route::Direct, "set to nothing");
        assert_eq!(way(VENDOR, &[own, ("REQUEST_METHOD", "GET")]), Route::Direct);
    }

    #[test]
    fn user_and_password_of_a_proxy_are_left_out() {
        let way = way(VENDOR, &[("HTTPS_PROXY", "http://ann:topsecret@proxy.example:3128/path?q")]);
        assert_eq!(way, proxy("HTTPS_PROXY", "proxy.example:3128"));
    }

    #[test]
    fn hosts_are_excepted_as_curl_does() {
        for (except, exempt) in [
            ("vidnoz.com", true),
            (".vidnoz.com", true),
            ("a.example, devapi.vidnoz.com", true),
            ("*", true),
            ("noz.com", false),
            ("*.vidnoz.com", false),
            ("", false),
        ] {
            let way = way(VENDOR, &[("HTTPS_PROXY", "proxy:3128"), ("NO_PROXY", except)]);
            assert_eq!(way == Route::Exempt, exempt, "{except}: {way:?}");
        }
        let inner = |except| way("https://[2001:db8::1]:8443", &[("ALL_PROXY", "proxy:1"), ("no_proxy", except)]);
        assert_eq!([inner("2001:db8::/32"), inner("10.0.0.0/8")], [Route::Exempt, proxy("ALL_PROXY", "proxy:1")]);
    }

    #[test]
    fn this_machine_is_reached_directly() {
        for url in ["http://127.0.0.1:8787", "http://[::1]:8787", "https://localhost"] {
            assert_eq!(
                way(url, &[("ALL_PROXY", "proxy:3128"), ("HTTPS_PROXY", "proxy:1")]),
                Route::ThisMachine,
                "{url}"
            );
        }
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let socks = Route::Unsupported { variable: "ALL_PROXY", scheme: "socks5h".to_owned() };
        assert_eq!(way(VENDOR, &[("ALL_PROXY", "socks5h://127.0.0.1:9050")]), socks);
        for value in ["not a url", "ftp://proxy", "http://"] {
            assert_eq!(
                way(VENDOR, &[("HTTPS_PROXY", value)]),
                Route::Unreadable { variable: "HTTPS_PROXY" },
                "{value}"
            );
        }
        let both = [("HTTPS_PROXY", "ftp://proxy"), ("ALL_PROXY", "proxy:1")];
        assert_eq!(way(VENDOR, &both), proxy("ALL_PROXY", "proxy:1"));
    }
}
