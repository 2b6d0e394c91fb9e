//! Saved plans next to keys with the same name: apply uses the one that the user means.

use crate::scene::Scene;
use crate::server::Server;

const TWO: &str = r##"callsheet: 1
defaults: { avatar: { id: A1 }, voice: { tts: { id: V1 } }, background: { color: "#f4f4f4" } }
videos: { welcome: { script: Welcome }, thanks: { script: Thanks }, plan.json: { script: Plan } }
environments: { production: { rate: 0 } }
"##;

fn names(server: &Server) -> Vec<String> {
    let mut names: Vec<String> =
        server.accepted().iter().map(|one| one.name.split(" #").next().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_key_wins_over_a_saved_plan_of_its_name_and_plan_names_the_file() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    let saved = server.ok(&scene, &["plan", "--only", "thanks", "--out", "welcome"]);
    assert!(saved.err.contains("`callsheet apply --plan welcome` does exactly this"), "{}", saved.err);
    server.ok(&scene, &["plan", "--out", "plan.json"]);
    let applied = server.ok(&scene, &["apply", "--yes", "welcome"]);
    assert!(applied.err.contains("`--plan welcome` applies the plan"), "{}", applied.err);
    assert_eq!(names(&server), ["welcome"]);
    server.ok(&scene, &["apply", "--yes", "plan.json"]);
    assert_eq!(names(&server), ["plan.json", "welcome"]);
    server.ok(&scene, &["apply", "--yes", "--plan", "welcome"]);
    assert_eq!(names(&server), ["plan.json", "thanks", "welcome"]);
}

#[test]
fn a_bare_argument_is_a_plan_by_its_header_and_by_a_path_too() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["plan", "--only", "thanks", "--out", "saved"]);
    std::fs::copy(scene.path().join("saved"), scene.path().join("welcome")).unwrap();
    server.ok(&scene, &["apply", "--yes", "./welcome"]);
    assert_eq!(names(&server), ["thanks"], "no key holds a slash");
    server.ok(&scene, &["plan", "--only", "welcome", "--out", "saved"]);
    server.ok(&scene, &["apply", "--yes", "saved"]);
    assert_eq!(names(&server), ["thanks", "welcome"]);
}

#[test]
fn what_is_neither_is_refused_with_both_readings() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    scene.write("notes", "not a plan");
    let refused = server.exits(&scene, 1, &["apply", "--yes", "notes"]);
    assert!(refused.err.contains("`notes` is neither a saved plan nor a video"), "{}", refused.err);
    let refused = server.exits(&scene, 1, &["apply", "--yes", "--plan", "notes"]);
    assert!(refused.err.contains("`notes` cannot be used: it does not begin like a saved plan"), "{}", refused.err);
    let missing = server.exits(&scene, 1, &["apply", "--yes", "--plan", "thanks"]);
    assert!(missing.err.contains("cannot read"), "a key is not a file: {}", missing.err);
    server.ok(&scene, &["plan", "--out", "saved"]);
    for more in
        [&["welcome"][..], &["--only", "welcome"], &["--except", "welcome"], &["--limit", "1"], &["--retry-failed"]]
    {
        let args = [&["apply", "--yes", "--plan", "saved"], more].concat();
        let refused = server.exits(&scene, 64, &args);
        assert!(refused.err.contains("saved plan"), "{more:?} {}", refused.err);
    }
    assert!(names(&server).is_empty());
}

#[test]
fn out_replaces_only_what_can_be_made_again() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes", "welcome"]);
    scene.write("notes.txt", "mine");
    let lockfile = scene.read("callsheet.lock");
    for args in [["plan", "--out", "FILE"], ["schema", "--out", "FILE"]] {
        for file in ["callsheet.lock", "callsheet.yaml", "new.lock", "notes.txt"] {
            let shown = server.exits(&scene, 64, &[args[0], args[1], file]);
            assert!(shown.err.contains(&format!("`--out` would overwrite `{file}`")), "{}", shown.err);
        }
        server.ok(&scene, &[args[0], args[1], "again.json"]);
        server.ok(&scene, &[args[0], args[1], "again.json"]);
        std::fs::remove_file(scene.path().join("again.json")).unwrap();
    }
    assert_eq!((scene.read("callsheet.lock"), scene.read("notes.txt")), (lockfile, "mine".to_owned()));
    assert_eq!(scene.read("callsheet.yaml"), TWO);
}
