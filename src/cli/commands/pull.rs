//! `pull`: downloads and verifies finished videos, and records them.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::apply_finish::{CommandOutcome, finish_events};
use super::results_context::{ResultsContext, counted, key_refused, print_pending};
use super::vendor_session::VendorSession;
use super::{CliError, Context, runtime, signals};
use crate::cli::command_args::{PullArgs, QualityArg, SubtitlesArg};
use crate::cli::exit::Exit;
use crate::lockfile::{ApplyLock, ApplyLockError, StoredSpec};
use crate::output::{ResultsProgress, SummaryV1, pulled_sentence, unsaved_hint, wordless_warning};
use crate::project::{self, Selection};
use crate::results::{
    DEFAULT_TEMPLATE, LocalState, LockfileWriterError, NameInput, NameTemplate, Phase, PullContext, PullItem,
    PullOptions, Pulled, Quality, StatusRole, SubtitleFormat, VideoStatus, WaitOutcome, file_names, inspect_local,
    poll, pull,
};
use crate::source::check_inside;
use crate::spec::{Video, label_of};
use crate::vendor::{CallError, ResultDownloader, StopToken, system_random};

/// Maximum silence of a connection before it counts as broken, even if the API may take longer to respond.
const MAX_IDLE_TIME: Duration = Duration::from_secs(30);

/// One pull.
struct PullCommand<'a> {
    args: &'a PullArgs,
    watch: &'a ResultsContext,
    options: PullOptions,
}

pub fn run(call: &mut Context, args: &PullArgs) -> Result<Exit, CliError> {
    let ended = start(call, args);
    finish_events(call, ended)
}

fn start(call: &mut Context, args: &PullArgs) -> Result<CommandOutcome, CliError> {
    let flag = args.name.as_deref().map(|text| NameTemplate::parse(text, "--name"));
    let flag = flag.transpose().map_err(|error| CliError::Usage(error.to_string()))?;
    let asked = asked_subtitles(&args.subtitles)?;
    let selection = Selection::from(&args.select);
    let named = !selection.globs.is_empty();
    let mut watch = ResultsContext::open_with_events(call, "callsheet pull", args.fetch.fetch)?;
    let template = match flag {
        Some(template) => template,
        None => declared_name(&watch)?,
    };
    let ledger = &watch.writer;
    let held = ApplyLock::acquire(
        &project::pull_lock_path(&watch.compiled.root),
        &ledger.who,
        &ledger.command,
        call.process_env.now,
    );
    let _held = match held {
        Ok(held) => Some(held),
        Err(error @ ApplyLockError::Held { .. }) => return Err(CliError::Other(error.to_string())),
        Err(error) => {
            call.warn(&format!("{error}, so two pulls could run at the same time; run one at a time"))?;
            None
        }
    };
    let mut rows = watch.rows(call, &selection)?;
    rows.retain(|row| row.role == StatusRole::Wanted || (named && row.role == StatusRole::Orphan));
    // A pipeline starts without the files of earlier runs, and the vendor no longer has the oldest.
    rows.retain(|row| !(args.unsaved && row.phase == Phase::Pulled));
    let dist = watch.compiled.root.join(project::RESULTS_DIRECTORY);
    let out = args.out.as_ref().map_or_else(|| dist.clone(), |folder| call.working_directory.join(folder));
    // The path as the user would type it here.
    let shown = args
        .out
        .clone()
        .unwrap_or_else(|| dist.strip_prefix(&call.working_directory).map_or(dist.clone(), Path::to_owned));
    if args.out.is_none() {
        refuse_link(check_inside(&watch.compiled.root, &dist))?;
    }
    let quick = watch.environment.rate <= 0.0;
    let options = PullOptions {
        out,
        quality: match args.quality {
            None => Quality::Best,
            Some(QualityArg::Hd) => Quality::Lines(720),
            Some(QualityArg::FullHd) => Quality::Lines(1080),
        },
        subtitles: asked.unwrap_or_else(|| {
            watch.compiled.manifest.pull.subtitles.iter().filter_map(|word| SubtitleFormat::of(word)).collect()
        }),
        parallel: usize::from(args.parallel),
        pause: Duration::from_millis(if quick { 50 } else { 500 }),
    };
    let (items, unnamed) = items(call, &rows, &template, &mut watch, (&options, &shown))?;
    // They are reported as not saved, so they do not count as in progress too.
    let refused: HashSet<&Arc<str>> = unnamed.iter().map(|(key, ..)| key).collect();
    rows.retain(|row| !refused.contains(&row.key));
    let local = refuse_link(inspect_local(items, unnamed, &options))?;
    PullCommand { args, watch: &watch, options }.run(call, rows, local)
}

