//! The input of the drawing of a frame.

use super::{Backdrop, StillImage};
use crate::spec::{Aspect, Spec};

/// The input of a frame.
#[derive(Clone, Copy, Debug)]
pub struct FrameInput<'a> {
    /// The spec.
    pub spec: &'a Spec,
    /// The ratio of width to height, see [`ImageResolver::aspect`](super::ImageResolver::aspect).
    pub aspect: Aspect,
    /// The background of the spec.
    pub backdrop: &'a Backdrop,
    /// The avatar's picture. Without one, a neutral figure is drawn.
    pub portrait: Option<&'a StillImage>,
    /// Whether to draw safe areas.
    pub guides: bool,
}
