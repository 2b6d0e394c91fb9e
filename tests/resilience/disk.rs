//! Disks that fail: before money is spent, and after.

use std::fmt::Write as _;
use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::audit::Audit;
use super::process::Shown;
use super::project::{Project, SETTINGS};
use super::vendor::Vendor;

const PLAIN: &[&str] = &[];
const PATIENT: &str = "rate: 0, concurrency: 8, timeout: 20s, settle_grace: 1s";

/// A temporary file system mounted over a directory, until it is dropped.
struct Mount(PathBuf);

impl Mount {
    /// Mounts a file system. Returns `None` and prints why, if the system does not allow it.
    fn over(place: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(place).unwrap();
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(place).output();
        if !done.is_ok_and(|done| done.status.success()) {
            eprintln!("skipped: no right to mount a tmpfs here");
            return None;
        }
        Some(Self(place.to_owned()))
    }

    fn again(&self, options: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.0).status().unwrap();
        assert!(done.success(), "remount,{options}");
    }

    /// Writes until the disk is full.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[b'x'; 512]).is_ok() {}
        path
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

fn refused_before_spending(project: &Project, vendor: &Vendor, says: &str) {
    let shown = project.run(vendor, &["apply", "--yes"]);
    assert_eq!(shown.code, 1, "{}", shown.all());
    assert!(shown.err.contains("error: cannot ") && shown.err.contains(says), "{}", shown.err);
    assert!(vendor.accepted().is_empty(), "money was spent");
}

#[test]
fn a_lockfile_that_is_no_file_stops_before_money_is_spent() {
    for place in ["/dev/full", "/dev/null"] {
        let project = Project::of(3, SETTINGS);
        let vendor = Vendor::start(project.path(), PLAIN);
        symlink(place, project.lock()).unwrap();
        refused_before_spending(&project, &vendor, "not a regular file");
    }
    let project = Project::of(3, SETTINGS);
    let vendor = Vendor::start(project.path(), PLAIN);
    fs::create_dir(project.lock()).unwrap();
    refused_before_spending(&project, &vendor, "not a regular file");
}

#[test]
fn a_folder_that_takes_nothing_stops_before_money_is_spent() {
    let project = Project::of(3, SETTINGS);
    let vendor = Vendor::start(project.path(), PLAIN);
    // Creates everything else that apply writes, so that only the lockfile's directory rejects writes.
    let held = project.root().join("held");
    fs::create_dir(&held).unwrap();
    symlink(held.join("callsheet.lock"), project.lock()).unwrap();
    fs::set_permissions(&held, Permissions::from_mode(0o555)).unwrap();
    if File::create(held.join("trial")).is_ok() {
        // Root can write everywhere except on a read-only disk.
        fs::remove_file(held.join("trial")).unwrap();
        let Some(mount) = Mount::over(&held, "ro,size=1m") else { return };
        refused_before_spending(&project, &vendor, "Read-only file system");
        drop(mount);
    } else {
        refused_before_spending(&project, &vendor, "Permission denied");
    }
    fs::set_permissions(&held, Permissions::from_mode(0o755)).unwrap();
    project.expect(&vendor, &["apply", "--yes"], 0);
    Audit::of(&project).closed(&project, &vendor);
}

#[test]
fn a_lockfile_on_a_disk_that_became_read_only_stops_before_money_is_spent() {
    let project = Project::of(3, SETTINGS);
    let vendor = Vendor::start(project.path(), PLAIN);
    let held = project.root().join("held");
    let Some(mount) = Mount::over(&held, "size=4m") else { return };
    symlink(held.join("callsheet.lock"), project.lock()).unwrap();
    project.expect(&vendor, &["apply", "--yes", "--limit", "1"], 0);
    mount.again("ro");
    let shown = project.expect(&vendor, &["apply", "--yes"], 1);
    assert!(shown.err.contains("Read-only file system"), "{}", shown.err);
    assert_eq!(vendor.accepted().len(), 1);
    mount.again("rw");
    project.expect(&vendor, &["apply", "--yes"], 0);
    Audit::of(&project).closed(&project, &vendor);
}

#[test]
fn a_disk_without_room_for_a_run_stops_before_money_is_spent() {
    let project = Project::of(3, SETTINGS);
    let vendor = Vendor::start(project.path(), PLAIN);
    let held = project.root().join("held");
    let Some(_mount) = Mount::over(&held, "size=64k") else { return };
    symlink(held.join("callsheet.lock"), project.lock()).unwrap();
    refused_before_spending(&project, &vendor, "No space left on device");
    let left: Vec<_> = fs::read_dir(&held).unwrap().collect();
    assert!(left.is_empty(), "the trial left something behind: {left:?}");
}

/// Returns the rescue file that a message tells the user to merge.
fn rescue_file(shown: &Shown) -> String {
    let all = shown.all();
    let after = all.split("lock merge --from ").nth(1).and_then(|rest| rest.lines().next());
    after.unwrap_or_else(|| panic!("no rescue file is named:\n{all}")).trim_matches('\'').to_owned()
}

