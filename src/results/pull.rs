//! Saves what is made: looks at what is there already, fetches the rest side by side, writes it down.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio::time::timeout_at;

use super::disk::{Facts, Shelf, copy, is_same};
use super::fetch::{Failure, Fetched, fetch};
use super::part::Part;
use super::{Event, Item, LedgerError, Phase, PullMeans, PullOptions, Quality, Standing, inspect};
use crate::lockfile::{Record, State, Take};
use crate::source::{check_inside, folder_of, open_regular};
use crate::vendor::Vendor;

/// Why what was saved is not recorded.
const OUT_OF_TIME: &str = "the time ran out while another command of the project was running";

/// Lines are written together, at most so many.
const LINES_TOGETHER: usize = 64;

/// A video that was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaved {
    /// The key.
    pub key: Arc<str>,
    /// Why, in words.
    pub reason: String,
    /// Whether the vendor does not have it any more, so that only a new take helps.
    pub gone: bool,
}

/// What pulling came to.
#[derive(Debug, Default)]
pub struct Pulled {
    /// Keys whose file was put in its place.
    pub saved: Vec<Arc<str>>,
    /// How many were there already.
    pub kept: usize,
    /// Bytes that came over the network.
    pub moved: u64,
    /// What was not saved.
    pub unsaved: Vec<Unsaved>,
    /// Whether it was stopped.
    pub stopped: bool,
    /// The vendor refused the key; in its words.
    pub key_refused: Option<String>,
    /// Why the lockfile could not be written. The files are good, and the next pull writes it down.
    pub unwritten: Option<LedgerError>,
}

/// What has to be done for one video.
#[derive(Clone, Debug)]
enum Need {
    /// The file is there as the lockfile knows it.
    Nothing,
    /// The file is there, and only the lockfile has to be told.
    Tell(Facts, Option<f64>),
    /// The same content lies elsewhere in the folder.
    Copy(PathBuf, Facts),
    /// From the vendor; true when a file of another quality is there.
    Fetch(bool),
}

impl Need {
    /// What was found, in words.
    const fn words(&self) -> &'static str {
        match self {
            Self::Nothing => "the file is there as the lockfile knows it: kept",
            Self::Tell(..) => "the file is there, and the lockfile does not know it: told",
            Self::Copy(..) => "the same content lies elsewhere in the folder: copied",
            Self::Fetch(true) => "a file of another quality is there: fetched",
            Self::Fetch(false) => "it is not there, or not as the lockfile knows it: fetched",
        }
    }
}

/// What was found on disk; [`survey`] makes it, [`pull`] works it off.
#[derive(Debug, Default)]
pub struct Survey {
    items: Vec<(Item, Need)>,
}

/// Looks at what is there already. Reads every file that the lockfile says was saved.
///
/// # Errors
/// When a directory of a file is a link that leads out of the one that is pulled into.
pub fn survey(items: Vec<Item>, options: &PullOptions) -> std::io::Result<Survey> {
    items.iter().try_for_each(|item| check_inside(&options.out, folder_of(&item.target)))?;
    let shelf = Shelf::of(&options.out);
    let look = |item: Item| {
        let need = need(&item, options, &shelf);
        tracing::debug!(key = &*item.row.key, file = item.shown, why = need.words(), "looked for");
        (item, need)
    };
    Ok(Survey { items: items.into_iter().map(look).collect() })
}

fn need(item: &Item, options: &PullOptions, shelf: &Shelf) -> Need {
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
    /// The rows that the vendor must be asked about, to be brought up to date before pulling.
    pub fn wanting(&mut self) -> impl Iterator<Item = &mut Standing> {
        self.items.iter_mut().filter(|(_, need)| matches!(need, Need::Fetch(_))).map(|(item, _)| &mut item.row)
    }

    /// How many videos there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether nothing has to come from the vendor.
    pub fn is_home(&self) -> bool {
        self.items.iter().all(|(_, need)| !matches!(need, Need::Fetch(_)))
    }
}

