//! A canceled job: the signals that runners send to the shell of a step, and what the step then pushes.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::faults::TEN;
use crate::runner::Pipeline;

/// A timeout that even a slow machine does not reach.
const HANGS: Duration = Duration::from_mins(2);

fn wait_for(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < HANGS, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A step that runs in a separate process group. Its log is written to a file.
struct Step {
    child: Child,
    log: std::path::PathBuf,
}

/// Returns a command that another program starts and then becomes.
fn through(program: &[&str], command: &Command) -> Command {
    let mut outer = Command::new(program[0]);
    outer
        .args(&program[1..])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap())
        .env_clear()
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    outer
}

/// The receiver of a signal.
#[derive(Clone, Copy, Debug)]
enum To {
    Shell,
    Group,
}

impl Step {
    fn start(pipeline: &Pipeline, command: &Command) -> Self {
        // The tests may run with ignored signals (`nohup`, a background job of a script), but a runner does not.
        let mut command = through(&["env", "--default-signal"], command);
        Self::spawn(pipeline, &mut command)
    }

    fn spawn(pipeline: &Pipeline, command: &mut Command) -> Self {
        let log = pipeline.scene.path().join("step.log");
        let file = fs::File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).process_group(0);
        Self { child: command.spawn().unwrap(), log }
    }

    fn signal(&self, name: &str, to: To) {
        let id = self.child.id();
        let target = match to {
            To::Shell => id.to_string(),
            To::Group => format!("-{id}"),
        };
        let sent = Command::new("kill").args(["-s", name, "--", &target]).status().unwrap();
        assert!(sent.success(), "{name} to {target}");
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Returns the exit code. `None` after a signal that cannot be caught.
    fn end(&mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(start.elapsed() < HANGS, "it hangs: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        // Runs only if a test failed. The process group belongs to this test.
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.signal("KILL", To::Group);
            drop(self.child.wait());
        }
    }
}

/// Returns the numbers of submitted takes and takes in doubt in the pushed lockfile.
fn pushed(pipeline: &Pipeline) -> (usize, usize) {
    let lock = pipeline.pushed();
    (lock.matches("\"state\":\"submitted\"").count(), lock.matches("\"state\":\"intent\"").count())
}

/// Runs the next pipeline: it pays for nothing twice, and then the lockfile has all ten videos.
fn next_pays_the_rest(pipeline: Pipeline) {
    let pipeline = pipeline.healed();
    let (code, screen) = pipeline.apply(&pipeline.clone("next"), "main");
    assert_eq!(code, 0, "{screen}");
    assert_eq!(pipeline.apply(&pipeline.clone("last"), "main"), (0, "nothing to do".to_owned()));
    assert_eq!(pipeline.server.accepted().len(), 10);
}

type Job = fn(&Pipeline, &str) -> Command;

const JOBS: [(&str, Job); 2] = [
    ("INT", |pipeline, folder| pipeline.apply_command(folder)),
    ("TERM", |pipeline, folder| pipeline.gitlab("apply", folder, "")),
];

#[test]
fn the_first_signal_stops_softly_and_the_lockfile_is_pushed() {
    for (signal, job) in JOBS.into_iter().chain([("HUP", JOBS[0].1)]) {
        for to in [To::Shell, To::Group] {
            let pipeline = Pipeline::with(TEN, "\n", &["slow-after-accept:700ms"]);
            let runner = pipeline.clone("runner");
            let step = Step::start(&pipeline, &job(&pipeline, &runner));
            stops_softly(pipeline, step, (signal, to));
        }
    }
}

/// Sends a signal to a job during its first submissions, and runs the next pipeline.
fn stops_softly(pipeline: Pipeline, mut step: Step, (signal, to): (&str, To)) {
    wait_for("a submission", || !pipeline.server.accepted().is_empty());
    step.signal(signal, to);
    assert_eq!(step.end(), Some(130), "{signal} {to:?}: {}", step.log());
    let accepted = pipeline.server.accepted().len();
    assert!((1..10).contains(&accepted), "{signal} {to:?}: {accepted}: {}", step.log());
    assert_eq!(pushed(&pipeline), (accepted, 0), "{signal} {to:?}: {}", step.log());
    next_pays_the_rest(pipeline);
}

#[test]
fn a_runner_that_ignores_hangups_passes_the_first_signal_on_all_the_same() {
    for (signal, job) in JOBS {
        let pipeline = Pipeline::with(TEN, "\n", &["slow-after-accept:700ms"]);
        let runner = pipeline.clone("runner");
        // `nohup` is applied last, so hangups are ignored.
        let mut ignoring = through(&["env", "--default-signal", "nohup"], &job(&pipeline, &runner));
        let step = Step::spawn(&pipeline, &mut ignoring);
        stops_softly(pipeline, step, (signal, To::Shell));
    }
}

