//! Findings about the project, its files and this machine.

use std::collections::{BTreeSet, HashSet};

use super::check::Check;
use super::examination::Examination;
use crate::catalog::{Catalog, OLD_DAYS};
use crate::lockfile::{Level, TakeId, parse_bytes, read_lockfile, verify};
use crate::preview::{Fonts, can_speak, missing_script_advice};
use crate::project::{GitAnswer, SCHEMA_FILE, lock_name, lock_path, modeline_of, visit_git_version};
use crate::source::{ROOT_MANIFEST, pluralize};

pub(super) fn project(facts: &Examination) -> Check {
    match (&facts.context.root, &facts.unreadable) {
        (Err(words), _) => {
            let (message, next) = words.split_once("; ").unwrap_or((words, "run `callsheet init`"));
            Check::failure(message, next)
        }
        (Ok(_), Some(words)) => Check::failure(words.clone(), "make the file readable"),
        (Ok(_), None) => Check::ok(format!("`{ROOT_MANIFEST}` in `{}`", facts.context.place)),
    }
}

pub(super) fn manifests(facts: &Examination) -> Check {
    let Some(compiled) = &facts.compiled else { return Check::skipped("needs `project`") };
    let (errors, all) = (compiled.report.errors(), compiled.report.iter().count());
    let validate = format!("`{} validate` shows them", facts.context.callsheet);
    if errors > 0 {
        return Check::failure(format!("the manifests have {}", pluralize(errors as u64, "error")), validate);
    }
    let videos = pluralize(compiled.videos.len() as u64, "video");
    if all > 0 {
        return Check::warning(format!("valid: {videos}, {}", pluralize(all as u64, "warning")), validate);
    }
    Check::ok(format!("valid: {videos}"))
}

pub(super) fn environment(facts: &Examination) -> Check {
    match &facts.environment {
        Ok(environment) if environment.is_sandbox() => Check::ok("`sandbox`, built in: nothing is paid for"),
        Ok(environment) => {
            let limit = match environment.rate {
                rate if rate <= 0.0 => "any number of requests a second".to_owned(),
                1.0 => "1 request a second".to_owned(),
                rate => format!("{rate} requests a second"),
            };
            Check::ok(format!("`{}` at `{}`, {limit}", environment.name, environment.host))
        }
        Err(words) => Check::failure(words.clone(), "correct `--env`, `CALLSHEET_ENV` or `CALLSHEET_BASE_URL`"),
    }
}

pub(super) fn lockfile(facts: &Examination) -> Check {
    let (Some(root), Ok(environment)) = (facts.root(), &facts.environment) else {
        return Check::skipped("needs `project`");
    };
    let path = lock_path(root, &environment.name);
    let name = lock_name(root, environment);
    let callsheet = &facts.context.callsheet;
    let restore = facts.git_command(&format!("checkout HEAD -- {name}"));
    let text = match read_lockfile(&path) {
        Ok(text) => text,
        Err(error) => {
            return Check::failure(error.to_string(), "make it a regular, readable file of the project");
        }
    };
    let known = text.as_ref().and_then(|text| parse_bytes(&name, text).ok()).map(|parsed| parsed.lockfile);
    let mut lacking: HashSet<TakeId> = HashSet::new();
    // With a shared ledger, this machine's lockfile may lack anything.
    let is_shared = facts.compiled.as_ref().is_some_and(|compiled| compiled.manifest.ledger.is_some());
    let answer = visit_git_version(&path, &facts.process_env, |line| {
        let id = TakeId::from_line(line).filter(|id| *id.host == *environment.host);
        let lost = id.filter(|id| known.as_ref().is_none_or(|lockfile| !lockfile.has_take(id)));
        lost.map(|id| lacking.insert(id)).is_some()
    });
    let Some(text) = text else {
        return match answer {
            GitAnswer::Kept(_) if !is_shared => Check::failure(
                format!("`{name}` is missing, but git tracks it, so every video in it would be billed again"),
                format!("restore it with `{restore}`, or run `{callsheet} lock rebuild`"),
            ),
            _ => Check::ok(format!("`{name}` does not exist yet: nothing was paid")),
        };
    };
    // An unreadable lockfile is reported below, by its own line.
    if known.is_some() && !lacking.is_empty() && !is_shared {
        let takes = pluralize(lacking.len() as u64, "take");
        return Check::failure(
            format!("`{name}` lacks {takes} that git has, so they would be billed again"),
            format!("restore it with `{restore}`, or run `{callsheet} plan`, which shows how to unite both versions"),
        );
    }
    let findings = verify(&name, &text);
    let shows = format!("`{callsheet} lock verify` shows them all");
    match findings.iter().max_by_key(|finding| finding.level) {
        Some(worst) if worst.level == Level::Error => Check::failure(format!("`{name}`: {}", worst.message), shows),
        Some(worst) if worst.level == Level::Warning => Check::warning(format!("`{name}`: {}", worst.message), shows),
        _ => {
            let takes = parse_bytes(&name, &text).map_or(0, |parsed| parsed.lockfile.takes().count());
            Check::ok(format!("`{name}` is in order: {}", pluralize(takes as u64, "take")))
        }
    }
}

