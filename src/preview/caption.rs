//! Splits a script into captions of at most two lines, at the ends of sentences where possible.

use unicode_segmentation::UnicodeSegmentation;

use super::Fonts;
use super::fonts::is_wide;

/// Maximum number of lines per caption.
const LINES: usize = 2;

/// One caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// One or two lines.
    pub lines: Vec<String>,
}

impl Caption {
    /// Returns the text on one line, as it is spoken.
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }

    /// Returns the relative duration of the caption: its number of characters.
    pub fn weight(&self) -> usize {
        self.lines.iter().map(|line| line.chars().filter(|one| !one.is_whitespace()).count()).sum::<usize>().max(1)
    }
}

/// Splits a script into captions whose lines are at most `ems` wide.
pub fn cues(script: &str, ems: f64, fonts: &Fonts) -> Vec<Caption> {
    let mut cues: Vec<Caption> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let flush = |open: &mut Vec<String>, cues: &mut Vec<Caption>| {
        if !open.is_empty() {
            cues.push(Caption { lines: std::mem::take(open) });
        }
    };
    for sentence in sentences(script) {
        if measure(&sentence, fonts) > ems {
            flush(&mut open, &mut cues);
            cues.extend(group(&sentence, ems, fonts));
            continue;
        }
        let joined = open.last().map(|last| format!("{last} {sentence}"));
        if let Some(joined) = joined.filter(|joined| open.len() == 1 && measure(joined, fonts) <= ems) {
            open = vec![joined];
            continue;
        }
        if open.len() == LINES {
            flush(&mut open, &mut cues);
        }
        open.push(sentence);
    }
    flush(&mut open, &mut cues);
    cues
}

/// Splits a sentence longer than a line into captions of two lines, as evenly as possible.
fn group(text: &str, ems: f64, fonts: &Fonts) -> Vec<Caption> {
    let lines = wrap(text, ems, fonts);
    let lines = if lines.len() > 1 { balance(text, lines, ems, fonts) } else { lines };
    lines.chunks(LINES).map(|lines| Caption { lines: lines.to_vec() }).collect()
}

/// Wraps the text again into the same number of lines, with the longest line as short as possible.
fn balance(text: &str, lines: Vec<String>, ems: f64, fonts: &Fonts) -> Vec<String> {
    let (mut low, mut high) = (ems / 2.0, ems);
    let mut best = lines;
    for _ in 0..6 {
        let middle = f64::midpoint(low, high);
        let tried = wrap(text, middle, fonts);
        if tried.len() <= best.len() {
            best = tried;
            high = middle;
        } else {
            low = middle;
        }
    }
    best
}

/// Splits a script into sentences, with single spaces and without control characters.
fn sentences(script: &str) -> Vec<String> {
    let mut found = Vec::new();
    for paragraph in script.lines() {
        for sentence in paragraph.split_sentence_bounds() {
            let clean: String = sentence.chars().map(|one| if is_drawable(one) { one } else { ' ' }).collect();
            let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
            if !clean.is_empty() {
                found.push(clean);
            }
        }
    }
    found
}

/// Returns whether an SVG text may contain a character: no controls, and nothing that reverses the surrounding text.
pub(super) fn is_drawable(one: char) -> bool {
    !one.is_control()
        && !matches!(one, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}')
}

/// Wraps a text into lines of at most `ems`.
pub(super) fn wrap(text: &str, ems: f64, fonts: &Fonts) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut width = 0.0;
    for piece in break_units(text) {
        let long = measure(piece.trim_end(), fonts);
        if width + long > ems && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            width = 0.0;
        }
        if long <= ems {
            line.push_str(piece);
            width += measure(piece, fonts);
            continue;
        }
        // A word longer than a line is broken anywhere, but never between a letter and its combining marks.
        for letter in piece.graphemes(true) {
            let wide = measure(letter, fonts);
            if width + wide > ems && !line.is_empty() {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                width = 0.0;
            }
            line.push_str(letter);
            width += wide;
        }
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Splits a text at word boundaries. Whitespace belongs to the previous word. In scripts without spaces, each letter is
/// a piece, with the punctuation that follows.
fn break_units(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut last: Option<&str> = None;
    for (at, letter) in text.grapheme_indices(true) {
        let breaks = last.is_some_and(|last| {
            let blank = last.ends_with(char::is_whitespace) || last == "-";
            let wide = letter.chars().next().is_some_and(is_wide) || last.chars().next().is_some_and(is_wide);
            (blank && !letter.starts_with(char::is_whitespace)) || (wide && !closes(letter) && !opens(last))
        });
        if breaks {
            pieces.push(&text[start..at]);
            start = at;
        }
        last = Some(letter);
    }
    pieces.push(&text[start..]);
    pieces
}