/// Rejects a committed link, which could redirect a download out of the project.
fn refuse_link<T>(checked: std::io::Result<T>) -> Result<T, CliError> {
    checked.map_err(|error| CliError::Other(format!("{error}; nothing was saved; remove it, or name it with `--out`")))
}

/// Returns the formats of the flag. Returns `None` without the flag.
fn asked_subtitles(args: &[SubtitlesArg]) -> Result<Option<Vec<SubtitleFormat>>, CliError> {
    if args.len() > 1 && args.contains(&SubtitlesArg::None) {
        return Err(CliError::Usage("`--subtitles none` takes no other format".to_owned()));
    }
    let mut formats: Vec<SubtitleFormat> = args
        .iter()
        .filter_map(|one| match one {
            SubtitlesArg::Srt => Some(SubtitleFormat::Srt),
            SubtitlesArg::Vtt => Some(SubtitleFormat::Vtt),
            SubtitlesArg::None => None,
        })
        .collect();
    formats.sort();
    formats.dedup();
    Ok((!args.is_empty()).then_some(formats))
}

/// Returns the template of the manifest, or the default.
fn declared_name(watch: &ResultsContext) -> Result<NameTemplate, CliError> {
    let text = watch.compiled.manifest.pull.name.as_ref().map_or(DEFAULT_TEMPLATE, |setting| &*setting.value);
    NameTemplate::parse(text, "pull.name")
        .map_err(|error| CliError::Other(format!("{error}; nothing was downloaded; correct it, or use `--name`")))
}

/// The videos with a destination, and those without one, each with its key, its name and the reason.
type Items = (Vec<PullItem>, Vec<(Arc<str>, String, String)>);

/// Returns the destination of each video that has a take.
fn items(
    call: &Context,
    rows: &[VideoStatus],
    template: &NameTemplate,
    watch: &mut ResultsContext,
    (options, shown): (&PullOptions, &Path),
) -> Result<Items, CliError> {
    let saveable = |row: &&VideoStatus| {
        row.take.is_some() && !matches!(row.phase, Phase::NotSubmitted | Phase::InDoubt | Phase::Failed)
    };
    let rows: Vec<&VideoStatus> = rows.iter().filter(saveable).collect();
    let keys: HashSet<Arc<str>> = rows.iter().map(|row| Arc::clone(&row.key)).collect();
    let values = project::name_values(&mut watch.compiled, &keys, &template.value_fields(), &call.process_env)?;
    let videos: HashMap<&str, &Video> =
        watch.compiled.videos.iter().map(|video| (&*video.key, video)).filter(|(key, _)| keys.contains(*key)).collect();
    let named = rows.iter().map(|row| {
        let take = row.take.as_ref();
        let submitted = take.and_then(|take| take.name.as_deref()).map_or(&*row.key, label_of);
        NameInput {
            key: &row.key,
            label: videos.get(&*row.key).map_or(submitted, |video| video.spec.name()),
            digest: &row.digest,
            attempt: take.map_or(1, |take| take.attempt),
            values: values.get(&row.key),
        }
    });
    let names = file_names(&named.collect::<Vec<_>>(), template, &watch.environment.name, &options.subtitles);
    let path = |name: &Path| shown.join(name).to_string_lossy().replace('\\', "/");
    let (mut items, mut unnamed) = (Vec::new(), Vec::new());
    for (row, name) in rows.iter().zip(names) {
        match name {
            Ok(name) => {
                let stored = row.take.as_ref().and_then(|take| take.spec.as_ref()).and_then(StoredSpec::text);
                let heard = || project::heard(videos.get(&*row.key).copied(), row.digest, stored.as_deref());
                let heard = if options.subtitles.is_empty() { None } else { heard() };
                let (target, shown) = (options.out.join(&name), path(&name));
                items.push(PullItem { row: (*row).clone(), target, display_path: shown, heard });
            }
            Err(refused) => unnamed.push((Arc::clone(&row.key), path(Path::new(&refused.name)), refused.reason)),
        }
    }
    Ok((items, unnamed))
}

