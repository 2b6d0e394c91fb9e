//! Saved plans next to keys with the same name: apply uses the one that the user means.

use crate::fixture::Scene;
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
    let manifest = server.exits(&scene, 1, &["apply", "--yes", "--plan", "callsheet.yaml"]);
    for refused in [&refused, &missing, &manifest] {
        let next = "; nothing was sent; `callsheet plan --out NEW.plan` saves a plan\n";
        assert!(refused.err.ends_with(next), "{}", refused.err);
    }
    server.ok(&scene, &["plan", "--out", "saved"]);
    for more in
        [&["welcome"][..], &["--only", "welcome"], &["--except", "welcome"], &["--limit", "1"], &["--retry-failed"]]
    {
        let args = [&["apply", "--yes", "--plan", "saved"], more].concat();
        let refused = server.exits(&scene, 64, &args);
        assert!(refused.err.contains("saved plan") && refused.err.contains("; nothing was sent; "), "{}", refused.err);
    }
    assert!(names(&server).is_empty());
}

#[test]
fn no_output_replaces_what_callsheet_did_not_write() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes", "welcome"]);
    let lockfile = scene.read("callsheet.lock");
    let mine =
        [("notes.txt", "mine"), ("rows.jsonl", "{\"id\": 1}\n{\"id\": 2}\n"), ("package.json", "{ \"name\": \"x\" }")];
    for (file, text) in mine {
        scene.write(file, text);
    }
    let commands: [&[&str]; 4] =
        [&["plan", "--out"], &["schema", "--out"], &["plan", "--json-into"], &["apply", "--yes", "--json-into"]];
    for command in commands {
        let into = |file| [command, &[file]].concat();
        for (file, _) in mine {
            let shown = server.exits(&scene, 64, &into(file));
            assert!(shown.err.contains(&format!("would overwrite `{file}`")), "{}", shown.err);
        }
        for file in ["callsheet.lock", "callsheet.yaml", "new.lock"] {
            let shown = server.exits(&scene, 64, &into(file));
            assert!(shown.err.contains(&format!("`{file}` is named like")), "{}", shown.err);
        }
    }
    assert_eq!(names(&server), ["welcome"]);
    for command in commands {
        for _ in 0..2 {
            server.ok(&scene, &[command, &["again.json"]].concat());
        }
        std::fs::remove_file(scene.path().join("again.json")).unwrap();
    }
    let advice = server.exits(&scene, 1, &["apply", "--yes", "callsheet.yaml"]);
    assert!(advice.err.contains("`callsheet plan --out NEW.plan` saves one"), "{}", advice.err);
    for (file, text) in mine {
        assert_eq!(scene.read(file), text);
    }
    assert!(scene.read("callsheet.lock").starts_with(&lockfile[..lockfile.find('\n').unwrap()]));
    assert_eq!(scene.read("callsheet.yaml"), TWO);
}
