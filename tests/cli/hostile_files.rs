//! Attacks with links and files in a hostile pull request: `docs/explanation/hostile-pull-requests.md`, row by row.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fixture::{Scene, Shown, quoted, shown};
use crate::results::TWO;
use crate::server::Server;

/// A project in a separate directory, next to files that must not change.
struct Attack {
    scene: Scene,
}

impl Attack {
    fn new(manifest: &str) -> Self {
        let scene = Scene::new();
        scene.write("project/callsheet.yaml", manifest);
        scene.write("outside/secret", "precious\n");
        Self { scene }
    }

    fn project(&self, name: &str) -> PathBuf {
        self.scene.path().join("project").join(name)
    }

    fn outside(&self, name: &str) -> PathBuf {
        self.scene.path().join("outside").join(name)
    }

    fn link(&self, target: &Path, name: &str) {
        let link = self.project(name);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(target, link).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.scene.command(&[]);
        command.args(args).current_dir(self.project(""));
        command
    }

    fn run(&self, args: &[&str]) -> Shown {
        shown(&mut self.command(args))
    }

    /// Checks that nothing outside was written, truncated or added.
    fn assert_untouched(&self, what: &str) {
        let names: Vec<_> = fs::read_dir(self.outside("")).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(names, ["secret"], "{what}");
        assert_eq!(fs::read_to_string(self.outside("secret")).unwrap(), "precious\n", "{what}");
    }
}

/// Runs the commands of a pipeline that write files.
fn pipeline(attack: &Attack, what: &str) -> Vec<Shown> {
    let commands: [&[&str]; 6] = [
        &["validate"],
        &["plan", "--env", "sandbox", "--out", "videos.plan"],
        &["preview", "--env", "sandbox"],
        &["apply", "--env", "sandbox", "--yes", "--wait"],
        &["pull", "--env", "sandbox"],
        &["catalog", "sync", "--env", "sandbox"],
    ];
    let shown = commands.iter().map(|args| attack.run(args)).collect();
    attack.assert_untouched(what);
    shown
}

fn with_schema() -> String {
    format!("# yaml-language-server: $schema=.callsheet/schema.json\n{TWO}")
}

#[test]
fn a_directory_that_leads_out_of_the_project_is_refused() {
    let attack = Attack::new(&with_schema());
    attack.link(&attack.outside(""), ".callsheet");
    for shown in pipeline(&attack, ".callsheet") {
        assert_eq!(shown.code, 1, "{}", shown.err);
        assert!(shown.err.contains(".callsheet` is a link that leads out of"), "{}", shown.err);
    }
    for name in
        [".callsheet/preview", ".callsheet/preview/before", ".callsheet/sandbox", ".callsheet/sandbox/assets", "dist"]
    {
        let attack = Attack::new(&with_schema());
        attack.link(&attack.outside(""), name);
        let shown = pipeline(&attack, name);
        assert!(shown.iter().any(|one| one.err.contains("is a link that leads out of")), "{name}");
    }
}

