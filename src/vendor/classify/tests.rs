//! Checks every combination of status, code and task against a second, independent form of the contract's table.

use std::time::UNIX_EPOCH;

use proptest::prelude::*;
use secrecy::SecretString;

use super::*;

const NOW: u64 = 1_795_345_200; // 2026-11-22T11:00:00Z

fn verdict(status: u16, body: &str) -> SubmitOutcome {
    let answer = HttpResponse { status, retry_after: None, body: body.as_bytes().to_vec() };
    submission(&Exchange::Answered(answer), &Redactor::default())
}

fn kind(submission: &SubmitOutcome) -> &'static str {
    match submission {
        SubmitOutcome::Accepted { .. } => "accepted",
        SubmitOutcome::NotAccepted(_) => "not accepted",
        SubmitOutcome::Refused(_) => "refused",
        SubmitOutcome::KeyRefused(_) => "key refused",
        SubmitOutcome::InDoubt(_) => "in doubt",
    }
}

const REFUSED: [i64; 5] = [400, 402, 403, 404, 422];
const SURE: [i64; 8] = [400, 401, 402, 403, 404, 422, 429, 803];

/// The table, inverted: the conditions that each verdict requires.
fn meant(status: u16, code: Option<i64>, task: bool) -> &'static str {
    let status = i64::from(status);
    if status == 200 && code == Some(200) && task {
        return "accepted";
    }
    let status_is_fine = status == 200 || SURE.contains(&status);
    let code_is_fine = code.map_or(status != 200, |code| SURE.contains(&code));
    if task || !status_is_fine || !code_is_fine {
        return "in doubt";
    }
    let deciding = code.unwrap_or(status);
    if status == 401 || deciding == 401 {
        // Repeated with another token, so all signals must agree. HTTP 200 contradicts no code.
        if code == Some(401) && [200, 401].contains(&status) { "key refused" } else { "in doubt" }
    } else if REFUSED.contains(&deciding) {
        "refused"
    } else {
        "not accepted"
    }
}

