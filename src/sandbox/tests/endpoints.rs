//! Tests every endpoint against the vendor's documentation and the clients of its API.

use serde_json::json;

use super::client::{Stage, form_body, plain, request};
use crate::preview::DrawProcess;
use crate::sandbox::{Sandbox, SandboxError, SandboxOptions};
use crate::vendor::wire;

#[tokio::test]
async fn a_video_is_submitted_made_listed_and_fetched() {
    let stage = Stage::new(&[]).await;
    let task = stage.shoot("welcome #abc").await;
    let detail = async |id: &str| stage.post(wire::TASK_DETAIL, &[("id", id)]).await.data();
    let list = async || stage.get(wire::VIDEO_LIST).await.data();

    assert_eq!(detail(&task).await, json!({ "id": task, "status": -1, "message": "queued", "additional_data": {} }));
    stage.pass(300);
    assert_eq!(detail(&task).await["status"], -2);
    let running = list().await;
    assert_eq!((&running["total"], &running["end_cursor"]), (&json!(1), &json!("")));
    let video = running["videos"][0].as_object().unwrap().clone();
    assert_eq!(video["name"], "welcome #abc");
    assert_eq!((&video["status"], &video["create_at"]), (&json!(2), &json!("2027-01-15 08:00:00")));
    assert_ne!(video["id"], json!(task), "list ids are not task ids");
    assert!(!video.contains_key("file_720p"));

    stage.pass(500);
    let done = detail(&task).await;
    assert_eq!(done["status"], 0);
    let data = &done["additional_data"];
    let (url, size) = (data["url"].as_str().unwrap(), data["video_size"].as_u64().unwrap());
    assert!((data["video_duration"].as_f64().unwrap() - 31.0 / 15.0).abs() < 0.001);
    assert_eq!(data["video_720p"]["url"], data["url"]);
    let listed = list().await["videos"][0].clone();
    assert_eq!((&listed["status"], &listed["file_720p"]["size"]), (&json!(1), &json!(size)));
    assert_eq!(listed["file_720p"]["duration"], data["video_duration"]);
    let film = stage.get_with(url, &[]).await;
    assert_eq!((film.status, film.body.len() as u64), (200, size));
    assert_eq!(&film.body[4..8], b"ftyp");
}

#[tokio::test]
async fn a_text_with_the_word_fails() {
    let stage = Stage::new(&[]).await;
    let mut parts = plain("bad");
    parts[3].1 = "Say [[fail]] now";
    let task = stage.submit(&parts).await.data()["task_id"].as_str().unwrap().to_owned();
    stage.pass(1_000);
    let detail = stage.post(wire::TASK_DETAIL, &[("id", &task)]).await.data();
    assert_eq!(detail["status"], 3);
    assert_eq!(detail["message"], "the script holds [[fail]], so the sandbox failed this video");
    assert_eq!(stage.get(wire::VIDEO_LIST).await.data()["videos"][0]["status"], 3);
}

#[tokio::test]
async fn a_bad_form_is_refused_within_http_200_and_nothing_is_stored() {
    let stage = Stage::new(&[]).await;
    let reply = stage.submit(&[("avatar[id]", "QQ=="), ("backround[color]", "#ffffff")]).await;
    assert_eq!((reply.status, reply.code()), (200, 400));
    assert_eq!(
        reply.message(),
        "`backround[color]` is not a part of this form, did you mean `background[color]`?; \
         `voice` is required: exactly one of tts, file, silence; \
         `background` is required: `background[color]`, or `background[media]`"
    );
    let key = ("authorization", "Bearer k");
    let json = stage.send(&request("POST", wire::SUBMIT, &[key, ("content-type", "application/json")], b"{}")).await;
    assert_eq!((json.status, json.message().as_str()), (200, "the body must be multipart/form-data with a boundary"));
    let form = ("content-type", "multipart/form-data; boundary=B");
    let whole = form_body(&plain("x"));
    let cut = stage.send(&request("POST", wire::SUBMIT, &[key, form], &whole[..whole.len() - 20])).await;
    assert!(cut.message().starts_with("the multipart body is unreadable"), "{}", cut.message());
    let large = stage.submit(&[("name", &"x".repeat(1 << 20))]).await;
    assert_eq!((large.status, large.code()), (413, 413));
    assert!(stage.names().is_empty());
}

