//! The relative time that a text takes to speak.
//!
//! Fitted to speech of espeak-ng in English, German and Arabic (`tests/bench/subtitles.rs`): a letter counts 1.

use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

/// The pause between two sentences.
pub(super) const SENTENCE_END: f64 = 6.0;
/// The pause at a comma, a colon or a dash.
const COMMA: f64 = 4.0;
/// A digit, which is spoken as a word.
const DIGIT: f64 = 5.0;
/// A sign that is spoken as a word: `%`, `€`.
const SIGN: f64 = 6.0;

/// Returns the weight of a text, at least 1.
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
