//! One video expanded again, watched: who gave each of its values.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::expand::{Inputs, on_large_stack, prepare};
use super::leaves::{Leaf, Leaves};
use super::parts::{Layer, TextField};
use super::run::Run;
use super::session::{Instance, Purpose, Session};
use super::voice::{Spoken, spoken};
use crate::diagnostic::Report;
use crate::manifest::{Choice, DefaultsDecl, Manifest, Preset, ScriptDecl, VideoDecl};
use crate::source::Origin;
use crate::spec::{FieldHistory, Giver, History, Link, Origins, ScriptHistory, SpecField};

/// The instance that is looked for, and what was seen of it.
pub(super) struct Watch {
    pub key: Arc<str>,
    pub seen: Option<Seen>,
}

/// The instance, made without fault.
pub(super) struct Seen {
    pub at: Instance,
    pub origins: Arc<Origins>,
    /// The place of the key of its declaration.
    pub declared: Origin,
}

/// Where the values of the video `key` came from; `manifest` needs to hold no video but its own. Nothing when it stands
/// for no such video without fault, or when the machine refuses a thread.
pub fn history(manifest: &Manifest, inputs: Inputs<'_>, key: &Arc<str>) -> Option<History> {
    // Its faults, if it has any, were told when all videos were expanded.
    let mut report = Report::new();
    let found = on_large_stack(|| {
        let mut take = |_| ();
        let mut run = prepare(manifest, inputs, &mut report, &mut take);
        run.watch = Some(Watch { key: Arc::clone(key), seen: None });
        run.all();
        look_back(&mut run)
    });
    found.ok().flatten()
}

fn look_back(run: &mut Run<'_, '_>) -> Option<History> {
    let Seen { at, origins, declared } = run.watch.as_mut()?.seen.take()?;
    let manifest = run.manifest;
    let video = manifest.videos.iter().find(|video| video.key_origin == declared)?;
    let mut back = Back { manifest, video, session: &mut run.session, at: &at, origins: &origins };
    Some(History { matrix: back.matrix(), fields: back.fields() })
}

/// Looks back at one instance.
pub(super) struct Back<'a, 'm, 'w> {
    pub manifest: &'m Manifest,
    pub video: &'m VideoDecl,
    pub session: &'a mut Session<'m, 'w>,
    pub at: &'a Instance,
    pub origins: &'a Origins,
}

/// A declaration that gives fields, and how one gets to it.
struct Storey<'m> {
    giver: Giver,
    chain: Vec<Link>,
    leaves: Vec<Leaf<'m>>,
}

impl<'m> Back<'_, 'm, '_> {
    fn fields(&mut self) -> Vec<FieldHistory> {
        let (body, defaults) = (&self.video.body, &self.manifest.defaults);
        let mut storeys = vec![
            Storey { giver: Giver::Video, chain: Vec::new(), leaves: plain(body) },
            Storey { giver: Giver::Defaults, chain: Vec::new(), leaves: plain(defaults) },
        ];
        storeys.extend(self.storeys(body.avatar.as_deref(), defaults.avatar.as_deref()));
        storeys.extend(self.storeys(body.voice.as_ref(), defaults.voice.as_ref()));
        storeys.extend(self.storeys(body.background.as_deref(), defaults.background.as_deref()));
        let mut found = Vec::new();
        for field in SpecField::ALL {
            let Some(origin) = self.origins.get(*field) else {
                if *field == SpecField::Name {
                    found.push(FieldHistory {
                        giver: Giver::Key,
                        origin: None,
                        ..given(*field, self.video.key_origin)
                    });
                }
                continue;
            };
            found.push(self.field(*field, origin, &storeys));
        }
        found
    }

