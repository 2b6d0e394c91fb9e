//! The patterns of a manifest's strings, shared by the published schema and by our own parser.

/// The name of a preset, a video or an environment.
pub const NAME: &str = r"^[A-Za-z0-9][A-Za-z0-9._-]*$";

/// A name that a template can reference: a variable, an axis of a matrix, an environment variable.
pub const IDENTIFIER: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

/// A string with template markers.
pub const TEMPLATE: &str = r"\{[{%#]";

/// The name of a preset, or a template that returns one.
pub const NAME_OR_TEMPLATE: &str = r"^[A-Za-z0-9][A-Za-z0-9._-]*$|\{[{%#]";

/// A color, or a template that returns one.
pub const COLOR_OR_TEMPLATE: &str = r"^#[0-9a-fA-F]{6}$|\{[{%#]";

/// A duration with its unit.
pub const DURATION: &str = "^[0-9]{1,9}(ms|s|m|h)$";

/// A percentage.
pub const PERCENT: &str = r"^(100|[0-9]{1,2}(\.[0-9]{1,6})?)%$";

/// Returns whether a string matches one of the patterns in this file, or `None` for another pattern.
pub fn matches(pattern: &str, text: &str) -> Option<bool> {
    Some(match pattern {
        NAME => is_name(text),
        IDENTIFIER => is_identifier(text),
        TEMPLATE => has_template(text),
        NAME_OR_TEMPLATE => is_name(text) || has_template(text),
        COLOR_OR_TEMPLATE => is_color(text) || has_template(text),
        DURATION => is_duration(text),
        PERCENT => is_percent(text),
        _ => return None,
    })
}

/// Returns `true` if a string contains template markers and must be rendered.
pub fn has_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// Returns `true` if a string is `#rrggbb`.
pub fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Returns `true` if a string can name a preset, a video or an environment.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Returns `true` if a template can reference the string as a name.
pub fn is_identifier(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_duration(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=9).contains(&digits) && matches!(&text[digits..], "ms" | "s" | "m" | "h")
}

fn is_percent(text: &str) -> bool {
    let Some(number) = text.strip_suffix('%') else { return false };
    if number == "100" {
        return true;
    }
    let (whole, part) = number.split_once('.').map_or((number, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole, 2) && part.is_none_or(|part| digits(part, 6))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use jsonschema::Validator;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ALL: &[&str] = &[NAME, IDENTIFIER, TEMPLATE, NAME_OR_TEMPLATE, COLOR_OR_TEMPLATE, DURATION, PERCENT];

    static VALIDATORS: LazyLock<Vec<Validator>> = LazyLock::new(|| {
        ALL.iter().map(|pattern| jsonschema::draft7::new(&json!({ "pattern": pattern })).unwrap()).collect()
    });

    #[test]
    fn each_pattern_takes_and_refuses() {
        let cases = [
            (NAME, "a-1.b_c", true),
            (NAME, "-a", false),
            (NAME, "", false),
            (NAME, "é", false),
            (IDENTIFIER, "_a1", true),
            (IDENTIFIER, "1a", false),
            (TEMPLATE, "a {% if %}", true),
            (TEMPLATE, "{ {", false),
            (NAME_OR_TEMPLATE, "narrator-{{ matrix.locale }}", true),
            (COLOR_OR_TEMPLATE, "#ffEEcc", true),
            (COLOR_OR_TEMPLATE, "#fff", false),
            (DURATION, "500ms", true),
            (DURATION, "60", false),
            (DURATION, "1234567890s", false),
            (PERCENT, "30%", true),
            (PERCENT, "100%", true),
            (PERCENT, "101%", false),
            (PERCENT, "12.5%", true),
        ];
        for (pattern, text, wanted) in cases {
            assert_eq!(matches(pattern, text), Some(wanted), "{pattern} {text}");
        }
        assert_eq!(matches("^other$", "other"), None);
    }

    proptest! {
        #[test]
        fn our_reading_agrees_with_the_pattern(text in r"[#a-fA-F0-9{}%._ ms\-é\n]{0,9}|#[0-9a-g]{5,7}|[0-9]{1,10}(ms|s|m|h)|1?[0-9]{1,2}(\.[0-9]{0,7})?%") {
            for (pattern, validator) in ALL.iter().zip(VALIDATORS.iter()) {
                prop_assert_eq!(matches(pattern, &text), Some(validator.is_valid(&json!(text))), "{} {:?}", pattern, text);
            }
        }
    }
}
