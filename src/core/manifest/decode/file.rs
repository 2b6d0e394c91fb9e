//! Decodes one checked file into typed declarations.

use std::sync::Arc;

use semver::{Version, VersionReq};

use super::decl::object;
use super::decoder::Decoder;
use super::settings::{environment, guards, ledger, pull};
use super::video::{fields, matrix, video};
use crate::diagnostic::{Code, Diagnostic, Report, nearest};
use crate::fields::{Table, VENDOR};
use crate::manifest::pattern::normalize_name;
use crate::manifest::{InvalidDecl, Manifest, Preset, Variable};
use crate::source::Origin;
use crate::yaml::{Entry, Mapping, Node, to_json};

/// The declarations of one file, and the settings that only the root manifest may have.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    /// The declarations of this file alone.
    pub manifest: Manifest,
    /// The globs of `include` (root only).
    pub include: Vec<(String, Origin)>,
}

/// Decodes one checked tree. Omits whatever the check rejected.
///
/// `report` must be the report of that check, because its locations show which errors are already reported.
pub fn decode(tree: &Node, report: &mut Report) -> Decoded {
    decode_in(&VENDOR, tree, report)
}

/// Decodes a tree by another table. See [`decode`].
pub fn decode_in(table: &'static Table, tree: &Node, report: &mut Report) -> Decoded {
    let mut reader = Decoder::new(table, report);
    let mut made = Decoded { manifest: Manifest::new(table), include: Vec::new() };
    let Some(root) = tree.as_map() else {
        made.manifest.invalid.insert(InvalidDecl::Block("".into()));
        return made;
    };
    required_version(&mut reader, root);
    let manifest = &mut made.manifest;
    for entry in &root.entries {
        if matches!(&*entry.key, "include" | "env") && !reader.items_valid(entry) {
            manifest.invalid.insert(InvalidDecl::Block(Arc::clone(&entry.key)));
        }
        match &*entry.key {
            "include" => {
                made.include = reader.strings(entry).into_iter().map(|(text, at)| (text.to_string(), at)).collect();
            }
            "allow" => {
                manifest.allow =
                    reader.strings(entry).into_iter().filter_map(|(code, _)| Code::from_name(&code)).collect();
            }
            "env" => manifest.env = reader.strings(entry),
            "defaults" => {
                let (decl, sound) = reader.decode_checked(entry, |reader| {
                    reader.map(&entry.value).map(|map| fields(reader, "`defaults`", (map, entry.value.origin)))
                });
                manifest.defaults = decl.unwrap_or_default();
                if let Some(entry) = entry.value.as_map().and_then(|map| map.get("matrix")) {
                    let (matrix, is_sound) = reader.decode_checked(entry, |reader| matrix(reader, entry));
                    manifest.default_matrix = matrix.filter(|_| is_sound).map(Arc::new);
                    if !is_sound {
                        manifest.invalid.insert(InvalidDecl::Block("matrix".into()));
                    }
                }
                if !sound {
                    manifest.invalid.insert(InvalidDecl::Defaults);
                }
            }
            "guards" => manifest.guards = guards(&mut reader, entry).unwrap_or_default(),
            "ledger" => {
                manifest.ledger = ledger(&mut reader, entry);
                if manifest.ledger.is_none() {
                    manifest.invalid.insert(InvalidDecl::Block(Arc::clone(&entry.key)));
                }
            }
            "pull" => manifest.pull = pull(&mut reader, entry).unwrap_or_default(),
            "vars" | "videos" | "environments" => block(&mut reader, entry, manifest),
            key if manifest.block_index(key).is_some() => block(&mut reader, entry, manifest),
            _ if reader.has_error(entry) => manifest.invalid.extend(guess_declaration(table, entry)),
            _ => {}
        }
    }
    made
}

/// Returns the declaration that a misspelled key was probably meant for.
fn guess_declaration(table: &Table, entry: &Entry) -> Option<InvalidDecl> {
    let presets = table.preset_groups().map(|(_, block)| block);
    let blocks = ["include", "env", "vars"].into_iter().chain(presets).chain(["videos", "defaults"]);
    let blocks: Vec<&str> = blocks.collect();
    let meant = nearest(&entry.key, blocks.iter().copied());
    match meant {
        Some("defaults") => Some(InvalidDecl::Defaults),
        Some(block) => Some(InvalidDecl::Block(block.into())),
        None => entry.value.as_map().map(|_| InvalidDecl::Block(Arc::clone(&entry.key))),
    }
}

/// Decodes a mapping of names to declarations.
fn block(reader: &mut Decoder<'_>, block: &Entry, manifest: &mut Manifest) {
    let Some(map) = block.value.as_map() else {
        manifest.invalid.insert(InvalidDecl::Block(Arc::clone(&block.key)));
        return;
    };
    let mut videos = Vec::new();
    reader.check_names(map);
    for entry in &map.entries {
        let name = normalize_name(&entry.key);
        match &*block.key {
            "vars" => {
                reader.warn_of_cuts(&entry.value);
                let ((), sound) = reader.decode_checked(entry, |_| ());
                if sound {
                    let variable = Variable { value: to_json(&entry.value), origin: entry.key_origin };
                    manifest.vars.insert(name, variable);
                } else {
                    manifest.invalid.insert(InvalidDecl::Variable(name));
                }
            }
            "videos" => match reader.decode_checked(entry, |reader| video(reader, entry)) {
                (Some(video), true) => videos.push(video),
                _ => {
                    manifest.invalid.insert(InvalidDecl::Video(name));
                }
            },
            "environments" => {
                if let Some(environment) = environment(reader, entry) {
                    manifest.environments.insert(name, environment);
                }
            }
            block => preset(reader, (block, entry), manifest),
        }
    }
    videos.shrink_to_fit();
    manifest.videos.extend(videos);
}

fn preset(reader: &mut Decoder<'_>, (block, entry): (&str, &Entry), manifest: &mut Manifest) {
    let Some(index) = manifest.block_index(block) else { return };
    let group = manifest.presets[index].group;
    let name = normalize_name(&entry.key);
    let (decl, sound) = reader.decode_checked(entry, |reader| object(reader, group, &entry.value));
    if let Some(decl) = decl {
        let preset = Preset { decl, origin: entry.key_origin };
        manifest.presets[index].presets.insert(Arc::clone(&name), preset);
    }
    if !sound {
        manifest.invalid.insert(InvalidDecl::Preset(group, name));
    }
}

/// Checks this program's version against the versions that the project requires.
fn required_version(reader: &mut Decoder<'_>, root: &Mapping) {
    let Some(entry) = root.get("required_version") else { return };
    let Some(text) = reader.plain::<Arc<str>>(entry) else { return };
    let own = env!("CARGO_PKG_VERSION");
    let place = entry.value.origin;
    let fault = match (VersionReq::parse(&text), Version::parse(own)) {
        (Err(_), _) => Diagnostic::new(
            Code::WrongType,
            format!("`required_version` is `{text}`, which is not a version requirement"),
            place,
        )
        .help("write it as in `\">=0.3\"` or `\">=0.3, <2\"`"),
        (Ok(required), Ok(version)) if !required.matches(&version) => Diagnostic::new(
            Code::RequiredVersion,
            format!("the project requires callsheet `{text}`, but this is `{own}`"),
            place,
        )
        .help("install a matching version"),
        _ => return,
    };
    reader.report_error(fault);
}
