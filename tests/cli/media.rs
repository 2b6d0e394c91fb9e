//! Media of videos: local files are uploaded once, and only the vendor receives the signatures of URLs.

use std::fs;

use crate::fixture::Scene;
use crate::server::Server;

const YES: [&str; 2] = ["apply", "--yes"];

const LOCAL: &str = r#"callsheet: 1
avatars: { anna: { id: A1 } }
voices: { narrator: { tts: { id: V1 } } }
defaults: { avatar: anna, voice: narrator, background: { media: { path: media/office.png } } }
videos:
  hello:
    matrix: { locale: [en, de, fr] }
    script: "Hello {{ matrix.locale }}!"
environments: { production: { rate: 0, settle_grace: 1s } }
"#;

/// Returns a PNG of one pixel. Bytes after its end change the file but not the picture.
fn png(trailer: &str) -> Vec<u8> {
    let base = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let mut bytes = data_encoding::BASE64.decode(base.as_bytes()).unwrap();
    bytes.extend_from_slice(trailer.as_bytes());
    bytes
}

fn local() -> Scene {
    let scene = Scene::manifest(LOCAL);
    fs::create_dir(scene.path().join("media")).unwrap();
    fs::write(scene.path().join("media/office.png"), png("")).unwrap();
    scene
}

#[test]
fn a_local_file_goes_up_once_for_many_videos_and_never_again() {
    let scene = local();
    let server = Server::start(&scene, &[]);
    let done = server.ok(&scene, &YES);
    assert_eq!(done.err.matches("uploading media/office.png").count(), 1, "{}", done.err);
    assert_eq!((server.uploads(), server.accepted().len()), (1, 3));
    let lock = scene.read("callsheet.lock");
    let id = lock.lines().find(|line| line.starts_with("{\"asset\"")).unwrap();
    let id: serde_json::Value = serde_json::from_str(id).unwrap();
    for one in server.accepted() {
        assert_eq!(one.part("background[media][asset_id]"), id["id"].as_str());
    }
    scene.edit("callsheet.yaml", "[en, de, fr]", "[en, de, fr, es]");
    let done = server.ok(&scene, &YES);
    assert!(!done.err.contains("uploading"), "{}", done.err);
    assert_eq!((server.uploads(), server.accepted().len()), (1, 4));
}

#[test]
fn a_changed_byte_plans_its_videos_again_and_a_moved_file_does_not() {
    let scene = local();
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &YES);
    fs::rename(scene.path().join("media/office.png"), scene.path().join("media/room.png")).unwrap();
    scene.edit("callsheet.yaml", "office.png", "room.png");
    server.ok(&scene, &["plan", "--detailed-exitcode"]);
    fs::write(scene.path().join("media/room.png"), png("x")).unwrap();
    let plan = server.run(&scene, &["plan", "--detailed-exitcode"]);
    assert!(plan.out.contains("Plan: 3 to submit (3 changed)"), "{}", plan.out);
    server.ok(&scene, &YES);
    assert_eq!((server.uploads(), server.accepted().len()), (2, 6));
}

#[test]
fn one_picture_of_a_hundred_videos_goes_up_once_and_a_changed_byte_plans_exactly_those() {
    let scene = local();
    let many: Vec<String> = (0..100).map(|one| format!("n{one}")).collect();
    scene.edit("callsheet.yaml", "[en, de, fr]", &format!("[{}]", many.join(", ")));
    scene.edit("callsheet.yaml", "videos:", "videos:\n  plain: { background: { color: \"#ffffff\" }, script: Plain }");
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &YES);
    assert_eq!((server.uploads(), server.accepted().len()), (1, 101));
    fs::write(scene.path().join("media/office.png"), png("x")).unwrap();
    let plan = server.run(&scene, &["plan", "--detailed-exitcode"]);
    assert!(plan.out.contains("Plan: 100 to submit (100 changed), 1 unchanged"), "{}", plan.out);
    server.ok(&scene, &YES);
    assert_eq!((server.uploads(), server.accepted().len()), (2, 201));
}

#[test]
fn a_file_that_the_vendor_lost_is_uploaded_again() {
    let scene = local();
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &YES);
    let server = server.without_uploads(&scene);
    scene.edit("callsheet.yaml", "[en, de, fr]", "[en, de, fr, es]");
    let done = server.ok(&scene, &YES);
    assert!(done.err.contains("the vendor no longer has `media/office.png` (asset "), "{}", done.err);
    assert!(done.err.contains("it is uploaded again"), "{}", done.err);
    assert_eq!((server.uploads(), server.accepted().len()), (1, 4));
    server.ok(&scene, &["plan", "--detailed-exitcode"]);
}

