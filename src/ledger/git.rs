//! One git command: plumbing only, without hooks and prompts, ended with all its children after a minute.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::source::REDIRECTING_VARIABLES;

/// Maximum duration of one command.
const COMMAND_TIMEOUT: Duration = Duration::from_mins(1);
/// Maximum wait for output after the command itself has ended: a helper that it left may keep the pipe open.
const OUTPUT_TIMEOUT: Duration = Duration::from_secs(2);

/// Git in the repository of a project.
#[derive(Debug)]
pub(super) struct GitCommand {
    root: PathBuf,
    /// An empty folder: there are no hooks in it, and an index of our own goes next to them.
    own: TempDir,
    /// The command of ssh that shows no prompt. `None` if the user has another program.
    ssh: Option<String>,
}

/// The result of a command.
#[derive(Debug)]
pub(super) struct GitOutput {
    pub(super) code: Option<i32>,
    pub(super) out: Vec<u8>,
    pub(super) err: String,
}

impl GitOutput {
    pub(super) fn is_ok(&self) -> bool {
        self.code == Some(0)
    }

    /// The first line of the output.
    pub(super) fn first_line(&self) -> String {
        String::from_utf8_lossy(&self.out).lines().next().unwrap_or_default().trim().to_owned()
    }

    /// Git's message: its last lines, without addresses that hold a user.
    pub(super) fn error_message(&self) -> String {
        let said: Vec<&str> = self.err.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let told = said.iter().find(|line| line.starts_with("fatal:") || line.starts_with("remote:"));
        let line = told.or(said.first()).copied().unwrap_or("git gave no reason");
        without_user(line.strip_prefix("fatal: ").unwrap_or(line))
    }
}

/// Adds the option to a command of ssh that prevents prompts. An option of the user's has precedence. `None` for
/// another program, whose options are unknown.
fn silent_ssh(command: &str) -> Option<String> {
    let program = command.split_whitespace().next()?.trim_matches(['"', '\'']);
    let name = program.rsplit(['/', '\\']).next()?;
    matches!(name, "ssh" | "ssh.exe").then(|| format!("{command} -oBatchMode=yes"))
}

/// Removes `user:password@` from addresses.
pub(super) fn without_user(text: &str) -> String {
    let mut parts = text.split("://");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(['/', '\'', '"', ' ']).unwrap_or(part.len());
        let from = part[..end].rfind('@').map_or(0, |at| at + 1);
        clean.push_str("://");
        clean.push_str(&part[from..]);
    }
    clean
}

impl GitCommand {
    pub(super) fn new(root: &Path) -> std::io::Result<Self> {
        let own = tempfile::Builder::new().prefix("callsheet-git.").tempdir()?;
        std::fs::create_dir(own.path().join("hooks"))?;
        let mut git = Self { root: root.to_owned(), own, ssh: None };
        git.ssh = git.user_ssh().as_deref().and_then(silent_ssh);
        Ok(git)
    }

    /// The command of ssh that git would use, in git's order. `None` if a variable names a program without options, or one
    /// that answers ssh's prompts.
    fn user_ssh(&self) -> Option<String> {
        if std::env::var("SSH_ASKPASS_REQUIRE").is_ok_and(|when| when != "never") {
            return None;
        }
        let named = std::env::var_os("GIT_SSH_COMMAND").map(|command| command.to_string_lossy().into_owned());
        let set = || self.run(&["config", "--get", "core.sshCommand"], b"").ok().filter(GitOutput::is_ok);
        let plain = || std::env::var_os("GIT_SSH").is_none().then(|| "ssh".to_owned());
        named.or_else(|| set().map(|done| done.first_line())).or_else(plain)
    }

    /// Runs a command with text on its stdin.
    ///
    /// The error says why it gave no answer: git is missing, or it took longer than a minute.
    pub(super) fn run(&self, args: &[&str], input: &[u8]) -> Result<GitOutput, String> {
        self.run_with(args, input, &[])
    }

    /// Runs a command with further environment variables.
    pub(super) fn run_with(&self, args: &[&str], input: &[u8], env: &[(&str, &str)]) -> Result<GitOutput, String> {
        let mut git = Command::new("git");
        let hooks = format!("core.hooksPath={}", self.own.path().join("hooks").display());
        git.args(["-c", &hooks, "-c", "core.fsmonitor=false"]).args(args).current_dir(&self.root);
        for name in REDIRECTING_VARIABLES {
            git.env_remove(name);
        }
        // A prompt of git, of ssh or of a window would wait until the time limit: this process group has no terminal. A program that the
        // user or the pipeline names for credentials (`GIT_ASKPASS`) still answers.
        git.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GCM_INTERACTIVE", "never");
        if let Some(ssh) = &self.ssh {
            git.env("GIT_SSH_COMMAND", ssh);
        }
        git.envs(env.iter().copied());
        git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Its own group: the user's Ctrl-C stops callsheet, not a push that may already have changed the ledger.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut git, 0);
        let mut child = git.spawn().map_err(|error| format!("git cannot be run: {error}"))?;
        let input = input.to_vec();
        if let Some(mut stdin) = child.stdin.take() {
            // A command that ends early does not read all of it.
            std::thread::spawn(move || drop(stdin.write_all(&input)));
        }
        let (out, err) = (collect(child.stdout.take()), collect(child.stderr.take()));
        let status = wait(&mut child)?;
        let receive = |pipe: Receiver<Vec<u8>>| pipe.recv_timeout(OUTPUT_TIMEOUT).unwrap_or_default();
        let (out, err) = (receive(out), String::from_utf8_lossy(&receive(err)).into_owned());
        tracing::debug!(command = args.first(), code = status.code(), "git");
        Ok(GitOutput { code: status.code(), out, err })
    }

    /// A separate index, in which a tree is built. The user's index stays untouched.
    pub(super) fn index(&self) -> PathBuf {
        self.own.path().join("index")
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    if let Some(mut pipe) = pipe {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = pipe.read_to_end(&mut bytes);
            drop(read.map(|_| send.send(bytes)));
        });
    }
    receive
}

fn wait(child: &mut Child) -> Result<ExitStatus, String> {
    let end = Instant::now() + COMMAND_TIMEOUT;
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < end => std::thread::sleep(pause),
            Ok(None) => {
                kill_process_group(child);
                return Err(format!("git gave no answer within {} s", COMMAND_TIMEOUT.as_secs()));
            }
            Err(error) => return Err(format!("git cannot be waited for: {error}")),
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Ends a command with all its children, such as an ssh that waits for a host.
fn kill_process_group(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // Its processes may already have ended.
        let _gone = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    drop(child.kill());
    drop(child.wait());
}

#[cfg(test)]
mod tests {
    use super::silent_ssh;

    #[test]
    fn ssh_shows_no_prompt_and_other_programs_get_no_option() {
        for command in ["ssh", "\"/usr/bin/ssh\" -i key", "C:\\OpenSSH\\ssh.exe"] {
            assert_eq!(silent_ssh(command), Some(format!("{command} -oBatchMode=yes")));
        }
        for command in ["plink -batch", "tortoiseplink.exe", "my-ssh", ""] {
            assert_eq!(silent_ssh(command), None, "{command}");
        }
    }
}
