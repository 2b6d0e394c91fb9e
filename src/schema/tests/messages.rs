//! Every schema error, in the form that the author reads.

use std::fmt::Write as _;

use super::tree;
use crate::diagnostic::Report;
use crate::fields::VENDOR;
use crate::schema::{FileRole, check};

/// All messages of a text, one per line: code, location, message, label, help.
fn said(text: &str, role: FileRole) -> String {
    let (sources, node) = tree(text);
    let mut report = Report::new();
    let sound = check(&node, role, text, &mut report);
    assert_eq!(sound, report.is_empty(), "{report:?}");
    report.sort();
    let mut screen = String::new();
    for one in report.iter() {
        let label = one.primary.as_ref().unwrap();
        let (_, place) = sources.locate(label.origin);
        let _ = write!(screen, "{} {}:{} {}", one.code, place.line, place.column, one.message);
        let under = Some(&label.text).filter(|text| !text.is_empty());
        for line in under.into_iter().chain(&one.help) {
            let _ = write!(screen, " | {line}");
        }
        screen.push('\n');
    }
    screen
}

/// The messages of an included file, which needs no version.
fn included(text: &str) -> String {
    said(text, FileRole::Included)
}

#[test]
fn a_value_in_place_of_its_mapping_is_put_into_it() {
    for (text, fix) in [
        ("videos: {a: {rows: d.csv}}", "rows: { path: d.csv, key: \"{{ row.id }}\" }"),
        ("videos: {a: {rows: \"my data.csv\"}}", "rows: { path: \"my data.csv\", key: \"{{ row.id }}\" }"),
        ("videos: {a: {template: 4711}}", "template: { id: 4711 }"),
        ("templates: {promo: \"4711\"}", "promo: { id: 4711 }"),
        ("avatars: {anna: A1}", "anna: { id: A1 }"),
        ("avatars: {anna: 12}", "anna: { id: \"12\" }"),
        ("backgrounds: {b: {media: a.png}}", "media: { path: a.png }"),
        ("backgrounds: {b: {media: \"https://example.com/a.png\"}}", "media: { url: \"https://example.com/a.png\" }"),
        ("videos: {a: Hello there}", "a: { script: \"Hello there\" }"),
        ("pull: \"{key}.{ext}\"", "pull: { name: \"{key}.{ext}\" }"),
        ("pull: {subtitles: none}", "subtitles: []"),
        ("pull: {subtitles: [none]}", "subtitles: []"),
        ("pull: {subtitles: false}", "subtitles: []"),
    ] {
        let text = format!("callsheet: 1\n{text}");
        let told = said(&text, FileRole::Root);
        assert!(told.contains(&format!("write `{fix}`")), "{text}: {told}");
        let name = fix.split(':').next().unwrap();
        let start = text.rfind(&format!("{name}:")).unwrap();
        let closing = text[start..].find('}').map_or(text.len(), |end| start + end);
        let closing = if text[start..].contains("{key}") { text.len() } else { closing };
        let fixed = format!("{}{fix}{}", &text[..start], &text[closing..]);
        assert_eq!(said(&fixed, FileRole::Root), "", "{fixed}");
    }
    // The name of a preset, and a text that is not a number.
    assert!(said("callsheet: 1\nvideos: {a: {avatar: 12}}", FileRole::Root).contains("quote it"));
    assert!(!said("callsheet: 1\ntemplates: {promo: abc}", FileRole::Root).contains("write `"));
}

#[test]
fn an_unknown_field_is_named_with_what_was_meant() {
    let fields = VENDOR.members(VENDOR.find("avatar")).iter().map(|row| format!(", `{}`", VENDOR[*row].key));
    assert_eq!(
        included("avatars: {a: {stile: half}}"),
        format!(
            "unknown-field 1:15 `stile` is not a field of `avatar` | did you mean `style`? | \
             the fields of `avatar` are `use`{}\n",
            fields.collect::<String>()
        )
    );
    assert_eq!(
        included("vidoes: {}\nfoo: 1\nx-ok: null\n$schema: s"),
        "unknown-field 1:1 `vidoes` is not a field of the manifest | did you mean `videos`?\n\
         unknown-field 2:1 `foo` is not a field of the manifest | your own keys, for example for anchors, start with `x-`\n"
    );
}

