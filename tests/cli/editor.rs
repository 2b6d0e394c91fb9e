//! The editor's schema of a project: written if a manifest names it, kept current, silent, and never a reason to fail.

use std::fs;
use std::os::unix::fs::MetadataExt;

use serde_json::Value;

use crate::fixture::Scene;

const SCHEMA: &str = ".callsheet/schema.json";
const MODELINE: &str = "# yaml-language-server: $schema=.callsheet/schema.json\n";

const MANIFEST: &str = "callsheet: 1
avatars: { anna: { id: A1 } }
voices: { narrator: { tts: { id: V1 } } }
defaults: { avatar: anna, voice: narrator, background: { color: \"#f4f4f4\" } }
videos: { hello: { script: Hello } }
";

fn named() -> Scene {
    Scene::manifest(&format!("{MODELINE}{MANIFEST}"))
}

fn presets(scene: &Scene, kind: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(&scene.read(SCHEMA)).unwrap();
    let names = schema["definitions"][kind]["enum"].as_array().cloned().unwrap_or_default();
    names.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Returns the inode, which identifies a file. An atomic write creates a new one.
fn inode(scene: &Scene) -> u64 {
    fs::metadata(scene.path().join(SCHEMA)).unwrap().ino()
}

#[test]
fn validate_and_plan_keep_it_current_without_a_word() {
    let scene = named();
    assert_eq!(scene.ok(&["validate"]).err, "valid: 1 video from 1 file\n");
    assert_eq!(presets(&scene, "AvatarPreset"), ["anna"]);
    assert_eq!(scene.ok(&["schema", "--project"]).out, scene.read(SCHEMA));
    let first = inode(&scene);
    scene.ok(&["validate"]);
    scene.ok(&["plan", "--env", "sandbox"]);
    assert_eq!(inode(&scene), first, "an equal file is left untouched");
    scene.edit("callsheet.yaml", "{ anna: { id: A1 } }", "{ anna: { id: A1 }, bob: { id: A2 } }");
    let shown = scene.ok(&["plan", "--env", "sandbox"]);
    assert!(!shown.err.contains("schema"), "{}", shown.err);
    assert_eq!(presets(&scene, "AvatarPreset"), ["anna", "bob"]);
    let names: Vec<_> =
        fs::read_dir(scene.path().join(".callsheet")).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().starts_with(".schema")), "{names:?}");
}

#[test]
fn nothing_is_written_where_no_manifest_names_it() {
    for head in [
        "",
        "# yaml-language-server: $schema=schema/mine.json\n",
        "#yaml-language-server: $schema=.callsheet/schema.json\n",
    ] {
        let scene = Scene::manifest(&format!("{head}{MANIFEST}"));
        scene.ok(&["validate"]);
        assert!(!scene.path().join(".callsheet").exists(), "{head}");
    }
}

#[test]
fn an_included_file_may_name_it_by_its_own_path() {
    let scene = Scene::manifest(&MANIFEST.replace("callsheet: 1", "callsheet: 1\ninclude: [videos/*.yaml]"));
    scene.write(
        "videos/a.yaml",
        "# yaml-language-server: $schema=../.callsheet/schema.json\nvideos: { bye: { script: Bye } }\n",
    );
    scene.ok(&["validate"]);
    assert_eq!(presets(&scene, "VoicePreset"), ["narrator"]);
}

#[test]
fn faults_elsewhere_do_not_stop_it_but_a_file_that_cannot_be_read_does() {
    let scene = named();
    scene.ok(&["validate"]);
    scene.edit("callsheet.yaml", "narrator: {", "guide: { tts: { id: V2 } }, narrator: {");
    scene.edit("callsheet.yaml", "script: Hello", "script: Hello, voice: gide");
    assert_eq!(scene.run(&["validate"]).code, 1);
    assert_eq!(presets(&scene, "VoicePreset"), ["guide", "narrator"], "the name that the fault wants is offered");
    let first = inode(&scene);
    for broken in ["voices: [", "include: [nothing/*.yaml]", "voices: 5"] {
        scene.write("callsheet.yaml", &format!("{MODELINE}callsheet: 1\n{broken}\n"));
        assert_eq!(scene.run(&["validate"]).code, 1, "{broken}");
        assert_eq!(inode(&scene), first, "with half of the names it would be wrong: {broken}");
    }
}

#[test]
fn what_cannot_be_written_is_a_warning_and_no_exit_code() {
    let scene = named();
    // A directory in its place stops root too.
    scene.write(".callsheet/schema.json/in-the-way", "");
    let shown = scene.ok(&["validate"]);
    assert!(shown.err.starts_with("warning: the editor's schema is not current: cannot write"), "{}", shown.err);
    assert!(shown.err.ends_with("valid: 1 video from 1 file\n"), "{}", shown.err);
}

#[test]
fn a_secret_behind_a_url_stays_out_of_it() {
    let scene = named();
    let media = "backgrounds: { office: { media: { url: \"https://cdn.example.com/a.jpg?X-Amz-Signature=CANARY&X-Amz-Date=1\" } } }\n";
    scene.edit("callsheet.yaml", "videos:", &format!("{media}videos:"));
    scene.run(&["validate"]);
    let schema = scene.read(SCHEMA);
    assert!(schema.contains("https://cdn.example.com/a.jpg") && !schema.contains("CANARY"));
}

#[test]
fn init_sets_the_editor_up_and_leaves_alone_what_exists() {
    let scene = Scene::new();
    scene.write(".vscode/settings.json", "{}\n");
    let shown = scene.ok(&["init"]);
    assert!(scene.read("callsheet.yaml").starts_with(MODELINE));
    assert_eq!(presets(&scene, "AvatarPreset"), ["anna"]);
    assert_eq!(scene.read(".vscode/settings.json"), "{}\n");
    assert!(scene.read(".vscode/extensions.json").contains("redhat.vscode-yaml"));
    assert!(
        shown.err.contains("`.vscode/settings.json` stays unchanged; for the editor add to it: \"yaml.schemas\""),
        "{}",
        shown.err
    );
}

#[test]
fn the_projects_schema_needs_a_project_and_is_the_manifests_alone() {
    let shown = Scene::new().run(&["schema", "--project"]);
    assert_eq!((shown.code, shown.out.as_str()), (1, ""));
    assert_eq!(named().run(&["schema", "--project", "lock"]).code, 64);
}

#[test]
fn a_synced_catalogue_enters_it_at_once_and_a_broken_one_is_a_warning() {
    let scene = named();
    scene.ok(&["validate"]);
    assert!(!scene.read(SCHEMA).contains("[preview]"));
    scene.ok(&["catalog", "sync", "--env", "sandbox"]);
    assert!(scene.read(SCHEMA).contains("[preview]"), "the vendor's avatars and voices are explained");
    let (first, current) = (inode(&scene), scene.read(SCHEMA));
    scene.ok(&["validate"]);
    assert_eq!(inode(&scene), first);
    scene.write(".callsheet/catalog.json", "{");
    let shown = scene.ok(&["validate"]);
    assert!(shown.err.starts_with("warning: the editor's schema is not current: "), "{}", shown.err);
    assert_eq!(scene.read(SCHEMA), current);
}

#[test]
fn the_hook_writes_the_projects_schema_or_says_why_not() {
    let scene = Scene::manifest(MANIFEST);
    scene.ok(&["schema", "--project", "--write"]);
    assert_eq!(presets(&scene, "AvatarPreset"), ["anna"]);
    scene.write("callsheet.yaml", "callsheet: 1\nvoices: [\n");
    let shown = scene.run(&["schema", "--project", "--write"]);
    assert_eq!(shown.code, 1);
    assert!(shown.err.contains("the schema would lack names; `callsheet validate` says why"), "{}", shown.err);
}
