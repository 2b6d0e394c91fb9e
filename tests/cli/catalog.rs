//! The catalog: downloaded from a vendor, cached, read offline, and compared with manifests.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::fixture::{Scene, Shown, shown};
use crate::server::{KEY, Server};

const MANIFEST: &str = "callsheet: 1
avatars:
  anna: { id: Rk1nN090NnZQWXlSZW5oSHJlSlhWdz09 }
voices:
  narrator: { tts: { id: Vm9pY2VEZQ==, emotion: cheerful } }
defaults: { avatar: anna, voice: narrator, background: { color: \"#f4f4f4\" }, script: Hello }
videos:
  hello: {}
environments:
  production: { rate: 0 }
";

/// Starts a vendor with one body per path. Every request must have the API key.
fn vendor(answers: &'static [(&'static str, &'static str)]) -> String {
    let gate = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", gate.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in gate.incoming().flatten() {
            let mut head = [0; 16384];
            let size = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..size]).into_owned();
            assert!(head.to_lowercase().contains(&format!("authorization: bearer {KEY}")), "{head}");
            let path = head.split(' ').nth(1).unwrap_or_default();
            let body = answers.iter().find(|(known, _)| path.starts_with(known)).map_or("{\"code\":404}", |one| one.1);
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            // The client may have disconnected.
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    url
}

fn against(scene: &Scene, url: &str, args: &[&str]) -> Shown {
    shown(scene.command(args).env("CALLSHEET_BASE_URL", url).env("VIDNOZ_API_KEY", KEY))
}

#[test]
fn a_sync_is_kept_and_read_without_key_and_network() {
    let scene = Scene::manifest(MANIFEST);
    let server = Server::start(&scene, &[]);
    let synced = server.ok(&scene, &["catalog", "sync"]);
    assert_eq!(synced.out, "Synced: 5 avatars, 6 voices and 4 templates of 127.0.0.1\n");
    assert_eq!(server.accepted().len(), 0);
    let kept = scene.read(".callsheet/catalog.json");
    assert!(!kept.contains(KEY), "{kept}");
    let url = server.url.clone();
    drop(server);

    let offline = |args: &[&str]| shown(scene.command(args).env("CALLSHEET_BASE_URL", &url));
    let voices = offline(&["catalog", "voices", "english", "female", "sad"]);
    let names: Vec<&str> = voices.out.lines().skip(1).filter_map(|line| line.split("  ").nth(2)).collect();
    assert_eq!((voices.code, names.len()), (0, 2), "{}{}", voices.out, voices.err);
    assert!(voices.err.starts_with("2 of 6 voices of 127.0.0.1, synced just now"), "{}", voices.err);
    let json = offline(&["catalog", "avatars", "ben", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["format_version"], &json["avatars"][0]["name"]), (&1.into(), &"Ben".into()), "{json}");
    assert_eq!(offline(&["catalog", "templates", "nothing-of-this-name"]).out, "");

    let validated = offline(&["validate", "--catalog"]);
    assert_eq!(validated.code, 0, "{}", validated.err);
    assert!(validated.err.contains("warning[unknown-emotion]: the voice `Katja` has no emotion `cheerful`"));
    assert!(validated.err.contains("compared with the catalog of 127.0.0.1, synced just now"), "{}", validated.err);
    assert!(!offline(&["validate"]).err.contains("warning"));
}

#[test]
fn the_built_in_sandbox_needs_nothing() {
    let scene = Scene::manifest(MANIFEST);
    let before = scene.run(&["catalog", "avatars", "--env", "sandbox"]);
    assert_eq!(before.code, 1);
    assert!(before.err.contains("`callsheet --env sandbox catalog sync` downloads it"), "{}", before.err);
    let json = scene.ok(&["catalog", "sync", "--env", "sandbox", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["avatars"], &json["voices"], &json["templates"]), (&5.into(), &6.into(), &4.into()), "{json}");
    assert!(scene.ok(&["catalog", "avatars", "--env", "sandbox"]).out.contains("Carla"));
    // The vendor's own catalog has other entries.
    assert_eq!(scene.run(&["validate", "--catalog"]).code, 1);
}

#[test]
fn the_ids_that_mend_a_broken_manifest_can_be_looked_up() {
    let scene = Scene::manifest("callsheet: 1\nvideos:\n  hello: { avatr: anna }\n");
    assert_eq!(scene.run(&["validate"]).code, 1);
    scene.ok(&["catalog", "sync", "--env", "sandbox"]);
    assert!(scene.ok(&["catalog", "avatars", "--env", "sandbox"]).out.contains("Anna"));
}

