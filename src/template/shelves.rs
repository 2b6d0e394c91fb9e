//! The presets of all three kinds.

use super::fault::Faults;
use super::presets::Presets;
use crate::manifest::{AvatarDecl, BackgroundDecl, Manifest, VoiceDecl};

/// The presets of a run.
pub(super) struct Shelves<'m> {
    pub avatars: Presets<'m, AvatarDecl>,
    pub voices: Presets<'m, VoiceDecl>,
    pub backgrounds: Presets<'m, BackgroundDecl>,
}

impl<'m> Shelves<'m> {
    /// Follows all chains; what is wrong with presets is told here, whether a video uses them or not.
    pub(super) fn new(manifest: &'m Manifest, faults: &mut Faults<'_>) -> Self {
        Self {
            avatars: Presets::new(manifest, faults),
            voices: Presets::new(manifest, faults),
            backgrounds: Presets::new(manifest, faults),
        }
    }
}
