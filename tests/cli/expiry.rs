//! Takes over time: results that expire, and months that are counted.

use std::fs;

use serde_json::Value;

use crate::fixture::Scene;
use crate::results::TWO;
use crate::server::Server;

/// Makes the takes of a lockfile older by `hours`.
fn age(scene: &Scene, hours: i64) {
    let lock = scene.read("callsheet.lock");
    let aged = lock.lines().map(|line| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        if let Some(at) = value["at"].as_str() {
            let at: jiff::Timestamp = at.parse().unwrap();
            value["at"] = (at - jiff::SignedDuration::from_hours(hours)).to_string().into();
        }
        value.to_string() + "\n"
    });
    scene.write("callsheet.lock", &aged.collect::<String>());
}

#[test]
fn what_is_about_to_be_deleted_is_warned_of_and_fails_a_nightly_job() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes", "--wait"]);
    server.ok(&scene, &["status", "--fail-on-expiring", "48h"]);
    age(&scene, 6 * 24);
    let soon = server.exits(&scene, 6, &["status", "--fail-on-expiring", "48h"]);
    assert!(soon.out.contains("done     0:06  expires in 23 h 59 min"), "{}", soon.out);
    let warning = "warning: 2 results never pulled and deleted by the vendor within 2 d, the first in 23 h 59 min: \
                   `hello[en]`, `hello[de]`; `callsheet pull` saves finished videos\n";
    assert_eq!(soon.err, warning);
    assert_eq!(server.ok(&scene, &["status"]).err, warning, "without the flag it is only said");
    server.ok(&scene, &["status", "--fail-on-expiring", "2h"]);
    let plan = server.ok(&scene, &["plan"]);
    assert!(
        plan.out.contains("2 results deleted by the vendor within 48 h, never pulled: `hello[en]`, `hello[de]`"),
        "{}",
        plan.out
    );
    age(&scene, 2 * 24);
    // Offline, the calendar alone cannot prove that a result expired, so no price of a new take is shown.
    let over = server.exits(&scene, 6, &["status", "--offline", "--fail-on-expiring", "48h"]);
    assert!(over.out.contains("may have expired     0:06  older than the 7 days"), "{}", over.out);
    assert!(over.out.ends_with("\n2 videos: 2 may have expired\n"), "{}", over.out);
    assert!(over.err.starts_with("warning: 2 results may have expired"), "{}", over.err);
    assert!(!format!("{}{}", over.out, over.err).contains("cost"), "{}{}", over.out, over.err);
    let json = server.ok(&scene, &["status", "--offline", "--format", "json"]).out;
    let status: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&status["takes"][0]["state"], &status["takes"][0]["expires_in"].as_i64().map(|left| left < 0)),
        (&"expired".into(), &Some(true))
    );
    let plan = server.ok(&scene, &["plan"]);
    assert!(plan.out.contains("2 results may have expired"), "{}", plan.out);
    // A vendor that keeps results longer is queried and trusted, and the files can still be saved.
    let kept = server.exits(&scene, 6, &["status", "--fail-on-expiring", "48h"]);
    assert!(kept.out.contains("done     0:06  older than 7 days, still at the vendor"), "{}", kept.out);
    assert!(kept.err.contains("2 results never pulled and deleted by the vendor within 2 d"), "{}", kept.err);
    server.ok(&scene, &["pull"]);
    server.ok(&scene, &["status", "--fail-on-expiring", "48h"]);
}

#[test]
fn what_the_vendor_deleted_is_told_with_its_price_and_nothing_is_sent() {
    let scene = Scene::manifest(TWO);
    let first = Server::start(&scene, &[]);
    first.ok(&scene, &["apply", "--yes"]);
    drop(first);
    age(&scene, 8 * 24);
    // A vendor that has deleted all videos.
    fs::remove_dir_all(scene.path().join(".vendor")).unwrap();
    let server = Server::start(&scene, &[]);
    let gone = server.exits(&scene, 6, &["pull"]);
    assert!(gone.out.starts_with("Pulled: 2 not saved · 0 bytes downloaded"), "{}", gone.out);
    assert!(
        gone.err.contains("2 results are no longer at the vendor; nothing was sent. A new take of them costs about"),
        "{}",
        gone.err
    );
    assert_eq!((server.accepted().len(), scene.path().join("dist").exists()), (0, false));
    let named = server.exits(&scene, 6, &["status", "--fail-on-expiring", "48h"]);
    assert!(named.out.ends_with("\n2 videos: 2 expired\n"), "{}", named.out);
    let row = "the vendor keeps results for 7 days, never pulled; a new take costs about";
    assert!(named.out.contains(row), "{}", named.out);
    assert!(named.err.contains("2 results older than the 7 days"), "{}", named.err);
    let waited = server.exits(&scene, 6, &["wait"]);
    assert_eq!(waited.out, "Waited: 2 expired\n", "{}", waited.err);
}

#[test]
fn the_report_counts_takes_seconds_and_credits() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes", "--wait"]);
    let table = server.ok(&scene, &["lock", "report", "--by", "locale"]).out;
    assert_eq!(
        table,
        "locale  takes  failed  length est.  length  credits est.  credits\n\
         de          1       0         0:06    0:06           0.7      0.7\n\
         en          1       0         0:06    0:06           0.7      0.7\n\
         total       2       0         0:11    0:11           1.3      1.3\n"
    );
    let csv = server.ok(&scene, &["lock", "report", "--by", "preset", "--format", "csv"]).out;
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some(
            "preset,takes,failed,measured,unknown,seconds_estimated,seconds,credits_estimated,credits,credits_at_most"
        )
    );
    assert!(lines.next().unwrap().starts_with("anna / narrator,2,0,2,0,11."), "{csv}");
    let json = server.ok(&scene, &["lock", "report", "--format", "json", "--since", "30d"]).out;
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&value["total"]["takes"], &value["by"], value["groups"].as_array().unwrap().len()),
        (&2.into(), &"month".into(), 1)
    );
    age(&scene, 40 * 24);
    let old = server.ok(&scene, &["lock", "report", "--format", "json", "--since", "30d"]).out;
    assert_eq!(serde_json::from_str::<Value>(&old).unwrap()["total"]["takes"], 0);
    for since in ["yesterday", "2026-13-01", "30"] {
        assert_eq!(server.run(&scene, &["lock", "report", "--since", since]).code, 64, "{since}");
    }
}
