//! Races: concurrent applies, and a lockfile that git changes during an apply.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use super::audit::Audit;
use super::process::{Running, wait_for};
use super::project::{Project, SETTINGS};
use super::vendor::Vendor;

const PLAIN: &[&str] = &[];
const PATIENT: &str = "rate: 0, concurrency: 8, timeout: 20s, settle_grace: 1s";

#[test]
fn of_two_applies_one_works_and_the_other_says_who_does() {
    let project = Project::of(24, PATIENT);
    let mut vendor = Vendor::start(project.path(), &["slow-after-accept:1500ms"]);
    let mut first = project.start(&vendor, &["apply", "--yes"]);
    vendor.has_accepted(8);
    let words = format!("(ada, process {}); wait for it to end", first.id());
    let year = jiff::Timestamp::now().to_string()[..4].to_owned();
    for command in [&["apply", "--yes"][..], &["lock", "settle"], &["lock", "free", "many[0]"], &["lock", "merge"]] {
        let second = project.expect(&vendor, command, 1);
        let says = format!("error: `callsheet apply` is running here since {year}");
        assert!(second.err.starts_with(&says) && second.err.contains(&words), "{}", second.all());
    }
    // Commands that only read are not blocked.
    project.expect(&vendor, &["plan"], 0);
    project.expect(&vendor, &["lock", "show"], 0);
    assert_eq!(first.ends_within(Duration::ZERO), None, "the first one is undisturbed");
    first.kill();
    // The system releases the lock even if its holder is killed.
    vendor.restart_with(PLAIN);
    project.expect(&vendor, &["apply", "--yes"], 0);
    Audit::of(&project).closed(&project, &vendor);
}

#[test]
fn of_many_applies_started_at_once_exactly_the_holders_of_the_lock_spend() {
    let project = Project::of(24, SETTINGS);
    let vendor = Vendor::start(project.path(), &["slow:20ms@submit"]);
    let all: Vec<Running> = (0..6).map(|_| project.start(&vendor, &["apply", "--yes"])).collect();
    let ended: Vec<_> = all.into_iter().map(Running::finish).collect();
    assert!(ended.iter().any(|one| one.code == 0), "nobody worked");
    for one in ended.iter().filter(|one| one.code != 0) {
        assert!(one.code == 1 && one.err.contains("is running here since"), "{}", one.all());
    }
    Audit::of(&project).closed(&project, &vendor);
}

#[test]
fn applies_whose_guard_was_deleted_under_them_pay_for_nothing_twice() {
    let project = Project::of(24, PATIENT);
    let vendor = Vendor::start(project.path(), &["slow:150ms@submit"]);
    let all: Vec<Running> = (0..8)
        .map(|_| {
            let one = project.start(&vendor, &["apply", "--yes"]);
            std::thread::sleep(Duration::from_millis(15));
            // `git clean -fdx` deletes the lock file too.
            drop(fs::remove_file(project.root().join(".callsheet/apply.lock")));
            one
        })
        .collect();
    for one in all {
        one.finish();
    }
    Audit::no_duplicates(&vendor);
    project.expect(&vendor, &["apply", "--yes"], 0);
    Audit::of(&project).closed(&project, &vendor);
}

/// Returns a take of another branch, whose content is not in any manifest here.
fn foreign(number: usize) -> String {
    format!(
        "{{\"key\":\"other[{number}]\",\"digest\":\"v1:{number:032x}\",\"attempt\":1,\"state\":\"submitted\",\
         \"task\":\"OTHER{number}\",\"name\":\"other\",\"host\":\"127.0.0.1\",\"at\":\"2026-01-01T00:00:00Z\"}}\n"
    )
}

/// The ways in which git changes the lockfile during an apply.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// Lines of another branch are appended in place.
    Appended,
    /// A merge writes both sides to a new file and renames it into place.
    Merged,
    /// A checkout replaces the file with that of another branch, by rename. Our lines are gone.
    Replaced,
    /// A checkout of a branch without a lockfile.
    Deleted,
    /// The shorter file of another branch is written over ours, in place.
    Truncated,
}

fn change(project: &Project, change: Change) {
    let lock = project.lock();
    let ours = fs::read_to_string(&lock).unwrap();
    let header = "{\"callsheet\":\"lock\",\"version\":1}\n";
    let theirs: String = (0..3).map(foreign).collect();
    let renamed = |text: String| {
        fs::write(lock.with_extension("new"), text).unwrap();
        fs::rename(lock.with_extension("new"), &lock).unwrap();
    };
    match change {
        Change::Appended => {
            use std::io::Write;
            fs::OpenOptions::new().append(true).open(&lock).unwrap().write_all(theirs.as_bytes()).unwrap();
        }
        Change::Merged => renamed(format!("{ours}{theirs}")),
        Change::Replaced => renamed(format!("{header}{theirs}")),
        Change::Deleted => fs::remove_file(&lock).unwrap(),
        Change::Truncated => fs::write(&lock, format!("{header}{theirs}")).unwrap(),
    }
}

#[test]
fn a_lockfile_changed_under_a_running_apply_is_united() {
    let changes = [Change::Appended, Change::Merged, Change::Replaced, Change::Deleted, Change::Truncated];
    std::thread::scope(|scope| {
        for kind in changes {
            scope.spawn(move || {
                let project = Project::of(24, PATIENT);
                let vendor = Vendor::start(project.path(), &["slow-after-accept:400ms"]);
                let apply = project.start(&vendor, &["apply", "--yes"]);
                // Changes the lockfile twice: first with intents only, then with answers in it.
                for count in [4, 12] {
                    vendor.has_accepted(count);
                    change(&project, kind);
                }
                let shown = apply.finish();
                assert_eq!(shown.code, 0, "{kind:?}\n{}", shown.all());
                Audit::of(&project).closed(&project, &vendor);
                let text = fs::read_to_string(project.lock()).unwrap();
                for number in 0..3 {
                    let kept = text.contains(&format!("OTHER{number}"));
                    assert!(kept || matches!(kind, Change::Deleted), "{kind:?} lost the other branch:\n{text}");
                }
                project.expect(&vendor, &["plan", "--detailed-exitcode"], 0);
            });
        }
    });
}

