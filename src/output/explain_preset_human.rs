//! `explain` of a preset, human-readable: its base presets, every value that it sets, and the videos that use it.

use super::Screen;
use super::Theme;
use super::explain_table_human::{TableRow, header_line, location, shown, table};
use super::theme::{BOLD, CYAN, DIM};
use crate::source::{Origin, Sources, sanitize};
use crate::spec::{DeclaredValue, PresetProvenance, UnresolvedReason};

/// Maximum number of users to list. `--verbose` lists all.
const MAX_LISTED: usize = 5;

/// One preset with its provenance.
#[derive(Clone, Copy, Debug)]
pub struct ExplainPresetView<'a> {
    /// The provenance of its values, and the videos that use it.
    pub provenance: &'a PresetProvenance,
    /// The files of all locations.
    pub sources: &'a Sources,
}

impl ExplainPresetView<'_> {
    /// Returns the preset's name on the command line: `voices.narrator-de`.
    pub(super) fn word(&self) -> String {
        let block = self
            .provenance
            .table
            .preset_groups()
            .find(|(group, _)| *group == self.provenance.group)
            .map(|(_, block)| block);
        let name = self.provenance.chain.first().map(|preset| &*preset.name);
        format!("{}.{}", block.unwrap_or_default(), name.unwrap_or_default())
    }
}

/// Returns `explain` of a preset, human-readable.
pub fn explain_preset_text(view: &ExplainPresetView<'_>, screen: Screen) -> String {
    let theme = Theme::new(screen.color);
    let rows: Vec<TableRow> = view.provenance.values.iter().map(|value| row(value, view)).collect();
    let none = || format!("  {}\n", theme.paint(DIM, "it sets no value"));
    let values = if rows.is_empty() { none() } else { table(rows, screen) };
    format!("{}\n{values}", header(view, screen))
}

fn header(view: &ExplainPresetView<'_>, screen: Screen) -> String {
    let theme = Theme::new(screen.color);
    let PresetProvenance { chain, unresolved, used_by, .. } = view.provenance;
    let at = |origin: Origin| theme.paint(CYAN, &location(origin, view.sources));
    let declared = chain.first().map(|preset| at(preset.declared_at)).unwrap_or_default();
    let mut text = format!("{}  {declared}\n", theme.paint(BOLD, &sanitize(&view.word())));
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

fn row(value: &DeclaredValue, view: &ExplainPresetView<'_>) -> TableRow {
    let chain = view.provenance.chain.iter().take(value.depth as usize + 1);
    TableRow {
        path: view.provenance.table[value.row].path.to_owned(),
        value: shown(&value.value),
        source: chain.map(|preset| sanitize(&preset.name)).collect::<Vec<_>>().join(" → "),
        place: location(value.origin, view.sources),
        details: Vec::new(),
        is_default: false,
    }
}
