//! What requests say: the values of a query, the page of a list, the parts of a form; and the vendor's response envelope.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::sandbox::form::{ReceivedPart, read_parts};

/// Marks a successful response, so that faults of the second stage apply to it.
#[derive(Clone, Copy, Debug)]
pub struct Succeeded;

/// Returns a response with code 200.
pub fn ok(data: &Value) -> Response {
    let mut answer = envelope(StatusCode::OK, 200, "ok", data);
    answer.extensions_mut().insert(Succeeded);
    answer
}

/// Returns HTTP 200 with an error code, as the vendor does.
pub fn vendor_error(code: i64, message: &str) -> Response {
    envelope(StatusCode::OK, code, message, &Value::Null)
}

/// Returns an error as both the HTTP status and the code.
pub fn http_error(status: StatusCode, message: &str) -> Response {
    envelope(status, i64::from(status.as_u16()), message, &Value::Null)
}

/// Returns a response with any body and content type.
pub fn bytes(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let headers = [(header::CONTENT_TYPE, content_type), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (status, headers, body.into()).into_response()
}

/// Sets a header of a response, unless its value is invalid.
pub fn set_header(answer: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

/// Returns a response with any status and code.
pub fn envelope(status: StatusCode, code: i64, message: &str, data: &Value) -> Response {
    let body = json!({ "code": code, "message": message, "data": data });
    bytes(status, "application/json", body.to_string())
}

/// The vendor's default and maximum page size.
const LIMITS: (usize, usize) = (100, 10_000);

/// The names and values of a query. The first of several equal names counts.
pub struct Query(pub BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut values = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            values.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        Ok(Self(values))
    }
}

/// The parts of a multipart body. Refuses any other body.
pub struct FormParts(pub Vec<ReceivedPart>);

impl<S: Send + Sync> FromRequest<S> for FormParts {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        read_parts(request).await.map(Self).map_err(|error| vendor_error(400, &error.to_string()))
    }
}

/// One requested page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Maximum number of items.
    pub limit: usize,
    /// Only items with numbers below this one.
    pub before: u64,
}

/// Refuses a limit out of range, and a cursor that the sandbox did not issue.
impl<S: Send + Sync> FromRequestParts<S> for PageRequest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let Ok(Query(query)) = Query::from_request_parts(parts, state).await;
        let limit =
            match query.get("limit") {
                None => LIMITS.0,
                Some(text) => text.parse().ok().filter(|limit| (1..=LIMITS.1).contains(limit)).ok_or_else(|| {
                    vendor_error(400, &format!("`limit` must be a whole number from 1 to {}", LIMITS.1))
                })?,
            };
        let before = match query.get("end_cursor").filter(|cursor| !cursor.is_empty()) {
            None => u64::MAX,
            Some(cursor) => parse_cursor(cursor).ok_or_else(|| vendor_error(400, "`end_cursor` is unknown"))?,
        };
        Ok(PageRequest { limit, before })
    }
}

/// Returns the cursor of the items after the one with this number.
pub fn cursor(number: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("before {number}"))
}

fn parse_cursor(cursor: &str) -> Option<u64> {
    let text = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    std::str::from_utf8(&text).ok()?.strip_prefix("before ")?.parse().ok()
}
