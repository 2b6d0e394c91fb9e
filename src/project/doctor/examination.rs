//! The facts behind all findings. Collects those that need no network.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use jiff::SignedDuration;

use crate::manifest::Manifest;
use crate::project::{CompiledProject, Environment, ProcessEnv, compile, environment_name, refresh_schema, resolve};
use crate::vendor::{BaseUrl, CallError, ClientError, UnreachableReason};

/// The parts of the command line and working directory that an examination needs.
#[derive(Clone, Debug)]
pub struct ExaminationContext {
    /// The project root, or the reason why it was not found.
    pub root: Result<PathBuf, String>,
    /// The project root as the user would write it.
    pub place: String,
    /// The requested environment.
    pub environment: Option<String>,
    /// The program and its flags, quoted for a shell, so that the user can copy a next step.
    pub callsheet: String,
}

/// A project on this machine.
#[derive(Debug)]
pub struct Examination {
    pub(super) context: ExaminationContext,
    /// `None` if there is no root, or it cannot be read.
    pub(super) compiled: Option<CompiledProject>,
    /// The error that prevented compilation, if any.
    pub(super) unreadable: Option<String>,
    pub(super) environment_name: String,
    /// The environment, or the reason why it could not be resolved.
    pub environment: Result<Environment, String>,
    pub(super) git: GitState,
    /// Whether this run updated the editor schema, or the reason why it could not.
    pub(super) schema: Option<Result<bool, String>>,
    pub(super) process_env: ProcessEnv,
    pub(super) answers: VendorAnswers,
}

/// The vendor's answers. `None` if the request was skipped.
#[derive(Clone, Debug, Default)]
pub struct VendorAnswers {
    /// Whether credentials may be sent to the host.
    pub(super) host: Option<Result<BaseUrl, ClientError>>,
    /// Whether the vendor answers at all.
    pub(super) reached: Option<Result<(), UnreachableReason>>,
    /// How far the vendor's clock is ahead of this machine's.
    pub(super) clock: Option<SignedDuration>,
    /// The reason why there is no client with credentials.
    pub(super) unready: Option<String>,
    /// The lifetime of the token that the client id and secret were exchanged for, if the vendor reports it.
    pub(super) exchanged: Option<Result<Option<Duration>, CallError>>,
    /// The number of listed videos.
    pub(super) list: Option<Result<usize, CallError>>,
}

/// The state of the git repository around a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GitState {
    /// git is not installed.
    NotInstalled,
    /// The project is not in a repository.
    NoRepository,
    /// git refuses the repository, because another user owns it.
    Dubious(String),
    /// git fails, with this message.
    Broken(String),
    /// A repository that git can use.
    Repository,
}

impl GitState {
    pub(super) fn find(root: &Path) -> Self {
        let Some(done) = git(root, &["rev-parse", "--is-inside-work-tree"]) else { return Self::NotInstalled };
        if done.status.success() {
            // `.git` itself is inside a repository, but git tracks no files there.
            let inside = String::from_utf8_lossy(&done.stdout).trim() == "true";
            return if inside { Self::Repository } else { Self::NoRepository };
        }
        let words = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        let first = words.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
        if words.contains("dubious ownership") {
            Self::Dubious(first)
        } else if words.contains("not a git repository") {
            Self::NoRepository
        } else {
            Self::Broken(first)
        }
    }
}

/// Runs git in a directory. Returns `None` if git is not installed.
fn git(root: &Path, args: &[&str]) -> Option<Output> {
    let mut git = Command::new("git");
    // A query must not run a program that the repository names, or wait for a lock.
    git.args(["-c", "core.fsmonitor=false"]).args(args).current_dir(root);
    // `check-ignore` does not support literal pathspecs, and the name of a lockfile is never a pattern.
    git.env("GIT_OPTIONAL_LOCKS", "0").env_remove("GIT_LITERAL_PATHSPECS").env("LC_ALL", "C");
    // Inside a hook, these variables name the hook's repository, which may be another one.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"] {
        git.env_remove(variable);
    }
    git.stdin(Stdio::null()).output().ok()
}

/// Returns the output of git. Returns `None` if git fails.
pub(super) fn answer(root: &Path, args: &[&str]) -> Option<String> {
    let done = git(root, args).filter(|done| done.status.success())?;
    Some(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

/// Examines a project, its git repository and its environment. Sends nothing.
pub fn examine(context: ExaminationContext, process_env: &ProcessEnv) -> Examination {
    let ExaminationContext { root, environment: asked, .. } = &context;
    let compiled = root.as_ref().ok().map(|root| compile(root, process_env));
    let (compiled, unreadable) = match compiled {
        Some(Ok(compiled)) => (Some(compiled), None),
        Some(Err(error)) => (None, Some(error.to_string())),
        None => (None, None),
    };
    // Without a project, the vendor can still be checked.
    let nothing = Manifest::default();
    let manifest = compiled.as_ref().map_or(&nothing, |compiled| &compiled.manifest);
    Examination {
        environment_name: environment_name(asked.as_deref(), process_env).to_owned(),
        environment: resolve(manifest, asked.as_deref(), process_env).map_err(|error| error.to_string()),
        git: root.as_ref().map_or(GitState::NoRepository, |root| GitState::find(root)),
        // Like every command that compiles.
        schema: compiled.as_ref().map(|compiled| refresh_schema(compiled).map_err(|error| error.to_string())),
        compiled,
        unreadable,
        process_env: process_env.clone(),
        answers: VendorAnswers::default(),
        context,
    }
}

impl Examination {
    /// Returns a git command for the project's directory that the user can copy.
    pub(super) fn git_command(&self, words: &str) -> String {
        let plain = |one: char| one.is_ascii_alphanumeric() || "._-/+,@".contains(one);
        match self.context.place.as_str() {
            "." => format!("git {words}"),
            place if place.chars().all(plain) => format!("git -C {place} {words}"),
            place => format!("git -C '{}' {words}", place.replace('\'', "'\\''")),
        }
    }

    /// Returns the project root, if there is one.
    pub fn root(&self) -> Option<&Path> {
        self.context.root.as_ref().ok().map(PathBuf::as_path)
    }
}