#[test]
fn lists_are_read_leniently_and_signatures_are_left_out() {
    let scene = Scene::manifest(MANIFEST);
    let url = vendor(&[
        (
            "/v2/avatar/list",
            r#"{"code":"200","data":[{"id":7,"name":"Seven","thumb_url":"https://p.example/7.jpg?X-Amz-Date=1&X-Amz-Expires=60&X-Amz-Signature=abcdef"},{"name":"lost"}]}"#,
        ),
        (
            "/v2/voice/list",
            r#"{"code":200,"data":{"items":[{"voice_id":"V","style_list":["chat"],"note":"sk-test-0123456789"}],"total":"9"}}"#,
        ),
    ]);
    let synced = against(&scene, &url, &["catalog", "sync"]);
    assert_eq!((synced.code, synced.out.as_str()), (0, "Synced: 1 avatar, 1 voice and 0 templates of 127.0.0.1\n"));
    for warning in [
        "the vendor's list of voices ended after 1 of 9",
        "the vendor has no list of templates",
        "1 avatar of the vendor's list has no id and is left out",
    ] {
        assert!(synced.err.contains(warning), "{warning}: {}", synced.err);
    }
    let kept = scene.read(".callsheet/catalog.json");
    assert!(kept.contains("https://p.example/7.jpg") && !kept.contains("abcdef") && !kept.contains(KEY), "{kept}");
}

#[test]
fn a_list_that_is_refused_leaves_the_old_catalogue_alone() {
    let scene = Scene::manifest(MANIFEST);
    scene.ok(&["catalog", "sync", "--env", "sandbox"]);
    let old = scene.read(".callsheet/catalog.json");
    let url = vendor(&[
        ("/v2/avatar/list", r#"{"code":200,"data":{"avatars":[]}}"#),
        ("/v2/voice/list", r#"{"code":400,"message":"bad sk-test-0123456789"}"#),
    ]);
    let refused = against(&scene, &url, &["catalog", "sync"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("code 400: bad [redacted]; nothing was changed"), "{}", refused.err);
    let key = vendor(&[("/v2/", r#"{"code":401,"message":"no"}"#)]);
    let refused = against(&scene, &key, &["catalog", "sync"]);
    assert_eq!(refused.code, 3);
    assert!(refused.err.contains("the vendor rejected the token in `VIDNOZ_API_KEY` (no);"));
    assert_eq!(scene.read(".callsheet/catalog.json"), old);
}

#[test]
fn pictures_of_used_avatars_are_fetched_once_and_drawn() {
    let scene = Scene::manifest(MANIFEST);
    let server = Server::start(&scene, &[]);
    let frame = || {
        let shown = server.ok(&scene, &["preview", "--scale", "0.1"]);
        (std::fs::read(scene.path().join(".callsheet/preview/hello.png")).unwrap(), shown.err)
    };
    server.ok(&scene, &["catalog", "sync"]);
    let (neutral, _) = frame();
    let page = scene.read(".callsheet/preview/index.html");
    assert!(page.contains("<span class=\"cast\">Anna · Katja · German (Germany)</span>"), "{page}");

    assert!(server.ok(&scene, &["catalog", "sync", "--pictures"]).err.contains("1 picture fetched, 0 kept"));
    let json = server.ok(&scene, &["catalog", "sync", "--pictures", "--format", "json"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["pictures_fetched"], &json["pictures_kept"]), (&0.into(), &1.into()), "{json}");
    let (drawn, told) = frame();
    assert!(drawn != neutral && !told.contains("picture"), "{told}");

    let media = std::fs::read_dir(scene.path().join(".callsheet/media")).unwrap();
    let files: Vec<_> = media.map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "the other avatars are not used");
    std::fs::write(&files[0], "no picture").unwrap();
    let (damaged, told) = frame();
    assert_eq!(damaged, neutral);
    assert!(
        told.contains("1 frame: the avatar's picture is not shown: it is not a picture of a supported format"),
        "{told}"
    );

    // A changed id has the name that it has under "About".
    server.ok(&scene, &["apply", "--yes", "--quiet"]);
    scene.edit("callsheet.yaml", "Rk1nN090NnZQWXlSZW5oSHJlSlhWdz09", "QmVuc0F2YXRhckZvclNhbmRib3hlcw09");
    frame();
    let page = scene.read(".callsheet/preview/index.html");
    assert!(page.contains(r#"{"path":"avatar.id","before":"Anna","after":"Ben""#), "{page}");

    // A catalog that cannot be read costs the names, not the storyboard.
    scene.write(".callsheet/catalog.json", "{");
    let (_, told) = frame();
    assert!(told.contains("is not a catalog: ") && told.contains("; the storyboard shows ids"), "{told}");
}

#[test]
fn pictures_come_from_public_hosts_only_and_never_with_credentials() {
    let scene = Scene::manifest(MANIFEST);
    let url = vendor(&[(
        "/v2/avatar/list",
        r#"{"code":200,"data":[{"id":"Rk1nN090NnZQWXlSZW5oSHJlSlhWdz09","thumb_url":"https://10.0.0.1/a.jpg?X-Amz-Date=1&X-Amz-Expires=60&X-Amz-Signature=abcdef"}]}"#,
    )]);
    let synced = against(&scene, &url, &["catalog", "sync", "--pictures"]);
    assert_eq!(synced.code, 0, "{}", synced.err);
    let refused = "`https://10.0.0.1/a.jpg` is not fetched: its address is in a private or reserved network";
    assert!(synced.err.contains(refused) && !synced.err.contains("abcdef"), "{}", synced.err);
    assert!(synced.err.contains("0 pictures fetched, 0 kept"), "{}", synced.err);
}
