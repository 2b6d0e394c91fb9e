//! The messages for errors in a YAML text.

use super::MAX_DEPTH;
use super::unquoted::{quote, truncate_message};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Origin};

pub(super) fn empty_file(file: FileId) -> Diagnostic {
    Diagnostic::new(Code::EmptyFile, "the file is empty", Origin::new(file, 0, 0))
        .label("only whitespace and comments")
        .help("write a manifest into it, or remove the file")
}

pub(super) fn control_character(character: char, origin: Origin) -> Diagnostic {
    let message = format!("the text holds the control character U+{:04X}", u32::from(character));
    let help = if character == '\0' {
        "save the file as UTF-8 text; a NUL byte often means UTF-16 or a damaged file".to_owned()
    } else {
        format!("remove it, or write it as `\"\\u{:04X}\"` in double quotes", u32::from(character))
    };
    Diagnostic::new(Code::NulByte, message, origin).label("not allowed in YAML").help(help)
}

pub(super) fn second_document(origin: Origin) -> Diagnostic {
    Diagnostic::new(Code::SecondDocument, "the file holds more than one document", origin)
        .label("a second document starts here")
        .help("move it to a separate file and name that under `include`")
}

pub(super) fn tag(written: &str, origin: Origin) -> Diagnostic {
    Diagnostic::new(Code::YamlTag, format!("the tag `{}` is not supported", truncate_message(written)), origin)
        .help("remove the tag, or quote the value if the `!` belongs to its text")
}

pub(super) fn number(written: &str, reason: &str, origin: Origin) -> Diagnostic {
    let shown = truncate_message(written);
    Diagnostic::new(Code::BadNumber, format!("`{shown}` {reason}"), origin)
        .help(format!("if it is meant as text, quote it: `{}`", quote(&shown)))
}

pub(super) fn too_deep(origin: Origin) -> Diagnostic {
    Diagnostic::new(Code::TooDeep, format!("the document nests deeper than {MAX_DEPTH} levels"), origin)
        .label(format!("level {}", MAX_DEPTH + 1))
}

pub(super) fn alias_bomb(origin: Origin) -> Diagnostic {
    Diagnostic::new(Code::AliasBomb, "aliases expand to more than 200,000 nodes", origin)
        .label("the limit is exceeded here")
        .help("use fewer aliases: presets with `use` do not multiply")
}

pub(super) fn too_many_values(origin: Origin) -> Diagnostic {
    Diagnostic::new(Code::FileTooLarge, "a manifest holds more than 1,000,000 values", origin)
        .label("the limit is exceeded here")
        .help("split it, or move the values to a data file for `rows`")
}

pub(super) fn self_reference(name: &str, origin: Origin) -> Diagnostic {
    Diagnostic::new(Code::AliasBomb, format!("`{}` is inside the value that it names", truncate_message(name)), origin)
        .label("would expand without end")
}

pub(super) fn unknown_anchor(name: &str, similar: Option<&str>, later: bool, origin: Origin) -> Diagnostic {
    let shown = truncate_message(name);
    let mut made = Diagnostic::new(Code::UnknownAnchor, format!("no anchor `&{shown}` precedes this alias"), origin);
    if let Some(similar) = similar {
        made = made.label(format!("did you mean `*{}`?", truncate_message(similar)));
    } else if later {
        made = made.help(format!("`&{shown}` is later in the file; an anchor must precede its aliases"));
    }
    made.help("if the `*` belongs to the text, quote the value")
}

pub(super) fn unused_anchor(written: &str, origin: Origin) -> Diagnostic {
    let shown = truncate_message(written);
    let message = format!("`{shown}` is not part of the text, because YAML reads `&` as the start of an anchor");
    Diagnostic::new(Code::UnusedAnchor, message, origin)
        .label("an anchor, which no alias uses")
        .help("quote the text if the `&` belongs to it; otherwise remove the anchor")
}

pub(super) fn bad_key(origin: Origin, message: &str) -> Diagnostic {
    Diagnostic::new(Code::BadMapKey, message, origin).help("a key is one word, or a string in quotes")
}

pub(super) fn duplicate_key(key: &str, merge: bool, origin: Origin, first: Origin) -> Diagnostic {
    let help = if merge { "merge several mappings with one list: `<<: [*a, *b]`" } else { "keep one of the two" };
    Diagnostic::new(
        Code::DuplicateKey,
        format!("the key `{}` occurs twice in one mapping", truncate_message(key)),
        origin,
    )
    .label("a second time here")
    .with_secondary(first, "first here")
    .help(help)
}

pub(super) fn bad_merge(kind: &str, origin: Origin) -> Diagnostic {
    Diagnostic::new(Code::BadMerge, format!("`<<` names {kind}"), origin)
        .help("`<<` takes a mapping, an alias to one, or a list of them; a key that is really `<<` needs quotes")
}

pub(super) fn tab(file: FileId, at: usize) -> Diagnostic {
    let origin = Origin::new(file, at as u32, at as u32 + 1);
    Diagnostic::new(Code::Tab, "a tab is used for indentation", origin).label("a tab").help("indent with spaces")
}
