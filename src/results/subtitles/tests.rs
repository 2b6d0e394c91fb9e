//! Cues of many scripts: no line too long, nothing lost, times in order.

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::layout::{MAX_COLUMNS, MAX_LINES, layout};
use super::*;

const MARKS: [char; 2] = ['\u{200e}', '\u{200f}'];

fn speech(text: &str) -> Vec<SpeechSegment> {
    vec![SpeechSegment::Speech(text.to_owned())]
}

fn lines(text: &str) -> Vec<Vec<String>> {
    layout(text).into_iter().flatten().map(|screen| screen.lines).collect()
}

/// Letters of a text, without whitespace and marks of direction.
fn letters(text: &str) -> String {
    text.chars().filter(|one| !one.is_whitespace() && !MARKS.contains(one)).collect()
}

#[test]
fn a_sentence_is_a_cue_and_a_long_one_breaks_at_its_clauses_into_even_lines() {
    assert_eq!(lines("Open it. Choose a name, and wait!"), [["Open it."], ["Choose a name, and wait!"]]);
    assert_eq!(
        lines("The name appears in every link, so keep it short, clear and easy to spell."),
        [["The name appears in every link,", "so keep it short, clear and easy to spell."]]
    );
    let long = "If you forgot your password, select the link below the form, and we send you a new one within five \
                minutes, whatever the day.";
    assert_eq!(
        lines(long),
        [
            vec!["If you forgot your password,", "select the link below the form,"],
            vec!["and we send you a new one within", "five minutes, whatever the day."],
        ]
    );
}

#[test]
fn scripts_without_spaces_break_between_words_and_keep_their_marks() {
    let thai = "ยินดีต้อนรับสู่โครงการแรกของคุณในระบบคลาวด์ของบริษัทเราซึ่งใช้งานง่ายและรวดเร็วมากสำหรับทุกคนในทีมของคุณ";
    let khmer = "សូមស្វាគមន៍មកកាន់គម្រោងដំបូងរបស់អ្នកនៅលើប្រព័ន្ធក្លោដរបស់ក្រុមហ៊ុនយើងដែលងាយស្រួលប្រើ";
    let japanese = "東京タワーへようこそ。「こんにちは」と言いましょう。とても長い文章です、折り返しが必要です、そして最後まで読みましょう。";
    for text in [thai, khmer, japanese] {
        let cues = lines(text);
        assert!(cues.iter().flatten().count() > 1, "{cues:?}");
        for line in cues.iter().flatten() {
            assert!(line.width() <= MAX_COLUMNS, "{line}");
            assert!(!line.starts_with(['、', '。', '」', '\u{e34}', '\u{e48}', '\u{17d2}']), "{line}");
        }
        assert_eq!(letters(&cues.concat().concat()), letters(text));
    }
    assert_eq!(lines(japanese)[..2], [["東京タワーへようこそ。"], ["「こんにちは」と言いましょう。"]]);
}

#[test]
fn text_from_right_to_left_keeps_its_order_and_its_direction() {
    let cues = lines("مرحبا بكم في Acme Cloud. هل لديكم حساب؟ Acme Cloud هي شركتنا.");
    let marks = |line: &str| (line.starts_with('\u{200f}'), line.ends_with('\u{200f}'));
    assert_eq!(
        letters(&cues.concat().concat()),
        letters("مرحبا بكم في Acme Cloud. هل لديكم حساب؟ Acme Cloud هي شركتنا.")
    );
    assert_eq!(marks(&cues[0][0]), (false, true), "a period after a Latin name would go to the right: {cues:?}");
    let long = lines("اكتبوا الاسم القصير لمشروعكم الجديد هنا ثم افتحوا Acme Cloud Dashboard for Teams واختاروا اللون.");
    for line in long.iter().flatten() {
        let first = line.chars().find(|one| one.is_alphabetic() || MARKS.contains(one)).unwrap();
        assert!(first == '\u{200f}' || ('\u{600}'..='\u{6ff}').contains(&first), "{line:?}");
    }
    assert!(lines("Say שלום to all.").concat().concat().chars().all(|one| !MARKS.contains(&one)));
}

