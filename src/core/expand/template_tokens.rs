//! Splits the tags of a template into tokens, as the engine's lexer does.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TemplateToken<'t> {
    Word(&'t str),
    Text,
    Open,
    Close,
    Sign(u8),
}

/// An iterator over the tags of a template.
#[derive(Clone, Debug)]
pub(super) struct TemplateTokens<'t> {
    template: &'t str,
    at: usize,
    /// The mark that ends the current tag. `None` outside a tag, where tokens end with the text.
    end: Option<&'static str>,
    /// Number of open brackets.
    pub depth: usize,
    /// Position of the start of the last tag.
    opened: usize,
    /// Whether the last tag was closed.
    ended: bool,
}

/// Words between values. A value cannot continue over them.
const OPERATOR_WORDS: [&str; 12] =
    ["and", "elif", "else", "filter", "for", "if", "in", "is", "not", "or", "set", "with"];

/// Returns `true` if a new value begins after a word.
pub(super) fn is_operator(word: &str) -> bool {
    OPERATOR_WORDS.contains(&word)
}

impl<'t> TemplateTokens<'t> {
    pub(super) fn new(template: &'t str) -> Self {
        Self { template, at: 0, end: None, depth: 0, opened: 0, ended: true }
    }

    /// Returns the range of the expression if a template is a single `{{ … }}`.
    pub(super) fn only_expression(template: &'t str) -> Option<Range<usize>> {
        let mut tokens = Self::new(template);
        if !template.trim_start().starts_with("{{") || tokens.next_tag() != Some("}}") {
            return None;
        }
        let start = tokens.at;
        tokens.skip_tag();
        let inner = template[start..tokens.at].strip_suffix("}}")?.trim_end_matches(['-', '+']);
        template[tokens.at..].trim().is_empty().then_some(start..start + inner.len())
    }

    /// Moves to the end of a tag.
    fn skip_tag(&mut self) {
        while self.next().is_some() {}
    }

    /// Returns the range of the `{{`, `{%` or `{#` of an unclosed tag.
    pub(super) fn unclosed(template: &'t str) -> Option<Range<usize>> {
        let mut tokens = Self::new(template);
        loop {
            if tokens.next_tag().is_none() {
                return tokens.template[tokens.at..].find('{').map(|_| tokens.opened..tokens.opened + 2);
            }
            tokens.skip_tag();
            if !tokens.ended {
                return Some(tokens.opened..tokens.opened + 2);
            }
        }
    }

    /// Moves into the next tag and returns its end mark. Returns `None` after the last tag, and at an unclosed comment
    /// or raw block.
    pub(super) fn next_tag(&mut self) -> Option<&'static str> {
        let template = self.template;
        self.depth = 0;
        loop {
            let start = self.at + template[self.at..].find('{')?;
            let marked = matches!(template.as_bytes().get(start + 2), Some(b'-' | b'+'));
            let inside = start + 2 + usize::from(marked);
            let kind = template.as_bytes().get(start + 1);
            if matches!(kind, Some(b'#' | b'%' | b'{')) {
                self.opened = start;
            }
            self.ended = false;
            match kind {
                Some(b'#') => self.at = inside + template[inside..].find("#}")? + 2,
                Some(b'%') => {
                    let Some(length) = basic_tag(&template[inside..], "raw") else {
                        self.at = inside;
                        self.end = Some("%}");
                        return self.end;
                    };
                    self.at = end_of_raw(template, inside + length)?;
                }
                Some(b'{') => {
                    self.at = inside;
                    self.end = Some("}}");
                    return self.end;
                }
                _ => self.at = start + 1,
            }
        }
    }

    /// Returns the next token of a tag and its range. Returns `None` at the end of the tag, which only counts outside
    /// brackets.
    pub(super) fn next(&mut self) -> Option<(TemplateToken<'t>, Range<usize>)> {
        let rest = self.template[self.at..].trim_start();
        let start = self.template.len() - rest.len();
        self.at = start;
        if let Some(end) = self.end.filter(|_| self.depth == 0) {
            let unmarked = rest.strip_prefix(['-', '+']).unwrap_or(rest);
            if unmarked.starts_with(end) {
                self.at = self.template.len() - unmarked.len() + end.len();
                self.ended = true;
                return None;
            }
        }
        let one = rest.chars().next()?;
        let (token, length) = match one {
            '"' | '\'' => (TemplateToken::Text, text_length(rest, one)),
            '(' | '[' | '{' => (TemplateToken::Open, 1),
            ')' | ']' | '}' => (TemplateToken::Close, 1),
            _ if one == '_' || unicode_ident::is_xid_start(one) || one.is_ascii_digit() => {
                let length = rest.find(|one: char| !unicode_ident::is_xid_continue(one)).unwrap_or(rest.len());
                (if one.is_ascii_digit() { TemplateToken::Text } else { TemplateToken::Word(&rest[..length]) }, length)
            }
            _ => (TemplateToken::Sign(rest.as_bytes()[0]), one.len_utf8()),
        };
        match token {
            TemplateToken::Open => self.depth += 1,
            TemplateToken::Close => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.at = start + length;
        Some((token, start..start + length))
    }
}

