//! The reference of the manifest: its tables are generated from the schema, and its examples are validated.

mod examples;
mod tables;
mod words;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use self::tables::{Row, Tables, anchor, merged};
use crate::fixture::repository;
use crate::reference::keep;

const PAGE: &str = "docs/reference/manifest.md";

/// Returns the fenced YAML blocks.
fn blocks(page: &str) -> Vec<&str> {
    page.split("\n```yaml\n").skip(1).map(|rest| rest.split_once("\n```\n").unwrap().0).collect()
}

/// Returns a page with the text between its markers generated again.
fn filled(page: &str) -> String {
    let of_root = |name: &str| if name == "the root" { String::new() } else { name.to_owned() };
    let sections = page.lines().filter_map(|line| line.strip_prefix("<!-- keys of ")?.strip_suffix(" -->"));
    let whole = blocks(page)[0];
    let mut tables = Tables {
        schema: callsheet::schema::typed_schema(),
        whole: merged(serde_yaml::from_str(whole).unwrap()),
        sections: sections.map(of_root).collect(),
        linked: BTreeSet::new(),
    };
    let mut made: Vec<(String, String, String)> = Vec::new();
    let mut list = String::new();
    for section in tables.sections.clone() {
        let rows = tables.rows(&section);
        let mut table = "| key | type | default | meaning | example |\n|---|---|---|---|---|\n".to_owned();
        for Row { path, section, kind, default, meaning, example } in &rows {
            let cells = [kind, default, meaning, example].map(|cell| cell.replace('|', "\\|"));
            // A section needs no anchor, because its heading is the target of links.
            let place = if section.is_none() { format!("<a id=\"{path}\"></a>") } else { String::new() };
            let _infallible = writeln!(table, "| {place}`{path}` | {} |", cells.join(" | "));
        }
        let short = |row: &Row| row.path.strip_prefix(&format!("{section}.")).unwrap_or(&row.path).to_owned();
        let target = |row: &Row| row.section.as_deref().map_or_else(|| row.path.clone(), anchor);
        let links: Vec<String> = rows.iter().map(|row| format!("[{}](#{})", short(row), target(row))).collect();
        made.push((section, table, links.join(" · ")));
    }
    let order = page.lines().filter_map(|line| line.strip_prefix("<!-- keys of ")?.strip_suffix(" -->"));
    for name in order {
        let section = of_root(name);
        let (_, _, links) = made.iter().find(|(known, ..)| *known == section).unwrap();
        let title = if section.is_empty() { "Root".to_owned() } else { format!("`{section}`") };
        let _infallible = writeln!(list, "- {title}: {links}");
        if !section.is_empty() {
            let heading = page.lines().any(|line| line.trim_start_matches('#') == format!(" `{section}`"));
            assert!(heading, "there is no heading `{section}`");
        }
    }
    let reached: BTreeSet<String> = tables.sections.iter().filter(|name| !name.is_empty()).cloned().collect();
    assert_eq!(tables.linked, reached, "a table that no key leads to, or the other way round");
    let mut text = String::new();
    let mut skip = false;
    for line in page.lines() {
        if line == "<!-- end -->" {
            skip = false;
        }
        if !skip {
            let _infallible = writeln!(text, "{line}");
        }
        let content = if line == "<!-- list -->" {
            Some(&list)
        } else {
            let name = line.strip_prefix("<!-- keys of ").and_then(|rest| rest.strip_suffix(" -->")).map(of_root);
            name.map(|name| &made.iter().find(|(known, ..)| *known == name).unwrap().1)
        };
        if let Some(content) = content {
            let _infallible = write!(text, "\n{content}\n");
            skip = true;
        }
    }
    text
}

#[test]
fn the_tables_of_the_manifest_page_are_what_the_schema_says() {
    let page = fs::read_to_string(repository().join(PAGE)).unwrap();
    keep(PAGE, &filled(&page));
}
