//! Draws the frames of many videos into a directory, except those that exist and are unchanged.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::frame_cache::{BEFORE_DIRECTORY, FrameCache, write_file};
use super::frame_svg::describe_audio;
use super::{
    Backdrop, Canvas, DrawError, FontCoverage, Fonts, Footer, FrameError, FrameInput, ImageRenderer, ImageResolver,
    Rasterizer, Shot, StillImage, can_speak, cues, encode, frame_svg, render_clip,
};
use crate::source::{available_cores, make_directory, parallel_map};
use crate::spec::views::{Speech, Voice};
use crate::spec::{Spec, UNKNOWN_AUDIO_SECONDS, canonical_json, estimate, file_stems};

/// The settings for drawing frames.
#[derive(Clone, Copy, Debug)]
pub struct RenderOptions {
    /// The scale relative to 1080p; 0.5 draws 960 × 540.
    pub scale: f64,
    /// Whether to draw safe areas over the frames.
    pub guides: bool,
    /// Whether to render clips too.
    pub clips: bool,
    /// Whether the shots are all videos. If so, files of removed videos are deleted.
    pub all_videos: bool,
}

/// Everything needed to draw frames.
#[derive(Clone, Copy, Debug)]
pub struct FrameRenderer<'a> {
    /// The fonts.
    pub fonts: &'a Fonts,
    /// The background media.
    pub resolver: &'a ImageResolver,
    /// The renderer of background pictures.
    pub images: &'a ImageRenderer,
    /// The settings.
    pub options: RenderOptions,
}

/// One frame in the directory.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The name of its files, without extension.
    pub stem: String,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Whether the files already existed.
    pub kept: bool,
    /// Whether a frame of the previously submitted spec exists too.
    pub before: bool,
    /// The files of the scenes after the first, of a vendor template.
    pub scenes: Vec<String>,
    /// Differences from the final video.
    pub notices: Vec<Notice>,
}

/// A difference between a frame and the final video.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Notice {
    /// No font has the letters of a script, so the frame shows boxes.
    MissingScript(&'static str),
    /// A background that is not shown: its name and the reason.
    Placeholder(String, String),
    /// The reason why the avatar's downloaded picture is not shown.
    Portrait(String),
}

impl Notice {
    /// Returns the message.
    pub fn words(&self) -> String {
        match self {
            Self::MissingScript(script) => {
                format!("no font on this machine has these letters: {script}; {}", super::missing_script_advice(script))
            }
            Self::Placeholder(title, hint) => format!("{}: {hint}", title.to_lowercase()),
            Self::Portrait(why) => {
                format!(
                    "the avatar's picture is not shown: {why}; delete it from `.callsheet/media`, and run \
                     `callsheet catalog sync --pictures`"
                )
            }
        }
    }
}

impl FrameRenderer<'_> {
    /// Draws all frames into a directory. Calls `on_progress` with the number of finished frames.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub fn render_all(
        &self,
        shots: &[Shot],
        directory: &Path,
        on_progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Vec<Frame>, FrameError> {
        let ledger = FrameCache::open(directory)?;
        let stems = file_stems(shots.iter().map(|shot| &*shot.key));
        if shots.iter().any(|shot| shot.before.is_some()) {
            let before = directory.join(BEFORE_DIRECTORY);
            make_directory(directory, &before).map_err(FrameError::disk(&before))?;
        }
        let rasterizer = Rasterizer::new(self.fonts, self.images);
        let written: Mutex<BTreeMap<String, String>> = Mutex::default();
        let ready = AtomicUsize::new(0);
        let one = |index: usize| {
            let (shot, stem) = (&shots[index], &stems[index]);
            let (rasterizer, ledger, written) = (&rasterizer, &ledger, &written);
            let frame = FrameJob { renderer: *self, shot, rasterizer, ledger, directory, written }.render(stem);
            on_progress(ready.fetch_add(1, Ordering::Relaxed) + 1);
            frame
        };
        let frames = try_parallel_map(shots.len(), &one)?;
        let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
        ledger.save_record(directory, written, self.options.all_videos)?;
        Ok(frames)
    }
}

