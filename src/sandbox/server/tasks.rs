//! The status of tasks: the detail of one, the list of all, and a human-readable page.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::app_state::{AppState, ClipInfo};
use super::files::clip_of;
use super::response::{FormParts, PageRequest, bytes, cursor, ok, vendor_error};
use crate::fields::VENDOR;
use crate::sandbox::fault::{EndpointScope, FaultKind, InjectionPoint};
use crate::sandbox::form::id_form;
use crate::sandbox::state::{Task, TaskLife, TaskStage};
use crate::vendor::wire;

/// `POST /v2/task/detail`.
pub async fn detail(State(app): State<Arc<AppState>>, FormParts(parts): FormParts) -> Response {
    let id = match id_form(&parts) {
        Ok(id) => id,
        Err(refused) => return vendor_error(400, &refused.to_string()),
    };
    let task = app.store.tables().task(&id).cloned();
    let Some(task) = task else { return vendor_error(400, &format!("`id` names no task: `{id}`")) };
    let now = app.options.clock.now();
    let stage = TaskLife::of(&task, now).stage;
    let faults = || app.faults.of_number(InjectionPoint::Task, EndpointScope::Detail, task.number);
    if faults().any(|fault| matches!(fault, FaultKind::LateTask(span) if is_younger(&task, now, *span))) {
        return vendor_error(400, &format!("`id` names no task: `{id}`"));
    }
    let mut additional = Map::new();
    if stage == TaskStage::Done {
        // A client that requests the detail fetches the file next, so the reported size must be that of the file.
        clip_of(&app, &task).await;
    }
    if let Some(facts) = clip_info(&app, EndpointScope::Detail, &task, now)
        && let Value::Object(mut clip) = facts.detail()
    {
        clip.insert("video_720p".to_owned(), Value::Object(clip.clone()));
        additional = clip;
    }
    let message = match (stage, &task.work.failure) {
        (TaskStage::Failed, Some(failure)) => failure.as_str(),
        _ => stage.report().word,
    };
    let other = faults().any(|fault| *fault == FaultKind::OtherNumbers);
    let status = if other { stage.report().other_detail } else { stage.report().detail };
    ok(&json!({ "id": task.task, "status": status, "message": message, "additional_data": additional }))
}

/// `GET /v2/video/list`. The vendor's example uses POST, so POST is served too.
pub async fn list(State(app): State<Arc<AppState>>, page: PageRequest) -> Response {
    let now = app.options.clock.now();
    let (tasks, total, more) = visible(&app, page, now);
    let mut end_cursor = match tasks.last() {
        Some(last) if more => cursor(last.number),
        _ => String::new(),
    };
    for fault in app.faults.matching(InjectionPoint::Listing, EndpointScope::List) {
        match (fault, tasks.last()) {
            (FaultKind::LoopingCursor, _) => end_cursor = cursor(page.before),
            (FaultKind::CursorAtEnd, Some(last)) => end_cursor = cursor(last.number),
            _ => {}
        }
    }
    let mut videos = Vec::with_capacity(tasks.len());
    for task in &tasks {
        let video = listed(&app, task, now);
        if app.faults.for_video(task.number).any(|fault| *fault == FaultKind::DuplicateList) {
            videos.push(video.clone());
        }
        videos.push(video);
    }
    ok(&json!({ "total": total, "end_cursor": end_cursor, "videos": videos }))
}

/// Returns the tasks of a page, their total number, and whether more pages follow.
fn visible(app: &AppState, page: PageRequest, now: Timestamp) -> (Vec<Arc<Task>>, usize, bool) {
    let hidden = |task: &Task| {
        app.faults.for_video(task.number).any(|fault| match fault {
            FaultKind::LateList(span) => is_younger(task, now, *span),
            _ => false,
        })
    };
    let tables = app.store.tables();
    let hide = app.faults.hide_videos();
    let total = if hide { tables.tasks().filter(|task| !hidden(task)).count() } else { tables.tasks().len() };
    let mut tasks = Vec::new();
    for task in tables.tasks_before(page.before) {
        if hide && hidden(task) {
            continue;
        }
        if tasks.len() == page.limit {
            return (tasks, total, true);
        }
        tasks.push(Arc::clone(task));
    }
    (tasks, total, false)
}

