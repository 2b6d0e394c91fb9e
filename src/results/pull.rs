//! Saves finished videos: checks the files on disk, downloads the others concurrently, and records them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio::time::timeout_at;

use super::download::{PullFailure, SavedFile, download};
use super::file_hash::{FileHash, is_same};
use super::partial_download::PartialDownload;
use super::saved_files::{RewriteRule, SavedVideos, copy, write_subtitles};
use super::{
    LockfileWriterError, Phase, PullContext, PullError, PullItem, PullOptions, Pulled, Quality, ResultsEvent,
    VideoStatus, check_mp4,
};
use crate::lockfile::{Record, Take, TakeState};
use crate::source::{check_inside, open_regular, parent_directory};
use crate::vendor::Vendor;

/// The reason why a saved file is not recorded.
const TIMED_OUT: &str = "the time ran out while another command of the project was running";

/// Maximum number of records that are written together.
const RECORDS_PER_WRITE: usize = 64;

/// The work that one video needs.
#[derive(Clone, Debug)]
enum FileAction {
    /// No work: the file is as the lockfile records it.
    Keep,
    /// The file is complete, but not in the lockfile yet.
    Record(FileHash, Option<f64>),
    /// Another file in the directory has the same content.
    Copy(PathBuf, FileHash),
    /// A download. `true` if a file of another quality exists.
    Download(bool),
}

impl FileAction {
    /// Returns the finding as text, for traces.
    const fn words(&self) -> &'static str {
        match self {
            Self::Keep => "the file is as the lockfile records it: kept",
            Self::Record(..) => "the file is complete, but not in the lockfile: recorded",
            Self::Copy(..) => "the same content is elsewhere in the output directory: copied",
            Self::Download(true) => "the file has another quality: downloaded",
            Self::Download(false) => "the file is missing, or differs from the lockfile: downloaded",
        }
    }
}

/// The state of the files on disk: the result of [`inspect_local`] and the input of [`pull`].
#[derive(Debug, Default)]
pub struct LocalState {
    items: Vec<(PullItem, FileAction)>,
    /// Keys without a unique file name, each with the name as messages show it, and the reason.
    unnamed: Vec<(Arc<str>, String, String)>,
}

/// Checks the files on disk. Reads every file that the lockfile records as saved.
///
/// # Errors
/// When a directory of a file is a link that leads out of the one that is pulled into.
pub fn inspect_local(
    items: Vec<PullItem>,
    unnamed: Vec<(Arc<str>, String, String)>,
    options: &PullOptions,
) -> std::io::Result<LocalState> {
    items.iter().try_for_each(|item| check_inside(&options.out, parent_directory(&item.target)))?;
    let saved = SavedVideos::in_directory(&options.out);
    let look = |item: PullItem| {
        let need = file_action(&item, options, &saved);
        tracing::debug!(key = &*item.row.key, file = item.display_path, why = need.words(), "checked");
        (item, need)
    };
    Ok(LocalState { items: items.into_iter().map(look).collect(), unnamed })
}

fn file_action(item: &PullItem, options: &PullOptions, saved: &SavedVideos) -> FileAction {
    let Some(take) = &item.row.take else { return FileAction::Download(false) };
    if let (Some(sha256), Some(bytes)) = (&take.sha256, take.bytes) {
        let facts = FileHash { sha256: sha256.clone(), bytes };
        let good = |path: &&Path| options.quality == Quality::Best || options.quality.matches(height(path));
        if is_same(&item.target, &facts).unwrap_or(false) {
            return if good(&item.target.as_path()) { FileAction::Keep } else { FileAction::Download(true) };
        }
        if let Some(path) = saved.find(&facts).filter(good) {
            return FileAction::Copy(path.to_owned(), facts);
        }
    }
    match PartialDownload::beside(&item.target, take).completed(&item.target) {
        Some((facts, seconds)) => FileAction::Record(facts, seconds),
        None => FileAction::Download(false),
    }
}

fn height(path: &Path) -> Option<u32> {
    check_mp4(&mut open_regular(path).ok()?).ok()?.height()
}

impl LocalState {
    /// Returns the rows to query at the vendor before pulling.
    pub fn to_query(&mut self) -> impl Iterator<Item = &mut VideoStatus> {
        self.items.iter_mut().filter(|(_, need)| matches!(need, FileAction::Download(_))).map(|(item, _)| &mut item.row)
    }