#[test]
fn times_fill_the_length_and_pauses_keep_theirs() {
    let one = cues(&speech("One sentence here. Another sentence there."), 10.0);
    assert_eq!((one[0].from, one[1].to), (0, 10_000));
    assert_eq!(one[0].to, one[1].from);
    let scenes = [
        SpeechSegment::Speech("The first scene.".into()),
        SpeechSegment::Pause(3.0),
        SpeechSegment::Speech("The next one.".into()),
    ];
    let two = cues(&scenes, 9.0);
    assert_eq!((two.len(), two[0].from, two[1].from - two[0].to, two[1].to), (2, 0, 3_000, 9_000));
    // Longer pauses than the video has room for.
    let cramped = cues(&scenes, 2.0);
    assert!(cramped[0].to < cramped[1].from && cramped[1].to == 2_000, "{cramped:?}");
    for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(cues(&scenes, seconds).is_empty());
    }
    assert!(cues(&speech(" \n … "), 3.0).is_empty(), "nothing to read");
}

#[test]
fn a_cue_too_short_to_read_stays_with_its_neighbor() {
    let cues = cues(&speech("Stop. Look. Now open the dashboard and choose a name for it."), 5.0);
    assert_eq!(cues[0].lines, ["Stop.", "Look."]);
    assert_eq!(cues.len(), 2, "{cues:?}");
}

#[test]
fn joined_sentences_keep_the_space_between_them_or_none() {
    let joined = |text: &str| cues(&speech(text), 1.0).into_iter().map(|cue| cue.lines).collect::<Vec<_>>();
    assert_eq!(
        joined("我们今天发布新产品。它很便宜。\n欢迎您来试用一下我们的产品。「好！」"),
        [["我们今天发布新产品。它很便宜。", "欢迎您来试用一下我们的产品。「好！」"]]
    );
    assert_eq!(joined("東京へ。 大阪へ。京都へ。"), [["東京へ。 大阪へ。京都へ。"]]);
    assert_eq!(joined("A. …\nB.  C."), [["A. B. C."]]);
    assert_eq!(joined("가요.\n와요. 봐요"), [["가요. 와요. 봐요"]]);
}

#[test]
fn a_text_without_letters_has_nothing_to_read() {
    let heard = |text: &str| passages(&crate::spec::test_support::spec(text));
    assert_eq!(["…", "🎉", " ?! "].map(heard), [None, None, None]);
    assert_eq!(heard("7"), Some(speech("7")));
}

#[test]
fn both_formats_are_written_without_what_a_player_would_read_as_markup() {
    let cue = Cue { from: 0, to: 3_723_004, lines: vec!["<b>Tom & Ann</b> --> {home}".into(), "next".into()] };
    let cues = [cue.clone(), Cue { from: 3_723_004, to: 3_724_000, ..cue }];
    let srt = SubtitleFormat::Srt.text(&cues[..1]);
    assert_eq!(srt, "1\n00:00:00,000 --> 01:02:03,004\n‹b›Tom & Ann‹/b› → (home)\nnext\n");
    let vtt = SubtitleFormat::Vtt.text(&cues);
    assert!(
        vtt.starts_with("WEBVTT\n\n1\n00:00:00.000 --> 01:02:03.004\n&lt;b&gt;Tom &amp; Ann&lt;/b&gt; --&gt; {home}\n")
    );
    assert!(vtt.contains("next\n\n2\n01:02:03.004 --> ") && vtt.ends_with("next\n"), "{vtt}");
    for (video, file) in [("a/b.de.mp4", "a/b.de.srt"), ("a/b.de", "a/b.de.srt"), ("b.MP4", "b.MP4.srt")] {
        assert_eq!(SubtitleFormat::Srt.path(video.as_ref()), std::path::Path::new(file));
    }
}

proptest! {
    #[test]
    fn no_text_loses_a_letter_or_overflows(text in r"([a-z]{1,12}|[ก-ฮ]{1,30}|[א-ת]{1,9}|[一-龥]{1,60}|[👍🏽👩‍👩‍👧]{1,3}|[.,!?…«» \n-]){0,60}", seconds in 0.1..900.0_f64) {
        let cues = cues(&speech(&text), seconds);
        let mut end = 0;
        for cue in &cues {
            prop_assert!(cue.from >= end && cue.to > cue.from, "{cue:?}");
            end = cue.to;
            prop_assert!((1..=MAX_LINES).contains(&cue.lines.len()));
            for line in &cue.lines {
                prop_assert!(line.trim_matches(MARKS).width() <= MAX_COLUMNS, "{line}");
                prop_assert!(!line.is_empty());
            }
        }
        let words = |text: &str| -> String { letters(text).chars().filter(|one| one.is_alphanumeric()).collect() };
        let shown: String = cues.iter().flat_map(|cue| cue.lines.concat().chars().collect::<Vec<_>>()).collect();
        prop_assert_eq!(words(&shown), words(&text));
    }
}
