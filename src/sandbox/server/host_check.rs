//! Checks that a request names this machine as its `HostTakes`, so that no web page reaches the sandbox by another name.
//!
//! A hostile page can make its own name resolve to 127.0.0.1 (DNS rebinding). The browser then sends the page's name.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::app_state::AppState;
use super::response::http_error;

/// Passes a request on if it names at least one host, and all of them are allowed.
pub async fn check_host(State(app): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let remote = app.options.allow_remote;
    let mut named = request.headers().get_all(header::HOST).iter().map(|value| value.to_str().unwrap_or_default());
    // HTTP/2 sends the host in the address.
    let authority = request.uri().authority().map(Authority::as_str);
    let some = request.headers().contains_key(header::HOST) || authority.is_some();
    if some && named.all(|host| is_allowed(host, remote)) && authority.is_none_or(|host| is_allowed(host, remote)) {
        return next.run(request).await;
    }
    let message = "the sandbox answers only on this machine: `Host` must be `localhost`, `127.0.0.1` or `[::1]`";
    http_error(StatusCode::MISDIRECTED_REQUEST, message)
}

/// Returns whether a `HostTakes` is allowed: this machine or, with `remote`, any literal address, which no page can rebind.
fn is_allowed(host: &str, remote: bool) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    // Only a name and a port: no user before them, and nothing in between, as in `[::1]evil.example`.
    let port = authority.as_str().strip_prefix(name);
    if !port.is_some_and(|port| port.is_empty() || authority.port_u16().is_some_and(|own| port == format!(":{own}"))) {
        return false;
    }
    let literal = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    match literal.parse::<IpAddr>() {
        Ok(address) => remote || address.to_canonical().is_loopback(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn only_this_machine_is_named() {
        for own in ["localhost", "LocalHost:8787", "127.0.0.1:80", "127.1.2.3", "[::1]", "[::1]:8787"] {
            assert!(is_allowed(own, false), "{own}");
        }
        for other in [
            "evil.example",
            "evil.example:8787",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "10.0.0.1",
            "[fe80::1]",
            "0.0.0.0",
            "",
            "localhost@evil.example",
            "[::1]evil.example",
            "[::1]evil.example:80",
            "evil.example@localhost",
            "a b",
            "localhost:x:y",
            "x.localhost",
        ] {
            assert!(!is_allowed(other, false), "{other}");
        }
        assert!(is_allowed("10.0.0.1:8787", true) && !is_allowed("evil.example", true));
    }
}
