//! A vendor that is unreachable.

use super::*;

#[tokio::test]
async fn a_closed_port_is_surely_not_accepted() {
    let why = not_accepted(HttpVendor::new(&options(&server::closed_port().await)).unwrap().submit(&form()).await);
    assert!(!why.too_fast && why.retry_after.is_none());
    assert!(why.reason.starts_with("no connection to `127.0.0.1:"), "{}", why.reason);
}

#[tokio::test]
async fn a_vendor_out_of_reach_is_known_as_such_once_all_tries_of_a_question_are_spent() {
    let vendor = HttpVendor::new(&options(&server::closed_port().await)).unwrap();
    vendor.submit(&form()).await;
    assert!(!vendor.is_unreachable(), "a submission that was tried once proves little");
    let asked = vendor.list_videos().await;
    assert!(matches!(asked, Err(CallError::Unreachable(_))), "{asked:?}");
    assert!(vendor.is_unreachable());
}
