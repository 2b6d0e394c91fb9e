//! Submissions: what makes a task, and in life would be billed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::answer::{fail, ok, refuse};
use super::app::App;
use super::catalog;
use crate::sandbox::form::{Part, avatar_video, read_parts, template_video};
use crate::sandbox::state::{Order, StoreError, Tables, Work};
use crate::spec::{Avatar, Background, Offset, Spec, Style, VideoSpec, Voice, estimate, views};

/// A text with this in it makes a task that fails, for rehearsals.
const FAILING: &str = "[[fail]]";
/// Why such a task failed.
const FAILURE: &str = "the script holds [[fail]], so the sandbox failed this video";
/// The length of audio that cannot be known, in seconds.
const UNKNOWN_AUDIO: f64 = 10.0;
/// Of one colour, where nothing says which.
const WHITE: &str = "#ffffff";

/// `POST /v2/task/avatar-to-video`.
pub async fn avatar_to_video(State(app): State<Arc<App>>, request: Request) -> Response {
    let parts = match read_parts(request).await {
        Ok(parts) => parts,
        Err(error) => return refuse(400, &error.to_string()),
    };
    let checked = {
        let tables = app.store.tables();
        avatar_video(&parts, &*tables).map(|spec| (work(&app, &tables, &Spec::from(&spec), &parts), spec.name))
    };
    match checked {
        Ok((work, name)) => accept(&app, &name, work).await,
        Err(refused) => refuse(400, &refused.to_string()),
    }
}

/// `POST /v2/task/template-to-video`.
pub async fn template_to_video(State(app): State<Arc<App>>, request: Request) -> Response {
    let parts = match read_parts(request).await {
        Ok(parts) => parts,
        Err(error) => return refuse(400, &error.to_string()),
    };
    let checked = {
        let tables = app.store.tables();
        template_video(&parts, catalog::scenes, &*tables).map(|video| {
            let works: Vec<Work> =
                video.voices.iter().map(|voice| work(&app, &tables, &Spec::from(&scene(voice)), &parts)).collect();
            let whole = Work {
                aspect: catalog::aspect(video.template).number(),
                seconds: works.iter().map(|work| work.seconds).sum(),
                credits: works.iter().map(|work| work.credits).sum(),
                failure: works.iter().find_map(|work| work.failure.clone()),
                template: Some(video.template),
                queue: app.options.queue,
                render: app.options.render,
                colour: WHITE.to_owned(),
                parts: values(&parts),
            };
            (whole, video.name)
        })
    };
    match checked {
        Ok((work, name)) => accept(&app, &name, work).await,
        Err(refused) => refuse(400, &refused.to_string()),
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
    let audio = spec.voices().find_map(|voice| match voice {
        views::Voice::File(Some(views::MediaSource::Asset(id))) => tables.asset(id).and_then(|asset| asset.seconds),
        _ => None,
    });
    let guess = estimate(spec);
    let seconds = guess.seconds.or(audio).unwrap_or(UNKNOWN_AUDIO);
    let failing = spec.spoken_texts().any(|text| text.contains(FAILING));
    Work {
        queue: app.options.queue,
        render: app.options.render,
        failure: failing.then(|| FAILURE.to_owned()),
        aspect: spec.aspect().number(),
        colour: spec.background_color().to_owned(),
        seconds,
        // Silence of that length costs what the pictures cost.
        credits: guess.credits.unwrap_or_else(|| guess.credits_at_most * seconds / LONGEST_AUDIO),
        template: None,
        parts: values(parts),
    }
}

/// The length of audio that the dearer estimate assumes, in seconds.
const LONGEST_AUDIO: f64 = 600.0;

/// One scene of a template, as far as length and price go.
fn scene(voice: &Voice) -> VideoSpec {
    VideoSpec {
        name: "".into(),
        aspect: crate::spec::Aspect::Wide,
        avatar: Avatar {
            id: "".into(),
            style: Style::Full,
            circle_bgcolor: WHITE.into(),
            scale: 1.0,
            offset: Offset::default(),
        },
        voice: voice.clone(),
        background: Background { color: WHITE.into(), media: None },
        take: 1,
    }
}

fn values(parts: &[Part]) -> Vec<(String, String)> {
    parts.iter().map(|part| (part.name.clone(), String::from_utf8_lossy(&part.value).into_owned())).collect()
}
