//! The context of every command, and its errors.

use std::cell::{Cell, OnceCell};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::apply::ApplyEvent;
use crate::catalog::CatalogError;
use crate::cli::exit::Exit;
use crate::cli::shared_args::{Global, SelectArgs};
use crate::lockfile::{Store, StoreError};
use crate::output::{EventV1, Programs, Screen, View, pluralize};
use crate::preview::DrawProcess;
use crate::project::{self, CompiledProject, Environment, ProcessEnv, ProjectError, Selection};
use crate::source::{OWN_DIRECTORY, ROOT_MANIFEST, check_inside};
use crate::vendor::Tokens;

/// The context of one command.
pub struct Context {
    /// The flags of every command.
    pub global: Global,
    /// Environment variables and clock.
    pub process_env: ProcessEnv,
    /// The working directory.
    pub working_directory: PathBuf,
    /// The output.
    pub view: View,
    /// The stream with answers to questions.
    pub input: Box<dyn BufRead + Send>,
    /// `true` if a user can answer questions.
    pub interactive: bool,
    /// The place where images from unknown sources are decoded.
    pub draw_in: DrawProcess,
    /// `true` if the project root is already logged. Several callers request it.
    pub root_logged: Cell<bool>,
    /// `true` if the warning about different clocks is already printed.
    pub clock_warned: Cell<bool>,
    /// The vendor's credentials with their tokens, set when the first client is opened.
    pub tokens: OnceCell<Tokens>,
}

/// The reason why a command stopped without a result.
#[derive(Debug, Error)]
pub enum CliError {
    /// An error of the project.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// An error of the catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// An error of a stream of the process.
    #[error("cannot write: {0}")]
    Stream(#[from] io::Error),
    /// An invalid command line.
    #[error("{0}")]
    Usage(String),
    /// Any other error, with a message that says what to do.
    #[error("{0}")]
    Other(String),
    /// Invalid manifests. All diagnostics are already shown.
    #[error("the manifests have {0}; nothing was sent")]
    Invalid(String),
}

impl CliError {
    /// Returns an error whose message says what to do.
    pub fn other(error: impl std::fmt::Display) -> Self {
        Self::Other(error.to_string())
    }

    /// Returns the exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            _ => Exit::Error,
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::Project(error.into())
    }
}

/// Returns the reason why a directory that `-C` names has no root manifest.
fn no_manifest(directory: &Path, root: &Path) -> ProjectError {
    let named = directory.to_path_buf();
    if root.is_file() {
        return ProjectError::NotADirectory(named);
    }
    if !root.exists() {
        return ProjectError::NoDirectory(named);
    }
    misnamed(directory, root).unwrap_or(ProjectError::NoManifest(named))
}

/// Returns an error about a manifest with the extension `.yml`, which many other tools use.
fn misnamed(shown: &Path, folder: &Path) -> Option<ProjectError> {
    const OTHER: &str = "callsheet.yml";
    folder.join(OTHER).is_file().then(|| ProjectError::Misnamed(shown.join(OTHER)))
}

/// Returns the root if its `.callsheet` is inside it. A committed link must not redirect writes to another directory.
fn own_directory(root: PathBuf) -> Result<PathBuf, CliError> {
    match check_inside(&root, &root.join(OWN_DIRECTORY)) {
        Ok(()) => Ok(root),
        Err(error) => Err(CliError::Other(format!("{error}; nothing was read or sent; remove the link"))),
    }
}

impl Context {
    /// Returns the project root: `-C`, or the nearest directory upward with a root manifest.
    pub fn root(&self) -> Result<PathBuf, CliError> {
        if let Some(directory) = &self.global.directory {
            let root = self.working_directory.join(directory);
            if root.join(ROOT_MANIFEST).symlink_metadata().is_err() {
                return Err(no_manifest(directory, &root).into());
            }
            self.log_root(directory, "-C");
            own_directory(root)
        } else {
            let found = crate::source::find_root(&self.working_directory);
            let root = found.ok_or_else(|| match misnamed(&self.working_directory, &self.working_directory) {
                Some(error) => error,
                None => ProjectError::NoProject(self.working_directory.clone()),
            })?;
            self.log_root(
                if root == self.working_directory { Path::new(".") } else { &root },
                "the nearest callsheet.yaml upwards",
            );
            own_directory(root)
        }
    }

    /// Logs the root, once per run.
    fn log_root(&self, root: &Path, from: &str) {
        if !self.root_logged.replace(true) {
            tracing::debug!(directory = %root.display(), from, "project root");
        }
    }

    /// Compiles the project, even with errors.
    pub fn compile(&self) -> Result<CompiledProject, CliError> {
        Ok(project::compile(&self.root()?, &self.process_env)?)
    }

    /// Updates the schema for the project's editors, if a manifest references it. A system error is only a warning,
    /// because it must not change the result of a command.
    pub fn refresh_schema(&self, compiled: &CompiledProject) -> io::Result<()> {
        match project::refresh_schema(compiled) {
            Ok(_) => Ok(()),
            Err(error) => self.view.warning(&format!("the editor's schema is not current: {error}")),
        }
    }