/// Returns whether a letter must not start a line.
fn closes(letter: &str) -> bool {
    letter.starts_with(|one: char| "、。，．！？：；）」』】〉》ー…!?,.;:)]}”’%".contains(one) || one.is_whitespace())
}

/// Returns whether a letter must not end a line.
fn opens(letter: &str) -> bool {
    letter.starts_with(['（', '「', '『', '【', '〈', '《', '(', '[', '{', '“', '‘'])
}

/// Returns the width of a text, in ems.
pub(super) fn measure(text: &str, fonts: &Fonts) -> f64 {
    text.graphemes(true)
        .map(|letter| {
            let widths = letter.chars().map(|one| fonts.width(one));
            // Joined emoji are drawn as one.
            if letter.contains('\u{200d}') { widths.fold(0.0, f64::max) } else { widths.sum() }
        })
        .sum()
}

/// Truncates a text to at most `ems`, with `…` at the end if anything is removed.
pub(super) fn truncate(text: &str, ems: f64, fonts: &Fonts) -> String {
    let clean: String = text.chars().map(|one| if is_drawable(one) { one } else { ' ' }).collect();
    if measure(&clean, fonts) <= ems {
        return clean;
    }
    let mut kept = String::new();
    let mut width = 1.0;
    for letter in clean.graphemes(true) {
        width += measure(letter, fonts);
        if width > ems {
            break;
        }
        kept.push_str(letter);
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, ems: f64) -> Vec<Vec<String>> {
        cues(text, ems, &Fonts::new(false)).into_iter().map(|cue| cue.lines).collect()
    }

    #[test]
    fn sentences_stand_together_where_they_fit() {
        assert_eq!(lines("Hello. Welcome to Acme.", 20.0), [["Hello. Welcome to Acme."]]);
        assert_eq!(
            lines("Welcome to Acme Cloud. Your first project is one minute away.", 13.0),
            [vec!["Welcome to Acme Cloud."], vec!["Your first project is", "one minute away."]]
        );
        assert!(lines("", 10.0).is_empty() && lines(" \n\t ", 10.0).is_empty());
    }

    #[test]
    fn no_line_is_wider_than_asked_and_nothing_is_lost() {
        let fonts = Fonts::new(false);
        for text in [
            "東京タワーへようこそ。「こんにちは」と言いましょう。とても長い文章です、折り返しが必要です。",
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
            "a b c d e f g h i j k l m n o p q r s t u v w x y z 1 2 3 4 5 6 7 8 9",
            "👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦",
        ] {
            let cues = cues(text, 9.0, &fonts);
            for line in cues.iter().flat_map(|cue| &cue.lines) {
                assert!(measure(line, &fonts) <= 9.0, "{line}");
                assert!(!line.starts_with(['、', '。', '」']), "{line}");
            }
            assert!(cues.iter().all(|cue| cue.lines.len() <= LINES));
            let whole: String = cues
                .iter()
                .flat_map(|cue| &cue.lines)
                .flat_map(|line| line.chars())
                .filter(|one| *one != ' ')
                .collect();
            assert_eq!(whole, text.replace(' ', ""));
        }
    }

    #[test]
    fn controls_and_turners_are_blanks() {
        assert_eq!(lines("a\u{202e}b\u{0}c\u{1b}[31m", 30.0), [["a b c [31m"]]);
        assert_eq!(truncate("https://example.com/a/very/long/path", 8.0, &Fonts::new(false)), "https://exampl…");
    }
}
