//! The steps of every request: host, faults, API key, rate, the handler, then faults again.

use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::app_state::AppState;
use super::connection::ByteBudget;
use super::response::{Succeeded, bytes, envelope, http_error, ok, set_header, vendor_error};
use crate::sandbox::fault::{EndpointScope, FaultKind, InjectionPoint};

/// Maximum size of all bodies except uploads, in bytes.
const MAX_BODY_BYTES: usize = 1 << 20;
/// How long a response with a repeated task id waits for the first one.
const FIRST_RESPONSE_BYTES: Duration = Duration::from_millis(300);
/// An unreadable body that resembles a response.
const GARBAGE: &[u8] = b"{\"code\": 200, \"message\": \"ok\", \"data\": {\"task_id\": \xff\xfe<html>";
/// The error page of a gateway.
const GATEWAY_PAGE: &str = "<html><body><h1>Service unavailable</h1></body></html>";

/// The application and the group of endpoints that a request belongs to.
pub type EndpointState = (Arc<AppState>, EndpointScope);

/// Runs one request through all steps.
///
/// Reads the body first, because unread bytes would reset the connection. The later steps run to their end even if the
/// client disconnects: the vendor does not stop either, and clients must be tested against that case.
pub async fn request_middleware(State((app, scope)): State<EndpointState>, request: Request, next: Next) -> Response {
    let budget = request.extensions().get::<ConnectInfo<ByteBudget>>().map(|info| info.0.clone());
    let Some(budget) = budget else { return http_error(StatusCode::INTERNAL_SERVER_ERROR, "no connection") };
    budget.reset();
    if scope == EndpointScope::Upload {
        return handle(app, scope, budget, request, next).await;
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return http_error(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MB, or was cut short");
    };
    let request = Request::from_parts(head, Body::from(body));
    let work = tokio::spawn(handle(app, scope, budget, request, next));
    work.await.unwrap_or_else(|_| http_error(StatusCode::INTERNAL_SERVER_ERROR, "the sandbox failed at this request"))
}

async fn handle(
    app: Arc<AppState>,
    scope: EndpointScope,
    budget: ByteBudget,
    request: Request,
    next: Next,
) -> Response {
    let asked = (request.method().clone(), request.uri().to_string());
    for fault in app.faults.matching(InjectionPoint::Before, scope) {
        if let Some(answer) = before(&app, fault, &budget, &asked).await {
            drain(request).await;
            return answer;
        }
    }
    // Results are signed, and the token exchange happens before a client has a token.
    if !matches!(scope, EndpointScope::Result | EndpointScope::Token)
        && let Err(answer) = app.authorize(request.headers())
    {
        drain(request).await;
        return *answer;
    }
    let mut answer = next.run(request).await;
    if answer.extensions().get::<Succeeded>().is_some() {
        for fault in app.faults.matching(InjectionPoint::After, scope) {
            answer = after(&app, fault, &budget, &asked.1, answer).await;
        }
    }
    answer
}

/// Returns the response of a fault that replaces handling the request. `None` if the fault does not replace it.
async fn before(
    app: &AppState,
    fault: &FaultKind,
    budget: &ByteBudget,
    (method, target): &(Method, String),
) -> Option<Response> {
    match fault {
        FaultKind::DropBeforeAccept => Some(cut(budget, 0)),
        FaultKind::ErrorBeforeAccept => Some(http_error(StatusCode::INTERNAL_SERVER_ERROR, "internal error")),
        FaultKind::GarbageBefore => Some(garbage()),
        FaultKind::Slow(span) => (!app.pause(*span).await).then(|| cut(budget, 0)),
        FaultKind::TooFast => Some(vendor_error(803, "frequent requests")),
        FaultKind::TooMany { retry_after } => {
            let mut answer = http_error(StatusCode::TOO_MANY_REQUESTS, "too many requests");
            // The header has whole seconds only.
            set_header(&mut answer, header::RETRY_AFTER, &retry_after.as_secs_f64().ceil().to_string());
            Some(answer)
        }
        FaultKind::Redirect => Some(redirect(target)),
        FaultKind::ListByPost => {
            (*method != Method::POST).then(|| http_error(StatusCode::METHOD_NOT_ALLOWED, "the list is served by POST"))
        }
        FaultKind::Unauthorized => Some(http_error(StatusCode::UNAUTHORIZED, "not authorised")),
        FaultKind::Refuse(code) => Some(vendor_error(*code, "refused by a fault of the sandbox")),
        FaultKind::Http(status) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_GATEWAY);
            Some(bytes(status, "text/html", GATEWAY_PAGE))
        }
        _ => None,
    }
}

