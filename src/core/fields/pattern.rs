//! The patterns of a manifest's strings, shared by the published schema and by our own parser.

use std::sync::Arc;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The key of a video, in any script.
pub const KEY: &str = r"^[\p{L}\p{Nd}][\p{L}\p{Mn}\p{Mc}\p{Nd}._-]*$";

/// The name of a preset, in any script. Written with few classes and without a capturing group: to compile these patterns
/// is most of the time of a small `validate`.
pub const PRESET: &str = r"^[\p{L}\p{Nd}](?: *[\p{L}\p{Mn}\p{Mc}\p{Nd}._-])*$";

/// The name of a variable of `vars`, in any script.
pub const VARS_NAME: &str = r"^[\p{L}_](?: *[\p{L}\p{Mn}\p{Mc}\p{Nd}._-])*$";

/// The name of an environment, which is part of the names of files and variables.
pub const ENVIRONMENT: &str = r"^[A-Za-z0-9][A-Za-z0-9._-]*$";

/// A name that a template can reference without brackets, in any script: an axis of a matrix.
pub const IDENTIFIER: &str = r"^[\p{L}_][\p{L}\p{Mn}\p{Mc}\p{Nd}_]*$";

/// The name of an environment variable.
pub const VARIABLE: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

/// A string with template markers.
pub const TEMPLATE: &str = r"\{[{%#]";

/// The name of a preset, or a template that returns one.
pub const PRESET_OR_TEMPLATE: &str = r"^[\p{L}\p{Nd}](?: *[\p{L}\p{Mn}\p{Mc}\p{Nd}._-])*$|\{[{%#]";

/// A color, or a template that returns one.
pub const COLOR_OR_TEMPLATE: &str = r"^#[0-9a-fA-F]{6}$|\{[{%#]";

/// A duration with its unit.
pub const DURATION: &str = "^[0-9]{1,9}(ms|s|m|h)$";

/// A percentage.
pub const PERCENT: &str = r"^(100|[0-9]{1,2}(\.[0-9]{1,6})?)%$";

/// Returns `true` if a string contains template markers and must be rendered.
pub fn has_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// Returns `true` if a string is `#rrggbb`.
pub fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Returns `true` if a string can name an environment.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Returns `true` if a template can reference the string as a name, in any script.
pub fn is_identifier(text: &str) -> bool {
    text.starts_with(|first| first == '_' || unicode_ident::is_xid_start(first))
        && text.chars().all(unicode_ident::is_xid_continue)
}

/// Returns a name in Unicode's normal form C, in which names are compared. It has one form for letters that files and
/// keyboards write in two.
pub fn normalize_name(name: &Arc<str>) -> Arc<str> {
    if is_nfc(name) { Arc::clone(name) } else { name.nfc().collect::<String>().into() }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use jsonschema::Validator;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    type Reading = fn(&str) -> bool;

    /// The patterns that a function reads, too.
    const READ: &[(&str, Reading)] = &[
        (ENVIRONMENT, is_name),
        (IDENTIFIER, is_identifier),
        (TEMPLATE, has_template),
        (COLOR_OR_TEMPLATE, |text| is_color(text) || has_template(text)),
    ];

    fn validator(pattern: &str) -> Validator {
        jsonschema::draft7::new(&json!({ "pattern": pattern })).unwrap()
    }

    static VALIDATORS: LazyLock<Vec<Validator>> =
        LazyLock::new(|| READ.iter().map(|(pattern, _)| validator(pattern)).collect());

    #[test]
    fn each_pattern_takes_and_refuses() {
        let cases = [
            (KEY, "a-1.b_c", true),
            (KEY, "-a", false),
            (KEY, "", false),
            (KEY, "größe", true),
            (KEY, "gro\u{308}ße.2", true),
            (KEY, "日本語-1", true),
            (KEY, "हिन्दी", true),
            (KEY, "\u{308}o", false),
            (KEY, "a b", false),
            (KEY, "a\u{202e}b", false),
            (ENVIRONMENT, "é", false),
            (IDENTIFIER, "имя_1", true),
            (VARIABLE, "имя", false),
            (PRESET_OR_TEMPLATE, "erzähler", true),
            (PRESET, "Anna Müller", true),
            (PRESET, "a", true),
            (PRESET, "a ", false),
            (PRESET, "a  -", true),
            (PRESET, "a  ", false),
            (PRESET, " a", false),
            (PRESET, "a\u{a0}b", false),
            (PRESET, "a/b", false),
            (VARS_NAME, "My Product-2.0", true),
            (VARS_NAME, "_x", true),
            (VARS_NAME, "2nd", false),
            (VARS_NAME, "price ", false),
            (PRESET_OR_TEMPLATE, "der erzähler", true),
            (PRESET_OR_TEMPLATE, "der/erzähler", false),
            (IDENTIFIER, "_a1", true),
            (IDENTIFIER, "1a", false),
            (TEMPLATE, "a {% if %}", true),
            (TEMPLATE, "{ {", false),
            (PRESET_OR_TEMPLATE, "narrator-{{ matrix.locale }}", true),
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
            assert_eq!(validator(pattern).is_valid(&json!(text)), wanted, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn our_reading_agrees_with_the_pattern(text in r"[#a-fA-F0-9{}%._ ms\-é\n]{0,9}|#[0-9a-g]{5,7}") {
            for ((pattern, read), validator) in READ.iter().zip(VALIDATORS.iter()) {
                prop_assert_eq!(read(&text), validator.is_valid(&json!(text)), "{} {:?}", pattern, text);
            }
        }
    }
}
