//! All files of a project together; a name stands for one thing only.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::Decoded;
use crate::diagnostic::{Code, Diagnostic, Report};
use crate::manifest::{Incomplete, Manifest, Preset, VideoDecl};
use crate::source::{Origin, Pieces};

/// The variables of credentials that no declaration needs to name.
const CREDENTIALS: [&str; 3] = ["VIDNOZ_CLIENT_ID", "VIDNOZ_CLIENT_SECRET", "VIDNOZ_API_KEY"];

/// All files together, in order, the root manifest first; a name declared twice is reported with both places.
pub fn merge(files: Vec<Decoded>, report: &mut Report) -> Manifest {
    let mut all = Manifest::default();
    let mut video_keys = VideoKeys::default();
    for (index, file) in files.into_iter().enumerate() {
        let file = file.manifest;
        if index == 0 {
            // only the root may hold these; in an included file the check has refused them
            all.defaults = file.defaults;
            all.environments = file.environments;
            all.guards = file.guards;
        }
        all.incomplete.extend(file.incomplete);
        for (name, origin) in file.env {
            if !all.env.iter().any(|(known, _)| *known == name) {
                all.env.push((name, origin));
            }
        }
        for (name, variable) in file.vars {
            match all.vars.get(&name) {
                Some(first) => report.push(twice("variable", &name, first.origin, variable.origin)),
                None => {
                    all.vars.insert(name, variable);
                }
            }
        }
        presets("avatar", &mut all.avatars, file.avatars, report);
        presets("voice", &mut all.voices, file.voices, report);
        presets("background", &mut all.backgrounds, file.backgrounds, report);
        for videos in file.videos.into_pieces() {
            video_keys.append(videos, &mut all.videos, report);
        }
    }
    refuse_secrets(&mut all, report);
    all
}

/// The keys of videos; their places too once one is declared twice.
#[derive(Default)]
struct VideoKeys {
    seen: HashSet<Arc<str>>,
    places: Option<HashMap<Arc<str>, Origin>>,
}

impl VideoKeys {
    /// Adds the videos of one more file to those before; within one file no key stands twice.
    fn append(&mut self, mut videos: Vec<VideoDecl>, all: &mut Pieces<VideoDecl>, report: &mut Report) {
        if videos.iter().any(|video| self.seen.contains(&video.key)) {
            let known = || all.iter().map(|video| (Arc::clone(&video.key), video.key_origin)).collect();
            let places = self.places.get_or_insert_with(known);
            videos.retain(|video| {
                let first = places.get(&video.key);
                if let Some(first) = first {
                    report.push(twice("video", &video.key, *first, video.key_origin));
                }
                first.is_none()
            });
        }
        self.seen.extend(videos.iter().map(|video| Arc::clone(&video.key)));
        if let Some(places) = &mut self.places {
            places.extend(videos.iter().map(|video| (Arc::clone(&video.key), video.key_origin)));
        }
        all.push_piece(videos);
    }
}

fn presets<D>(
    kind: &str,
    all: &mut BTreeMap<Arc<str>, Preset<D>>,
    more: BTreeMap<Arc<str>, Preset<D>>,
    report: &mut Report,
) {
    for (name, preset) in more {
        match all.get(&name) {
            Some(first) => report.push(twice(kind, &name, first.origin, preset.origin)),
            None => {
                all.insert(name, preset);
            }
        }
    }
}

fn twice(kind: &str, name: &str, first: Origin, second: Origin) -> Diagnostic {
    Diagnostic::new(Code::DuplicateName, format!("the {kind} `{name}` is declared twice"), second)
        .also(first, "first declared here")
        .help("names count across all files of a project: rename or remove one of the two")
}

/// Credentials must never reach a template, and so a spec, a lockfile or the vendor's list of names.
fn refuse_secrets(all: &mut Manifest, report: &mut Report) {
    let declared = all
        .environments
        .values()
        .flat_map(|environment| [&environment.client_id_env, &environment.client_secret_env, &environment.key_env]);
    let mut secret: BTreeSet<Arc<str>> = declared.flatten().map(|setting| Arc::clone(&setting.value)).collect();
    secret.extend(CREDENTIALS.map(Arc::from));
    let incomplete = &mut all.incomplete;
    all.env.retain(|(name, origin)| {
        let refused = secret.contains(name);
        if refused {
            incomplete.insert(Incomplete::Env(Arc::clone(name)));
            let message = format!("`env` lists `{name}`, a variable of the vendor's credentials");
            report.push(
                Diagnostic::new(Code::SecretVariable, message, *origin)
                    .help("credentials are never visible to templates: remove it from `env`"),
            );
        }
        !refused
    });
}
