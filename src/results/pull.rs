//! Saves finished videos: checks the files on disk, downloads the others concurrently, and records them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio::time::timeout_at;

use super::disk::{Facts, SavedVideos, copy, is_same};
use super::fetch::{Failure, Fetched, fetch};
use super::part::Part;
use super::sidecar::{Rewrite, write_subtitles};
use super::{Event, Item, LedgerError, Phase, PullMeans, PullOptions, Quality, Standing, inspect};
use crate::lockfile::{Record, Take, TakeState};
use crate::source::{check_inside, open_regular, parent_directory};
use crate::vendor::Vendor;

/// The reason why a saved file is not recorded.
const OUT_OF_TIME: &str = "the time ran out while another command of the project was running";

/// Maximum number of records that are written together.
const LINES_TOGETHER: usize = 64;

/// A video that was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaved {
    /// The key.
    pub key: Arc<str>,
    /// The reason, as text.
    pub reason: String,
    /// Whether the vendor no longer has it, so that only a new take helps.
    pub gone: bool,
}

/// The outcome of a pull.
#[derive(Debug, Default)]
pub struct Pulled {
    /// Keys whose file was moved into place.
    pub saved: Vec<Arc<str>>,
    /// Number of files that were already complete.
    pub kept: usize,
    /// Number of bytes received over the network.
    pub moved: u64,
    /// The videos that were not saved.
    pub unsaved: Vec<Unsaved>,
    /// Number of subtitle files written.
    pub subtitled: usize,
    /// Keys whose words are unknown, so that they have no subtitles.
    pub wordless: Vec<Arc<str>>,
    /// Keys with a video whose subtitles could not be written.
    pub unsubtitled: Vec<Arc<str>>,
    /// Whether it was stopped.
    pub stopped: bool,
    /// The vendor's message, if it refused the credentials.
    pub key_refused: Option<String>,
    /// The reason why the lockfile could not be written. The files are valid, and the next pull records them.
    pub unwritten: Option<LedgerError>,
}

/// The work that one video needs.
#[derive(Clone, Debug)]
enum Need {
    /// No work: the file is as the lockfile records it.
    Nothing,
    /// The file is complete, but not in the lockfile yet.
    Tell(Facts, Option<f64>),
    /// Another file in the directory has the same content.
    Copy(PathBuf, Facts),
    /// A download. `true` if a file of another quality exists.
    Fetch(bool),
}

impl Need {
    /// Returns the finding as text, for traces.
    const fn words(&self) -> &'static str {
        match self {
            Self::Nothing => "the file is as the lockfile records it: kept",
            Self::Tell(..) => "the file is complete, but not in the lockfile: recorded",
            Self::Copy(..) => "the same content is elsewhere in the folder: copied",
            Self::Fetch(true) => "the file has another quality: downloaded",
            Self::Fetch(false) => "the file is missing, or differs from the lockfile: downloaded",
        }
    }
}

/// The state of the files on disk: the result of [`survey`] and the input of [`pull`].
#[derive(Debug, Default)]
pub struct Survey {
    items: Vec<(Item, Need)>,
    /// Keys without a unique file name, each with the name as messages show it, and the reason.
    unnamed: Vec<(Arc<str>, String, String)>,
}

/// Checks the files on disk. Reads every file that the lockfile records as saved.
///
/// # Errors
/// When a directory of a file is a link that leads out of the one that is pulled into.
pub fn survey(
    items: Vec<Item>,
    unnamed: Vec<(Arc<str>, String, String)>,
    options: &PullOptions,
) -> std::io::Result<Survey> {
    items.iter().try_for_each(|item| check_inside(&options.out, parent_directory(&item.target)))?;
    let shelf = SavedVideos::of(&options.out);
    let look = |item: Item| {
        let need = need(&item, options, &shelf);
        tracing::debug!(key = &*item.row.key, file = item.shown, why = need.words(), "checked");
        (item, need)
    };
    Ok(Survey { items: items.into_iter().map(look).collect(), unnamed })
}

