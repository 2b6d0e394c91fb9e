//! Tests of the vendor's table, and of tables that exist only in tests.

use std::collections::HashSet;

use super::*;
use crate::diagnostic::Code;

#[test]
fn the_vendors_table_is_consistent() {
    let rows = &VENDOR.rows;
    let paths: HashSet<&str> = rows.iter().map(|row| row.path).collect();
    assert_eq!(paths.len(), rows.len());
    assert_eq!(VENDOR.fields.count(), FIELDS.len());
    assert!(GROUPS.iter().all(|group| paths.contains(group.path)), "every group has a field");
    let presets: Vec<&str> = VENDOR.preset_groups().map(|(_, block)| block).collect();
    assert_eq!(presets, ["avatars", "voices", "backgrounds", "templates"]);
}

#[test]
fn the_wire_names_follow_the_paths() {
    let part = |path: &str| VENDOR[VENDOR.find(path).unwrap()].part_name.clone();
    assert_eq!(part("avatar.offset.x"), "avatar[offset][x]");
    assert_eq!(part("voice.file.path"), "voice[file][asset_id]");
    assert_eq!(part("name"), "name");
}

#[test]
fn members_of_a_choice_replace_one_another_with_everything_inside() {
    let row = |path: &str| VENDOR.find(path).unwrap();
    let rivals = VENDOR[row("voice.tts.text")].rivals;
    assert!(rivals.contains(row("voice.silence")) && rivals.contains(row("voice.file.url")));
    assert!(!rivals.contains(row("voice.tts.id")));
    assert!(VENDOR[row("background.media.path")].rivals.contains(row("background.media.url")));
    // A vendor template replaces what it determines. The voice serves its scenes.
    let rivals = VENDOR[row("template")].rivals;
    assert!(rivals.contains(row("avatar.id")) && rivals.contains(row("aspect")) && !rivals.contains(row("voice")));
    assert_eq!(VENDOR[row("avatar.id")].rivals, VENDOR[row("template")].descendants.with(row("template")));
}

#[test]
fn a_record_holds_no_default_and_no_field_that_does_not_apply() {
    let row = |path: &str| VENDOR.find(path).unwrap();
    let values = |style: u8, scale: f64| {
        vec![
            (row("avatar.id"), Value::Text("A".into())),
            (row("avatar.style"), Value::Word(style)),
            (row("avatar.circle_bgcolor"), Value::Text("#ffeecc".into())),
            (row("avatar.scale"), Value::Number(scale)),
        ]
    };
    let round = VENDOR.record(RowSet::default(), values(2, 1.0));
    assert_eq!(VENDOR.read(&round, Key::text("avatar.circle_bgcolor")), Some("#ffeecc"));
    assert_eq!(round.stored(VENDOR.fields, row("avatar.scale")), None);
    assert_eq!(VENDOR.read(&round, Key::number("avatar.scale")), Some(1.0));
    let half = VENDOR.record(RowSet::default(), values(1, 2.0));
    assert_eq!(VENDOR.read::<&str>(&half, Key::text("avatar.circle_bgcolor")), None);
    assert!(half.present().contains(row("avatar")), "a group with a value is present");
}

#[test]
fn an_empty_member_of_a_choice_counts() {
    let silence = VENDOR.find("voice.silence").unwrap();
    let voice = VENDOR.find("voice").unwrap();
    let record = VENDOR.record(RowSet::one(silence).with(voice), Vec::new());
    assert_eq!(VENDOR.read(&record, Key::integer("voice.silence.duration")), Some(1));
    let missing: Vec<Missing> = VENDOR.missing(record.present(), VENDOR.kind(record.present()).rows).collect();
    let row = |path: &str| VENDOR.find(path).unwrap();
    assert_eq!(missing, [Missing::Group(row("avatar")), Missing::Group(row("background"))]);
}

#[test]
fn templates_and_literals_obey_the_same_rule() {
    let speed = VENDOR.ty(VENDOR.find("voice.tts.speed").unwrap()).unwrap();
    assert_eq!(speed.parse(" 1.05\n"), Ok(Value::Number(1.05)));
    assert_eq!(speed.parse("2"), Err(ValueError::Bounds));
    for bad in ["", "inf", "NaN", "1,5", "1e999", "1 2", "0x1"] {
        assert_eq!(speed.parse(bad), Err(ValueError::Type), "{bad}");
    }
    let aspect = VENDOR.ty(VENDOR.find("aspect").unwrap()).unwrap();
    assert_eq!(aspect.parse("2"), Err(ValueError::VendorCode("9:16")));
    assert_eq!(aspect.receive("2"), Ok(Value::Word(1)));
    assert_eq!(aspect.receive("4"), Err(ValueError::Bounds));
    assert_eq!(aspect.receive("9:16"), Err(ValueError::Type));
}

#[test]
fn a_text_is_counted_in_characters_after_trimming() {
    let text = |text: &str| Type::Speech.check(Value::Text(text.into()));
    let max = format!("  {}\n", "ü".repeat(MAX_SCRIPT_CHARS));
    assert_eq!(text(&max), Ok(Value::Text(max.as_str().into())), "it is stored as written");
    assert_eq!(text("a\r\n\tb"), Ok(Value::Text("a\n\tb".into())));
    for (bad, code) in
        [("a\u{1b}[2J", Code::NulByte), (&format!("{max}ü") as &str, Code::TextLength), (" \n\t", Code::TextLength)]
    {
        assert!(matches!(text(bad), Err(ValueError::Rule { code: found, .. }) if found == code));
    }
}

#[test]
fn colors_are_stored_in_lower_case() {
    let color = |text: &str| Type::Color.check(Value::Text(text.into()));
    assert_eq!(color("#FFeeCC"), Ok(Value::Text("#ffeecc".into())));
    for bad in ["", "#fff", "ffeecc", "#ffeecg", "#ffeecc ", "red", "#ffeecc00", "#ßßß"] {
        assert!(matches!(color(bad), Err(ValueError::Rule { code: Code::BadColor, .. })), "{bad}");
    }
}

#[test]
fn a_url_is_one_that_the_vendor_can_fetch() {
    let url = |text: &str| Type::Url.check(Value::Text(text.into()));
    assert!(url("https://cdn.example.com/a.jpg?x=1").is_ok());
    for bad in ["", "a.jpg", "ftp://x/y", "https://u:p@x/y", "https://x/a b", "https://"] {
        assert!(matches!(url(bad), Err(ValueError::Rule { code: Code::BadUrl, .. })), "{bad}");
    }
}
