//! Messages about templates and specs, each with its location.

use super::*;

fn lines(manifest: &str) -> Vec<String> {
    Project::new(manifest).expand().lines()
}

fn one(video: &str) -> String {
    let lines = lines(&format!("{BASE}videos:\n  v: {video}\n"));
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines[0].clone()
}

#[test]
fn templates_say_what_is_wrong_where_it_is_wrong() {
    for (video, start) in [
        ("{ script: \"Hi {{ x\" }", "template-syntax callsheet.yaml:10:"),
        ("{ script: \"Hi {{ vars.x }}\" }", "undefined-variable callsheet.yaml:10:23 `vars.x` `vars.x` is not defined"),
        (
            "{ script: \"Hi {{ 'a' | nope }}\" }",
            "template-error callsheet.yaml:10:29 `nope` the template fails: filter nope is unknown",
        ),
        ("{ script: \"{{ 'x' * 100000000 }}\" }", "template-limit callsheet.yaml:10:24 `*`"),
        (
            "{ script: \"{% macro m() %}{% endmacro %}\" }",
            "template-syntax callsheet.yaml:10:20 `macro` a template cannot use `macro`",
        ),
        ("{ script: \"{{ vars }}\" }", "template-error callsheet.yaml:10:"),
        ("{ script: Hi, name: \"a\\tb\" }", "bad-key callsheet.yaml:10:"),
        ("{ script: Hi, name: \"{{ 'a\\tb' }}\" }", "bad-key callsheet.yaml:10:"),
        ("{ script: Hi, take: \"{{ 0 }}\" }", "out-of-range callsheet.yaml:10:26 `\"{{ 0 }}\"` `take` is 0"),
        (
            "{ script: Hi, avatar: { use: anna, scale: \"{{ 0 }}\" } }",
            "out-of-range callsheet.yaml:10:48 `\"{{ 0 }}\"` `avatar.scale` is 0, but must be above 0",
        ),
        (
            "{ script: Hi, avatar: { use: anna, id: \"{{ '' }}\" } }",
            "wrong-result callsheet.yaml:10:45 `\"{{ '' }}\"` `avatar.id` is empty",
        ),
        ("{ script: Hi, voice: { use: narrator, tts: { pitch: \"{{ 51 }}\" } } }", "out-of-range callsheet.yaml:10:"),
        ("{ voice: { silence: { duration: \"{{ 100 }}\" } } }", "out-of-range callsheet.yaml:10:"),
        ("{ script: Hi, background: { color: \"{{ 'red' }}\" } }", "bad-color callsheet.yaml:10:"),
        ("{ script: Hi, background: { media: { url: \"{{ 'ftp://x' }}\" } } }", "bad-url callsheet.yaml:10:"),
        (
            "{ script: Hi, avatar: { use: anna, circle_bgcolor: \"#ffffff\" } }",
            "circle-without-round callsheet.yaml:10:",
        ),
    ] {
        let line = one(video);
        assert!(line.starts_with(start), "{video}: {line}");
    }
}

#[test]
fn a_fault_of_a_preset_is_told_once_however_many_use_it() {
    let manifest = BASE.replace("color: \"#F4F4F4\"", "media: { url: nowhere }");
    let lines = lines(&format!(
        "{manifest}videos:\n  v: {{ matrix: {{ a: [1, 2, 3] }}, script: Hi }}\n  w: {{ script: Hi }}\n"
    ));
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].starts_with("bad-url callsheet.yaml:7:"), "{lines:#?}");
}

#[test]
fn a_broken_literal_is_told_once_used_or_not_and_hides_nothing_else() {
    let manifest = BASE.replace("plain: {", "photo: { media: { url: nowhere } }\n  plain: {");
    let told = lines(&format!("{manifest}videos:\n  v: {{ script: Hi }}\n"));
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with("bad-url callsheet.yaml:7:26 `nowhere`"), "{told:#?}");
    let told = lines(&format!(
        "{manifest}videos:\n  v: {{ script: Hi, background: photo, voice: nobody, name: \"a\\tb\" }}\n  \
         w: {{ script: Hi, background: {{ use: photo, media: {{ url: \"https://x.y/a.png\" }} }} }}\n"
    ));
    let codes: Vec<&str> = told.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(codes, ["bad-url", "bad-key", "unknown-preset"], "{told:#?}");
}

#[test]
fn env_shows_only_what_is_listed_and_warns() {
    let manifest = BASE.replace("callsheet: 1\n", "callsheet: 1\nenv: [CAMPAIGN, UNSET]\n");
    let videos = "videos:\n  v: { script: \"{{ env.CAMPAIGN }}\", name: \"{{ env.CAMPAIGN }}\" }\n";
    let outcome = Project::new(&format!("{manifest}{videos}")).env("CAMPAIGN", "spring").env("SECRET", "s").expand();
    assert_eq!(outcome.texts(), ["spring"]);
    let lines = outcome.lines();
    assert_eq!(lines.len(), 1, "the label is not content: {lines:#?}");
    assert!(lines[0].starts_with("warning env-in-spec callsheet.yaml:11:16"), "{lines:#?}");
    let videos = "videos:\n  v: { script: \"{{ env.UNSET }}\" }\n  w: { script: \"{{ env.SECRET }}\" }\n";
    let outcome = Project::new(&format!("{manifest}{videos}")).env("SECRET", "s").expand();
    let lines: Vec<_> = outcome.lines().into_iter().filter(|line| !line.starts_with("warning")).collect();
    assert!(lines[0].contains("`env.UNSET` is not defined | set it, or remove it from `env`"), "{lines:#?}");
    assert!(lines[1].contains("`env.SECRET` is not defined | list it under `env`"), "{lines:#?}");
}

#[test]
fn a_project_without_videos_is_a_warning() {
    assert_eq!(
        lines("callsheet: 1\n"),
        ["warning no-videos the project declares no videos | declare one under `videos`"]
    );
}

#[test]
fn keys_that_meet_are_told() {
    let line = one("{ matrix: { a: [x], include: [{ a: y, b: z }, { a: y, b: z }] }, script: Hi }");
    assert!(
        line.starts_with("duplicate-video callsheet.yaml:10:8 `matrix` two videos have the key `v[y,z]`"),
        "{line}"
    );
}