/// Applies a fault to a response.
async fn after(app: &AppState, fault: &FaultKind, budget: &ByteBudget, target: &str, mut answer: Response) -> Response {
    match fault {
        FaultKind::ErrorAfterAccept => http_error(StatusCode::INTERNAL_SERVER_ERROR, "internal error"),
        FaultKind::SlowAfterAccept(span) if app.pause(*span).await => answer,
        FaultKind::AcceptThenDrop | FaultKind::SlowAfterAccept(_) => cut(budget, 0),
        FaultKind::Garbage => garbage(),
        FaultKind::CutAnswer { bytes } => {
            budget.cut_after(*bytes);
            answer
        }
        FaultKind::Oversized { megabytes } => oversized(*megabytes),
        FaultKind::NoTaskId => ok(&json!({})),
        FaultKind::SameTaskId => {
            let own = data(answer).await;
            let first = app.store.tables().tasks().next().map(|first| first.task.clone());
            if own["task_id"].as_str() != first.as_deref() {
                // The first response should arrive first, because the others repeat its id.
                app.pause(FIRST_RESPONSE_BYTES).await;
            }
            ok(&json!({ "task_id": first }))
        }
        FaultKind::UnauthorizedAfterAccept => {
            envelope(StatusCode::UNAUTHORIZED, 401, "not authorised", &data(answer).await)
        }
        FaultKind::RedirectAfterAccept => redirect(target),
        FaultKind::DateSkew { seconds } => {
            let now = app.options.clock.now();
            let then = now.checked_add(SignedDuration::from_secs(*seconds)).unwrap_or(now);
            set_header(&mut answer, header::DATE, &httpdate::fmt_http_date(then.into()));
            answer
        }
        FaultKind::Gzip => packed(answer).await,
        _ => answer,
    }
}

/// Compresses a response.
async fn packed(answer: Response) -> Response {
    if answer.status() != StatusCode::OK {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let packed = to_bytes(body, usize::MAX).await.map_err(std::io::Error::other).and_then(|plain| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&plain)?;
        encoder.finish()
    });
    let Ok(packed) = packed else { return http_error(StatusCode::INTERNAL_SERVER_ERROR, "not compressed") };
    head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(packed.len()));
    Response::from_parts(head, Body::from(packed))
}

/// Returns the `data` of a response.
async fn data(answer: Response) -> Value {
    let body = to_bytes(answer.into_body(), MAX_BODY_BYTES).await.unwrap_or_default();
    let mut said: Value = serde_json::from_slice(&body).unwrap_or_default();
    said["data"].take()
}

/// Closes the connection after `after` bytes of the response.
fn cut(budget: &ByteBudget, after: u64) -> Response {
    budget.cut_after(after);
    http_error(StatusCode::INTERNAL_SERVER_ERROR, "cut")
}

fn garbage() -> Response {
    bytes(StatusCode::OK, "application/json", GARBAGE)
}

fn redirect(target: &str) -> Response {
    let mut answer = http_error(StatusCode::TEMPORARY_REDIRECT, "moved");
    set_header(&mut answer, header::LOCATION, target);
    answer
}

/// Returns a well-formed response that is far too long.
fn oversized(megabytes: u64) -> Response {
    let chunk = Bytes::from(vec![b'x'; 1 << 20]);
    let open = stream::iter([Bytes::from_static(b"{\"code\":200,\"message\":\"ok\",\"data\":{\"padding\":\"")]);
    let padding = stream::iter((0..megabytes).map(move |_| chunk.clone()));
    let close = stream::iter([Bytes::from_static(b"\"}}")]);
    let body = open.chain(padding).chain(close).map(Ok::<_, std::convert::Infallible>);
    bytes(StatusCode::OK, "application/json", Body::from_stream(body))
}

/// Reads the rest of a body, because a client may read the response only after sending all of it.
async fn drain(request: Request) {
    let mut body = request.into_body().into_data_stream();
    while let Some(Ok(_)) = body.next().await {}
}

/// Passes a request on if it names at least one host, and all of them are allowed, so that no web page reaches the
/// sandbox.
///
/// A hostile page can make its own name resolve to 127.0.0.1 (DNS rebinding). The browser then sends the page's name.
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

/// Returns whether a `HostTakes` is allowed: this machine or, with `remote`, any literal address, which no page can
/// rebind.
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
