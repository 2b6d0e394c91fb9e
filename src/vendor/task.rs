//! The state of a task, parsed leniently: a result outranks any status.

use std::fmt;

use serde_json::Value;
use url::Url;

use super::Redactor;
use super::envelope::{integer, number, text};
use crate::spec::without_signature;

/// The progress of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Queued.
    Waiting,
    /// Rendering.
    Running,
    /// Finished, by its status. Only a result proves it: the vendor's status numbers contradict one another.
    Done,
    /// Failed for good.
    Failed,
    /// An undocumented status, treated as still running.
    Unknown(i64),
}

/// A task, as the vendor reports it.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskDetail {
    /// The progress.
    pub state: TaskState,
    /// The vendor's number, if any.
    pub status: Option<i64>,
    /// The vendor's message, cleaned.
    pub message: String,
    /// The results, the best first.
    pub results: Vec<TaskResult>,
}

/// One file of a finished task. Its URL is presigned, so it is secret and never shown.
#[derive(Clone, PartialEq)]
pub struct TaskResult {
    /// Height in pixels: 1080 or 720. `None` if unknown.
    pub height: Option<u32>,
    /// The download URL, valid for seven days.
    pub url: String,
    /// Size in bytes.
    pub bytes: Option<u64>,
    /// Length in seconds.
    pub seconds: Option<f64>,
}

impl fmt::Debug for TaskResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TaskResult")
            .field("height", &self.height)
            .field("url", &without_signature(&self.url))
            .field("bytes", &self.bytes)
            .field("seconds", &self.seconds)
            .finish()
    }
}

impl TaskDetail {
    /// Parses the task in an envelope's `data`. Returns `None` if `data` is not an object, or is empty.
    ///
    /// A result outranks every status. A task without a readable status counts as running.
    pub(super) fn parse(data: &Value, redactor: &Redactor) -> Option<Self> {
        let more = data.get("additional_data").unwrap_or(&Value::Null);
        // The plain `url` repeats one of the other two.
        let files = [(more.get("video_1080p"), Some(1080)), (more.get("video_720p"), Some(720)), (Some(more), None)];
        let results = results(&files);
        data.as_object().filter(|fields| !fields.is_empty())?;
        let status = data.get("status").and_then(integer);
        let state = match status {
            _ if !results.is_empty() => TaskState::Done,
            Some(-1) => TaskState::Waiting,
            // 2 is `generating` in the list of videos.
            Some(-2 | 2) | None => TaskState::Running,
            Some(0 | 1) => TaskState::Done,
            Some(3 | -3) => TaskState::Failed,
            Some(other) => TaskState::Unknown(other),
        };
        let message = data.get("message").and_then(text).unwrap_or_default();
        Some(Self { state, status, message: redactor.sanitize_message(&message), results })
    }
}

/// Returns the files that have a URL, each URL once, in this order.
pub(super) fn results(files: &[(Option<&Value>, Option<u32>)]) -> Vec<TaskResult> {
    let mut found: Vec<TaskResult> = Vec::new();
    for (file, height) in files {
        let one = file.and_then(|file| result(file, *height));
        found.extend(one.filter(|one| found.iter().all(|known| known.url != one.url)));
    }
    found
}

fn result(file: &Value, height: Option<u32>) -> Option<TaskResult> {
    let url = file.get("url").and_then(Value::as_str).map(str::trim).filter(|url| is_usable(url))?;
    let size = file.get("video_size").or_else(|| file.get("size")).and_then(integer);
    Some(TaskResult {
        height,
        url: url.to_owned(),
        bytes: size.and_then(|size| u64::try_from(size).ok()),
        seconds: file.get("video_duration").or_else(|| file.get("duration")).and_then(number),
    })
}

/// Whether a URL is absolute, over http or https. Any other URL is ignored.
fn is_usable(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(data: &Value) -> Option<TaskDetail> {
        TaskDetail::parse(data, &Redactor::default())
    }

    fn state(data: &Value) -> TaskState {
        parse(data).unwrap().state
    }

    #[test]
    fn a_status_is_read_as_number_or_text() {
        let cases = [
            (json!(-1), TaskState::Waiting),
            (json!("-2"), TaskState::Running),
            (json!(2), TaskState::Running),
            (json!(0), TaskState::Done),
            (json!("1"), TaskState::Done),
            (json!(3), TaskState::Failed),
            (json!("-3"), TaskState::Failed),
            (json!(null), TaskState::Running),
            (json!("making it"), TaskState::Running),
            (json!(17), TaskState::Unknown(17)),
        ];
        for (status, meant) in cases {
            assert_eq!(state(&json!({"id": "T", "status": status})), meant, "{status}");
        }
        assert_eq!(state(&json!({"id": "T"})), TaskState::Running);
        for nothing in [json!(null), json!({}), json!([]), json!("done")] {
            assert_eq!(parse(&nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_result_counts_more_than_any_status() {
        for status in [json!(-2), json!(3), json!(99), json!(null)] {
            let data = json!({"status": status, "additional_data": {"url": "https://r.example/v.mp4"}});
            assert_eq!(state(&data), TaskState::Done, "{status}");
        }
        for nothing in [json!({"url": null}), json!({"url": 7}), json!([]), json!("x")] {
            assert_eq!(state(&json!({"status": -2, "additional_data": nothing})), TaskState::Running, "{nothing}");
        }
        for url in ["", "soon", "/results/v.mp4", "//r.example/v.mp4", "ftp://r.example/v", "file:///v.mp4", "https://"]
        {
            let data = json!({"status": 0, "additional_data": {"url": url, "video_720p": {"url": url}}});
            assert_eq!(parse(&data).unwrap().results, [], "{url}");
        }
        let loud = json!({"status": -2, "additional_data": {"url": " HTTPS://R.example/v.mp4 "}});
        assert_eq!(parse(&loud).unwrap().results[0].url, "HTTPS://R.example/v.mp4");
    }

    #[test]
    fn the_best_result_comes_first_and_none_twice() {
        let data = json!({"status": 0, "message": "ok\u{1b}[2J", "additional_data": {
            "url": "https://r.example/1080.mp4", "video_size": 5,
            "video_720p": {"url": "https://r.example/720.mp4", "video_size": "12", "video_duration": "9.5"},
            "video_1080p": {"url": "https://r.example/1080.mp4"},
        }});
        let detail = parse(&data).unwrap();
        let seen: Vec<_> = detail.results.iter().map(|one| (one.height, one.bytes, one.seconds)).collect();
        assert_eq!(seen, [(Some(1080), None, None), (Some(720), Some(12), Some(9.5))]);
        assert_eq!(detail.message, "ok␛[2J");
    }

    #[test]
    fn debug_does_not_show_the_signature() {
        let url = "https://r.example/v.mp4?X-Amz-Date=20250313T031916Z&X-Amz-Signature=abcdef";
        let detail = parse(&json!({"status": 0, "additional_data": {"url": url}})).unwrap();
        assert_eq!(detail.results[0].url, url);
        assert!(!format!("{detail:?}").contains("abcdef"), "{detail:?}");
    }
}
