//! Tests of results, with their shared helpers: a scripted vendor, lines and rows.

mod mp4;
mod partial_download;
mod poll;
mod status_list;
mod statuses;
mod wait;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::lockfile::{Lockfile, Record, Take, TakeId, TakeState};
use crate::source::{FileId, Origin};
use crate::spec::test_support::spec;
use crate::spec::{Digest, LocalFile, MediaKind, Video, marker};
use crate::vendor::{CallError, Form, ListedVideo, SubmitOutcome, TaskDetail, TaskResult, TaskState, Vendor};

pub const HOST: &str = "devapi.vidnoz.com";

/// A scripted vendor that remembers its requests.
#[derive(Debug, Default)]
pub struct Told {
    pub list: Mutex<Option<Result<Vec<ListedVideo>, CallError>>>,
    pub details: Mutex<HashMap<String, Result<TaskDetail, CallError>>>,
    pub asked: Mutex<Vec<String>>,
    /// How far its clock is ahead.
    pub offset: Option<SignedDuration>,
}

impl Vendor for Told {
    async fn submit(&self, _: &Form) -> SubmitOutcome {
        panic!("whoever looks after takes never submits")
    }

    fn clock_offset(&self) -> Option<SignedDuration> {
        self.offset
    }

    async fn list_videos(&self) -> Result<Vec<ListedVideo>, CallError> {
        self.asked.lock().unwrap().push("list".to_owned());
        self.list.lock().unwrap().clone().unwrap_or_else(|| Ok(Vec::new()))
    }

    async fn task_detail(&self, task: &str) -> Result<TaskDetail, CallError> {
        self.asked.lock().unwrap().push(task.to_owned());
        let nothing = CallError::Refused { code: 400, message: format!("`id` names no task: `{task}`") };
        self.details.lock().unwrap().get(task).cloned().unwrap_or(Err(nothing))
    }

    async fn upload(&self, _: &LocalFile) -> Result<String, CallError> {
        panic!("whoever looks after takes never uploads")
    }

    async fn list_assets(&self, _: MediaKind) -> Result<HashSet<String>, CallError> {
        panic!("whoever looks after takes needs no uploads")
    }
}

pub fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub fn hours_ago(hours: i64) -> Timestamp {
    noon() - SignedDuration::from_hours(hours)
}

pub fn digest(number: u8) -> Digest {
    Digest::parse(&format!("v1:{}", format!("{number:02x}").repeat(16))).unwrap()
}

/// Returns the take of a key, sent at a time. Its content is identified by a number.
pub fn take(key: &str, number: u8, state: TakeState, at: Timestamp) -> Take {
    let id = TakeId { host: HOST.into(), digest: digest(number), attempt: 1 };
    Take {
        task: (state >= TakeState::Submitted).then(|| format!("task-{number}")),
        name: Some(format!("{key} #{}", marker(&digest(number), 1))),
        ..Take::new(id, key.into(), state, at)
    }
}

pub fn lockfile(takes: impl IntoIterator<Item = Take>) -> Lockfile {
    let mut made = Lockfile::default();
    takes.into_iter().map(Record::Take).for_each(|line| made.insert(line));
    made
}

pub fn wish(key: &str, number: u8) -> Video {
    let (spec, declared_at) = (spec("Hello"), Origin::new(FileId(0), 0, 0));
    Video { key: key.into(), digest: digest(number), spec, provenance: Arc::default(), declared_at, row: None }
}

#[expect(clippy::unnecessary_wraps, reason = "as an answer comes from the vendor")]
pub fn detail(state: TaskState) -> Result<TaskDetail, CallError> {
    Ok(TaskDetail { state, status: None, message: String::new(), results: Vec::new() })
}

pub fn result(height: u32) -> TaskResult {
    TaskResult {
        height: Some(height),
        url: format!("https://files.example.com/{height}.mp4"),
        bytes: Some(5),
        seconds: Some(9.5),
    }
}

/// Returns a listed video with the marker of a content.
pub fn listed(id: &str, number: u8, status: i64, results: Vec<TaskResult>) -> ListedVideo {
    let name = format!("a video #{}", marker(&digest(number), 1));
    ListedVideo { id: id.to_owned(), name, status: Some(status), created: None, seconds: Some(9.5), results }
}
