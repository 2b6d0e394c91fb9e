//! What a video will take and cost, before it is made.

use serde_json::Value;

use super::{MediaSource, Tts, VideoSpec, Voice};

/// Characters a second at speed 1.0, measured by people who speak for a living.
const CHARACTERS_PER_SECOND: f64 = 15.0;
/// Credits a minute of video (vendor's pricing page).
const CREDITS_PER_MINUTE: f64 = 4.0;
/// Characters of speech for one credit (vendor's pricing page).
const CHARACTERS_PER_CREDIT: f64 = 300.0;
/// The vendor's own reading: 300 characters a minute.
const SLOW_CHARACTERS_PER_SECOND: f64 = 5.0;
/// The longest audio the vendor takes, in seconds.
const LONGEST_AUDIO: f64 = 600.0;

/// Length and price of a video; both estimates.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Estimate {
    /// Seconds of video; unknown for audio files.
    pub seconds: Option<f64>,
    /// Credits by the likely reading; unknown for audio files.
    pub credits: Option<f64>,
    /// Credits by the dearer reading; guards reckon with it.
    pub credits_at_most: f64,
}

/// The estimate for a spec.
pub fn estimate(spec: &VideoSpec) -> Estimate {
    estimate_voice(&spec.voice)
}

/// The estimate for a voice, which alone decides a video's length.
pub fn estimate_voice(voice: &Voice) -> Estimate {
    let video = |seconds: f64| seconds / 60.0 * CREDITS_PER_MINUTE;
    match voice {
        Voice::Tts(tts) => {
            let characters = tts.text.trim().chars().count() as f64;
            let speech = characters / CHARACTERS_PER_CREDIT;
            let seconds = characters / (CHARACTERS_PER_SECOND * tts.speed);
            let slow = characters / (SLOW_CHARACTERS_PER_SECOND * tts.speed.min(1.0));
            Estimate {
                seconds: Some(seconds),
                credits: Some(video(seconds) + speech),
                credits_at_most: video(slow) + speech,
            }
        }
        Voice::Silence(duration) => {
            let seconds = f64::from(*duration);
            Estimate { seconds: Some(seconds), credits: Some(video(seconds)), credits_at_most: video(seconds) }
        }
        Voice::File(_) => Estimate { seconds: None, credits: None, credits_at_most: video(LONGEST_AUDIO) },
    }
}

/// The voice of a canonical spec as the lockfile stores it, as far as length and price go; none when it says none.
pub fn stored_voice(spec: &Value) -> Option<Voice> {
    let voice = spec.get("voice")?;
    if let Some(text) = voice.pointer("/tts/text").and_then(Value::as_str) {
        let speed = voice.pointer("/tts/speed").and_then(Value::as_f64).filter(|speed| *speed > 0.0).unwrap_or(1.0);
        return Some(Voice::Tts(Tts { id: "".into(), text: text.into(), speed, pitch: 0, emotion: None }));
    }
    if let Some(silence) = voice.get("silence") {
        let seconds = silence.get("duration").map_or(Some(1), Value::as_u64)?;
        return u8::try_from(seconds).ok().map(Voice::Silence);
    }
    voice.get("file").map(|_| unknown_audio())
}

/// The estimate of a canonical spec as the lockfile stores it; one that cannot be read is reckoned like unknown audio.
pub fn stored_estimate(spec: &Value) -> Estimate {
    estimate_voice(&stored_voice(spec).unwrap_or_else(unknown_audio))
}

/// The price of a video whose length is known: its minutes, and its speech where the voice is known.
pub fn price(voice: Option<&Voice>, seconds: f64) -> f64 {
    let characters = if let Some(Voice::Tts(tts)) = voice { tts.text.trim().chars().count() } else { 0 };
    seconds / 60.0 * CREDITS_PER_MINUTE + characters as f64 / CHARACTERS_PER_CREDIT
}

fn unknown_audio() -> Voice {
    Voice::File(MediaSource::Asset("".into()))
}
