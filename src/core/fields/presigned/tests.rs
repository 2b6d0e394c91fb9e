//! Realistic URLs of many clouds, and URLs that only look similar.

use proptest::prelude::*;

use super::*;

const S3: &str = "https://r2-aivid-000-prod.214d.r2.cloudflarestorage.com/10/asset/202503/67ca53930a553.jpg\
    ?response-content-disposition=attachment%3B%20filename%3Ddowsssn55.jpg&response-content-type=image%2Fjpeg\
    &X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Credential=91ac9d3ee865be05c575d38c9bdd1275%2F20250313%2Fauto%2Fs3%2Faws4_request\
    &X-Amz-Date=20250313T031916Z&X-Amz-SignedHeaders=host&X-Amz-Expires=604800\
    &X-Amz-Signature=aebd39f82b2970644fe2394f39d6a71ec7ea7a0a71c438d82d52ceede84f34d0";

const GOOGLE: &str = "https://storage.googleapis.com/bucket/cat.mp4?X-Goog-Algorithm=GOOG4-RSA-SHA256\
    &X-Goog-Credential=a%40b.iam%2F20261122%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20261122T110000Z\
    &X-Goog-Expires=900&X-Goog-SignedHeaders=host&generation=17&X-Goog-Signature=247a2aa4";

const AZURE: &str = "https://acc.blob.core.windows.net/c/a.png?sp=r&st=2026-11-22T10:00:00Z&se=2026-11-22T18%3A00%3A00Z\
    &spr=https&sv=2022-11-02&sr=b&versionid=3&sig=ab%2Bc%3D";

const CLOUDFRONT: &str =
    "https://d111.cloudfront.net/a.jpg?size=large&Expires=1795345200&Signature=nitf~-_&Key-Pair-Id=K2J";

const MD5: &str = "0cc175b9c0f1b6a831c399e269772661";

