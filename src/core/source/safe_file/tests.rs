//! Links, hard links, FIFOs and modes.
#![cfg(unix)]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::mpsc;
use std::time::Duration;

use super::*;

/// A project next to a file that must stay unchanged.
fn project() -> (tempfile::TempDir, std::path::PathBuf, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (root, outside) = (folder.path().join("project"), folder.path().join("outside"));
    fs::create_dir_all(&root).unwrap();
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("file"), "precious").unwrap();
    (folder, root, outside)
}

#[test]
fn no_link_is_read_written_or_truncated_through() {
    let (_folder, root, outside) = project();
    symlink(outside.join("file"), root.join("link")).unwrap();
    symlink(outside.join("new"), root.join("dangling")).unwrap();
    fs::hard_link(outside.join("file"), root.join("hard")).unwrap();
    for name in ["link", "dangling", "hard"] {
        assert!(open_in_place(&root.join(name), Access::Shared).is_err(), "{name}");
        assert!(write_in_place(&root.join(name), b"x", Access::Private).is_err(), "{name}");
    }
    assert!(open_regular(&root.join("link")).is_err() && read_regular(&root.join("dangling")).is_err());
    assert_eq!(read_regular(&root.join("hard")).unwrap(), b"precious", "reading harms nobody");
    assert!(write_output(&root.join("link"), b"x").is_err() && write_output(&root.join("dangling"), b"x").is_err());
    for name in ["link", "hard", "dangling"] {
        write_atomically(&root, &root.join(name), b"mine").unwrap();
        assert_eq!(read_regular(&root.join(name)).unwrap(), b"mine", "{name}");
    }
    assert_eq!(fs::read(outside.join("file")).unwrap(), b"precious");
    assert!(!outside.join("new").exists());
}

#[test]
fn a_directory_that_leads_out_is_refused_and_one_that_stays_is_not() {
    let (_folder, root, outside) = project();
    fs::create_dir(root.join("real")).unwrap();
    symlink(&outside, root.join("out")).unwrap();
    symlink("../outside", root.join("relative")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    symlink("real", root.join("in")).unwrap();
    for name in ["out", "relative", "dangling", "out/deeper", "in/../../outside"] {
        assert!(make_directory(&root, &root.join(name)).is_err(), "{name}");
        assert!(write_atomically(&root, &root.join(name).join("new"), b"x").is_err(), "{name}");
    }
    let file = root.join("real/file");
    fs::write(&file, "").unwrap();
    for directory in [file.clone(), file.join("deeper/still")] {
        let error = make_directory(&root, &directory).unwrap_err().to_string();
        assert_eq!(error, format!("`{}` is a file, not a directory; move it away", file.display()));
    }
    make_directory(&root, &root.join("in/deeper")).unwrap();
    assert!(root.join("real/deeper").is_dir());
    write_atomically(&root, &root.join("new/down/file"), b"x").unwrap();
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
}

#[test]
fn what_is_not_a_regular_file_is_refused_and_never_waited_for() {
    let (_folder, root, _) = project();
    let fifo = root.join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    fs::create_dir(root.join("directory")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let (done, waits) = mpsc::channel();
    std::thread::spawn(move || {
        for name in ["fifo", "directory", "socket"] {
            assert!(open_regular(&root.join(name)).is_err(), "{name}");
            assert!(open_in_place(&root.join(name), Access::Shared).is_err(), "{name}");
        }
        done.send(()).unwrap();
    });
    waits.recv_timeout(Duration::from_mins(1)).unwrap();
}

#[test]
fn an_output_may_be_a_stream_and_keeps_its_mode() {
    let (_folder, root, _) = project();
    write_output(Path::new("/dev/null"), b"x").unwrap();
    symlink("/dev/null", root.join("device")).unwrap();
    assert!(write_output(&root.join("device"), b"x").is_err(), "a committed link can lead to a disk");
    fs::remove_file(root.join("device")).unwrap();
    let path = root.join("plan");
    write_output(&path, b"long and old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    write_output(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(&root).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn a_file_that_cannot_be_replaced_leaves_no_half_file() {
    let (_folder, root, _) = project();
    fs::create_dir(root.join("taken")).unwrap();
    fs::write(root.join("taken/inside"), "").unwrap();
    assert!(write_atomically(&root, &root.join("taken"), b"text").is_err());
    assert_eq!(fs::read_dir(&root).unwrap().count(), 1);
}

#[test]
fn a_private_file_is_its_owners() {
    let (_folder, root, _) = project();
    write_in_place(&root.join("private"), b"x", Access::Private).unwrap();
    write_in_place(&root.join("private"), b"", Access::Private).unwrap();
    assert_eq!(read_regular(&root.join("private")).unwrap(), b"");
    assert_eq!(fs::metadata(root.join("private")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_bare_name_lies_in_the_working_directory() {
    assert_eq!(parent_directory(Path::new("a.txt")), Path::new("."));
    assert_eq!(parent_directory(Path::new("a/b.txt")), Path::new("a"));
}
