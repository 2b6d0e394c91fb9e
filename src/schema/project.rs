//! Generates the schema of one project: the published one with the project's own names.

use serde_json::{Map, Value, json};

use super::catalog_ids::{CatalogEntry, listed_numbers, offer_emotions, offer_ids};
use super::check::SCHEMA;
use super::template_names::{TemplateNames, add_template_names};
use crate::manifest::pattern;

/// Maximum number of names in the choice that an accepted key offers.
const MAX_CHOICES: usize = 50;

/// Returns the schema of a project with these names.
///
/// It accepts the same manifests as the published schema, except for references to presets that the project does not
/// have.
pub fn project_schema(names: &ProjectNames) -> Value {
    let mut schema = SCHEMA.clone();
    // No address serves a project's schema.
    if let Some(map) = schema.as_object_mut() {
        map.shift_remove("$id");
    }
    presets(&mut schema, "avatar", "Avatar", &names.avatars);
    presets(&mut schema, "voice", "Voice", &names.voices);
    presets(&mut schema, "background", "Background", &names.backgrounds);
    presets(&mut schema, "template", "Template", &names.templates);
    add_template_names(&mut schema, &names.template_words);
    offer_ids(&mut schema, "/definitions/Avatar/properties/id", &names.listed_avatars);
    offer_ids(&mut schema, "/definitions/Tts/properties/id", &names.listed_voices);
    offer_ids(&mut schema, "/definitions/SceneTts/properties/id", &names.listed_voices);
    listed_numbers(&mut schema, "/definitions/Template/properties/id", &names.listed_templates);
    offer_emotions(&mut schema, &names.listed_voices);
    schema
}

/// Accepts only the project's presets as preset names of a kind. Without presets, accepts any name.
fn presets(schema: &mut Value, field: &str, kind: &str, presets: &[PresetName]) {
    if presets.is_empty() {
        return;
    }
    let list = format!("{kind}Preset");
    let plain: Vec<String> = presets.iter().map(|one| one.summary.replace('`', "")).collect();
    let known = json!({
        "title": format!("{field} preset"),
        "type": "string",
        "enum": presets.iter().map(|one| &one.name).collect::<Vec<_>>(),
        "enumDescriptions": plain,
        "markdownEnumDescriptions": presets.iter().map(|one| &one.summary).collect::<Vec<_>>(),
    });
    if let Some(definitions) = schema.get_mut("definitions").and_then(Value::as_object_mut) {
        definitions.insert(list.clone(), known);
    }
    let list = json!({ "$ref": format!("#/definitions/{list}") });
    let names: Vec<&str> = presets.iter().take(MAX_CHOICES).map(|one| one.name.as_str()).collect();
    let choices = format!("|{}|}}", names.join(","));
    if let Some(map) = schema.pointer_mut(&format!("/properties/{field}s")) {
        name_in_snippets(map, &choices);
    }
    for place in [
        format!("/definitions/Defaults/properties/{field}"),
        format!("/definitions/Video/properties/{field}"),
        format!("/definitions/{kind}/properties/use"),
        format!("/definitions/Scene/properties/{field}"),
        format!("/definitions/Scene{kind}/properties/use"),
    ] {
        if let Some(site) = schema.pointer_mut(&place).and_then(Value::as_object_mut) {
            name_presets(site, field, &list, &choices);
        }
    }
}

/// Replaces the pattern with the list of names.
///
/// An editor evaluates three parts separately, so that a wrong name, a wrong field and a wrong type each have one
/// message:
///
/// - an `anyOf` that accepts everything, but whose words the editor offers
/// - the words or a template, for a text
/// - the object, for an object
fn name_presets(site: &mut Map<String, Value>, field: &str, list: &Value, choices: &str) {
    site.shift_remove("pattern");
    site.shift_remove("patternErrorMessage");
    let object = (site.shift_remove("if"), site.shift_remove("then"));
    let template = json!({ "type": "string", "title": format!("{field} preset"), "pattern": pattern::TEMPLATE });
    let mut parts = vec![
        json!({ "anyOf": [list, {}] }),
        json!({ "if": { "type": "string" }, "then": { "anyOf": [list, template] } }),
    ];
    if let (Some(case), Some(then)) = object {
        parts.push(json!({ "if": case, "then": then }));
    }
    site.insert("allOf".to_owned(), parts.into());
    if let Some(snippets) = site.get_mut("defaultSnippets") {
        name_in_snippets(snippets, choices);
    }
}

/// Adds the project's presets to snippets that have only a placeholder for a preset.
fn name_in_snippets(schema: &mut Value, choices: &str) {
    match schema {
        Value::String(text) if text.starts_with("${") => *text = text.replace(":preset}", choices),
        Value::Array(items) => items.iter_mut().for_each(|item| name_in_snippets(item, choices)),
        Value::Object(map) => map.values_mut().for_each(|item| name_in_snippets(item, choices)),
        _ => {}
    }
}

/// The names of a project, each list in the order in which editors offer it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectNames {
    /// Avatar presets.
    pub avatars: Vec<PresetName>,
    /// Voice presets.
    pub voices: Vec<PresetName>,
    /// Background presets.
    pub backgrounds: Vec<PresetName>,
    /// Vendor template presets.
    pub templates: Vec<PresetName>,
    /// What templates can say.
    pub template_words: TemplateNames,
    /// The avatars of the catalog. Empty without a catalog.
    pub listed_avatars: Vec<CatalogEntry>,
    /// The voices of the catalog.
    pub listed_voices: Vec<CatalogEntry>,
    /// The vendor's templates, whose ids are numbers.
    pub listed_templates: Vec<CatalogEntry>,
}

/// A preset of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetName {
    /// Its name in manifests.
    pub name: String,
    /// Its fields, as one line of Markdown.
    pub summary: String,
}
