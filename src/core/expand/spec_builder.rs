//! Builds the spec of one instance: reads and checks every row of the table that is in effect.

use super::context::ExpansionContext;
use super::layers::{LayerSource, LayeredField, MergedFields};
use super::presets::PresetResolver;
use super::scope::Instance;
use crate::diagnostic::{Code, Diagnostic};
use crate::fields::{FieldPath, FieldRow, Missing, RowId, RowSet, Table, Type, Value};
use crate::manifest::{Decl, InvalidDecl, ScriptDecl, VideoDecl, VideoFields};
use crate::source::Origin;
use crate::spec::key;
use crate::spec::{OwnValue, Spec, ValueSource};

/// A scene that is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene {
    /// The list, and the index of the scene.
    pub item: (RowId, u16),
    /// The location of its declaration.
    pub origin: Origin,
}

/// Builds the spec of one instance, or the record of one of its scenes.
pub(super) struct SpecBuilder<'a, 'm, 'w> {
    pub context: &'a mut ExpansionContext<'m, 'w>,
    pub presets: &'a [PresetResolver<'m>],
    pub at: &'a Instance,
    pub video: &'m VideoDecl,
    pub defaults: &'m VideoFields,
    /// The scene, or `None` for the video itself.
    pub scene: Option<Scene>,
    /// What holds after all layers.
    pub merged: MergedFields<'m>,
    /// The spoken script, if it overrides the text of the voice.
    pub script: Option<&'m ScriptDecl>,
    /// Groups with an error that was reported: what is absent in them may only have been rejected.
    pub incomplete: RowSet,
    /// Rows without a value, because an error was reported.
    pub failed: RowSet,
}

/// Returns the spec of an instance. Returns `None` if an error was reported. Leaves the provenance and the fields in
/// effect in the session.
pub(super) fn build<'m>(
    context: &mut ExpansionContext<'m, '_>,
    presets: &[PresetResolver<'m>],
    (video, defaults): (&'m VideoDecl, &'m VideoFields),
    at: &Instance,
) -> Option<Spec> {
    let before = context.errors.error_count;
    context.layers.clear();
    context.given.clear();
    context.scenes.clear();
    context.script = None;
    let mut merged = context.merged.take().unwrap_or_else(|| MergedFields::new(context.table));
    merged.clear();
    let (incomplete, failed) = (RowSet::default(), RowSet::default());
    let mut builder =
        SpecBuilder { context, presets, at, video, defaults, scene: None, merged, script: None, incomplete, failed };
    builder.merge_layers();
    builder.override_text();
    let spec = builder.spec();
    let SpecBuilder { context, merged, .. } = builder;
    context.merged = Some(merged);
    spec.filter(|_| context.errors.error_count == before)
}

