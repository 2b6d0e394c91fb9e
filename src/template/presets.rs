//! Presets by name, each chain of `use` followed once, without recursion.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::fault::Faults;
use super::parts::{Layer, TextField};
use super::session::{Instance, Purpose, Session};
use super::undefined::listing;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::manifest::{Choice, Expr, Manifest, Preset};
use crate::source::Origin;

/// The most presets of a circle that are named.
const LISTED: usize = 8;

/// What is known of a preset.
#[derive(Clone, Debug)]
enum Shelf<P> {
    /// All its layers.
    Parts(Laid<P>),
    /// A fault of it was told.
    Broken,
    /// A template stands somewhere in its chain: followed in each instance.
    Dynamic,
}

/// Layers laid over one another.
#[derive(Clone, Debug, Default)]
pub(super) struct Laid<P> {
    pub parts: P,
    /// Whether a layer has a fault that was told: what is absent may only have been refused.
    pub incomplete: bool,
}

/// All presets of one kind.
pub(super) struct Presets<'m, D: Layer> {
    declared: &'m BTreeMap<Arc<str>, Preset<D>>,
    known: HashMap<&'m str, Shelf<D::Parts<'m>>>,
    watched: Option<Watched<'m>>,
}

/// A preset whose use is watched.
struct Watched<'m> {
    /// It, and the presets that lie over it by names that are no templates.
    through: HashSet<&'m str>,
    /// Whether a chain went through it since this was last asked.
    used: Cell<bool>,
}

