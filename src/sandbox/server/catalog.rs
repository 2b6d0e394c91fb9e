//! The catalog of the sandbox: avatars, voices and templates, including those of the vendor's own example, and their previews.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::app_state::AppState;
use super::response::{PageRequest, Query};
use super::response::{ok, vendor_error};
use crate::preview::TemplatePicture;
use crate::spec::Aspect;

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

/// Id, name, gender.
pub const AVATARS: [(&str, &str, &str); 5] = [
    ("Rk1nN090NnZQWXlSZW5oSHJlSlhWdz09", "Anna", "female"),
    ("QmVuc0F2YXRhckZvclNhbmRib3hlcw09", "Ben", "male"),
    ("Q2FybGFJblRoZVNhbmRib3hTdHVkaW89", "Carla", "female"),
    ("RGFuaWVsSW5UaGVTYW5kYm94U3R1ZDA9", "Daniel", "male"),
    ("RW1pbHlJblRoZVNhbmRib3hTdHVkaW89", "Emily", "female"),
];

/// Id, name, language, country, gender, emotions.
pub type CatalogVoice = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

pub const VOICES: [CatalogVoice; 6] = [
    (
        "d0VWUk5SU056NEwwMlRsem5vNVROYlpCc3FGY25CY0xBa3VIeWtLUkRyMD0=",
        "Jenny",
        "English",
        "United States",
        "female",
        &["normal", "happy", "sad", "cheerful", "chat"],
    ),
    ("R3V5RW5nbGlzaFZvaWNlU2FuZGJveDA9", "Guy", "English", "United States", "male", &["normal", "cheerful"]),
    ("U29uaWFFbmdsaXNoVm9pY2VTYW5kYjA9", "Sonia", "English", "United Kingdom", "female", &["normal", "sad"]),
    ("Vm9pY2VEZQ==", "Katja", "German", "Germany", "female", &["normal"]),
    ("RGVuaXNlRnJlbmNoVm9pY2VTYW5kYjA9", "Denise", "French", "France", "female", &["normal", "happy"]),
    ("QWx2YXJvU3BhbmlzaFZvaWNlU2FuZGI9", "Alvaro", "Spanish", "Spain", "male", &[]),
];

/// Id, name, aspect, scenes.
pub const TEMPLATES: [(i64, &str, Aspect, usize); 4] = [
    (1, "Greeting", Aspect::Wide, 1),
    (2, "Product in three scenes", Aspect::Wide, 3),
    (3, "Story", Aspect::Tall, 2),
    (4711, "Launch", Aspect::Wide, 3),
];

/// Returns the number of scenes of a template. `None` if no template has this id.
pub fn scenes(template: i64) -> Option<usize> {
    TEMPLATES.iter().find(|(id, ..)| *id == template).map(|(.., scenes)| *scenes)
}

/// Returns the aspect of a template.
pub fn aspect(template: i64) -> Aspect {
    TEMPLATES.iter().find(|(id, ..)| *id == template).map_or(Aspect::Wide, |(_, _, aspect, _)| *aspect)
}

/// Returns the looks of the templates, without pictures.
pub fn looks() -> HashMap<i64, TemplatePicture> {
    let look = |(id, name, aspect, _): &(i64, &str, Aspect, usize)| {
        (*id, TemplatePicture { name: (*name).to_owned(), aspect: *aspect, picture: None })
    };
    TEMPLATES.iter().map(look).collect()
}
