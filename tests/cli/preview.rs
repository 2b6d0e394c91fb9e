//! `preview`: frames and a storyboard in a directory, drawn once, for any script.

use crate::fixture::Scene;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn frames_are_drawn_once_and_named_after_keys() {
    let scene = Scene::example("quickstart");
    let first = scene.ok(&["preview"]);
    assert_eq!((first.out.as_str(), first.err.as_str()), (".callsheet/preview/index.html\n", "3 frames drawn\n"));
    let png = std::fs::read(scene.path().join(".callsheet/preview/greeting.de.png")).unwrap();
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!((&png[16..20], &png[20..24]), (&[0, 0, 2, 28][..], &[0, 0, 3, 192][..]), "540 × 960");
    assert_eq!(scene.ok(&["preview"]).err, "0 frames drawn, 3 unchanged\n");
    scene.edit("callsheet.yaml", "one minute away", "two minutes away");
    assert_eq!(scene.ok(&["preview"]).err, "1 frame drawn, 2 unchanged\n");
    assert_eq!(std::fs::read(scene.path().join(".callsheet/preview/greeting.de.png")).unwrap(), png);
}

#[test]
fn a_change_is_drawn_before_and_after() {
    let scene = Scene::example("localized");
    scene.ok(&["apply", "--env", "sandbox", "--yes", "--quiet"]);
    scene.edit("callsheet.yaml", "x: -240", "x: 240");
    let shown = json(&scene.ok(&["preview", "onboarding[de,*]", "--env", "sandbox", "--format", "json"]).out);
    assert_eq!(shown["format_version"], 1);
    let frame = &shown["frames"][1];
    assert_eq!(
        (&frame["key"], &frame["file"], &frame["before"], &frame["width"], &frame["kept"]),
        (
            &"onboarding[de,pro]".into(),
            &"onboarding.de.pro.png".into(),
            &"before/onboarding.de.pro.png".into(),
            &960.into(),
            &false.into()
        )
    );
    assert_eq!(frame["notices"][0], "remote background: not fetched; `preview --fetch` shows it");
    let bytes = |name: &str| std::fs::read(scene.path().join(".callsheet/preview").join(name)).unwrap();
    assert_ne!(bytes("onboarding.de.pro.png"), bytes("before/onboarding.de.pro.png"));
    let page = String::from_utf8(bytes("index.html")).unwrap();
    assert!(page.contains("badge changed") && page.contains("avatar.offset.x"), "{page}");
}

#[test]
fn a_local_background_is_drawn_and_a_damaged_one_is_told() {
    let scene = Scene::manifest(
        "callsheet: 1\nallow: [media-beyond-limits]\ndefaults:\n  avatar: { id: A }\n  voice: { silence: { duration: 2 } }\nvideos:\n  \
         good: { background: { media: { path: good.svg, fit: cover } } }\n  bad: { background: { media: { path: bad.png } } }\n",
    );
    scene.write("good.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"16\" height=\"9\"><rect width=\"16\" height=\"9\" fill=\"#ff0000\"/><image href=\"/etc/passwd\"/></svg>");
    let whole = include_bytes!("../../src/preview/tests/frames/wide-half.png");
    std::fs::write(scene.path().join("bad.png"), &whole[..60]).unwrap();
    for _ in 0..2 {
        let shown = scene.ok(&["preview"]);
        assert!(
            shown.err.contains("1 frame: background that cannot be drawn: its pixels cannot be decoded"),
            "{}",
            shown.err
        );
        assert!(!shown.err.contains("good"), "{}", shown.err);
    }
}

#[test]
fn a_picture_that_is_not_there_is_a_warning_and_no_key_is_sent() {
    let scene = Scene::manifest(
        "callsheet: 1\nvideos:\n  a:\n    avatar: { id: A }\n    voice: { silence: { duration: 2 } }\n    \
         background: { media: { url: \"http://127.0.0.1:9/a.jpg?X-Amz-Date=1&X-Amz-Signature=topsecret\" } }\n",
    );
    let shown = scene.ok(&["preview", "--fetch"]);
    assert!(shown.err.contains("warning: `http://127.0.0.1:9/a.jpg` is not fetched: "), "{}", shown.err);
    let page = scene.read(".callsheet/preview/index.html");
    assert!(!shown.err.contains("topsecret") && !page.contains("topsecret"));
}

