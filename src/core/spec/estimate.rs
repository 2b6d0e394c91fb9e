//! Estimates length and price of a video before submission.

use std::fmt;
use std::iter::Sum;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::views::{MediaSource, Speech, Voice};
use super::{LocalFile, Spec, stored_voices};

/// Characters per second at speed 1.0, measured with professional speakers.
const CHARACTERS_PER_SECOND: f64 = 15.0;
/// Credits per minute of video (vendor's pricing page).
const CREDITS_PER_MINUTE: f64 = 4.0;
/// Characters of speech per credit (vendor's pricing page).
const CHARACTERS_PER_CREDIT: f64 = 300.0;
/// The vendor's own estimate: 300 characters per minute.
const SLOW_CHARACTERS_PER_SECOND: f64 = 5.0;
/// Maximum length of audio that the vendor accepts, in seconds (vendor's limits page: 10 minutes).
pub const MAX_AUDIO_SECONDS: f64 = 600.0;
/// The length of audio of unknown length in previews and in the sandbox, in seconds.
pub const UNKNOWN_AUDIO_SECONDS: f64 = 10.0;

/// Length and price of a video.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Seconds of video; null if the length of an audio file is not known.
    pub seconds: Option<f64>,
    /// Credits; null if the length of an audio file is not known, 0 if nothing is sent for it.
    pub credits: Option<f64>,
    /// The upper estimate of the credits, which guards use.
    pub credits_at_most: f64,
}

impl Estimate {
    /// Returns the estimate, rounded to thousandths.
    #[must_use]
    pub fn rounded(self) -> Self {
        Self {
            seconds: self.seconds.map(thousandths),
            credits: self.credits.map(thousandths),
            credits_at_most: thousandths(self.credits_at_most),
        }
    }

    /// Returns both readings of the credits. An unknown length adds nothing to the likely one.
    pub fn price(&self) -> Credits {
        Credits { likely: self.credits.unwrap_or_default(), at_most: self.credits_at_most }
    }
}

/// A price in credits by both readings. Every screen shows credits by its `Display`.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Credits {
    /// The likely reading, without takes of unknown length.
    pub likely: f64,
    /// The upper reading, which guards use.
    pub at_most: f64,
}

impl Credits {
    /// Returns `true` if the readings differ.
    pub fn has_range(self) -> bool {
        (self.at_most - self.likely).abs() > EPSILON
    }

    /// Formats both readings for a column whose title has the unit: `6.3`, `about 6.3 (at most 12.1)`.
    pub fn without_unit(self) -> String {
        self.written("")
    }

    fn written(self, unit: &str) -> String {
        let Self { likely, at_most } = self;
        let about = if likely > 0.0 && likely < 0.05 { "under 0.1".to_owned() } else { format!("{likely:.1}") };
        if !self.has_range() || (likely > 0.0 && at_most < 0.1) {
            return format!("{about}{unit}");
        }
        let at_most = rounded_up(at_most);
        if likely == 0.0 {
            return format!("at most {at_most:.1}{unit}");
        }
        let about = if about.starts_with("under") { about } else { format!("about {about}") };
        format!("{about}{unit} (at most {at_most:.1})")
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written(" credits"))
    }
}

impl Sum for Credits {
    fn sum<I: Iterator<Item = Self>>(prices: I) -> Self {
        prices.fold(Self::default(), |sum, one| Self {
            likely: sum.likely + one.likely,
            at_most: sum.at_most + one.at_most,
        })
    }
}

/// Maximum difference of two sums that count as equal, because decimal fractions are not exact in binary.
const EPSILON: f64 = 1e-9;

/// Returns the next tenth at or above a number of credits. A limit of that many credits is always enough.
pub fn rounded_up(credits: f64) -> f64 {
    // Nothing is `0`, not `-0`.
    (credits * 10.0 - EPSILON).ceil().max(0.0) / 10.0 + 0.0
}

/// Returns an estimate to a thousandth: more digits would make equal documents differ.
pub fn thousandths(value: f64) -> f64 {
    // Nothing is `0`, not `-0`.
    (value * 1000.0).round() / 1000.0 + 0.0
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

/// Returns the upper reading of a take by what the lockfile knows of it: its length, else its spec.
pub fn stored_at_most(spec: Option<&Value>, seconds: Option<f64>) -> f64 {
    match seconds {
        Some(seconds) => credits_for(spec.and_then(stored_voices).as_ref(), seconds),
        None => stored_estimate(spec.unwrap_or(&Value::Null)).credits_at_most,
    }
}

/// Returns the credits of a video of known length: its minutes, and its speech if the spec is known.
pub fn credits_for(spec: Option<&Spec>, seconds: f64) -> f64 {
    let characters: usize = spec.into_iter().flat_map(Spec::spoken_texts).map(characters).sum();
    seconds / 60.0 * CREDITS_PER_MINUTE + characters as f64 / CHARACTERS_PER_CREDIT
}

/// Returns the estimate of one voice.
pub fn estimate_voice(voice: &Voice<'_>) -> Estimate {
    let video = |seconds: f64| seconds / 60.0 * CREDITS_PER_MINUTE;
    let of_length = |seconds: f64| Estimate {
        seconds: Some(seconds),
        credits: Some(video(seconds)),
        credits_at_most: video(seconds),
    };
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
        Voice::Silence(seconds) => of_length(*seconds as f64),
        Voice::File(Some(MediaSource::File(LocalFile { seconds: Some(seconds), .. }))) => of_length(*seconds),
        Voice::File(_) => Estimate { seconds: None, credits: None, credits_at_most: video(MAX_AUDIO_SECONDS) },
    }
}

fn characters(text: &str) -> usize {
    text.trim().chars().count()
}
