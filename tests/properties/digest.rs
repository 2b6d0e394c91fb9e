//! What changes a digest, and what does not.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::project::{digests, digests_at};

const PLAIN: &str = r##"
callsheet: 1
avatars:
  anna: { id: A1, style: half }
voices:
  narrator: { tts: { id: V1, speed: 1.1 } }
backgrounds:
  plain: { color: "#f4f4f4" }
videos:
  hello:
    avatar: anna
    voice: narrator
    background: plain
    script: Hello there.
"##;

fn one(text: &str) -> String {
    digests(&[("callsheet.yaml", text)])["hello"].clone()
}

/// A later version of the algorithm gets a new prefix. `v1` never changes, because a change would bill every user
/// again.
#[test]
fn the_golden_digest_stays() {
    assert_eq!(one(PLAIN), "v1:23d2bb083f3cde68f03ac2de90cb3a47");
}

#[test]
fn these_ways_of_writing_are_one_content() {
    let wanted = one(PLAIN);
    let script = |text: &str| format!("{}\n", PLAIN.replace("script: Hello there.", text));
    let ways = [
        ("comments", PLAIN.replace("hello:", "hello: # a comment\n    # another")),
        ("crlf", PLAIN.replace('\n', "\r\n")),
        ("a byte order mark", format!("\u{feff}{PLAIN}")),
        ("no final newline", PLAIN.trim_end().to_owned()),
        ("many final newlines", format!("{PLAIN}\n\n\n")),
        (
            "another order of keys",
            PLAIN.replace("avatar: anna\n    voice: narrator", "voice: narrator\n    avatar: anna"),
        ),
        (
            "defaults spelled out",
            PLAIN
                .replace("style: half", "style: half, scale: 1.0, offset: { x: 0, y: 0 }")
                .replace("speed: 1.1", "speed: 1.10, pitch: 0")
                .replace("script: Hello", "aspect: \"16:9\"\n    take: 1\n    script: Hello"),
        ),
        ("inline instead of presets", {
            let text = PLAIN.replace("avatar: anna", "avatar: { id: A1, style: half }");
            let text = text.replace("voice: narrator", "voice: { tts: { id: V1, speed: 1.1 } }");
            text.replace("background: plain", "background: { color: \"#F4F4F4\" }")
        }),
        (
            "text in the voice instead of a script",
            PLAIN
                .replace("voice: narrator", "voice: { use: narrator, tts: { text: Hello there. } }")
                .replace("    script: Hello there.\n", ""),
        ),
        ("a block scalar", script("script: |\n      Hello there.")),
        ("a quoted scalar", script("script: \"Hello\\u0020there.\"")),
        ("a template", script("script: \"{{ 'Hello' }} there.\"")),
        ("another label", script("name: The label\n    script: Hello there.")),
        (
            "defaults of the project",
            PLAIN.replace("    background: plain\n", "").replace("videos:", "defaults: { background: plain }\nvideos:"),
        ),
        ("an anchor and a merge", {
            let text =
                PLAIN.replace("callsheet: 1", "callsheet: 1\nx-common: &common { avatar: anna, voice: narrator }");
            text.replace("    avatar: anna\n    voice: narrator\n", "    <<: *common\n")
        }),
    ];
    for (what, text) in ways {
        assert_eq!(one(&text), wanted, "{what}");
    }
}

#[test]
fn files_may_be_moved_and_split() {
    let wanted = digests(&[("callsheet.yaml", PLAIN)]);
    let (presets, videos) = PLAIN.split_once("videos:").unwrap();
    let presets = presets.replace("callsheet: 1\n", "");
    let videos = format!("videos:{videos}");
    let root = "callsheet: 1\ninclude: [\"**/*.yaml\"]\n";
    assert_eq!(digests(&[("callsheet.yaml", root), ("a/presets.yaml", &presets), ("videos.yaml", &videos)]), wanted);
    assert_eq!(digests(&[("callsheet.yaml", root), ("z.yaml", &presets), ("deep/er/videos.yaml", &videos)]), wanted);
}

#[test]
fn a_script_file_counts_by_its_words() {
    let wanted = digests(&[("callsheet.yaml", PLAIN)]);
    let manifest = PLAIN.replace("script: Hello there.", "script: { path: texts/hello.txt }");
    for text in ["Hello there.", "Hello there.\n", "Hello there.\r\n\r\n", "\u{feff}Hello there.\n"] {
        assert_eq!(digests(&[("callsheet.yaml", &manifest), ("texts/hello.txt", text)]), wanted, "{text:?}");
    }
}

#[test]
fn another_machine_and_another_day_change_nothing() {
    let files = [("callsheet.yaml", PLAIN)];
    let wanted = digests(&files);
    assert_eq!(digests_at(&files, &[("HOME", "/elsewhere"), ("LANG", "de_DE")], "2031-01-01T00:00:00Z"), wanted);
}

#[test]
fn a_new_signature_is_no_new_content() {
    let signed = |signature: &str| {
        let url = format!(
            "https://cdn.example.com/a.jpg?v=3&X-Amz-Date={signature}&X-Amz-Expires=604800&X-Amz-Signature={signature}"
        );
        one(&PLAIN.replace("{ color: \"#f4f4f4\" }", &format!("{{ media: {{ url: \"{url}\" }} }}")))
    };
    assert_eq!(signed("20991231T000000Z"), signed("20991130T000000Z"));
}

#[test]
fn each_of_these_is_another_content() {
    let changes = [
        ("Hello there.", "Hello there!"),
        ("id: A1", "id: A2"),
        ("style: half", "style: round"),
        ("speed: 1.1", "speed: 1.2"),
        ("speed: 1.1", "speed: 1.1, pitch: 1"),
        ("speed: 1.1", "speed: 1.1, emotion: normal"),
        ("#f4f4f4", "#f4f4f5"),
        ("style: half", "style: half, offset: { y: -1 }"),
        ("script: Hello", "take: 2\n    script: Hello"),
        ("script: Hello", "aspect: \"1:1\"\n    script: Hello"),
    ];
    let mut seen = BTreeSet::from([one(PLAIN)]);
    for (from, to) in changes {
        assert!(seen.insert(one(&PLAIN.replace(from, to))), "{from} → {to} gave a known digest");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Neither the order of videos in a file nor the order of files changes a digest.
    #[test]
    fn order_does_not_matter(order in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle()) {
        let entry = |index: usize| format!("  v{index}: {{ avatar: anna, voice: narrator, background: plain, script: Number {index} }}\n");
        let (presets, _) = PLAIN.split_once("videos:").unwrap();
        let project = |order: &[usize]| {
            let videos: String = order.iter().map(|index| entry(*index)).collect();
            format!("{presets}videos:\n{videos}")
        };
        let sorted: Vec<usize> = (0..6).collect();
        prop_assert_eq!(digests(&[("callsheet.yaml", &project(&order))]), digests(&[("callsheet.yaml", &project(&sorted))]));
    }
}
