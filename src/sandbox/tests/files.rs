//! Result files and uploads.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client::{Reply, Stage, plain, request};
use crate::vendor::wire;

async fn film(stage: &Stage) -> String {
    let task = stage.shoot("film").await;
    stage.pass(1_000);
    let detail = stage.post(wire::TASK_DETAIL, &[("id", &task)]).await.data();
    detail["additional_data"]["url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn films_can_be_fetched_in_parts() {
    let stage = Stage::new(&[]).await;
    let url = film(&stage).await;
    let whole = stage.get_with(&url, &[]).await;
    let tag = whole.header("etag").unwrap().to_owned();
    assert_eq!(whole.header("content-length"), Some(whole.body.len().to_string().as_str()));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let part = stage.get_with(&url, &[("range", "bytes=100-199")]).await;
    assert_eq!((part.status, &part.body[..]), (206, &whole.body[100..200]));
    assert_eq!(part.header("content-range"), Some(format!("bytes 100-199/{}", whole.body.len()).as_str()));
    let rest = stage.get_with(&url, &[("range", "bytes=100-"), ("if-range", &tag)]).await;
    assert_eq!((rest.status, &rest.body[..]), (206, &whole.body[100..]));
    let changed = stage.get_with(&url, &[("range", "bytes=100-"), ("if-range", "\"other\"")]).await;
    assert_eq!((changed.status, changed.body.len()), (200, whole.body.len()));
    assert_eq!(stage.get_with(&url, &[("range", "bytes=9999999-")]).await.status, 416);
    assert_eq!(stage.get_with(&url, &[("if-none-match", &tag)]).await.status, 304);
    let target = url.strip_prefix(&stage.sandbox.base_url()).unwrap();
    let head = stage.send(&request("HEAD", target, &[], b"")).await;
    assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, whole.header("content-length")));
}

#[tokio::test]
async fn addresses_are_signed_and_expire_and_films_are_kept_for_seven_days() {
    let stage = Stage::new(&[]).await;
    let url = film(&stage).await;
    let (path, query) = url.split_once('?').unwrap();
    assert!(query.contains("X-Amz-Date=20270115T080001Z&X-Amz-Expires=604800&"), "{query}");
    for false_url in [path.to_owned(), url.replace("Signature=", "Signature=0"), url.replace("20270115", "20270116")] {
        let reply = stage.get_with(&false_url, &[]).await;
        assert_eq!(reply.status, 403, "{false_url}");
        assert!(reply.text().contains("<Code>AccessDenied</Code>"));
    }
    stage.pass(604_800_000);
    assert_eq!(stage.get_with(&url, &[]).await.status, 403, "the signature expired");
    let task = stage.sandbox.accepted()[0].task.clone();
    let fresh = stage.post(wire::TASK_DETAIL, &[("id", &task)]).await.data()["additional_data"]["url"].clone();
    assert_eq!(stage.get_with(fresh.as_str().unwrap(), &[]).await.status, 404, "the film is gone");
}

#[tokio::test]
async fn the_film_has_the_asked_size_and_colour() {
    let stage = Stage::new(&[]).await;
    let mut parts = plain("tall");
    parts.push(("aspect", "2"));
    stage.submit(&parts).await.data();
    stage.pass(1_000);
    let url = stage.get(wire::VIDEO_LIST).await.data()["videos"][0]["file_720p"]["url"].clone();
    let film = stage.get_with(url.as_str().unwrap(), &[]).await.body;
    let after = |name: &[u8], skip: usize| {
        let at = film.windows(name.len()).position(|part| part == name).unwrap() + name.len() + skip;
        u32::from_be_bytes(film[at..at + 4].try_into().unwrap())
    };
    assert_eq!((after(b"tkhd", 76) >> 16, after(b"tkhd", 80) >> 16), (720, 1280));
    assert_eq!((after(b"mvhd", 12), after(b"mvhd", 16)), (1_000, 2_067));
    // The first macroblock is raw and contains only background.
    let [luma, blue, red] = crate::preview::Color::parse("#336699").unwrap().ycbcr();
    let block = [&[luma; 256][..], &[blue; 64], &[red; 64]].concat();
    assert!(film.windows(block.len()).any(|part| part == block), "the corner has the colour");
    let again = stage.get_with(url.as_str().unwrap(), &[]).await.body;
    assert_eq!(film, again, "a film is made once");
}

