//! Decides what one HTTP exchange proves about a submission. This is the contract's table of responses.
//!
//! A response with contradictory signals is in doubt. `NotAccepted` requires every signal (HTTP status, code, absence
//! of a task) to agree: a wrong `NotAccepted` bills the user twice.

use std::time::{Duration, SystemTime};

use super::envelope::{Envelope, TaskId};
use super::rate_limiter::MAX_WAIT;
use super::{InDoubt, KeyRefused, NotAccepted, Redactor, Refusal, SubmitOutcome, UnknownCode};

/// The result of one HTTP exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Exchange {
    /// No connection was made: no byte of the request was written.
    NeverConnected(String),
    /// The exchange broke after that. The text is the reason.
    Broken(String),
    /// A complete response.
    Answered(HttpResponse),
}

/// A response, read to its end.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// The wait that the `Retry-After` header requests, at most 60 s.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Vec<u8>,
}

/// The meaning of one signal: an HTTP status or a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Accepted,
    TooFast,
    Refused,
    KeyRefused,
    Doubtful,
}

impl Signal {
    /// Returns the row of the table of responses, for traces.
    const fn rule(self) -> &'static str {
        match self {
            Self::Accepted => "`code` 200 with a usable task_id: accepted",
            Self::TooFast => "HTTP 429, or `code` 429 or 803: not accepted",
            Self::Refused => "`code` or HTTP 400, 402, 403, 404, 422: refused",
            Self::KeyRefused => "`code` and HTTP that agree on 401: not accepted",
            Self::Doubtful => "anything else: in doubt",
        }
    }
}

fn signal_of(number: i64) -> Signal {
    match number {
        200 => Signal::Accepted,
        // 803 is the vendor's own code. No HTTP status has this number.
        429 | 803 => Signal::TooFast,
        400 | 402 | 403 | 404 | 422 => Signal::Refused,
        401 => Signal::KeyRefused,
        _ => Signal::Doubtful,
    }
}

/// Classifies a submission by its exchange.
pub(super) fn submission(exchange: &Exchange, redactor: &Redactor) -> SubmitOutcome {
    match exchange {
        Exchange::NeverConnected(reason) => {
            let reason = redactor.sanitize_message(reason);
            tracing::debug!(rule = "connection never made: not accepted", reason, "no answer");
            SubmitOutcome::NotAccepted(NotAccepted::never_connected(reason))
        }
        Exchange::Broken(reason) => {
            let reason = redactor.sanitize_message(reason);
            tracing::debug!(rule = Signal::Doubtful.rule(), reason, "no answer");
            in_doubt(reason)
        }
        Exchange::Answered(answer) => answered(answer, redactor),
    }
}

fn answered(answer: &HttpResponse, redactor: &Redactor) -> SubmitOutcome {
    let envelope = Envelope::parse(&answer.body);
    let code = envelope.as_ref().and_then(Envelope::code);
    let task = match envelope.as_ref().map_or(TaskId::Absent, Envelope::task) {
        TaskId::Usable(task) if redactor.contains_secret(&task) => TaskId::Unusable,
        task => task,
    };
    let message = envelope.as_ref().map(Envelope::message).unwrap_or_default();
    let message = redactor.sanitize_message(&message);

    let status = signal_of(i64::from(answer.status));
    let agreed = combine(status, code.map(signal_of));
    // An id in an unexpected location is not usable, but a task may exist.
    let traced = envelope.as_ref().is_some_and(Envelope::traces_task);
    let tell = |rule: &str| tracing::debug!(http = answer.status, code, rule, "answer");
    let verdict = match (agreed, &task) {
        (Signal::Accepted, TaskId::Usable(task)) => {
            tell(Signal::Accepted.rule());
            return SubmitOutcome::Accepted { task: task.clone() };
        }
        (verdict, TaskId::Absent) if verdict == Signal::Accepted || !traced => verdict,
        // A response that names a task may have created one, so no refusal counts.
        _ => Signal::Doubtful,
    };
    tell(if verdict == Signal::Accepted { Signal::Doubtful.rule() } else { verdict.rule() });
    let number = code.unwrap_or_else(|| i64::from(answer.status));
    match verdict {
        Signal::TooFast => {
            let reason = with_message(&format!("the vendor answered {number}, too many requests"), &message);
            SubmitOutcome::NotAccepted(NotAccepted::too_fast(reason, answer.retry_after))
        }
        Signal::Refused => SubmitOutcome::Refused(Refusal { code: number, message }),
        Signal::KeyRefused => SubmitOutcome::KeyRefused(KeyRefused::new(message)),
        Signal::Accepted | Signal::Doubtful => {
            let task = if traced && task == TaskId::Absent { TaskId::Unusable } else { task };
            let reason = in_doubt_with_message(answer, code, &task, envelope.is_some(), &message);
            let unauthorized = answer.status == 401 || code == Some(401);
            let unknown_code = code
                .filter(|&code| answer.status == 200 && is_unknown(code) && !message.is_empty())
                .map(|code| UnknownCode { code, message: message.clone() });
            SubmitOutcome::InDoubt(InDoubt { reason, unauthorized: unauthorized.then_some(message), unknown_code })
        }
    }
}

/// Combines status and code. The result is in doubt unless both say accepted, or both say not accepted.
fn combine(status: Signal, code: Option<Signal>) -> Signal {
    match (status, code) {
        (Signal::Accepted, Some(Signal::Accepted)) => Signal::Accepted,
        // A refusal of the token is repeated with another token, so both must report it. HTTP 200 contradicts no code.
        (Signal::Accepted | Signal::KeyRefused, Some(Signal::KeyRefused)) => Signal::KeyRefused,
        // HTTP 200 only carries the envelope. Without a code it proves nothing.
        (Signal::Doubtful | Signal::KeyRefused, _)
        | (_, Some(Signal::Doubtful | Signal::Accepted | Signal::KeyRefused))
        | (Signal::Accepted, None) => Signal::Doubtful,
        // If both refuse, the code is more specific.
        (status, code) => code.unwrap_or(status),
    }
}

/// Whether a code is in no row of the table, and does not report a failure of the vendor's server.
fn is_unknown(code: i64) -> bool {
    signal_of(code) == Signal::Doubtful && !(500..=599).contains(&code)
}

fn in_doubt(reason: String) -> SubmitOutcome {
    SubmitOutcome::InDoubt(InDoubt { reason, ..InDoubt::default() })
}

fn in_doubt_with_message(
    answer: &HttpResponse,
    code: Option<i64>,
    task: &TaskId,
    readable: bool,
    message: &str,
) -> String {
    let said = match code {
        Some(code) => format!(" with code {code}"),
        None if !readable => " with a body that is not a JSON object".to_owned(),
        None => " without a code".to_owned(),
    };
    let named = match task {
        // The user needs the id to settle this take manually.
        TaskId::Usable(task) => format!(" and task `{task}`"),
        TaskId::Unusable => " and an unusable task id".to_owned(),
        TaskId::Absent if code == Some(200) => " but no task id".to_owned(),
        TaskId::Absent => String::new(),
    };
    with_message(&format!("the vendor answered HTTP {}{said}{named}", answer.status), message)
}

fn with_message(reason: &str, message: &str) -> String {
    if message.is_empty() { reason.to_owned() } else { format!("{reason}: {message}") }
}

/// Parses `Retry-After`, in seconds or as an HTTP date, capped at 60 s. Returns `None` if it is neither.
pub(super) fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that overflows also exceeds the cap.
        let seconds = text.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(MAX_WAIT));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default().min(MAX_WAIT))
}

#[cfg(test)]
mod tests;