impl<'m, D: Layer + 'm> Presets<'m, D> {
    /// Follows every chain, used or not; faults are told here, once.
    pub(super) fn new(manifest: &'m Manifest, faults: &mut Faults<'_>) -> Self {
        let declared = D::presets(manifest);
        let mut presets = Self { declared, known: HashMap::with_capacity(declared.len()), watched: None };
        for name in declared.keys() {
            presets.follow(name, faults);
        }
        presets
    }

    /// From now on notes whether a choice goes through this preset.
    pub(super) fn watch(&mut self, name: &str) {
        let over = |first: &&'m str| {
            let mut seen = HashSet::new();
            let mut next = Some(*first);
            while let Some(here) = next.filter(|here| seen.insert(*here)) {
                if here == name {
                    return true;
                }
                next = match self.declared.get(here).and_then(|preset| preset.decl.beneath()).map(|field| &field.value)
                {
                    Some(Expr::Literal(target)) => Some(&**target),
                    Some(Expr::Template(_)) | None => None,
                };
            }
            false
        };
        let through = self.declared.keys().map(|name| &**name).filter(over).collect();
        self.watched = Some(Watched { through, used: Cell::new(false) });
    }

    /// Whether a choice went through the watched preset since this was last asked.
    pub(super) fn take_used(&self) -> bool {
        self.watched.as_ref().is_some_and(|watched| watched.used.take())
    }

    fn follow(&mut self, first: &'m str, faults: &mut Faults<'_>) {
        let declared = self.declared;
        let mut path: Vec<(&'m str, &'m D)> = Vec::new();
        let mut on_path: HashMap<&'m str, usize> = HashMap::new();
        let mut next = first;
        let mut below = loop {
            if let Some(known) = self.known.get(next) {
                break known.clone();
            }
            if let Some(start) = on_path.get(next) {
                faults.declared(circle::<D>(&path[*start..]));
                break Shelf::Broken;
            }
            let Some((name, preset)) = declared.get_key_value(next) else { break Shelf::Broken };
            on_path.insert(name, path.len());
            path.push((name, &preset.decl));
            let Some(field) = preset.decl.beneath() else { break Shelf::Parts(Laid::default()) };
            match &field.value {
                Expr::Template(_) => break Shelf::Dynamic,
                Expr::Literal(target) if declared.contains_key(&**target) => next = target,
                Expr::Literal(target) => {
                    self.unknown(target, field.origin, faults, None);
                    break Shelf::Broken;
                }
            }
        };
        for (name, decl) in path.into_iter().rev() {
            let incomplete = faults.incomplete(&D::incomplete(name.into()));
            if let Shelf::Parts(below) = &mut below {
                decl.lay(&mut below.parts);
                below.incomplete |= incomplete;
            }
            self.known.insert(name, below.clone());
        }
    }

    fn unknown(&self, name: &str, origin: Origin, faults: &mut Faults<'_>, at: Option<&Instance>) {
        if faults.may_be_lost(&D::incomplete(name.into())) {
            faults.silent();
            return;
        }
        let shown = super::key::shown(name);
        let fault = Diagnostic::new(Code::UnknownPreset, format!("there is no {} preset `{shown}`", D::WORD), origin);
        let fault = match nearest(name, self.declared.keys().map(|known| &**known)) {
            Some(meant) => fault.label(format!("did you mean `{meant}`?")),
            None if self.declared.is_empty() => fault.help(format!("declare it under `{}s`", D::WORD)),
            None => {
                let known = listing(self.declared.keys().map(|known| &**known));
                fault.help(format!("the {} presets are {known}", D::WORD))
            }
        };
        match at {
            Some(at) => faults.instance(fault, at.key.as_ref(), at.row.as_ref()),
            None => faults.declared(fault),
        }
    }

    /// All layers of a video's choice; nothing when a fault was told.
    pub(super) fn choose(
        &self,
        choice: &'m Choice<D>,
        session: &mut Session<'_, '_>,
        at: &Instance,
    ) -> Option<Laid<D::Parts<'m>>> {
        match choice {
            Choice::Named(field) => self.named(field, session, at),
            Choice::Object(decl) => {
                let mut laid = match decl.beneath() {
                    Some(field) => self.named(field, session, at)?,
                    None => Laid::default(),
                };
                decl.lay(&mut laid.parts);
                Some(laid)
            }
        }
    }

    /// The preset that a field names, with all that is beneath it.
    fn named(&self, field: &'m TextField, session: &mut Session<'_, '_>, at: &Instance) -> Option<Laid<D::Parts<'m>>> {
        let mut layers: Vec<(&'m str, &'m D)> = Vec::new();
        let mut seen = HashSet::new();
        let mut field = field;
        let mut laid = loop {
            let templated = matches!(field.value, Expr::Template(_)).then_some(at);
            let name = session.text(field, at, Purpose::Content)?;
            let Some((name, preset)) = self.declared.get_key_value(&*name) else {
                self.unknown(&name, field.origin, &mut session.faults, templated);
                return None;
            };
            if let Some(watched) = self.watched.as_ref().filter(|watched| watched.through.contains(&**name)) {
                watched.used.set(true);
            }
            match &self.known[&**name] {
                Shelf::Parts(laid) => break laid.clone(),
                Shelf::Broken => {
                    session.faults.silent();
                    return None;
                }
                Shelf::Dynamic if seen.insert(name) => layers.push((name, &preset.decl)),
                Shelf::Dynamic => {
                    let start = layers.iter().position(|(known, _)| *known == &**name).unwrap_or_default();
                    let fault = circle::<D>(&layers[start..]);
                    session.faults.instance(fault, at.key.as_ref(), at.row.as_ref());
                    return None;
                }
            }
            // A dynamic preset has something beneath it: that is what makes it dynamic.
            let Some(beneath) = preset.decl.beneath() else { break Laid::default() };
            field = beneath;
        };
        for (name, decl) in layers.into_iter().rev() {
            decl.lay(&mut laid.parts);
            laid.incomplete |= session.faults.incomplete(&D::incomplete(name.into()));
        }
        Some(laid)
    }
}

/// The fault of presets that use one another, the first of them in name order.
fn circle<D: Layer>(path: &[(&str, &D)]) -> Diagnostic {
    let mut names: Vec<&str> = path.iter().map(|(name, _)| *name).collect();
    let least = names.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(place, _)| place);
    names.rotate_left(least);
    let fields: Vec<_> = path.iter().filter_map(|(_, decl)| decl.beneath()).map(|field| field.origin).collect();
    let listed = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(" → ");
    let words = match names.len().checked_sub(LISTED) {
        Some(more) if more > 0 => format!("{listed} → {more} more"),
        _ => listed,
    };
    let first = names.first().copied().unwrap_or_default();
    let message = format!("{} presets use one another in a circle: `{words} → {first}`", D::WORD);
    let mut fault = match fields.get(least) {
        Some(origin) => Diagnostic::new(Code::PresetCircle, message, *origin),
        None => Diagnostic::bare(Code::PresetCircle, message),
    };
    fault = fault.help("one of them must stand without `use`");
    for (place, origin) in fields.iter().enumerate().filter(|(place, _)| *place != least).take(10) {
        fault = fault.also(*origin, format!("`{}` uses the next", path[place].0));
    }
    fault
}
