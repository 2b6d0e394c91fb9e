use super::*;

fn codes(text: &str) -> Vec<(&'static str, &str)> {
    in_speech(text).into_iter().map(|found| (found.code.name(), &text[found.range])).collect()
}

#[test]
fn placeholders_of_other_tools_are_found_whole() {
    for (text, found) in [
        ("Hello ${NAME}!", "${NAME}"),
        ("Hello {first_name}, welcome", "{first_name}"),
        ("Hello { First Name }", "{ First Name }"),
        ("Item {0} of {1}", "{0}"),
        ("Hello [[name]]", "[[name]]"),
        ("Hello <%= user.name %>", "<%= user.name %>"),
        ("Hello %name%, hi", "%name%"),
        ("Hello %%FirstName%%", "%%FirstName%%"),
        ("Hello *|FNAME|*", "*|FNAME|*"),
        ("Hello <<Name>>", "<<Name>>"),
        ("Hello {{ name }} from a cell", "{{ name }}"),
    ] {
        assert_eq!(codes(text), [("foreign-placeholder", found)], "{text}");
    }
    let found = dollar_before_template("Hello ${{ matrix.locale }}").unwrap();
    assert_eq!((found.code, found.range), (Code::ForeignPlaceholder, 6..7));
}

#[test]
fn markup_is_found_whole() {
    for (text, found) in [
        ("Hello <break time=\"1s\"/> there", "<break time=\"1s\"/>"),
        ("<speak>Hello</speak>", "<speak>"),
        ("Hello<br>there", "<br>"),
        ("Hello </p>", "</p>"),
        ("A <!-- note --> B", "<!-- note -->"),
        ("See [our site](https://example.com) now", "[our site](https://example.com)"),
        ("![logo](a.png) hi", "![logo](a.png)"),
        ("Hello [pause] there", "[pause]"),
        ("Hello [long pause] there", "[long pause]"),
        ("Hello [pause 2s] there", "[pause 2s]"),
        ("Fish &amp; chips", "&amp;"),
        ("It&#39;s", "&#39;"),
        ("This is **very** good", "**very**"),
        ("## Chapter one\nHello", "## Chapter one"),
    ] {
        assert_eq!(codes(text), [("markup-in-text", found)], "{text}");
    }
}

#[test]
fn errors_of_spreadsheets_are_found() {
    for (text, found) in [("Hello #REF!", "#REF!"), ("#N/A", "#N/A"), ("a #NAME? b", "#NAME?"), ("Err:502", "Err:502")]
    {
        assert_eq!(codes(text), [("spreadsheet-error", found)], "{text}");
    }
}

#[test]
fn ordinary_texts_are_silent() {
    for text in [
        "Hello.",
        "We are the #1 choice, 20% off or 30% off",
        "a < b and c > d, R&D; AT&T",
        "He said [the CEO] was late; see [1].",
        "Save 50% & more: 3 * 4 * 5",
        "{ }, {}, [], <>, <3, %",
        "Use # as a mark, C# or F#",
        "Ça coûte 5 €",
        "می\u{200c}خواهم",
        "👨\u{200d}👩\u{200d}👧",
        "##",
        "Hello. [[fail]]",
        "#NVIDIA is a word",
    ] {
        assert_eq!(codes(text), [], "{text}");
    }
}

#[test]
fn characters_that_nobody_sees_are_found_where_no_script_needs_them() {
    for text in ["a\u{200b}b", "so\u{ad}ft", "a\u{feff}b", "end\u{200d}"] {
        assert_eq!(codes(text).first().map(|found| found.0), Some("invisible-text"), "{text:?}");
    }
    assert!(" \u{200b}\u{feff}\n".chars().all(is_invisible));
    assert!(!"a".chars().all(is_invisible));
}

#[test]
fn ids_with_quotes_blanks_or_addresses_are_suspicious() {
    for (id, meant) in [("“A1”", Some("A1")), ("'A1'", Some("A1")), (" A1", Some("A1")), ("https://x.y/A1", None)] {
        let found = suspicious_id(id).unwrap_or_else(|| panic!("{id}"));
        assert_eq!(found.1.as_deref(), meant, "{id}");
    }
    for id in ["A1", "en-US-Jenny", "Jenny (US)", "声優"] {
        assert_eq!(suspicious_id(id), None, "{id}");
    }
}