#[test]
fn every_status_with_every_code_with_and_without_a_task() {
    let mut codes: Vec<Option<i64>> = (-2..1000).map(Some).collect();
    codes.push(None);
    for status in 100..=999_u16 {
        for &code in &codes {
            // Every status meets the significant codes, and every code meets the significant statuses.
            let telling = |number: i64| SURE.contains(&number) || [200, 201, 302, 500, 503].contains(&number);
            if !code.is_none_or(telling) && !telling(i64::from(status)) {
                continue;
            }
            for task in [true, false] {
                let data = if task { r#"{"task_id":"T1"}"# } else { "{}" };
                let body = match code {
                    Some(code) => format!(r#"{{"code":{code},"message":"m","data":{data}}}"#),
                    None => format!(r#"{{"message":"m","data":{data}}}"#),
                };
                assert_eq!(kind(&verdict(status, &body)), meant(status, code, task), "HTTP {status}, {body}");
            }
        }
    }
}

#[test]
fn the_rows_of_the_table() {
    let cases = [
        (200, r#"{"code":200,"message":"ok","data":{"task_id":"OFZ2WS8="}}"#, "accepted"),
        (200, r#"{"code":803,"message":"frequent requests"}"#, "not accepted"),
        (200, r#"{"code":429,"data":null}"#, "not accepted"),
        (429, "slow down", "not accepted"),
        (429, "", "not accepted"),
        (200, r#"{"code":400,"message":"avatar id"}"#, "refused"),
        (403, "<html>blocked</html>", "refused"),
        (422, r#"{"detail":[]}"#, "refused"),
        (200, r#"{"code":401}"#, "key refused"),
        (401, r#"{"code":401}"#, "key refused"),
        (401, r#"{"code":"401","data":{"id":"","task_id":null}}"#, "key refused"),
        (401, "", "in doubt"),
        (401, r#"{"message":"token expired"}"#, "in doubt"),
        (401, r#"{"code":401,"data":{"id":"T"}}"#, "in doubt"),
        (401, r#"{"code":401,"data":[{"Task-ID":7}]}"#, "in doubt"),
        (401, r#"{"code":401,"result":{"taskId":"T"}}"#, "in doubt"),
        (401, r#"{"code":401,"task":false}"#, "in doubt"),
        (401, r#"{"code":401,"data":"{\"task_id\":\"T\"}"}"#, "in doubt"),
        (401, r#"{"code":401,"data":{"task_ids":["T"]}}"#, "in doubt"),
        (401, r#"{"code":401,"data":{"Tasks":["T"]}}"#, "in doubt"),
        (401, r#"{"code":401,"data":{"video_id":"V"}}"#, "in doubt"),
        (401, r#"{"code":401,"result":{"id":7}}"#, "in doubt"),
        (401, r#"{"code":401,"id":"T"}"#, "in doubt"),
        (401, r#"{"code":401,"data":"OFZ2WS8="}"#, "in doubt"),
        (401, r#"{"code":401,"data":7}"#, "in doubt"),
        (200, r#"{"code":803,"data":["T",{"ID":"T"}]}"#, "in doubt"),
        (401, r#"{"code":401,"data":"token expired"}"#, "key refused"),
        (401, r#"{"code":401,"data":{"videos":[],"ids":null}}"#, "key refused"),
        (401, r#"{"code":401,"data":{"id":null,"task_id":""},"request_id":"R1"}"#, "key refused"),
        (400, r#"{"code":400,"data":{"id":"T"}}"#, "in doubt"),
        (200, r#"{"code":803,"data":{"taskId":"T"}}"#, "in doubt"),
        (500, "", "in doubt"),
        (302, "", "in doubt"),
        (200, "", "in doubt"),
        (200, "<html>", "in doubt"),
        (200, r#"{"code":200}"#, "in doubt"),
        (200, r#"{"code":500}"#, "in doubt"),
        (200, r#"{"code":0,"data":{"task_id":"T"}}"#, "in doubt"),
        // Contradictory signals.
        (500, r#"{"code":400,"message":"bad"}"#, "in doubt"),
        (502, r#"{"code":803}"#, "in doubt"),
        (400, r#"{"code":200,"data":{"task_id":"T"}}"#, "in doubt"),
        (400, r#"{"code":400,"data":{"task_id":"T"}}"#, "in doubt"),
        (400, r#"{"code":400,"task_id":"T"}"#, "in doubt"),
        (400, r#"{"code":400,"data":{"task_id":false}}"#, "in doubt"),
        (429, r#"{"code":200}"#, "in doubt"),
        (429, r#"{"code":500}"#, "in doubt"),
        (201, r#"{"code":200,"data":{"task_id":"T"}}"#, "in doubt"),
        (202, r#"{"code":429}"#, "in doubt"),
        (408, r#"{"code":400}"#, "in doubt"),
        (400, r#"{"code":1001}"#, "in doubt"),
        (200, r#"{"code":400,"code":200,"data":{"task_id":"T"}}"#, "in doubt"),
        (200, r#"{"code":200,"code":400}"#, "in doubt"),
        // Both refuse, with different codes.
        (401, r#"{"code":400}"#, "in doubt"),
        (403, r#"{"code":401}"#, "in doubt"),
        (429, r#"{"code":402}"#, "refused"),
        (400, r#"{"code":803}"#, "not accepted"),
        (404, r#"{"code":"NotFound"}"#, "refused"),
    ];
    for (status, body, meant) in cases {
        assert_eq!(kind(&verdict(status, body)), meant, "HTTP {status}, {body}");
    }
}

#[test]
fn a_code_may_be_written_as_text_or_with_a_point() {
    for code in ["200", "\"200\"", "\" 200 \"", "200.0"] {
        let body = format!(r#"{{"code":{code},"data":{{"task_id":"T"}}}}"#);
        assert_eq!(verdict(200, &body), SubmitOutcome::Accepted { task: "T".into() }, "{code}");
    }
    for code in ["200.5", "\"2OO\"", "true", "[200]", "{}", "null", "1e300"] {
        let body = format!(r#"{{"code":{code},"data":{{"task_id":"T"}}}}"#);
        assert_eq!(kind(&verdict(200, &body)), "in doubt", "{code}");
    }
}

#[test]
fn only_a_usable_task_id_is_believed() {
    let long = format!("\"{}\"", "x".repeat(200));
    for (id, task) in [("\"OFZ2==\"", "OFZ2=="), ("4711", "4711"), (&long, &long[1..201])] {
        let body = format!(r#"{{"code":200,"data":{{"task_id":{id}}}}}"#);
        assert_eq!(verdict(200, &body), SubmitOutcome::Accepted { task: task.to_owned() });
    }
    let longer = format!("\"{}\"", "x".repeat(201));
    for id in ["\"\"", "null", "0", "-1", "1.5", "true", "{}", "[]", "\"a b\"", "\"a\\n\"", "\"\\u202e\"", &longer] {
        let body = format!(r#"{{"code":200,"data":{{"task_id":{id}}}}}"#);
        assert_eq!(kind(&verdict(200, &body)), "in doubt", "{id}");
    }
    for data in ["null", "[]", "\"x\"", "7", r#"[{"task_id":"T"}]"#] {
        assert_eq!(kind(&verdict(200, &format!(r#"{{"code":200,"data":{data}}}"#))), "in doubt", "{data}");
    }
}

#[test]
fn a_body_that_is_no_object_says_nothing() {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in ["[400]", "400", "\"400\"", "null", "{", "{\"code\":400", r#"[400,"m",null,null]"#, &deep] {
        assert_eq!(kind(&verdict(200, body)), "in doubt", "{body:.20}");
    }
    assert_eq!(kind(&verdict(200, "\u{feff} {\"code\":400}")), "refused");
}

#[test]
fn no_connection_is_not_accepted_and_a_broken_one_is_in_doubt() {
    let redactor = Redactor::new(&[SecretString::from("sk-0123456789".to_owned())]);
    let never = submission(&Exchange::NeverConnected("refused, sk-0123456789".into()), &redactor);
    let SubmitOutcome::NotAccepted(never) = never else { panic!("{never:?}") };
    assert_eq!((never.reason.as_str(), never.too_fast, never.retry_after), ("refused, [redacted]", false, None));
    let broken = submission(&Exchange::Broken("reset".into()), &redactor);
    assert_eq!(broken, SubmitOutcome::InDoubt(InDoubt { reason: "reset".into(), ..InDoubt::default() }));
}

#[test]
fn the_vendors_words_come_cleaned() {
    let key = SecretString::from("sk-0123456789".to_owned());
    let body = r#"{"code":400,"message":"key sk-0123456789\u001b[2J u?X-Amz-Signature=ab&x=1"}"#;
    let answer = HttpResponse { status: 200, retry_after: None, body: body.into() };
    let refused = submission(&Exchange::Answered(answer), &Redactor::new(&[key]));
    let message = "key [redacted]␛[2J u?X-Amz-Signature=[redacted]&x=1".to_owned();
    assert_eq!(refused, SubmitOutcome::Refused(Refusal { code: 400, message }));
}

#[test]
fn a_doubt_names_what_a_person_needs_to_settle_it() {
    let SubmitOutcome::InDoubt(answer) = verdict(500, r#"{"code":200,"message":"oh","data":{"task_id":"T9"}}"#) else {
        panic!("a server error is a doubt")
    };
    assert_eq!(answer.reason, "the vendor answered HTTP 500 with code 200 and task `T9`: oh");
}

#[test]
fn too_fast_carries_the_wait_that_is_asked_for() {
    let wait = |header: &str| {
        let retry_after = retry_after(header, UNIX_EPOCH + Duration::from_secs(NOW));
        let answer = HttpResponse { status: 200, retry_after, body: br#"{"code":803}"#.to_vec() };
        match submission(&Exchange::Answered(answer), &Redactor::default()) {
            SubmitOutcome::NotAccepted(why) if why.too_fast => why.retry_after,
            other => panic!("{other:?}"),
        }
    };
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(wait("7"), seconds(7));
    assert_eq!(wait(" 0 "), seconds(0));
    assert_eq!(wait("3600"), seconds(60));
    assert_eq!(wait("99999999999999999999999"), seconds(60));
    assert_eq!(wait("Sun, 22 Nov 2026 11:00:30 GMT"), seconds(30));
    assert_eq!(wait("Sun, 22 Nov 2026 10:00:00 GMT"), seconds(0));
    assert_eq!(wait("Sun, 22 Nov 2037 11:00:30 GMT"), seconds(60));
    for neither in ["", "-5", "1.5", "soon", "NaN"] {
        assert_eq!(wait(neither), None, "{neither:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_get_a_verdict_and_noise_is_never_accepted(
        status in 100..1000_u16,
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let answer = HttpResponse { status, retry_after: None, body };
        let verdict = submission(&Exchange::Answered(answer), &Redactor::default());
        prop_assert_ne!(kind(&verdict), "accepted");
        if !SURE.contains(&i64::from(status)) {
            prop_assert_eq!(kind(&verdict), "in doubt");
        }
    }
}
