//! Real git: merges two branches that both paid, with and without the union driver.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::super::{Take, encode, parse_bytes, resolve_conflicts};
use super::{HOST, digest, file, submitted};

fn git(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.current_dir(directory).args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    command.args(arguments).output().expect("git is installed")
}

fn done(directory: &Path, arguments: &[&str]) {
    let output = git(directory, arguments);
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Returns a repository whose branches `main` and `side` both added takes to a common lockfile, merged on `main`.
fn merged(attributes: &str, style: &str) -> (bool, String) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let lock = root.join("callsheet.lock");
    let common = submitted("m", '5', "T5", 0);
    let commit = |takes: &[Take]| {
        fs::write(&lock, encode(&parse_bytes("l", file(takes)).unwrap().lockfile)).unwrap();
        done(root, &["add", "-A"]);
        done(root, &["commit", "-qm", "takes"]);
    };
    done(root, &["init", "-q", "-b", "main"]);
    done(root, &["config", "merge.conflictStyle", style]);
    fs::write(root.join(".gitattributes"), attributes).unwrap();
    commit(std::slice::from_ref(&common));
    done(root, &["checkout", "-qb", "side"]);
    // The same content, paid for on both branches, next to one content of each branch.
    commit(&[common.clone(), submitted("n", '6', "T6-side", 1), submitted("p", '7', "T7", 1)]);
    done(root, &["checkout", "-q", "main"]);
    commit(&[common, submitted("n", '6', "T6-main", 2), submitted("o", '8', "T8", 1)]);
    let clean = git(root, &["merge", "-q", "side", "-m", "merge"]).status.success();
    (clean, fs::read_to_string(&lock).unwrap())
}

#[test]
fn the_union_driver_and_conflict_markers_come_to_the_same_takes() {
    let (clean, union) = merged("callsheet*.lock merge=union eol=lf\n", "merge");
    assert!(clean, "{union}");
    let by_driver = encode(&parse_bytes("callsheet.lock", &union).unwrap().lockfile);
    for style in ["merge", "diff3", "zdiff3"] {
        let (clean, conflict) = merged("", style);
        assert!(!clean && conflict.contains("<<<<<<<"), "{conflict}");
        assert!(parse_bytes("callsheet.lock", &conflict).is_err());
        assert_eq!(resolve_conflicts("callsheet.lock", &conflict).unwrap(), by_driver, "{style}");
    }
    let lockfile = parse_bytes("callsheet.lock", &by_driver).unwrap().lockfile;
    for digit in ['5', '6', '7', '8'] {
        assert!(lockfile.paid(HOST, &digest(digit), "any").is_some(), "{digit}");
    }
    assert!(by_driver.contains("T6-side") && by_driver.contains("T6-main"));
}
