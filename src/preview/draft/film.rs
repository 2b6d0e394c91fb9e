//! Renders a clip of a video: its frame, its captions in time with the speech, its sound, its size and length.

use super::Picture;
use super::h264::{changed_frame, key_frame, parameters, sequence, still_frame};
use super::mp4::{self, TIMESCALE, Track};
use super::planes::Planes;
use super::sound::{Voiceover, silence, spans};
use super::video::milliseconds;
use crate::preview::frame::sound;
use crate::preview::{Backdrop, Canvas, Cue, DrawError, Foot, Look, Painter, Still, cues, foot_svg, frame_svg};
use crate::spec::Spec;
use crate::spec::views::{Speech, Voice};

/// Renders 720p from the layout of 1080p.
const SCALE: f64 = 2.0 / 3.0;
/// Maximum duration of a video frame, in milliseconds. Longer ones are repeated, so that players can seek.
const LONGEST_FRAME: u32 = 1_000;

/// The input of a clip.
#[derive(Clone, Copy, Debug)]
pub struct Film<'a> {
    /// The spec.
    pub spec: &'a Spec,
    /// The background of the spec.
    pub backdrop: &'a Backdrop,
    /// The avatar's picture, if any.
    pub portrait: Option<&'a Still>,
    /// Length in seconds.
    pub seconds: f64,
}

/// Renders the clip as an MP4 file.
///
/// # Errors
/// If the background picture cannot be decoded.
pub fn film(film: &Film<'_>, painter: &Painter<'_>) -> Result<Vec<u8>, DrawError> {
    let Film { spec, backdrop, portrait, seconds } = *film;
    let fonts = painter.fonts();
    let canvas = Canvas::of(spec.aspect());
    let look = Look { spec, backdrop, portrait, guides: false };
    let bare = painter.draw(&frame_svg(&look, Foot::Bare, fonts), (canvas, SCALE), &look)?;
    let length = milliseconds(seconds);
    let (feet, voiceover) = match spec.voices().next() {
        Some(Voice::Speech(speech)) => {
            let cues = cues(speech.text, canvas.line(), fonts);
            let feet: Vec<String> = cues.iter().map(|cue| foot_svg(canvas, Foot::Words(cue, false), fonts)).collect();
            (feet, spoken(speech, &cues, length))
        }
        voice => {
            let text = voice.and_then(|voice| sound(&voice)).unwrap_or_default();
            let foot = foot_svg(canvas, Foot::Sound(&text), fonts);
            (vec![foot], Voiceover { sound: silence(length), spans: vec![length] })
        }
    };
    let picture = Picture::of(spec.aspect());
    let mut reel = Reel { picture, last: None, frames: Vec::new() };
    for (foot, span) in feet.iter().zip(&voiceover.spans).filter(|(_, span)| **span > 0) {
        let mut pixels = bare.clone();
        painter.draw_over(foot, canvas, &mut pixels)?;
        reel.show(Planes::of(&pixels, picture), *span);
    }
    if reel.frames.is_empty() {
        reel.show(Planes::of(&bare, picture), length);
    }
    let track = Track { picture, sequence: &sequence(picture), parameters: &parameters(), frames: &reel.frames };
    Ok(mp4::file(&track, Some(&voiceover.sound)))
}

/// Returns whether clips have speech: callsheet has the feature `drafts`, and `espeak-ng` is installed.
pub fn speaks() -> bool {
    #[cfg(feature = "drafts")]
    let speaks = super::speech::is_installed();
    #[cfg(not(feature = "drafts"))]
    let speaks = false;
    speaks
}

/// Returns the sound of a script with a length in milliseconds.
fn spoken(speech: Speech<'_>, cues: &[Cue], milliseconds: u32) -> Voiceover {
    #[cfg(feature = "drafts")]
    if let Some(voiceover) = super::speech::speak(speech, cues, milliseconds) {
        return voiceover;
    }
    let _ = speech;
    let weights: Vec<f64> = cues.iter().map(|cue| cue.weight() as f64).collect();
    Voiceover { sound: silence(milliseconds), spans: spans(&weights, milliseconds) }
}

/// The video frames encoded so far.
struct Reel {
    picture: Picture,
    last: Option<Planes>,
    frames: Vec<(Vec<u8>, u32)>,
}

impl Reel {
    fn show(&mut self, planes: Planes, span: u32) {
        let number = self.frames.len() as u32;
        let unit = match &self.last {
            None => key_frame(self.picture, &planes),
            Some(before) => changed_frame(self.picture, number, before, &planes),
        };
        self.last = Some(planes);
        self.frames.push((unit, span.min(LONGEST_FRAME)));
        let mut left = span.saturating_sub(LONGEST_FRAME);
        while left > 0 {
            let next = left.min(TIMESCALE);
            self.frames.push((still_frame(self.picture, self.frames.len() as u32), next));
            left -= next;
        }
    }
}
