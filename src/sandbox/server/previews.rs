//! Previews of the catalog: a colored disc, a still clip, a soft tone.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use sha2::{Digest, Sha256};

use super::response::{bytes, http_error};
use crate::preview::{Color, FrameSize, still_clip};
use crate::spec::Aspect;

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