    /// Returns the number of videos.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are no videos.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether nothing needs to be downloaded.
    pub fn is_complete(&self) -> bool {
        self.items.iter().all(|(_, need)| !matches!(need, FileAction::Download(_)))
    }
}

/// Moves every finished file into place. Unfinished videos are skipped.
///
/// A file gets its name only when it is complete, checked and synced. After that, it is recorded in the lockfile.
pub async fn pull<V: Vendor>(context: &PullContext<'_, V>, local: LocalState) -> Pulled {
    let mut pulling = PullRun { context, outcome: Pulled::default(), waiting: Vec::new() };
    for (key, file, reason) in local.unnamed {
        pulling.refused(key, file, &reason, false);
    }
    let mut fetches: BTreeMap<(crate::spec::Digest, u32), Vec<(PullItem, bool)>> = BTreeMap::new();
    for (item, need) in local.items {
        match need {
            FileAction::Keep => {
                pulling.outcome.kept += 1;
                // A run that was killed after it wrote the lockfile left its state file.
                item.row.take.iter().for_each(|take| PartialDownload::beside(&item.target, take).discard_state());
                context
                    .progress
                    .event(&ResultsEvent::Kept { key: item.row.key.clone(), file: item.display_path.clone() });
                pulling.subtitles(&item, &item.target, RewriteRule::IfMissing);
            }
            FileAction::Record(facts, seconds) => {
                pulling.subtitles(&item, &item.target, RewriteRule::Always);
                pulling.saved(&item, &SavedFile { facts, seconds, moved: 0 });
            }
            FileAction::Copy(from, facts) => pulling.copied(&item, &from, facts),
            FileAction::Download(has_other) => {
                if let Some(take) = &item.row.take {
                    fetches.entry((take.digest, take.attempt)).or_default().push((item, has_other));
                }
            }
        }
    }
    pulling.fetch_all(fetches.into_values().collect()).await;
    pulling.write(true).await;
    pulling.outcome.stopped |= context.stop.is_stop_requested();
    pulling.outcome
}

/// Downloads the file for the keys of one take. `None` if the video is not finished, or never will be.
async fn one<V: Vendor>(
    context: &PullContext<'_, V>,
    group: &[(PullItem, bool)],
) -> Option<Result<SavedFile, PullFailure>> {
    let (item, has_other) = &group[0];
    let take: &Take = item.row.take.as_ref()?;
    match item.row.phase {
        Phase::Done | Phase::Pulled => {}
        Phase::Expired | Phase::Missing if item.row.denied => {
            let words = if item.row.message.is_empty() { "it does not say why" } else { &item.row.message };
            return Some(Err(PullFailure::Gone(format!("the vendor does not have it: {words}"))));
        }
        _ => return None,
    }
    if context.stop.is_stop_requested() {
        return Some(Err(PullFailure::Stopped));
    }
    Some(download(context, item, take, *has_other).await)
}

/// Returns the record of a saved file. It keeps the time of the submission, from which the vendor's day of deletion
/// follows. If the file differs from the one saved before, the record is just after the old one: of equal ranks, the
/// later wins.
pub(super) fn saved_record(take: &Take, FileHash { sha256, bytes }: &FileHash, seconds: Option<f64>) -> Record {
    let again = take.state == TakeState::Pulled && take.sha256.as_ref() != Some(sha256);
    Record::Take(Take {
        state: TakeState::Pulled,
        at: if again { take.just_after() } else { take.at },
        sha256: Some(sha256.clone()),
        bytes: Some(*bytes),
        seconds: seconds.or(take.seconds),
        message: None,
        ..take.clone()
    })
}

/// A pull in progress.
struct PullRun<'a, V> {
    context: &'a PullContext<'a, V>,
    outcome: Pulled,
    /// The records to write, each with the download whose state file is deleted after that.
    waiting: Vec<(Record, PartialDownload)>,
}

