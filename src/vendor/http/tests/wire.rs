//! Encodings that callsheet did not request, and the vendor's clock.

use std::time::{Duration, SystemTime};

use jiff::SignedDuration;

use super::server::{Play, Server, answer};
use super::{accepted, form, in_doubt, options, vendor};
use crate::vendor::{CallError, DownloadError, FileHosts, HttpOptions, HttpVendor, ResultDownloader, Vendor};

const BR: &str = "content-encoding: br\r\n";
const TASK: &str = r#"{"code":200,"data":{"task_id":"T1"}}"#;

#[tokio::test]
async fn an_encoding_that_cannot_be_unpacked_is_named_and_a_submission_is_in_doubt() {
    let server = Server::start(vec![Play::Answer(answer(200, BR, TASK)); 1]).await;
    let why = in_doubt(vendor(&server).submit(&form()).await);
    assert_eq!(why, "the answer is encoded as `br`, which callsheet does not request and cannot unpack");
    assert_eq!(server.connections(), 1);
    // A query is repeated, as after any broken response, and finally fails with the reason.
    let server = Server::start(vec![Play::Answer(answer(200, BR, TASK)); 6]).await;
    let error = vendor(&server).task_detail("T1").await.unwrap_err();
    assert!(matches!(&error, CallError::InvalidResponse(words) if words.contains("encoded as `br`")), "{error:?}");
}

#[tokio::test]
async fn a_file_in_an_encoding_that_cannot_be_unpacked_is_refused_with_its_name() {
    let server = Server::start(vec![Play::Answer(answer(200, BR, "not a video"))]).await;
    let address = format!("{}/v.mp4", server.url);
    let idle = Duration::from_secs(5);
    let error = ResultDownloader::new(idle, FileHosts::for_vendor("127.0.0.1", &[]))
        .unwrap()
        .open(&address, None)
        .await
        .unwrap_err();
    let why = "`127.0.0.1` sent the file encoded as `br`, which callsheet does not request and cannot unpack";
    assert_eq!(error, DownloadError::Refused(why.to_owned()));
}

#[tokio::test]
async fn the_vendors_clock_is_read_from_its_first_answer_whatever_that_is() {
    fn noon() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_hours(12)
    }
    let date = |time: &str| format!("date: Thu, 01 Jan 1970 {time} GMT\r\n");
    let script =
        vec![Play::Answer(answer(401, &date("10:00:00"), "")), Play::Answer(answer(200, &date("12:00:00"), TASK))];
    let server = Server::start(script).await;
    let vendor = HttpVendor::new(&HttpOptions { clock: noon, ..options(&server.url) }).unwrap();
    assert_eq!(vendor.clock_offset(), None, "nothing was asked yet");
    assert!(vendor.task_detail("T1").await.is_err());
    assert_eq!(vendor.clock_offset(), Some(SignedDuration::from_secs(1 - 2 * 3600)));
    vendor.submit(&form()).await;
    assert_eq!(vendor.clone().clock_offset(), Some(SignedDuration::from_secs(1 - 2 * 3600)), "the first one counts");
    let silent = Server::start(vec![accepted("T1")]).await;
    let vendor = super::vendor(&silent);
    vendor.submit(&form()).await;
    assert_eq!(vendor.clock_offset(), None, "it does not say");
}