fn need(item: &Item, options: &PullOptions, shelf: &SavedVideos) -> Need {
    let Some(take) = &item.row.take else { return Need::Fetch(false) };
    if let (Some(sha256), Some(bytes)) = (&take.sha256, take.bytes) {
        let facts = Facts { sha256: sha256.clone(), bytes };
        let good = |path: &&Path| options.quality == Quality::Best || options.quality.is(height(path));
        if is_same(&item.target, &facts).unwrap_or(false) {
            return if good(&item.target.as_path()) { Need::Nothing } else { Need::Fetch(true) };
        }
        if let Some(path) = shelf.find(&facts).filter(good) {
            return Need::Copy(path.to_owned(), facts);
        }
    }
    match Part::of(&item.target, take).finished(&item.target) {
        Some((facts, seconds)) => Need::Tell(facts, seconds),
        None => Need::Fetch(false),
    }
}

fn height(path: &Path) -> Option<u32> {
    inspect(&mut open_regular(path).ok()?).ok()?.height()
}

impl Survey {
    /// Returns the rows to query at the vendor before pulling.
    pub fn wanting(&mut self) -> impl Iterator<Item = &mut Standing> {
        self.items.iter_mut().filter(|(_, need)| matches!(need, Need::Fetch(_))).map(|(item, _)| &mut item.row)
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
    pub fn is_home(&self) -> bool {
        self.items.iter().all(|(_, need)| !matches!(need, Need::Fetch(_)))
    }
}

/// Moves every finished file into place. Unfinished videos are skipped.
///
/// A file gets its name only when it is complete, checked and synced. After that, it is recorded in the lockfile.
pub async fn pull<V: Vendor>(context: &PullMeans<'_, V>, survey: Survey) -> Pulled {
    let mut pulling = Pulling { context, outcome: Pulled::default(), waiting: Vec::new() };
    for (key, file, reason) in survey.unnamed {
        pulling.refused(key, file, &reason, false);
    }
    let mut fetches: BTreeMap<(crate::spec::Digest, u32), Vec<(Item, bool)>> = BTreeMap::new();
    for (item, need) in survey.items {
        match need {
            Need::Nothing => {
                pulling.outcome.kept += 1;
                // A run that was killed after it wrote the lockfile left its state file.
                item.row.take.iter().for_each(|take| Part::of(&item.target, take).done());
                context.progress.event(&Event::Kept { key: item.row.key.clone(), file: item.shown.clone() });
                pulling.subtitles(&item, &item.target, Rewrite::IfMissing);
            }
            Need::Tell(facts, seconds) => {
                pulling.subtitles(&item, &item.target, Rewrite::Always);
                pulling.saved(&item, &Fetched { facts, seconds, moved: 0 });
            }
            Need::Copy(from, facts) => pulling.copied(&item, &from, facts),
            Need::Fetch(has_other) => {
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
async fn one<V: Vendor>(context: &PullMeans<'_, V>, group: &[(Item, bool)]) -> Option<Result<Fetched, Failure>> {
    let (item, has_other) = &group[0];
    let take: &Take = item.row.take.as_ref()?;
    match item.row.phase {
        Phase::Done | Phase::Pulled => {}
        Phase::Expired | Phase::Missing if item.row.denied => {
            let words = if item.row.message.is_empty() { "it does not say why" } else { &item.row.message };
            return Some(Err(Failure::Gone(format!("the vendor does not have it: {words}"))));
        }
        _ => return None,
    }
    if context.stop.is_stop_requested() {
        return Some(Err(Failure::Stopped));
    }
    Some(fetch(context, item, take, *has_other).await)
}

/// Returns the record of a saved file. It keeps the time of the submission, from which the vendor's day of deletion
/// follows. If the file differs from the one saved before, the record is just after the old one: of equal ranks, the
/// later wins.
pub(super) fn saved_record(take: &Take, Facts { sha256, bytes }: &Facts, seconds: Option<f64>) -> Record {
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
struct Pulling<'a, V> {
    context: &'a PullMeans<'a, V>,
    outcome: Pulled,
    /// The records to write, each with the download whose state file is deleted after that.
    waiting: Vec<(Record, Part)>,
}

impl<V: Vendor> Pulling<'_, V> {
    /// Downloads each take once, however many keys have it. The other keys get copies.
    async fn fetch_all(&mut self, groups: Vec<Vec<(Item, bool)>>) {
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
                    self.subtitles(first, &first.target, Rewrite::Always);
                    self.saved(first, &fetched);
                    for (other, _) in &group[1..] {
                        self.copied(other, &first.target, fetched.facts.clone());
                    }
                    if self.waiting.len() >= LINES_TOGETHER {
                        self.write(false).await;
                    }
                }
                Err(Failure::Stopped) => self.outcome.stopped = true,
                Err(Failure::KeyRefused(message)) => self.outcome.key_refused = Some(message),
                Err(Failure::OtherQuality) => {
                    self.outcome.kept += group.len();
                    for (item, _) in &group {
                        let message = format!(
                            "`{}` is not available in the requested quality; the saved file is kept",
                            item.row.key
                        );
                        context.progress.event(&Event::Warning { message });
                        self.subtitles(item, &item.target, Rewrite::IfMissing);
                    }
                }
                Err(Failure::Gone(reason)) => group.iter().for_each(|(item, _)| self.unsaved(item, &reason, true)),
                Err(Failure::Failed(reason)) => group.iter().for_each(|(item, _)| self.unsaved(item, &reason, false)),
            }
        }
    }

    fn saved(&mut self, item: &Item, fetched: &Fetched) {
        let Some(take) = &item.row.take else { return };
        self.outcome.saved.push(item.row.key.clone());
        self.outcome.moved += fetched.moved;
        let picture = open_regular(&item.target).ok().and_then(|mut file| inspect(&mut file).ok()?.picture);
        let (width, height) = picture.unzip();
        self.context.progress.event(&Event::Saved {
            key: item.row.key.clone(),
            file: item.shown.clone(),
            bytes: fetched.facts.bytes,
            sha256: fetched.facts.sha256.clone(),
            seconds: fetched.seconds,
            width,
            height,
            moved: fetched.moved,
        });
        let record = saved_record(take, &fetched.facts, fetched.seconds);
        self.waiting.push((record, Part::of(&item.target, take)));
    }

    fn copied(&mut self, item: &Item, from: &Path, facts: Facts) {
        // First, so that a crash between the two leaves a copy for the next pull to do.
        self.subtitles(item, from, Rewrite::Always);
        match copy(from, &facts, &item.target, &self.context.options.out) {
            Ok(()) => {
                let seconds = item.row.take.as_ref().and_then(|take| take.seconds);
                self.saved(item, &Fetched { facts, seconds, moved: 0 });
            }
            Err(error) => self.unsaved(item, &format!("cannot be copied: {error}"), false),
        }
    }

    fn unsaved(&mut self, item: &Item, reason: &str, gone: bool) {
        self.refused(item.row.key.clone(), item.shown.clone(), reason, gone);
    }

    fn refused(&mut self, key: Arc<str>, file: String, reason: &str, gone: bool) {
        let reason = reason.to_owned();
        self.context.progress.event(&Event::NotSaved { key: key.clone(), file, reason: reason.clone() });
        self.outcome.unsaved.push(Unsaved { key, reason, gone });
    }

    fn subtitles(&mut self, item: &Item, media: &Path, rewrite: Rewrite) {
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
            let tell = |message| context.progress.event(&Event::Warning { message });
            let patient = context.writer.write_patiently(&records, true, context.stop, tell);
            match context.deadline {
                // It is tried once in any case.
                Some(end) => {
                    timeout_at(end, patient).await.unwrap_or_else(|_| Err(LedgerError::Busy(OUT_OF_TIME.into())))
                }
                None => patient.await,
            }
        } else {
            context.writer.write(&records, false)
        };
        match written {
            Ok(()) => {
                self.waiting.drain(..).for_each(|(_, part)| part.done());
                self.outcome.unwritten = None;
            }
            Err(LedgerError::Busy(_)) if !last => {}
            Err(error) => self.outcome.unwritten = Some(error),
        }
    }
}
