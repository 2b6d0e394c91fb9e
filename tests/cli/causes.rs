//! The cause of a change: a plan names the edited line, in any file.

use serde_json::Value;

use crate::fixture::Scene;

const MANIFEST: &str = "callsheet: 1
vars:
  product: Widget
  tempo: 1.0
voices:
  narrator: { tts: { id: V1, speed: \"{{ vars.tempo }}\" } }
defaults:
  avatar: { id: A1 }
  voice: narrator
  background: { color: \"#f4f4f4\" }
videos:
  mail:
    rows: { path: data/people.csv, key: \"{{ row.id }}\" }
    script: { path: scripts/mail.txt }
    background: { color: \"{{ row.color }}\" }
  intro:
    matrix: { level: [1, 2] }
    script: |
      This is {{ vars.product }}.
      Level {{ 'one' if matrix.level is number and matrix.level | int == 1 else 'no ' ~ matrix.level }}.
      It has {{ vars.product | upper }} inside.
  plain:
    script: |
      One.
      Two.
      Three.
  picture:
    script: Look.
    background: { media: { path: wall.png } }
";

/// Returns a project whose videos are all submitted.
fn submitted() -> Scene {
    let scene = Scene::manifest(MANIFEST);
    scene.write("data/people.csv", "id,name,color\nanna,Anna,#111111\nbob,Bob,#222222\n");
    scene.write("scripts/mail.txt", "Dear {{ row.name }},\nyour {{ vars.product }} is ready.\nGoodbye.\n");
    std::fs::copy(
        crate::fixture::repository().join("tests/frozen/project/media/wall.png"),
        scene.path().join("wall.png"),
    )
    .unwrap();
    scene.ok(&["apply", "--yes", "--env", "sandbox"]);
    assert_eq!(causes(&scene), Vec::<String>::new());
    scene
}

/// Returns `key path file:line:column` of each changed field. JSON, Markdown, the screen and a saved plan must agree.
fn causes(scene: &Scene) -> Vec<String> {
    let plan = ["plan", "--env", "sandbox", "--verbose"];
    let shown = |format: &str| scene.ok(&[&plan[..], &["--format", format]].concat()).out;
    let json: Value = serde_json::from_str(&shown("json")).unwrap();
    let (human, markdown) = (shown("human"), shown("markdown"));
    scene.ok(&[&plan[..], &["--out", "saved.json"]].concat());
    let saved = scene.ok(&["show", "saved.json", "--format", "json"]).out;
    let mut found = Vec::new();
    for change in json["changes"].as_array().unwrap() {
        for field in change["diff"].as_array().into_iter().flatten() {
            let origin = &field["origin"];
            let place = format!("{}:{}:{}", origin["file"].as_str().unwrap(), origin["line"], origin["column"]);
            assert!(human.contains(&place) && markdown.contains(&place), "{place}\n{human}\n{markdown}");
            found.push(format!("{} {} {place}", change["key"].as_str().unwrap(), field["path"].as_str().unwrap()));
        }
    }
    let saved: Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(saved["changes"], json["changes"]);
    found
}

/// Returns the causes after one edit, then reverts the edit.
fn after(scene: &Scene, file: &str, from: &str, to: &str) -> Vec<String> {
    let before = scene.read(file);
    scene.edit(file, from, to);
    let found = causes(scene);
    scene.write(file, &before);
    found
}

#[test]
fn a_plan_names_the_edited_line() {
    let scene = submitted();
    let text = "voice.tts.text";
    // A line of a script file, for each video that uses it.
    assert_eq!(
        after(&scene, "scripts/mail.txt", "Goodbye", "See you"),
        [format!("mail[anna] {text} scripts/mail.txt:3:1"), format!("mail[bob] {text} scripts/mail.txt:3:1")]
    );
    assert_eq!(
        after(&scene, "scripts/mail.txt", "is ready", "has arrived"),
        [format!("mail[anna] {text} scripts/mail.txt:2:25"), format!("mail[bob] {text} scripts/mail.txt:2:25")]
    );
    // A cell of a data file: in a text, and as a value.
    assert_eq!(after(&scene, "data/people.csv", "Bob", "Robert"), [format!("mail[bob] {text} data/people.csv:3:1")]);
    assert_eq!(
        after(&scene, "data/people.csv", "#222222", "#FFEECC"),
        ["mail[bob] background.color data/people.csv:3:1"]
    );
    // A variable: in a script file, in a text of a manifest, and with a filter.
    assert_eq!(
        after(&scene, "callsheet.yaml", "product: Widget", "product: Gadget"),
        ["mail[anna]", "mail[bob]", "intro[1]", "intro[2]"].map(|key| format!("{key} {text} callsheet.yaml:3:3"))
    );
    assert_eq!(after(&scene, "callsheet.yaml", "tempo: 1.0", "tempo: 1.1").len(), 6);
    // A literal in a template, and in a text of several lines.
    assert_eq!(
        after(&scene, "callsheet.yaml", "inside", "within"),
        [format!("intro[1] {text} callsheet.yaml:21:41"), format!("intro[2] {text} callsheet.yaml:21:41")]
    );
    assert_eq!(
        after(&scene, "callsheet.yaml", "else 'no '", "else 'nr '"),
        [format!("intro[2] {text} callsheet.yaml:20:82")]
    );
    assert_eq!(after(&scene, "callsheet.yaml", "      Two.\n", ""), [format!("plain {text} callsheet.yaml:25:7")]);
    assert_eq!(after(&scene, "callsheet.yaml", "Three.", "Four."), [format!("plain {text} callsheet.yaml:26:7")]);
    assert_eq!(
        after(&scene, "callsheet.yaml", "script: Look.", "script: See."),
        [format!("picture {text} callsheet.yaml:28:13")]
    );
    // A matrix value whose key stays the same: a number that becomes a string.
    assert_eq!(
        after(&scene, "callsheet.yaml", "level: [1,", "level: [\"1\","),
        [format!("intro[1] {text} callsheet.yaml:17:23")]
    );
    // The content of a picture. The manifest has only its path.
    let mut picture = std::fs::read(scene.path().join("wall.png")).unwrap();
    picture.push(0);
    std::fs::write(scene.path().join("wall.png"), picture).unwrap();
    assert_eq!(causes(&scene), ["picture background.media.sha256 callsheet.yaml:29:34"]);
}

#[test]
fn videos_that_one_variable_changes_are_one_cause() {
    let scene = submitted();
    scene.edit("callsheet.yaml", "tempo: 1.0", "tempo: 1.1");
    let told = scene.ok(&["plan", "--env", "sandbox"]).out;
    assert!(told.contains("callsheet.yaml:4 speed 1.0 → 1.1 changes 6 videos"), "{told}");
    scene.ok(&["preview", "--env", "sandbox", "--only", "plain"]);
    let page = scene.read(".callsheet/preview/index.html");
    assert!(page.contains("callsheet.yaml:4"), "the storyboard names the same line");
}