/// Runs a function for each index on all cores. Returns the results in order, or the first error.
pub(super) fn try_parallel_map<T: Send, E: Send>(
    count: usize,
    one: &(dyn Fn(usize) -> Result<T, E> + Sync),
) -> Result<Vec<T>, E> {
    let failed = AtomicBool::new(false);
    let made = parallel_map(available_cores(), count, |index| {
        let result = (!failed.load(Ordering::Relaxed)).then(|| one(index))?;
        failed.fetch_or(result.is_err(), Ordering::Relaxed);
        Some(result)
    });
    made.into_iter().collect()
}

/// The version of the drawing code. Increase it whenever the same spec is drawn differently.
const RENDER_VERSION: u32 = 4;

/// The context for drawing a shot.
struct FrameJob<'a> {
    renderer: FrameRenderer<'a>,
    shot: &'a Shot,
    rasterizer: &'a Rasterizer<'a>,
    ledger: &'a FrameCache,
    directory: &'a Path,
    written: &'a Mutex<BTreeMap<String, String>>,
}

impl FrameJob<'_> {
    /// Creates all files of the shot.
    fn render(&self, stem: &str) -> Result<Frame, FrameError> {
        let shot = self.shot;
        let size = Canvas::from_spec(self.renderer.resolver.aspect(&shot.spec)).pixels(self.renderer.options.scale);
        let (mut kept, mut notices) = self.draw((&shot.spec, 0), &format!("{stem}.png"))?;
        let mut scenes = Vec::new();
        for scene in 1..shot.spec.voices().count() {
            // A stem has no space, so no other video has this name.
            let name = format!("{stem} scene {}.png", scene + 1);
            kept &= self.draw((&shot.spec, scene), &name)?.0;
            scenes.push(name);
        }
        if let Some(before) = &shot.before {
            kept &= self.draw((before, 0), &format!("{BEFORE_DIRECTORY}/{stem}.png"))?.0;
        }
        if self.renderer.options.clips {
            kept &= self.render_clip(&shot.spec, &format!("{stem}.mp4"))?;
        }
        notices.sort();
        Ok(Frame { stem: stem.to_owned(), size, kept, before: shot.before.is_some(), scenes, notices })
    }

    /// Draws a scene of a spec into a file, unless the file is up to date. Returns `true` if it was, and what the frame lacks.
    fn draw(&self, (spec, scene): (&Spec, usize), name: &str) -> Result<(bool, Vec<Notice>), FrameError> {
        let FrameRenderer { fonts, options, resolver, .. } = self.renderer;
        let aspect = resolver.aspect(spec);
        let canvas = Canvas::from_spec(aspect);
        let (width, height) = canvas.pixels(options.scale);
        let inputs = format!("{width}x{height} {}", options.guides);
        let made = self.make(spec, name, &inputs, |backdrop, portrait| {
            let look = FrameInput { spec, aspect, backdrop, portrait, guides: options.guides };
            let svg = first_frame_svg(&look, scene, fonts);
            encode(&self.rasterizer.draw(&svg, (canvas, options.scale), &look)?, false)
        })?;
        let Made { kept, backdrop, lost, survey } = made;
        let mut notices: Vec<Notice> = survey.missing.keys().map(|script| Notice::MissingScript(script)).collect();
        notices.extend(lost.map(Notice::Portrait));
        if let Backdrop::Placeholder { title, detail, hint } = &backdrop {
            let hint = if backdrop.is_unusable() { format!("{hint} (`{detail}`)") } else { hint.clone() };
            notices.push(Notice::Placeholder(title.clone(), hint));
        }
        Ok((kept, notices))
    }

    /// Renders the clip of a spec, unless the file is up to date. Returns `true` if it was.
    fn render_clip(&self, spec: &Spec, name: &str) -> Result<bool, FrameError> {
        let seconds = estimate(spec).seconds.unwrap_or(UNKNOWN_AUDIO_SECONDS).min(MAX_CLIP_SECONDS);
        let aspect = self.renderer.resolver.aspect(spec);
        // The aspect of an avatar video is in its spec.
        let other = if aspect == spec.aspect() { "" } else { aspect.word() };
        let made = self.make(spec, name, &format!("{seconds} {}{other}", can_speak()), |backdrop, portrait| {
            render_clip(&FrameInput { spec, aspect, backdrop, portrait, guides: false }, seconds, self.rasterizer)
        });
        Ok(made?.kept)
    }

    /// Writes a file, unless it is up to date.
    ///
    /// A background that cannot be drawn is replaced by its placeholder, and an avatar's picture by the neutral figure.
    fn make(
        &self,
        spec: &Spec,
        name: &str,
        options: &str,
        draw: impl Fn(&Backdrop, Option<&StillImage>) -> Result<Vec<u8>, DrawError>,
    ) -> Result<Made, FrameError> {
        let resolver = self.renderer.resolver;
        let mut backdrop = resolver.background(spec);
        let found = spec.avatar().map_or(Ok(None), |avatar| resolver.portrait(avatar.id));
        let (mut portrait, mut lost) = found.map_or_else(|why| (None, Some(why)), |portrait| (portrait, None));
        let (hash, survey) = input_hash(spec, (&backdrop, portrait.as_deref()), options, self.renderer.fonts);
        let kept = self.ledger.has(self.directory, name, &hash);
        if !kept {
            let mut made = draw(&backdrop, portrait.as_deref());
            if let (Err(DrawError::Portrait(why)), Some(still)) = (&made, &portrait) {
                lost = Some(format!("{why} (`{}`)", still.name));
                portrait = None;
                made = draw(&backdrop, None);
            }
            if let Err(DrawError::Picture(why)) = &made {
                backdrop = backdrop.unusable(why);
                made = draw(&backdrop, portrait.as_deref());
            }
            let named = |error| FrameError::Draw(self.shot.key.to_string(), error);
            write_file(self.directory, &self.directory.join(name), &made.map_err(named)?)?;
        }
        // A picture that cannot be drawn is tried and reported again in the next run.
        let hash = if backdrop.is_unusable() || lost.is_some() { String::new() } else { hash };
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), hash);
        Ok(Made { kept, backdrop, lost, survey })
    }
}

