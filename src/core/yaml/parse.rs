//! Parses text into a tree: passes the parser's events to the builder.

use arcstr::ArcStr;
use granit_parser::{Event, Parser, ScalarStyle};

use super::builder::{Abort, TreeBuilder};
use super::collection::{CollectionKind, OpenList, OpenMapping};
use super::{MAX_DEPTH, MAX_VALUES, Node, errors};
use crate::diagnostic::{Code, Diagnostic, Report};
use crate::source::{FileId, Origin, SourceFile, is_lfs_pointer};

/// Returns the tree of a manifest's only document, or `None` if the text cannot be read. Errors go to `report`.
///
/// Some errors leave a usable tree: duplicate keys, tags, bad numbers, unquoted templates, a second document. They
/// are reported, but the tree is returned, so that later stages can report more. The first value of a duplicate key
/// wins.
pub fn parse(file: FileId, source: &SourceFile, report: &mut Report) -> Option<Node> {
    tree(file, source, MAX_VALUES, report)
}

/// Parses a data file, which may contain any number of values.
pub fn parse_data(file: FileId, source: &SourceFile, report: &mut Report) -> Option<Node> {
    tree(file, source, usize::MAX, report)
}

fn tree(file: FileId, source: &SourceFile, most: usize, report: &mut Report) -> Option<Node> {
    let text = source.text();
    if u32::try_from(text.len()).is_err() {
        report.push(Diagnostic::in_file(Code::FileTooLarge, "the file is larger than 4 GB", source.name(), 0));
        return None;
    }
    if let Some(fault) = control_character(file, text) {
        report.push(fault);
        return None;
    }
    if is_lfs_pointer(text.as_bytes()) {
        let line = Origin::new(file, 0, text.lines().next().map_or(0, str::len) as u32);
        report.push(Diagnostic::lfs_pointer("").with_location(line));
        return None;
    }
    let mut builder = TreeBuilder::new(file, text, most, report);
    read(text, &mut builder).ok()?;
    builder.finish()
}

fn read<'t>(text: &'t ArcStr, builder: &mut TreeBuilder<'t, '_>) -> Result<(), Abort> {
    let options = granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut documents = 0;
    for step in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match step {
            Ok(found) => found,
            Err(error) => return builder.report_syntax_error(&error),
        };
        match event {
            Event::DocumentStart(..) => {
                documents += 1;
                if documents == 2 {
                    return builder.report(errors::second_document(builder.origin(&span)));
                }
            }
            Event::Scalar(value, mut style, anchor, tag) => {
                if let Some(tag) = tag {
                    builder.tag(&span)?;
                    if tag.is_yaml_core_schema_tag("str") && span.byte_range().is_some_and(|range| !range.is_empty()) {
                        // The problem is already reported. Do not report the same text again as a number.
                        style = ScalarStyle::DoubleQuoted;
                    }
                }
                builder.scalar(&value, style, anchor, &span)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                builder.open(CollectionKind::List(OpenList::default()), (style, anchor, tag.is_some()), &span)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                builder.open(CollectionKind::Map(OpenMapping::default()), (style, anchor, tag.is_some()), &span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => builder.close(&span)?,
            Event::Anchor(id, name) => {
                let origin = builder.origin(&span);
                builder.anchors.name(id, &name, origin);
            }
            Event::Alias(id) => builder.alias(id, &span)?,
            Event::UnresolvedAlias(name) => builder.unknown_alias(&name, &span)?,
            _ => {}
        }
    }
    Ok(())
}

/// Returns an error about the first character that YAML does not allow.
fn control_character(file: FileId, text: &str) -> Option<Diagnostic> {
    let bytes = text.as_bytes();
    // One cheap pass over bytes: C0 and DEL, or the lead bytes of C1 (C2) and of U+FFFE and U+FFFF (EF).
    let suspicious =
        |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || matches!(byte, 0x7f | 0xc2 | 0xef);
    let mut from = 0;
    while let Some(found) = bytes[from..].iter().position(|byte| suspicious(*byte)) {
        let at = from + found;
        let character = text[at..].chars().next()?;
        let allowed = match character {
            '\u{85}' => true,
            '\u{fffe}' | '\u{ffff}' => false,
            other => !other.is_control(),
        };
        if !allowed {
            let origin = Origin::new(file, at as u32, (at + character.len_utf8()) as u32);
            return Some(errors::control_character(character, origin));
        }
        from = at + character.len_utf8();
    }
    None
}