impl<'m> SpecBuilder<'_, 'm, '_> {
    pub(super) fn table(&self) -> &'static Table {
        self.context.table
    }

    /// Merges `defaults`, which fill in what the video leaves out as complete values, the parts of the video, and the
    /// video's own fields. A root of another kind of video replaces what `defaults` gives, unseen.
    fn merge_layers(&mut self) {
        let table = self.table();
        let (fields, defaults) = (&self.video.fields, self.defaults);
        // What `defaults` lost to an error must not look as if it was never written.
        let partly = self.context.errors.is_invalid(&InvalidDecl::Defaults);
        if partly {
            self.context.errors.count_only();
        }
        if let Some(own) = &defaults.own {
            self.merged.merge(table, own, LayerSource::Own(ValueSource::Defaults));
        }
        let own_rows = fields.own.as_deref().map(Decl::rows).unwrap_or_default();
        let named: RowSet = own_rows.iter().chain(fields.parts.iter().map(|(group, _)| *group)).collect();
        let replaced = named.iter().fold(RowSet::default(), |rows, row| rows.or(table[row].rivals));
        let default_rows: RowSet = defaults.parts.iter().map(|(group, _)| *group).collect();
        let rows = table.kind(named.or(default_rows.without(replaced))).rows;
        for group in self.presets.iter().filter(|presets| rows.contains(presets.group)) {
            let row = group.group;
            let own = fields.part(row);
            let speaks = table.row_of(key::SPEECH).is_some_and(|speech| table[row].descendants.contains(speech));
            if partly && (own.is_none() || speaks && fields.script.is_none()) {
                self.incomplete = self.incomplete.with(row);
            }
            let own = own.map(|decl| (decl, ValueSource::Video));
            let decl = own.or_else(|| defaults.part(row).map(|decl| (decl, ValueSource::Defaults)));
            let Some((decl, source)) = decl else { continue };
            self.merge_part(group, decl, source);
        }
        if let Some(own) = &fields.own {
            self.merged.merge(table, own, LayerSource::Own(ValueSource::Video));
        }
        self.merge_scenes();
    }

    /// Merges the declaration of a group with presets.
    pub(super) fn merge_part(&mut self, group: &PresetResolver<'m>, decl: &'m Decl, source: ValueSource) {
        let owner = (self.scene.map(|scene| scene.item), source);
        match group.merge(decl, owner, (self.context, self.at), &mut self.merged) {
            None => self.failed = self.failed.with(group.group).or(self.table()[group.group].descendants),
            Some(true) => {
                // A video of fields that are not all known is not the one that is meant.
                self.incomplete = self.incomplete.with(group.group);
                self.context.errors.count_only();
            }
            Some(false) => {}
        }
    }

    fn spec(&mut self) -> Option<Spec> {
        let table = self.table();
        let rows = self.kind_rows();
        self.check_scene_count();
        let (groups, values) = self.values(rows)?;
        Some(Spec::new(table, groups, values))
    }

    /// Reads every field that holds, of some rows. Errors do not stop it, so that all of them are reported.
    pub(super) fn values(&mut self, rows: RowSet) -> Option<(RowSet, Vec<(RowId, Value)>)> {
        let table = self.table();
        let mut values: Vec<(RowId, Value)> = Vec::with_capacity(self.merged.present.count());
        let name = table.row_of(key::NAME).filter(|row| rows.contains(*row) && !self.merged.present.contains(*row));
        values.extend(name.zip(self.at.scope().key.clone()).map(|(row, key)| (row, Value::Text(key))));
        for row in self.merged.present.and(table.fields).and(rows).without(self.failed).iter() {
            let value = if let Some(Type::Items(list)) = table.ty(row) {
                self.scene_records(row, list)
            } else {
                let Some(LayeredField { field: Some(field), origin, layer }) = self.merged.get(row).copied() else {
                    continue;
                };
                if let LayerSource::Own(source) = layer {
                    let field = FieldPath { row, item: self.scene.map(|scene| scene.item) };
                    self.context.given.push(OwnValue { field, source, origin });
                }
                self.value(row, field)
            };
            match value {
                Some(value) => values.push((row, value)),
                None => self.failed = self.failed.with(row),
            }
        }
        self.check_conditions(rows, &values);
        for missing in table.missing(self.merged.present, rows.without(self.failed)) {
            self.report_missing(missing);
        }
        let groups = self.merged.present.and(rows).without(table.fields);
        self.failed.is_empty().then_some((groups, values))
    }

    /// Reports fields that do not apply, because another field does not have the required value.
    fn check_conditions(&mut self, rows: RowSet, values: &[(RowId, Value)]) {
        let table = self.table();
        for row in self.merged.present.and(table.conditional).and(rows).iter() {
            let Some(FieldRow { condition: Some((other, word)), .. }) = table[row].field() else { continue };
            let Some(LayeredField { field: Some(field), .. }) = self.merged.get(row) else { continue };
            let given = values.iter().find(|(known, _)| known == other).map(|(_, value)| value);
            let value = given.or_else(|| table[*other].field()?.default.as_ref());
            if value == Some(word) || self.failed.contains(*other) {
                continue;
            }
            let ty = table.ty(*other);
            let text = |value: Option<&Value>| {
                let json = ty.zip(value).map(|(ty, value)| ty.to_json(value)).unwrap_or_default();
                json.as_str().unwrap_or_default().to_owned()
            };
            let (path, needed) = (table[row].path, table[*other].path);
            let message = format!("`{path}` is given, but `{needed}` is `{}`", text(value));
            let help = format!("it needs `{}: {}`; otherwise remove it", table[*other].key, text(Some(word)));
            let error = Diagnostic::new(Code::CircleWithoutRound, message, field.key_origin).help(help);
            self.report_absence(row, error);
        }
    }

    /// Reports an error about something absent, unless it is absent only because it was rejected.
    pub(super) fn report_absence(&mut self, row: RowId, error: Diagnostic) {
        if self.incomplete.contains(self.table().root(row)) {
            self.context.errors.count_only();
        } else {
            self.context.errors.report_in_declaration(error);
        }
    }

    /// Returns the rows of the video's kind. A group with an error determines it, too.
    pub(super) fn kind_rows(&self) -> RowSet {
        self.table().kind(self.merged.present.or(self.failed)).rows
    }

    /// Returns the name of what is built, and where it is declared.
    pub(super) fn owner(&self) -> (String, Origin) {
        let video = format!("video `{}`", self.video.key);
        match self.scene {
            Some(Scene { item: (_, index), origin }) => (format!("scene {} of {video}", index + 1), origin),
            None => (video, self.video.key_origin),
        }
    }

    fn report_missing(&mut self, missing: Missing) {
        let table = self.table();
        let (owner, place) = self.owner();
        let (Missing::Group(id) | Missing::Field(id) | Missing::Choice(id) | Missing::SingleChoice(id)) = missing;
        let row = &table[id];
        let path = table.declared_path(id);
        let root_code = if path == "voice" { Code::MissingVoice } else { Code::MissingField };
        let error = match missing {
            Missing::Group(_) => {
                let others = if self.scene.is_some() { "the video or `defaults`" } else { "`defaults`" };
                Diagnostic::new(root_code, format!("{owner} has no {path}"), place)
                    .help(format!("give it `{path}`, or {others} one"))
            }
            Missing::Field(_) if table.row_of(key::SPEECH) == Some(id) => {
                Diagnostic::new(Code::MissingText, format!("{owner} has nothing to say"), place)
                    .help("give it `script`")
            }
            Missing::Field(_) => Diagnostic::new(Code::MissingField, format!("{owner} has no `{path}`"), place),
            Missing::Choice(_) | Missing::SingleChoice(_) => {
                let choice = row.group().map(|group| group.choice).unwrap_or_default();
                let keys: Vec<String> = choice.iter().map(|member| format!("`{}`", table[member].key)).collect();
                if row.parent.is_none() {
                    let message = format!("{owner} has a {path} without a mode");
                    let help = format!("give the {path} one of {}", keys.join(", "));
                    Diagnostic::new(root_code, message, place).help(help)
                } else {
                    let origin = self.merged.get(id).map_or(place, |cell| cell.origin);
                    let message = format!("`{path}` has neither {}", keys.join(" nor "));
                    Diagnostic::new(Code::MissingField, message, origin)
                }
            }
        };
        self.report_absence(id, error);
    }
}
