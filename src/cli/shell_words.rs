//! Words of a shell's command line: parses incomplete ones, and quotes complete ones so that the shell reads them
//! literally.

use std::fmt::Write as _;

/// A command line up to the cursor, as bash sends it.
#[derive(Debug, PartialEq, Eq)]
pub struct TypedLine<'a> {
    /// The words before the last one, without their quotes.
    pub before: Vec<String>,
    /// The last word as typed, empty after a space.
    raw: &'a str,
    /// The open quote at the cursor, and its position in `raw`.
    open: Option<(Quote, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quote {
    Single,
    Double,
    /// `$'…'`
    Escaped,
}

impl<'a> TypedLine<'a> {
    /// Parses a line in the syntax of bash. Operators end a word, and nothing is expanded.
    pub fn of_bash(line: &'a str) -> Self {
        let mut before = Vec::new();
        let mut start = 0;
        let mut open = None;
        let mut characters = line.char_indices();
        while let Some((at, one)) = characters.next() {
            match (open, one) {
                (None, ' ' | '\t' | '\n' | ';' | '|' | '&' | '<' | '>' | '(' | ')') => {
                    if at > start {
                        before.push(unquoted(&line[start..at]));
                    }
                    start = at + 1;
                }
                (None | Some((Quote::Double | Quote::Escaped, _)), '\\') => drop(characters.next()),
                (None, '\'') if line[start..at].ends_with('$') => open = Some((Quote::Escaped, at)),
                (None, '\'') => open = Some((Quote::Single, at)),
                (None, '"') => open = Some((Quote::Double, at)),
                (Some((Quote::Single | Quote::Escaped, _)), '\'') | (Some((Quote::Double, _)), '"') => open = None,
                _ => {}
            }
        }
        Self { before, raw: &line[start..], open: open.map(|(quote, at)| (quote, at - start)) }
    }

    /// Returns the last word without its quotes.
    pub fn current(&self) -> String {
        unquoted(self.raw)
    }

    /// Returns the text with which bash must replace `replaced`, the end of the last word, to complete it to
    /// `candidate`.
    ///
    /// Returns `None` if the typed text cannot be preserved.
    pub fn completed(&self, replaced: &str, candidate: &str) -> Option<String> {
        match self.open {
            // If the answer repeats an opening quote, bash keeps it and closes it.
            Some((Quote::Single, at)) => Some(quoted_within('\'', self.rest(at, candidate)?)),
            Some((Quote::Double, at)) => Some(quoted_within('"', self.rest(at, candidate)?)),
            Some((Quote::Escaped, _)) => None,
            None => Some(quoted(self.rest(self.raw.strip_suffix(replaced)?.len(), candidate)?)),
        }
    }

    /// Returns the part of a candidate after the first `kept` bytes of the typed word.
    fn rest<'b>(&self, kept: usize, candidate: &'b str) -> Option<&'b str> {
        candidate.strip_prefix(unquoted(&self.raw[..kept]).as_str())
    }
}

