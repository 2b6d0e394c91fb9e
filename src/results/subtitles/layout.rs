//! Sentences of a text, each as screens of at most two lines.
//!
//! Sentences end by Unicode's text segmentation (UAX 29), lines break by its line breaking (UAX 14), with models for the
//! scripts that write no spaces between words: Thai, Lao, Khmer and Burmese.

use std::cell::OnceCell;

use icu_segmenter::options::LineBreakOptions;
use icu_segmenter::{LineSegmenter, LineSegmenterBorrowed};
use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Maximum number of columns per line. Letters of East Asian scripts take two.
pub(super) const MAX_COLUMNS: usize = 42;
/// Maximum number of lines per cue.
pub(super) const MAX_LINES: usize = 2;
/// The price of one more cue. The other prices are relative to it.
const CUE: f64 = 1.0;
/// The price of a cue that ends within a clause.
const WITHIN_CLAUSE: f64 = 0.4;

/// The columns by which two lines may differ more if the first one ends with a clause.
const CLAUSE_COLUMNS: usize = 12;
/// Marks that begin a sentence, although Unicode's rules assign them to the previous one.
const OPENING: [char; 14] = ['「', '『', '（', '【', '〈', '《', '(', '[', '{', '“', '‘', '«', '‹', '„'];
/// Marks that end a sentence or a clause.
const CLAUSE_ENDS: [char; 19] =
    [',', ';', ':', '،', '؛', '、', '，', '；', '：', '–', '—', '…', '.', '!', '?', '؟', '。', '！', '？'];
/// Marks that may follow the end of a sentence.
const CLOSING: [char; 12] = ['」', '』', '）', '】', '〉', '》', ')', ']', '”', '’', '»', '"'];

/// A part of a sentence that a line must not break.
struct Piece<'a> {
    text: &'a str,
    /// Columns without the whitespace at the end, and with it.
    columns: [usize; 2],
}

impl<'a> Piece<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, columns: [text.trim_end().width(), text.width()] }
    }

    /// `true` if a clause ends here: after punctuation, or at a space in a script that has spaces between clauses only.
    fn ends_clause(&self) -> bool {
        let bare = self.text.trim_end();
        bare.trim_end_matches(CLOSING).ends_with(CLAUSE_ENDS)
            || (bare.len() < self.text.len() && bare.chars().next_back().is_some_and(is_without_spaces))
    }
}

