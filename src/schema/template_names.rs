//! Adds the names that templates can reference to the texts and values of templated fields.

use serde_json::{Map, Value, json};

use super::transform::{each_schema, snippet};
use crate::source::quoted;

/// The names that the project's templates can reference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateNames {
    /// Paths of variables: `vars.product`, `vars.greeting.en`.
    pub vars: Vec<String>,
    /// Environment variables: `env.CAMPAIGN`.
    pub env: Vec<String>,
    /// The columns of each data file, by the key of the video that reads it: `row.id`.
    pub rows: Vec<(String, Vec<String>)>,
    /// The axes of each matrix, by the video's key: `matrix.locale`.
    pub axes: Vec<(String, Vec<String>)>,
}

/// Maximum number of names in one text or list.
const MAX_NAMES: usize = 40;

/// The fields whose texts say the names, as pointers; each with whether its template sees rows.
const FIELDS: [(&str, bool); 13] = [
    ("/definitions/Defaults/properties/script", true),
    ("/definitions/Defaults/properties/script/then/properties/path", true),
    ("/definitions/Defaults/properties/name", true),
    ("/definitions/Video/properties/script", true),
    ("/definitions/Video/properties/script/then/properties/path", true),
    ("/definitions/Video/properties/name", true),
    ("/definitions/Tts/properties/text", true),
    ("/definitions/Scene/properties/script", true),
    ("/definitions/Scene/properties/script/then/properties/path", true),
    ("/definitions/SceneTts/properties/text", true),
    ("/definitions/Rows/properties/path", false),
    ("/definitions/Rows/properties/key", true),
    ("/definitions/Rows/properties/when", true),
];

/// Adds the names to all templated fields.
pub fn add_template_names(schema: &mut Value, said: &TemplateNames) {
    for (place, rows) in FIELDS {
        if let Some(object) = schema.pointer_mut(place).and_then(Value::as_object_mut) {
            add_text(object, said, rows);
        }
    }
    let columns = names(said, Some("row."));
    for place in ["/definitions/Rows/properties/key", "/definitions/Rows/properties/when"] {
        let Some(object) = schema.pointer_mut(place).and_then(Value::as_object_mut) else { continue };
        if let (Some(body), Some(snippets)) = (choice(&columns), object.get_mut("defaultSnippets")) {
            snippets[0]["body"] = body.into();
            snippets[0]["label"] = "a column".into();
        }
    }
    let all = names(said, None);
    let video = ["video.key".to_owned(), "video.base".to_owned()];
    let texts = all.iter().chain(video.iter().filter(|_| !all.is_empty()));
    let offered = |name: &String| snippet(name, "a name that templates see", format!("\"{{{{ {name} }}}}\""));
    let offered: Vec<Value> = texts.map(offered).collect();
    let is_spoken = |place: &str| place.ends_with("/script") || place.ends_with("/text");
    for (place, _) in FIELDS.into_iter().filter(|(place, _)| is_spoken(place) && !offered.is_empty()) {
        if let Some(object) = schema.pointer_mut(place).and_then(Value::as_object_mut) {
            object.insert("allOf".to_owned(), json!([{ "defaultSnippets": offered }]));
        }
    }
    // A number or a word can come from any of them.
    if let Some(body) = choice(&all) {
        each_schema(schema, None, &mut |_, object| {
            let offered = object.get_mut("defaultSnippets").and_then(|all| all.get_mut(0));
            if let Some(offered) = offered.filter(|one| one["label"] == "a template") {
                offered["body"] = body.clone().into();
            }
        });
    }
}

/// Returns the snippet of a template with a choice of some names.
fn choice(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("\"{{{{ ${{1|{}|}} }}}}\"", names.join(",")))
}

/// Returns all names in template syntax, or those with a prefix, each once.
fn names(said: &TemplateNames, beginning: Option<&str>) -> Vec<String> {
    let all = said.vars.iter().chain(said.rows.iter().flat_map(|(_, names)| names));
    let all = all.chain(said.axes.iter().flat_map(|(_, names)| names)).chain(&said.env);
    let mut kept: Vec<String> = Vec::new();
    for name in all.filter(|name| beginning.is_none_or(|beginning| name.starts_with(beginning))) {
        if kept.len() < MAX_NAMES && !kept.contains(name) {
            kept.push(name.clone());
        }
    }
    kept
}

/// Adds a paragraph for each kind of name.
fn add_text(object: &mut Map<String, Value>, said: &TemplateNames, rows: bool) {
    let mut lines = Vec::new();
    let mut line = |what: String, names: &[String]| {
        if names.is_empty() {
            return;
        }
        let more = if names.len() > MAX_NAMES { ", …" } else { "" };
        lines.push(format!("{what}: {}{more}.", quoted(names.iter().take(MAX_NAMES))));
    };
    line("Variables".to_owned(), &said.vars);
    line("Environment".to_owned(), &said.env);
    for (video, names) in &said.axes {
        line(format!("Axes of `{video}`"), names);
    }
    for (video, names) in said.rows.iter().filter(|_| rows) {
        line(format!("Columns of `{video}`"), names);
    }
    if lines.is_empty() {
        return;
    }
    let added = lines.join("\n\n");
    for (keyword, added) in [("markdownDescription", added.clone()), ("description", added.replace('`', ""))] {
        let text = object.get(keyword).and_then(Value::as_str).unwrap_or_default();
        let text = format!("{text}\n\n{added}");
        object.insert(keyword.to_owned(), text.into());
    }
}