#[test]
fn a_field_in_the_wrong_place_is_told_its_place() {
    assert_eq!(
        included("videos: {a: {speed: 1.1, text: hi, x-note: 1}}\nvoices: {v: {pitch: 1}}"),
        "unknown-field 1:14 `speed` is not a field of `video` | `speed` belongs under `voice.tts`\n\
         unknown-field 1:26 `text` is not a field of `video` | write the spoken text in `script`\n\
         unknown-field 1:36 `x-note` is not a field of `video`\n\
         unknown-field 2:14 `pitch` is not a field of `voice` | `pitch` belongs under `tts` | \
         the fields of `voice` are `use`, `tts`, `file`, `silence`\n"
    );
}

#[test]
fn a_missing_field_is_told_at_its_owner() {
    assert_eq!(
        included("videos:\n  a:\n    rows:\n      path: a.csv\n  b: {script: {}}"),
        "missing-field 3:5 `rows` lacks `key` | add `key`\nmissing-field 5:7 `script` lacks `path` | add `path`\n"
    );
}

#[test]
fn a_wrong_type_says_what_was_wanted_and_how_to_mend_it() {
    let scalars = "avatars:\n  a:\n    scale: big\n    offset: {x: \"3\", y: 1.5}\n    id: 123\n    use: 007\n\
                   voices: {v: {tts: {id: 1.10, emotion: true, speed: [1]}}}\n\
                   backgrounds: {b: {color: 123456, media: {loop: yes}}}\n";
    assert_eq!(
        included(scalars),
        "wrong-type 3:12 `scale` must be a number, not the string `big`\n\
         wrong-type 4:17 `x` must be a whole number, not the string `3` | remove the quotes: `3`\n\
         wrong-type 4:25 `y` must be a whole number, not `1.5`\n\
         wrong-type 5:9 `id` must be a string, not `123` | quote it: `\"123\"`\n\
         wrong-type 6:10 `use` must be a string, not `7` | quote it: `\"007\"`\n\
         wrong-type 7:24 `id` must be a string, not `1.1` | quote it\n\
         wrong-type 7:39 `emotion` must be a string, not `true` | quote it\n\
         wrong-type 7:52 `speed` must be a number, not a list\n\
         wrong-type 8:26 `color` must be a color such as `\"#ffeecc\"`, not `123456` | quote it: `\"#123456\"`\n\
         wrong-type 8:48 `loop` must be `true` or `false`, not the string `yes` | write `true`\n"
    );
    let shapes = "videos:\n  a: [1]\n  b: {avatar: 5, script: 2024, matrix: {l: en}, aspect: true}\nenv: CAMPAIGN\n";
    assert_eq!(
        included(shapes),
        "wrong-type 2:6 `a` must be a mapping, not a list\n\
         wrong-type 3:15 `avatar` must be a preset's name or a mapping, not `5` | quote it: `\"5\"`\n\
         wrong-type 3:26 `script` must be a text or a mapping with `path`, not `2024` | quote it: `\"2024\"`\n\
         wrong-type 3:44 `l` must be a list, not the string `en` | write a list: `l: [en]`\n\
         wrong-type 3:57 `aspect` must be one of `16:9`, `9:16`, `1:1`, not `true`\n\
         wrong-type 4:6 `env` must be a list, not the string `CAMPAIGN` | write a list: `env: [CAMPAIGN]`\n"
    );
    assert_eq!(included("- a"), "wrong-type 1:3 the manifest must be a mapping, not a list\n");
}

#[test]
fn nothing_where_something_belongs_is_told_at_the_key() {
    assert_eq!(
        included("avatars:\n  a:\n    circle_bgcolor: #ffeecc\n    id: \"\"\n  b:\nvars: {a: {b: [~]}}"),
        "null-value 3:5 `circle_bgcolor` is empty | a `#` after a space starts a comment; if it belongs to the value, quote it: `\"#ffeecc\"`\n\
         null-value 4:9 `id` is empty | give it a value or remove it\n\
         null-value 5:3 `b` is empty | give it a value or remove it\n\
         null-value 6:16 an item of `b` is empty | give it a value or remove it\n"
    );
}