/// Returns URLs without their signature, the signature, and its expiry.
fn later_families() -> Vec<(&'static str, String, Option<&'static str>)> {
    let sha = format!("{MD5}{MD5}");
    let plain = |text: &str| text.to_owned();
    vec![
        (
            "https://b.s3.amazonaws.com/a.jpg?versionId=3",
            plain(
                "AWSAccessKeyId=AKIA&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D&Expires=1795345200&x-amz-security-token=T",
            ),
            Some("2026-11-22T11:00:00Z"),
        ),
        (
            "https://storage.googleapis.com/b/a.jpg",
            plain("GoogleAccessId=a%40b.iam.gserviceaccount.com&Expires=1795345200&Signature=ab%2Bc%3D%3D"),
            Some("2026-11-22T11:00:00Z"),
        ),
        (
            "https://cdn.example.com/a.jpg",
            plain("Expires=1795345200&KeyName=k&Signature=ab_c%3D"),
            Some("2026-11-22T11:00:00Z"),
        ),
        (
            "https://b.oss-cn-hangzhou.aliyuncs.com/a.jpg?x-oss-process=image%2Fresize,w_300",
            plain("OSSAccessKeyId=k&Expires=1795345200&Signature=ab%3D&security-token=t"),
            Some("2026-11-22T11:00:00Z"),
        ),
        (
            "https://b.oss-cn-hangzhou.aliyuncs.com/a.jpg?x-oss-process=image%2Fresize,w_300",
            plain(
                "x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=k%2F20261122%2Fcn%2Foss%2Faliyun_v4_request&x-oss-date=20261122T110000Z&x-oss-expires=600&x-oss-additional-headers=host&x-oss-security-token=t&x-oss-signature=ab",
            ),
            Some("2026-11-22T11:10:00Z"),
        ),
        (
            "https://b.cos.ap-guangzhou.myqcloud.com/a.jpg?imageMogr2/thumbnail/!50p",
            plain(
                "q-sign-algorithm=sha1&q-ak=AKID&q-sign-time=1795341600%3B1795345200&q-key-time=1795341600;1795345200&q-header-list=host&q-url-param-list=&q-signature=28e9&x-cos-security-token=t",
            ),
            Some("2026-11-22T11:00:00Z"),
        ),
        (
            "https://b.obs.eu.example/a.jpg",
            plain("AccessKeyId=k&Expires=1795345200&Signature=ab%3D&x-obs-security-token=t"),
            Some("2026-11-22T11:00:00Z"),
        ),
        (
            "https://ks3.example/a.jpg",
            plain("KSSAccessKeyId=k&Expires=1795345200&Signature=ab"),
            Some("2026-11-22T11:00:00Z"),
        ),
        (
            "https://b.tos.example/a.jpg?x-tos-process=image/info",
            plain(
                "X-Tos-Algorithm=TOS4-HMAC-SHA256&X-Tos-Credential=k&X-Tos-Date=20261122T110000Z&X-Tos-Expires=600&X-Tos-SignedHeaders=host&X-Tos-Security-Token=t&X-Tos-Signature=ab",
            ),
            Some("2026-11-22T11:10:00Z"),
        ),
        (
            "https://b.bcebos.com/a.jpg",
            plain("authorization=bce-auth-v1%2Fk%2F2026-11-22T11%3A00%3A00Z%2F600%2Fhost%2Fab"),
            None,
        ),
        ("https://acc.blob.core.windows.net/c/a.png?versionid=3", plain("sr=c&si=policy&sig=ab%3D"), None),
        (
            "https://acc.blob.core.windows.net/c/a.png?snapshot=2026",
            plain(
                "SV=2026-02-06&sr=b&se=2026-11-22T11:00:00Z&skoid=a&sktid=b&skt=c&ske=d&sks=b&skv=e&sduoid=f&skdutid=g&SIG=ab",
            ),
            Some("2026-11-22T11:00:00Z"),
        ),
        ("https://cdn.example.com/a.jpg?w=3", format!("token=1795345200_{sha}"), Some("2026-11-22T11:00:00Z")),
        (
            "https://cdn.example.com/a.jpg?w=3",
            plain("verify=1795345200-zQyWZ3R8QpMZk1mZbBbMkZ0GvHgQyXyVwzPXPMCFkvU%3D"),
            None,
        ),
        ("https://cdn.example.com/a.jpg?w=3", format!("auth_key=1795345200-0-0-{MD5}"), None),
        ("https://a.example.com/a.jpg?w=3", format!("expires=1795345200&s={MD5}"), Some("2026-11-22T11:00:00Z")),
        ("https://u:p@a.imgix.net:443/a.jpg?w=3", format!("s={MD5}"), None),
        ("https://cdn.example.com/a.mp4", format!("hdnts=st=1795341600~exp=1795345200~acl=/*~hmac={sha}"), None),
        ("https://cdn.example.com/a.mp4", format!("hdnea=exp%3D1795345200%7Eacl%3D%2F%2A%7Ehmac%3D{sha}"), None),
        ("https://cdn.discordapp.com/attachments/1/2/a.png", format!("ex=6743a3c0&is=67425240&hm={sha}"), None),
        ("https://app.example/a.jpg?id=3", format!("expires=1795345200&signature={sha}"), Some("2026-11-22T11:00:00Z")),
        ("https://app.example/a.jpg?id=3", format!("exp=1795345200&sig={sha}"), Some("2026-11-22T11:00:00Z")),
    ]
}

fn signed(bare: &str, signature: &str) -> String {
    format!("{bare}{}{signature}", if bare.contains('?') { '&' } else { '?' })
}

