//! The meaning of an exchange for a call that costs nothing.

use std::time::{Duration, SystemTime};

use super::classify::{Exchange, retry_after};
use super::envelope::Envelope;
use super::{CallError, Redactor};

/// The result of one try.
#[derive(Debug)]
pub(super) enum Reply {
    /// Code 200.
    Served(Box<Envelope>),
    /// The vendor refused. A retry does not help.
    Failed(CallError),
    /// Too fast, with the wait that the vendor requests.
    TooFast(CallError, Option<Duration>),
    /// The request never arrived.
    NeverSent(CallError),
    /// The request may have arrived. A retry may succeed.
    Shaky(CallError),
}

/// Classifies an exchange. The code decides, or the HTTP status if there is no code.
pub(super) fn reply(exchange: Exchange, redactor: &Redactor, now: SystemTime) -> Reply {
    let answer = match exchange {
        Exchange::NeverConnected(reason) => return Reply::NeverSent(CallError::Unreachable(redactor.message(&reason))),
        Exchange::Broken(reason) => return Reply::Shaky(CallError::Unusable(redactor.message(&reason))),
        Exchange::Answered(answer) => answer,
    };
    let status = i64::from(answer.status);
    let envelope = Envelope::parse(&answer.body);
    let code = envelope.as_ref().and_then(Envelope::code);
    let message = redactor.message(&envelope.as_ref().map(Envelope::message).unwrap_or_default());
    let refused = |code| CallError::Refused { code, message: message.clone() };
    match (status, code) {
        (401, _) | (_, Some(401)) => Reply::Failed(CallError::Key(message)),
        (_, Some(number @ (429 | 803))) => too_fast(refused(number), answer.retry_after.as_deref(), now),
        (429, _) => too_fast(refused(429), answer.retry_after.as_deref(), now),
        (500.., _) => Reply::Shaky(refused(status)),
        (_, Some(number @ 500..=599)) => Reply::Shaky(refused(number)),
        (200, Some(200)) => match envelope {
            Some(envelope) => Reply::Served(Box::new(envelope)),
            None => Reply::Failed(refused(status)),
        },
        (200, None) => {
            Reply::Failed(CallError::Unusable("the vendor's answer is not a JSON object with a `code`".to_owned()))
        }
        (200, Some(number)) => Reply::Failed(refused(number)),
        _ => Reply::Failed(refused(code.filter(|&code| code != 200).unwrap_or(status))),
    }
}

fn too_fast(error: CallError, header: Option<&str>, now: SystemTime) -> Reply {
    Reply::TooFast(error, header.and_then(|text| retry_after(text, now)))
}

#[cfg(test)]
mod tests {
    use super::super::classify::Answer;
    use super::*;

    fn kind(status: u16, body: &str) -> &'static str {
        let answer = Answer { status, retry_after: None, body: body.as_bytes().to_vec() };
        match reply(Exchange::Answered(answer), &Redactor::default(), SystemTime::UNIX_EPOCH) {
            Reply::Served(_) => "served",
            Reply::Failed(CallError::Key(_)) => "key",
            Reply::Failed(CallError::Refused { .. }) => "refused",
            Reply::Failed(_) => "unusable",
            Reply::TooFast(..) => "too fast",
            Reply::NeverSent(_) => "never sent",
            Reply::Shaky(_) => "shaky",
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
