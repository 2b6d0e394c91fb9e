//! Hostile files: infinite, blocking, outside the project, or recursive.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::{HEAD, Hostile, all};
use crate::fixture::Scene;

/// Creates a project that includes, speaks, shows and reads a file.
fn names(scene: &Scene, use_: &str, file: &str) {
    let video = match use_ {
        "include" => return scene.write("callsheet.yaml", &format!("include: ['{file}']\n{HEAD}")),
        "script" => format!("script: {{ path: '{file}' }}"),
        "rows" => format!("script: x, rows: {{ path: '{file}', key: '{{{{ row.id }}}}' }}"),
        _ => format!("script: x, background: {{ media: {{ path: '{file}' }} }}"),
    };
    scene.write("callsheet.yaml", &format!("{HEAD}videos:\n  a: {{ {video} }}\n"));
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn link(scene: &Scene, to: &str, name: &str) {
    symlink(to, scene.path().join(name)).unwrap();
}

/// Creates a sparse file of zeros.
fn sparse(scene: &Scene, name: &str, megabytes: u64) {
    fs::File::create(scene.path().join(name)).unwrap().set_len(megabytes << 20).unwrap();
}

#[test]
fn files_that_block_or_never_end() {
    all(&[
        Hostile {
            name: "manifest is a FIFO",
            says: "no `callsheet.yaml`",
            make: |s| fifo(&s.path().join("callsheet.yaml")),
        },
        Hostile {
            name: "manifest is /dev/zero",
            says: "no `callsheet.yaml`",
            make: |s| link(s, "/dev/zero", "callsheet.yaml"),
        },
        Hostile {
            name: "manifest is a folder",
            says: "no `callsheet.yaml`",
            make: |s| fs::create_dir(s.path().join("callsheet.yaml")).unwrap(),
        },
        Hostile {
            name: "manifest is a link to itself",
            says: "callsheet.yaml",
            make: |s| link(s, "callsheet.yaml", "callsheet.yaml"),
        },
        Hostile {
            name: "FIFO as include",
            says: "unreadable-file",
            make: |s| {
                names(s, "include", "a.yaml");
                fifo(&s.path().join("a.yaml"));
            },
        },
        Hostile {
            name: "FIFO as script",
            says: "bad-path",
            make: |s| {
                names(s, "script", "a.txt");
                fifo(&s.path().join("a.txt"));
            },
        },
        Hostile {
            name: "FIFO as rows",
            says: "bad-path",
            make: |s| {
                names(s, "rows", "a.csv");
                fifo(&s.path().join("a.csv"));
            },
        },
        Hostile {
            name: "FIFO as media",
            says: "bad-path",
            make: |s| {
                names(s, "media", "a.png");
                fifo(&s.path().join("a.png"));
            },
        },
        Hostile { name: "/dev/zero as script", says: "bad-path", make: |s| names(s, "script", "/dev/zero") },
        Hostile { name: "/dev/stdin as rows", says: "bad-path", make: |s| names(s, "rows", "/dev/stdin") },
        Hostile {
            name: "/dev/zero linked as include",
            says: "error[",
            make: |s| {
                names(s, "include", "*.yaml");
                link(s, "/dev/zero", "a.yaml");
            },
        },
        Hostile {
            name: "/dev/zero linked as script",
            says: "bad-path",
            make: |s| {
                names(s, "script", "a.txt");
                link(s, "/dev/zero", "a.txt");
            },
        },
        Hostile {
            name: "/dev/zero linked as rows",
            says: "bad-path",
            make: |s| {
                names(s, "rows", "a.csv");
                link(s, "/dev/zero", "a.csv");
            },
        },
        Hostile {
            name: "/dev/zero linked as media",
            says: "bad-path",
            make: |s| {
                names(s, "media", "a.png");
                link(s, "/dev/zero", "a.png");
            },
        },
        Hostile {
            name: "/dev/stdin linked as script",
            says: "bad-path",
            make: |s| {
                names(s, "script", "a.txt");
                link(s, "/dev/stdin", "a.txt");
            },
        },
        Hostile {
            name: "/proc/self/mem as media",
            says: "bad-path",
            make: |s| {
                names(s, "media", "a.png");
                link(s, "/proc/self/mem", "a.png");
            },
        },
        Hostile {
            name: "a folder as script",
            says: "bad-path",
            make: |s| {
                names(s, "script", "a");
                fs::create_dir(s.path().join("a")).unwrap();
            },
        },
        Hostile {
            name: "a folder as include",
            says: "empty-include",
            make: |s| {
                names(s, "include", "a");
                fs::create_dir(s.path().join("a")).unwrap();
            },
        },
        Hostile {
            name: "a folder as rows",
            says: "bad-path",
            make: |s| {
                names(s, "rows", "a.csv");
                fs::create_dir(s.path().join("a.csv")).unwrap();
            },
        },
        Hostile {
            name: "a folder of rows",
            says: "bad-path",
            make: |s| {
                names(s, "rows", "a/b.csv");
                s.write("a", "x");
            },
        },
    ]);
}

#[test]
fn files_that_lie_elsewhere_or_in_a_circle() {
    all(&[
        Hostile { name: "out by dots", says: "bad-path", make: |s| names(s, "script", "../../../../../../etc/passwd") },
        Hostile { name: "out and in by dots", says: "bad-path", make: |s| names(s, "script", "a/../../../x.txt") },
        Hostile { name: "include out by dots", says: "bad-include", make: |s| names(s, "include", "../../*.yaml") },
        Hostile { name: "include out by braces", says: "error[", make: |s| names(s, "include", "{..,a}/*.yaml") },
        Hostile {
            name: "out by a link",
            says: "bad-path",
            make: |s| {
                names(s, "script", "a.txt");
                link(s, "/etc/passwd", "a.txt");
            },
        },
        Hostile {
            name: "out by a linked folder",
            says: "bad-path",
            make: |s| {
                names(s, "script", "a/passwd");
                link(s, "/etc", "a");
            },
        },
        Hostile {
            name: "include of a linked folder",
            says: "bad-include",
            make: |s| {
                names(s, "include", "a/**");
                link(s, "/", "a");
            },
        },
        Hostile {
            name: "include of a link out",
            says: "bad-include",
            make: |s| {
                names(s, "include", "*.yaml");
                link(s, "/etc/passwd", "a.yaml");
            },
        },
        Hostile {
            name: "links in a circle",
            says: "error[",
            make: |s| {
                names(s, "script", "a");
                link(s, "b", "a");
                link(s, "a", "b");
            },
        },
        Hostile {
            name: "a folder that holds itself",
            says: "error[",
            make: |s| {
                names(s, "include", "**/*.x");
                link(s, ".", "a");
                link(s, "..", "b");
            },
        },
        Hostile { name: "include of itself", says: "no-videos", make: |s| names(s, "include", "callsheet.yaml") },
        Hostile {
            name: "include of itself by another name",
            says: "",
            make: |s| {
                names(s, "include", "*.yaml");
                link(s, "callsheet.yaml", "again.yaml");
            },
        },
        Hostile { name: "the script is the manifest", says: "valid", make: |s| names(s, "script", "callsheet.yaml") },
        Hostile { name: "the rows are the manifest", says: "bad-rows", make: |s| names(s, "rows", "callsheet.yaml") },
        Hostile {
            name: "a dangling link",
            says: "error[",
            make: |s| {
                names(s, "include", "a.yaml");
                link(s, "nowhere", "a.yaml");
            },
        },
        Hostile {
            name: "a path with a NUL",
            says: "error[",
            make: |s| {
                s.write("callsheet.yaml", &format!("{HEAD}videos: {{ a: {{ script: {{ path: \"a\\0b\" }} }} }}\n"));
            },
        },
        Hostile { name: "a path of 1 MB", says: "error[", make: |s| names(s, "script", &"a/".repeat(1 << 19)) },
        Hostile { name: "a path by a bomb", says: "error[", make: |s| names(s, "script", "{{ \"../\" * 20000 }}") },
    ]);
}

#[test]
fn files_that_are_large() {
    all(&[
        Hostile {
            name: "100 MB as include",
            says: "file-too-large",
            make: |s| {
                names(s, "include", "a.yaml");
                sparse(s, "a.yaml", 100);
            },
        },
        Hostile {
            name: "100 MB as script",
            says: "file-too-large",
            make: |s| {
                names(s, "script", "a.txt");
                sparse(s, "a.txt", 100);
            },
        },
        Hostile {
            name: "15 MB as script",
            says: "error[",
            make: |s| {
                names(s, "script", "a.txt");
                sparse(s, "a.txt", 15);
            },
        },
        Hostile {
            name: "15 MB of template as script",
            says: "template-limit",
            make: |s| {
                names(s, "script", "a.txt");
                s.write("a.txt", &"{{ 1 }}".repeat(2 << 20));
            },
        },
        Hostile {
            name: "100 MB of NUL as csv",
            says: "16 MB",
            make: |s| {
                names(s, "rows", "a.csv");
                sparse(s, "a.csv", 100);
            },
        },
        Hostile {
            name: "100 MB of NUL as jsonl",
            says: "16 MB",
            make: |s| {
                names(s, "rows", "a.jsonl");
                sparse(s, "a.jsonl", 100);
            },
        },
        Hostile {
            name: "100 MB of NUL as json",
            says: "error[",
            make: |s| {
                names(s, "rows", "a.json");
                sparse(s, "a.json", 100);
            },
        },
        Hostile {
            name: "2 GB of NUL as json",
            says: "error[",
            make: |s| {
                names(s, "rows", "a.json");
                sparse(s, "a.json", 2_048);
            },
        },
        Hostile {
            name: "100 MB as yaml rows",
            says: "file-too-large",
            make: |s| {
                names(s, "rows", "a.yaml");
                sparse(s, "a.yaml", 100);
            },
        },
        Hostile {
            name: "1 GB as media",
            says: "bad-media",
            make: |s| {
                names(s, "media", "a.png");
                sparse(s, "a.png", 1_024);
            },
        },
        Hostile {
            name: "5,000 files",
            says: "error[",
            make: |s| {
                names(s, "include", "v/*.yaml");
                fs::create_dir(s.path().join("v")).unwrap();
                for number in 0..5_000 {
                    fs::write(s.path().join(format!("v/{number}.yaml")), "x-a: 1\nvideos: { a: { script: x } }\n")
                        .unwrap();
                }
            },
        },
        Hostile {
            name: "folders 300 deep",
            says: "empty-include",
            make: |s| {
                names(s, "include", "**/*.x");
                fs::create_dir_all(s.path().join("a/".repeat(300))).unwrap();
            },
        },
    ]);
}