#[test]
fn a_lockfile_changed_and_an_apply_killed_after_it_lose_nothing() {
    let project = Project::of(24, PATIENT);
    let mut vendor = Vendor::start(project.path(), &["slow-after-accept:400ms"]);
    let mut apply = project.start(&vendor, &["apply", "--yes"]);
    vendor.has_accepted(4);
    change(&project, Change::Replaced);
    let lock = project.lock();
    let text = || fs::read_to_string(&lock).unwrap_or_default();
    let answered = || text().lines().any(|line| line.contains("many[") && line.contains("\"submitted\""));
    wait_for("answers after the change", answered, text);
    apply.kill();
    Audit::readable(&project);
    let audit = Audit::of(&project);
    audit.nothing_lost(&project, &vendor);
    vendor.restart_with(PLAIN);
    project.expect(&vendor, &["apply", "--yes"], 0);
    audit.closed(&project, &vendor);
}

/// Returns the content of all rescue files.
fn rescued(project: &Project) -> Vec<(String, String)> {
    let files = fs::read_dir(project.root()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let files = files.filter(|name| name.starts_with("callsheet.lock.rescue"));
    files.map(|name| (name.clone(), fs::read_to_string(project.root().join(name)).unwrap())).collect()
}

#[test]
fn a_lockfile_that_becomes_unreadable_under_an_apply_loses_no_answer() {
    let theirs: String = (0..3).map(foreign).collect();
    let header = "{\"callsheet\":\"lock\",\"version\":1}\n";
    // The result of a git merge with conflicts, and a file of a newer callsheet. Neither contains lines of the run.
    let conflict = format!("{header}<<<<<<< HEAD\n=======\n{theirs}>>>>>>> theirs\n");
    let newer = format!("{}{theirs}", header.replace(":1}", ":3}"));
    for (text, count) in [(&conflict, 12), (&newer, 12), (&conflict, 24)] {
        let project = Project::of(24, PATIENT);
        let mut vendor = Vendor::start(project.path(), &["slow-after-accept:400ms"]);
        let apply = project.start(&vendor, &["apply", "--yes"]);
        vendor.has_accepted(count);
        fs::write(project.lock().with_extension("new"), text).unwrap();
        fs::rename(project.lock().with_extension("new"), project.lock()).unwrap();
        let shown = apply.finish();
        assert_eq!(shown.code, 1, "{}", shown.all());
        assert_eq!(fs::read_to_string(project.lock()).unwrap(), *text, "a lockfile that is refused stays as it is");
        let rescued = rescued(&project);
        for one in vendor.accepted() {
            let known = rescued.iter().any(|(_, text)| text.contains(&one.task));
            assert!(known, "LOST: {one:?}\n{}", shown.all());
        }
        // Follows the recovery that the message names.
        fs::write(project.lock(), text.replace(":3}", ":1}")).unwrap();
        let [(name, _)] = &*rescued else { panic!("one file holds it all: {rescued:?}\n{}", shown.all()) };
        let told = shown.err.lines().any(|line| line.contains("callsheet lock merge --from ") && line.ends_with(name));
        assert!(told && !shown.err.contains("it is whole"), "{}", shown.err);
        project.expect(&vendor, &["lock", "merge", "--from", name], 0);
        vendor.restart_with(PLAIN);
        project.expect(&vendor, &["apply", "--yes", "--no-check-remote"], 0);
        Audit::of(&project).closed(&project, &vendor);
    }
}

#[test]
fn what_another_branch_has_paid_for_meanwhile_is_not_sent() {
    // The other clone pays for everything first.
    let project = Project::of(24, PATIENT);
    let other = Project::of(24, PATIENT);
    let elsewhere = Vendor::start(other.path(), PLAIN);
    other.expect(&elsewhere, &["apply", "--yes"], 0);
    let vendor = Vendor::start(project.path(), &["slow-after-accept:1s"]);
    let apply = project.start(&vendor, &["apply", "--yes"]);
    vendor.has_accepted(8);
    // `git pull` adds its takes while eight of our submissions are in flight.
    let mut text = fs::read_to_string(project.lock()).unwrap();
    text += fs::read_to_string(other.lock()).unwrap().split_once('\n').unwrap().1;
    fs::write(project.lock().with_extension("new"), text).unwrap();
    fs::rename(project.lock().with_extension("new"), project.lock()).unwrap();
    let shown = apply.finish();
    let sent: BTreeSet<String> = vendor.accepted().into_iter().map(|one| one.text).collect();
    assert_eq!(sent.len(), 8, "paid for twice, here and on the other branch\n{}", shown.all());
    // All content is paid for, some of it by another run. callsheet reports that, and nothing remains to do.
    assert_eq!(shown.code, 0, "{}", shown.all());
    let told = shown.err.matches("was not sent: the lockfile changed on disk and now has a submission").count();
    assert_eq!(told, 16, "{}", shown.all());
    project.expect(&vendor, &["apply", "--yes"], 0);
    project.expect(&vendor, &["plan", "--detailed-exitcode"], 0);
    assert_eq!(vendor.accepted().len(), 8);
}
