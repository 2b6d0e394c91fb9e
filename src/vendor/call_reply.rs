//! The meaning of an exchange for a call that costs nothing.

use std::time::Duration;

use super::classify::Exchange;
use super::envelope::Envelope;
use super::{CallError, Redactor};

/// The result of one try.
#[derive(Debug)]
pub(super) enum CallReply {
    /// Code 200.
    Served(Box<Envelope>),
    /// The vendor refused. A retry does not help.
    Failed(CallError),
    /// Too fast, with the wait that the vendor requests.
    TooFast(CallError, Option<Duration>),
    /// The request never arrived.
    NotDelivered(CallError),
    /// The request may have arrived. A retry may succeed.
    Transient(CallError),
}

/// Classifies an exchange. The code decides, or the HTTP status if there is no code.
pub(super) fn call_reply(exchange: Exchange, redactor: &Redactor) -> CallReply {
    let answer = match exchange {
        Exchange::NeverConnected(reason) => {
            return CallReply::NotDelivered(CallError::Unreachable(redactor.sanitize_message(&reason)));
        }
        Exchange::Broken(reason) => {
            return CallReply::Transient(CallError::InvalidResponse(redactor.sanitize_message(&reason)));
        }
        Exchange::Answered(answer) => answer,
    };
    let status = i64::from(answer.status);
    let envelope = Envelope::parse(&answer.body);
    let code = envelope.as_ref().and_then(Envelope::code);
    let message = redactor.sanitize_message(&envelope.as_ref().map(Envelope::message).unwrap_or_default());
    let refused = |code| CallError::Refused { code, message: message.clone() };
    match (status, code, envelope) {
        (401, ..) | (_, Some(401), _) => CallReply::Failed(CallError::Key(message)),
        (_, Some(number @ (429 | 803)), _) => CallReply::TooFast(refused(number), answer.retry_after),
        (429, ..) => CallReply::TooFast(refused(429), answer.retry_after),
        (500.., ..) => CallReply::Transient(refused(status)),
        (_, Some(number @ 500..=599), _) => CallReply::Transient(refused(number)),
        (200, Some(200), Some(envelope)) => CallReply::Served(Box::new(envelope)),
        (200, None, _) => CallReply::Failed(CallError::InvalidResponse(
            "the vendor's answer is not a JSON object with a `code`".to_owned(),
        )),
        (200, Some(number), _) => CallReply::Failed(refused(number)),
        _ => CallReply::Failed(refused(code.filter(|&code| code != 200).unwrap_or(status))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::classify::HttpResponse;
    use super::*;

    fn kind(status: u16, body: &str) -> &'static str {
        let answer = HttpResponse { status, retry_after: None, body: body.as_bytes().to_vec() };
        match call_reply(Exchange::Answered(answer), &Redactor::default()) {
            CallReply::Served(_) => "served",
            CallReply::Failed(CallError::Key(_)) => "key",
            CallReply::Failed(CallError::Refused { .. }) => "refused",
            CallReply::Failed(_) => "unusable",
            CallReply::TooFast(..) => "too fast",
            CallReply::NotDelivered(_) => "never sent",
            CallReply::Transient(_) => "shaky",
        }
    }

    #[test]
    fn the_code_decides_and_the_status_where_there_is_none() {
        let cases = [
            (200, r#"{"code":200,"data":{}}"#, "served"),
            (200, r#"{"code":"200"}"#, "served"),
            (200, r#"{"code":803}"#, "too fast"),
            (429, "", "too fast"),
            (200, r#"{"code":401}"#, "key"),
            (401, "<html>", "key"),
            (200, r#"{"code":400}"#, "refused"),
            (404, "", "refused"),
            (404, r#"{"code":200}"#, "refused"),
            (302, "", "refused"),
            (500, r#"{"code":200}"#, "shaky"),
            (200, r#"{"code":500}"#, "shaky"),
            (200, "<html>", "unusable"),
            (200, r#"{"data":{}}"#, "unusable"),
        ];
        for (status, body, meant) in cases {
            assert_eq!(kind(status, body), meant, "HTTP {status}, {body}");
        }
    }
}
