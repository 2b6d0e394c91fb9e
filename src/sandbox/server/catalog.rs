//! The catalog of the sandbox: avatars, voices and templates, including those of the vendor's own example, and their previews.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::app_state::AppState;
use super::response::{PageRequest, Query, bytes, http_error, ok, vendor_error};
use super::templates::TEMPLATES;
use crate::preview::{Color, FrameSize, still_clip};
use crate::spec::Aspect;

/// `GET /v2/avatar/list`.
pub async fn avatars(State(app): State<Arc<AppState>>, page: PageRequest) -> Response {
    let avatars = AVATARS.iter().take(page.limit).map(|(id, name, gender)| {
        json!({
            "avatar_id": id,
            "name": name,
            "gender": gender,
            "preview_image_url": preview_url(&app, name, "svg"),
            "preview_video_url": preview_url(&app, name, "mp4"),
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
            "preview_audio_url": preview_url(&app, name, "wav"),
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
            "preview_image_url": preview_url(&app, &format!("template-{id}"), "svg"),
            "preview_video_url": preview_url(&app, &format!("template-{id}"), "mp4"),
        })
    });
    ok(&json!({ "templates": templates.collect::<Value>() }))
}

fn preview_url(app: &AppState, name: &str, format: &str) -> String {
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

/// Samples per second of the tone.
const SAMPLES: u32 = 8_000;

/// `GET /previews/{name}.{svg,mp4,wav}`. The name determines the color.
pub async fn preview(Path(file): Path<String>) -> Response {
    let (name, format) = file.rsplit_once('.').unwrap_or_default();
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let hash = Sha256::digest(name);
    let colour = Color { red: hash[0] | 0x40, green: hash[1] | 0x40, blue: hash[2] | 0x40 };
    match format {
        "svg" if plain => bytes(StatusCode::OK, "image/svg+xml", disc(name, colour)),
        "mp4" if plain => bytes(StatusCode::OK, "video/mp4", still_clip(FrameSize::fitting(Aspect::Wide), colour, 2.0)),
        "wav" if plain => bytes(StatusCode::OK, "audio/wav", tone()),
        _ => http_error(StatusCode::NOT_FOUND, "no such preview"),
    }
}

fn disc(name: &str, Color { red, green, blue }: Color) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 320 180\">\
         <rect width=\"320\" height=\"180\" fill=\"#f4f4f4\"/>\
         <circle cx=\"160\" cy=\"80\" r=\"56\" fill=\"#{red:02x}{green:02x}{blue:02x}\"/>\
         <text x=\"160\" y=\"164\" font-family=\"sans-serif\" font-size=\"18\" text-anchor=\"middle\">{name}</text></svg>"
    )
}

/// Returns one second of a 250 Hz triangle wave, 8 bits per sample.
fn tone() -> Vec<u8> {
    let period = SAMPLES / 250;
    let sound = (0..SAMPLES).map(|sample| 112 + (sample % period).abs_diff(period / 2) as u8 * 2);
    let head =
        [&b"RIFF"[..], &(36 + SAMPLES).to_le_bytes(), b"WAVEfmt ", &16_u32.to_le_bytes(), &[1, 0, 1, 0]].concat();
    let rest =
        [&SAMPLES.to_le_bytes()[..], &SAMPLES.to_le_bytes(), &[1, 0, 8, 0], b"data", &SAMPLES.to_le_bytes()].concat();
    head.into_iter().chain(rest).chain(sound).collect()
}
