//! `explain` of a preset, human-readable and as JSON of format version 1: its base presets, every value that it sets, and
//! the videos that use it.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::versioned;
use super::explain_human::{TableRow, header_line, location, shown, table};
use super::explain_json::redacted;
use super::theme::{BOLD, CYAN, DIM};
use super::{Screen, Theme};
use crate::fields::VENDOR;
use crate::source::{LocationRange, Origin, Sources, sanitize};
use crate::spec::{DeclaredValue, PresetProvenance, UnresolvedReason};

/// Maximum number of users to list. `--verbose` lists all.
const MAX_LISTED: usize = 5;

/// Returns `explain` of a preset, human-readable.
pub fn explain_preset_text(known: &PresetProvenance, sources: &Sources, screen: Screen) -> String {
    let theme = Theme::new(screen.color);
    let rows: Vec<TableRow> = known.values.iter().map(|value| row(value, known, sources)).collect();
    let none = || format!("  {}\n", theme.paint(DIM, "it sets no value"));
    let values = if rows.is_empty() { none() } else { table(rows, screen) };
    format!("{}\n{values}", header(known, sources, screen))
}

/// Returns the preset's name on the command line: `voices.narrator-de`.
fn word(known: &PresetProvenance) -> String {
    let block = known.table.preset_groups().find(|(group, _)| *group == known.group).map(|(_, block)| block);
    let name = known.chain.first().map(|preset| &*preset.name);
    format!("{}.{}", block.unwrap_or_default(), name.unwrap_or_default())
}

fn header(known: &PresetProvenance, sources: &Sources, screen: Screen) -> String {
    let theme = Theme::new(screen.color);
    let PresetProvenance { chain, unresolved, used_by, .. } = known;
    let at = |origin: Origin| theme.paint(CYAN, &location(origin, sources));
    let declared = chain.first().map(|preset| at(preset.declared_at)).unwrap_or_default();
    let mut text = format!("{}  {declared}\n", theme.paint(BOLD, &sanitize(&word(known))));
    for base in chain.iter().skip(1) {
        text.push_str(&header_line("use", &format!("{}  {}", sanitize(&base.name), at(base.named_at)), screen));
    }
    if let Some(base) = unresolved {
        let why = match base.reason {
            UnresolvedReason::Template => "a template: each video selects the base preset",
            UnresolvedReason::Unknown => "there is no such preset",
            UnresolvedReason::Cycle => "a cycle: it is already in this list",
        };
        text.push_str(&header_line("use", &format!("{}, {why}  {}", sanitize(&base.text), at(base.origin)), screen));
    }
    let listed = if screen.verbose { used_by.len() } else { MAX_LISTED };
    let names: Vec<_> = used_by.iter().take(listed).map(|key| sanitize(key)).collect();
    let more = if used_by.len() > names.len() { ", …" } else { "" };
    let users = match used_by.len() {
        0 => "no video uses it".to_owned(),
        count => format!("{count}: {}{more}", names.join(", ")),
    };
    text.push_str(&header_line("videos", &users, screen));
    text
}

fn row(value: &DeclaredValue, known: &PresetProvenance, sources: &Sources) -> TableRow {
    let chain = known.chain.iter().take(value.depth as usize + 1);
    TableRow {
        path: known.table[value.row].path.to_owned(),
        value: shown(&value.value),
        source: chain.map(|preset| sanitize(&preset.name)).collect::<Vec<_>>().join(" → "),
        place: location(value.origin, sources),
        details: Vec::new(),
        is_default: false,
    }
}

/// What `callsheet explain KIND.NAME --format json` prints of a preset.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Preset")]
pub struct PresetDocument<'a> {
    /// The preset on the command line: `voices.narrator-de`.
    preset: String,
    /// `avatar`, `voice` or `background`.
    #[schemars(extend("enum" = kinds()))]
    kind: &'static str,
    /// Its name alone.
    name: &'a str,
    /// The location of its name.
    declared: LocationRange,
    /// Its base presets, by `use`, from the next one to the last known one.
    chain: Vec<BaseRow<'a>>,
    /// The `use` of the last preset, if it cannot be resolved.
    open: Option<OpenRow<'a>>,
    /// The values in effect. Videos and the schema determine absent fields.
    fields: Vec<ValueRow<'a>>,
    /// The keys of all videos that use it, in manifest order.
    videos: &'a [Arc<str>],
}

/// A base preset.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Beneath")]
struct BaseRow<'a> {
    /// Its name.
    name: &'a str,
    /// The location of its declaration.
    declared: LocationRange,
    /// Where a `use` names it.
    named: LocationRange,
}

/// A `use` that cannot be resolved.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Open")]
struct OpenRow<'a> {
    /// The name, or the template that renders it.
    #[serde(rename = "use")]
    text: &'a str,
    /// `template`: each video chooses. `unknown`: no preset has this name. `circle`: the presets form a cycle.
    #[schemars(with = "String", extend("enum" = ["template", "unknown", "circle"]))]
    why: UnresolvedReason,
    /// Where it is written.
    place: LocationRange,
}

/// A value.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Field")]
struct ValueRow<'a> {
    /// `voice.tts.speed`
    path: &'static str,
    /// The value, or the text of the template. URLs have no signatures.
    value: Value,
    /// Whether it is a template.
    template: bool,
    /// The preset that sets it.
    preset: &'a str,
    /// The location of the value.
    place: LocationRange,
}

/// Returns `explain --format json` of a preset.
pub fn explain_preset_json(known: &PresetProvenance, sources: &Sources) -> String {
    let Some((own, bases)) = known.chain.split_first() else { return String::new() };
    let chain = bases.iter().map(|preset| BaseRow {
        name: &preset.name,
        declared: LocationRange::new(sources, preset.declared_at),
        named: LocationRange::new(sources, preset.named_at),
    });
    let open = known.unresolved.as_ref().map(|base| OpenRow {
        text: &base.text,
        why: base.reason,
        place: LocationRange::new(sources, base.origin),
    });
    let fields = known.values.iter().map(|value| ValueRow {
        path: known.table[value.row].path,
        value: redacted(&value.value),
        template: value.is_template,
        preset: &known.chain.get(value.depth as usize).unwrap_or(own).name,
        place: LocationRange::new(sources, value.origin),
    });
    versioned(&PresetDocument {
        preset: word(known),
        kind: known.table[known.group].path,
        name: &own.name,
        declared: LocationRange::new(sources, own.declared_at),
        chain: chain.collect(),
        open,
        fields: fields.collect(),
        videos: &known.used_by,
    })
}

/// Returns the values of `kind`.
fn kinds() -> Vec<&'static str> {
    VENDOR.preset_groups().map(|(group, _)| VENDOR[group].path).collect()
}
