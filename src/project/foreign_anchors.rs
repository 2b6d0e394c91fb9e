//! Aliases whose anchors are in another file.

use crate::diagnostic::{Code, Label, Report};
use crate::source::{Origin, Sources};

/// Adds the anchor to each message about an alias whose anchor is in another file of the project.
pub(super) fn name_anchors_of_other_files(sources: &Sources, report: &mut Report) {
    for one in report.iter_mut().filter(|one| one.code == Code::UnknownAnchor) {
        let Some(alias) = one.primary.as_ref().map(|label| label.origin) else { continue };
        let text = sources.get(alias.file).text();
        let Some(name) = text.get(alias.span.range()).and_then(|alias| alias.strip_prefix('*')) else { continue };
        let Some(anchor) = anchor(sources, alias, name) else { continue };
        one.secondary.push(Label { origin: anchor, text: "this anchor ends with its file".to_owned() });
        one.help =
            vec![format!("for a value of several files write a preset, or a variable under `vars`, not `&{name}`")];
    }
}

/// Returns the origin of an anchor in a file other than the alias's.
fn anchor(sources: &Sources, alias: Origin, name: &str) -> Option<Origin> {
    let written = format!("&{name}");
    sources.iter().filter(|(id, _)| *id != alias.file).find_map(|(id, file)| {
        let text = file.text();
        text.match_indices(&written).find_map(|(at, _)| {
            let end = at + written.len();
            let begins = text[..at].chars().next_back().is_none_or(|one| one.is_whitespace() || "[{,".contains(one));
            let ends = text[end..].chars().next().is_none_or(|one| one.is_whitespace() || ",]}".contains(one));
            (begins && ends).then(|| Origin::new(id, at as u32, end as u32))
        })
    })
}
