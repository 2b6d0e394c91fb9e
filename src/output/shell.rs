//! Quotes words for a POSIX shell, so that a shown command can be copied and run.

/// Returns a word as the shell reads it: unquoted if it has no special characters, otherwise in single quotes.
pub fn quote(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// Returns a text in single quotes.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn is_plain(text: &str) -> bool {
    let plain = |one: char| one.is_ascii_alphanumeric() || "._-/:@%+,".contains(one);
    !text.is_empty() && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        for text in ["welcome", "onboarding[de,pro]", "it's[*]", "", "a b", "$HOME", "`id`;!#~", "é\\n\"x\""] {
            let script = format!("printf %s {}", quote(text));
            let done = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(done.stdout).unwrap(), text, "{script}");
        }
        assert_eq!([quote("welcome"), quote("a[de]")], ["welcome".to_owned(), "'a[de]'".to_owned()]);
    }
}