/// A file of a shot.
struct Made {
    /// Whether it was up to date.
    kept: bool,
    /// The background that it shows.
    backdrop: Backdrop,
    /// Why it does not show the avatar's picture.
    lost: Option<String>,
    /// The fonts that it needs.
    survey: FontCoverage,
}

/// Maximum length of a clip, in seconds (vendor's limits page). A longer file shows nothing more.
const MAX_CLIP_SECONDS: f64 = 3_600.0;

/// Returns the first frame of a scene, with its first caption or a description of its sound. An avatar video has one
/// scene.
pub(super) fn first_frame_svg(look: &FrameInput<'_>, scene: usize, fonts: &Fonts) -> String {
    let voice = look.spec.voices().nth(scene);
    if let Some(Voice::Speech(Speech { text, .. })) = voice {
        let cues = cues(text, Canvas::from_spec(look.aspect).caption_width(), fonts);
        let foot = cues.first().map_or(Footer::Empty, |cue| Footer::Caption(cue, cues.len() > 1));
        return frame_svg(look, foot, fonts);
    }
    let text = voice.and_then(|voice| describe_audio(&voice)).unwrap_or_default();
    frame_svg(look, Footer::Audio(&text), fonts)
}

/// Returns a hash of everything that determines a drawing, so that an unchanged one is recognized without drawing it.
/// Also returns the fonts it needs.
fn input_hash(
    spec: &Spec,
    (backdrop, portrait): (&Backdrop, Option<&StillImage>),
    options: &str,
    fonts: &Fonts,
) -> (String, FontCoverage) {
    let behind = match backdrop {
        Backdrop::Plain => "",
        Backdrop::Still(still) => &still.sha256,
        Backdrop::Placeholder { title, detail, hint } => &format!("{title}\n{detail}\n{hint}"),
    };
    let spec = canonical_json(spec, false);
    let survey = fonts.coverage(&spec);
    let face = portrait.map_or("", |still| &still.sha256);
    let inputs = format!("{RENDER_VERSION} {options}\n{behind}\n{face}\n{survey:?}\n{spec}");
    (data_encoding::HEXLOWER.encode(&Sha256::digest(inputs.as_bytes())[..16]), survey)
}
