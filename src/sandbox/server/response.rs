//! The vendor's response envelope.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

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

/// Returns a response with any status and code.
pub fn envelope(status: StatusCode, code: i64, message: &str, data: &Value) -> Response {
    let body = json!({ "code": code, "message": message, "data": data });
    bytes(status, "application/json", body.to_string())
}
