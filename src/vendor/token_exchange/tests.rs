//! Tests the exchange, and requests with an expired token, against a server of scripted bytes.

use std::time::Duration;

use super::super::http::QUERY_TRIES;
use super::super::http::tests::server::{self, Play, Server};
use super::*;
use crate::vendor::{CredentialVariables, Credentials, Form, HttpOptions, InDoubt, SubmitOutcome, Vendor, detail_form};

const SECRET: &str = "s3cret-0123456789abcdef";

fn vendor(server: &Server) -> HttpVendor {
    let lookup = |name: &str| Some(if name == "VIDNOZ_CLIENT_ID" { "client-4711" } else { SECRET });
    let credentials = Credentials::from_variables(&CredentialVariables::default(), lookup).unwrap();
    let options = HttpOptions {
        timeout: Duration::from_secs(5),
        rate: 0.0,
        // Without jitter, no wait.
        random: || 0,
        ..HttpOptions::new(server.url.as_str(), credentials)
    };
    HttpVendor::new(&options).unwrap()
}

fn json(status: u16, body: &str) -> Play {
    Play::Answer(server::answer(status, "", body))
}

fn token(name: &str, expires_in: &str) -> Play {
    json(200, &format!(r#"{{"code":200,"message":"ok","data":{{"access_token":"{name}"{expires_in}}}}}"#))
}

fn accepted(task: &str) -> Play {
    json(200, &format!(r#"{{"code":200,"data":{{"task_id":"{task}"}}}}"#))
}

fn unauthorized() -> Play {
    json(200, r#"{"code":401,"message":"the token is invalid or expired"}"#)
}

fn empty_list() -> Play {
    json(200, r#"{"code":200,"data":{"total":0,"videos":[]}}"#)
}

fn form() -> Form {
    Form { endpoint: wire::SUBMIT, ..detail_form("welcome") }
}

/// Returns path and token of each request.
fn heard(server: &Server) -> Vec<(String, String)> {
    let requests = server.requests().into_iter();
    let heard = requests.map(|request| {
        let path = request.head.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
        let token = request.header("authorization").unwrap_or("-").trim_start_matches("Bearer ").to_owned();
        (path, token)
    });
    heard.collect()
}

fn as_text(heard: &[(String, String)]) -> Vec<(&str, &str)> {
    heard.iter().map(|(path, token)| (path.as_str(), token.as_str())).collect()
}

#[tokio::test]
async fn one_exchange_serves_all_requests_and_carries_no_authorization() {
    let server = Server::start(vec![token("tok-1", r#","expires_in":5909"#), empty_list(), accepted("T1")]).await;
    let vendor = vendor(&server);
    vendor.list_videos().await.unwrap();
    vendor.wait_for_rate().await.unwrap();
    assert!(matches!(vendor.submit(&form()).await, SubmitOutcome::Accepted { .. }));
    let heard = heard(&server);
    assert_eq!(as_text(&heard), [(wire::TOKEN, "-"), (wire::VIDEO_LIST, "tok-1"), (wire::SUBMIT, "tok-1")]);
    let request = &server.requests()[0];
    assert_eq!(request.header("content-type"), Some("application/json"));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, json!({ "client_id": "client-4711", "client_secret": SECRET }));
}

#[tokio::test]
async fn a_question_is_repeated_once_with_a_new_token() {
    let script = vec![token("tok-1", ""), unauthorized(), token("tok-2", ""), empty_list()];
    let server = Server::start(script).await;
    assert_eq!(vendor(&server).list_videos().await, Ok(vec![]));
    let heard_now = heard(&server);
    let list = wire::VIDEO_LIST;
    assert_eq!(as_text(&heard_now), [(wire::TOKEN, "-"), (list, "tok-1"), (wire::TOKEN, "-"), (list, "tok-2")]);

    let script = vec![token("tok-1", ""), unauthorized(), token("tok-2", ""), unauthorized(), token("tok-3", "")];
    let server = Server::start(script).await;
    let error = vendor(&server).list_videos().await.unwrap_err();
    let CallError::Key(message) = &error else { panic!("{error}") };
    assert!(message.starts_with("the vendor rejected a token that it had just issued"), "{message}");
    assert_eq!(server.requests().len(), 4, "once");
}

#[tokio::test]
async fn a_refused_submission_is_left_to_the_caller_and_its_token_is_not_used_again() {
    let script = vec![token("tok-1", ""), unauthorized(), token("tok-2", ""), accepted("T1")];
    let server = Server::start(script).await;
    let vendor = vendor(&server);
    vendor.wait_for_rate().await.unwrap();
    let SubmitOutcome::KeyRefused(refused) = vendor.submit(&form()).await else { panic!("refused") };
    assert_eq!(server.requests().len(), 2, "nothing is repeated here");
    vendor.renew_token(&refused).await.unwrap();
    vendor.renew_token(&refused).await.unwrap();
    vendor.wait_for_rate().await.unwrap();
    assert!(matches!(vendor.submit(&form()).await, SubmitOutcome::Accepted { .. }));
    let heard = heard(&server);
    assert_eq!(as_text(&heard)[2..], [(wire::TOKEN, "-"), (wire::SUBMIT, "tok-2")]);
}

#[tokio::test]
async fn a_submission_without_any_token_sends_nothing() {
    let server = Server::start(vec![token("tok-1", "")]).await;
    let vendor = vendor(&server);
    let SubmitOutcome::KeyRefused(refused) = vendor.submit(&form()).await else { panic!("refused") };
    assert_eq!(server.connections(), 0);
    vendor.renew_token(&refused).await.unwrap();
    assert_eq!(heard(&server).len(), 1);
}

#[tokio::test]
async fn a_401_that_says_more_than_one_thing_is_in_doubt() {
    for (status, body) in [
        (401, r#"{"code":401,"data":{"task_id":"T9"}}"#),
        (401, r#"{"code":401,"data":{"id":"T9"}}"#),
        (200, r#"{"code":401,"data":{"video":{"taskId":9}}}"#),
        (401, ""),
        (401, r#"{"message":"no"}"#),
        (401, r#"{"code":400}"#),
        (403, r#"{"code":401}"#),
        (500, r#"{"code":401}"#),
    ] {
        let server = Server::start(vec![token("tok-1", ""), json(status, body)]).await;
        let vendor = vendor(&server);
        vendor.wait_for_rate().await.unwrap();
        match vendor.submit(&form()).await {
            SubmitOutcome::InDoubt(InDoubt { unauthorized: Some(message), .. }) => {
                assert!(message.contains("VIDNOZ_CLIENT_ID"), "{message}");
            }
            other => panic!("HTTP {status} {body}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_exchange_is_tried_again_while_it_may_help() {
    let script = vec![
        json(503, "<html>"),
        Play::CloseAfterRequest,
        json(200, r#"{"code":803,"message":"frequent requests"}"#),
        Play::Answer(server::answer(429, "retry-after: 0\r\n", "")),
        token("tok-1", ""),
        empty_list(),
    ];
    let server = Server::start(script).await;
    assert_eq!(vendor(&server).list_videos().await, Ok(vec![]));
    assert_eq!(server.requests().len(), 6);

    let server = Server::start(vec![json(500, ""); QUERY_TRIES as usize + 3]).await;
    let error = vendor(&server).list_videos().await.unwrap_err();
    assert_eq!(error, CallError::NoToken("the vendor answered code 500: ".to_owned()));
    assert_eq!(server.connections(), QUERY_TRIES as usize);
}

#[tokio::test]
async fn a_refused_pair_names_the_variables_and_no_value() {
    for (status, code) in [(200, 401), (401, 401), (200, 400), (400, 400)] {
        let said = format!(r#"{{"code":{code},"message":"no client client-4711 with {SECRET}"}}"#);
        let server = Server::start(vec![json(status, &said)]).await;
        let error = vendor(&server).list_videos().await.unwrap_err();
        let meant = "the vendor rejected the client id and secret (no client [redacted] with [redacted]); check \
                     `VIDNOZ_CLIENT_ID` and `VIDNOZ_CLIENT_SECRET`";
        assert_eq!(error, CallError::Key(meant.to_owned()));
        assert_eq!(server.connections(), 1, "not again");
    }
}

#[tokio::test]
async fn other_answers_give_no_token_and_no_redirect_is_followed() {
    for (status, body) in [
        (200, r#"{"code":200,"data":{}}"#),
        (200, r#"{"code":200,"data":{"access_token":""}}"#),
        (200, r#"{"code":200,"data":{"access_token":"a b"}}"#),
        (200, r#"{"code":200,"data":{"access_token":7}}"#),
        (200, "<html>"),
        (404, ""),
        (403, r#"{"code":403}"#),
    ] {
        let server = Server::start(vec![json(status, body)]).await;
        let error = vendor(&server).list_videos().await.unwrap_err();
        assert!(matches!(error, CallError::NoToken(_)), "{status} {body}: {error}");
        assert_eq!(server.connections(), 1, "{status} {body}");
    }
    let elsewhere = Server::start(vec![token("stolen", "")]).await;
    let location = format!("location: {}{}\r\n", elsewhere.url, wire::TOKEN);
    let server = Server::start(vec![Play::Answer(server::answer(307, &location, ""))]).await;
    assert!(matches!(vendor(&server).list_videos().await, Err(CallError::NoToken(_))));
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn only_a_positive_number_is_a_life() {
    for (text, meant) in [
        ("5909", Some(5909.0)),
        ("1.5", Some(1.5)),
        ("0", None),
        ("-5", None),
        ("\"5909\"", None),
        ("null", None),
        ("1e300", None),
        ("1e-300", None),
    ] {
        let data: Value = serde_json::from_str(&format!(r#"{{"access_token":"t","expires_in":{text}}}"#)).unwrap();
        let life = grant(&data, Instant::now()).life;
        assert_eq!(life.map(|life| life.as_secs_f64()), meant, "{text}");
    }
    assert_eq!(grant(&json!({ "access_token": "t" }), Instant::now()).life, None);
}

#[tokio::test(start_paused = true)]
async fn an_exchange_takes_a_turn_of_the_rate() {
    let server = Server::start(vec![token("tok-1", ""), empty_list()]).await;
    let mut vendor = vendor(&server);
    vendor.rate = std::sync::Arc::new(crate::vendor::RateLimiter::new(0.1));
    let start = Instant::now();
    vendor.wait_for_rate().await.unwrap();
    assert!((9..=11).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}
