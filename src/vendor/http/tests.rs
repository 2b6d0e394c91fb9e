//! Tests the client against a server of scripted bytes: whatever fails on the network, nothing is sent twice.

mod method;
mod reach;
pub mod server;
mod wire;

use std::time::Duration;

use secrecy::SecretString;
use server::{Play, Server};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::spec::test_support::local_file;
use crate::spec::{LocalFile, MediaKind};
use crate::vendor::{InDoubt, NotAccepted, TaskState};

const KEY: &str = "sk-0123456789";

fn options(url: &str) -> HttpOptions {
    HttpOptions {
        timeout: Duration::from_secs(5),
        rate: 0.0,
        // Without jitter, no wait.
        random: || 0,
        ..HttpOptions::new(url, SecretString::from(KEY.to_owned()))
    }
}

fn vendor(server: &Server) -> HttpVendor {
    HttpVendor::new(&options(&server.url)).unwrap()
}

fn form() -> Form {
    let mut form = Form { endpoint: crate::vendor::wire::SUBMIT, ..detail_form("welcome") };
    form.parts.push(form.parts[0].clone());
    form
}

fn json(body: &str) -> Play {
    Play::Answer(server::answer(200, "", body))
}

fn accepted(task: &str) -> Play {
    json(&format!(r#"{{"code":200,"message":"ok","data":{{"task_id":"{task}"}}}}"#))
}

fn in_doubt(submission: SubmitOutcome) -> String {
    match submission {
        SubmitOutcome::InDoubt(InDoubt { reason, .. }) => reason,
        other => panic!("{other:?} is not in doubt"),
    }
}

fn not_accepted(submission: SubmitOutcome) -> NotAccepted {
    match submission {
        SubmitOutcome::NotAccepted(why) => why,
        other => panic!("{other:?} is not surely not accepted"),
    }
}

#[tokio::test]
async fn a_submission_goes_out_once_with_key_and_form() {
    let server = Server::start(vec![accepted("T1")]).await;
    let form = form();
    let verdict = vendor(&server).submit(&form).await;
    assert_eq!(verdict, SubmitOutcome::Accepted { task: "T1".to_owned() });
    let [request] = &server.requests()[..] else { panic!("one request") };
    assert!(request.head.starts_with("POST /v2/task/avatar-to-video HTTP/1.1\r\n"), "{}", request.head);
    for header in [
        "authorization: bearer sk-0123456789",
        "accept: application/json",
        "content-type: multipart/form-data; boundary=",
    ] {
        assert!(request.head.to_ascii_lowercase().contains(&format!("\r\n{header}")), "{header}");
    }
    let boundary = request.header("content-type").unwrap().split_once("boundary=").unwrap().1.to_owned();
    assert_eq!(Some(request.body.clone()), form.encode(&boundary));
    let length = request.body.len().to_string();
    assert_eq!(request.header("content-length"), Some(length.as_str()));
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_is_in_doubt() {
    for play in [Play::CloseAfterRequest, Play::CloseAtOnce, Play::ResetAtOnce, Play::ResetAfterRequest] {
        let server = Server::start(vec![play.clone()]).await;
        let reason = in_doubt(vendor(&server).submit(&form()).await);
        assert!(reason.contains("broke before the answer was read"), "{play:?}: {reason}");
        assert_eq!(server.connections(), 1, "{play:?}");
    }
}

#[tokio::test]
async fn a_slow_answer_is_in_doubt_whatever_was_answered_so_far() {
    let head = "HTTP/1.1 429 Too Many\r\ncontent-length: 9\r\n\r\nslo".to_owned();
    for play in [Play::Silent(String::new()), Play::Silent("HTTP/1.1 400".to_owned()), Play::Silent(head)] {
        let server = Server::start(vec![play]).await;
        let quick = HttpOptions { timeout: Duration::from_millis(800), ..options(&server.url) };
        let reason = in_doubt(HttpVendor::new(&quick).unwrap().submit(&form()).await);
        assert_eq!(reason, "the answer did not come within 800ms");
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn a_tls_handshake_that_fails_or_hangs_is_surely_not_accepted() {
    for play in [Play::Silent(String::new()), Play::CloseAtOnce, Play::Raw("HTTP/1.1 200 OK\r\n\r\n".to_owned())] {
        let server = Server::start(vec![play.clone()]).await;
        let url = server.url.replace("http://", "https://");
        let quick = HttpOptions { timeout: Duration::from_millis(800), ..options(&url) };
        let why = not_accepted(HttpVendor::new(&quick).unwrap().submit(&form()).await);
        assert!(why.reason.starts_with("no connection to `127.0.0.1:"), "{play:?}: {}", why.reason);
    }
}

#[tokio::test]
async fn a_redirect_is_in_doubt_and_never_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Server::start(vec![accepted("stolen")]).await;
        let location = format!("location: {}/v2/task/avatar-to-video\r\n", elsewhere.url);
        let server = Server::start(vec![Play::Answer(server::answer(status, &location, ""))]).await;
        let reason = in_doubt(vendor(&server).submit(&form()).await);
        assert!(reason.contains(&format!("HTTP {status}")), "{reason}");
        assert_eq!((server.connections(), elsewhere.connections()), (1, 0));
    }
    let elsewhere = Server::start(vec![json(r#"{"code":200,"data":{"videos":[]}}"#)]).await;
    let location = format!("location: {}/v2/video/list\r\n", elsewhere.url);
    let server = Server::start(vec![Play::Answer(server::answer(302, &location, ""))]).await;
    assert!(matches!(vendor(&server).list_videos().await, Err(CallError::Refused { code: 302, .. })));
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_to_its_end_is_in_doubt() {
    let giant = "x".repeat(MAX_RESPONSE_BYTES + 1);
    let ok = "HTTP/1.1 200 OK\r\n";
    let refused = r#"{"code":400,"message":"bad"}"#;
    for (what, bytes) in [
        ("giant", server::answer(200, "", &giant)),
        ("giant in chunks", format!("{ok}transfer-encoding: chunked\r\n\r\n{:x}\r\n{giant}\r\n0\r\n\r\n", giant.len())),
        ("giant, endless", format!("{ok}connection: close\r\n\r\n{giant}")),
        ("giant head", format!("{ok}x: {giant}\r\n\r\n")),
        ("chunked garbage", format!("{ok}transfer-encoding: chunked\r\n\r\nzz\r\n{refused}")),
        ("chunks cut off", format!("{ok}transfer-encoding: chunked\r\n\r\n{:x}\r\n{refused}\r\n", refused.len())),
        ("cut off", format!("{ok}content-length: 4000\r\n\r\n{refused}")),
        ("cut off refusal", format!("HTTP/1.1 403 No\r\ncontent-length: 4000\r\n\r\n{refused}")),
        ("no HTTP", "SSH-2.0-OpenSSH\r\n".to_owned()),
        ("two lengths", format!("{ok}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd")),
    ] {
        let server = Server::start(vec![Play::Answer(bytes)]).await;
        in_doubt(vendor(&server).submit(&form()).await);
        assert_eq!(server.requests().len(), 1, "{what}");
    }
}

#[tokio::test]
async fn a_reset_in_the_middle_of_the_answer_is_in_doubt() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"code\":400".to_owned();
    let server = Server::start(vec![Play::ResetAfter(half)]).await;
    in_doubt(vendor(&server).submit(&form()).await);
    assert_eq!((server.connections(), server.requests().len()), (1, 1));
}

#[tokio::test]
async fn a_submission_never_uses_a_connection_that_idles() {
    // The vendor keeps the connection open after the first response, then closes it when the next request arrives.
    let keep = |task: &str| match accepted(task) {
        Play::Answer(bytes) => Play::KeepThenClose(bytes),
        other => other,
    };
    let server = Server::start(vec![keep("T1"), keep("T2"), keep("T3")]).await;
    let vendor = vendor(&server);
    for task in ["T1", "T2", "T3"] {
        assert_eq!(vendor.submit(&form()).await, SubmitOutcome::Accepted { task: task.to_owned() });
    }
    assert_eq!((server.connections(), server.requests().len()), (3, 3));
}

#[tokio::test]
async fn a_question_survives_a_kept_connection_that_closes() {
    let Play::Answer(empty) = json(r#"{"code":200,"data":{"total":0,"videos":[]}}"#) else { panic!("an answer") };
    let server = Server::start(vec![Play::KeepThenClose(empty.clone()), Play::KeepThenClose(empty)]).await;
    let vendor = vendor(&server);
    assert_eq!(vendor.list_videos().await, Ok(vec![]));
    assert_eq!(vendor.list_videos().await, Ok(vec![]));
}

#[tokio::test(start_paused = true)]
async fn submissions_wait_for_their_turn_before_they_are_announced() {
    let vendor = HttpVendor::new(&HttpOptions { rate: 0.5, ..options("http://127.0.0.1:9") }).unwrap();
    let start = tokio::time::Instant::now();
    for _ in 0..3 {
        vendor.wait_for_rate().await.unwrap();
    }
    assert_eq!(start.elapsed().as_secs(), 4);
}

#[tokio::test]
async fn too_fast_slows_the_shared_rate_and_tells_how_long_to_wait() {
    let slow = Play::Answer(server::answer(429, "retry-after: 7\r\n", "slow down"));
    let server = Server::start(vec![slow]).await;
    let vendor = vendor(&server);
    let why = not_accepted(vendor.submit(&form()).await);
    assert_eq!((why.too_fast, why.retry_after), (true, Some(Duration::from_secs(7))));
    assert!(vendor.rate.spacing() > Duration::ZERO);
}

#[tokio::test]
async fn what_the_vendor_echoes_is_shown_without_the_key() {
    let server = Server::start(vec![json(&format!(r#"{{"code":400,"message":"token {KEY} ok, id wrong"}}"#))]).await;
    let SubmitOutcome::Refused(refusal) = vendor(&server).submit(&form()).await else { panic!("a refusal") };
    assert_eq!((refusal.code, refusal.message.as_str()), (400, "token [redacted] ok, id wrong"));
    assert!(!format!("{:?}", vendor(&server)).contains(KEY));
}

#[tokio::test]
async fn the_list_is_paged_and_a_page_that_fails_is_asked_for_again() {
    let first = r#"{"code":200,"data":{"total":3,"end_cursor":"a b&c=","videos":[{"id":1,"name":"x"},{"id":"2"}]}}"#;
    let last = r#"{"code":200,"data":{"total":3,"end_cursor":"","videos":[{"id":3,"name":"z"}]}}"#;
    let server = Server::start(vec![
        Play::CloseAfterRequest,
        json(first),
        Play::Answer(server::answer(503, "", "<html>")),
        json(r#"{"code":803,"message":"frequent requests"}"#),
        json(last),
    ])
    .await;
    let videos = vendor(&server).list_videos().await.unwrap();
    assert_eq!(videos.iter().map(|video| video.id.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
    let lines: Vec<String> =
        server.requests().iter().map(|request| request.head.lines().next().unwrap().to_owned()).collect();
    let (one, two) =
        ("GET /v2/video/list?limit=1000 HTTP/1.1", "GET /v2/video/list?limit=1000&end_cursor=a+b%26c%3D HTTP/1.1");
    assert_eq!(lines, [one, one, two, two, two]);
}

#[tokio::test]
async fn a_list_that_stays_unanswered_or_has_a_gap_is_an_error() {
    let server = Server::start(vec![Play::Answer(server::answer(500, "", "")); QUERY_TRIES as usize + 3]).await;
    assert!(matches!(vendor(&server).list_videos().await, Err(CallError::Refused { code: 500, .. })));
    assert_eq!(server.connections(), QUERY_TRIES as usize);

    let gap = r#"{"code":200,"data":{"total":9,"end_cursor":"","videos":[{"id":1}]}}"#;
    let server = Server::start(vec![json(gap)]).await;
    let error = vendor(&server).list_videos().await.unwrap_err();
    assert_eq!(error.to_string(), "the vendor's list of videos ended after 1 of 9");

    let server = Server::start(vec![json(r#"{"code":401,"message":"no"}"#)]).await;
    assert!(
        matches!(vendor(&server).list_videos().await, Err(CallError::Key(message)) if message.starts_with("the vendor rejected the token in `VIDNOZ_API_KEY` (no);"))
    );
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_page_may_be_larger_than_an_answer_to_a_submission() {
    let name = "n".repeat(MAX_RESPONSE_BYTES);
    let server = Server::start(vec![json(&format!(r#"{{"code":200,"data":[{{"id":1,"name":"{name}"}}]}}"#))]).await;
    assert_eq!(vendor(&server).list_videos().await.unwrap()[0].name, name);
}

/// Returns a file in a directory, planned with this content.
fn planned(directory: &std::path::Path, content: &[u8]) -> LocalFile {
    let path = directory.join("a.png");
    std::fs::write(&path, content).unwrap();
    let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(content));
    LocalFile { path, bytes: content.len() as u64, ..(*local_file("a.png", &sha256)).clone() }
}

#[tokio::test]
async fn an_upload_gives_its_id_and_is_repeated_only_when_it_did_not_arrive() {
    let directory = tempfile::tempdir().unwrap();
    // More than one chunk, and a length that is not a multiple of the chunk size.
    let content: Vec<u8> = (0..700_001_u32).map(|at| (at % 251) as u8).collect();
    let file = planned(directory.path(), &content);
    let busy = json(r#"{"code":803}"#);
    let server = Server::start(vec![busy, json(r#"{"code":200,"data":{"id":154,"filtype":"1"}}"#)]).await;
    assert_eq!(vendor(&server).upload(&file).await, Ok("154".to_owned()));
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    assert!(requests[0].head.starts_with("POST /v2/asset/upload "));
    let head = requests[0].head.to_ascii_lowercase();
    assert!(head.contains(&format!("content-length: {}\r\n", requests[0].body.len())), "{head}");
    let start = requests[0].body.windows(4).position(|part| part == b"\r\n\r\n").unwrap() + 4;
    assert_eq!(&requests[0].body[start..start + content.len()], content);
    assert!(requests[0].body[start + content.len()..].starts_with(b"\r\n--callsheet-"));

    let server = Server::start(vec![Play::CloseAfterRequest, accepted("never reached")]).await;
    assert!(matches!(vendor(&server).upload(&file).await, Err(CallError::InvalidResponse(_))));
    assert_eq!(server.connections(), 1);

    let server = Server::start(vec![json(r#"{"code":200,"data":{"id":""}}"#)]).await;
    assert!(vendor(&server).upload(&file).await.unwrap_err().to_string().contains("no asset id"));
}

#[tokio::test]
async fn a_file_that_is_not_what_was_planned_is_never_uploaded_whole() {
    let directory = tempfile::tempdir().unwrap();
    let content = vec![7; 700_001];
    let file = planned(directory.path(), &content);
    let mut other = content.clone();
    other[0] = 8;
    for changed in [other, content[1..].to_vec(), [&content[..], b"x"].concat()] {
        std::fs::write(&file.path, &changed).unwrap();
        let server = Server::start(vec![json(r#"{"code":200,"data":{"id":154}}"#)]).await;
        assert_eq!(vendor(&server).upload(&file).await, Err(CallError::FileChanged), "{}", changed.len());
        assert!(server.requests().is_empty(), "no whole request came");
    }
    std::fs::remove_file(&file.path).unwrap();
    let server = Server::start(vec![json(r#"{"code":200,"data":{"id":154}}"#)]).await;
    assert!(matches!(vendor(&server).upload(&file).await, Err(CallError::File(_))));
}

#[tokio::test]
async fn assets_are_listed_by_kind_to_the_last_page() {
    let server = Server::start(vec![
        json(r#"{"code":200,"data":{"total":2,"end_cursor":"c","assets":[{"id":"A1"}]}}"#),
        json(r#"{"code":200,"data":{"total":2,"end_cursor":"","assets":[{"id":2}]}}"#),
    ])
    .await;
    let ids = vendor(&server).list_assets(MediaKind::Audio).await.unwrap();
    assert_eq!(ids, ["A1".to_owned(), "2".to_owned()].into());
    let heads: Vec<String> = server.requests().into_iter().map(|one| one.head).collect();
    assert!(heads[0].starts_with("GET /v2/asset/list?filetype=3&limit=1000 "), "{}", heads[0]);
    assert!(heads[1].starts_with("GET /v2/asset/list?filetype=3&limit=1000&end_cursor=c "), "{}", heads[1]);
}

#[tokio::test]
async fn the_state_of_a_task_is_asked_by_its_id() {
    let server = Server::start(vec![
        Play::CloseAfterRequest,
        json(r#"{"code":200,"data":{"id":"T1","status":"-2","message":"","additional_data":[]}}"#),
    ])
    .await;
    let detail = vendor(&server).task_detail("T1").await.unwrap();
    assert_eq!((detail.state, detail.results.len()), (TaskState::Running, 0));
    let request = &server.requests()[1];
    assert!(request.head.starts_with("POST /v2/task/detail "));
    assert!(String::from_utf8_lossy(&request.body).contains("name=\"id\"\r\n\r\nT1\r\n"));
}

#[tokio::test]
async fn localhost_is_this_machine() {
    let server = Server::start(vec![accepted("T1")]).await;
    let vendor = HttpVendor::new(&options(&server.url.replace("127.0.0.1", "localhost"))).unwrap();
    assert!(matches!(vendor.submit(&form()).await, SubmitOutcome::Accepted { .. }));
    assert_eq!(vendor.host(), "localhost");
}

/// Runs one of the ignored tests below in a separate process, with variables that must not be set in this one.
fn in_own_process(test: &str, variables: &[(&str, &str)]) {
    let name = format!("vendor::http::tests::{test}");
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--ignored", "--nocapture"])
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn no_proxy_stands_between_us_and_this_machine() {
    let nowhere = "http://127.0.0.1:1";
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    in_own_process("with_a_dead_proxy", &names.map(|name| (name, nowhere)));
}

#[tokio::test]
#[ignore = "run by no_proxy_stands_between_us_and_this_machine, with its variables"]
async fn with_a_dead_proxy() {
    let server = Server::start(vec![accepted("T1")]).await;
    assert!(matches!(vendor(&server).submit(&form()).await, SubmitOutcome::Accepted { .. }));
}

#[test]
fn without_certificates_the_package_is_named() {
    in_own_process("with_no_certificates", &[("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")]);
}

#[tokio::test]
#[ignore = "run by without_certificates_the_package_is_named, with its variables"]
async fn with_no_certificates() {
    let error = HttpVendor::new(&options("https://devapi.vidnoz.com")).unwrap_err();
    assert_eq!(error, ClientError::NoCertificates);
    assert!(error.to_string().contains("`ca-certificates`"));
    // The sandbox needs no certificates.
    let server = Server::start(vec![accepted("T1")]).await;
    assert!(matches!(vendor(&server).submit(&form()).await, SubmitOutcome::Accepted { .. }));
}

#[test]
fn options_that_must_not_be_used_give_no_client() {
    let error = HttpVendor::new(&options("https://evil.example")).unwrap_err();
    assert_eq!(error, ClientError::Host("evil.example".to_owned()));
}