#[tokio::test]
async fn every_rule_holds_over_the_wire_as_well() {
    let stage = Stage::new(&[]).await;
    for (name, value) in [
        ("aspect", "4"),
        ("avatar[style]", "0"),
        ("avatar[scale]", "big"),
        ("avatar[offset][x]", "1.5"),
        ("avatar[circle_bgcolor]", "#ffffff"),
        ("voice[tts][speed]", "2.0"),
        ("voice[tts][pitch]", "51"),
        ("voice[silence][duration]", "5"),
        ("background[media][asset_id]", "sbx0"),
        ("background[media][fit]", "1"),
        ("background[media][loop]", "yes"),
        ("surprise", "1"),
    ] {
        let mut parts = plain("x");
        parts.push((name, value));
        let reply = stage.submit(&parts).await;
        assert_eq!((reply.status, reply.code()), (200, 400), "{name}");
        let group = name.split('[').next().unwrap();
        assert!(reply.message().contains(&format!("`{group}")), "{name}: {}", reply.message());
    }
    assert!(stage.names().is_empty());
}

#[tokio::test]
async fn a_key_is_wanted_everywhere_and_must_be_the_right_one() {
    let stage = Stage::with(&[], |options| options.key = Some("right".to_owned())).await;
    for headers in [
        &[][..],
        &[("authorization", "Bearer wrong")],
        &[("authorization", "Basic right")],
        &[("authorization", "Bearer ")],
    ] {
        for target in [wire::VIDEO_LIST, wire::ASSET_LIST, wire::AVATAR_LIST, wire::VOICE_LIST, wire::TEMPLATE_LIST] {
            let reply = stage.get_with(target, headers).await;
            assert_eq!((reply.status, reply.code()), (200, 401), "{target} {headers:?}");
        }
        for target in [wire::SUBMIT, wire::TASK_DETAIL, wire::ASSET_UPLOAD, wire::TEMPLATE_SUBMIT] {
            let reply = stage.send(&request("POST", target, headers, b"")).await;
            assert_eq!((reply.status, reply.code()), (200, 401), "{target} {headers:?}");
        }
    }
    assert_eq!(stage.get_with(wire::VIDEO_LIST, &[("authorization", "bearer right")]).await.code(), 200);
}

#[tokio::test]
async fn unknown_paths_methods_and_ids_are_told_in_the_envelope() {
    let stage = Stage::new(&[]).await;
    let path = stage.get("/v2/nothing").await;
    assert_eq!((path.status, path.code(), path.message().as_str()), (404, 404, "no such path: /v2/nothing"));
    let method = stage.get(wire::SUBMIT).await;
    assert_eq!((method.status, method.code()), (405, 405));
    let id = stage.post(wire::TASK_DETAIL, &[("id", "T05F")]).await;
    assert_eq!((id.status, id.code(), id.message().as_str()), (200, 400, "`id` names no task: `T05F`"));
    assert_eq!(stage.post(wire::TASK_DETAIL, &[]).await.message(), "`id` is required");
}

#[tokio::test]
async fn the_list_is_paged_newest_first_and_stays_whole_while_it_grows() {
    let stage = Stage::new(&[]).await;
    for number in 0..5 {
        stage.shoot(&format!("v{number}")).await;
    }
    let page = async |cursor: &str| {
        let data = stage.get(&format!("{}?limit=2&end_cursor={cursor}", wire::VIDEO_LIST)).await.data();
        let names: Vec<String> =
            data["videos"].as_array().unwrap().iter().map(|video| video["name"].as_str().unwrap().to_owned()).collect();
        (names, data["end_cursor"].as_str().unwrap().to_owned())
    };
    let (first, cursor) = page("").await;
    stage.shoot("late").await;
    let (second, cursor) = page(&cursor).await;
    let (third, cursor) = page(&cursor).await;
    assert_eq!([first, second, third].concat(), ["v4", "v3", "v2", "v1", "v0"]);
    assert_eq!(cursor, "");
    assert_eq!(stage.get(&format!("{}?limit=10000", wire::VIDEO_LIST)).await.data()["total"], 6);
    for bad in ["limit=0", "limit=10001", "limit=x", "end_cursor=x"] {
        assert_eq!(stage.get(&format!("{}?{bad}", wire::VIDEO_LIST)).await.code(), 400, "{bad}");
    }
}

#[tokio::test]
async fn names_are_listed_as_submitted_or_random() {
    let stage = Stage::new(&[]).await;
    stage.shoot("Grüße, \"you\" & <me> #k3f2").await;
    stage.submit(&plain("x")[1..]).await.data();
    let videos = stage.get(wire::VIDEO_LIST).await.data()["videos"].clone();
    assert_eq!(videos[1]["name"], "Grüße, \"you\" & <me> #k3f2");
    assert!(videos[0]["name"].as_str().unwrap().starts_with("video "), "{videos}");
}