#[test]
fn the_second_signal_leaves_immediately_and_what_is_in_doubt_is_pushed() {
    let patient = TEN.replace("timeout: 2s", "timeout: 5m");
    for (signal, job) in JOBS {
        for to in [To::Shell, To::Group] {
            let pipeline = Pipeline::with(&patient, "\n", &["slow-after-accept:5m"]);
            let runner = pipeline.clone("runner");
            let mut step = Step::start(&pipeline, &job(&pipeline, &runner));
            wait_for("a submission", || !pipeline.server.accepted().is_empty());
            step.signal(signal, to);
            wait_for("a soft stop", || step.log().contains("stopping"));
            step.signal("TERM", to);
            assert_eq!(step.end(), Some(130), "{signal} {to:?}: {}", step.log());
            let (submitted, in_doubt) = pushed(&pipeline);
            let accepted = pipeline.server.accepted().len();
            assert!(submitted == 0 && in_doubt >= accepted, "{in_doubt} of {accepted}: {}", step.log());
            next_pays_the_rest(pipeline);
        }
    }
}

#[test]
fn a_killed_step_leaves_its_lockfile_to_the_step_that_always_runs() {
    let patient = TEN.replace("timeout: 2s", "timeout: 5m");
    for (name, job) in JOBS {
        let pipeline = Pipeline::with(&patient, "\n", &["slow-after-accept:5m"]);
        let runner = pipeline.clone("runner");
        let mut step = Step::start(&pipeline, &job(&pipeline, &runner));
        wait_for("a submission", || !pipeline.server.accepted().is_empty());
        step.signal("KILL", To::Group);
        assert_eq!(step.end(), None);
        let accepted = pipeline.server.accepted().len();
        let recorded = if name == "INT" {
            pipeline.record(&runner).0
        } else {
            crate::fixture::shown(&mut pipeline.gitlab_part("apply", "after_script", &runner, ""))
        };
        assert_eq!(recorded.code, 0, "{}{}", recorded.out, recorded.err);
        assert!(pushed(&pipeline).1 >= accepted, "{}", pipeline.pushed());
        next_pays_the_rest(pipeline);
    }
}

#[test]
fn a_cancel_before_the_apply_spends_nothing() {
    for to in [To::Shell, To::Group] {
        let pipeline = Pipeline::new();
        let runner = pipeline.clone("runner");
        pipeline.program(
            "origin.git/hooks/pre-receive",
            "#!/bin/sh\ntrap '' INT\ntouch asked\nwhile [ ! -e go ]; do sleep 0.02; done\n",
        );
        let mut step = Step::start(&pipeline, &pipeline.apply_command(&runner));
        let origin = pipeline.scene.path().join("origin.git");
        wait_for("the first push", || origin.join("asked").exists());
        step.signal("INT", to);
        fs::write(origin.join("go"), "").unwrap();
        let code = step.end();
        assert!(matches!(code, Some(1 | 130)), "{code:?}: {}", step.log());
        assert_eq!(pipeline.server.accepted().len(), 0, "{}", step.log());
        let (recorded, _) = pipeline.record(&runner);
        assert_eq!(recorded.code, 0, "{}{}", recorded.out, recorded.err);
    }
}

#[test]
fn the_step_that_always_runs_is_not_ended_by_the_signals_of_a_cancel() {
    let pipeline = Pipeline::with(TEN, "\n", &["slow-after-accept:700ms"]);
    let runner = pipeline.clone("runner");
    let mut step = Step::start(&pipeline, &pipeline.apply_command(&runner));
    wait_for("a submission", || !pipeline.server.accepted().is_empty());
    step.signal("KILL", To::Group);
    step.end();
    pipeline.program(
        "origin.git/hooks/pre-receive",
        "#!/bin/sh\ntrap '' INT TERM\ntouch asked\nwhile [ ! -e go ]; do sleep 0.02; done\n",
    );
    let mut step = Step::start(&pipeline, &pipeline.step_command("record", &runner, &[]));
    let origin = pipeline.scene.path().join("origin.git");
    wait_for("the push", || origin.join("asked").exists());
    for (name, to) in [("INT", To::Group), ("TERM", To::Group), ("TERM", To::Shell)] {
        step.signal(name, to);
    }
    fs::write(origin.join("go"), "").unwrap();
    assert_eq!(step.end(), Some(0), "{}", step.log());
    assert!(pushed(&pipeline).1 > 0, "{}", pipeline.pushed());
}
