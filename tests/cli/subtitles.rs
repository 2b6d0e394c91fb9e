//! `pull --subtitles` and `pull --name`: what is written next to videos, and where.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::fixture::Scene;
use crate::server::Server;

const MANIFEST: &str = r##"callsheet: 1
avatars: { anna: { id: A1 } }
voices: { narrator: { tts: { id: V1 } }, pause: { silence: { duration: 2 } } }
defaults: { avatar: anna, voice: narrator, background: { color: "#f4f4f4" } }
videos:
  hello:
    matrix: { locale: [en, de] }
    script: "Welcome to {{ matrix.locale }}. Open the dashboard, choose a name, and invite your team to the project."
environments: { production: { rate: 0 } }
"##;

/// Returns the files in a directory and below it, by their paths in it.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(folder.join(&next)).into_iter().flatten().flatten() {
            let name = next.join(entry.file_name());
            if entry.path().is_dir() { open.push(name) } else { found.push(name.to_str().unwrap().to_owned()) }
        }
    }
    found.sort();
    found
}

fn applied(manifest: &str) -> (Scene, Server) {
    let scene = Scene::manifest(manifest);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes", "--wait"]);
    (scene, server)
}

#[test]
fn subtitles_are_written_next_to_each_video_and_a_corrected_file_stays() {
    let (scene, server) = applied(MANIFEST);
    let pulled = server.ok(&scene, &["pull", "--subtitles", "srt"]);
    assert!(pulled.out.starts_with("Pulled: 2 saved, 2 subtitle files written · "), "{}", pulled.out);
    assert_eq!(files(&scene.path().join("dist")), ["hello.de.mp4", "hello.de.srt", "hello.en.mp4", "hello.en.srt"]);
    let srt = scene.read("dist/hello.en.srt");
    assert!(srt.starts_with("1\n00:00:00,000 --> 00:00:0"), "{srt}");
    assert!(srt.contains("\nWelcome to en.\n\n2\n"), "{srt}");
    assert!(srt.contains("Open the dashboard,") && srt.lines().all(|line| line.chars().count() <= 42), "{srt}");
    // The videos were pulled before, one file was corrected, and one format is new.
    scene.write("dist/hello.en.srt", "corrected");
    std::fs::remove_file(scene.path().join("dist/hello.de.srt")).unwrap();
    let again = server.ok(&scene, &["pull", "--subtitles", "vtt,srt", "--format", "json"]);
    assert_eq!(again.out.matches("\"event\":\"subtitled\"").count(), 3, "{}", again.out);
    assert_eq!(scene.read("dist/hello.en.srt"), "corrected");
    assert_eq!(scene.read("dist/hello.de.srt"), srt.replace("to en", "to de"));
    assert!(scene.read("dist/hello.en.vtt").starts_with("WEBVTT\n\n1\n00:00:00.000 --> 00:00:0"));
    assert!(!files(&scene.path().join("dist")).iter().any(|file| file.contains(".part")));
    // They are not part of the content.
    server.ok(&scene, &["plan", "--detailed-exitcode"]);
    // A new text is a new video. The old subtitles are kept, as an old video is.
    scene.edit("callsheet.yaml", "choose a name", "choose a color");
    server.ok(&scene, &["apply", "--yes", "--wait"]);
    server.ok(&scene, &["pull", "--subtitles", "srt", "hello[en]"]);
    assert!(scene.read("dist/hello.en.srt").contains("choose a color"));
    let replaced = files(&scene.path().join("dist/.replaced"));
    let srt = replaced.iter().find(|name| name.contains(".srt")).expect("the corrected file");
    assert_eq!(scene.read(&format!("dist/.replaced/{srt}")), "corrected");
}

#[test]
fn players_read_the_same_cues_in_both_formats() {
    let script = "Hello <b>world</b> & all. مرحبا بكم في النسخة الجديدة! ยินดีต้อนรับสู่เวอร์ชันใหม่ -->";
    let (scene, server) = applied(&MANIFEST.replace("Welcome to {{ matrix.locale }}.", script));
    server.ok(&scene, &["pull", "--subtitles", "srt,vtt"]);
    let probe = |name: &str| {
        let mut ffprobe = Command::new("ffprobe");
        ffprobe.args(["-v", "error", "-show_entries", "packet=pts_time,duration_time", "-of", "csv"]);
        ffprobe.arg(scene.path().join(name)).output().ok()
    };
    let (Some(srt), Some(vtt)) = (probe("dist/hello.en.srt"), probe("dist/hello.en.vtt")) else {
        println!("SKIPPED: ffprobe is not installed, so no subtitles were read");
        return;
    };
    for probed in [&srt, &vtt] {
        assert!(probed.status.success() && probed.stderr.is_empty(), "{probed:?}");
    }
    let cues = |probed: &Output| -> Vec<String> {
        let lines = String::from_utf8(probed.stdout.clone()).unwrap();
        let packets = lines.lines().filter(|line| line.starts_with("packet"));
        packets.map(|line| line.split(',').take(3).collect::<Vec<_>>().join(",")).collect()
    };
    assert_eq!(cues(&srt), cues(&vtt));
    let written = scene.read("dist/hello.en.srt").matches(" --> ").count();
    assert!(written > 2);
    assert_eq!(cues(&srt).len(), written);
}