    /// Compiles the project and shows its report. Returns an error if the report has errors.
    pub fn compile_valid(&mut self) -> Result<CompiledProject, CliError> {
        let compiled = self.compile()?;
        self.show_report(&compiled)?;
        Ok(compiled)
    }

    /// Shows the report of a project. Returns an error if it has errors.
    pub fn show_report(&self, compiled: &CompiledProject) -> Result<(), CliError> {
        if !compiled.report.is_empty() {
            self.view.diagnostics(&compiled.report, &compiled.sources, self.screen_err())?;
        }
        if compiled.report.has_errors() {
            return Err(CliError::Invalid(pluralize(compiled.report.errors() as u64, "error")));
        }
        Ok(())
    }

    /// Returns the environment of the run.
    pub fn environment(&self, compiled: &CompiledProject) -> Result<Environment, CliError> {
        let asked = self.global.env.as_deref();
        let environment = project::resolve(&compiled.manifest, asked, &self.process_env)?;
        project::trace_environment((&compiled.manifest, &compiled.sources), (asked, &self.process_env), &environment);
        Ok(environment)
    }

    /// Returns the lockfile's path, with the project and environment. The manifests may have errors, because the
    /// lockfile must remain accessible.
    pub fn lockfile_context(&self) -> Result<(CompiledProject, Environment, PathBuf), CliError> {
        let compiled = self.compile()?;
        let environment = self.environment(&compiled)?;
        let path = project::lock_path(&compiled.root, &environment.name);
        Ok((compiled, environment, path))
    }

    /// Returns the name of the user, for locks.
    pub fn user(&self) -> &str {
        self.process_env.var("USER").or_else(|| self.process_env.var("USERNAME")).unwrap_or("somebody")
    }

    /// Opens a lockfile, and warns of a torn last line.
    pub fn open_lockfile(&self, path: &Path) -> Result<Store, CliError> {
        let store = Store::open(path)?;
        self.warn_torn(store.path(), store.torn.as_ref())?;
        Ok(store)
    }

    /// Reports a torn last line. If its digest is readable, it counts as an intent.
    pub fn warn_torn(&self, path: &Path, torn: Option<&(usize, String)>) -> io::Result<()> {
        let Some((line, _)) = torn else { return Ok(()) };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.view.warning(&format!(
            "{name}:{line}: a crash left the last line torn; its readable content counts as in doubt, and `apply` settles it"
        ))
    }

    /// Returns the programs with the flags that select this project and environment again.
    pub fn programs(&self, environment: &str) -> Programs {
        let directory = self.global.directory.as_ref().map(|directory| directory.display().to_string());
        // Without the flag, a command would use `CALLSHEET_ENV` or production.
        let by_default = [project::PRODUCTION, project::environment_name(None, &self.process_env)];
        let environment = Some(environment).filter(|name| by_default.iter().any(|default| default != name));
        Programs::new(directory.as_deref(), environment)
    }

    /// Returns the program with these flags, quoted for a shell: `callsheet -C shop --env staging`.
    pub fn callsheet(&self, environment: &str) -> String {
        self.programs(environment).callsheet
    }

    /// Reports a warning: an event for programs, a line for humans.
    pub fn warn(&self, message: &str) -> io::Result<()> {
        self.view.event(&ApplyEvent::Warning { message: self.view.with_flags(message).into() })?;
        if self.json() { Ok(()) } else { self.view.warning(message) }
    }

    /// Reports an error that ends the run with its own exit code: a line for humans, an event for programs.
    pub fn fail(&self, message: &str) -> io::Result<()> {
        self.view.event(&EventV1::Error { message: self.view.with_flags(message).into() })?;
        self.view.error(message)
    }

    /// Returns the screen for data.
    pub fn screen_out(&self) -> Screen {
        let shape = self.view.shape;
        Screen { color: shape.color_out, width: shape.width, verbose: shape.verbose }
    }

    /// Returns the screen for messages.
    pub fn screen_err(&self) -> Screen {
        Screen { color: self.view.shape.color_err, ..self.screen_out() }
    }

    /// Returns `true` if the data format is JSON.
    pub fn json(&self) -> bool {
        self.view.shape.json
    }

    /// Returns the failure of a format that `dispatch` allows, but the command cannot write.
    pub fn unknown_format(&self) -> CliError {
        CliError::Usage(format!("this command does not write `{}`", format!("{:?}", self.global.format).to_lowercase()))
    }
}

impl From<&SelectArgs> for Selection {
    fn from(args: &SelectArgs) -> Self {
        let globs = args.globs.iter().chain(&args.only).cloned().collect();
        Self { globs, except: args.except.clone(), limit: args.limit.map(|limit| limit as usize) }
    }
}

/// Creates a runtime on all cores.
pub fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| CliError::Other(format!("cannot start the runtime: {error}")))
}
