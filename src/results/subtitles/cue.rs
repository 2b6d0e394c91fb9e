//! Spreads the cues of spoken texts over the length of a video.

use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

use super::layout::{Screen, fits_together, is_readable, layout};
use crate::spec::Spec;
use crate::spec::views::Voice;

/// Minimum length of a cue in seconds, if its sentence fits on a screen together with the next one.
const MIN_SECONDS: f64 = 1.0;
/// Minimum share of a video that is speech, if its pauses leave less.
const MIN_SPEECH: f64 = 0.1;

/// The speech and pauses, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum SpeechSegment {
    /// A spoken text.
    Speech(String),
    /// Silence in seconds.
    Pause(f64),
}

/// A text on the screen, from a time to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// Milliseconds from the start of the video.
    pub from: u64,
    /// Milliseconds from the start of the video; more than `from`.
    pub to: u64,
    /// One or two lines.
    pub lines: Vec<String>,
}

/// Returns what is heard in a video. Returns `None` without a spoken text to read, or with a recording, whose words are
/// unknown.
pub fn passages(spec: &Spec) -> Option<Vec<SpeechSegment>> {
    let passage = |voice: Voice<'_>| match voice {
        Voice::Speech(speech) => Some(SpeechSegment::Speech(speech.text.to_owned())),
        Voice::Silence(seconds) => Some(SpeechSegment::Pause(seconds as f64)),
        Voice::File(_) => None,
    };
    let passages: Vec<SpeechSegment> = spec.voices().map(passage).collect::<Option<_>>()?;
    passages.iter().any(|one| matches!(one, SpeechSegment::Speech(text) if is_readable(text))).then_some(passages)
}

/// A cue whose time is a share of the speech.
struct Weighted {
    screen: Screen,
    weight: f64,
}

/// Returns the cues of texts and pauses that fill a video of a length.
///
/// Pauses keep their length, and the rest is divided by the weight of the words. A cue stays until the next one starts,
/// except before a pause. Returns no cues without a length above 0.
pub fn cues(passages: &[SpeechSegment], seconds: f64) -> Vec<Cue> {
    if !seconds.is_finite() || seconds <= 0.0 {
        return Vec::new();
    }
    let pauses: f64 =
        passages.iter().map(|one| if let SpeechSegment::Pause(seconds) = one { *seconds } else { 0.0 }).sum();
    let speech = (seconds - pauses).max(seconds * MIN_SPEECH);
    let pace = if pauses > 0.0 { (seconds - speech) / pauses } else { 0.0 };
    let spoken: Vec<Vec<Weighted>> = passages.iter().map(weighted).collect();
    let total: f64 = spoken.iter().flatten().map(|one| one.weight).sum();
    let per_weight = if total > 0.0 { speech / total } else { 0.0 };
    let (mut cues, mut at) = (Vec::new(), 0.0);
    for (passage, spoken) in passages.iter().zip(spoken) {
        if let SpeechSegment::Pause(seconds) = passage {
            at += seconds * pace;
        }
        for one in joined(spoken, per_weight) {
            let before = cues.last().map_or(0, |last: &Cue| last.to);
            let from = milliseconds(at).max(before);
            at += one.weight * per_weight;
            // A cue shorter than a millisecond has no time in a file.
            cues.push(Cue { from, to: milliseconds(at).max(from + 1), lines: one.screen.lines });
        }
    }
    cues
}

fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round().max(0.0) as u64
}

/// Returns the cues of a passage with their weights. After its last word, a passage has no pause.
fn weighted(passage: &SpeechSegment) -> Vec<Weighted> {
    let SpeechSegment::Speech(text) = passage else { return Vec::new() };
    let mut all = Vec::new();
    for sentence in layout(text) {
        all.extend(sentence.into_iter().map(|screen| Weighted { weight: weight(&screen.lines.join(" ")), screen }));
        if let Some(last) = all.last_mut() {
            last.weight += SENTENCE_END;
        }
    }
    if let Some(last) = all.last_mut() {
        last.weight -= SENTENCE_END;
    }
    all
}

/// Joins a cue that is too short to read with the next one, if both fit on a screen.
fn joined(cues: Vec<Weighted>, per_weight: f64) -> Vec<Weighted> {
    let mut all: Vec<Weighted> = Vec::with_capacity(cues.len());
    for cue in cues {
        let is_short = |one: &Weighted| one.weight * per_weight < MIN_SECONDS;
        if let Some(last) = all.last_mut()
            && (is_short(last) || is_short(&cue))
            && let Some(screen) = fits_together(&last.screen, &cue.screen)
        {
            last.screen = screen;
            last.weight += cue.weight;
        } else {
            all.push(cue);
        }
    }
    all
}

/// The pause between two sentences.
pub(super) const SENTENCE_END: f64 = 6.0;
/// The pause at a comma, a colon or a dash.
const COMMA: f64 = 4.0;
/// A digit, which is spoken as a word.
const DIGIT: f64 = 5.0;
/// A sign that is spoken as a word: `%`, `€`.
const SIGN: f64 = 6.0;

/// Returns the relative time that a text takes to speak, at least 1. A letter counts 1.
///
/// Fitted to speech of espeak-ng in English, German and Arabic (`tests/bench/subtitles.rs`).
pub(super) fn weight(text: &str) -> f64 {
    text.chars().map(character).sum::<f64>().max(1.0)
}

fn character(one: char) -> f64 {
    match one {
        _ if one.is_whitespace() || is_combining_mark(one) => 0.0,
        _ if one.is_numeric() && one.script() != Script::Han => DIGIT,
        ',' | ';' | ':' | '،' | '؛' | '、' | '，' | '；' | '：' | '–' | '—' | '…' => COMMA,
        '.' | '!' | '?' | '؟' | '。' | '！' | '？' | '।' => COMMA / 2.0,
        '%' | '€' | '$' | '£' | '¥' | '&' | '+' | '=' | '@' | '°' | '§' => SIGN,
        _ if one.is_alphabetic() => letter(one.script()),
        _ => 0.0,
    }
}

/// A letter that is a syllable takes the time of two or three letters of an alphabet.
fn letter(script: Script) -> f64 {
    match script {
        Script::Han => 3.0,
        Script::Hangul => 2.5,
        Script::Hiragana | Script::Katakana | Script::Ethiopic => 2.0,
        // These write few of their vowels.
        Script::Arabic | Script::Hebrew => 1.4,
        _ => 1.0,
    }
}
