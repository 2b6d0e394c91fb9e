//! The git of the shared ledger asks no question: a run fails with its reason instead of waiting for an answer.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::faults::TEN;
use crate::fixture::shown;
use crate::ledger::{command, ok, pipeline, prepared};
use crate::ledger_process::Running;

#[test]
fn ssh_asks_no_question() {
    let pipeline = pipeline(TEN, &[]);
    pipeline.stub("ssh", "#!/bin/sh\necho \"$*\" >> \"$HOME/ssh.log\"\nfor last; do :; done\neval \"$last\"\n");
    let origin = pipeline.scene.path().join("origin.git");
    let clone = pipeline.clone("ssh");
    pipeline.git(&clone, &["remote", "set-url", "origin", &format!("ssh://git.test{}", origin.display())]);
    // Another home: it gets that far only through ssh.
    let done = shown(&mut command(&pipeline, &clone, &["apply", "--yes"]));
    assert!(done.code == 1 && done.err.contains("this remote is `git.test/"), "{}", done.err);
    let log = pipeline.scene.read("ssh.log");
    assert!(!log.is_empty() && log.lines().all(|line| line.contains("-oBatchMode=yes")), "{log}");
    // The user's own command keeps its options.
    pipeline.git(&clone, &["config", "core.sshCommand", "ssh -i key"]);
    shown(&mut command(&pipeline, &clone, &["apply", "--yes"]));
    let log = pipeline.scene.read("ssh.log");
    assert!(log.lines().last().unwrap().starts_with("-i key -oBatchMode=yes"), "{log}");
    assert_eq!(pipeline.server.accepted().len(), 0);
}

#[test]
fn a_remote_that_wants_a_password_asks_no_question_at_a_terminal() {
    let pipeline = pipeline(TEN, &[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            drop(stream.read(&mut [0; 4096]));
            let answer = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    pipeline.git("author", &["remote", "set-url", "origin", &format!("http://{address}/videos.git")]);
    let mut script = Command::new("script");
    script.args(["-qefc", "callsheet apply", "/dev/null"]).env("TERM", "xterm");
    let began = Instant::now();
    let (code, screen) = Running::start(prepared(&pipeline, "author", script)).ends();
    assert_eq!(code, Some(1), "{screen}");
    assert!(screen.contains("terminal prompts disabled") && screen.contains("nothing was sent"), "{screen}");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    ok(&pipeline, "author", &["plan"]);
}