pub(super) fn catalog(facts: &Examination) -> Check {
    let (Some(root), Ok(environment)) = (facts.root(), &facts.environment) else {
        return Check::skipped("needs `project`");
    };
    let sync = format!("`{} catalog sync` downloads it", facts.context.callsheet);
    match Catalog::load_for(root, &environment.host) {
        Ok(None) => Check::ok(format!("no catalog of `{}` yet", environment.host)).then(sync),
        Ok(Some(known)) => {
            let days = facts.process_env.now.duration_since(known.synced).as_hours() / 24;
            let age = if days < 1 { "under a day old".to_owned() } else { format!("{days} d old") };
            if days < OLD_DAYS {
                Check::ok(format!("the catalog of `{}` is {age}", known.host))
            } else {
                Check::warning(format!("the catalog of `{}` is {age}", known.host), sync)
            }
        }
        Err(error) => Check::warning(error.to_string(), sync),
    }
}

pub(super) fn editor(facts: &Examination) -> Check {
    let Some(compiled) = &facts.compiled else { return Check::skipped("needs `project`") };
    if !compiled.editor.named {
        let line = modeline_of(ROOT_MANIFEST);
        return Check::ok("no manifest names a schema for editors")
            .then(format!("make this the first line of `{ROOT_MANIFEST}`: {line}"));
    }
    match &facts.schema {
        Some(Err(words)) => {
            Check::warning(format!("the schema for editors is not current: {words}"), "make `.callsheet/` writable")
        }
        _ if !compiled.editor.complete => Check::warning(
            format!("`{SCHEMA_FILE}` is kept unchanged, because not every manifest can be read"),
            format!("`{} validate` shows why", facts.context.callsheet),
        ),
        _ => Check::ok(format!("`{SCHEMA_FILE}` is current")),
    }
}

pub(super) fn speech(_: &Examination) -> Check {
    if can_speak() {
        Check::ok("`espeak-ng` is installed, so clips of `preview --video` speak")
    } else {
        Check::ok("`espeak-ng` is not installed, so clips of `preview --video` are silent")
            .then("optional: install `espeak-ng`")
    }
}

pub(super) fn fonts(facts: &Examination) -> Check {
    let Some(compiled) = &facts.compiled else { return Check::skipped("needs `project`") };
    let mut letters: BTreeSet<char> = BTreeSet::new();
    for video in &compiled.videos {
        letters.extend(video.spec.spoken_texts().flat_map(str::chars));
    }
    let text: String = letters.into_iter().collect();
    let survey = Fonts::default().coverage(&text);
    let scripts: Vec<&str> = survey.missing.keys().copied().collect();
    match scripts.first() {
        Some(first) => Check::warning(
            format!("no font has the letters of {}, so frames of `preview` lack them", scripts.join(", ")),
            missing_script_advice(first),
        ),
        None if survey.fallbacks.is_empty() => Check::ok("the built-in font has every letter of the scripts"),
        None => Check::ok("the fonts of this machine have every letter of the scripts"),
    }
}
