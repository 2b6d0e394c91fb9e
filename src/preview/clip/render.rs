//! Renders a clip of a video: its frame, its captions in time with the speech, its sound, its size and length.

use super::h264::{changed_frame, key_frame, still_frame};
use super::mp4::{self, AudioTrack, TIMESCALE, Track};
use super::planes::Planes;
use super::voiceover::{Voiceover, divide_length, silence};
use super::{Color, FrameSize};
use crate::preview::frame_svg::describe_audio;
use crate::preview::{Canvas, Caption, DrawError, Fonts, Footer, FrameInput, Rasterizer, cues, footer_svg, frame_svg};
use crate::spec::views::{Speech, Voice};
use crate::spec::{Spec, UNKNOWN_AUDIO_SECONDS, estimate_voice};

/// Renders 720p from the layout of 1080p.
const SCALE: f64 = 2.0 / 3.0;
/// Maximum duration of a video frame, in milliseconds. Longer ones are repeated, so that players can seek.
const MAX_FRAME_SECONDS: u32 = 1_000;

/// Renders the clip of a frame as an MP4 file.
///
/// # Errors
/// If the background picture cannot be decoded.
pub fn render_clip(look: &FrameInput<'_>, seconds: f64, rasterizer: &Rasterizer<'_>) -> Result<Vec<u8>, DrawError> {
    let fonts = rasterizer.fonts;
    let canvas = Canvas::from_spec(look.aspect);
    let bare = rasterizer.draw(&frame_svg(look, Footer::Empty, fonts), (canvas, SCALE), look)?;
    let length = milliseconds(seconds);
    let (feet, voiceover) = voiced(look.spec, canvas, length, fonts);
    let picture = FrameSize::fitting(look.aspect);
    let mut reel = FrameSequence::new(picture);
    for (foot, span) in feet.iter().zip(&voiceover.spans).filter(|(_, span)| **span > 0) {
        let mut pixels = bare.clone();
        rasterizer.draw_over(foot, canvas, &mut pixels)?;
        reel.show(Planes::from_pixels(&pixels, picture), *span);
    }
    if reel.frames.is_empty() {
        reel.show(Planes::from_pixels(&bare, picture), length);
    }
    Ok(reel.file(Some(&voiceover.sound)))
}

/// Returns the captions of all voices, and their sound: one run of captions per scene. Scenes divide the length in
/// proportion to their estimates.
fn voiced(spec: &Spec, canvas: Canvas, length: u32, fonts: &Fonts) -> (Vec<String>, Voiceover) {
    let voices: Vec<Voice<'_>> = spec.voices().collect();
    let weights: Vec<f64> =
        voices.iter().map(|voice| estimate_voice(voice).seconds.unwrap_or(UNKNOWN_AUDIO_SECONDS)).collect();
    let mut scenes = voices.iter().zip(divide_length(&weights, length)).map(|(voice, length)| match voice {
        Voice::Speech(speech) => {
            let cues = cues(speech.text, canvas.caption_width(), fonts);
            let feet: Vec<String> =
                cues.iter().map(|cue| footer_svg(canvas, Footer::Caption(cue, false), fonts)).collect();
            (feet, speech_audio(*speech, &cues, length))
        }
        voice => {
            let foot = footer_svg(canvas, Footer::Audio(&describe_audio(voice).unwrap_or_default()), fonts);
            (vec![foot], Voiceover { sound: silence(length), spans: vec![length] })
        }
    });
    let (mut feet, mut voiceover) =
        scenes.next().unwrap_or_else(|| (Vec::new(), Voiceover { sound: silence(length), spans: Vec::new() }));
    for (more, next) in scenes {
        feet.extend(more);
        voiceover.spans.extend(next.spans);
        // Each packet is complete, so tracks of one encoder can follow each other.
        voiceover.sound.packets.extend(next.sound.packets);
    }
    (feet, voiceover)
}

/// Returns whether clips have speech: callsheet has the feature `speech`, and `espeak-ng` is installed.
pub fn can_speak() -> bool {
    #[cfg(feature = "speech")]
    let speaks = super::speech::is_installed();
    #[cfg(not(feature = "speech"))]
    let speaks = false;
    speaks
}

