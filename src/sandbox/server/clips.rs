//! The clips of tasks: rendered from the submission at the first request, and stored next to the journal.

use std::path::PathBuf;

use tokio::sync::Semaphore;

use super::templates;
use crate::preview::{
    Backdrop, Color, DrawError, DrawProcess, Fonts, FrameInput, FrameSize, ImageRenderer, ImageResolver, Rasterizer,
    render_clip, still_clip,
};
use crate::sandbox::state::Task;
use crate::source::{available_cores, read_regular, write_atomically};
use crate::spec::{Aspect, Spec};

/// The clips of a sandbox, and what renders them.
#[derive(Debug)]
pub struct ClipStore {
    state: PathBuf,
    fonts: Fonts,
    /// The aspects of templates, and the uploads that clips show.
    pub resolver: ImageResolver,
    images: ImageRenderer,
    /// Limits the number of concurrent renders, because each uses a core.
    pub makers: Semaphore,
}

impl ClipStore {
    /// Creates the clips of a state directory. `draw_in` says where pictures are drawn.
    pub fn new(state: &std::path::Path, draw_in: DrawProcess) -> ClipStore {
        let mut resolver = ImageResolver::default();
        resolver.assets = Some(state.join("assets"));
        resolver.templates = templates::looks();
        ClipStore {
            state: state.to_path_buf(),
            fonts: Fonts::default(),
            resolver,
            images: ImageRenderer::new(draw_in),
            makers: Semaphore::new(available_cores()),
        }
    }

    /// Returns the size of a clip. `None` until it is rendered.
    pub fn size(&self, task: &Task) -> Option<usize> {
        usize::try_from(self.path_of(task).symlink_metadata().ok()?.len()).ok()
    }

    /// Returns the path of a clip. Ids consist of letters and digits only, see `Store::id`.
    fn path_of(&self, task: &Task) -> PathBuf {
        self.state.join("films").join(format!("{}.mp4", task.video))
    }

    /// Returns a stored clip.
    pub fn stored(&self, task: &Task) -> Option<Vec<u8>> {
        read_regular(&self.path_of(task)).ok()
    }

    /// Stores a clip atomically. A clip that cannot be stored is rendered again at the next request.
    pub fn store(&self, task: &Task, bytes: &[u8]) {
        if let Err(error) = write_atomically(&self.state, &self.path_of(task), bytes) {
            tracing::warn!(%error, "a clip of the sandbox was not stored");
        }
    }

    /// Renders a clip; without a spec, one of a single color.
    pub fn render(&self, task: &Task, spec: Option<&Spec>) -> Vec<u8> {
        let plain = || {
            let aspect = Aspect::from_number(i64::from(task.work.aspect)).unwrap_or(Aspect::Wide);
            let colour = Color::parse(&task.work.colour).unwrap_or(Color::WHITE);
            still_clip(FrameSize::fitting(aspect), colour, task.work.seconds)
        };
        let Some(spec) = spec else { return plain() };
        let rasterizer = Rasterizer::new(&self.fonts, &self.images);
        let backdrop = self.resolver.background(spec);
        let (aspect, seconds) = (self.resolver.aspect(spec), task.work.seconds);
        let draft = |backdrop: &Backdrop| {
            render_clip(&FrameInput { spec, aspect, backdrop, portrait: None, guides: false }, seconds, &rasterizer)
        };
        let made = match draft(&backdrop) {
            Err(DrawError::Picture(why)) => {
                tracing::warn!(video = task.video, %why, "a clip of the sandbox has no background picture");
                draft(&Backdrop::Plain)
            }
            made => made,
        };
        made.unwrap_or_else(|error| {
            tracing::warn!(%error, "a clip was not drawn");
            plain()
        })
    }
}
