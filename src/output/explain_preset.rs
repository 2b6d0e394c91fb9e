//! One preset drawn: what it lies over, every value it gives with its place, and the videos that use it.

use std::fmt::Write as _;

use super::Theme;
use super::explain::{ExplainScreen, VALUE, place, shown};
use super::text::{columns, cut, fill};
use super::theme::{BOLD, CYAN, DIM};
use crate::fields::VENDOR;
use crate::source::{Sources, clean};
use crate::spec::{DeclaredValue, PresetProvenance, UnresolvedReason};

/// So many users are named; `--verbose` names all.
const NAMED: usize = 5;

/// What is told of one preset.
#[derive(Clone, Copy, Debug)]
pub struct ToldPreset<'a> {
    /// Where its values came from, and who uses it.
    pub history: &'a PresetProvenance,
    /// The files that places are in.
    pub sources: &'a Sources,
}

impl ToldPreset<'_> {
    /// The preset itself as it is asked for: `voices.narrator-de`.
    pub(super) fn word(&self) -> String {
        let name = self.history.chain.first().map(|link| &*link.name).unwrap_or_default();
        let block = VENDOR[self.history.group].group().and_then(|row| row.group.presets).unwrap_or_default();
        format!("{block}.{name}")
    }
}

/// `explain` of a preset, for people.
pub fn explain_preset_text(told: &ToldPreset<'_>, screen: ExplainScreen) -> String {
    let theme = Theme::new(screen.color);
    let mut text = head(told, theme, screen.verbose);
    let mut rows: Vec<[String; 4]> = told.history.values.iter().map(|field| row(field, told)).collect();
    let widest = |rows: &[[String; 4]], cell: usize| rows.iter().map(|row| columns(&row[cell])).max().unwrap_or(0);
    if !screen.verbose {
        let others: usize = [0, 2, 3].iter().map(|cell| widest(&rows, *cell)).sum();
        let room = screen.width.saturating_sub(others + 8).clamp(VALUE.0, VALUE.1);
        for row in &mut rows {
            row[1] = cut(&row[1], room).into_owned();
        }
    }
    let widths = [0, 1, 2].map(|cell| widest(&rows, cell));
    if rows.is_empty() {
        let _infallible = writeln!(text, "  {}", theme.paint(DIM, "it gives no value"));
    }
    for [path, value, source, at] in &rows {
        let _infallible = writeln!(
            text,
            "  {}{}  {value}{}  {source}{}  {}",
            theme.paint(BOLD, path),
            fill(path, widths[0]),
            fill(value, widths[1]),
            fill(source, widths[2]),
            theme.paint(CYAN, at),
        );
    }
    text
}

fn head(told: &ToldPreset<'_>, theme: Theme, verbose: bool) -> String {
    let PresetProvenance { chain, unresolved, used_by: users, .. } = told.history;
    let declared = chain.first().map(|link| place(link.declared_at, told.sources)).unwrap_or_default();
    let mut text = format!("{}  {}\n", theme.paint(BOLD, &clean(&told.word())), theme.paint(CYAN, &declared));
    let mut line = |name: &str, words: &str, at: &str| {
        let _infallible = writeln!(
            text,
            "  {name:<8}  {words}{}",
            if at.is_empty() { String::new() } else { format!("  {}", theme.paint(CYAN, at)) }
        );
    };
    for link in chain.iter().skip(1) {
        line("use", &clean(&link.name), &place(link.named_at, told.sources));
    }
    if let Some(beneath) = unresolved {
        let why = match beneath.reason {
            UnresolvedReason::Template => "a template: each video decides what lies beneath",
            UnresolvedReason::Unknown => "there is no such preset",
            UnresolvedReason::Cycle => "a circle: it stands above already",
        };
        line("use", &format!("{}, {why}", clean(&beneath.text)), &place(beneath.origin, told.sources));
    }
    let named = if verbose { users.len() } else { NAMED };
    let names: Vec<String> = users.iter().take(named).map(|key| clean(key).into_owned()).collect();
    let words = match users.len() {
        0 => "none uses it".to_owned(),
        count if count > names.len() => format!("{count}: {}, …", names.join(", ")),
        count => format!("{count}: {}", names.join(", ")),
    };
    line("videos", &words, "");
    text.push('\n');
    text
}

/// Path, value, the chain down to the preset that holds it, place.
fn row(field: &DeclaredValue, told: &ToldPreset<'_>) -> [String; 4] {
    let chain = told.history.chain.iter().take(field.depth as usize + 1);
    let source: Vec<String> = chain.map(|link| clean(&link.name).into_owned()).collect();
    [VENDOR[field.row].path.to_owned(), shown(&field.value), source.join(" → "), place(field.origin, told.sources)]
}
