//! The clips of tasks: rendered from the submission at the first request, and stored next to the journal.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::catalog_data;
use crate::preview::{
    Backdrop, ClipSource, Color, DrawError, DrawProcess, Fonts, FrameSize, ImageRenderer, ImageResolver, Rasterizer,
    render_clip, still_clip,
};
use crate::sandbox::state::Task;
use crate::source::{available_cores, read_regular, write_atomically};
use crate::spec::{Aspect, Spec};

/// Maximum number of cached file sizes.
const MAX_SIZES: usize = 100_000;

/// The clips of a sandbox, and what renders them.
#[derive(Debug)]
pub struct ClipStore {
    state: PathBuf,
    fonts: Fonts,
    resolver: ImageResolver,
    images: ImageRenderer,
    /// Limits the number of concurrent renders, because each uses a core.
    pub makers: Semaphore,
    sizes: Mutex<HashMap<String, usize>>,
}

impl ClipStore {
    /// Creates the clips of a state directory. `draw_in` says where pictures are drawn.
    pub fn new(state: &std::path::Path, draw_in: DrawProcess) -> ClipStore {
        ClipStore {
            state: state.to_path_buf(),
            fonts: Fonts::default(),
            resolver: ImageResolver::for_assets(state.join("assets")).with_templates(catalog_data::looks()),
            images: ImageRenderer::new(draw_in),
            makers: Semaphore::new(available_cores()),
            sizes: Mutex::default(),
        }
    }

    /// Returns the size of a clip. `None` until it is rendered.
    pub fn size(&self, task: &Task) -> Option<usize> {
        let known = self.sizes.lock().unwrap_or_else(PoisonError::into_inner).get(&task.video).copied();
        known.or_else(|| {
            let bytes = self.path_of(task).symlink_metadata().ok()?.len();
            let size = usize::try_from(bytes).ok()?;
            self.remember(task, size);
            Some(size)
        })
    }

    /// Returns the path of a clip. Ids consist of letters and digits only, see `Store::id`.
    fn path_of(&self, task: &Task) -> PathBuf {
        self.state.join("films").join(format!("{}.mp4", task.video))
    }

    fn remember(&self, task: &Task, size: usize) {
        let mut sizes = self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        if sizes.len() >= MAX_SIZES {
            sizes.clear();
        }
        sizes.insert(task.video.clone(), size);
    }

    /// Returns a stored clip.
    pub fn stored(&self, task: &Task) -> Option<Vec<u8>> {
        let bytes = read_regular(&self.path_of(task)).ok()?;
        self.remember(task, bytes.len());
        Some(bytes)
    }

    /// Stores a clip atomically. A clip that cannot be stored is rendered again at the next request.
    pub fn store(&self, task: &Task, bytes: &[u8]) {
        match write_atomically(&self.state, &self.path_of(task), bytes) {
            Ok(()) => self.remember(task, bytes.len()),
            Err(error) => tracing::warn!(%error, "a clip of the sandbox was not stored"),
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
            render_clip(&ClipSource { spec, aspect, backdrop, portrait: None, seconds }, &rasterizer)
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
