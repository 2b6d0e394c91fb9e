//! Makes workflow commands of GitHub Actions in untrusted text harmless.
//!
//! The runner reads the log of a step. A line that begins with `::name::` is a command, and so is `##[name]`
//! anywhere. A script or the vendor's message must not contain one. JSON passes unchanged, because its lines never
//! begin with a colon, and [`crate::source::sanitize_json`] escapes `##[`.

/// Filters the text of a stream in chunks, and inserts a space into each command: `: :error: :`, `## [error]`.
#[derive(Debug)]
pub struct CommandEscaper {
    /// `true` if the line so far has only whitespace and characters that the runner ignores.
    at_start: bool,
    /// `true` if the line so far has only whitespace and one colon.
    after_colon: bool,
    /// Number of consecutive `#`, at most two.
    hashes: u8,
}

impl Default for CommandEscaper {
    fn default() -> Self {
        Self { at_start: true, after_colon: false, hashes: 0 }
    }
}

impl CommandEscaper {
    /// Returns the next chunk without commands.
    pub fn defuse(&mut self, text: &str) -> String {
        let mut made = String::with_capacity(text.len());
        for one in text.chars() {
            if (self.after_colon && one == ':') || (self.hashes == 2 && one == '[') {
                made.push(' ');
            }
            made.push(one);
            self.follow(one);
        }
        made
    }

    fn follow(&mut self, one: char) {
        if matches!(one, '\n' | '\r') {
            *self = Self::default();
            return;
        }
        if is_ignored(one) {
            return;
        }
        self.after_colon = self.at_start && one == ':';
        self.at_start &= one.is_whitespace();
        self.hashes = if one == '#' { (self.hashes + 1).min(2) } else { 0 };
    }
}

/// Returns `true` if the runner's comparison ignores a character. .NET compares by linguistic rules, which ignore
/// control characters, joiners, soft hyphens and variation selectors, but not spaces.
fn is_ignored(one: char) -> bool {
    let control = one.is_control() && !one.is_whitespace();
    control
        || matches!(one,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defused(pieces: &[&str]) -> String {
        let mut defuser = CommandEscaper::default();
        pieces.iter().map(|piece| defuser.defuse(piece)).collect()
    }

    #[test]
    fn no_line_begins_with_a_command_and_none_holds_an_old_one() {
        assert_eq!(defused(&["::error::x"]), ": :error::x");
        assert_eq!(defused(&["a\n \t\u{a0}::error::x\r::add-mask::y"]), "a\n \t\u{a0}: :error::x\r: :add-mask::y");
        assert_eq!(defused(&["a ##[error]x", "###[b]"]), "a ## [error]x### [b]");
        assert_eq!(defused(&[":", ":stop-commands::x", "#", "#", "[warning]"]), ": :stop-commands::x## [warning]");
        for honest in ["a::b", "std::fs", "# [x]", "#[x]", " : :x", "12 | ::error::", "note: ::", ":x::y", "## x ["] {
            assert_eq!(defused(&[honest]), honest);
        }
    }

    #[test]
    fn characters_that_the_runner_ignores_hide_no_command() {
        for ignored in ['\u{ad}', '\u{200d}', '\u{feff}', '\0', '\u{1b}', '\u{fe0f}', '\u{e0041}'] {
            for (open, shut) in [
                (format!("{ignored}::error::x"), format!("{ignored}: :error::x")),
                (format!(" {ignored} :{ignored}:error::x"), format!(" {ignored} :{ignored} :error::x")),
                (format!("a #{ignored}#{ignored}[error]"), format!("a #{ignored}#{ignored} [error]")),
            ] {
                assert_eq!(defused(&[&open]), shut, "{ignored:?}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_text_and_however_it_is_cut_no_command_is_left(pieces in proptest::collection::vec("[:# \\[\\n\\ra]{0,6}", 0..6)) {
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let made = defused(&pieces);
            proptest::prop_assert!(!made.contains("##["), "{:?}", made);
            let command = made.split(['\n', '\r']).any(|line| line.trim_start().starts_with("::"));
            proptest::prop_assert!(!command, "{:?}", made);
            let without = |text: &str| text.replace(' ', "");
            proptest::prop_assert_eq!(without(&made), without(&pieces.concat()));
        }
    }
}
