//! The vendor's envelope.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

/// Marks an answer that says yes, so that faults of the second stage know where to strike.
#[derive(Clone, Copy, Debug)]
pub struct Succeeded;

/// Code 200.
pub fn ok(data: &Value) -> Response {
    let mut answer = envelope(StatusCode::OK, 200, "ok", data);
    answer.extensions_mut().insert(Succeeded);
    answer
}

/// HTTP 200 with a code that says no, as the vendor does.
pub fn refuse(code: i64, message: &str) -> Response {
    envelope(StatusCode::OK, code, message, &Value::Null)
}

/// HTTP and code say no.
pub fn fail(status: StatusCode, message: &str) -> Response {
    envelope(status, i64::from(status.as_u16()), message, &Value::Null)
}

/// Any body of any type.
pub fn bytes(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

/// Any status with any code.
pub fn envelope(status: StatusCode, code: i64, message: &str, data: &Value) -> Response {
    let body = json!({ "code": code, "message": message, "data": data });
    bytes(status, "application/json", body.to_string())
}
