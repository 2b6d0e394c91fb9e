//! The vendor's envelope, parsed leniently: `{"code": 200, "message": "ok", "data": {…}}`.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::source::sanitize;

/// Maximum length of a task id. A longer value is not treated as an id.
const MAX_TASK_ID_BYTES: usize = 200;

/// The envelope of a response. A repeated field makes it unreadable, because either value could be the true one.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Envelope {
    code: Option<Value>,
    message: Option<Value>,
    #[serde(default)]
    pub data: Value,
    task_id: Option<Value>,
    /// All other fields.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// The task id of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TaskId {
    /// The response names no task.
    Absent,
    /// A field for an id has a value that is not an id.
    Unusable,
    /// A valid id.
    Usable(String),
}

impl Envelope {
    /// Parses the envelope of a body. Returns `None` unless the body is one JSON object.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        // Checked first, because serde also reads a struct from an array.
        body.iter().find(|byte| !byte.is_ascii_whitespace()).filter(|&&byte| byte == b'{')?;
        serde_json::from_slice(body).ok()
    }

    /// Returns the code, sent as a number or as a string.
    pub fn code(&self) -> Option<i64> {
        integer(self.code.as_ref()?)
    }

    /// Returns the message, raw. Clean it before showing it.
    pub fn message(&self) -> String {
        match &self.message {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }

    /// Returns the task id in `data`. An id next to it proves that a task may exist, but is not used as its id.
    pub fn task(&self) -> TaskId {
        match (task_of(self.data.get("task_id")), task_of(self.task_id.as_ref())) {
            (TaskId::Absent, TaskId::Usable(_)) => TaskId::Unusable,
            (TaskId::Absent, beside) => beside,
            (inner, _) => inner,
        }
    }

    /// Whether anything in the response looks like a task id: a field with such a name, or one word as `data`.
    pub fn traces_task(&self) -> bool {
        let word = self.data.as_str().is_some_and(|text| !text.is_empty() && !text.contains(char::is_whitespace));
        let number = self.data.is_number();
        word || number
            || traces_task(&self.data)
            || self.task_id.as_ref().is_some_and(is_said)
            || names_task(&self.rest)
    }
}

fn traces_task(value: &Value) -> bool {
    match value {
        Value::Object(fields) => names_task(fields),
        Value::Array(values) => values.iter().any(traces_task),
        // JSON inside a string.
        Value::String(text) => text.contains("\"task_id\""),
        _ => false,
    }
}

/// Whether a field names a task: `task_id`, `taskId`, `Task-ID`, `task`, `tasks`, a bare `id`, or the video of a task.
fn names_task(fields: &Map<String, Value>) -> bool {
    fields.iter().any(|(name, value)| {
        let letters = name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase());
        let letters: String = letters.collect();
        let one = letters.strip_suffix('s').unwrap_or(&letters);
        let is_task = ["id", "task", "taskid", "video", "videoid"].contains(&one);
        (is_task && is_said(value)) || traces_task(value)
    })
}

/// Whether a value is neither null nor empty.
fn is_said(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn task_of(value: Option<&Value>) -> TaskId {
    match value {
        None | Some(Value::Null) => TaskId::Absent,
        Some(Value::String(text)) if text.is_empty() => TaskId::Absent,
        Some(Value::String(text)) => {
            let printable = text.chars().all(|one| !one.is_control() && !one.is_whitespace());
            // An id that cleaning would change can be neither shown nor sent back unchanged.
            let fits = printable && text.chars().count() <= MAX_TASK_ID_BYTES && sanitize(text) == *text;
            if fits { TaskId::Usable(text.clone()) } else { TaskId::Unusable }
        }
        Some(Value::Number(number)) if number.as_u64().is_some_and(|id| id > 0) => TaskId::Usable(number.to_string()),
        Some(_) => TaskId::Unusable,
    }
}

/// Parses an integer, sent as a number or as a string.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let whole = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 9e15)?;
            Some(whole as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Parses a finite number, sent as a number or as a string.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// Returns a string that is not empty, sent as a string or as a number.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
