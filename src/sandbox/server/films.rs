//! The films of tasks: drafts of what was submitted, made when first asked for, kept beside the journal.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use tokio::sync::Semaphore;

use super::app::App;
use crate::preview::{
    Backdrop, Colour, DrawError, DrawIn, Film, Fonts, ImageRenderer, Painter, Picture, Shelf, film, still_film,
};
use crate::sandbox::form::{Part, avatar_video};
use crate::sandbox::state::Task;
use crate::source::{cores, read_regular, replace_file};
use crate::spec::{Aspect, Spec};

/// File sizes that are remembered.
const MOST_SIZES: usize = 100_000;

/// What films are made with.
#[derive(Debug)]
pub struct Films {
    state: PathBuf,
    fonts: Fonts,
    shelf: Shelf,
    images: ImageRenderer,
    /// So many are made at once: each takes a core.
    makers: Semaphore,
    sizes: Mutex<HashMap<String, usize>>,
}

impl Films {
    /// Films of a state folder, their pictures drawn as `draw_in` says.
    pub fn new(state: &std::path::Path, draw_in: DrawIn) -> Films {
        Films {
            state: state.to_path_buf(),
            fonts: Fonts::default(),
            shelf: Shelf::of_assets(state.join("assets")),
            images: ImageRenderer::new(draw_in),
            makers: Semaphore::new(cores()),
            sizes: Mutex::default(),
        }
    }

    /// The size of a film, if it has been made.
    pub fn size(&self, task: &Task) -> Option<usize> {
        let known = self.sizes.lock().unwrap_or_else(PoisonError::into_inner).get(&task.video).copied();
        known.or_else(|| {
            let bytes = self.place(task).symlink_metadata().ok()?.len();
            let size = usize::try_from(bytes).ok()?;
            self.remember(task, size);
            Some(size)
        })
    }

    /// Ids are made of letters and digits, see `Store::id`.
    fn place(&self, task: &Task) -> PathBuf {
        self.state.join("films").join(format!("{}.mp4", task.video))
    }

    fn remember(&self, task: &Task, size: usize) {
        let mut sizes = self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        if sizes.len() >= MOST_SIZES {
            sizes.clear();
        }
        sizes.insert(task.video.clone(), size);
    }

    fn kept(&self, task: &Task) -> Option<Vec<u8>> {
        let bytes = read_regular(&self.place(task)).ok()?;
        self.remember(task, bytes.len());
        Some(bytes)
    }

    /// Keeps a film whole or not at all; what cannot be kept is made again.
    fn keep(&self, task: &Task, bytes: &[u8]) {
        match replace_file(&self.state, &self.place(task), bytes) {
            Ok(()) => self.remember(task, bytes.len()),
            Err(error) => tracing::warn!(%error, "a film of the sandbox was not kept"),
        }
    }

    fn make(&self, task: &Task, spec: Option<&Spec>) -> Vec<u8> {
        let plain = || {
            let aspect = Aspect::from_number(i64::from(task.work.aspect)).unwrap_or(Aspect::Wide);
            let colour = Colour::parse(&task.work.colour).unwrap_or(Colour::WHITE);
            still_film(Picture::of(aspect), colour, task.work.seconds)
        };
        let Some(spec) = spec else { return plain() };
        let painter = Painter::new(&self.fonts, &self.images);
        let backdrop = self.shelf.find(spec.background_media());
        let draft = |backdrop: &Backdrop| film(&Film { spec, backdrop, seconds: task.work.seconds }, &painter);
        let made = match draft(&backdrop) {
            Err(DrawError::Picture(why)) => {
                tracing::warn!(video = task.video, %why, "a film of the sandbox has no background picture");
                draft(&Backdrop::Plain)
            }
            made => made,
        };
        made.unwrap_or_else(|error| {
            tracing::warn!(%error, "a draft was not drawn");
            plain()
        })
    }
}

/// The film of a task.
pub async fn film_of(app: &Arc<App>, task: &Arc<Task>) -> Bytes {
    let (app, task) = (Arc::clone(app), Arc::clone(task));
    // The semaphore is never closed; without a permit the film is made all the same.
    let permit = app.films.makers.acquire().await.ok();
    let work = {
        let (app, task) = (Arc::clone(&app), Arc::clone(&task));
        move || {
            app.films.kept(&task).unwrap_or_else(|| {
                let bytes = app.films.make(&task, submitted(&app, &task).as_ref());
                app.films.keep(&task, &bytes);
                bytes
            })
        }
    };
    let made = tokio::task::spawn_blocking(work).await;
    drop(permit);
    let bytes = made.unwrap_or_else(|error| {
        tracing::warn!(%error, "a film of the sandbox was not made");
        app.films.make(&task, None)
    });
    bytes.into()
}

/// What was submitted, read again from its parts; none for videos of templates.
fn submitted(app: &App, task: &Task) -> Option<Spec> {
    if task.work.template.is_some() {
        return None;
    }
    let part = |(name, value): &(String, String)| Part {
        name: name.clone(),
        content_type: None,
        file: false,
        value: value.clone().into_bytes(),
    };
    let parts: Vec<Part> = task.work.parts.iter().map(part).collect();
    let tables = app.store.tables();
    avatar_video(&parts, &*tables).ok()
}