async fn upload(stage: &Stage, file_name: &str, bytes: &[u8], fields: &[(&str, &str)]) -> Reply {
    let mut body = Vec::new();
    body.extend(
        format!("--B\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\r\n").bytes(),
    );
    body.extend(bytes);
    body.extend(b"\r\n");
    for (name, value) in fields {
        body.extend(format!("--B\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    body.extend(b"--B--\r\n");
    let headers = [("authorization", "Bearer k"), ("content-type", "multipart/form-data; boundary=B")];
    stage.send(&request("POST", wire::ASSET_UPLOAD, &headers, &body)).await
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x40\0\0\0\xb2 and so on";

#[tokio::test]
async fn an_upload_is_kept_listed_and_usable() {
    let stage = Stage::new(&[]).await;
    let asset = upload(&stage, "Office.PNG", PNG, &[("filetype", "1"), ("name", "office")]).await.data();
    let id = asset["id"].as_str().unwrap();
    assert!(id.starts_with("sbx"), "{id}");
    assert_eq!(asset["dimension"], json!({ "width": 320, "height": 178 }));
    assert_eq!(
        (&asset["name"], &asset["format"], &asset["filesize"]),
        (&json!("office"), &json!("png"), &json!(PNG.len()))
    );
    let stored = std::fs::read(stage.directory.path().join("assets").join(id)).unwrap();
    assert_eq!(stored, PNG);
    let fetched = stage.get_with(asset["download_url"].as_str().unwrap(), &[]).await;
    assert_eq!((fetched.status, &fetched.body[..]), (200, PNG));
    let again = upload(&stage, "Office.PNG", PNG, &[("filetype", "1")]).await.data();
    assert_ne!(again["id"], asset["id"], "an upload is not idempotent either");
    let sound = upload(&stage, "a.wav", b"no real sound", &[("filetype", "3")]).await.data();
    assert_eq!((&sound["dimension"], &sound["name"]), (&json!(""), &json!("a.wav")));

    let ids = |data: Value| -> Vec<Value> {
        data["assets"].as_array().unwrap().iter().map(|asset| asset["id"].clone()).collect()
    };
    let images = stage.get(&format!("{}?filetype=1", wire::ASSET_LIST)).await.data();
    assert_eq!(images["total"], 2);
    assert_eq!(ids(images), [again["id"].clone(), asset["id"].clone()]);
    let first = stage.get(&format!("{}?limit=2", wire::ASSET_LIST)).await.data();
    let cursor = first["end_cursor"].as_str().unwrap().to_owned();
    let second = stage.get(&format!("{}?limit=2&end_cursor={cursor}", wire::ASSET_LIST)).await.data();
    assert_eq!([ids(first), ids(second)].concat(), [sound["id"].clone(), again["id"].clone(), asset["id"].clone()]);

    let mut parts = plain("with a picture");
    parts.push(("background[media][asset_id]", id));
    stage.submit(&parts).await.data();
}

#[tokio::test]
async fn uploads_that_break_a_rule_leave_nothing_behind() {
    let stage = Stage::new(&[]).await;
    for (file_name, bytes, fields, reason) in [
        ("a.png", PNG, &[][..], "`filetype` is required"),
        ("a.png", PNG, &[("filetype", "4")], "`filetype` must be 1 for an image, 2 for a video or 3 for audio"),
        (
            "a.png",
            PNG,
            &[("filetype", "3")],
            "`file` needs a file name that fits `filetype` 3: mp4, m4v, mov, webm, wav, mp3, aac",
        ),
        (
            "a",
            PNG,
            &[("filetype", "3")],
            "`file` needs a file name that fits `filetype` 3: mp4, m4v, mov, webm, wav, mp3, aac",
        ),
        ("a.png", b"", &[("filetype", "1")], "`file` is empty"),
        ("a.png", PNG, &[("filetype", "1"), ("filetype", "1")], "`filetype` occurs twice"),
        ("a.png", PNG, &[("filtype", "1")], "`filtype` is not a part of this form"),
    ] {
        let reply = upload(&stage, file_name, bytes, fields).await;
        assert_eq!((reply.status, reply.code(), reply.message()), (200, 400, reason.to_owned()));
    }
    let missing = stage.post(wire::ASSET_UPLOAD, &[("filetype", "1")]).await;
    assert_eq!(missing.message(), "`file` is required");
    assert_eq!(std::fs::read_dir(stage.directory.path().join("assets")).unwrap().count(), 0);
    assert_eq!(stage.get(wire::ASSET_LIST).await.data()["total"], 0);
}

#[tokio::test]
async fn a_large_upload_is_streamed_and_hashed() {
    let stage = Stage::new(&[]).await;
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|number| (number % 251) as u8).collect();
    let asset = upload(&stage, "a.mp4", &bytes, &[("filetype", "2")]).await.data();
    assert_eq!(asset["filesize"], bytes.len());
    let journal = std::fs::read_to_string(stage.directory.path().join("journal.jsonl")).unwrap();
    assert!(journal.contains(&data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes))));
    let fetched = stage.get_with(asset["download_url"].as_str().unwrap(), &[]).await;
    assert!(fetched.body == bytes, "the same bytes come back");
}

#[tokio::test]
async fn to_list_films_makes_none_and_details_tell_the_size_of_the_file() {
    let stage = Stage::new(&[]).await;
    let task = stage.shoot("film").await;
    stage.pass(1_000);
    let listed = async || stage.get(wire::VIDEO_LIST).await.data()["videos"][0]["file_720p"].clone();
    let first = listed().await;
    assert!(first["url"].is_string() && first.get("size").is_none(), "{first}");
    assert!(!stage.directory.path().join("films").exists());
    let detail = stage.post(wire::TASK_DETAIL, &[("id", &task)]).await.data()["additional_data"].clone();
    assert_eq!(listed().await["size"], detail["video_size"]);
    let film = stage.get_with(first["url"].as_str().unwrap(), &[]).await.body;
    assert_eq!(json!(film.len()), detail["video_size"]);
}
