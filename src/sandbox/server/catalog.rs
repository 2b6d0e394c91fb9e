//! The endpoints of the catalog: avatars, voices and templates.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::app_state::AppState;
use super::catalog_data::{AVATARS, TEMPLATES, VOICES};
use super::request_parts::{PageRequest, Query};
use super::response::{ok, vendor_error};

/// `GET /v2/avatar/list`.
pub async fn avatars(State(app): State<Arc<AppState>>, page: PageRequest) -> Response {
    let avatars = AVATARS.iter().take(page.limit).map(|(id, name, gender)| {
        json!({
            "avatar_id": id,
            "name": name,
            "gender": gender,
            "preview_image_url": preview(&app, name, "svg"),
            "preview_video_url": preview(&app, name, "mp4"),
        })
    });
    ok(&json!({ "avatars": avatars.collect::<Value>() }))
}

/// `GET /v2/voice/list`.
pub async fn voices(State(app): State<Arc<AppState>>, page: PageRequest) -> Response {
    let voices = VOICES.iter().take(page.limit).map(|(id, name, language, country, gender, emotions)| {
        json!({
            "voice_id": id,
            "name": name,
            "language": language,
            "country_name": country,
            "gender": gender,
            "preview_audio_url": preview(&app, name, "wav"),
            "emotions": emotions,
        })
    });
    ok(&json!({ "voices": voices.collect::<Value>() }))
}

/// `GET /v2/template/list`. No personal templates exist.
pub async fn templates(State(app): State<Arc<AppState>>, page: PageRequest, Query(query): Query) -> Response {
    let limit = match query.get("personal").map(String::as_str) {
        None | Some("false") => usize::MAX,
        Some("true") => 0,
        Some(_) => return vendor_error(400, "`personal` must be true or false"),
    };
    let templates = TEMPLATES.iter().take(limit.min(page.limit)).map(|(id, name, aspect, scenes)| {
        json!({
            "id": id,
            "name": name,
            "aspect": aspect.number(),
            "scenes": scenes,
            "preview_image_url": preview(&app, &format!("template-{id}"), "svg"),
            "preview_video_url": preview(&app, &format!("template-{id}"), "mp4"),
        })
    });
    ok(&json!({ "templates": templates.collect::<Value>() }))
}

fn preview(app: &AppState, name: &str, format: &str) -> String {
    format!("{}/previews/{}.{format}", app.base_url, name.to_lowercase())
}