    fn field(&mut self, field: SpecField, origin: Origin, storeys: &[Storey<'m>]) -> FieldHistory {
        let holds = |leaf: &&Leaf<'m>| leaf.field == field && leaf.origin == origin;
        let found = storeys.iter().find_map(|storey| Some((storey, storey.leaves.iter().find(holds)?)));
        if let Some((storey, leaf)) = found {
            let uses = leaf.template.map(|text| self.uses(&text.text)).unwrap_or_default();
            return FieldHistory {
                giver: storey.giver,
                chain: storey.chain.clone(),
                template: leaf.template.map(|text| Arc::clone(&text.text)),
                uses,
                ..given(field, origin)
            };
        }
        // A spoken text is not a leaf of a voice where a script speaks.
        let own = self.video.body.script.as_ref();
        let giver = if own.is_some() { Giver::Video } else { Giver::Defaults };
        let script = own.or(self.manifest.defaults.script.as_ref()).filter(|_| field == SpecField::TtsText);
        let Some(script) = script else { return given(field, origin) };
        let (ScriptDecl::Text(text) | ScriptDecl::File(text)) = script;
        let leaf = Leaf::of(field, text);
        let uses = leaf.template.map(|text| self.uses(&text.text)).unwrap_or_default();
        FieldHistory {
            giver,
            template: leaf.template.map(|text| Arc::clone(&text.text)),
            uses,
            script: self.script(),
            ..given(field, origin)
        }
    }

    /// The script file that is spoken, if one is.
    fn script(&mut self) -> Option<ScriptHistory> {
        let Some(Spoken::File(field)) = spoken(self.video, &self.manifest.defaults, None) else { return None };
        let path = self.session.text(field, self.at, Purpose::Label)?;
        let real = self.session.files.find(field.origin.file, &path, self.session.sources).ok()?;
        let script = self.session.files.script(real, self.session.sources).ok()?;
        let uses = if script.template { self.uses(&script.text) } else { Vec::new() };
        Some(ScriptHistory { origin: Origin::new(script.file, 0, script.text.len() as u32), uses })
    }

    /// The declarations that lie over one another, the topmost first.
    fn storeys<D: Layer + Leaves>(
        &mut self,
        own: Option<&'m Choice<D>>,
        default: Option<&'m Choice<D>>,
    ) -> Vec<Storey<'m>> {
        let giver = if own.is_some() { Giver::Video } else { Giver::Defaults };
        let mut storeys = Vec::new();
        let mut next: Option<&'m TextField> = match own.or(default) {
            None => None,
            Some(Choice::Named(field)) => Some(field),
            Some(Choice::Object(decl)) => {
                storeys.push(Storey { giver, chain: Vec::new(), leaves: decl.leaves() });
                decl.beneath()
            }
        };
        let presets: &'m BTreeMap<Arc<str>, Preset<D>> = D::presets(self.manifest);
        let mut chain: Vec<Link> = Vec::new();
        while let Some(field) = next {
            let Some(name) = self.session.text(field, self.at, Purpose::Label) else { break };
            let Some((name, preset)) = presets.get_key_value(&*name) else { break };
            // A circle would have been a fault; still, nothing here may run for ever.
            if chain.iter().any(|link| link.name == *name) {
                break;
            }
            chain.push(Link { name: Arc::clone(name), origin: preset.origin, named: field.origin });
            storeys.push(Storey { giver, chain: chain.clone(), leaves: preset.decl.leaves() });
            next = preset.decl.beneath();
        }
        storeys
    }
}

/// The fields of a video or of the defaults that no preset can give.
fn plain(body: &DefaultsDecl) -> Vec<Leaf<'_>> {
    let mut found = Vec::new();
    found.extend(body.name.as_ref().map(|field| Leaf::of(SpecField::Name, field)));
    found.extend(body.aspect.as_ref().map(|field| Leaf::of(SpecField::Aspect, field)));
    found.extend(body.take.as_ref().map(|field| Leaf::of(SpecField::Take, field)));
    found
}

fn given(field: SpecField, origin: Origin) -> FieldHistory {
    FieldHistory {
        field,
        giver: Giver::Video,
        origin: Some(origin),
        chain: Vec::new(),
        template: None,
        uses: Vec::new(),
        script: None,
    }
}
