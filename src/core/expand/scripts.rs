//! Values of fields in an instance: literals, templates, scripts and local files.

use std::sync::Arc;

use super::context::TemplatePurpose;
use super::files::FileError;
use super::layers::{LayerSource, LayeredField};
use super::spec_builder::SpecBuilder;
use super::template_source::TemplateSource;
use crate::diagnostic::{Code, Diagnostic};
use crate::fields::{LiteralOrTemplate as Form, LocalFile, MediaKind, RowId, Type, Value, ValueError};
use crate::manifest::{Expr, Field, ScriptDecl, normalize_speech};
use crate::media::limits_exceeded;
use crate::spec::key;
use crate::spec::{ValueSource, expiry, without_signature};

impl<'m> SpecBuilder<'_, 'm, '_> {
    /// Chooses the effective text, by precedence: the video's `script`, the text of its voice, the script of
    /// `defaults`, the text of a preset.
    ///
    /// In a video with scenes, each scene has its own script.
    pub(super) fn override_text(&mut self) {
        let (fields, defaults) = (&self.video.fields, self.defaults);
        let Some(speech) = self.context.table.row_of(key::SPEECH) else { return };
        if !self.kind_rows().contains(speech) {
            return;
        }
        let speaks = self.speaks(speech);
        let own_text = fields.parts.iter().any(|(_, decl)| decl.get(speech).is_some());
        let (script, source) = match (&fields.script, &defaults.script) {
            (Some(script), _) => (script, ValueSource::Video),
            (None, Some(script)) if !own_text && speaks => (script, ValueSource::Defaults),
            (None, _) => return,
        };
        self.speak(script, source);
    }

    fn speaks(&self, speech: RowId) -> bool {
        self.context.table[speech].parent.is_some_and(|group| self.merged.present.contains(group))
    }

    /// Makes a script the text of the voice.
    pub(super) fn speak(&mut self, script: &'m ScriptDecl, source: ValueSource) {
        let table = self.context.table;
        let Some(speech) = self.context.table.row_of(key::SPEECH) else { return };
        let field = script.field();
        if self.speaks(speech) {
            self.script = Some(script);
            let layer = LayerSource::Own(source);
            self.merged.put(table, speech, LayeredField { field: Some(field), origin: field.origin, layer });
            return;
        }
        let choice = table[table.root(speech)].group().map(|group| group.choice).unwrap_or_default();
        // Without a mode, the voice itself is missing.
        let Some(mode) = choice.and(self.merged.present).iter().next() else { return };
        let message = format!("{} has a `script`, but its voice is `{}`", self.owner().0, table[mode].key);
        let error = Diagnostic::new(Code::ScriptWithoutSpeech, message, field.key_origin);
        self.report_absence(speech, error.help("only a `tts` voice speaks a script"));
    }

    /// Returns the value of a field. Returns `None` if an error was reported.
    pub(super) fn value(&mut self, row: RowId, field: &'m Field) -> Option<Value> {
        let ty = self.context.table.ty(row)?;
        let script = self.script.filter(|_| self.context.table.row_of(key::SPEECH) == Some(row));
        let value = match (script, &field.value) {
            (Some(ScriptDecl::File(path)), _) => return self.script_file(ty, row, path),
            (_, Expr::Literal(value)) => value.clone(),
            (_, Expr::Template(_)) => {
                let text = self.text(ty, field)?;
                if let Some(template) = field.template().filter(|_| ty.is_text()) {
                    let site = TemplateSource::Scalar { text: template, origin: field.origin, normalized: false };
                    self.context.check_numbers(&template.text, site, &text, self.at);
                }
                match ty.parse(&text) {
                    Ok(value) => value,
                    Err(error) => return self.report_value(&error, (ty, row), text.trim(), field),
                }
            }
            (_, Expr::Rejected) => {
                self.context.errors.count_only();
                return None;
            }
        };
        let value = match (ty, value) {
            (Type::File(kinds), Value::Text(path)) => Value::File(self.local_file(row, kinds, &path, field)?),
            (_, value) => value,
        };
        self.warn_about_value(row, field, &value)?;
        Some(value)
    }

    /// Renders the template of a field.
    fn text(&mut self, ty: &Type, field: &Field) -> Option<String> {
        let text = field.template()?;
        match ty {
            Type::Speech => {
                let normal = normalize_speech(&text.text);
                let site = TemplateSource::Scalar { text, origin: field.origin, normalized: true };
                self.context.render(&normal, site, self.at, TemplatePurpose::Content)
            }
            Type::Label => self.context.template(text, field.origin, self.at, TemplatePurpose::Label),
            _ => self.context.template(text, field.origin, self.at, TemplatePurpose::Content),
        }
    }