#[test]
fn voices_in_videos_go_up_as_audio_and_are_estimated_by_their_length() {
    let manifest = r##"callsheet: 1
defaults: { avatar: { id: A1 }, background: { color: "#f4f4f4" } }
guards: { max_credits: 1 }
videos:
  m4a: { voice: { file: { path: talk.m4a } } }
  both: { voice: { file: { path: talk.mp4 } }, background: { media: { path: talk.mp4 } } }
  webm: { voice: { file: { path: live.webm } } }
environments: { production: { rate: 0, settle_grace: 1s } }
"##;
    let scene = Scene::manifest(manifest);
    let files = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/spec/recorded-voices");
    for name in ["talk.m4a", "talk.mp4", "live.webm"] {
        fs::copy(format!("{files}/{name}"), scene.path().join(name)).unwrap();
    }
    let server = Server::start(&scene, &[]);
    // Of unknown length, each voice would count 40 credits. The sandbox rejects an asset of the wrong kind or name.
    let done = server.ok(&scene, &YES);
    assert!(done.out.contains("Applied: 3 submitted · about 0:08 of video, 0.5 credits"), "{}", done.out);
    assert_eq!((server.uploads(), server.accepted().len()), (4, 3));
    let both = server.accepted().into_iter().find(|one| one.part("background[media][asset_id]").is_some()).unwrap();
    assert_ne!(both.part("voice[file][asset_id]"), both.part("background[media][asset_id]"));
    scene.edit("callsheet.yaml", "#f4f4f4", "#ffffff");
    let done = server.ok(&scene, &YES);
    assert!(!done.err.contains("uploading"), "{}", done.err);
    server.ok(&scene, &["lock", "verify"]);
}

#[test]
fn what_cannot_be_uploaded_keeps_only_its_own_videos() {
    let scene = local();
    scene.edit("callsheet.yaml", "videos:", "videos:\n  plain: { background: { color: \"#ffffff\" }, script: Plain }");
    let server = Server::start(&scene, &["refuse:400@upload:first=1"]);
    let done = server.exits(&scene, 6, &YES);
    assert!(done.err.contains("not uploaded media/office.png"), "{}", done.err);
    assert!(
        done.err.contains("3 videos were refused and cost nothing: `media/office.png`: upload failed"),
        "{}",
        done.err
    );
    assert_eq!(server.accepted().len(), 1);
    server.ok(&scene, &YES);
    assert_eq!(server.accepted().len(), 4);
}

/// Returns a manifest with a background URL that was signed at `date` and is valid for `expires` seconds.
fn presigned(date: &str, expires: u64) -> Scene {
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDSECRET%2Fx&X-Amz-Date={date}&X-Amz-Expires={expires}&X-Amz-Signature=5ec3e75ec3e7"
    );
    let media = format!("{{ media: {{ url: \"https://cdn.example.com/office.jpg?{query}\" }} }}");
    Scene::manifest(&LOCAL.replace("{ media: { path: media/office.png } }", &media))
}

#[test]
fn a_signature_reaches_the_vendor_and_nothing_else() {
    let scene = presigned("20200101T000000Z", 60);
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    scene.edit("callsheet.yaml", "20200101T000000Z", &now);
    scene.edit("callsheet.yaml", "X-Amz-Expires=60", "X-Amz-Expires=604800");
    let server = Server::start(&scene, &["accept-then-drop:first=1", "refuse:422:first=1"]);
    let mut screens = String::new();
    for args in [
        &["plan", "--out", "all.plan"][..],
        &["plan", "--format", "json"],
        &["plan", "--format", "markdown"],
        &["render", "--format", "json"],
        &["render", "--format", "curl"],
        &["apply", "--yes", "--verbose"],
        &["apply", "--yes", "--format", "json"],
        &["lock", "show", "--format", "json"],
        &["lock", "verify"],
    ] {
        let shown = server.run(&scene, args);
        screens.push_str(&shown.out);
        screens.push_str(&shown.err);
    }
    screens.push_str(&scene.read("all.plan"));
    screens.push_str(&scene.read("callsheet.lock"));
    for secret in ["5ec3e75ec3e7", "AKIDSECRET"] {
        assert!(!screens.contains(secret), "{secret}: {screens}");
        assert_eq!(server.accepted().len(), 3);
        for one in server.accepted() {
            assert!(one.part("background[media][url]").unwrap().contains(secret), "{one:?}");
        }
    }
    // With a new signature it is still the same picture.
    scene.edit("callsheet.yaml", "5ec3e75ec3e7", "0123456789ab");
    server.ok(&scene, &["plan", "--detailed-exitcode"]);
}

#[test]
fn an_expired_url_is_an_error_before_anything_is_spent() {
    let scene = presigned("20200101T000000Z", 604_800);
    let server = Server::start(&scene, &[]);
    let done = server.exits(&scene, 1, &YES);
    assert!(done.err.contains("expired at 2020-01-08"), "{}", done.err);
    assert!(done.err.ends_with("nothing was sent; sign it again\n"), "{}", done.err);
    assert_eq!(server.accepted().len(), 0);
    let lock = fs::read_to_string(scene.path().join("callsheet.lock")).unwrap_or_default();
    assert!(!lock.contains("intent"), "{lock}");
}
