//! The API key is sent only to the vendor and to loopback.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;

use crate::faults::TEN;
use crate::fixture::{Scene, Shown, shown};
use crate::server::{KEY, Server};

fn apply(scene: &Scene, url: &str, allowed: Option<&str>) -> Shown {
    let mut command = scene.command(&["apply", "--yes"]);
    command.env("CALLSHEET_BASE_URL", url).env("VIDNOZ_API_KEY", KEY);
    if let Some(allowed) = allowed {
        command.env("CALLSHEET_ALLOW_HOST", allowed);
    }
    shown(&mut command)
}

#[test]
fn foreign_hosts_and_plain_http_are_refused_before_any_connection() {
    let scene = Scene::manifest(TEN);
    for (url, allowed, says) in [
        ("http://devapi.vidnoz.com", None, "not https"),
        ("http://192.0.2.1", Some("192.0.2.1"), "not https"),
        ("https://vidnoz.com.example.net", None, "CALLSHEET_ALLOW_HOST"),
        ("https://devapi.vidnoz.com@192.0.2.1", None, "user or a password"),
        ("ftp://127.0.0.1", None, "https"),
    ] {
        let shown = apply(&scene, url, allowed);
        assert_eq!(shown.code, 1, "{url}: {}", shown.err);
        assert!(shown.err.contains(says) && !shown.err.contains(KEY), "{url}: {}", shown.err);
    }
    assert!(!scene.path().join("callsheet.lock").exists());
}

#[test]
fn a_manifest_cannot_send_the_key_away() {
    let scene = Scene::manifest(&TEN.replace("production: {", "production: { base_url: \"https://192.0.2.1\","));
    let mut command = scene.command(&["apply", "--yes"]);
    let shown = shown(command.env("VIDNOZ_API_KEY", KEY));
    assert_eq!(shown.code, 1);
    assert!(shown.err.contains("the credentials are not sent to `192.0.2.1`"), "{}", shown.err);
}

#[test]
fn a_redirect_is_not_followed() {
    // The target of a redirect, which must never be called.
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}/v2/task/avatar-to-video", elsewhere.local_addr().unwrap());
    let gate = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", gate.local_addr().unwrap());
    let (told, requests) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in gate.incoming().flatten() {
            let mut stream = stream;
            let mut head = [0; 16384];
            let size = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..size]).into_owned();
            let answer = if head.starts_with("GET") {
                let body = r#"{"code":200,"message":"ok","data":{"total":0,"end_cursor":"","videos":[]}}"#;
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
            } else {
                format!("HTTP/1.1 307 Moved\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            };
            drop(stream.write_all(answer.as_bytes()));
            drop(told.send(head));
        }
    });
    let scene = Scene::manifest(TEN);
    let shown = apply(&scene, &url, None);
    assert_eq!(shown.code, 6, "{}", shown.err);
    assert!(shown.err.contains("HTTP 307"), "{}", shown.err);
    let heads: Vec<String> = requests.try_iter().collect();
    assert_eq!(heads.iter().filter(|head| head.starts_with("POST")).count(), 10, "each video once: {heads:?}");
    elsewhere.set_nonblocking(true).unwrap();
    assert_eq!(elsewhere.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "nobody came");
}

#[test]
fn the_key_is_on_no_screen_and_in_no_file() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["accept-then-drop:first=1", "refuse:402:first=1"]);
    for args in [&["apply", "--yes", "--verbose"][..], &["apply", "--yes", "--format", "json"], &["lock", "settle"]] {
        let shown = server.run(&scene, args);
        assert!(!shown.out.contains(KEY) && !shown.err.contains(KEY), "{args:?}");
    }
    assert_eq!(server.accepted().len(), 10);
    assert!(!scene.read("callsheet.lock").contains(KEY));
}