/// Checks that paid answers are saved, shown and merged again, and that nothing is paid for twice.
///
/// A full disk often has space for one or two more lines. Those answers are in the lockfile, so apply has started new
/// submissions for them.
fn comes_back(project: &Project, vendor: &mut Vendor, shown: &Shown, room: impl FnOnce()) {
    assert_eq!(shown.code, 1, "{}", shown.all());
    let accepted = vendor.accepted();
    assert!((8..20).contains(&accepted.len()), "{} were sent, with the disk full", accepted.len());
    let written = fs::read_to_string(project.lock()).unwrap();
    let saved = fs::read_to_string(rescue_file(shown)).unwrap();
    assert!(saved.lines().count() > 1, "the disk was not full in time: {}", shown.all());
    for one in accepted {
        let known = saved.contains(&one.task) || written.contains(&one.task);
        assert!(known, "not saved: {one:?}\n{}", shown.all());
    }
    let audit = Audit::of(project);
    Audit::readable(project);
    audit.nothing_lost(project, vendor);
    room();
    project.expect(vendor, &["lock", "merge", "--from", &rescue_file(shown)], 0);
    assert!(audit.doubts(project, vendor).is_empty(), "the rescue file settles what it tells of");
    vendor.restart_with(PLAIN);
    project.expect(vendor, &["apply", "--yes", "--no-check-remote"], 0);
    project.expect(vendor, &["plan", "--detailed-exitcode"], 0);
    audit.closed(project, vendor);
}

#[test]
fn a_disk_that_fills_up_under_answers_loses_none_of_them() {
    let project = Project::of(24, PATIENT);
    let mut vendor = Vendor::start(project.path(), &["slow-after-accept:1500ms"]);
    let held = project.root().join("held");
    let Some(mount) = Mount::over(&held, "size=2m") else { return };
    symlink(held.join("callsheet.lock"), project.lock()).unwrap();
    let apply = project.start(&vendor, &["apply", "--yes"]);
    vendor.has_accepted(8);
    let filler = mount.fill();
    let shown = apply.finish();
    let saved = fs::read_to_string(rescue_file(&shown)).unwrap();
    for line in saved.lines().skip(1) {
        assert!(shown.all().contains(line), "not shown: {line}\n{}", shown.all());
    }
    comes_back(&project, &mut vendor, &shown, || fs::remove_file(filler).unwrap());
}

#[test]
fn a_log_on_the_same_full_disk_does_not_keep_answers_from_being_saved() {
    let project = Project::of(24, PATIENT);
    let mut vendor = Vendor::start(project.path(), &["slow-after-accept:1500ms"]);
    let held = project.root().join("held");
    let Some(mount) = Mount::over(&held, "size=2m") else { return };
    symlink(held.join("callsheet.lock"), project.lock()).unwrap();
    let mut command = Command::new("sh");
    project.place(&mut command, &vendor);
    let apply = format!("exec '{}' apply --yes 2>held/log", env!("CARGO_BIN_EXE_callsheet"));
    let apply = project.spawn(command.args(["-c", &apply]));
    vendor.has_accepted(8);
    let filler = mount.fill();
    let shown = apply.finish();
    assert_eq!(shown.err, "", "stderr went to the full disk");
    comes_back(&project, &mut vendor, &shown, || fs::remove_file(filler).unwrap());
}

#[test]
fn a_limit_on_file_sizes_is_a_full_disk_too() {
    let project = Project::of(24, PATIENT);
    let mut vendor = Vendor::start(project.path(), &["slow-after-accept:1500ms"]);
    // Makes the lockfile long with takes of removed videos, so that the write test before spending succeeds.
    let mut lock = "{\"callsheet\":\"lock\",\"version\":1}\n".to_owned();
    for number in 0..5_000 {
        let line = format!(
            "{{\"key\":\"gone[{number:04}]\",\"digest\":\"v1:{number:032x}\",\"attempt\":1,\"state\":\"submitted\",\
             \"task\":\"T{number}\",\"name\":\"gone\",\"host\":\"127.0.0.1\",\"at\":\"2026-01-01T00:00:00Z\"}}"
        );
        writeln!(lock, "{line}").unwrap();
    }
    fs::write(project.lock(), &lock).unwrap();
    // Leaves space for the eight intents and one or two answers, in blocks of 512 bytes.
    let blocks = (lock.len() + 8 * 330 + 500).div_ceil(512);
    let mut command = Command::new("sh");
    project.place(&mut command, &vendor);
    let binary = env!("CARGO_BIN_EXE_callsheet");
    let apply = format!("ulimit -f {blocks}; trap '' XFSZ; exec '{binary}' apply --yes");
    let apply = project.spawn(command.args(["-c", &apply]));
    vendor.has_accepted(8);
    let shown = apply.finish();
    assert!(shown.err.contains("File too large"), "{}", shown.err);
    assert!(project.root().join("callsheet.lock.rescue").exists(), "{}", shown.err);
    comes_back(&project, &mut vendor, &shown, || ());
}
