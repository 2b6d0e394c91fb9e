//! Submissions: each accepted one becomes a task, which the real vendor would bill.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::app_state::AppState;
use super::response::{FormParts, http_error, ok, vendor_error};
use super::templates;
use crate::fields::{Kind, MediaKind, VENDOR};
use crate::sandbox::form::{AssetLookup, ReceivedPart, submitted_video};
use crate::sandbox::state::{RenderJob, StateError, StateIndex};
use crate::spec::key;
use crate::spec::views::{MediaSource, Voice};
use crate::spec::{MAX_AUDIO_SECONDS, Spec, UNKNOWN_AUDIO_SECONDS, estimate_voice};

/// A script that contains this text creates a task that fails, to test failures.
const FAILING: &str = "[[fail]]";
/// The failure message of such a task.
const FAILURE: &str = "the script holds [[fail]], so the sandbox failed this video";

/// The content of the sandbox's account.
impl AssetLookup for StateIndex {
    fn kind(&self, id: &str) -> Option<MediaKind> {
        self.asset(id).map(|asset| asset.kind)
    }

    fn scenes(&self, template: i64) -> Option<usize> {
        templates::scenes(template)
    }
}

/// A submission of a kind of video.
pub async fn video(kind: &'static Kind, State(app): State<Arc<AppState>>, FormParts(parts): FormParts) -> Response {
    let checked = {
        let tables = app.store.tables();
        let spec = submitted_video(&VENDOR, kind, &parts, &*tables);
        spec.map(|spec| (render_job(&app, &tables, &spec, &parts), spec))
    };
    let (work, spec) = match checked {
        Ok(checked) => checked,
        Err(errors) => return vendor_error(400, &errors.to_string()),
    };
    let name = Some(spec.name()).filter(|name| !name.is_empty());
    match app.store.add_task(name, app.options.clock.now(), work).await {
        Ok(task) => ok(&json!({ "task_id": task.task })),
        Err(error @ StateError::Credits { .. }) => vendor_error(402, &error.to_string()),
        Err(error) => http_error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn render_job(app: &AppState, tables: &StateIndex, spec: &Spec, parts: &[ReceivedPart]) -> RenderJob {
    let (seconds, credits): (Vec<f64>, Vec<f64>) = spec.voices().map(|voice| length_and_price(tables, &voice)).unzip();
    let value = |part: &ReceivedPart| (part.name.clone(), String::from_utf8_lossy(&part.value).into_owned());
    let failing = spec.spoken_texts().any(|text| text.contains(FAILING));
    RenderJob {
        queue: app.options.queue,
        render: app.options.render,
        failure: failing.then(|| FAILURE.to_owned()),
        aspect: app.clips.resolver.aspect(spec).number(),
        colour: spec.background_color().to_owned(),
        seconds: seconds.iter().sum(),
        credits: credits.iter().sum(),
        template: spec.read(key::TEMPLATE_ID),
        parts: parts.iter().map(value).collect(),
    }
}

/// Returns the seconds and the credits of a voice.
fn length_and_price(tables: &StateIndex, voice: &Voice<'_>) -> (f64, f64) {
    let audio = match voice {
        Voice::File(Some(MediaSource::Asset(id))) => tables.asset(id).and_then(|asset| asset.seconds),
        _ => None,
    };
    let guess = estimate_voice(voice);
    let seconds = guess.seconds.or(audio).unwrap_or(UNKNOWN_AUDIO_SECONDS);
    // Audio costs as much as video of the same length.
    (seconds, guess.credits.unwrap_or_else(|| guess.credits_at_most * seconds / MAX_AUDIO_SECONDS))
}
