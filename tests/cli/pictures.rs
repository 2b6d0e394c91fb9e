//! Pictures that make their decoder hang or crash: `preview`, `pull --env sandbox` and the sandbox continue without
//! them.

use crate::fixture::Scene;

const RECT: &str = r#"<rect width="160" height="90" fill="red"/>"#;

/// Returns the names of hostile pictures, the reason in each warning, and their content.
fn hostile() -> Vec<(&'static str, &'static str, String)> {
    let mask = |i: usize| format!(r#"<mask id="m{i}" mask="url(#m{})">{RECT}</mask>"#, i + 1);
    let masks: String = (0..4_000).map(mask).collect();
    let filter =
        |one: &str| format!(r#"<filter id="f">{one}</filter><rect width="160" height="90" filter="url(#f)"/>"#);
    let tiles = r#"<pattern id="p" width="30000" height="30000" patternUnits="userSpaceOnUse"><rect width="30000" height="30000" fill="red"/></pattern><rect width="160" height="90" fill="url(#p)"/>"#;
    vec![
        (
            "masks",
            "more than 16 references in a chain",
            format!(r#"{masks}<rect width="160" height="90" mask="url(#m0)"/>"#),
        ),
        ("turbulence", "it uses filters", filter(r#"<feTurbulence baseFrequency=".01" numOctaves="90000000"/>"#)),
        ("morphology", "it uses filters", filter(r#"<feMorphology operator="dilate" radius="90000"/>"#)),
        ("text", "more than 5,000 characters of text", format!("<text>{}</text>", "a".repeat(1_000_000))),
        (
            "nesting",
            "more than 64 levels of nesting",
            format!("{}{RECT}{}", "<g>".repeat(100_000), "</g>".repeat(100_000)),
        ),
        // Counting does not detect these two: 126 GB of memory, and minutes of rounded corners.
        ("memory", "drawing it crashes or needs too much memory", tiles.to_owned()),
        (
            "time",
            "drawing it takes longer than 10 s",
            format!(
                r#"<path d="M0 0{}" stroke="red" stroke-width="30" stroke-linejoin="round"/>"#,
                "L160 90L0 45L160 0L0 90".repeat(80_000)
            ),
        ),
    ]
}

fn svg(body: &str) -> String {
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="160" height="90">{body}</svg>"#)
}

/// Returns a project with one video per picture, and one with a valid picture.
fn project(pictures: Vec<(&'static str, &'static str, String)>) -> Scene {
    let scene = Scene::new();
    let head = "callsheet: 1\ndefaults:\n  avatar: { id: A }\n  voice: { silence: { duration: 2 } }\nvideos:\n";
    let mut lines = vec![head.to_owned()];
    let fine = ("fine", "", RECT.to_owned());
    for (name, _, body) in pictures.into_iter().chain([fine]) {
        lines.push(format!("  {name}: {{ background: {{ media: {{ path: {name}.svg, fit: cover }} }} }}\n"));
        scene.write(&format!("{name}.svg"), &svg(&body));
    }
    scene.write("callsheet.yaml", &lines.concat());
    scene
}

#[test]
fn a_preview_draws_a_placeholder_and_warns_once_a_picture() {
    let scene = project(hostile());
    let shown = scene.ok(&["preview", "--scale", "0.2"]);
    let count = hostile().len();
    assert_eq!(shown.err.matches("warning: ").count(), count, "{}", shown.err);
    for (name, why, _) in hostile() {
        let line = shown.err.lines().find(|line| line.contains(&format!("(`{name}.svg`)")));
        let begin = format!("warning: 1 frame: background that cannot be drawn: {why}");
        let begin = begin.replace("drawn: more", "drawn: it has more");
        assert!(line.is_some_and(|line| line.starts_with(&begin)), "{name}: {}", shown.err);
        let png = std::fs::read(scene.path().join(format!(".callsheet/preview/{name}.png"))).unwrap();
        assert_eq!(&png[..4], b"\x89PNG", "{name}");
    }
    assert!(shown.err.ends_with(&format!("{} frames drawn\n", count + 1)), "{}", shown.err);
}

#[test]
fn the_sandbox_makes_films_of_them_and_pull_saves_those() {
    // A preview shows what happens after 10 s. A film is drawn by the same process.
    let pictures: Vec<_> = hostile().into_iter().filter(|(name, ..)| *name != "time").collect();
    let scene = project(pictures.clone());
    scene.ok(&["apply", "--env", "sandbox", "--yes", "--quiet"]);
    // The sandbox draws a film when a command first requests its result: `wait` on a slow machine, otherwise `pull`.
    let commands = [&["wait", "--env", "sandbox"][..], &["pull", "--env", "sandbox", "--out", "films"]];
    let warnings: String = commands.map(|command| scene.ok(command).err).concat();
    for (name, why, _) in pictures {
        let film = std::fs::read(scene.path().join(format!("films/{name}.mp4"))).unwrap();
        assert_eq!(&film[4..8], b"ftyp", "{name}");
        assert!(warnings.contains(why), "{name}: {warnings}");
    }
    assert_eq!(&std::fs::read(scene.path().join("films/fine.mp4")).unwrap()[4..8], b"ftyp");
}

#[test]
fn the_argument_of_the_drawing_process_is_not_a_command() {
    let scene = Scene::new();
    for words in [
        &["__draw-picture"][..],
        &["__draw-picture", "svg", "cover", "x", "9"],
        &["__draw-picture", "pdf", "cover", "9", "9"],
    ] {
        let shown = scene.run(words);
        assert_eq!((shown.code, shown.out.as_str()), (1, "`__draw-picture` is for callsheet itself"), "{words:?}");
    }
    assert!(!scene.ok(&["--help"]).out.contains("draw-picture"));
}