#[tokio::test]
async fn requests_too_close_together_get_code_803() {
    let stage = Stage::with(&[], |options| options.rate = Some(0.5)).await;
    stage.shoot("one").await;
    let reply = stage.submit(&plain("two")).await;
    assert_eq!((reply.status, reply.code(), reply.message().as_str()), (200, 803, "frequent requests"));
    assert_eq!(stage.get_with(wire::VIDEO_LIST, &[("authorization", "Bearer other")]).await.code(), 200);
    assert_eq!(stage.names(), ["one"]);
}

#[tokio::test]
async fn credits_run_out() {
    let stage = Stage::with(&[], |options| options.credits = Some(0.3)).await;
    stage.shoot("one").await;
    let reply = stage.submit(&plain("two")).await;
    assert_eq!((reply.status, reply.code()), (200, 402));
    assert!(reply.message().starts_with("not enough credits"));
    assert_eq!(stage.names(), ["one"]);
}

#[tokio::test]
async fn catalogues_hold_the_vendors_own_example_and_working_previews() {
    let stage = Stage::new(&[]).await;
    let avatars = stage.get(wire::AVATAR_LIST).await.data();
    assert_eq!(avatars["avatars"][0]["avatar_id"], "Rk1nN090NnZQWXlSZW5oSHJlSlhWdz09");
    let voices = stage.get(wire::VOICE_LIST).await.data();
    assert_eq!(voices["voices"][0]["emotions"][3], "cheerful");
    let templates = stage.get(&format!("{}?personal=false&limit=2", wire::TEMPLATE_LIST)).await.data();
    assert_eq!(templates["templates"].as_array().unwrap().len(), 2);
    let personal = stage.get(&format!("{}?personal=true", wire::TEMPLATE_LIST)).await.data();
    assert_eq!(personal["templates"], json!([]));
    for (url, content_type) in [
        (&avatars["avatars"][1]["preview_image_url"], "image/svg+xml"),
        (&templates["templates"][1]["preview_video_url"], "video/mp4"),
        (&voices["voices"][2]["preview_audio_url"], "audio/wav"),
    ] {
        let preview = stage.get_with(url.as_str().unwrap(), &[]).await;
        assert_eq!((preview.status, preview.header("content-type")), (200, Some(content_type)));
    }
    assert_eq!(stage.get_with("/previews/%3Cscript%3E.svg", &[]).await.status, 404);
}

#[tokio::test]
async fn a_template_video_takes_a_voice_for_each_scene() {
    let stage = Stage::new(&[]).await;
    let scenes = [
        ("name", "T"),
        ("template_id", "3"),
        ("voices[0][tts][id]", "Vg=="),
        ("voices[0][tts][text]", "Hello there, you"),
        ("voices[1][silence][duration]", "4"),
    ];
    let task = stage.post(wire::TEMPLATE_SUBMIT, &scenes).await.data();
    assert!(task["task_id"].is_string());
    let accepted = &stage.sandbox.accepted()[0].work;
    assert_eq!(accepted.template, Some(3));
    assert!(accepted.parts.contains(&("template_id".to_owned(), "3".to_owned())));
    assert!((accepted.seconds - (16.0 / 15.0 + 4.0)).abs() < 1e-9);
    assert_eq!(stage.post(wire::TEMPLATE_SUBMIT, &scenes[..4]).await.code(), 400);
}

#[tokio::test]
async fn the_page_for_people_lists_tasks_and_faults() {
    let stage = Stage::new(&["name-lower"]).await;
    stage.shoot("Welcome").await;
    let page = stage.get_with("/", &[]).await;
    assert_eq!(page.header("content-type"), Some("text/plain; charset=utf-8"));
    let text = page.text();
    assert!(text.starts_with("callsheet sandbox: a local emulator of the Vidnoz API\n"), "{text}");
    assert!(text.contains("fault     name-lower\n\n1 accepted, newest first\n"), "{text}");
    assert!(text.contains("2027-01-15 08:00:00  queued      2.1 s  ") && text.contains("  Welcome\n"), "{text}");
}

#[tokio::test]
async fn it_listens_on_loopback_only_unless_told_otherwise() {
    let directory = tempfile::tempdir().unwrap();
    let everywhere = ([0, 0, 0, 0], 0).into();
    let refused = Sandbox::start(everywhere, SandboxOptions::new(directory.path(), DrawProcess::ThisProcess))
        .await
        .expect_err("refused");
    assert!(matches!(refused, SandboxError::NotLoopback(_)), "{refused}");
    let told = SandboxOptions { allow_remote: true, ..SandboxOptions::new(directory.path(), DrawProcess::ThisProcess) };
    Sandbox::start(everywhere, told).await.expect("told").shutdown().await;
}