#[test]
fn an_unknown_word_is_answered_with_the_known_ones() {
    assert_eq!(
        included("videos: {a: {aspect: \"16x9\"}, b: {avatar: {style: closeup}}}"),
        "unknown-value 1:22 `16x9` is not a value of `aspect` | did you mean `16:9`? | the values are `16:9`, `9:16`, `1:1`\n\
         unknown-value 1:51 `closeup` is not a value of `style` | the values are `full`, `half`, `round`\n"
    );
}

#[test]
fn the_vendors_numbers_are_answered_with_words() {
    assert_eq!(
        included(
            "videos: {a: {aspect: 1, avatar: {style: \"2\"}, background: {media: {fit: 1}}}, b: {avatar: {style: 7}}}"
        ),
        "vendor-number 1:22 `aspect` takes a word, not the vendor's number `1` | write `\"16:9\"`\n\
         vendor-number 1:41 `style` takes a word, not the vendor's number `2` | write `half`\n\
         vendor-number 1:73 `fit` takes a word, not the vendor's number `1` | write `cover`\n\
         wrong-type 1:99 `style` must be one of `full`, `half`, `round`, not `7`\n"
    );
}

#[test]
fn a_number_outside_its_range_is_told_the_range() {
    let text = "callsheet: 1\nvoices: {v: {tts: {speed: 2, pitch: -60}, silence: {duration: 0}}}\navatars: {a: {scale: 0}}\n\
                environments: {p: {rate: -1}}\nguards: {max_share: 30}";
    assert_eq!(
        said(text, FileRole::Root),
        "out-of-range 2:27 `speed` is `2`, but must be from 0.5 to 1.5\n\
         out-of-range 2:37 `pitch` is `-60`, but must be from -50 to 50\n\
         out-of-range 2:63 `duration` is `0`, but must be from 1 to 99\n\
         out-of-range 3:22 `scale` is `0`, but must be above 0\n\
         out-of-range 4:26 `rate` is `-1`, but must be at least 0\n\
         out-of-range 5:21 `max_share` is `30`, but must be from 0 to 1 | write `30%`\n"
    );
}

#[test]
fn a_colour_is_rrggbb() {
    assert_eq!(
        included(
            "backgrounds: {a: {color: \"#fff\"}, b: {color: red}, c: {color: ffeecc}, d: {color: \"#11223344\"}, e: {color: \"{{ row.c }}\"}}"
        ),
        "bad-color 1:26 `color` must be a color such as `#ff8800`, not `#fff` | write `\"#ffffff\"`\n\
         bad-color 1:46 `color` must be a color such as `#ff8800`, not `red` | write `#` and six hex digits in quotes, as in `\"#ff0000\"`\n\
         bad-color 1:63 `color` must be a color such as `#ff8800`, not `ffeecc` | write `\"#ffeecc\"`\n\
         bad-color 1:83 `color` must be a color such as `#ff8800`, not `#11223344` | colors have no transparency: write `\"#112233\"`\n"
    );
}

#[test]
fn a_colour_of_any_other_letters_is_answered_not_cut() {
    for color in ["éééé", "#€€", "ßßß", "", "#", "12345678é"] {
        assert!(
            included(&format!("backgrounds: {{a: {{color: '{color}'}}}}")).starts_with("bad-color 1:26"),
            "{color}"
        );
    }
}

#[test]
fn names_have_their_characters() {
    let name = "letters, digits, `.`, `_`, `-` and spaces inside, starting with a letter or a digit";
    assert_eq!(
        included("avatars: {a/b: {}}\nvars: {a/b: 1}\nenv: [$CAMPAIGN, 1A]\nvideos: {v: {avatar: \"no/way\"}}"),
        format!(
            "bad-key 1:11 `a/b` cannot be a name in `avatars` | {name}\n\
             bad-key 2:8 `a/b` cannot be a name in `vars` | letters, digits, `.`, `_`, `-` and spaces inside, starting with a letter or `_`\n\
             bad-key 3:7 an item of `env` is not the name of an environment variable | write the name without `$`\n\
             bad-key 3:18 an item of `env` is not the name of an environment variable | letters from A to Z, digits and `_`, not starting with a digit\n\
             bad-key 4:22 `avatar` is `no/way`, which cannot be the name of a preset | {name}\n"
        )
    );
}