/// Puts every file in its place, as far as the vendor has made it; rows that are not made yet are left out.
///
/// A file gets its name when it is whole, checked and synced, never before; then the lockfile is told.
pub async fn pull<V: Vendor>(means: &PullMeans<'_, V>, survey: Survey) -> Pulled {
    let mut pulling = Pulling { means, outcome: Pulled::default(), waiting: Vec::new() };
    let mut fetches: BTreeMap<(crate::spec::Digest, u32), Vec<(Item, bool)>> = BTreeMap::new();
    for (item, need) in survey.items {
        match need {
            Need::Nothing => {
                pulling.outcome.kept += 1;
                // A run that was killed after the lockfile was told left its note behind.
                item.row.take.iter().for_each(|take| Part::of(&item.target, take).done());
                means.progress.event(&Event::Kept { key: item.row.key.clone(), file: item.shown.clone() });
            }
            Need::Tell(facts, seconds) => pulling.saved(&item, &Fetched { facts, seconds, moved: 0 }),
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
    pulling.outcome.stopped |= means.stop.is_finishing();
    pulling.outcome
}

/// Fetches for a group of keys of one take; none when it is not made yet, or never will be.
async fn one<V: Vendor>(means: &PullMeans<'_, V>, group: &[(Item, bool)]) -> Option<Result<Fetched, Failure>> {
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
    if means.stop.is_finishing() {
        return Some(Err(Failure::Stopped));
    }
    Some(fetch(means, item, take, *has_other).await)
}

/// The line that tells of a saved file. Its time stays that of the submission, from which the day follows on which the
/// vendor deletes the result. Another file than the one saved before is just after it: of equal ranks the later line holds.
pub(super) fn saved_record(take: &Take, Facts { sha256, bytes }: &Facts, seconds: Option<f64>) -> Record {
    let again = take.state == State::Pulled && take.sha256.as_ref() != Some(sha256);
    Record::Take(Take {
        state: State::Pulled,
        at: if again { take.just_after() } else { take.at },
        sha256: Some(sha256.clone()),
        bytes: Some(*bytes),
        seconds: seconds.or(take.seconds),
        message: None,
        ..take.clone()
    })
}

/// A pull under way.
struct Pulling<'a, V> {
    means: &'a PullMeans<'a, V>,
    outcome: Pulled,
    /// Lines on their way to the lockfile, each with the note that may go once the line is written.
    waiting: Vec<(Record, Part)>,
}

impl<V: Vendor> Pulling<'_, V> {
    /// Fetches each take once, however many keys want it; the others get copies.
    async fn fetch_all(&mut self, groups: Vec<Vec<(Item, bool)>>) {
        let means = self.means;
        let mut coming = stream::iter(groups)
            .map(|group| async move {
                let done = one(means, &group).await;
                (group, done)
            })
            .buffer_unordered(means.options.parallel.max(1));
        while let Some((group, done)) = coming.next().await {
            let Some(done) = done else { continue };
            let (first, _) = &group[0];
            match done {
                Ok(fetched) => {
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
                        let message =
                            format!("`{}` is not there in the quality asked for; the saved one is kept", item.row.key);
                        means.progress.event(&Event::Warning { message });
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
        self.means.progress.event(&Event::Saved {
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
        match copy(from, &facts, &item.target, &self.means.options.out) {
            Ok(()) => {
                let seconds = item.row.take.as_ref().and_then(|take| take.seconds);
                self.saved(item, &Fetched { facts, seconds, moved: 0 });
            }
            Err(error) => self.unsaved(item, &format!("cannot be copied: {error}"), false),
        }
    }

    fn unsaved(&mut self, item: &Item, reason: &str, gone: bool) {
        let (key, reason) = (item.row.key.clone(), reason.to_owned());
        self.means.progress.event(&Event::NotSaved {
            key: key.clone(),
            file: item.shown.clone(),
            reason: reason.clone(),
        });
        self.outcome.unsaved.push(Unsaved { key, reason, gone });
    }

    /// Writes what waits, unless an apply runs: then the next time. At the end it is waited for.
    async fn write(&mut self, last: bool) {
        if self.waiting.is_empty() {
            return;
        }
        let records: Vec<Record> = self.waiting.iter().map(|(record, _)| record.clone()).collect();
        let means = self.means;
        let written = if last {
            let tell = |message| means.progress.event(&Event::Warning { message });
            let patient = means.ledger.write_patiently(&records, true, means.stop, tell);
            match means.deadline {
                // It is tried once in any case.
                Some(end) => {
                    timeout_at(end, patient).await.unwrap_or_else(|_| Err(LedgerError::Busy(OUT_OF_TIME.into())))
                }
                None => patient.await,
            }
        } else {
            means.ledger.write(&records, false)
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
