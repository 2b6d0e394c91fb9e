//! What every command is given, and how it fails.

use std::cell::{Cell, OnceCell};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::catalog::CatalogError;
use crate::cli::args::{Format, Global, GuardArgs, SelectArgs};
use crate::cli::exit::Exit;
use crate::output::{Again, EventV1, Screen, View, diagnostics_text, quote};
use crate::preview::DrawIn;
use crate::project::{self, Compiled, Environment, ProjectError, Selection, World};
use crate::source::{OWN_DIRECTORY, ROOT_MANIFEST, check_inside};
use crate::vendor::Tokens;

/// The world of one command.
pub struct Call {
    /// Flags of every command.
    pub global: Global,
    /// Environment and clock.
    pub world: World,
    /// The working directory.
    pub folder: PathBuf,
    /// Where it writes.
    pub view: View,
    /// Where answers are typed.
    pub input: Box<dyn BufRead + Send>,
    /// Whether somebody is there to answer.
    pub asks: bool,
    /// Whether stderr can show moving bars.
    pub progress_bars: bool,
    /// Where pictures of unknown origin are drawn.
    pub draw_in: DrawIn,
    /// Whether the project root was noted; it is asked for several times.
    pub root_told: Cell<bool>,
    /// Whether different clocks were warned of.
    pub clock_told: Cell<bool>,
    /// The vendor's credentials and what they were exchanged for, once a client was opened.
    pub tokens: OnceCell<Tokens>,
}

/// Why a command stopped without a result.
#[derive(Debug, Error)]
pub enum Failure {
    /// A use of the library.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A stream of the process.
    #[error("cannot write: {0}")]
    Stream(#[from] io::Error),
    /// The command line.
    #[error("{0}")]
    Usage(String),
    /// Anything else, in words that say what to do.
    #[error("{0}")]
    Other(String),
    /// The manifests are invalid; all has been shown.
    #[error("the manifests have {0}; nothing was sent")]
    Invalid(String),
}

impl Failure {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            _ => Exit::Failed,
        }
    }
}

impl From<crate::lockfile::StoreError> for Failure {
    fn from(error: crate::lockfile::StoreError) -> Self {
        Self::Project(error.into())
    }
}

/// Why a folder that `-C` names has no root manifest.
fn no_manifest(directory: &Path, root: &Path) -> ProjectError {
    let named = directory.to_path_buf();
    if root.is_file() {
        return ProjectError::NotAFolder(named);
    }
    if !root.exists() {
        return ProjectError::NoFolder(named);
    }
    misnamed(directory, root).unwrap_or(ProjectError::NoManifest(named))
}

/// The manifest with the other extension, as many other tools have it.
fn misnamed(shown: &Path, folder: &Path) -> Option<ProjectError> {
    const OTHER: &str = "callsheet.yml";
    folder.join(OTHER).is_file().then(|| ProjectError::Misnamed(shown.join(OTHER)))
}

/// The root, if its `.callsheet` is in it: a committed link must not make a run write elsewhere.
fn own_directory(root: PathBuf) -> Result<PathBuf, Failure> {
    match check_inside(&root, &root.join(OWN_DIRECTORY)) {
        Ok(()) => Ok(root),
        Err(error) => Err(Failure::Other(format!("{error}; nothing was read or sent; remove the link"))),
    }
}

impl Call {
    /// The project root: `-C`, else the nearest folder upwards with a root manifest.
    pub fn root(&self) -> Result<PathBuf, Failure> {
        if let Some(directory) = &self.global.directory {
            let root = self.folder.join(directory);
            if root.join(ROOT_MANIFEST).symlink_metadata().is_err() {
                return Err(no_manifest(directory, &root).into());
            }
            self.tell_root(directory, "-C");
            own_directory(root)
        } else {
            let found = crate::source::find_root(&self.folder);
            let root = found.ok_or_else(|| match misnamed(&self.folder, &self.folder) {
                Some(error) => error,
                None => ProjectError::NoProject(self.folder.clone()),
            })?;
            self.tell_root(
                if root == self.folder { Path::new(".") } else { &root },
                "the nearest callsheet.yaml upwards",
            );
            own_directory(root)
        }
    }