#[test]
fn the_manifest_sets_formats_and_names_and_a_flag_overrides_it() {
    let setting = "pull: { name: '{matrix.locale}/{base}.{ext}', subtitles: [vtt] }\n";
    let silent = "videos:\n  silence: { voice: pause }\n  dots: { script: … }\n";
    let (scene, server) = applied(&(MANIFEST.replace("videos:\n", silent) + setting));
    let refused = server.exits(&scene, 6, &["pull"]);
    let reason =
        "not saved silence: it has no value for `{matrix.locale}` in `pull.name`; pull it with another `--name`";
    assert!(refused.err.contains(reason), "{}", refused.err);
    assert_eq!(files(&scene.path().join("dist")), ["de/hello.mp4", "de/hello.vtt", "en/hello.mp4", "en/hello.vtt"]);
    let plain = server.ok(&scene, &["pull", "--name", "{key}.{ext}", "--out", "flat"]);
    let warning =
        "warning: no subtitles for 2 videos: they have no known text, as with recordings or silence: `dots`, `silence`";
    assert!(plain.err.contains(warning), "{}", plain.err);
    assert_eq!(files(&scene.path().join("flat")).len(), 6);
    server.ok(&scene, &["pull", "--name", "{key}.{ext}", "--out", "bare", "--subtitles", "none"]);
    assert_eq!(files(&scene.path().join("bare")), ["dots.mp4", "hello.de.mp4", "hello.en.mp4", "silence.mp4"]);
    for args in [["--subtitles", "none,srt"], ["--subtitles", "ass"], ["--name", "{matrix}"], ["--name", "../{key}"]] {
        server.exits(&scene, 64, &[&["pull"], &args[..]].concat());
    }
    // A project whose setting is wrong still gives out what was paid for.
    scene.edit("callsheet.yaml", "{matrix.locale}/{base}", "{locale}/{base}");
    let wrong = server.exits(&scene, 1, &["pull"]);
    assert!(wrong.err.contains("`pull.name` has no field `{locale}`"), "{}", wrong.err);
    assert!(wrong.err.contains("nothing was downloaded; correct it, or use `--name`"), "{}", wrong.err);
    server.ok(&scene, &["pull", "--name", "{base}/{key}.{ext}", "--subtitles", "none"]);
}

#[test]
fn names_take_the_values_of_rows_and_of_keys_that_no_manifest_has_any_more() {
    let rows = r#"    rows: { path: people.csv, key: "{{ row.id }}" }
    script: "Hello {{ row.First name }}."
"#;
    let manifest = MANIFEST
        .replace("videos:\n", &format!("videos:\n  card:\n{}", rows.replace("row.First name", "row['First name']")));
    let scene = Scene::manifest(&manifest);
    scene.write("people.csv", "id,First name,City\n1,नमस्ते,São Paulo\n2,Ame\u{301}lie,\n");
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes", "--wait"]);
    let pulled = server.exits(&scene, 6, &["pull", "card[*]", "--name", "{row.City}/{row.First name}-{attempt}.{ext}"]);
    assert!(pulled.err.contains("not saved card[2]: `--name` makes `/Am\u{e9}lie-1.mp4`"), "{}", pulled.err);
    assert_eq!(files(&scene.path().join("dist")), ["São-Paulo/नमस्ते-1.mp4"]);
    // A locale that left the manifest: its key still names it.
    scene.edit("callsheet.yaml", "[en, de]", "[en]");
    server.ok(&scene, &["pull", "hello[de]", "--name", "{matrix.locale}-{name}.{ext}"]);
    assert!(scene.path().join("dist/de-hello.de.mp4").exists(), "{:?}", files(&scene.path().join("dist")));
    let gone = server.exits(&scene, 6, &["pull", "hello[de]", "--name", "{row.City}.{ext}"]);
    assert!(gone.err.contains("it has no value for `{row.City}` in `--name`"), "{}", gone.err);
}