#[test]
fn settings_have_units_and_a_pasted_key_is_not_repeated() {
    let text = "callsheet: 1\nenvironments: {p: {timeout: 60, settle_grace: 2 minutes, key_env: sk-123}}\nguards: {max_share: 130%}";
    assert_eq!(
        said(text, FileRole::Root),
        "wrong-type 2:29 `timeout` must be a length of time such as `60s`, not `60` | write the unit: `60s`\n\
         bad-environment 2:47 `settle_grace` must be a length of time, not `2 minutes` | write a whole number and a unit: `500ms`, `60s`, `2m`, `1h`\n\
         bad-key 2:67 `key_env` is not the name of an environment variable | letters from A to Z, digits and `_`, not starting with a digit\n\
         bad-guard 3:21 `max_share` must be a share, not `130%` | write `30%` or `0.3`; at most `100%`\n"
    );
}

#[test]
fn no_part_of_a_matrix_is_empty() {
    assert_eq!(
        included("videos: {a: {matrix: {l: [x]}}, b: {matrix: {l: []}}, c: {matrix: {l: [{a: 1}], include: [{}]}}}"),
        "bad-matrix 1:46 `l` is empty | an axis needs at least one value\n\
         wrong-type 1:72 an item of `l` must be a string, a number or `true` or `false`, not a mapping\n\
         bad-matrix 1:91 an item of `include` is empty | a combination needs at least one value\n"
    );
}

#[test]
fn the_root_manifest_states_its_version() {
    assert_eq!(
        said("videos: {}", FileRole::Root),
        "missing-version 1:1 the root manifest lacks `callsheet: 1` | write `callsheet: 1` at the top of the file\n"
    );
    assert_eq!(
        said("calsheet: 1", FileRole::Root),
        "unknown-field 1:1 `calsheet` is not a field of the manifest | did you mean `callsheet`?\n"
    );
    assert_eq!(
        said("callsheet: 2", FileRole::Root),
        "unsupported-version 1:12 format version `2` is not known to this program, which reads `1` | a newer callsheet may read it\n"
    );
    assert_eq!(
        said("callsheet: '1'", FileRole::Root),
        "wrong-type 1:12 `callsheet` must be a whole number, not the string `1` | remove the quotes: `1`\n"
    );
    assert_eq!(
        said("callsheet:", FileRole::Root),
        "null-value 1:1 `callsheet` is empty | give it a value or remove it\n"
    );
    assert_eq!(said("callsheet: 1", FileRole::Root), "");
}

#[test]
fn an_included_file_leaves_to_the_root_what_is_the_roots() {
    assert_eq!(
        included("callsheet: 2\ndefaults: {aspect: 1}\nenvironments:\nenv: [A]\nvars: {a: 1}"),
        "root-only 1:1 `callsheet` is allowed only in the root manifest | remove it: an included file has the version of the root manifest\n\
         root-only 2:1 `defaults` is allowed only in the root manifest | move `defaults` to `callsheet.yaml`\n\
         root-only 3:1 `environments` is allowed only in the root manifest | move `environments` to `callsheet.yaml`\n"
    );
    for key in ["guards: {}", "include: [a]", "required_version: \"1\""] {
        assert!(included(key).starts_with("root-only 1:1"), "{key}");
    }
    assert_eq!(included("env: [A]\nx-a: 1\n$schema: s"), "");
}

#[test]
fn merged_keys_are_checked_at_their_anchor() {
    assert_eq!(
        included("x-a: &a {sped: 1}\nvoices:\n  v:\n    tts:\n      <<: *a\n      id: x\n"),
        "unknown-field 1:10 `sped` is not a field of `voice.tts` | did you mean `speed`? | \
         the fields of `voice.tts` are `id`, `text`, `speed`, `pitch`, `emotion`\n"
    );
}

#[test]
fn the_manifest_of_the_design_is_without_fault() {
    assert_eq!(said(include_str!("../../core/manifest/decode/tests/whole.yaml"), FileRole::Root), "");
}
