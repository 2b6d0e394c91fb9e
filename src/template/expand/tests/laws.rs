//! What holds for every project.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::spec::digest;

fn digests(outcome: &Outcome) -> BTreeMap<String, String> {
    let videos = outcome.expansion.videos.iter();
    videos.map(|video| (video.key.to_string(), digest(&video.spec).to_string())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Neither the order of declarations nor their spreading over files changes a spec.
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

    /// Many videos are expanded at the same time; what is wrong with some is told as if they came one after another.
    #[test]
    fn many_at_once_are_as_one_by_one(kinds in prop::collection::vec(0..24_usize, 6..40)) {
        let blocks = [
            "avatar: { use: anna, scale: \"{{ vars.scale }}\" }, script: Twice",
            "matrix: { l: [x, y, z] }, script: \"{{ matrix.l }} {{ video.key }}\"",
            "voice: { silence: { duration: 3 } }",
            "script: \"{{ vars.nothing }}\"",
            "script: \"{{ env.CAMPAIGN }}\"",
            "avatar: nobody, script: Hello",
            "script: { path: s.txt }",
            "matrix: { l: [x, x] }, script: Hello",
        ];
        let kind = |kind: usize| *blocks.get(kind).unwrap_or(&"script: \"Hello {{ video.key }}, {{ vars.p }}\"");
        let videos: String = kinds.iter().enumerate().map(|(at, one)| format!("  v{at}: {{ {} }}\n", kind(*one))).collect();
        let text = format!("{BASE}env: [CAMPAIGN]\nvars: {{ p: Acme, scale: 1.5 }}\nvideos:\n{videos}");
        // `expand` itself compares both ways.
        let outcome = Project::new(&text).file("s.txt", "Four {{ vars.p }}").env("CAMPAIGN", "spring").expand();
        let faulty = kinds.iter().any(|kind| matches!(kind, 3 | 5 | 7));
        prop_assert_eq!(outcome.report.has_errors(), faulty, "{:?}", outcome.lines());
    }

    /// Any script is answered: by a video, or by an error that names it.
    #[test]
    fn any_script_is_answered(script in "(\\{\\{|\\}\\}|\\{%|%\\}|[ -~]|\\PC){0,40}") {
        let quoted = serde_json::to_string(&script).unwrap();
        let outcome = Project::videos(&format!("  v: {{ script: {quoted} }}\n")).expand();
        prop_assert_ne!(outcome.expansion.videos.len() == 1, outcome.report.has_errors(), "{:?}", outcome.lines());
    }
}
