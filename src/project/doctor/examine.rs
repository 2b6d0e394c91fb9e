//! The facts that need no network.

use std::path::{Path, PathBuf};

use super::git::Git;
use crate::manifest::Manifest;
use crate::project::{Compiled, Environment, World, compile, environment_name, keep_schema, resolve};

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