/// `true` for Thai, Lao, Burmese and Khmer.
fn is_without_spaces(one: char) -> bool {
    matches!(one, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// The text of a cue, and its lines.
pub(super) struct Screen {
    /// The text, with the space that separates it from the next one.
    text: String,
    pub lines: Vec<String>,
}

/// Returns the sentences of a text, each as the screens of its cues.
pub(super) fn layout(text: &str) -> Vec<Vec<Screen>> {
    let mut all = Vec::new();
    for sentence in sentences(text) {
        let mut screens = screens(&sentence.text);
        if let Some(last) = screens.last_mut() {
            last.text.push_str(sentence.space);
            all.push(screens);
        }
    }
    all
}

/// Returns two screens in one, if they fit.
pub(super) fn fits_together(one: &Screen, other: &Screen) -> Option<Screen> {
    let [first, second] = [one, other].map(|screen| direction(&screen.text));
    if first != second {
        return None;
    }
    let text = format!("{}{}", one.text, other.text);
    let lines = if one.lines.len() + other.lines.len() <= MAX_LINES {
        [one.lines.as_slice(), &other.lines].concat()
    } else {
        with_direction(lines(&pieces(&text))?, first)
    };
    Some(Screen { text, lines })
}

/// A sentence, and the space that separates it from the next one.
struct Sentence {
    text: String,
    space: &'static str,
}

/// Whether a text has something to read: a letter or a digit.
pub(super) fn is_readable(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Splits a text into sentences, with single spaces and without controls or characters that turn the text around.
fn sentences(text: &str) -> Vec<Sentence> {
    let is_shown = |one: &char| {
        !one.is_control()
            && !matches!(one, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut all: Vec<Sentence> = Vec::new();
    for paragraph in text.split(['\n', '\r', '\u{2028}', '\u{2029}']) {
        for sentence in whole_sentences(paragraph) {
            let words = sentence.split_whitespace().map(|word| word.chars().filter(is_shown).collect::<String>());
            let words = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            let space = if sentence.ends_with(char::is_whitespace) { " " } else { "" };
            if is_readable(&words) {
                all.push(Sentence { text: words, space });
            } else if let (" ", Some(last)) = (space, all.last_mut()) {
                last.space = space;
            }
        }
        // The end of a line is a space, except in a script that has none.
        if let Some(last) = all.last_mut().filter(|last| !last.text.ends_with(is_of_full_width)) {
            last.space = " ";
        }
    }
    all
}

/// Whether a character is one of Chinese or Japanese, or a mark of them.
fn is_of_full_width(one: char) -> bool {
    one.width() == Some(2) && one.script() != Script::Hangul
}

/// Splits a paragraph into sentences. An opening quote belongs to what follows it.
fn whole_sentences(paragraph: &str) -> Vec<&str> {
    let mut ends: Vec<usize> = paragraph.split_sentence_bound_indices().map(|(start, _)| start).skip(1).collect();
    for end in &mut ends {
        *end = paragraph[..*end].trim_end_matches(OPENING).len();
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends.iter().copied().chain([paragraph.len()])).map(|(start, end)| &paragraph[start..end]).collect()
}

/// Returns the cues of a sentence: as few as possible, of similar length, and ending with a clause where possible.
fn screens(sentence: &str) -> Vec<Screen> {
    let pieces = pieces(sentence);
    let columns: usize = pieces.iter().map(|piece| piece.columns[1]).sum();
    let ideal = columns as f64 / columns.div_ceil(MAX_COLUMNS * MAX_LINES).max(1) as f64;
    // The least price of the cues up to each piece, and where the last of them starts.
    let mut best: Vec<(f64, usize)> = vec![(0.0, 0)];
    for end in 1..=pieces.len() {
        let mut least = (f64::INFINITY, end - 1);
        for start in (0..end).rev() {
            let run = &pieces[start..end];
            let wide = width(run);
            if wide > MAX_COLUMNS * MAX_LINES && end - start > 1 {
                break;
            }
            if lines(run).is_none() {
                continue;
            }
            let is_last = end == pieces.len();
            let within = if is_last || run[run.len() - 1].ends_clause() { 0.0 } else { WITHIN_CLAUSE };
            let price = best[start].0 + CUE + ((wide as f64 - ideal) / ideal).powi(2) + within;
            if price < least.0 {
                least = (price, start);
            }
        }
        best.push(least);
    }
    let (mut cues, mut end, direction) = (Vec::new(), pieces.len(), direction(sentence));
    while end > 0 {
        let start = best[end].1;
        let run = &pieces[start..end];
        let text = run.iter().map(|piece| piece.text).collect();
        cues.push(Screen { text, lines: with_direction(lines(run).unwrap_or_default(), direction) });
        end = start;
    }
    cues.reverse();
    cues
}

fn width(pieces: &[Piece<'_>]) -> usize {
    let inner: usize = pieces.iter().map(|piece| piece.columns[1]).sum();
    inner - pieces.last().map_or(0, |last| last.columns[1] - last.columns[0])
}

/// Returns the pieces on one line, or on two of similar length. Returns `None` if they do not fit.
fn lines(pieces: &[Piece<'_>]) -> Option<Vec<String>> {
    let text = |pieces: &[Piece<'_>]| pieces.iter().map(|piece| piece.text).collect::<String>().trim_end().to_owned();
    if width(pieces) <= MAX_COLUMNS {
        return Some(vec![text(pieces)]);
    }
    let fits = |at: &usize| width(&pieces[..*at]) <= MAX_COLUMNS && width(&pieces[*at..]) <= MAX_COLUMNS;
    let price = |at: &usize| {
        let unlike = width(&pieces[..*at]).abs_diff(width(&pieces[*at..]));
        unlike + if pieces[*at - 1].ends_clause() { 0 } else { CLAUSE_COLUMNS }
    };
    let at = (1..pieces.len()).filter(fits).min_by_key(price)?;
    Some(vec![text(&pieces[..at]), text(&pieces[at..])])
}

/// Splits a sentence where a line may break. A word longer than a line breaks anywhere, but never within a letter.
fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    thread_local! {
        static SEGMENTER: OnceCell<LineSegmenterBorrowed<'static>> = const { OnceCell::new() };
    }
    let ends: Vec<usize> = SEGMENTER.with(|segmenter| {
        let new = || LineSegmenter::new_lstm(LineBreakOptions::default());
        segmenter.get_or_init(new).segment_str(sentence).collect()
    });
    let mut pieces = Vec::new();
    for (start, end) in ends.iter().zip(ends.iter().skip(1)) {
        let piece = Piece::new(&sentence[*start..*end]);
        if piece.columns[0] <= MAX_COLUMNS {
            pieces.push(piece);
            continue;
        }
        let mut from = 0;
        for (at, letter) in piece.text.grapheme_indices(true) {
            if at > from && piece.text[from..at + letter.len()].trim_end().width() > MAX_COLUMNS {
                pieces.push(Piece::new(&piece.text[from..at]));
                from = at;
            }
        }
        pieces.push(Piece::new(&piece.text[from..]));
    }
    pieces
}

const LEFT_TO_RIGHT: char = '\u{200e}';
const RIGHT_TO_LEFT: char = '\u{200f}';

/// Returns the mark of the direction of a text's first letter that has one.
fn direction(text: &str) -> char {
    if text.chars().find_map(is_right_to_left) == Some(true) { RIGHT_TO_LEFT } else { LEFT_TO_RIGHT }
}

/// Returns the direction of a letter, or `None` for digits, punctuation and spaces.
fn is_right_to_left(one: char) -> Option<bool> {
    // The blocks of scripts that are written from right to left, with those that Unicode reserves for more of them.
    let is = matches!(one, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    one.is_alphabetic().then_some(is)
}

/// Marks the lines whose own first or last characters would show them in another direction than their sentence.
///
/// A player takes the direction of a line from its first letter, and some take it from their own language. So a line
/// of an Arabic sentence that starts with a Latin name, or ends with a period, would be shown in a wrong order.
fn with_direction(lines: Vec<String>, mark: char) -> Vec<String> {
    let is_turned = |line: &str| direction(line) != mark;
    let ends_open =
        |line: &str| mark == RIGHT_TO_LEFT && line.chars().next_back().and_then(is_right_to_left) != Some(true);
    let marked = |line: String| {
        let (before, after) = (is_turned(&line), ends_open(&line));
        let sign = |is: bool| if is { mark.to_string() } else { String::new() };
        format!("{}{line}{}", sign(before), sign(after))
    };
    lines.into_iter().map(marked).collect()
}
