//! Two checkouts of one project: two lockfiles, one vendor.

use crate::fixture::Scene;
use crate::server::Server;

const YES: [&str; 2] = ["apply", "--yes"];

const ONE: &str = r##"callsheet: 1
defaults: { avatar: { id: A1 }, voice: { tts: { id: V1 } }, background: { color: "#f4f4f4" } }
videos: { hello: { script: Hello. } }
environments: { production: { rate: 0, timeout: 2s, settle_grace: 1s } }
"##;

/// Returns a first checkout that paid after `refusals` refusals.
fn paid_after(refusals: usize) -> (Scene, Server) {
    let first = Scene::manifest(ONE);
    let server = Server::start(&first, &[&format!("refuse:402:first={refusals}")]);
    for _ in 0..refusals {
        server.exits(&first, 6, &YES);
    }
    server.ok(&first, &YES);
    assert_eq!(server.accepted().len(), 1);
    assert!(first.read("callsheet.lock").contains(&format!("\"attempt\":{},\"state\":\"submitted\"", refusals + 1)));
    (first, server)
}

#[test]
fn after_seven_refusals_and_one_acceptance_the_second_checkout_adopts_it() {
    let (first, server) = paid_after(7);
    let second = Scene::manifest(ONE);
    let done = server.ok(&second, &YES);
    assert_eq!(done.out, "Applied: 1 found at the vendor, nothing to do, 1 unchanged\n", "{}", done.err);
    for command in ["settle", "rebuild"] {
        let other = Scene::manifest(ONE);
        let done = server.ok(&other, &["lock", command]);
        assert_eq!(done.out, "Settled: 1 adopted, 0 freed, 0 still in doubt\n", "{command}: {}", done.err);
        server.ok(&other, &["plan", "--detailed-exitcode"]);
    }
    assert_eq!(server.accepted().len(), 1, "paid once");
    // Merged, they have one take.
    second.write("theirs", &first.read("callsheet.lock"));
    server.ok(&second, &["lock", "merge", "--from", "theirs"]);
    assert_eq!(server.ok(&second, &["lock", "verify"]).err, "callsheet.lock: in order\n");
    server.ok(&second, &["plan", "--detailed-exitcode"]);
}

#[test]
fn numbers_that_were_freed_are_never_used_again() {
    let scene = Scene::manifest(ONE);
    let server = Server::start(&scene, &["refuse:402:first=3"]);
    server.exits(&scene, 6, &YES);
    let first = scene.read("callsheet.lock");
    server.exits(&scene, 6, &YES);
    // Part of the history is lost: the line of the first submission. The line of the second remains.
    let second = scene.read("callsheet.lock");
    let without: String = second.split_inclusive('\n').filter(|line| !line.contains("\"attempt\":1,")).collect();
    assert_ne!(second, without);
    scene.write("callsheet.lock", &without);
    server.exits(&scene, 6, &YES);
    server.ok(&scene, &YES);
    let last = scene.read("callsheet.lock");
    for (attempt, state) in [(2, "freed"), (3, "freed"), (4, "submitted")] {
        assert!(last.contains(&format!("\"attempt\":{attempt},\"state\":\"{state}\"")), "{last}");
    }
    scene.write("before", &first);
    server.ok(&scene, &["lock", "merge", "--from", "before"]);
    assert_eq!(server.ok(&scene, &["lock", "verify"]).err, "callsheet.lock: in order\n");
}

#[test]
fn an_absurd_number_of_a_line_blocks_no_apply() {
    for attempt in ["9999", "10000", "4294967295"] {
        let scene = Scene::manifest(ONE);
        let server = Server::start(&scene, &["refuse:402:first=2"]);
        server.exits(&scene, 6, &YES);
        scene.edit("callsheet.lock", "\"attempt\":1,", &format!("\"attempt\":{attempt},"));
        server.exits(&scene, 6, &YES);
        let done = server.ok(&scene, &YES);
        assert!(done.out.starts_with("Applied: 1 submitted"), "{attempt}: {}{}", done.out, done.err);
        server.ok(&scene, &["plan", "--detailed-exitcode"]);
        // Another checkout still finds it.
        let other = Scene::manifest(ONE);
        other.write("callsheet.lock", &scene.read("callsheet.lock").replace("submitted", "freed"));
        let found = server.ok(&other, &YES);
        assert!(found.out.starts_with("Applied: 1 found at the vendor"), "{attempt}: {}{}", found.out, found.err);
        assert_eq!(server.accepted().len(), 1);
    }
    // A value that is not a valid attempt is rejected, with its line.
    for attempt in ["0", "-1", "4294967296", "1e3", "1.5", "\"1\""] {
        let scene = Scene::manifest(ONE);
        let server = Server::start(&scene, &[]);
        server.ok(&scene, &YES);
        scene.edit("callsheet.lock", "\"attempt\":1,", &format!("\"attempt\":{attempt},"));
        let refused = server.exits(&scene, 1, &YES);
        assert!(refused.err.contains("callsheet.lock:2: `attempt`"), "{attempt}: {}", refused.err);
        assert_eq!(server.accepted().len(), 1);
    }
}

#[test]
fn of_videos_with_one_marker_the_one_whose_time_fits_is_adopted_and_all_are_told() {
    let (first, second) = (Scene::manifest(ONE), Scene::manifest(ONE));
    let server = Server::start(&first, &[]);
    server.ok(&first, &YES);
    drop(server);
    // The times must differ by more than the grace period and one second, by the vendor's clock.
    std::thread::sleep(std::time::Duration::from_millis(3_100));
    // The other checkout pays too, without listing first, and its response is lost.
    let server = Server::start(&first, &["accept-then-drop:first=1"]);
    let done = server.ok(&second, &["apply", "--yes", "--no-check-remote"]);
    let accepted = server.accepted();
    assert_eq!(accepted.len(), 2, "two runs, one number");
    let lock = second.read("callsheet.lock");
    assert!(
        lock.contains(&accepted[1].video) && !lock.contains(&accepted[0].video),
        "the earlier one is another run's\n{lock}"
    );
    for one in &accepted {
        assert!(done.err.contains(&one.video), "{}", done.err);
    }
    second.write("theirs", &first.read("callsheet.lock"));
    server.ok(&second, &["lock", "merge", "--from", "theirs"]);
    server.ok(&second, &["plan", "--detailed-exitcode"]);
}