#[test]
fn out_may_name_a_directory_elsewhere_and_a_link_inside_the_project_works() {
    let attack = Attack::new(TWO);
    attack.link(Path::new("state"), ".callsheet");
    fs::create_dir(attack.project("state")).unwrap();
    attack.link(&attack.outside(""), "dist");
    let applied = attack.run(&["apply", "--env", "sandbox", "--yes", "--wait"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    let pulled = attack.run(&["pull", "--env", "sandbox", "--out", "dist"]);
    assert_eq!(pulled.code, 0, "{}", pulled.err);
    assert!(attack.outside("hello.de.mp4").exists() && attack.project("state/sandbox.lock").exists());
}

#[test]
fn no_file_of_ours_is_written_through_a_link() {
    const APPLY: &[&str] = &["apply", "--env", "sandbox", "--yes", "--wait"];
    const PULL: &[&str] = &["pull", "--env", "sandbox"];
    const PREVIEW: &[&str] = &["preview", "--env", "sandbox", "--limit", "1"];
    let attacks: [(&str, &[&[&str]]); 13] = [
        (".callsheet/schema.json", &[&["validate"], &["schema", "manifest", "--write"]]),
        (".callsheet/catalog.json", &[&["catalog", "sync", "--env", "sandbox"]]),
        (".callsheet/apply.lock", &[APPLY]),
        (".callsheet/pull.lock", &[PULL]),
        (".callsheet/sandbox.lock", &[APPLY]),
        (".callsheet/sandbox/journal.jsonl", &[APPLY]),
        (".callsheet/sandbox/running", &[APPLY]),
        (".callsheet/preview/index.html", &[PREVIEW]),
        (".callsheet/preview/.preview.json", &[PREVIEW]),
        (".callsheet/preview/hello.de.png", &[PREVIEW]),
        ("dist/hello.de.mp4", &[APPLY, PULL]),
        ("dist/.replaced", &[APPLY, PULL]),
        ("videos.plan", &[&["plan", "--env", "sandbox", "--out", "videos.plan"]]),
    ];
    for (name, commands) in attacks {
        for target in ["secret", "created", "hard link"] {
            let attack = Attack::new(&with_schema());
            if target == "hard link" {
                fs::create_dir_all(attack.project(name).parent().unwrap()).unwrap();
                fs::hard_link(attack.outside("secret"), attack.project(name)).unwrap();
            } else {
                attack.link(&attack.outside(target), name);
            }
            for args in commands {
                attack.run(args);
            }
            attack.assert_untouched(&format!("{name}: {target}"));
        }
    }
}

#[test]
fn a_partial_download_is_not_continued_through_a_link() {
    let attack = Attack::new(TWO);
    assert_eq!(attack.run(&["apply", "--env", "sandbox", "--yes", "--wait"]).code, 0);
    let lock = fs::read_to_string(attack.project(".callsheet/sandbox.lock")).unwrap();
    let line = lock.lines().find(|line| line.contains("hello[de]") && line.contains("\"digest\"")).unwrap();
    let digest = line.split("v1:").nth(1).unwrap().get(..12).unwrap().to_owned();
    for ending in ["part", "part.json"] {
        let part = format!("dist/.hello.de.mp4.{digest}-1.{ending}");
        attack.link(&attack.outside("secret"), &part);
        let pulled = attack.run(&["pull", "--env", "sandbox"]);
        assert_eq!(pulled.code, 6, "{}{}", pulled.out, pulled.err);
        assert!(pulled.err.contains("it is a symbolic link"), "{}", pulled.err);
        attack.assert_untouched(&part);
        fs::remove_file(attack.project(&part)).unwrap();
    }
    assert_eq!(attack.run(&["pull", "--env", "sandbox"]).code, 0);
}

#[test]
fn no_name_of_a_download_and_no_ledger_leads_out() {
    let attack = Attack::new(TWO);
    attack.link(&attack.outside(""), "dist/sub");
    assert_eq!(attack.run(&["apply", "--env", "sandbox", "--yes", "--wait"]).code, 0);
    let pulled = attack.run(&["pull", "--env", "sandbox", "--name", "sub/{key}.{ext}"]);
    assert_eq!(pulled.code, 1, "{}", pulled.err);
    assert!(pulled.err.contains("dist/sub` is a link that leads out of"), "{}", pulled.err);
    attack.assert_untouched("dist/sub");
    fs::write(attack.outside("a.png"), "mine").unwrap();
    attack.link(&attack.outside(""), ".callsheet/preview/before");
    let ledger = r#"{"callsheet":"preview","files":{"before/a.png":"0","../../../outside/a.png":"0"}}"#;
    fs::write(attack.project(".callsheet/preview/.preview.json"), ledger).unwrap();
    assert_eq!(attack.run(&["preview"]).code, 1);
    fs::remove_file(attack.project(".callsheet/preview/before")).unwrap();
    assert_eq!(attack.run(&["preview"]).code, 0);
    assert_eq!(fs::read_to_string(attack.outside("a.png")).unwrap(), "mine");
}

#[test]
fn a_linked_lockfile_works_inside_the_project_and_only_there() {
    let attack = Attack::new(TWO);
    let server = Server::start(&attack.scene, &[]);
    let run = |args: &[&str]| {
        let mut command = server.command(&attack.scene, args);
        shown(command.current_dir(attack.project("")))
    };
    for target in ["secret", "created"] {
        attack.link(&attack.outside(target), "callsheet.lock");
        for args in
            [&["plan"][..], &["apply", "--yes"], &["status", "--offline"], &["lock", "verify"], &["lock", "merge"]]
        {
            let refused = run(args);
            assert_eq!(refused.code, 1, "{args:?}: {}", refused.out);
            assert!(refused.err.contains("is a link that leads out of"), "{args:?}: {}", refused.err);
        }
        attack.assert_untouched(target);
        fs::remove_file(attack.project("callsheet.lock")).unwrap();
    }
    assert!(server.accepted().is_empty());
    fs::create_dir(attack.project("locks")).unwrap();
    attack.link(Path::new("locks/production"), "callsheet.lock");
    assert_eq!(run(&["apply", "--yes"]).code, 0);
    assert!(fs::read_to_string(attack.project("locks/production")).unwrap().contains("submitted"));
    assert!(attack.project("callsheet.lock").is_symlink());
    assert_eq!(run(&["plan", "--detailed-exitcode"]).code, 0);
    // With two hard links, a rewrite would separate them, so nothing is sent.
    fs::hard_link(attack.project("locks/production"), attack.project("locks/other")).unwrap();
    let text = fs::read_to_string(attack.project("callsheet.yaml")).unwrap();
    fs::write(attack.project("callsheet.yaml"), text.replace("some length", "another length")).unwrap();
    let refused = run(&["apply", "--yes"]);
    assert_eq!((refused.code, server.accepted().len()), (1, 2), "{}", refused.err);
    assert!(refused.err.contains("it has 2 hard links"), "{}", refused.err);
}

/// Collects the modes of all files in a directory.
fn modes(folder: &Path, found: &mut Vec<(String, u32)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let meta = entry.metadata().unwrap();
        if meta.is_dir() {
            modes(&entry.path(), found);
        } else {
            found.push((entry.path().display().to_string(), meta.permissions().mode() & 0o777));
        }
    }
}

#[test]
fn the_umask_is_honored() {
    for (umask, wanted) in [("077", 0o600), ("002", 0o664), ("022", 0o644), ("000", 0o666)] {
        let scene = Scene::new();
        let run = |args: &str| {
            let line = format!("umask {umask}; exec {} {args}", quoted(env!("CARGO_BIN_EXE_callsheet")));
            let mut shell = Command::new("sh");
            let shown = shown(shell.args(["-c", &line]).current_dir(scene.path()).env_clear());
            assert_eq!(shown.code, 0, "{args}: {}", shown.err);
        };
        run("init");
        run("plan --env sandbox --out videos.plan");
        run("preview --env sandbox --limit 1");
        run("catalog sync --env sandbox");
        run("apply --env sandbox --yes --wait --limit 1");
        run("pull --env sandbox");
        run("schema manifest --out schema.json");
        run("man --out man");
        let mut found = Vec::new();
        modes(scene.path(), &mut found);
        assert!(found.len() > 20, "{found:?}");
        for (name, mode) in found {
            // The sandbox's journal contains presigned addresses of submitted media.
            let wanted = if name.ends_with("journal.jsonl") { 0o600 } else { wanted };
            assert_eq!(mode, wanted, "umask {umask}: {name} has {mode:o}");
        }
    }
}

#[test]
fn an_endless_device_behind_a_link_is_not_read_and_a_fifo_is_not_waited_for() {
    let fifo = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let attack = Attack::new(&with_schema());
    fs::create_dir(attack.project(".callsheet")).unwrap();
    fifo(&attack.project(".callsheet/schema.json"));
    let written = attack.run(&["schema", "--write"]);
    assert_eq!(written.code, 0, "{}", written.err);
    assert!(attack.project(".callsheet/schema.json").symlink_metadata().unwrap().is_file());

    attack.link(Path::new("/dev/zero"), "callsheet.lock");
    let doctor = attack.run(&["doctor"]);
    assert!(doctor.out.contains("callsheet.lock`: not a regular file"), "{}{}", doctor.out, doctor.err);

    let attack = Attack::new(TWO);
    fs::remove_file(attack.project("callsheet.yaml")).unwrap();
    attack.link(Path::new("/dev/zero"), ".vscode/settings.json");
    let started = attack.run(&["init"]);
    assert_eq!(started.code, 0, "{}", started.err);
    assert!(started.err.contains("`.vscode/settings.json` stays unchanged"), "{}{}", started.out, started.err);
}

#[test]
fn an_output_is_not_written_to_a_device_behind_a_link() {
    let attack = Attack::new(TWO);
    attack.link(Path::new("/dev/null"), "videos.plan");
    for args in [&["plan", "--out", "videos.plan"][..], &["schema", "--out", "videos.plan"]] {
        let refused = attack.run(args);
        assert_eq!(refused.code, 1, "{}", refused.err);
        assert!(refused.err.contains("symbolic link"), "{}", refused.err);
    }
}
