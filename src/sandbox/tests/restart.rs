//! State that survives a restart.

use super::client::{Stage, options};
use crate::sandbox::{Sandbox, SandboxError};
use crate::vendor::wire;

#[tokio::test]
async fn everything_answered_for_is_there_after_a_restart() {
    let stage = Stage::new(&[]).await;
    let task = stage.shoot("one").await;
    stage.pass(1_000);
    let listed = stage.get(wire::VIDEO_LIST).await.data()["videos"][0]["id"].clone();
    let Stage { sandbox, directory, .. } = stage;
    sandbox.shutdown().await;

    let stage = Stage::on(directory, &[], |options| options.render = std::time::Duration::from_secs(9_999)).await;
    stage.pass(1_000);
    let detail = stage.post(wire::TASK_DETAIL, &[("id", &task)]).await.data();
    assert_eq!(detail["status"], 0, "other options change no past");
    let url = detail["additional_data"]["url"].as_str().unwrap().to_owned();
    assert_eq!(stage.get_with(&url, &[]).await.status, 200);
    assert_eq!(stage.get(wire::VIDEO_LIST).await.data()["videos"][0]["id"], listed);
    assert_ne!(stage.shoot("two").await, task);
    assert_eq!(stage.names(), ["one", "two"]);
}

#[tokio::test]
async fn a_second_sandbox_on_the_same_state_is_refused() {
    let stage = Stage::new(&[]).await;
    let second = Sandbox::start(([127, 0, 0, 1], 0).into(), options(stage.directory.path(), &[])).await;
    let error = second.expect_err("refused");
    assert!(matches!(error, SandboxError::InUse(_)), "{error}");
}

#[tokio::test]
async fn a_dropped_sandbox_frees_its_state_and_its_port() {
    let stage = Stage::new(&[]).await;
    stage.shoot("one").await;
    let address = stage.address();
    let Stage { sandbox, directory, .. } = stage;
    drop(sandbox);
    for _ in 0..200 {
        match Sandbox::start(address, options(directory.path(), &[])).await {
            Ok(again) => {
                assert_eq!(again.accepted().len(), 1);
                return again.shutdown().await;
            }
            Err(SandboxError::InUse(_) | SandboxError::Listen { .. }) => {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("never free");
}

#[tokio::test]
async fn shutdown_does_not_wait_for_slow_answers() {
    let stage = Stage::new(&["slow-after-accept:1h"]).await;
    let request = super::client::form_request(wire::SUBMIT, &super::client::plain("slow"));
    let address = stage.address();
    let client = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(&request).await.unwrap();
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer).await);
        answer
    });
    while stage.names().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let Stage { sandbox, directory, .. } = stage;
    tokio::time::timeout(std::time::Duration::from_secs(4), sandbox.shutdown()).await.expect("soon");
    assert_eq!(client.await.unwrap(), b"", "cut without an answer");
    let stage = Stage::on(directory, &[], |_| {}).await;
    assert_eq!(stage.names(), ["slow"], "stored all the same");
}
