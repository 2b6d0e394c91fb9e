//! The scenes of a vendor template: each has a voice, which is read like that of a separate video.

use super::layers::{LayerSource, LayeredField, MergedFields};
use super::spec_builder::{Scene, SpecBuilder};
use crate::diagnostic::{Code, Diagnostic};
use crate::fields::{List, NOT_IN_SCENE, Record, RowId, RowSet, Value};
use crate::manifest::{InvalidDecl, SceneDecl};
use crate::source::{Origin, quoted};
use crate::spec::ValueSource;
use crate::spec::key;

impl<'m> SpecBuilder<'_, 'm, '_> {
    /// Adds the scenes to a video of their kind, and reports what excludes them.
    pub(super) fn merge_scenes(&mut self) {
        let table = self.table();
        let Some(list) = table.lists.iter().next() else { return };
        let fields = &self.video.fields;
        let has_list = self.kind_rows().contains(list);
        if let (true, Some(script)) = (has_list, &fields.script) {
            let message = format!("video `{}` has a `script`, but a vendor template", self.video.key);
            let error = Diagnostic::new(Code::ExclusiveFields, message, script.field().key_origin);
            let template = table[list].parent.and_then(|group| self.merged.get(group));
            let error =
                template.iter().fold(error, |error, cell| error.with_secondary(cell.origin, "the template is here"));
            self.context.errors.report_in_declaration(error.help("each scene has its own `script`, under `scenes`"));
        }
        let Some(scenes) = &fields.scenes else { return };
        if has_list {
            let layer = LayerSource::Own(ValueSource::Video);
            self.merged.put(table, list, LayeredField { field: None, origin: scenes.key_origin, layer });
            return;
        }
        let message = format!("video `{}` has `scenes`, but no vendor template", self.video.key);
        let error = Diagnostic::new(Code::MissingField, message, scenes.key_origin);
        self.report_absence(list, error.help("name it: `template: NAME`, or `template: { id: 4711 }`"));
        // The video is not the avatar video that it looks like without its template.
        self.incomplete = table.members(None).iter().copied().collect();
    }

    /// Compares the number of scenes with that of the template, if it is declared.
    pub(super) fn check_scene_count(&mut self) {
        let Some(row) = self.table().row_of(key::SCENE_COUNT) else { return };
        let Some(LayeredField { field: Some(field), origin, .. }) = self.merged.get(row).copied() else { return };
        let (Some(Value::Integer(count)), Some(scenes)) = (self.value(row, field), &self.video.fields.scenes) else {
            return;
        };
        let found = scenes.scenes.len();
        if i64::try_from(found) != Ok(count) {
            let plural = if found == 1 { "" } else { "s" };
            let message = format!("video `{}` has {found} scene{plural}, but its template has {count}", self.video.key);
            let error = Diagnostic::new(Code::SceneCount, message, scenes.key_origin)
                .with_secondary(origin, "the number of scenes is declared here")
                .help("each scene of the template needs a voice: `{ voice: { silence: {} } }` says nothing");
            self.context.report_value_error(field, self.at, error);
        }
    }

    /// Returns the records of all scenes; `None` if an error was reported.
    pub(super) fn scene_records(&mut self, row: RowId, list: &List) -> Option<Value> {
        let table = self.table();
        let scenes = self.video.fields.scenes.as_deref()?;
        let (group, rows) = table.item_rows(list);
        let mut records = Vec::with_capacity(scenes.scenes.len());
        for (index, decl) in scenes.scenes.iter().enumerate() {
            let mut builder = SpecBuilder {
                context: &mut *self.context,
                presets: self.presets,
                at: self.at,
                video: self.video,
                defaults: self.defaults,
                scene: Some(Scene { item: (row, index as u16), origin: decl.origin }),
                merged: MergedFields::new(table),
                script: None,
                incomplete: RowSet::default(),
                failed: RowSet::default(),
            };
            records.extend(builder.scene_record(decl, group, rows.with(group)));
            let SpecBuilder { merged, .. } = builder;
            let script = self.context.script.take();
            self.context.scenes.push((merged, script));
        }
        (records.len() == scenes.scenes.len()).then(|| Value::Items(records.into()))
    }

    fn scene_record(&mut self, decl: &'m SceneDecl, group: RowId, rows: RowSet) -> Option<Record> {
        let table = self.table();
        let fields = &self.video.fields;
        let own = decl.voice.as_ref().or_else(|| fields.part(group)).map(|voice| (voice, ValueSource::Video));
        let voice = own.or_else(|| self.defaults.part(group).map(|voice| (voice, ValueSource::Defaults)));
        if own.is_none() && self.context.errors.is_invalid(&InvalidDecl::Defaults) {
            self.incomplete = self.incomplete.with(group);
        }
        let presets = self.presets.iter().find(|presets| presets.group == group)?;
        if let Some((voice, source)) = voice {
            self.merge_part(presets, voice, source);
        }
        if let Some(script) = &decl.script {
            self.speak(script, ValueSource::Video);
        }
        self.leave_out(rows);
        let (groups, values) = self.values(rows)?;
        Some(table.record(groups, values))
    }

    /// Leaves out what scenes lack. Only a preset or `defaults` may set it, because they serve other videos, too.
    fn leave_out(&mut self, rows: RowSet) {
        let table = self.table();
        let extra = self.merged.present.and(table.fields).without(rows);
        let mut warned: Vec<(String, Origin, Vec<&str>)> = Vec::new();
        for row in extra.iter() {
            let Some(LayeredField { field: Some(field), layer, .. }) = self.merged.get(row).copied() else { continue };
            let (path, key) = (table[row].path, table[row].key);
            let owner = match layer {
                LayerSource::Own(ValueSource::Defaults) => "`defaults`".to_owned(),
                LayerSource::Own(_) => {
                    let message = format!("`{path}` is given, but the scenes of a vendor template do not have it");
                    let error = Diagnostic::new(Code::NotInScene, message, field.key_origin).error();
                    self.context.errors.report_in_declaration(error.help(NOT_IN_SCENE));
                    continue;
                }
                LayerSource::Preset(depth) => {
                    // The layer of this scene was added last.
                    let links = self.context.layers.last().map(|layer| layer.preset.chain(layer.named_at));
                    let name = links.and_then(|mut links| links.nth(depth as usize)).map(|link| link.name.to_string());
                    format!("the {} preset `{}`", table[table.root(row)].key, name.unwrap_or_default())
                }
            };
            match warned.iter_mut().find(|(known, ..)| *known == owner) {
                Some((_, _, keys)) => keys.push(key),
                None => warned.push((owner, field.key_origin, vec![key])),
            }
        }
        for (owner, origin, keys) in warned {
            let message = format!("{owner} sets {}, which a scene of a vendor template cannot set", quoted(keys));
            let warning = Diagnostic::new(Code::NotInScene, message, origin);
            self.context.errors.warn(warning.help("the scenes leave it out; the vendor template determines it"));
        }
        self.merged.present = self.merged.present.without(extra);
    }
}
