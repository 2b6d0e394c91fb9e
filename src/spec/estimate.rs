//! Estimates length and price of a video before submission.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::views::{Speech, Voice};
use super::{Spec, stored_voices};

/// Characters per second at speed 1.0, measured with professional speakers.
const CHARACTERS_PER_SECOND: f64 = 15.0;
/// Credits per minute of video (vendor's pricing page).
const CREDITS_PER_MINUTE: f64 = 4.0;
/// Characters of speech per credit (vendor's pricing page).
const CHARACTERS_PER_CREDIT: f64 = 300.0;
/// The vendor's own estimate: 300 characters per minute.
const SLOW_CHARACTERS_PER_SECOND: f64 = 5.0;
/// Maximum length of audio that the vendor accepts, in seconds.
const MAX_AUDIO_SECONDS: f64 = 600.0;

/// Length and price of a video; both estimates.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Seconds of video, or `None` for audio files.
    pub seconds: Option<f64>,
    /// The likely credits, or `None` for audio files.
    pub credits: Option<f64>,
    /// The upper estimate of the credits, which guards use.
    pub credits_at_most: f64,
}

/// Returns an estimate to a thousandth: more digits would make equal documents differ.
pub fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Writes an estimate to a thousandth.
///
/// # Errors
/// Those of the serializer.
pub fn serialize_thousandths<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(thousandths(*value))
}

/// Returns the estimate of a spec: the sum over its voices.
pub fn estimate(spec: &Spec) -> Estimate {
    let mut sum = Estimate { seconds: Some(0.0), credits: Some(0.0), credits_at_most: 0.0 };
    for voice in spec.voices() {
        let one = estimate_voice(&voice);
        sum.seconds = sum.seconds.zip(one.seconds).map(|(left, right)| left + right);
        sum.credits = sum.credits.zip(one.credits).map(|(left, right)| left + right);
        sum.credits_at_most += one.credits_at_most;
    }
    sum
}

/// Returns the estimate of a canonical spec from the lockfile. An unreadable spec counts as audio of unknown length.
pub fn stored_estimate(spec: &Value) -> Estimate {
    stored_voices(spec).map_or_else(|| estimate_voice(&Voice::File(None)), |spec| estimate(&spec))
}

/// Returns the credits of a video of known length: its minutes, and its speech if the spec is known.
pub fn price(spec: Option<&Spec>, seconds: f64) -> f64 {
    let characters: usize = spec.into_iter().flat_map(Spec::spoken_texts).map(characters).sum();
    seconds / 60.0 * CREDITS_PER_MINUTE + characters as f64 / CHARACTERS_PER_CREDIT
}

/// Returns the estimate of one voice.
pub fn estimate_voice(voice: &Voice<'_>) -> Estimate {
    let video = |seconds: f64| seconds / 60.0 * CREDITS_PER_MINUTE;
    match voice {
        Voice::Speech(Speech { text, speed, .. }) => {
            let characters = characters(text) as f64;
            let speech = characters / CHARACTERS_PER_CREDIT;
            let seconds = characters / (CHARACTERS_PER_SECOND * speed);
            let slow = characters / (SLOW_CHARACTERS_PER_SECOND * speed.min(1.0));
            Estimate {
                seconds: Some(seconds),
                credits: Some(video(seconds) + speech),
                credits_at_most: video(slow) + speech,
            }
        }
        Voice::Silence(seconds) => {
            let seconds = *seconds as f64;
            Estimate { seconds: Some(seconds), credits: Some(video(seconds)), credits_at_most: video(seconds) }
        }
        Voice::File(_) => Estimate { seconds: None, credits: None, credits_at_most: video(MAX_AUDIO_SECONDS) },
    }
}

fn characters(text: &str) -> usize {
    text.trim().chars().count()
}