    fn report_value<T>(
        &mut self,
        error: &ValueError,
        (ty, row): (&Type, RowId),
        text: &str,
        field: &Field,
    ) -> Option<T> {
        let path = self.context.table[row].path;
        let mut error = error.diagnostic(ty, path, text, Form::Template, field.origin);
        error.alias = field.template().and_then(|text| text.alias_origin(field.origin));
        self.context.errors.report_in_instance(error, self.at);
        None
    }

    fn script_file(&mut self, ty: &Type, row: RowId, path: &'m Field) -> Option<Value> {
        let name = self.context.text(path, self.at, TemplatePurpose::Content)?;
        let context = &mut *self.context;
        let real = context.files.find(path.origin.file, &name, context.sources);
        let script = match real.and_then(|real| context.files.script(real, context.sources)) {
            Ok(script) => script,
            Err(refused) => return self.reject(path, refused),
        };
        context.script = Some(script.clone());
        if let Some(origin) = script.leftover {
            let message = "a part of a merge conflict is left, and its markers are spoken";
            let warning = Diagnostic::new(Code::SuspiciousValue, message, origin);
            let help = "remove the lines that begin with `<<<<<<<`, `=======` or `>>>>>>>`, and the text of one side";
            context.errors.warn(warning.help(help));
        }
        let text = if script.template {
            let site = TemplateSource::File(script.file, script.text.len());
            let text = self.context.render(&script.text, site, self.at, TemplatePurpose::Content)?;
            self.context.check_numbers(&script.text, site, &text, self.at);
            text.into()
        } else {
            Arc::clone(&script.text)
        };
        match ty.check(Value::Text(text)) {
            Ok(value) => {
                if let Value::Text(text) = &value {
                    self.check_speech(text, path, Some(&script))?;
                }
                Some(value)
            }
            Err(error @ ValueError::Rule { code: Code::NulByte, .. }) if script.control_character().is_some() => {
                let place = script.control_character().unwrap_or(path.origin);
                let path = self.context.table[row].path;
                self.context.errors.report_in_declaration(error.diagnostic(ty, path, "", Form::Literal, place));
                None
            }
            Err(error) => self.report_value(&error, (ty, row), "", path),
        }
    }

    fn local_file(
        &mut self,
        row: RowId,
        kinds: &'static [MediaKind],
        path: &str,
        field: &Field,
    ) -> Option<Arc<LocalFile>> {
        let context = &mut *self.context;
        let real = context.files.find(field.origin.file, path, context.sources);
        match real.and_then(|real| context.files.media(real, kinds)) {
            Ok(found) if kinds.contains(&found.kind) => {
                self.warn_of_limits(field, &found);
                Some(found)
            }
            Ok(found) => {
                let table = context.table;
                let group = table[row].parent.map_or(table[row].path, |group| table[group].path);
                let wanted: Vec<&str> = kinds.iter().map(|kind| kind.with_article()).collect();
                let (kind, wanted) = (found.kind.with_article(), wanted.join(" or "));
                let message = format!("`{}` is {kind}, but `{group}` needs {wanted}", found.name);
                self.reject(field, FileError::new(Code::BadMedia, message))
            }
            Err(refused) => self.reject(field, refused),
        }
    }

    fn reject<T>(&mut self, field: &Field, refused: FileError) -> Option<T> {
        let diagnostic = Diagnostic::new(refused.code, refused.message, refused.place.unwrap_or(field.origin));
        let diagnostic = diagnostic.did_you_mean(refused.similar.as_deref());
        let diagnostic = match refused.help {
            Some(help) => diagnostic.help(help),
            None if refused.code == Code::BadPath => {
                diagnostic.help("a path is relative to the file that names it and stays in the project")
            }
            None => diagnostic,
        };
        if refused.place.is_some() {
            self.context.errors.report_in_declaration(diagnostic);
        } else {
            self.context.report_value_error(field, self.at, diagnostic);
        }
        None
    }

    /// Warns of a file that the vendor's limits page does not list.
    fn warn_of_limits(&mut self, field: &Field, file: &LocalFile) {
        if let Some(message) = limits_exceeded(file) {
            let help = "the vendor may fail to render the video; convert the file, or allow it with `allow`";
            self.warn(Code::MediaBeyondLimits, message, help, field);
        }
    }

    /// Warns of a presigned URL that expires before the vendor fetches it.
    pub(super) fn warn_of_expiry(&mut self, field: &Field, url: &str) {
        let Some(expires) = expiry(url) else { return };
        let now = self.context.now;
        let left = expires.duration_since(now);
        let shown = without_signature(url);
        let message = if expires <= now {
            format!("the presigned URL `{shown}` expired at `{expires}`")
        } else if left <= jiff::SignedDuration::from_hours(1) {
            format!("the presigned URL `{shown}` expires at `{expires}`, within the hour")
        } else {
            return;
        };
        self.warn(Code::ExpiredUrl, message, "sign it again, or name a local file with `path`", field);
    }
}