    /// Notes the root, once a run.
    fn tell_root(&self, root: &Path, from: &str) {
        if !self.root_told.replace(true) {
            tracing::debug!(folder = %root.display(), from, "project root");
        }
    }

    /// Compiles the project, whatever its faults.
    pub fn compile(&self) -> Result<Compiled, Failure> {
        Ok(project::compile(&self.root()?, &self.world)?)
    }

    /// Keeps the schema of the project's editors current, where a manifest names it; silent but for a refusal of the
    /// system, which is a warning: no command ends otherwise for it.
    pub fn keep_schema(&self, compiled: &Compiled) -> io::Result<()> {
        match project::keep_schema(compiled) {
            Ok(_) => Ok(()),
            Err(error) => self.view.warning(&format!("the editor's schema is not current: {error}")),
        }
    }

    /// Compiles the project and shows its report; stops when it has errors.
    pub fn compile_valid(&mut self) -> Result<Compiled, Failure> {
        let compiled = self.compile()?;
        if !compiled.report.is_empty() {
            let text = diagnostics_text(&compiled.report, &compiled.sources, self.screen());
            self.view.tell(&text)?;
        }
        if compiled.report.has_errors() {
            let errors = compiled.report.errors();
            return Err(Failure::Invalid(format!("{errors} error{}", if errors == 1 { "" } else { "s" })));
        }
        Ok(compiled)
    }

    /// The environment of the run.
    pub fn environment(&self, compiled: &Compiled) -> Result<Environment, Failure> {
        let asked = self.global.env.as_deref();
        let environment = project::resolve(&compiled.manifest, asked, &self.world)?;
        project::trace_environment((&compiled.manifest, &compiled.sources), (asked, &self.world), &environment);
        Ok(environment)
    }

    /// The program and its flags, to come back to this project and this environment.
    pub fn callsheet(&self, environment: &str) -> String {
        let mut words = vec!["callsheet".to_owned()];
        if let Some(directory) = &self.global.directory {
            words.extend(["-C".to_owned(), quote(&directory.display().to_string())]);
        }
        if environment != project::PRODUCTION {
            words.extend(["--env".to_owned(), quote(environment)]);
        }
        words.join(" ")
    }

    /// What a person types to come back to this project and environment.
    pub fn again(&self, environment: &Environment) -> Again {
        Again { callsheet: self.callsheet(&environment.name) }
    }

    /// A warning: an event for programs, a line for people.
    pub fn warn(&self, message: &str) -> io::Result<()> {
        if self.json() {
            self.view.data(&EventV1::Warning { message: message.to_owned() }.to_line())
        } else {
            self.view.warning(message)
        }
    }

    /// An error that ends the run with an exit code of its own: a line for people, an event for programs.
    pub fn fail(&self, message: &str) -> io::Result<()> {
        if self.json() {
            self.view.data(&EventV1::Error { message: message.to_owned() }.to_line())?;
        }
        self.view.error(message)
    }

    /// What the person's terminal can show.
    pub fn screen(&self) -> Screen {
        Screen { color: self.view.shape.color_err, width: self.view.shape.width }
    }

    /// Whether data goes out as JSON.
    pub fn json(&self) -> bool {
        self.global.format == Format::Json
    }
}

impl From<&SelectArgs> for Selection {
    fn from(args: &SelectArgs) -> Self {
        let globs = args.globs.iter().chain(&args.only).cloned().collect();
        Self { globs, limit: args.limit.map(|limit| limit as usize) }
    }
}

impl GuardArgs {
    /// Whether any limit is given.
    pub fn any(&self) -> bool {
        let Self { max_submissions, max_credits, max_share, max_credits_per_month } = self;
        let credits = [max_credits, max_share, max_credits_per_month].iter().any(|limit| limit.is_some());
        credits || max_submissions.is_some()
    }
}
