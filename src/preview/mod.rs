//! Previews of specs: frames, a storyboard of all frames, and clips.

mod backdrop;
mod canvas;
mod caption;
mod draft;
mod fetch;
mod figure;
mod fonts;
mod frame;
mod image_fit;
mod image_process;
mod ledger;
mod media;
mod picture;
mod shot;
mod storyboard;
mod studio;
mod svg;
mod svg_limits;
#[cfg(test)]
mod tests;

pub use canvas::Canvas;
pub use caption::{Cue, cues};
pub use draft::{Colour, Film, Picture, film, speaks, still_film};
pub use fetch::{FetchError, Fetched, fetch_pictures};
pub use figure::figure_box;
pub use fonts::{Fonts, Survey, missing_script_advice};
pub use frame::{Foot, Look, foot_svg, frame_svg, sound};
pub use image_fit::{DRAW_ARGUMENT, DrawError, draw_for_parent, encode};
pub use image_process::{DrawIn, ImageRenderer};
pub use ledger::StudioError;
pub use media::{Backdrop, Shelf, Still, TemplateLook, check_still, fetched_name};
pub use picture::Painter;
pub use shot::{Shot, ShotChange, ShotStanding};
pub use storyboard::{Board, write_storyboard};
pub use studio::{Frame, Notice, Studio, StudioOptions};
