//! The facts that findings are made of; those that need no network are gathered here.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use jiff::SignedDuration;

use crate::manifest::Manifest;
use crate::project::{Compiled, Environment, World, compile, environment_name, keep_schema, resolve};
use crate::vendor::{BaseUrl, CallError, ClientError, Unreached};

/// The command line and working directory, as an examination needs them.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The project root, or why there is none.
    pub root: Result<PathBuf, String>,
    /// The project root as the user would name it.
    pub place: String,
    /// The requested environment.
    pub environment: Option<String>,
    /// The program and its flags, quoted for a shell, so that a next step can be copied.
    pub callsheet: String,
}

/// A project on this machine.
#[derive(Debug)]
pub struct Examination {
    pub(super) root: Result<PathBuf, String>,
    pub(super) place: String,
    /// `None` if there is no root, or it cannot be read.
    pub(super) compiled: Option<Compiled>,
    /// Why the project could not be compiled at all.
    pub(super) unreadable: Option<String>,
    pub(super) environment_name: String,
    /// The environment, or why there is none.
    pub environment: Result<Environment, String>,
    pub(super) git: Git,
    /// Whether the editors' schema was written just now, or why it could not be.
    pub(super) schema: Option<Result<bool, String>>,
    pub(super) world: World,
    pub(super) callsheet: String,
}

/// The vendor's answers. `None` if the question was skipped.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Whether credentials may be sent to the host.
    pub(super) host: Option<Result<BaseUrl, ClientError>>,
    /// Whether there is any answer.
    pub(super) reached: Option<Result<(), Unreached>>,
    /// How far the vendor's clock is ahead of this machine's.
    pub(super) clock: Option<SignedDuration>,
    /// Why there is no client with credentials.
    pub(super) unready: Option<String>,
    /// For a client id and secret: how long the token lives that they were exchanged for, if the vendor says so.
    pub(super) exchanged: Option<Result<Option<Duration>, CallError>>,
    /// The number of listed videos.
    pub(super) list: Option<Result<usize, CallError>>,
}

/// What findings are made of.
pub(super) struct Facts<'a> {
    pub(super) local: &'a Examination,
    pub(super) answers: &'a Answers,
}

/// The repository around a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Git {
    /// git is missing on this machine.
    NotInstalled,
    /// The project is in no repository.
    NoRepository,
    /// git refuses the repository: another user owns it.
    Dubious(String),
    /// git fails, with this message.
    Broken(String),
    /// A repository that git can use.
    Repository,
}

impl Git {
    pub(super) fn of(root: &Path) -> Self {
        let Some(done) = git(root, &["rev-parse", "--is-inside-work-tree"]) else { return Self::NotInstalled };
        if done.status.success() {
            // Inside `.git` there is a repository, and no files that it could track.
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

/// Runs git in a folder. Returns `None` if there is none.
fn git(root: &Path, args: &[&str]) -> Option<Output> {
    let mut git = Command::new("git");
    // A question runs no program that the repository names, and waits for no lock.
    git.args(["-c", "core.fsmonitor=false"]).args(args).current_dir(root);
    // `check-ignore` knows no literal pathspecs, and no lockfile has a name that is a pattern.
    git.env("GIT_OPTIONAL_LOCKS", "0").env_remove("GIT_LITERAL_PATHSPECS").env("LC_ALL", "C");
    // Inside a hook these name the repository of the hook, which may be another one.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"] {
        git.env_remove(variable);
    }
    git.stdin(Stdio::null()).output().ok()
}

/// What git prints for a question that it answers with success.
pub(super) fn answer(root: &Path, args: &[&str]) -> Option<String> {
    let done = git(root, args).filter(|done| done.status.success())?;
    Some(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

/// Looks at a project, its git and its environment; sends nothing.
pub fn examine(surroundings: Surroundings, world: &World) -> Examination {
    let Surroundings { root, place, environment: asked, callsheet } = surroundings;
    let compiled = root.as_ref().ok().map(|root| compile(root, world));
    let (compiled, unreadable) = match compiled {
        Some(Ok(compiled)) => (Some(compiled), None),
        Some(Err(error)) => (None, Some(error.to_string())),
        None => (None, None),
    };
    // Without a project there is still the vendor to be reached.
    let nothing = Manifest::default();
    let manifest = compiled.as_ref().map_or(&nothing, |compiled| &compiled.manifest);
    Examination {
        environment_name: environment_name(asked.as_deref(), world).to_owned(),
        environment: resolve(manifest, asked.as_deref(), world).map_err(|error| error.to_string()),
        git: root.as_ref().map_or(Git::NoRepository, |root| Git::of(root)),
        // As every command does that compiles.
        schema: compiled.as_ref().map(|compiled| keep_schema(compiled).map_err(|error| error.to_string())),
        root,
        place,
        compiled,
        unreadable,
        world: world.clone(),
        callsheet,
    }
}

impl Examination {
    /// A git command for the project's folder, to be copied.
    pub(super) fn git_command(&self, words: &str) -> String {
        let plain = |one: char| one.is_ascii_alphanumeric() || "._-/+,@".contains(one);
        match self.place.as_str() {
            "." => format!("git {words}"),
            place if place.chars().all(plain) => format!("git -C {place} {words}"),
            place => format!("git -C '{}' {words}", place.replace('\'', "'\\''")),
        }
    }

    /// The project root, if there is one.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_ref().ok().map(PathBuf::as_path)
    }
}
