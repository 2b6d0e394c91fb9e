//! The human-readable page: what the sandbox is, and what it accepted.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::app_state::AppState;
use super::response::bytes;
use crate::fields::VENDOR;
use crate::sandbox::state::{Task, TaskLife};
use crate::vendor::wire;

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
    lines.extend(VENDOR.kinds().map(|kind| format!("submit    POST {}", kind.kind.endpoint)));
    lines.push(format!("token     {key}"));
    lines.push(format!("exchange  POST {}, {pair}", wire::TOKEN));
    lines.extend(app.faults.all().map(|fault| format!("fault     {fault}")));
    let last = if total > MAX_LISTED { format!(", the last {MAX_LISTED}") } else { String::new() };
    lines.extend([String::new(), format!("{total} accepted, newest first{last}")]);
    let now = app.options.clock.now();
    lines.extend(tasks.iter().map(|task| {
        let at = task.at.strftime("%Y-%m-%d %H:%M:%S");
        let stage = TaskLife::of(task, now).stage.word();
        format!("{at}  {stage:<7}  {:>6.1} s  {}  {}", task.work.seconds, task.task, task.name)
    }));
    bytes(StatusCode::OK, "text/plain; charset=utf-8", lines.join("\n") + "\n")
}
