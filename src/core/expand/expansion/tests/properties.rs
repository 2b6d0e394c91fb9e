//! Properties of every project.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::fields::Type;
use crate::spec::digest;

fn digests(outcome: &Outcome) -> BTreeMap<String, String> {
    let videos = outcome.expansion.videos.iter();
    videos.map(|video| (video.key.to_string(), digest(&video.spec).to_string())).collect()
}

/// A field, and a text that may be valid for it.
fn typed() -> impl Strategy<Value = (&'static str, String)> {
    let number = prop_oneof![
        (-120_i64..120).prop_map(|number| number.to_string()),
        (-200_i64..200).prop_map(|hundredths| format!("{}", hundredths as f64 / 100.0)),
        Just("2000000".to_owned()),
        Just("true".to_owned()),
    ];
    let numbers = prop::sample::select(vec![
        "take",
        "avatar.scale",
        "avatar.offset.x",
        "voice.tts.speed",
        "voice.tts.pitch",
        "voice.silence.duration",
        "background.media.loop",
    ]);
    let words = prop::sample::select(vec!["aspect", "avatar.style", "background.media.fit"]);
    let word =
        prop::sample::select(vec!["16:9", "9:16", "half", "round", "cover", "contain", "1", "2", "0", "Half", ""]);
    let texts = prop::sample::select(vec!["name", "avatar.id", "avatar.circle_bgcolor", "voice.tts.emotion"]);
    let text = prop_oneof![
        Just("#FFEEcc".to_owned()),
        Just("#ffeecg".to_owned()),
        Just(" ".to_owned()),
        "[ -~]{0,12}".prop_filter("no template", |text| !text.contains('{')),
        Just("a\tb".to_owned()),
    ];
    let url = prop::sample::select(vec![
        "https://x.y/a.png",
        "http://x",
        "ftp://x.y",
        "x.png",
        "https://u:p@x.y",
        "https://a b",
    ]);
    let urls = prop::sample::select(vec!["background.media.url", "voice.file.url"]);
    prop_oneof![
        (numbers, number),
        (words, word.prop_map(str::to_owned)),
        (texts, text),
        (urls, url.prop_map(str::to_owned)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Neither the order of declarations nor their distribution over files changes a spec.
    #[test]
    fn order_does_not_matter(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(), cut in 0_usize..6) {
        let blocks = [
            "  a: { script: One }",
            "  b: { matrix: { l: [x, y] }, script: \"{{ matrix.l }} {{ vars.p }}\" }",
            "  c: { script: Three, avatar: { use: anna, scale: 1.2 }, take: 2 }",
            "  d: { script: { path: s.txt } }",
            "  e: { voice: { silence: { duration: 3 } } }",
            "  f: { rows: { path: d.csv, key: \"{{ row.id }}\" }, script: \"{{ row.id }}\" }",
        ];
        let write = |order: &[usize], cut: usize| {
            let part = |part: &[usize]| part.iter().map(|one| format!("{}\n", blocks[*one])).collect::<String>();
            let root = format!("{BASE}vars: {{ p: Acme }}\n");
            let with = |head: String, part: String| if part.is_empty() { head } else { format!("{head}videos:\n{part}") };
            Project::new(&with(root, part(&order[..cut])))
                .file("more.yaml", with("x-more: 1\n".into(), part(&order[cut..])))
                .file("s.txt", "Four {{ vars.p }}")
                .file("d.csv", "id\n1\n2\n")
                .expand_files(&["callsheet.yaml", "more.yaml"])
        };
        let straight = write(&[0, 1, 2, 3, 4, 5], 6);
        prop_assert!(!straight.report.has_errors(), "{:?}", straight.lines());
        let shuffled = write(&order, cut);
        prop_assert_eq!(digests(&straight), digests(&shuffled));
        prop_assert_eq!(straight.expansion.videos.len(), 8);
    }

    /// A literal and a template that renders the same text are both accepted or both rejected, and give the same spec.
    #[test]
    fn a_template_is_judged_as_a_literal((path, text) in typed()) {
        let ty = VENDOR.ty(VENDOR.find(path).unwrap()).unwrap();
        let is_text = matches!(ty, Type::Words(_) | Type::Label | Type::Id | Type::Color | Type::Url);
        let quoted = serde_json::to_string(&text).unwrap();
        let literal = if is_text { quoted.clone() } else { text.clone() };
        let one = |value: &str| {
            let parts: Vec<&str> = path.split('.').collect();
            let object = parts.iter().skip(1).rev().fold(value.to_owned(), |inner, key| format!("{{ {key}: {inner} }}"));
            let own = match parts.as_slice() {
                ["avatar", ..] => object.replacen('{', "{ use: anna, style: round,", 1),
                ["voice", "tts", ..] => object.replacen('{', "{ use: narrator,", 1),
                _ => object,
            };
            let own = own.replace("style: round, style:", "style:");
            let script = if path.starts_with("voice.") && !path.contains("tts") { "" } else { "script: Hi, " };
            let outcome =
                Project::new(&format!("{BASE}vars: {{ v: {quoted} }}\nvideos:\n  v: {{ {script}{}: {own} }}\n", parts[0])).expand();
            (digests(&outcome), outcome.report.has_errors())
        };
        prop_assert_eq!(one(&literal), one("\"{{ vars.v }}\""), "{}: {}", path, literal);
    }

    /// Every script results in a video, or in an error that names it.
    #[test]
    fn any_script_is_answered(script in "(\\{\\{|\\}\\}|\\{%|%\\}|[ -~]|\\PC){0,40}") {
        let quoted = serde_json::to_string(&script).unwrap();
        let outcome = Project::videos(&format!("  v: {{ script: {quoted} }}\n")).expand();
        prop_assert_ne!(outcome.expansion.videos.len() == 1, outcome.report.has_errors(), "{:?}", outcome.lines());
    }
}