impl PullCommand<'_> {
    fn run(
        &self,
        call: &mut Context,
        mut rows: Vec<VideoStatus>,
        mut local: LocalState,
    ) -> Result<CommandOutcome, CliError> {
        // If everything is already on disk, there is no query, so pull needs neither an API key nor a network.
        let home = local.is_complete();
        let (pulled, waited) = runtime()?.block_on(async {
            let stop = signals::stop()?;
            let session = if home {
                None
            } else {
                Some(VendorSession::open(call, &self.watch.compiled.root, &self.watch.environment).await?)
            };
            let done = self.fetch(call, session.as_ref(), (&mut rows, &mut local), &stop).await;
            if let Some(session) = session {
                session.warn_of_clock(call)?;
                session.close().await;
            }
            done
        })?;
        self.conclude(call, &rows, &pulled, &waited)
    }

    /// Queries the vendor, waits if requested, and downloads.
    async fn fetch(
        &self,
        call: &Context,
        session: Option<&VendorSession>,
        (rows, local): (&mut Vec<VideoStatus>, &mut LocalState),
        stop: &StopToken,
    ) -> Result<(Pulled, WaitOutcome), CliError> {
        let mut waited = WaitOutcome::Finished;
        let deadline = self.args.wait.then(|| Instant::now().checked_add(self.args.timeout.timeout)).flatten();
        if let Some(session) = session {
            let mut wanting: Vec<VideoStatus> = local.to_query().map(|row| row.clone()).collect();
            waited = self.refresh(call, session, &mut wanting, stop).await?;
            for (slot, row) in local.to_query().zip(wanting) {
                if let Some(shown) = rows.iter_mut().find(|shown| shown.key == row.key && shown.digest == row.digest) {
                    shown.clone_from(&row);
                }
                *slot = row;
            }
            if !matches!(waited, WaitOutcome::Finished | WaitOutcome::TimedOut) {
                return Ok((Pulled::default(), waited));
            }
        }
        let local = std::mem::take(local);
        let environment = &self.watch.environment;
        let hosts = project::file_hosts(environment, &call.process_env);
        let download = ResultDownloader::new(environment.timeout.min(MAX_IDLE_TIME), hosts).map_err(CliError::other)?;
        let progress = ResultsProgress::new(&call.view, local.len());
        let context = PullContext {
            vendor: session.map(|session| &session.vendor),
            download: &download,
            writer: &self.watch.writer,
            options: &self.options,
            progress: &progress,
            stop,
            deadline,
            random: system_random,
        };
        let pulled = pull(&context, local).await;
        progress.finish();
        // This includes videos that an earlier run saved without recording, which the lockfile may still have as
        // submitted.
        let saved: HashSet<&Arc<str>> = pulled.saved.iter().collect();
        for row in rows.iter_mut().filter(|row| saved.contains(&row.key)) {
            row.phase = Phase::Pulled;
        }
        Ok((pulled, waited))
    }

    /// Queries the download URLs of finished videos. If requested, waits for the others.
    async fn refresh(
        &self,
        call: &Context,
        session: &VendorSession,
        rows: &mut [VideoStatus],
        stop: &StopToken,
    ) -> Result<WaitOutcome, CliError> {
        if self.args.wait {
            return Ok(self.watch.wait(call, (session, true), rows, (self.args.timeout.timeout, stop)).await);
        }
        let time = (jiff::Timestamp::now(), None);
        let asked = tokio::select! {
            asked = poll(&session.vendor, rows, |row| row.results.is_empty(), time) => asked,
            () = stop.stop_requested() => return Ok(WaitOutcome::Stopped),
        };
        let asked = match asked {
            Ok(asked) => asked,
            Err(CallError::Key(message)) => return Ok(WaitOutcome::KeyRefused(message)),
            Err(error) => return Err(CliError::Other(error.to_string())),
        };
        if let Some(error) = &asked.error {
            call.warn(&format!("the vendor could not be queried about all videos: {error}"))?;
        }
        match self.watch.writer.write(&asked.records, false) {
            // The line of the saved file contains all of this, and its write reports a failure.
            Ok(()) | Err(LockfileWriterError::ApplyRunning(_) | LockfileWriterError::ReadOnly(_)) => {
                Ok(WaitOutcome::Finished)
            }
            Err(LockfileWriterError::Failed(words)) => Ok(WaitOutcome::Unwritten(words)),
        }
    }

    fn conclude(
        &self,
        call: &mut Context,
        rows: &[VideoStatus],
        pulled: &Pulled,
        waited: &WaitOutcome,
    ) -> Result<CommandOutcome, CliError> {
        let summary = SummaryV1 {
            saved: pulled.saved.len(),
            kept: pulled.kept,
            not_saved: pulled.unsaved.len(),
            moved: pulled.moved,
            ..counted(rows)
        };
        let key = match waited {
            WaitOutcome::KeyRefused(message) => Some(message),
            _ => pulled.key_refused.as_ref(),
        };
        if let Some(message) = key {
            key_refused(call, message)?;
        }
        let unwritten = match (waited, &pulled.unwritten) {
            (WaitOutcome::Unwritten(message), _) => Some(message.clone()),
            (_, Some(error @ LockfileWriterError::ReadOnly(_))) => {
                call.warn(&format!(
                    "{error}; the lockfile does not record the saved files; the next `pull` that can write it records them"
                ))?;
                None
            }
            (_, Some(error)) => Some(error.to_string()),
            _ => None,
        };
        if let Some(message) = &unwritten {
            call.fail(&format!(
                "the lockfile could not be written: {message}; the files are valid, and the next pull records them"
            ))?;
        }
        let of = |phase: Phase| rows.iter().filter(|row| row.phase == phase).count();
        let rest = [
            (summary.open, "not rendered yet"),
            (of(Phase::Failed), "failed"),
            (of(Phase::InDoubt), "in doubt"),
            (of(Phase::NotSubmitted), "not submitted"),
        ];
        let unsaved = pulled.unsaved.len() + pulled.unsubtitled.len();
        let lost = summary.failed + of(Phase::InDoubt) + unsaved > 0;
        let stopped = pulled.stopped || *waited == WaitOutcome::Stopped;
        let exit = if stopped {
            Exit::Interrupted
        } else if key.is_some() {
            Exit::ApiKeyRejected
        } else if unwritten.is_some() {
            Exit::Error
        } else if summary.open > 0 {
            Exit::TimedOut
        } else if lost {
            Exit::Incomplete
        } else {
            Exit::Success
        };
        if let Some(warning) = wordless_warning(pulled) {
            call.warn(&warning)?;
        }
        if !call.json() {
            call.view.data(&format!("{}\n", pulled_sentence(pulled, &rest)))?;
        }
        let again = call.callsheet(&self.watch.environment.name);
        if summary.open > 0 {
            print_pending(call, rows)?;
            let why = if *waited == WaitOutcome::TimedOut { "the time ran out" } else { "not rendered yet" };
            call.view.info(&format!("{why}; `{again} pull --wait` waits for them"))?;
        } else if stopped {
            call.view.info(&format!("interrupted; `{again} pull` continues"))?;
        }
        if !call.json() {
            let advice = unsaved_hint(pulled, rows);
            if !advice.is_empty() {
                call.view.notice(&advice)?;
            }
        }
        Ok(CommandOutcome { exit, summary })
    }
}
