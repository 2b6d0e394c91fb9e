//! The presets of all three kinds.

use super::fault::Faults;
use super::presets::Presets;
use crate::manifest::{AvatarDecl, BackgroundDecl, Manifest, VoiceDecl};
use crate::spec::PresetKind;

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

    /// From now on notes which instances go through a preset.
    pub(super) fn watch(&mut self, kind: PresetKind, name: &str) {
        match kind {
            PresetKind::Avatar => self.avatars.watch(name),
            PresetKind::Voice => self.voices.watch(name),
            PresetKind::Background => self.backgrounds.watch(name),
        }
    }

    /// Whether the instance that was made last, or was not made for a fault, went through the watched preset.
    pub(super) fn take_used(&self) -> bool {
        self.avatars.take_used() || self.voices.take_used() || self.backgrounds.take_used()
    }
}
