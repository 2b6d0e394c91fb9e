//! The way of every request: faults, key, rate, the work itself, faults again.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::answer::{Succeeded, bytes, envelope, fail, ok, refuse};
use super::app::App;
use super::connection::Budget;
use crate::sandbox::fault::{FaultKind, Scope};

/// Bodies of all but uploads, at most.
const LARGEST_BODY: usize = 1 << 20;
/// How long an answer with a repeated task id waits for the first one.
const FIRST_ANSWER: Duration = Duration::from_millis(300);
/// What looks like an answer and is none.
const GARBAGE: &[u8] = b"{\"code\": 200, \"message\": \"ok\", \"data\": {\"task_id\": \xff\xfe<html>";
/// What a gateway says.
const GATEWAY_PAGE: &str = "<html><body><h1>Service unavailable</h1></body></html>";

/// The gate of one group of endpoints.
pub type Gate = (Arc<App>, Scope);

/// Lets a request in, and its answer out.
///
/// The body is read first, so that no connection is reset over unread bytes. What follows goes on even if the client
/// goes: a vendor does not stop because someone ran out of patience, and that is the case to rehearse.
pub async fn gate(State((app, scope)): State<Gate>, request: Request, next: Next) -> Response {
    let budget = request.extensions().get::<ConnectInfo<Budget>>().map(|info| info.0.clone());
    let Some(budget) = budget else { return fail(StatusCode::INTERNAL_SERVER_ERROR, "no connection") };
    budget.reset();
    if scope == Scope::Upload {
        return pass(app, scope, budget, request, next).await;
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return fail(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MB, or was cut short");
    };
    let request = Request::from_parts(head, Body::from(body));
    let work = tokio::spawn(pass(app, scope, budget, request, next));
    work.await.unwrap_or_else(|_| fail(StatusCode::INTERNAL_SERVER_ERROR, "the sandbox failed at this request"))
}

async fn pass(app: Arc<App>, scope: Scope, budget: Budget, request: Request, next: Next) -> Response {
    let asked = (request.method().clone(), request.uri().to_string());
    for fault in app.faults.before(scope) {
        if let Some(answer) = before(&app, fault, &budget, &asked).await {
            drain(request).await;
            return answer;
        }
    }
    // Results are signed, and the exchange is where a token comes from.
    if !matches!(scope, Scope::Result | Scope::Token)
        && let Err(answer) = app.admit(request.headers())
    {
        drain(request).await;
        return *answer;
    }
    let mut answer = next.run(request).await;
    if answer.extensions().get::<Succeeded>().is_some() {
        for fault in app.faults.after(scope) {
            answer = after(&app, fault, &budget, &asked.1, answer).await;
        }
    }
    answer
}

/// What a fault answers instead of looking at the request, if it does; `method` and `target` are the request's.
async fn before(
    app: &App,
    fault: &FaultKind,
    budget: &Budget,
    (method, target): &(Method, String),
) -> Option<Response> {
    match fault {
        FaultKind::DropBeforeAccept => Some(cut(budget, 0)),
        FaultKind::ErrorBeforeAccept => Some(fail(StatusCode::INTERNAL_SERVER_ERROR, "internal error")),
        FaultKind::GarbageBefore => Some(garbage()),
        FaultKind::Slow(span) => (!app.pause(*span).await).then(|| cut(budget, 0)),
        FaultKind::TooFast => Some(refuse(803, "frequent requests")),
        FaultKind::TooMany { retry_after } => {
            let mut answer = fail(StatusCode::TOO_MANY_REQUESTS, "too many requests");
            // The header knows whole seconds only.
            let seconds = retry_after.as_secs_f64().ceil() as u64;
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Some(answer)
        }
        FaultKind::Redirect => Some(redirect(target)),
        FaultKind::ListByPost => {
            (*method != Method::POST).then(|| fail(StatusCode::METHOD_NOT_ALLOWED, "the list is served by POST"))
        }
        FaultKind::Unauthorized => Some(fail(StatusCode::UNAUTHORIZED, "not authorised")),
        FaultKind::Refuse(code) => Some(refuse(*code, "refused by a fault of the sandbox")),
        FaultKind::Http(status) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_GATEWAY);
            Some(bytes(status, "text/html", GATEWAY_PAGE))
        }
        _ => None,
    }
}

/// What a fault makes of an answer.
async fn after(app: &App, fault: &FaultKind, budget: &Budget, target: &str, answer: Response) -> Response {
    match fault {
        FaultKind::ErrorAfterAccept => fail(StatusCode::INTERNAL_SERVER_ERROR, "internal error"),
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
                // The first answer should arrive first, so that the others repeat its id.
                app.pause(FIRST_ANSWER).await;
            }
            ok(&json!({ "task_id": first }))
        }
        FaultKind::UnauthorizedAfterAccept => {
            envelope(StatusCode::UNAUTHORIZED, 401, "not authorised", &data(answer).await)
        }
        FaultKind::RedirectAfterAccept => redirect(target),
        FaultKind::DateSkew { seconds } => dated(answer, app.options.clock.now(), *seconds),
        FaultKind::Gzip => packed(answer).await,
        _ => answer,
    }
}

/// An answer whose `Date` is off.
fn dated(mut answer: Response, now: Timestamp, seconds: i64) -> Response {
    let then = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
    if let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(then.into())) {
        answer.headers_mut().insert(header::DATE, date);
    }
    answer
}

/// A complete answer, compressed.
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
    let Ok(packed) = packed else { return fail(StatusCode::INTERNAL_SERVER_ERROR, "not compressed") };
    head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(packed.len()));
    Response::from_parts(head, Body::from(packed))
}

/// The `data` of an answer.
async fn data(answer: Response) -> Value {
    let body = to_bytes(answer.into_body(), LARGEST_BODY).await.unwrap_or_default();
    let mut said: Value = serde_json::from_slice(&body).unwrap_or_default();
    said["data"].take()
}

/// Closes the connection after so many bytes of whatever is answered.
fn cut(budget: &Budget, after: u64) -> Response {
    budget.cut_after(after);
    fail(StatusCode::INTERNAL_SERVER_ERROR, "cut")
}

fn garbage() -> Response {
    bytes(StatusCode::OK, "application/json", GARBAGE)
}

fn redirect(target: &str) -> Response {
    let mut answer = fail(StatusCode::TEMPORARY_REDIRECT, "moved");
    if let Ok(place) = HeaderValue::from_str(target) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    answer
}

/// A true answer in form, far too long.
fn oversized(megabytes: u64) -> Response {
    let chunk = Bytes::from(vec![b'x'; 1 << 20]);
    let open = stream::iter([Bytes::from_static(b"{\"code\":200,\"message\":\"ok\",\"data\":{\"padding\":\"")]);
    let padding = stream::iter((0..megabytes).map(move |_| chunk.clone()));
    let close = stream::iter([Bytes::from_static(b"\"}}")]);
    let body = open.chain(padding).chain(close).map(Ok::<_, std::convert::Infallible>);
    bytes(StatusCode::OK, "application/json", Body::from_stream(body))
}

/// Reads what is left of a body, so that the answer is read as well.
async fn drain(request: Request) {
    let mut body = request.into_body().into_data_stream();
    while let Some(Ok(_)) = body.next().await {}
}
