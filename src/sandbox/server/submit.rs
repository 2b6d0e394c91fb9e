//! Submissions: each accepted one becomes a task, which the real vendor would bill.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::answer::{fail, ok, refuse};
use super::app::App;
use super::catalog;
use super::page::Form;
use crate::fields::{Kind, MediaKind, VENDOR};
use crate::sandbox::form::{Assets, Part, submitted_video};
use crate::sandbox::state::{Order, StoreError, Tables, Work};
use crate::spec::views::{MediaSource, Voice, key};
use crate::spec::{Spec, estimate_voice};

/// A script that contains this text creates a task that fails, to test failures.
const FAILING: &str = "[[fail]]";
/// The failure message of such a task.
const FAILURE: &str = "the script holds [[fail]], so the sandbox failed this video";
/// The assumed length of audio of unknown length, in seconds.
const UNKNOWN_AUDIO: f64 = 10.0;
/// The length of audio that the upper estimate assumes, in seconds.
const LONGEST_AUDIO: f64 = 600.0;

/// The content of the sandbox's account.
pub struct Account<'a>(pub &'a Tables);

impl Assets for Account<'_> {
    fn kind(&self, id: &str) -> Option<MediaKind> {
        self.0.kind(id)
    }

    fn scenes(&self, template: i64) -> Option<usize> {
        catalog::scenes(template)
    }
}

/// A submission of a kind of video.
pub async fn video(kind: &'static Kind, State(app): State<Arc<App>>, Form(parts): Form) -> Response {
    let checked = {
        let tables = app.store.tables();
        let spec = submitted_video(&VENDOR, kind, &parts, &Account(&tables));
        spec.map(|spec| (work(&app, &tables, &spec, &parts), spec))
    };
    match checked {
        Ok((work, spec)) => accept(&app, spec.name(), work).await,
        Err(errors) => refuse(400, &errors.to_string()),
    }
}

async fn accept(app: &App, name: &str, work: Work) -> Response {
    let name = (!name.is_empty()).then(|| name.to_owned());
    match app.store.add_task(Order { name, at: app.options.clock.now(), work }).await {
        Ok(task) => ok(&json!({ "task_id": task.task })),
        Err(error @ StoreError::Credits { .. }) => refuse(402, &error.to_string()),
        Err(error) => fail(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn work(app: &App, tables: &Tables, spec: &Spec, parts: &[Part]) -> Work {
    let template = spec.read::<i64>(key::TEMPLATE_ID);
    let (seconds, credits): (Vec<f64>, Vec<f64>) = spec.voices().map(|voice| length_and_price(tables, &voice)).unzip();
    let failing = spec.spoken_texts().any(|text| text.contains(FAILING));
    Work {
        queue: app.options.queue,
        render: app.options.render,
        failure: failing.then(|| FAILURE.to_owned()),
        aspect: template.map_or_else(|| spec.aspect(), catalog::aspect).number(),
        colour: spec.background_color().to_owned(),
        seconds: seconds.iter().sum(),
        credits: credits.iter().sum(),
        template,
        parts: values(parts),
    }
}

/// Returns the seconds and the credits of a voice.
fn length_and_price(tables: &Tables, voice: &Voice<'_>) -> (f64, f64) {
    let audio = match voice {
        Voice::File(Some(MediaSource::Asset(id))) => tables.asset(id).and_then(|asset| asset.seconds),
        _ => None,
    };
    let guess = estimate_voice(voice);
    let seconds = guess.seconds.or(audio).unwrap_or(UNKNOWN_AUDIO);
    // Audio costs as much as video of the same length.
    (seconds, guess.credits.unwrap_or_else(|| guess.credits_at_most * seconds / LONGEST_AUDIO))
}

fn values(parts: &[Part]) -> Vec<(String, String)> {
    parts.iter().map(|part| (part.name.clone(), String::from_utf8_lossy(&part.value).into_owned())).collect()
}
