//! Merges all files of a project. A name may be declared only once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::Decoded;
use crate::diagnostic::{Code, Diagnostic, Report};
use crate::manifest::secret_variables::{is_foreign, is_secret};
use crate::manifest::{EnvironmentDecl, InvalidDecl, Manifest, Setting, VideoDecl};
use crate::source::Origin;

/// The credential variables that every environment uses by default.
const CREDENTIALS: [&str; 3] = ["VIDNOZ_CLIENT_ID", "VIDNOZ_CLIENT_SECRET", "VIDNOZ_API_KEY"];

/// Merges all files in order, the root manifest first. Reports a name that is declared twice with both locations.
///
/// `allowed` contains the variables that `CALLSHEET_ALLOW_ENV` names.
pub fn merge(files: Vec<Decoded>, allowed: &[String], report: &mut Report) -> Manifest {
    let included = files.iter().skip(1).map(|file| file.manifest.videos.len()).sum();
    let mut files = files.into_iter().map(|file| file.manifest);
    // Only the root manifest may have settings and `defaults`. The check rejected them in an included file.
    let mut all = files.next().unwrap_or_default();
    all.videos.reserve_exact(included);
    let key = |video: &VideoDecl| (Arc::clone(&video.key), video.key_origin);
    let mut video_keys: HashMap<Arc<str>, Origin> = all.videos.iter().map(key).collect();
    for file in files {
        all.invalid.extend(file.invalid);
        all.env.extend(file.env);
        add("variable", |one| one.origin, (&mut all.vars, file.vars), report);
        for (known, more) in all.presets.iter_mut().zip(file.presets) {
            let kind = all.table[more.group].key;
            add(kind, |one| one.origin, (&mut known.presets, more.presets), report);
        }
        // Within a file, keys are unique.
        let (mut videos, earlier) = (file.videos, all.videos.len());
        videos.retain(|video| {
            let first = video_keys.get(&video.key);
            if let Some(first) = first {
                report.push(duplicate_name("video", &video.key, *first, video.key_origin));
            }
            first.is_none()
        });
        all.videos.append(&mut videos);
        video_keys.extend(all.videos[earlier..].iter().map(key));
    }
    let mut names = HashSet::new();
    all.env.retain(|(name, _)| names.insert(Arc::clone(name)));
    default_axes(&mut all, report);
    reject_secret_variables(&mut all, allowed, report);
    reject_foreign_variables(&mut all, allowed, report);
    all
}

/// Gives the matrix of `defaults` to the videos that declare none. `matrix: {}` declines it. The schema requires an axis
/// in `defaults`.
fn default_axes(all: &mut Manifest, report: &mut Report) {
    let lost = InvalidDecl::Block("matrix".into());
    let Manifest { default_matrix, invalid: incomplete, videos, .. } = all;
    let has_default = default_matrix.is_some() || incomplete.contains(&lost);
    videos.retain_mut(|video| {
        let Some(own) = video.matrix.as_ref() else {
            video.matrix.clone_from(default_matrix);
            return true;
        };
        if !own.is_empty() {
            return true;
        }
        if !has_default {
            let error = Diagnostic::new(Code::BadMatrix, "`matrix` is empty", own.origin);
            report.push(error.help("a matrix needs at least one axis"));
            incomplete.insert(InvalidDecl::Video(Arc::clone(&video.key)));
        }
        video.matrix = None;
        has_default
    });
}

type Named<T> = BTreeMap<Arc<str>, T>;

/// Adds the declarations of one more file that no earlier file has.
fn add<T>(kind: &str, origin: impl Fn(&T) -> Origin, (all, more): (&mut Named<T>, Named<T>), report: &mut Report) {
    for (name, one) in more {
        match all.get(&name) {
            Some(first) => report.push(duplicate_name(kind, &name, origin(first), origin(&one))),
            None => drop(all.insert(name, one)),
        }
    }
}

fn duplicate_name(kind: &str, name: &str, first: Origin, second: Origin) -> Diagnostic {
    Diagnostic::new(Code::DuplicateName, format!("the {kind} `{name}` is declared twice"), second)
        .with_secondary(first, "first declared here")
        .help("names count across all files of a project: rename or remove one of the two")
}

/// Rejects secrets in `env`. They must never reach a template, because it ends up in specs, in the lockfile and in
/// names at the vendor.
fn reject_secret_variables(all: &mut Manifest, allowed: &[String], report: &mut Report) {
    let declared = all.environments.values_mut().flat_map(credentials);
    let mut used: BTreeSet<Arc<str>> =
        declared.filter_map(|(_, name)| Some(Arc::clone(&name.as_ref()?.value))).collect();
    used.extend(CREDENTIALS.map(Arc::from));
    let incomplete = &mut all.invalid;
    all.env.retain(|(name, origin)| {
        let (message, help) = if used.contains(name) {
            let message = format!("`env` lists `{name}`, a variable of the vendor's credentials");
            (message, "credentials are never visible to templates: remove it from `env`".to_owned())
        } else if is_secret(name) && !allowed.iter().any(|one| **one == **name) {
            let message = format!("`env` lists `{name}`, and its name says that it is a secret");
            (message, format!("remove it from `env`; if it is not a secret, set `CALLSHEET_ALLOW_ENV={name}`"))
        } else {
            return true;
        };
        incomplete.insert(InvalidDecl::Env(Arc::clone(name)));
        report.push(Diagnostic::new(Code::SecretVariable, message, *origin).help(help));
        false
    });
}

/// Returns the settings of an environment that name a credential variable.
fn credentials(environment: &mut EnvironmentDecl) -> [(&'static str, &mut Option<Setting<Arc<str>>>); 3] {
    let EnvironmentDecl { client_id_env, client_secret_env, key_env, .. } = environment;
    [("client_id_env", client_id_env), ("client_secret_env", client_secret_env), ("key_env", key_env)]
}

/// Drops settings that would send another program's credential to the vendor.
fn reject_foreign_variables(all: &mut Manifest, allowed: &[String], report: &mut Report) {
    for (field, setting) in all.environments.values_mut().flat_map(credentials) {
        let foreign =
            |one: &mut Setting<Arc<str>>| is_foreign(&one.value) && !allowed.iter().any(|own| **own == *one.value);
        if let Some(Setting { value, origin }) = setting.take_if(foreign) {
            let message = format!("`{field}` names `{value}`, which belongs to the system or to another program");
            report.push(
                Diagnostic::new(Code::BadEnvironment, message, origin)
                    .label("its value would be sent to the vendor")
                    .help(format!("name a separate variable, or set `CALLSHEET_ALLOW_ENV={value}`")),
            );
        }
    }
}
