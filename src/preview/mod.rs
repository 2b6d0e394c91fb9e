//! Previews of specs: frames, a storyboard of all frames, and clips.

mod caption;
mod clip;
mod figure;
mod fonts;
mod frame_cache;
mod frame_svg;
mod image_child;
mod image_process;
mod images;
mod picture_fetch;
mod raster;
mod renderer;
mod shot;
mod storyboard;
mod svg;
mod svg_limits;
#[cfg(test)]
mod tests;

pub use caption::{Caption, cues};
pub use clip::{Color, FrameSize, can_speak, render_clip, still_clip};
pub use figure::figure_box;
pub use fonts::{FontCoverage, Fonts, missing_script_advice};
pub use frame_cache::FrameError;
pub use frame_svg::{Footer, FrameInput, describe_audio, footer_svg, frame_svg};
pub use image_child::{DRAW_ARGUMENT, DrawError, draw_as_child, encode};
pub use image_process::{DrawProcess, ImageRenderer};
pub use images::{Backdrop, ImageResolver, StillImage, TemplatePicture, check_still, downloaded_name};
pub use picture_fetch::{PictureFetch, PictureFetchError, fetch_pictures};
pub use raster::Rasterizer;
pub use renderer::{Frame, FrameRenderer, Notice, RenderOptions};
pub use shot::{Shot, ShotChange, ShotStatus};
pub use storyboard::{Storyboard, write_storyboard};
pub use svg::Canvas;