#[test]
fn later_families_lose_their_signature_and_digests_of_before_kept_it() {
    for (bare, signature, expires) in later_families() {
        let url = signed(bare, &signature);
        assert_eq!(without_signature(&url), bare, "{url}");
        assert_eq!(expiry(&url), expires.and_then(time), "{url}");
        assert_eq!(without_signature_at(&url, 0), url, "revision 0 knew no such family");
        if bare.contains("imgix.net") {
            continue;
        }
        // In a fragment, which a browser does not send.
        assert_eq!(without_signature(&format!("https://h/a?b=1#{signature}")), "https://h/a?b=1", "{signature}");
        assert_eq!(without_signature(&format!("https://h/a#/b?{signature}&c")), "https://h/a#/b?c", "{signature}");
        // Nothing is removed if any required parameter has another name.
        for pair in signature.split('&').filter(|pair| pair.contains('=')) {
            let other = signature.replace(pair, &format!("not-{pair}"));
            let kept = without_signature(&signed(bare, &other)).into_owned();
            assert!(kept == signed(bare, &other) || kept.contains("not-"), "{kept}");
        }
    }
}

#[test]
fn what_may_be_content_stays() {
    for query in [
        "token=abc",
        "token=1795345200",
        "token=1795345200_abc",
        "token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl",
        "api_key=0cc175b9c0f1b6a831c399e269772661",
        "access_token=0cc175b9c0f1b6a831c399e269772661",
        "key=abc&sign=0cc175b9c0f1b6a831c399e269772661",
        "s=0cc175b9c0f1b6a831c399e269772661",
        "s=large&expires=1795345200",
        "s=80&ixlib=js",
        "verify=yes",
        "auth_key=mine",
        "signature=mine&expires=never",
        "signature=0cc175b9c0f1b6a831c399e269772661",
        "Signature=1&Expires=2",
        "OSSAccessKeyId=k&Signature=1",
        "AWSAccessKeyId=k&Expires=1",
        "x-oss-process=image&x-oss-signature=",
        "q-signature=1",
        "ex=1&is=2&hm=3",
        "hdnts=mine",
        "authorization=mine",
        "sig=mine&sr2=1",
    ] {
        for url in [format!("https://h/a?{query}"), format!("https://h/a#{query}"), format!("https://h/a#b?{query}")] {
            assert_eq!(without_signature(&url), url);
        }
    }
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

#[test]
fn every_family_loses_its_signature_and_keeps_the_rest_byte_for_byte() {
    let cases = [
        (
            S3,
            "https://r2-aivid-000-prod.214d.r2.cloudflarestorage.com/10/asset/202503/67ca53930a553.jpg\
             ?response-content-disposition=attachment%3B%20filename%3Ddowsssn55.jpg&response-content-type=image%2Fjpeg",
        ),
        (GOOGLE, "https://storage.googleapis.com/bucket/cat.mp4?generation=17"),
        (AZURE, "https://acc.blob.core.windows.net/c/a.png?versionid=3"),
        (CLOUDFRONT, "https://d111.cloudfront.net/a.jpg?size=large"),
        (
            "https://d111.cloudfront.net/a.jpg?Policy=eyJ&Signature=nitf&Key-Pair-Id=K2J#t=3",
            "https://d111.cloudfront.net/a.jpg#t=3",
        ),
        (
            "https://h/a?b=%7e+x&&x-amz-signature=1&a=%2F&c#f?X-Amz-Date=1",
            "https://h/a?b=%7e+x&&a=%2F&c#f?X-Amz-Date=1",
        ),
        ("https://h/a?X-AMZ-DATE=1&x%2Damz%2dsignature=2&z", "https://h/a?z"),
        ("https://h/a?X-Amz-Signature=1&X-Amz-Signature=2", "https://h/a"),
        ("https://h/a?x=1&X-Amz-Signature=1&sig=2&sv=3", "https://h/a?x=1"),
        ("https://user:pass@h/a?X-Amz-Signature=1", "https://user:pass@h/a"),
    ];
    for (url, meant) in cases {
        assert_eq!(without_signature(url), meant);
    }
}

#[test]
fn without_its_signature_member_nothing_goes() {
    for url in [
        "https://h/a?X-Amz-Date=20250313T031916Z&X-Amz-Expires=604800",
        "https://h/a?X-Goog-Date=20261122T110000Z",
        "https://h/a?se=2026&sp=r&sv=2022",
        "https://h/a?sig=of-my-own&id=5",
        "https://h/a?Signature=1&Expires=2",
        "https://h/a?Key-Pair-Id=1&Expires=2",
        "https://h/a?signature=1&key-pair-id=2",
        "https://h/a?X-Amz-Signature=&X-Amz-Date=1",
        "https://h/a?X-Amz-Signature",
        "https://h/X-Amz-Signature=1",
        "https://h/a?",
        "https://h/a?#",
        "https://h/ä?ö=%zz&%",
        "not a url",
        "",
    ] {
        assert_eq!(without_signature(url), url);
        assert_eq!(expiry(url), None, "{url}");
    }
}

#[test]
fn two_signings_of_one_object_are_equal_and_two_objects_are_not() {
    let later = S3.replace("20250313T031916Z", "20260101T000000Z").replace("aebd39f8", "00000000");
    assert_eq!(without_signature(&later), without_signature(S3));
    assert_ne!(without_signature(&S3.replace("67ca53930a553", "77ca53930a553")), without_signature(S3));
}

#[test]
fn expiry_is_read_from_the_query() {
    let cases = [
        (S3, "2025-03-20T03:19:16Z"),
        (GOOGLE, "2026-11-22T11:15:00Z"),
        (AZURE, "2026-11-22T18:00:00Z"),
        (CLOUDFRONT, "2026-11-22T11:00:00Z"),
        ("https://h/a?sv=1&sig=x&se=2026-11-22", "2026-11-22T00:00:00Z"),
        ("https://h/a?sv=1&sig=x&se=2026-11-22T18%3A30Z", "2026-11-22T18:30:00Z"),
        ("https://h/a?x-amz-date=20250313T031916Z&x-amz-expires=60&x-amz-signature=1", "2025-03-13T03:20:16Z"),
        ("https://h/a?Expires=1795345200&Signature=1&Key-Pair-Id=K&sv=1&sig=x&se=2026-11-01", "2026-11-01T00:00:00Z"),
    ];
    for (url, meant) in cases {
        assert_eq!(expiry(url), time(meant), "{url}");
    }
}

#[test]
fn an_expiry_that_cannot_be_read_is_none() {
    for query in [
        "X-Amz-Signature=1&X-Amz-Date=yesterday&X-Amz-Expires=60",
        "X-Amz-Signature=1&X-Amz-Date=20250313T031916Z&X-Amz-Expires=-1",
        "X-Amz-Signature=1&X-Amz-Date=20250313T031916Z&X-Amz-Expires=99999999999999999999",
        "X-Amz-Signature=1&X-Amz-Date=99991231T235959Z&X-Amz-Expires=4000000000",
        "X-Amz-Signature=1&X-Amz-Date=20251340T031916Z&X-Amz-Expires=60",
        "X-Amz-Signature=1&X-Amz-Expires=60",
        "Signature=1&Key-Pair-Id=K&Expires=soon",
        "Signature=1&Key-Pair-Id=K&Expires=9223372036854775807",
        "Signature=1&Key-Pair-Id=K&Policy=eyJ",
        "sv=1&sig=1&se=",
    ] {
        assert_eq!(expiry(&format!("https://h/a?{query}")), None, "{query}");
    }
}

proptest! {
    #[test]
    fn stripping_is_idempotent_and_answers_anything(url in "(https://h/)?[a-zA-Z?&=#%;ä-]{0,30}(sig=1&sv=2|X-Amz-Signature=1)?[&#?%2D=a]{0,5}") {
        let once = without_signature(&url);
        prop_assert_eq!(without_signature(&once), once.clone());
        prop_assert!(once.len() <= url.len());
        let _ = expiry(&url);
    }
}