/// Returns `true` for a text that is one string with its quotes.
pub(super) fn is_quoted(text: &str) -> bool {
    text.starts_with(['"', '\''])
        && text.len() > 1
        && text.ends_with(&text[..1])
        && !text[1..text.len() - 1].contains(&text[..1])
}

/// Returns the length of `raw %}` at the start of a tag, as the engine reads it.
fn basic_tag(text: &str, word: &str) -> Option<usize> {
    let blank = |one: char| one.is_ascii_whitespace();
    let rest = text.trim_start_matches(blank).strip_prefix(word)?.trim_start_matches(blank);
    let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest).strip_prefix("%}")?;
    Some(text.len() - rest.len())
}

fn end_of_raw(template: &str, mut at: usize) -> Option<usize> {
    loop {
        at += template[at..].find("{%")? + 2;
        at += usize::from(matches!(template.as_bytes().get(at), Some(b'-' | b'+')));
        if let Some(length) = basic_tag(&template[at..], "endraw") {
            return Some(at + length);
        }
    }
}

/// Returns the length of a quoted text, including the quotes.
fn text_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (place, one) in text.char_indices().skip(1) {
        match one {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if one == quote => return place + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the range of the value that the `|` or `is` before `at` applies to.
pub(super) fn operand_before(source: &str, at: usize) -> Option<Range<usize>> {
    let mut tokens = TemplateTokens::new(source);
    while tokens.next_tag().is_some() {
        let mut starts: Vec<Option<usize>> = vec![None];
        let (mut ended, mut before) = (0, None);
        while let Some((token, range)) = tokens.next() {
            if range.start >= at {
                return starts.last()?.map(|start| start..ended);
            }
            let start = starts.last_mut()?;
            let follows = matches!(before, Some(TemplateToken::Sign(b'.' | b'|') | TemplateToken::Word("is")));
            match token {
                TemplateToken::Open => {
                    start.get_or_insert(range.start);
                    starts.push(None);
                }
                TemplateToken::Close => {
                    starts.pop();
                }
                TemplateToken::Sign(b'.' | b'|') | TemplateToken::Word("is") => {}
                TemplateToken::Sign(_) => *start = None,
                TemplateToken::Word(word) if !follows && is_operator(word) => *start = None,
                TemplateToken::Word(_) | TemplateToken::Text => {
                    start.get_or_insert(range.start);
                }
            }
            let negation = follows && token == TemplateToken::Word("not");
            if !negation && !matches!(token, TemplateToken::Sign(b'|') | TemplateToken::Word("is")) {
                ended = range.end;
            }
            before = Some(token);
        }
    }
    None
}
