//! Explains syntax errors. The cleaned message of the parser is the label.

use granit_parser::{ErrorKind, ScanError};

use super::builder::{Abort, TreeBuilder};
use super::{bracketed_text, errors, no_break_space, unquoted};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Origin, conflict_range};

impl TreeBuilder<'_, '_> {
    /// Explains a syntax error and stops parsing.
    pub(super) fn report_syntax_error(&mut self, error: &ScanError) -> Result<(), Abort> {
        let mut at = error.marker().byte_offset().unwrap_or(0).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        // `text: *bold* words` is already reported as an unknown anchor. The resulting syntax error adds nothing.
        let told = self.stray_alias.is_some_and(|alias| alias <= at && !self.text[alias..at].contains('\n'));
        if told {
            self.flush_deferred();
            return Err(Abort);
        }
        if let Some(line) = conflict_range(self.text) {
            let origin = Origin::new(self.file, line.start as u32, line.end as u32);
            return self.abort_with(Diagnostic::merge_conflict("", 0).with_location(origin));
        }
        let diagnostic = self.explain(error.kind(), at);
        let start = |one: &Diagnostic| one.primary.as_ref().map(|label| label.origin.span.start);
        if self.deferred.as_ref().is_some_and(|held| held.code == diagnostic.code && start(held) == start(&diagnostic))
        {
            self.deferred = None;
        }
        self.abort_with(diagnostic)
    }

    fn explain(&self, kind: &ErrorKind, at: usize) -> Diagnostic {
        let text = self.text;
        let width = text[at..].chars().next().filter(|next| !next.is_control()).map_or(0, char::len_utf8);
        let origin = Origin::new(self.file, at as u32, (at + width) as u32);
        if *kind == ErrorKind::RecursionLimitExceeded {
            return errors::too_deep(origin);
        }
        if let Some(tab) = tab_behind(kind, text, at) {
            return errors::tab(self.file, tab);
        }
        let template = unquoted::quote_in_template(self.file, text, at);
        if let Some(template) = template.or_else(|| unquoted::template_near(self.file, text, at)) {
            return template;
        }
        if let Some(blank) = no_break_space::misplaced_near(self.file, text, at) {
            return blank;
        }
        if let Some(bracket) = bracketed_text::text_near(self.file, text, at) {
            return bracket;
        }
        if is_about_tag(kind) {
            let written = text[at..].split_whitespace().next().unwrap_or("!");
            return errors::tag(written, Origin::new(self.file, at as u32, (at + written.len()) as u32));
        }
        let label = if is_false_end(kind) && at < text.len() {
            "something is missing before this".to_owned()
        } else {
            clean(&kind.to_string())
        };
        let mut made = Diagnostic::new(Code::YamlSyntax, message(kind), origin).label(label);
        if is_about_end(kind)
            && let Some(open) = self.open.iter().rev().find(|frame| frame.flow).map(|frame| frame.start)
        {
            if open.span.start != origin.span.start {
                made = made.with_secondary(open, "opened here");
            }
            if let Some(value) = unquoted::comment_from(text, open.span.range().start) {
                let help = "a `#` after a space begins a comment, which hides the rest of that line";
                return made.help(format!("{help}; quote the value: `{}`", unquoted::quote(value)));
            }
            let on_one_line = text.get(open.span.range().start..at).is_some_and(|between| !between.contains('\n'));
            if on_one_line && text[at..].starts_with(':') {
                return made.help("a text that holds a `:` and a space needs quotes");
            }
        }
        match help(kind, text, at) {
            Some(help) => made.help(help),
            None => made,
        }
    }
}

/// Returns the tab in an indentation that causes the error.
fn tab_behind(kind: &ErrorKind, text: &str, at: usize) -> Option<usize> {
    let about_tab = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
    );
    // The parser reports an error about tabs at the start of the scalar, but the tab is on a later line of it.
    let mut start = text[..at].rfind('\n').map_or(0, |found| found + 1);
    for line in text[start..].split_inclusive('\n').take(if about_tab { 1_000 } else { 1 }) {
        let indentation = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let blank = line.trim().is_empty();
        if let Some(tab) = indentation.find('\t')
            && !blank
        {
            return Some(start + tab);
        }
        start += line.len();
    }
    about_tab.then(|| text[at..].find('\t').map_or(at, |tab| at + tab)).filter(|tab| text[*tab..].starts_with('\t'))
}

