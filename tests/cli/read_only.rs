//! Read-only directories: commands that read, or that save elsewhere, work. Commands that spend do not.

use std::fs;

use crate::fixture::Scene;
use crate::results::{TWO, saved};
use crate::server::Server;

/// Makes the project's lock unavailable, also to root, which ignores file modes.
fn lock_away(scene: &Scene) {
    fs::remove_dir_all(scene.path().join(".callsheet")).unwrap();
    scene.write(".callsheet", "a file where the folder of the locks should be\n");
}

#[test]
fn reading_and_saving_elsewhere_need_no_lock() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes"]);
    lock_away(&scene);
    let lock = scene.read("callsheet.lock");
    let unrecorded = "; the vendor's answers are shown, but not written to the lockfile\n";
    for args in [&["status"][..], &["status", "--fail-on-expiring", "1h"]] {
        let status = server.ok(&scene, args);
        assert!(status.out.ends_with("\n2 videos: 2 done\n"), "{}{}", status.out, status.err);
        assert_eq!(status.err.lines().count(), 1, "{}", status.err);
        assert!(status.err.starts_with("warning: cannot lock `") && status.err.ends_with(unrecorded), "{}", status.err);
    }
    let expiring = server.exits(&scene, 6, &["status", "--fail-on-expiring", "8d"]);
    assert!(expiring.err.contains("2 results never pulled"), "{}", expiring.err);
    let waited = server.ok(&scene, &["wait"]);
    assert_eq!(waited.out, "Waited: 2 done\n");
    assert!(waited.err.contains("the vendor's answers are shown, but not written to the lockfile"), "{}", waited.err);
    let pulled = server.ok(&scene, &["pull", "--out", "elsewhere"]);
    assert!(pulled.out.starts_with("Pulled: 2 saved · "), "{}", pulled.out);
    assert!(pulled.err.contains("two pulls could run at the same time; run one at a time\n"), "{}", pulled.err);
    assert!(pulled.err.contains("the lockfile does not record the saved files"), "{}", pulled.err);
    assert_eq!(saved(&scene.path().join("elsewhere")).len(), 2);
    assert_eq!(scene.read("callsheet.lock"), lock);
    // Once the directory is writable again, the next pull records the file without a download.
    fs::remove_file(scene.path().join(".callsheet")).unwrap();
    assert_eq!(server.ok(&scene, &["pull", "--out", "elsewhere"]).out, "Pulled: 2 saved · 0 bytes downloaded\n");
    assert_eq!(scene.read("callsheet.lock").matches("\"pulled\"").count(), 2);
}

#[test]
fn nothing_is_spent_without_the_lock() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    scene.write(".callsheet", "a file where the folder of the locks should be\n");
    let refused = server.exits(&scene, 1, &["apply", "--yes"]);
    assert!(refused.err.starts_with("error: cannot lock `"), "{}", refused.err);
    assert!(
        refused.err.ends_with("nothing was sent; use a checkout in which `.callsheet` can be written\n"),
        "{}",
        refused.err
    );
    assert_eq!(server.accepted().len(), 0);
}
