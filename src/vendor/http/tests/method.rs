//! A vendor that serves its list of videos by POST alone.

use super::*;

const LIST: &str =
    r#"{"code":200,"message":"ok","data":{"total":1,"end_cursor":"","videos":[{"id":"V1","name":"a"}]}}"#;

fn not_allowed(status: u16) -> Play {
    Play::Answer(server::answer(status, "", r#"{"code":405,"message":"method not allowed"}"#))
}

fn methods(server: &Server) -> Vec<String> {
    server.requests().iter().map(|request| request.head.split(' ').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_list_that_is_not_served_by_get_is_asked_for_by_post_and_the_client_remembers() {
    for status in [404, 405, 200] {
        let server = Server::start(vec![not_allowed(status), json(LIST), json(LIST)]).await;
        let vendor = vendor(&server);
        assert_eq!(vendor.list_videos().await.unwrap().len(), 1);
        assert!(vendor.lists_by_post());
        vendor.list_videos().await.unwrap();
        assert_eq!(methods(&server), ["GET", "POST", "POST"], "{status}");
        assert!(server.requests().iter().all(|request| request.head.contains(" /v2/video/list?limit=1000 ")));
    }
}

#[tokio::test]
async fn a_list_that_neither_serves_fails_with_the_first_answer() {
    let server = Server::start(vec![not_allowed(404), not_allowed(405)]).await;
    let vendor = vendor(&server);
    let error = vendor.list_videos().await.unwrap_err();
    assert!(matches!(error, CallError::Refused { code: 405, .. }), "{error:?}");
    assert!(!vendor.lists_by_post());
    assert_eq!(methods(&server), ["GET", "POST"]);
}

#[tokio::test]
async fn no_other_answer_and_no_other_list_is_followed_by_a_post() {
    let refused = |code: u16| Play::Answer(server::answer(code, "", ""));
    let server = Server::start(vec![refused(400), refused(403)]).await;
    let vendor = vendor(&server);
    for _ in 0..2 {
        vendor.list_videos().await.unwrap_err();
    }
    assert_eq!(methods(&server), ["GET", "GET"]);
    let server = Server::start(vec![not_allowed(405)]).await;
    super::vendor(&server).list_assets(MediaKind::Image).await.unwrap_err();
    assert_eq!(methods(&server), ["GET"]);
}