/// Returns the sound of a script with a length in milliseconds.
fn speech_audio(speech: Speech<'_>, cues: &[Caption], milliseconds: u32) -> Voiceover {
    #[cfg(feature = "speech")]
    if let Some(voiceover) = super::speech::speak(speech, cues, milliseconds) {
        return voiceover;
    }
    let _ = speech;
    let weights: Vec<f64> = cues.iter().map(|cue| cue.weight() as f64).collect();
    Voiceover { sound: silence(milliseconds), spans: divide_length(&weights, milliseconds) }
}

/// The video frames encoded so far.
struct FrameSequence {
    picture: FrameSize,
    last: Option<Planes>,
    frames: Vec<(Vec<u8>, u32)>,
}

impl FrameSequence {
    fn new(picture: FrameSize) -> Self {
        Self { picture, last: None, frames: Vec::new() }
    }

    fn show(&mut self, planes: Planes, span: u32) {
        let number = self.frames.len() as u32;
        let unit = match &self.last {
            None => key_frame(&planes),
            Some(before) => changed_frame(number, before, &planes),
        };
        self.last = Some(planes);
        self.frames.push((unit, span.min(MAX_FRAME_SECONDS)));
        let mut left = span.saturating_sub(MAX_FRAME_SECONDS);
        while left > 0 {
            let next = left.min(TIMESCALE);
            self.frames.push((still_frame(self.picture, self.frames.len() as u32), next));
            left -= next;
        }
    }

    fn file(&self, sound: Option<&AudioTrack>) -> Vec<u8> {
        mp4::file(&Track { picture: self.picture, frames: &self.frames }, sound)
    }
}

/// Minimum length: one frame at the vendor's 25 frames per second.
const MIN_MILLISECONDS: u32 = 40;
/// Maximum length: a day.
const MAX_MILLISECONDS: f64 = 86_400_000.0;

/// Converts a length to milliseconds, within the limits of a clip.
pub(super) fn milliseconds(seconds: f64) -> u32 {
    let milliseconds = (seconds * f64::from(TIMESCALE)).round().clamp(0.0, MAX_MILLISECONDS) as u32;
    milliseconds.max(MIN_MILLISECONDS)
}

/// Returns a playable MP4 of one color, with one frame per second and a size of a few kilobytes.
pub fn still_clip(picture: FrameSize, color: Color, seconds: f64) -> Vec<u8> {
    let mut reel = FrameSequence::new(picture);
    reel.show(Planes::flat(color, picture), milliseconds(seconds));
    reel.file(None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::voiceover::packets;
    use super::*;
    use crate::spec::{Aspect, stored_spec};

    #[test]
    fn each_scene_has_a_run_of_captions_and_its_share_of_the_length() {
        let long = "Welcome to Acme Cloud. In the next minute you make your first project. Then you invite your team.";
        let scenes = json!([{ "tts": { "id": "V", "text": long } }, { "silence": { "duration": 2 } }]);
        let spec = stored_spec(&json!({ "template": { "id": 1, "scenes": scenes } })).unwrap();
        let seconds = crate::spec::estimate(&spec).seconds.unwrap();
        let fonts = Fonts::new(false);
        let (feet, voiceover) = voiced(&spec, Canvas::from_spec(Aspect::Wide), milliseconds(seconds), &fonts);
        assert_eq!(feet.len(), voiceover.spans.len());
        assert!(feet.len() >= 3 && feet.last().unwrap().contains("Silence · 2 s"), "{feet:#?}");
        assert_eq!(voiceover.spans.iter().sum::<u32>(), milliseconds(seconds));
        assert!(voiceover.spans.last().unwrap().abs_diff(2_000) <= 1, "{:?}", voiceover.spans);
    }

    #[test]
    fn lengths_are_divided_without_rest() {
        assert_eq!(divide_length(&[1.0, 1.0, 1.0], 1_000), [333, 334, 333]);
        assert_eq!(divide_length(&[3.0, 0.0], 40), [40, 0]);
        assert_eq!(divide_length(&[], 40), [0_u32; 0]);
        assert_eq!((packets(1_000, 0), packets(1_001, 0), packets(1_000, 312)), (50, 51, 51));
    }
}
