//! The data of each video in the page: JSON that only the page's script reads.

use serde::Serialize;
use serde_json::Value;

use crate::preview::frame::sound;
use crate::preview::{Frame, Shot};
use crate::spec::{digest, estimate, explicit_value};

/// One video.
#[derive(Debug, Serialize)]
pub(super) struct Entry<'a> {
    key: &'a str,
    stem: &'a str,
    width: u32,
    height: u32,
    standing: &'a str,
    seconds: Option<f64>,
    credits: Option<f64>,
    /// The spoken text, or empty.
    script: &'a str,
    /// The description of other sound, or empty.
    sound: String,
    before: bool,
    film: bool,
    changes: Vec<Change<'a>>,
    notices: Vec<String>,
    digest: String,
    spec: Value,
}

#[derive(Debug, Serialize)]
struct Change<'a> {
    path: &'a str,
    before: &'a str,
    after: &'a str,
    place: &'a str,
}

impl<'a> Entry<'a> {
    pub(super) fn new(shot: &'a Shot, frame: &'a Frame, film: bool) -> Self {
        let guess = estimate(&shot.spec);
        let change = |change: &'a crate::preview::ShotChange| Change {
            path: &change.path,
            before: &change.before,
            after: &change.after,
            place: &change.place,
        };
        Self {
            key: &shot.key,
            stem: &frame.stem,
            width: frame.size.0,
            height: frame.size.1,
            standing: shot.standing.word(),
            seconds: guess.seconds,
            credits: guess.credits,
            script: shot.spec.spoken_texts().next().unwrap_or_default(),
            sound: shot.spec.voices().find_map(|voice| sound(&voice)).unwrap_or_default(),
            before: frame.before,
            film,
            changes: shot.changes.iter().map(change).collect(),
            notices: frame.notices.iter().map(super::super::Notice::words).collect(),
            digest: digest(&shot.spec).to_string(),
            spec: explicit_value(&shot.spec),
        }
    }
}

/// Serializes a value as JSON that is safe inside HTML: it cannot contain a tag or the end of the script.
pub(super) fn json_in_html(value: &impl Serialize) -> String {
    // Maps with text keys, strings and finite numbers always serialize.
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut safe = String::with_capacity(text.len() + 64);
    for one in text.chars() {
        match one {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            one => safe.push(one),
        }
    }
    safe
}