fn is_about_tag(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UndeclaredTagHandle
            | ErrorKind::InvalidTagTerminator
            | ErrorKind::MissingTagUri
            | ErrorKind::UnclosedVerbatimTag
            | ErrorKind::InvalidTagEscape
            | ErrorKind::InvalidTagUtf8LeadingByte
            | ErrorKind::InvalidTagUtf8TrailingByte
            | ErrorKind::InvalidTagUtf8
            | ErrorKind::InvalidGlobalTagCharacter
            | ErrorKind::ExpectedTagBang
    )
}

/// Returns `true` if the cause may be an earlier bracket that is still open.
fn is_about_end(kind: &ErrorKind) -> bool {
    is_false_end(kind)
        || matches!(
            kind,
            ErrorKind::UnclosedFlowCollection { .. }
                | ErrorKind::MismatchedFlowCollectionEnd { .. }
                | ErrorKind::ExpectedFlowMappingSeparator
                | ErrorKind::ExpectedFlowSequenceSeparator
                | ErrorKind::InvalidColonPlacement
                | ErrorKind::BlockEntryInFlowCollection
                | ErrorKind::InvalidFlowScalarIndent
        )
}

/// Returns `true` for errors about the end of the text, which the parser also reports for `[1,,2]`.
fn is_false_end(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::UnexpectedEof
    )
}

fn message(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::MappingValueNotAllowed => "a `:` cannot begin a mapping here",
        ErrorKind::InvalidColonPlacement => "a `:` is not allowed here",
        ErrorKind::BlockSequenceEntryNotAllowed => "a `-` cannot begin a list here",
        ErrorKind::ExpectedBlockMappingKey => "this line does not fit into the mapping above it",
        ErrorKind::ExpectedBlockSequenceEntry => "this line does not fit into the list above it",
        ErrorKind::ExpectedDocumentStart | ErrorKind::InvalidIndentation | ErrorKind::InvalidBlockScalarIndent => {
            "the indentation does not fit the lines above"
        }
        ErrorKind::UnclosedQuotedScalar => "a quote is never closed",
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping => "a bracket is not closed, or something is missing in it",
        ErrorKind::MisplacedFlowCollectionEnd => "a bracket closes nothing",
        ErrorKind::MismatchedFlowCollectionEnd { .. } => "a bracket is closed by another kind of bracket",
        ErrorKind::ExpectedFlowMappingSeparator => "a `,` or `}` is missing",
        ErrorKind::ExpectedFlowSequenceSeparator => "a `,` or `]` is missing",
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            "something follows the closing quote"
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate => "a backslash in double quotes begins no known escape",
        ErrorKind::UnexpectedCharacter { .. } => "a value cannot begin with this character",
        ErrorKind::BomInsideDocument => "a byte order mark is within the text",
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => "a key has no `:`, or is too long",
        _ => "the text is not valid YAML",
    }
}

fn help(kind: &ErrorKind, text: &str, at: usize) -> Option<String> {
    let quote = || {
        let value = unquoted::plain_value_around(text, at)?;
        Some(format!("if this is text, quote it: `{}`", unquoted::quoted(text, value)))
    };
    match kind {
        ErrorKind::MappingValueNotAllowed => quote()
            .or_else(|| Some("look for a `:` missing on the line above, and at the indentation of both".to_owned())),
        ErrorKind::UnexpectedCharacter { .. }
        | ErrorKind::MappingKeyNotAllowed
        | ErrorKind::InvalidBlockScalarHeader => quote().or_else(|| Some("put the value into quotes".to_owned())),
        ErrorKind::BlockSequenceEntryNotAllowed => {
            Some("a list begins on the line after its key; quote the value if it is text".to_owned())
        }
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::ExpectedDocumentStart
        | ErrorKind::InvalidIndentation
        | ErrorKind::InvalidBlockScalarIndent => Some("lines that belong together begin in the same column".to_owned()),
        ErrorKind::InvalidTrailingSingleQuotedScalar => {
            Some("a quote within single quotes is written twice: `''`".to_owned())
        }
        ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            Some("a quote within double quotes is written `\\\"`".to_owned())
        }
        ErrorKind::UnknownQuotedScalarEscape => Some("write `\\\\` for a backslash, or use single quotes".to_owned()),
        ErrorKind::CommentInterceptedScalar => Some("a `#` after a space begins a comment; quote the value".to_owned()),
        ErrorKind::BomInsideDocument => Some("remove it; two files may have been joined here".to_owned()),
        _ => None,
    }
}

/// Returns the parser's message without its preamble: `while parsing a node, did not find expected x` → `expected x`.
fn clean(message: &str) -> String {
    let core = match message.strip_prefix("while ") {
        Some(rest) => rest.split_once(", ").map_or(message, |(_, core)| core),
        None => message,
    };
    core.replace("did not find expected", "expected").replace("EOF", "end of file").replace('`', "'")
}
