//! Builds the spec of one instance: reads and checks every row of the table that is in effect.

use super::layers::{Cell, LayerSource, MergedFields};
use super::presets::PresetResolvers;
use super::session::{Instance, Session};
use crate::diagnostic::{Code, Diagnostic};
use crate::fields::{FieldRow, Missing, RowId, RowSet, Table, Value};
use crate::manifest::{Decl, Incomplete, ScriptDecl, VideoDecl, VideoFields};
use crate::spec::{Given, Spec, ValueSource};

/// Builds the spec of one instance.
pub(super) struct SpecBuilder<'a, 'm, 'w> {
    pub session: &'a mut Session<'m, 'w>,
    pub at: &'a Instance,
    pub video: &'m VideoDecl,
    /// The fields in effect after all layers.
    pub merged: MergedFields<'m>,
    /// The spoken script, if it overrides the text of the voice.
    pub script: Option<&'m ScriptDecl>,
    /// Groups with a reported error. A field that is absent in them may have been rejected.
    incomplete: RowSet,
    /// Rows without a value, because an error was reported.
    failed: RowSet,
}

/// Returns the spec of an instance. Returns `None` if an error was reported. Leaves the provenance and the fields in
/// effect in the session.
pub(super) fn build<'m>(
    session: &mut Session<'m, '_>,
    presets: &PresetResolvers<'m>,
    (video, defaults): (&'m VideoDecl, &'m VideoFields),
    at: &Instance,
) -> Option<Spec> {
    let before = session.faults.raised();
    session.layers.clear();
    session.given.clear();
    session.script = None;
    let mut merged = session.merged.take().unwrap_or_else(|| MergedFields::new(session.table));
    merged.clear();
    let (incomplete, failed) = (RowSet::default(), RowSet::default());
    let mut builder = SpecBuilder { session, at, video, merged, script: None, incomplete, failed };
    builder.merge_layers(presets, defaults);
    builder.override_text(defaults);
    let spec = builder.spec();
    let SpecBuilder { session, merged, .. } = builder;
    session.merged = Some(merged);
    spec.filter(|_| session.faults.raised() == before)
}

impl<'m> SpecBuilder<'_, 'm, '_> {
    fn table(&self) -> &'static Table {
        self.session.table
    }

    /// Merges `defaults`, the parts of the video, and the video's own fields, in this order. `defaults` provides a part
    /// only if the video has none. If the video is of another kind, rival parts of `defaults` are ignored unread.
    fn merge_layers(&mut self, presets: &PresetResolvers<'m>, defaults: &'m VideoFields) {
        let table = self.table();
        let fields = &self.video.fields;
        // An invalid field in `defaults` must not look as if it had never been written.
        let partly = self.session.faults.incomplete(&Incomplete::Defaults);
        if partly {
            self.session.faults.silent();
        }
        if let Some(own) = &defaults.own {
            self.merged.merge(table, own, LayerSource::Own(ValueSource::Defaults));
        }
        let own_rows = fields.own.as_deref().map(Decl::rows).unwrap_or_default();
        let named = own_rows.iter().chain(fields.parts.iter().map(|(group, _)| *group));
        let replaced = named.fold(RowSet::default(), |rows, row| rows.or(table[row].rivals));
        for group in presets.iter().filter(|presets| !replaced.contains(presets.group)) {
            let row = group.group;
            let own = fields.part(row);
            let speaks = self.session.rows.speech.is_some_and(|speech| table[row].descendants.contains(speech));
            if partly && (own.is_none() || speaks && fields.script.is_none()) {
                self.incomplete = self.incomplete.with(row);
            }
            let own = own.map(|decl| (decl, ValueSource::Video));
            let decl = own.or_else(|| defaults.part(row).map(|decl| (decl, ValueSource::Defaults)));
            let Some((decl, source)) = decl else { continue };
            match group.merge(decl, source, (self.session, self.at), &mut self.merged) {
                None => self.failed = self.failed.with(row).or(table[row].descendants),
                Some(true) => {
                    // A video with unknown fields is not the intended one.
                    self.incomplete = self.incomplete.with(row);
                    self.session.faults.silent();
                }
                Some(false) => {}
            }
        }
        if let Some(own) = &fields.own {
            self.merged.merge(table, own, LayerSource::Own(ValueSource::Video));
        }
    }

    /// Reads every field in effect. Continues after errors, to report all of them.
    fn spec(&mut self) -> Option<Spec> {
        let table = self.table();
        let rows = table.kind(self.merged.present).rows;
        let mut values: Vec<(RowId, Value)> = Vec::with_capacity(self.merged.present.count());
        let name = self.session.rows.name.filter(|row| !self.merged.present.contains(*row));
        values.extend(name.zip(self.at.key.clone()).map(|(row, key)| (row, Value::Text(key))));
        for row in self.merged.present.and(table.fields).and(rows).without(self.failed) {
            let Some(Cell { field: Some(field), origin, layer }) = self.merged.get(row).copied() else { continue };
            if let LayerSource::Own(source) = layer {
                self.session.given.push(Given { field: row.into(), source, origin });
            }
            match self.value(row, field) {
                Some(value) => values.push((row, value)),
                None => self.failed = self.failed.with(row),
            }
        }
        self.check_conditions(rows, &values);
        for missing in table.missing_in(self.merged.present, rows.without(self.failed)) {
            self.report_missing(missing);
        }
        let groups = self.merged.present.without(table.fields);
        self.failed.is_empty().then(|| Spec::new(table, groups, values))
    }

    /// Reports fields that do not apply, because another field does not have the required value.
    fn check_conditions(&mut self, rows: RowSet, values: &[(RowId, Value)]) {
        let table = self.table();
        for row in self.merged.present.and(table.conditional).and(rows) {
            let Some(FieldRow { condition: Some((other, word)), .. }) = table[row].field() else { continue };
            let Some(Cell { field: Some(field), .. }) = self.merged.get(row) else { continue };
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
            self.session.faults.silent();
        } else {
            self.session.faults.declared(error);
        }
    }

    fn report_missing(&mut self, missing: Missing) {
        let table = self.table();
        let (key, place) = (&self.video.key, self.video.key_origin);
        let (Missing::Group(id) | Missing::Field(id) | Missing::Choice(id) | Missing::SingleChoice(id)) = missing;
        let row = &table[id];
        let path = row.path;
        let root_code = if path == "voice" { Code::MissingVoice } else { Code::MissingField };
        let error = match missing {
            Missing::Group(_) => Diagnostic::new(root_code, format!("video `{key}` has no {path}"), place)
                .help(format!("give it `{path}`, or `defaults` one")),
            Missing::Field(_) if self.session.rows.speech == Some(id) => {
                Diagnostic::new(Code::MissingText, format!("video `{key}` has nothing to say"), place)
                    .help("give it `script`")
            }
            Missing::Field(_) => Diagnostic::new(Code::MissingField, format!("video `{key}` has no `{path}`"), place),
            Missing::Choice(_) | Missing::SingleChoice(_) => {
                let choice = row.group().map(|group| group.choice).unwrap_or_default();
                let keys: Vec<String> = choice.iter().map(|member| format!("`{}`", table[member].key)).collect();
                if row.parent.is_none() {
                    let message = format!("video `{key}` has a {path} without a mode");
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
