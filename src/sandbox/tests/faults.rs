//! Each fault does on the wire what the table says, and only stored submissions cost credits.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;

use super::client::{Stage, form_request, plain, request};
use crate::vendor::wire;

/// Returns the raw response to one submission under a fault, and the number of stored tasks afterwards.
async fn struck(fault: &str) -> (Vec<u8>, usize) {
    let stage = Stage::new(&[fault]).await;
    let answer = stage.raw(&form_request(wire::SUBMIT, &plain("x"))).await;
    (answer, stage.names().len())
}

fn starts(answer: &[u8], with: &str) -> bool {
    answer.starts_with(with.as_bytes())
}

#[tokio::test]
async fn drops_leave_no_byte_on_the_wire() {
    assert_eq!(struck("drop-before-accept").await, (Vec::new(), 0));
    assert_eq!(struck("accept-then-drop").await, (Vec::new(), 1));
}

#[tokio::test]
async fn a_cut_answer_is_a_true_one_that_stops() {
    let (answer, stored) = struck("cut-answer:40").await;
    assert_eq!((answer.len(), stored), (40, 1));
    assert!(starts(&answer, "HTTP/1.1 200 OK\r\n"));
    let (answer, _) = struck("cut-answer").await;
    assert_eq!(answer.len(), 60);
}

#[tokio::test]
async fn answers_before_acceptance_store_nothing() {
    for (fault, status, code) in [
        ("error-before-accept", 500, Some(500)),
        ("803", 200, Some(803)),
        ("429", 429, Some(429)),
        ("unauthorized", 401, Some(401)),
        ("refuse:402", 200, Some(402)),
        ("http:503", 503, None),
        ("garbage-before", 200, None),
        ("redirect", 307, Some(307)),
    ] {
        let stage = Stage::new(&[fault]).await;
        let reply = stage.submit(&plain("x")).await;
        let read = serde_json::from_slice::<serde_json::Value>(&reply.body).ok().and_then(|json| json["code"].as_i64());
        assert_eq!((reply.status, read), (status, code), "{fault}");
        assert!(stage.names().is_empty(), "{fault}");
    }
}

#[tokio::test]
async fn answers_after_acceptance_hide_what_is_stored() {
    for (fault, status) in
        [("error-after-accept", 500), ("garbage", 200), ("no-task-id", 200), ("redirect-after-accept", 307)]
    {
        let stage = Stage::new(&[fault]).await;
        let reply = stage.submit(&plain("x")).await;
        assert_eq!(reply.status, status, "{fault}");
        assert!(!reply.text().contains(&stage.sandbox.accepted()[0].task), "{fault}");
        assert_eq!(stage.names(), ["x"], "{fault}");
    }
}

#[tokio::test]
async fn what_is_refused_by_a_rule_is_not_struck_after_acceptance() {
    let stage = Stage::new(&["accept-then-drop:first=1"]).await;
    assert_eq!(stage.submit(&[]).await.code(), 400);
    assert_eq!(stage.raw(&form_request(wire::SUBMIT, &plain("x"))).await, b"", "the first accepted one");
    assert_eq!(stage.submit(&plain("y")).await.code(), 200);
    assert_eq!(stage.names(), ["x", "y"]);
}

#[tokio::test]
async fn a_redirect_leads_back_to_the_same_address() {
    let stage = Stage::new(&["redirect-after-accept:first=1"]).await;
    let reply = stage.submit(&plain("x")).await;
    assert_eq!(reply.header("location"), Some(wire::SUBMIT));
    stage.post(reply.header("location").unwrap(), &plain("x")).await.data();
    assert_eq!(stage.names(), ["x", "x"], "who follows, pays twice");
}

#[tokio::test]
async fn a_retry_after_is_told_in_whole_seconds() {
    let stage = Stage::new(&["429:1500ms:first=1"]).await;
    let reply = stage.submit(&plain("x")).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("2")));
    assert_eq!(stage.submit(&plain("x")).await.code(), 200);
}

#[tokio::test]
async fn a_burst_of_803_ends() {
    let stage = Stage::new(&["803:3"]).await;
    let mut codes = Vec::new();
    for _ in 0..5 {
        codes.push(stage.submit(&plain("x")).await.code());
    }
    assert_eq!(codes, [803, 803, 803, 200, 200]);
}