impl<V: Vendor> PullRun<'_, V> {
    /// Downloads each take once, however many keys have it. The other keys get copies.
    async fn fetch_all(&mut self, groups: Vec<Vec<(PullItem, bool)>>) {
        let context = self.context;
        let mut coming = stream::iter(groups)
            .map(|group| async move {
                let done = one(context, &group).await;
                (group, done)
            })
            .buffer_unordered(context.options.parallel.max(1));
        while let Some((group, done)) = coming.next().await {
            let Some(done) = done else { continue };
            let (first, _) = &group[0];
            match done {
                Ok(fetched) => {
                    // Before the record: after a crash between the two, the next pull writes the subtitles again.
                    self.subtitles(first, &first.target, RewriteRule::Always);
                    self.saved(first, &fetched);
                    for (other, _) in &group[1..] {
                        self.copied(other, &first.target, fetched.facts.clone());
                    }
                    if self.waiting.len() >= RECORDS_PER_WRITE {
                        self.write(false).await;
                    }
                }
                Err(PullFailure::Stopped) => self.outcome.stopped = true,
                Err(PullFailure::KeyRefused(message)) => self.outcome.key_refused = Some(message),
                Err(PullFailure::OtherQuality) => {
                    self.outcome.kept += group.len();
                    for (item, _) in &group {
                        let message = format!(
                            "`{}` is not available in the requested quality; the saved file is kept",
                            item.row.key
                        );
                        context.progress.event(&ResultsEvent::Warning { message });
                        self.subtitles(item, &item.target, RewriteRule::IfMissing);
                    }
                }
                Err(PullFailure::Gone(reason)) => {
                    for (item, _) in &group {
                        self.unsaved(item, &reason, true);
                    }
                }
                Err(PullFailure::Failed(reason)) => {
                    for (item, _) in &group {
                        self.unsaved(item, &reason, false);
                    }
                }
            }
        }
    }

    fn saved(&mut self, item: &PullItem, fetched: &SavedFile) {
        let Some(take) = &item.row.take else { return };
        self.outcome.saved.push(item.row.key.clone());
        self.outcome.moved += fetched.moved;
        let picture = open_regular(&item.target).ok().and_then(|mut file| check_mp4(&mut file).ok()?.picture);
        let (width, height) = picture.unzip();
        self.context.progress.event(&ResultsEvent::Saved {
            key: item.row.key.clone(),
            file: item.display_path.clone(),
            bytes: fetched.facts.bytes,
            sha256: fetched.facts.sha256.clone(),
            seconds: fetched.seconds,
            width,
            height,
            moved: fetched.moved,
        });
        let record = saved_record(take, &fetched.facts, fetched.seconds);
        self.waiting.push((record, PartialDownload::beside(&item.target, take)));
    }

    fn copied(&mut self, item: &PullItem, from: &Path, facts: FileHash) {
        // First, so that a crash between the two leaves a copy for the next pull to do.
        self.subtitles(item, from, RewriteRule::Always);
        match copy(from, &facts, &item.target, &self.context.options.out) {
            Ok(()) => {
                let seconds = item.row.take.as_ref().and_then(|take| take.seconds);
                self.saved(item, &SavedFile { facts, seconds, moved: 0 });
            }
            Err(error) => self.unsaved(item, &format!("cannot be copied: {error}"), false),
        }
    }

    fn unsaved(&mut self, item: &PullItem, reason: &str, gone: bool) {
        self.refused(item.row.key.clone(), item.display_path.clone(), reason, gone);
    }

    fn refused(&mut self, key: Arc<str>, file: String, reason: &str, gone: bool) {
        let reason = reason.to_owned();
        self.context.progress.event(&ResultsEvent::NotSaved { key: key.clone(), file, reason: reason.clone() });
        self.outcome.unsaved.push(PullError { key, reason, gone });
    }

    fn subtitles(&mut self, item: &PullItem, media: &Path, rewrite: RewriteRule) {
        write_subtitles(self.context, (item, media), rewrite, &mut self.outcome);
    }

    /// Writes what waits, unless an apply runs: then the next time. At the end it is waited for.
    async fn write(&mut self, last: bool) {
        if self.waiting.is_empty() {
            return;
        }
        let records: Vec<Record> = self.waiting.iter().map(|(record, _)| record.clone()).collect();
        let context = self.context;
        let written = if last {
            let tell = |message| context.progress.event(&ResultsEvent::Warning { message });
            let patient = context.writer.write_when_free(&records, true, context.stop, tell);
            match context.deadline {
                // It is tried once in any case.
                Some(end) => timeout_at(end, patient)
                    .await
                    .unwrap_or_else(|_| Err(LockfileWriterError::ApplyRunning(TIMED_OUT.into()))),
                None => patient.await,
            }
        } else {
            context.writer.write(&records, false)
        };
        match written {
            Ok(()) => {
                self.waiting.drain(..).for_each(|(_, part)| part.discard_state());
                self.outcome.unwritten = None;
            }
            Err(LockfileWriterError::ApplyRunning(_)) if !last => {}
            Err(error) => self.outcome.unwritten = Some(error),
        }
    }
}