#[test]
fn drafts_lie_beside_the_frames() {
    let scene = Scene::example("quickstart");
    let shown = scene.ok(&["preview", "welcome", "--video", "--out", "site", "--scale", "0.1"]);
    assert_eq!(shown.out, "site/index.html\n");
    let film = std::fs::read(scene.path().join("site/welcome.mp4")).unwrap();
    assert_eq!(&film[4..8], b"ftyp");
    let again = scene.ok(&["preview", "welcome", "--video", "--out", "site", "--scale", "0.1"]);
    assert!(again.err.ends_with("0 frames drawn, 1 unchanged\n"), "{}", again.err);
}

#[test]
fn the_folder_of_somebody_else_and_odd_scales_are_refused() {
    let scene = Scene::example("quickstart");
    scene.write("site/index.html", "mine");
    let shown = scene.run(&["preview", "--out", "site"]);
    assert_eq!(shown.code, 1);
    assert!(shown.err.contains("has an `index.html` that callsheet did not write"), "{}", shown.err);
    assert_eq!(scene.read("site/index.html"), "mine");
    for scale in ["0", "-1", "3", "NaN", "x"] {
        assert_eq!(scene.run(&["preview", &format!("--scale={scale}")]).code, 64, "{scale}");
    }
}

#[test]
fn finished_videos_have_their_address_and_texts_are_compared_word_by_word() {
    let scene = Scene::example("quickstart");
    scene.ok(&["apply", "--env", "sandbox", "--yes", "--quiet"]);
    let page = |args: &[&str]| {
        scene.ok(&[&["preview", "--env", "sandbox", "--scale", "0.1"], args].concat());
        scene.read(".callsheet/preview/index.html")
    };
    assert!(!page(&[]).contains("\"film\":"), "nothing was pulled");
    scene.ok(&["pull", "--env", "sandbox", "--wait", "--quiet"]);
    let pulled = page(&[]);
    assert!(pulled.contains("\"film\":\"../../dist/welcome.mp4\"") && pulled.contains("▶ finished"), "{pulled}");
    assert!(pulled.contains("apply submits nothing"), "{pulled}");

    scene.edit("callsheet.yaml", "one minute away", "two minutes away");
    let line = scene.read("callsheet.yaml").lines().position(|line| line.contains("two minutes away")).unwrap() + 1;
    let changed = page(&[]);
    assert!(changed.contains("\"film_before\":\"../../dist/welcome.mp4\""), "{changed}");
    assert!(changed.contains("[\"-\",\"one minute\"],[\"+\",\"two minutes\"],[\"=\",\" away"), "{changed}");
    assert!(changed.contains(&format!("\"place\":\"callsheet.yaml:{line}\"")), "{changed}");
    assert!(changed.contains("apply submits 1: 1 changed"), "{changed}");

    // Another directory, and none.
    std::fs::rename(scene.path().join("dist"), scene.path().join("videos")).unwrap();
    assert!(!page(&[]).contains("\"film_before\":"));
    assert!(page(&["--videos", "videos"]).contains("\"film_before\":\"../../videos/welcome.mp4\""));
    let refused = scene.run(&["preview", "--env", "sandbox", "--videos", "nowhere"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("nowhere` is not a directory; name the one that `pull` saved into"),
        "{}",
        refused.err
    );
}

#[test]
fn a_plan_as_markdown_links_the_storyboard() {
    let scene = Scene::example("quickstart");
    let link = "[Storyboard: every video as a frame](<https://example.com/a%20b?x=1>)";
    for format in ["markdown", "github"] {
        let planned = scene.ok(&["plan", "--format", format, "--storyboard", "https://example.com/a b?x=1"]).out;
        assert_eq!(planned.matches(link).count(), 1, "{planned}");
        assert!(!scene.ok(&["plan", "--format", format]).out.contains("Storyboard"));
    }
    for wrong in ["example.com", "file:///etc/passwd", "javascript:alert(1)", ""] {
        let refused = scene.run(&["plan", "--format", "markdown", "--storyboard", wrong]);
        assert_eq!(refused.code, 64, "{wrong}");
        assert!(refused.err.contains("must be an address such as"), "{}", refused.err);
    }
}