fn is_younger(task: &Task, now: Timestamp, span: Duration) -> bool {
    now.duration_since(task.at) < SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX)
}

/// Returns the facts about a task's file as an endpoint reports them. `None` until the file is ready.
fn clip_info(app: &AppState, endpoint: EndpointScope, task: &Task, now: Timestamp) -> Option<ClipInfo> {
    let mut facts = (TaskLife::of(task, now).stage == TaskStage::Done).then(|| app.clip_info(task, now))?;
    for fault in app.faults.of_number(InjectionPoint::Task, endpoint, task.number) {
        match fault {
            FaultKind::LateFile(span) => {
                let made = task.work.queue.saturating_add(task.work.render);
                if is_younger(task, now, made.saturating_add(*span)) {
                    return None;
                }
            }
            FaultKind::StrangeUrl => facts.url = facts.url.replacen(&app.base_url, "", 1),
            _ => {}
        }
    }
    Some(facts)
}

fn listed(app: &AppState, task: &Task, now: Timestamp) -> Value {
    let mut status = TaskLife::of(task, now).stage.report().listed;
    let mut name = task.name.clone();
    let mut made = task.at;
    let mut id = &task.video;
    for fault in app.faults.for_video(task.number) {
        match fault {
            FaultKind::NameCut(count) => name = name.chars().take(*count).collect(),
            FaultKind::ListTaskIds => id = &task.task,
            FaultKind::NameLower => name = name.to_lowercase(),
            FaultKind::NameTrim => name = name.split_whitespace().collect::<Vec<_>>().join(" "),
            FaultKind::NameEscape => name = escape(&name),
            FaultKind::ListDraft => status = 0,
            FaultKind::ClockSkew { seconds } => {
                made = made.checked_add(SignedDuration::from_secs(*seconds)).unwrap_or(made);
            }
            _ => {}
        }
    }
    let mut video = json!({
        "id": id,
        "name": name,
        "status": status,
        "create_at": made.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    });
    if let Some(facts) = clip_info(app, EndpointScope::List, task, now) {
        video["file_720p"] = facts.listed();
    }
    video
}

/// Escapes a text for HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#039;")
}

/// Maximum number of tasks on the page.
const MAX_LISTED: usize = 50;

/// `GET /`.
pub async fn page(State(app): State<Arc<AppState>>) -> Response {
    let (tasks, total): (Vec<Arc<Task>>, usize) = {
        let tables = app.store.tables();
        (tables.tasks_before(u64::MAX).take(MAX_LISTED).cloned().collect(), tables.tasks().len())
    };
    let key = if app.options.key.is_some() { "one is set" } else { "any that is not empty" };
    let one = app.options.client_id.is_some() || app.options.client_secret.is_some();
    let pair = if one { "for one client" } else { "for any client id and secret" };
    let mut lines = vec![
        "callsheet sandbox: a local emulator of the Vidnoz API".to_owned(),
        "Nothing here costs money, and nothing leaves this machine.".to_owned(),
        String::new(),
        format!("base URL  {}", app.base_url),
    ];
    lines.extend(VENDOR.kinds.iter().map(|kind| format!("submit    POST {}", kind.kind.endpoint)));
    lines.push(format!("token     {key}"));
    lines.push(format!("exchange  POST {}, {pair}", wire::TOKEN));
    lines.extend(app.faults.all().map(|fault| format!("fault     {fault}")));
    let last = if total > MAX_LISTED { format!(", the last {MAX_LISTED}") } else { String::new() };
    lines.extend([String::new(), format!("{total} accepted, newest first{last}")]);
    let now = app.options.clock.now();
    lines.extend(tasks.iter().map(|task| {
        let at = task.at.strftime("%Y-%m-%d %H:%M:%S");
        let stage = TaskLife::of(task, now).stage.report().word;
        format!("{at}  {stage:<7}  {:>6.1} s  {}  {}", task.work.seconds, task.task, task.name)
    }));
    bytes(StatusCode::OK, "text/plain; charset=utf-8", lines.join("\n") + "\n")
}