/// Returns a word without its quotes. A quote that is open at the end counts as closed.
fn unquoted(raw: &str) -> String {
    let mut bytes = Vec::new();
    let mut quote = None;
    let mut characters = raw.chars().peekable();
    while let Some(one) = characters.next() {
        match (quote, one) {
            (None, '$') if characters.peek() == Some(&'\'') => {
                characters.next();
                quote = Some(Quote::Escaped);
            }
            (None, '\'') => quote = Some(Quote::Single),
            (None, '"') => quote = Some(Quote::Double),
            (Some(Quote::Single | Quote::Escaped), '\'') | (Some(Quote::Double), '"') => quote = None,
            (Some(Quote::Escaped), '\\') if characters.peek() == Some(&'x') => {
                characters.next();
                let digits: String =
                    std::iter::from_fn(|| characters.next_if(char::is_ascii_hexdigit)).take(2).collect();
                bytes.extend(u8::from_str_radix(&digits, 16));
            }
            (Some(Quote::Double), '\\') if !matches!(characters.peek(), Some('"' | '\\' | '$' | '`')) => {
                bytes.push(b'\\');
            }
            (None | Some(Quote::Double | Quote::Escaped), '\\') => push(&mut bytes, characters.next()),
            _ => push(&mut bytes, Some(one)),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns a token of fish without its quotes. A quote that is open at the end counts as closed.
pub fn unquoted_by_fish(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut quote = None;
    let mut characters = raw.chars().peekable();
    while let Some(one) = characters.next() {
        match (quote, one) {
            (None, '\'' | '"') => quote = Some(one),
            (Some(open), one) if one == open => quote = None,
            (Some('\''), '\\') if !matches!(characters.peek(), Some('\\' | '\'')) => text.push(one),
            (Some('"'), '\\') if !matches!(characters.peek(), Some('\\' | '"' | '$')) => text.push(one),
            (_, '\\') => text.extend(characters.next()),
            _ => text.push(one),
        }
    }
    text
}

fn push(bytes: &mut Vec<u8>, one: Option<char>) {
    bytes.extend(one.map(String::from).unwrap_or_default().bytes());
}

/// Returns a text that bash reads literally outside of quotes.
fn quoted(text: &str) -> String {
    let mut line = String::with_capacity(text.len() + 8);
    for one in text.chars() {
        if is_control(one) {
            line.push_str(&escaped(one));
        } else {
            // Letters of any script, and characters without a meaning in any shell.
            if !one.is_alphanumeric() && !"_-./:=@%+,".contains(one) && one.is_ascii() {
                line.push('\\');
            }
            line.push(one);
        }
    }
    line
}

/// Returns a text that bash reads literally after an open quote, which is repeated here.
fn quoted_within(quote: char, text: &str) -> String {
    let mut line = String::from(quote);
    for one in text.chars() {
        match one {
            '\'' if quote == '\'' => line.push_str(r"'\''"),
            // In double quotes, bash would keep a backslash before `!`, so this one is outside the quotes.
            '!' if quote == '"' => line.push_str(r#""'!'""#),
            '"' | '\\' | '$' | '`' if quote == '"' => line.extend(['\\', one]),
            one if is_control(one) => line.extend([quote.to_string(), escaped(one), quote.to_string()]),
            one => line.push(one),
        }
    }
    if line.len() > 1 && line.ends_with(quote) {
        // Bash adds no closing quote to a line that ends in one, even in `\"`.
        line.push(quote);
    }
    line
}

/// Returns a character as `$'\x1b'`, byte by byte, which works in every locale.
fn escaped(one: char) -> String {
    let mut text = String::from("$'");
    for byte in one.to_string().bytes() {
        let _infallible = write!(text, "\\x{byte:02x}");
    }
    text.push('\'');
    text
}

/// Returns `true` if a character could move the cursor or hide the text after it.
fn is_control(one: char) -> bool {
    one.is_control() || crate::source::sanitize(&one.to_string()) != one.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: [&str; 14] = [
        "onboarding[en,pro]",
        "$(touch x)",
        "`touch x`",
        "a b  c",
        "*?[a-z]{b,c}~#",
        "it's \"so\"",
        "a\\b\\",
        "a;b|c&d<e>f",
        "!x!",
        "line\nbreak\n",
        "\u{1b}[31m\u{7}\u{9b}",
        "\u{202e}txt",
        "東京 é",
        "ends'",
    ];

    /// Returns the words of a line as bash reads it.
    fn words(line: &str) -> Vec<String> {
        let typed = TypedLine::of_bash(line);
        let current = typed.current();
        [typed.before, vec![current]].concat()
    }

    #[test]
    fn a_typed_line_is_read_without_its_quotes() {
        assert_eq!(
            words(r#"callsheet -C "my \"dir\"" plan a\ b'c d'e"#),
            ["callsheet", "-C", "my \"dir\"", "plan", "a bc de"]
        );
        assert_eq!(words("callsheet plan "), ["callsheet", "plan", ""]);
        assert_eq!(words("callsheet plan 'onboarding[e"), ["callsheet", "plan", "onboarding[e"]);
        assert_eq!(words(r"callsheet plan $'a\x1b\x5b31m\'"), ["callsheet", "plan", "a\u{1b}[31m'"]);
        assert_eq!(words("callsheet plan >out.txt on"), ["callsheet", "plan", "out.txt", "on"]);
        assert_eq!(words("callsheet plan a\\"), ["callsheet", "plan", "a"]);
        assert_eq!(words(r#"x "a\b"#), ["x", r"a\b"]);
        assert_eq!(unquoted_by_fish(r#"a\ b'c\'d\e'"f\"g\h"#), r#"a bc'd\ef"g\h"#);
    }

    #[test]
    fn what_is_completed_reads_as_the_candidate() {
        for candidate in HOSTILE {
            let whole = TypedLine::of_bash("callsheet plan ").completed("", candidate).unwrap();
            assert_eq!(unquoted(&whole), candidate, "{whole}");
            assert!(!whole.chars().any(char::is_control), "{whole:?}");
            for quote in ["'", "\""] {
                let line = format!("callsheet plan {quote}");
                let mut within = TypedLine::of_bash(&line).completed("", candidate).unwrap();
                if !within[1..].ends_with(quote) {
                    within += quote;
                }
                assert_eq!(TypedLine::of_bash(&within).open, None, "{within}");
                assert_eq!(unquoted(&within), candidate, "{within}");
            }
        }
    }

    #[test]
    fn only_what_bash_replaces_is_given() {
        let completed =
            |line: &str, replaced: &str, candidate: &str| TypedLine::of_bash(line).completed(replaced, candidate);
        assert_eq!(completed("x --env=s", "s", "--env=sandbox").as_deref(), Some("sandbox"));
        assert_eq!(completed("x th[a:b", "b", "th[a:bc]").as_deref(), Some(r"bc\]"));
        assert_eq!(completed("x a'b c", "b c", "ab cd").as_deref(), Some("'b cd"));
        assert_eq!(completed("x \"a\"b", "\"a\"b", "abc").as_deref(), Some("abc"));
        assert_eq!(completed("x a:b", "b", "other"), None);
        assert_eq!(completed("x $'a", "a", "abc"), None);
    }
}
