//! Texts that expand: the parser rejects each immediately, or reads it in time proportional to its size.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::read;

/// Far more than an unoptimized build needs on a busy machine, and far less than an exponential expansion would take.
const PATIENCE: Duration = Duration::from_secs(20);

fn faults(text: &str) -> Vec<String> {
    let begun = Instant::now();
    let (tree, faults) = read(text);
    assert!(begun.elapsed() < PATIENCE, "too slow: {:?}", begun.elapsed());
    assert!(tree.is_some() || !faults.is_empty());
    faults
}

#[test]
fn nesting_stops_at_level_65() {
    for text in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000), "? ".repeat(100_000)] {
        let found = faults(&text);
        assert!(found.len() == 1 && found[0].starts_with("too-deep 1:"), "{found:?}");
    }
    let stairs = (0..100_000).fold(String::new(), |mut text, level: usize| {
        let _ = writeln!(text, "{}a:", " ".repeat(level.min(200)));
        text
    });
    assert_eq!(faults(&stairs), ["too-deep 65:65"]);
    let deepest = format!("{}{}", "[".repeat(64), "]".repeat(64));
    assert_eq!(faults(&deepest), Vec::<String>::new());
    assert_eq!(faults(&format!("[{deepest}]")), ["too-deep 1:65"]);
    let mixed = format!("{}{}{}", "- ".repeat(40), "[".repeat(40), "]".repeat(40));
    assert_eq!(faults(&mixed), ["too-deep 1:105"]);
}

#[test]
fn aliases_cannot_nest_deeper_than_brackets() {
    let half = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let text = format!("a: &a {half}\nb: {}*a{}\n", "[".repeat(30), "]".repeat(30));
    assert_eq!(faults(&text), ["too-deep 2:34"]);
}

#[test]
fn laughter_is_cut_short() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let alias = format!("*a{}", level - 1);
        let _ = writeln!(text, "a{level}: &a{level} [{}]", [alias.as_str(); 9].join(", "));
    }
    let found = faults(&text);
    assert!(found.len() == 1 && found[0].starts_with("alias-bomb 6:"), "{found:?}");
}

#[test]
fn merges_cannot_explode_either() {
    let mut text = String::from("m0: &m0 {k: 1}\n");
    for level in 1..60 {
        let above = level - 1;
        let _ = writeln!(text, "m{level}: &m{level} {{<<: [*m{above}, *m{above}], k{level}: {{<<: *m{above}}}}}");
    }
    let found = faults(&text);
    assert!(found.len() == 1 && found[0].starts_with("alias-bomb "), "{found:?}");
}

#[test]
fn two_hundred_thousand_nodes_from_aliases_are_read_one_more_is_not() {
    // A list of 999 scalars is 1,000 nodes.
    let list = vec!["1"; 999].join(",");
    let text = |extra: &str| format!("a: &a [{list}]\ns: &s 1\nb: [{}{extra}]\n", vec!["*a"; 200].join(","));
    assert_eq!(faults(&text("")), Vec::<String>::new());
    assert_eq!(faults(&text(", *s")), ["alias-bomb 3:606"]);
}

#[test]
fn an_anchor_without_alias_costs_nothing() {
    let list = vec!["1"; 300_000].join(",");
    assert_eq!(faults(&format!("a: &a [[[&b [{list}]]]]\n")), Vec::<String>::new());
    assert_eq!(faults(&format!("a: &a [{list}]\nb: 'not *a'\n")), Vec::<String>::new());
    assert_eq!(faults(&format!("a: &a [{list}]\nb: *a\n")), ["alias-bomb 2:4"]);
}

#[test]
fn faults_without_number_stop_at_a_thousand() {
    let found = faults(&"a: 1\n".repeat(300_000));
    assert_eq!((found.len(), found[999].as_str()), (1_000, "duplicate-key 1001:1"));
}

#[test]
fn large_flat_texts_take_time_by_their_size() {
    let mut keys = String::new();
    for number in 0..50_000 {
        let _ = writeln!(keys, "key{number}: value");
    }
    assert_eq!(faults(&keys), Vec::<String>::new());
    keys.push_str("key7: again\n");
    assert_eq!(faults(&keys), ["duplicate-key 50001:1"]);
    for text in [
        "*".repeat(1_000_000),
        "&".repeat(1_000_000),
        "!".repeat(1_000_000),
        "a".repeat(1_000_000),
        "\"".repeat(1_000_000),
        "'".repeat(1_000_000),
        "%".repeat(1_000_000),
        "{{".repeat(500_000),
        "a: ".repeat(300_000),
        "? ".repeat(30) + &"a: b\n".repeat(100_000),
        "#\n".repeat(500_000),
        "-\n".repeat(500_000),
        "--- ".repeat(200_000),
        "---\n".repeat(200_000),
        "a: |\n".to_owned() + &" \n".repeat(500_000),
        " ".repeat(1_000_000) + "a: 1",
        "\t".repeat(1_000_000) + "a: 1",
        "\r".repeat(1_000_000),
        "a: \"".to_owned() + &"\\n".repeat(500_000),
        "[a, ".to_owned() + &"&x *x, ".repeat(100_000),
        "- *x\n".repeat(100_000),
        "- &a *a\n".repeat(100_000),
        (0..100_000).fold(String::new(), |mut text, number| {
            let _ = writeln!(text, "- &anchor{number} *anchr{number}");
            text
        }),
    ] {
        faults(&text);
    }
}
