//! Creates the files of one shot: the frame, the frame of the previous spec, the clip.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::frame::sound;
use super::ledger::{BEFORE, Ledger, save};
use super::{
    Backdrop, Canvas, DrawError, Film, Fonts, Foot, Frame, Look, Notice, Painter, Shot, Studio, StudioError, Survey,
    cues, encode, film, frame_svg, speaks,
};
use crate::spec::{Spec, canonical_json, estimate};

/// The version of the drawing code. Increase it whenever the same spec is drawn differently.
const DRAWING: u32 = 3;

/// The context for drawing shots.
pub(super) struct Job<'a> {
    pub(super) studio: Studio<'a>,
    pub(super) painter: &'a Painter<'a>,
    pub(super) ledger: &'a Ledger,
    pub(super) folder: &'a Path,
    pub(super) written: &'a Mutex<BTreeMap<String, String>>,
}

impl Job<'_> {
    /// Creates all files of a shot.
    pub(super) fn develop(&self, shot: &Shot, stem: &str) -> Result<Frame, StudioError> {
        let size = Canvas::of(shot.spec.aspect()).pixels(self.studio.options.scale);
        let mut notices = Vec::new();
        let named = |error| StudioError::Draw(shot.key.to_string(), error);
        let mut kept = self.draw(&shot.spec, &format!("{stem}.png"), &mut notices, named)?;
        if let Some(before) = &shot.before {
            let mut old = Vec::new();
            let named = |error| StudioError::Draw(shot.key.to_string(), error);
            kept &= self.draw(before, &format!("{BEFORE}/{stem}.png"), &mut old, named)?;
        }
        if self.studio.options.films {
            kept &= self.film(shot, &format!("{stem}.mp4"))?;
        }
        notices.sort();
        Ok(Frame { stem: stem.to_owned(), size, kept, before: shot.before.is_some(), notices })
    }

    /// Draws a spec into a file, unless the file is up to date. Returns `true` if it was.
    fn draw(
        &self,
        spec: &Spec,
        name: &str,
        notices: &mut Vec<Notice>,
        named: impl Fn(DrawError) -> StudioError,
    ) -> Result<bool, StudioError> {
        let Studio { fonts, shelf, options, .. } = self.studio;
        let canvas = Canvas::of(spec.aspect());
        let mut backdrop = shelf.find(spec.background_media());
        let fit = spec.fit();
        let (width, height) = canvas.pixels(options.scale);
        let (hash, survey) = inputs(spec, &backdrop, &format!("{width}x{height} {}", options.guides), fonts);
        notices.extend(survey.missing.keys().map(|script| Notice::MissingScript(script)));
        let path = self.folder.join(name);
        let kept = self.ledger.has(self.folder, name, &hash);
        if !kept {
            let drawn = drawn(spec, &backdrop, options.guides, fonts);
            let bytes = match self.painter.draw(&drawn, (canvas, options.scale), (&backdrop, fit)) {
                Err(DrawError::Picture(why)) => {
                    backdrop = backdrop.unusable(&why);
                    let again = self::drawn(spec, &backdrop, options.guides, fonts);
                    self.painter.draw(&again, (canvas, options.scale), (&backdrop, fit))
                }
                drawn => drawn,
            };
            save(self.folder, &path, &encode(&bytes.map_err(&named)?, false).map_err(&named)?)?;
        }
        if let Backdrop::Unseen { title, detail, hint } = &backdrop {
            let unusable = title == Backdrop::UNUSABLE;
            let hint = if unusable { format!("{hint} (`{detail}`)") } else { hint.clone() };
            notices.push(Notice::Unseen(title.clone(), hint));
        }
        self.write_down(name, hash, &backdrop);
        Ok(kept)
    }

    /// Records the content of a file. A background that cannot be drawn is tried and reported again in the next run.
    fn write_down(&self, name: &str, hash: String, backdrop: &Backdrop) {
        let unusable = matches!(backdrop, Backdrop::Unseen { title, .. } if title == Backdrop::UNUSABLE);
        let hash = if unusable { String::new() } else { hash };
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), hash);
    }

    /// Renders the clip of a shot, unless the file is up to date. Returns `true` if it was.
    fn film(&self, shot: &Shot, name: &str) -> Result<bool, StudioError> {
        let Studio { fonts, shelf, .. } = self.studio;
        let spec = &shot.spec;
        let mut backdrop = shelf.find(spec.background_media());
        let seconds = estimate(spec).seconds.unwrap_or(UNKNOWN_SECONDS);
        let (hash, _) = inputs(spec, &backdrop, &format!("{seconds} {}", speaks()), fonts);
        let path = self.folder.join(name);
        let kept = self.ledger.has(self.folder, name, &hash);
        if !kept {
            let mut made = film(&Film { spec, backdrop: &backdrop, seconds }, self.painter);
            if let Err(DrawError::Picture(why)) = &made {
                backdrop = backdrop.unusable(why);
                made = film(&Film { spec, backdrop: &backdrop, seconds }, self.painter);
            }
            save(self.folder, &path, &made.map_err(|error| StudioError::Draw(shot.key.to_string(), error))?)?;
        }
        self.write_down(name, hash, &backdrop);
        Ok(kept)
    }
}

/// The length of a clip whose audio file is of unknown length, in seconds.
const UNKNOWN_SECONDS: f64 = 10.0;

/// Returns the first frame of a spec, with its first caption or a description of its sound.
pub(super) fn drawn(spec: &Spec, backdrop: &Backdrop, guides: bool, fonts: &Fonts) -> String {
    let look = Look { spec, backdrop, guides };
    if let Some(text) = spec.spoken_texts().next() {
        let cues = cues(text, Canvas::of(spec.aspect()).line(), fonts);
        let foot = cues.first().map_or(Foot::Bare, |cue| Foot::Words(cue, cues.len() > 1));
        frame_svg(&look, foot, fonts)
    } else {
        let text = spec.voices().find_map(|voice| sound(&voice)).unwrap_or_default();
        frame_svg(&look, Foot::Sound(&text), fonts)
    }
}

/// Returns a hash of everything that determines a drawing, so that an unchanged one is recognized without drawing it.
/// Also returns the fonts it needs.
fn inputs(spec: &Spec, backdrop: &Backdrop, options: &str, fonts: &Fonts) -> (String, Survey) {
    let behind = match backdrop {
        Backdrop::Plain => "",
        Backdrop::Still(still) => &still.sha256,
        Backdrop::Unseen { title, detail, hint } => &format!("{title}\n{detail}\n{hint}"),
    };
    let spec = canonical_json(spec, false);
    let survey = fonts.survey(&spec);
    let inputs = format!("{DRAWING} {options}\n{behind}\n{survey:?}\n{spec}");
    (data_encoding::HEXLOWER.encode(&Sha256::digest(inputs.as_bytes())[..16]), survey)
}