#[tokio::test]
async fn an_oversized_answer_is_as_large_as_it_says() {
    let stage = Stage::new(&["oversized:3"]).await;
    let answer = stage.raw(&form_request(wire::SUBMIT, &plain("x"))).await;
    assert!(answer.len() > 3 << 20, "{}", answer.len());
    assert_eq!(stage.names(), ["x"]);
}

#[tokio::test]
async fn slow_ones_wait_where_they_say() {
    let stage = Stage::new(&["slow:150ms@detail", "slow-after-accept:200ms"]).await;
    let started = Instant::now();
    let task = stage.shoot("x").await;
    assert!(started.elapsed() >= Duration::from_millis(200));
    let started = Instant::now();
    stage.post(wire::TASK_DETAIL, &[("id", &task)]).await.data();
    assert!(started.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_client_that_goes_does_not_stop_a_slow_acceptance() {
    let stage = Stage::new(&["slow:150ms@submit"]).await;
    let mut stream = tokio::net::TcpStream::connect(stage.address()).await.unwrap();
    stream.write_all(&form_request(wire::SUBMIT, &plain("late"))).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(stream);
    assert!(stage.names().is_empty());
    let patience = Instant::now();
    while stage.names().is_empty() {
        assert!(patience.elapsed() < Duration::from_secs(10), "accepted after all");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_drop_spares_other_requests_on_other_connections_and_other_scopes() {
    let stage = Stage::new(&["drop-before-accept@list"]).await;
    stage.shoot("x").await;
    let list = request("GET", wire::VIDEO_LIST, &[("authorization", "Bearer k")], b"");
    assert_eq!(stage.raw(&list).await, b"");
    let upload = Stage::new(&["error-before-accept@upload", "http:502@result", "unauthorized@catalog"]).await;
    assert_eq!(upload.post(wire::ASSET_UPLOAD, &[]).await.status, 500);
    assert_eq!(upload.get("/results/x.mp4").await.status, 502);
    assert_eq!(upload.get(wire::VOICE_LIST).await.status, 401);
    upload.shoot("x").await;
}

async fn listed(stage: &Stage) -> Vec<(String, String)> {
    let data = stage.get(wire::VIDEO_LIST).await.data();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let videos = data["videos"].as_array().unwrap();
    videos.iter().map(|video| (text(&video["name"]), text(&video["create_at"]))).collect()
}

#[tokio::test]
async fn the_list_may_be_late_doubled_skewed_or_broken() {
    let late = Stage::new(&["late-list:10s:first=1"]).await;
    late.shoot("one").await;
    late.shoot("two").await;
    assert_eq!(listed(&late).await.len(), 1);
    assert_eq!(late.get(wire::VIDEO_LIST).await.data()["total"], 1);
    late.pass(10_000);
    assert_eq!(listed(&late).await.len(), 2);

    let doubled = Stage::new(&["duplicate-list"]).await;
    doubled.shoot("one").await;
    let videos = doubled.get(wire::VIDEO_LIST).await.data()["videos"].clone();
    assert_eq!((videos.as_array().unwrap().len(), &videos[0]), (2, &videos[1]));

    let skewed = Stage::new(&["clock-skew:-2h"]).await;
    skewed.shoot("one").await;
    assert_eq!(listed(&skewed).await[0].1, "2027-01-15 06:00:00");

    let broken = Stage::new(&["list-error:first=1"]).await;
    assert_eq!(broken.get(wire::VIDEO_LIST).await.status, 500);
    assert_eq!(broken.get(wire::VIDEO_LIST).await.code(), 200);
}

#[tokio::test]
async fn names_may_be_mangled_in_the_list_only() {
    let name = "Big  \"Day\" & #k3f2qa2b7c ";
    for (fault, wanted) in [
        ("name-cut:5", "Big  "),
        ("name-lower", "big  \"day\" & #k3f2qa2b7c "),
        ("name-trim", "Big \"Day\" & #k3f2qa2b7c"),
        ("name-escape", "Big  &quot;Day&quot; &amp; #k3f2qa2b7c "),
    ] {
        let stage = Stage::new(&[fault]).await;
        stage.shoot(name).await;
        assert_eq!(listed(&stage).await[0].0, wanted, "{fault}");
        assert_eq!(stage.names(), [name]);
    }
}

#[tokio::test]
async fn cursors_may_loop_or_outlast_the_list() {
    let target = |cursor: &str| format!("{}?limit=1&end_cursor={cursor}", wire::VIDEO_LIST);
    let stage = Stage::new(&["looping-cursor"]).await;
    stage.shoot("one").await;
    let first = stage.get(&target("")).await.data();
    let cursor = first["end_cursor"].as_str().unwrap().to_owned();
    assert_ne!(cursor, "");
    let second = stage.get(&target(&cursor)).await.data();
    assert_eq!((&second["end_cursor"], &second["videos"]), (&first["end_cursor"], &first["videos"]));

    let stage = Stage::new(&["cursor-at-end"]).await;
    stage.shoot("one").await;
    let cursor = stage.get(&target("")).await.data()["end_cursor"].as_str().unwrap().to_owned();
    assert_ne!(cursor, "");
    let end = stage.get(&target(&cursor)).await.data();
    assert_eq!((&end["end_cursor"], end["videos"].as_array().unwrap().len()), (&serde_json::json!(""), 0));
}

async fn detail(stage: &Stage, task: &str) -> serde_json::Value {
    stage.post(wire::TASK_DETAIL, &[("id", task)]).await.json()
}

#[tokio::test]
async fn tasks_and_files_may_show_late() {
    let stage = Stage::new(&["late-task:3s", "late-file:8s"]).await;
    let task = stage.shoot("x").await;
    stage.pass(2_999);
    let unknown = detail(&stage, &task).await;
    assert_eq!((&unknown["code"], &unknown["data"]), (&400.into(), &serde_json::Value::Null));
    stage.pass(1);
    let done = detail(&stage, &task).await;
    assert_eq!((&done["data"]["status"], &done["data"]["additional_data"]), (&0.into(), &serde_json::json!({})));
    let video = stage.get(wire::VIDEO_LIST).await.data()["videos"][0].clone();
    assert_eq!((&video["status"], video.get("file_720p")), (&1.into(), None));
    // Queued for 200 ms, rendered for 500 ms, then eight seconds.
    stage.pass(5_700);
    assert!(detail(&stage, &task).await["data"]["additional_data"]["url"].is_string());
    let listed = Stage::new(&["late-file:8s@detail"]).await;
    let task = listed.shoot("x").await;
    listed.pass(1_000);
    assert!(listed.get(wire::VIDEO_LIST).await.data()["videos"][0]["file_720p"]["url"].is_string());
    assert_eq!(detail(&listed, &task).await["data"]["additional_data"], serde_json::json!({}));
}

#[tokio::test]
async fn statuses_have_another_reading_and_addresses_may_be_strange() {
    let stage = Stage::new(&["other-numbers", "strange-url", "list-draft"]).await;
    let task = stage.shoot("x").await;
    let failing = [("voice[tts][text]", "[[fail]]")];
    let mut parts = plain("y");
    parts.retain(|(name, _)| *name != failing[0].0);
    parts.extend(failing);
    let failed = stage.submit(&parts).await.data()["task_id"].as_str().unwrap().to_owned();
    let status = async |task: &str| detail(&stage, task).await["data"]["status"].as_i64().unwrap();
    assert_eq!(status(&task).await, 0);
    stage.pass(300);
    assert_eq!(status(&task).await, 2);
    stage.pass(1_000);
    assert_eq!((status(&task).await, status(&failed).await), (1, -3));
    let url = detail(&stage, &task).await["data"]["additional_data"]["url"].clone();
    assert!(url.as_str().unwrap().starts_with("/results/"), "{url}");
    let videos = stage.get(wire::VIDEO_LIST).await.data()["videos"].clone();
    assert!(videos.as_array().unwrap().iter().all(|video| video["status"] == 0), "{videos}");
    assert!(videos[1]["file_720p"]["url"].as_str().unwrap().starts_with("/results/"), "{videos}");
}

#[tokio::test]
async fn dates_may_be_off_and_answers_packed() {
    let stage = Stage::new(&["date-skew:+2h", "gzip@list"]).await;
    let reply = stage.submit(&plain("x")).await;
    assert_eq!(reply.header("date"), Some("Fri, 15 Jan 2027 10:00:00 GMT"));
    let list = stage.get(wire::VIDEO_LIST).await;
    assert_eq!((list.header("content-encoding"), &list.body[..2]), (Some("gzip"), &[0x1f, 0x8b][..]));
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&*list.body), &mut text).unwrap();
    assert!(text.starts_with("{\"code\":200"), "{text}");
}
