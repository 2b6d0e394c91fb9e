//! Whether a row is selected.

/// Parses `when`: true for true, yes, 1; false for false, no, 0 and empty, in any case.
pub(in super::super) fn parse_when(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" | "" => Some(false),
        _ => None,
    }
}

/// Returns `true` if a non-empty text says "false". A condition that treats it as true is suspicious.
pub(in super::super) fn reads_as_false(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "false" | "no" | "0" | "off")
}

#[cfg(test)]
mod tests {
    use super::parse_when;

    #[test]
    fn when_is_generous_but_not_guessing() {
        for yes in ["true", "YES", " 1 ", "True"] {
            assert_eq!(parse_when(yes), Some(true), "{yes}");
        }
        for no in ["false", "No", "0", "", "  "] {
            assert_eq!(parse_when(no), Some(false), "{no}");
        }
        for neither in ["maybe", "2", "on", "y", "ja"] {
            assert_eq!(parse_when(neither), None, "{neither}");
        }
    }
}
