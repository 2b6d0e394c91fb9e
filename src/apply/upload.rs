//! Uploads local files to the vendor, each content once per use, before the videos that need it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::cancellation::Cancellation;
use super::{ApplyContext, ApplyEvent, LockfileWriteFailure, PlannedSubmission, RecordWriter, RunEnd};
use crate::lockfile::{Asset, Lockfile, Record};
use crate::spec::{LocalFile, MediaKind, Spec};
use crate::vendor::{CallError, Vendor};

/// The state of the local files of the work.
#[derive(Clone, Debug, Default)]
pub struct Uploads {
    /// Asset ids by upload key.
    ids: HashMap<String, String>,
    /// The reasons why files could not be uploaded.
    obstacles: HashMap<String, String>,
    /// The records that were durably written.
    pub written: Vec<Record>,
    /// The reason why nothing may be sent, if any.
    pub ended: Option<RunEnd>,
}

impl Uploads {
    /// Returns the asset id of a file, by its upload key.
    pub fn id(&self, key: &str) -> Option<&str> {
        self.ids.get(key).map(String::as_str)
    }

    /// Returns the reason why a video cannot be sent, if one of its local files could not be uploaded.
    pub fn upload_error(&self, spec: &Spec) -> Option<String> {
        spec.files().find_map(|file| self.obstacles.get(&file.upload_key()).cloned())
    }
}

/// Uploads the local files that the vendor does not have, one after the other. Each id is durably written.
///
/// For each kind of file, the vendor's list is read once to check that it still has the files of the lockfile. Lost
/// files are uploaded again. A file is hashed again while it is read: if it changed since the plan, it is not uploaded.
/// A failed upload is not retried here, and blocks only the videos that need the file. An unreachable vendor blocks
/// all.
pub async fn upload_missing<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    work: &[PlannedSubmission],
    lockfile: &Lockfile,
) -> Uploads {
    let (cancellation, remote) = (Cancellation::new(context.stop), HashMap::new());
    let mut uploader = Uploader { context, cancellation, remote, made: Uploads::default() };
    let mut seen = HashSet::new();
    let files: Vec<&LocalFile> =
        work.iter().flat_map(|one| one.spec.files()).filter(|file| seen.insert(file.upload_key())).collect();
    for file in files {
        match lockfile.asset(&context.options.host, &file.upload_key()) {
            Some(asset) if uploader.has(file, &asset.id).await => {
                tracing::debug!(file = file.name, asset = asset.id, "uploaded before, not again");
                uploader.made.ids.insert(file.upload_key(), asset.id.clone());
            }
            _ if uploader.cancellation.reason().is_none() => uploader.upload(file).await,
            _ => {}
        }
    }
    uploader.made
}

/// The uploads of some work, in progress.
struct Uploader<'a, V, L> {
    context: ApplyContext<'a, V, L>,
    cancellation: Cancellation<'a>,
    /// The ids of uploaded files that the vendor still has, by kind. `None` for a kind that it does not list.
    remote: HashMap<MediaKind, Option<HashSet<String>>>,
    made: Uploads,
}

impl<V: Vendor, L: RecordWriter> Uploader<'_, V, L> {
    /// Whether the vendor still has an uploaded file. `true` if that cannot be checked.
    async fn has(&mut self, file: &LocalFile, id: &str) -> bool {
        if !self.context.options.check_remote || self.cancellation.reason().is_some() {
            return true;
        }
        if !self.remote.contains_key(&file.kind) {
            let ids = self.list(file.kind).await;
            self.remote.insert(file.kind, ids);
        }
        let has = self.remote.get(&file.kind).and_then(Option::as_ref).is_none_or(|ids| ids.contains(id));
        if !has {
            let message = format!("the vendor no longer has `{}` (asset {id}); it is uploaded again", file.name);
            self.context.progress.event(&ApplyEvent::Warning { message });
        }
        has
    }

    async fn list(&mut self, kind: MediaKind) -> Option<HashSet<String>> {
        let listed = self.cancellation.or_cancelled(self.context.vendor.list_assets(kind)).await?;
        match listed.map_err(RunEnd::without_token) {
            Ok(ids) => return Some(ids),
            Err(Ok(end)) => self.end(end),
            Err(Err(error)) => {
                let message = format!(
                    "the vendor's uploaded files could not be listed, so callsheet assumes that those in the lockfile still exist: {error}"
                );
                self.context.progress.event(&ApplyEvent::Warning { message });
            }
        }
        None
    }

    /// Ends the run: no further file is uploaded, and nothing is sent.
    fn end(&mut self, end: RunEnd) {
        self.cancellation.cancel(end.reason());
        self.context.progress.event(&ApplyEvent::from(&end));
        self.made.ended = Some(end);
    }

    async fn upload(&mut self, file: &LocalFile) {
        let context = self.context;
        context.progress.event(&ApplyEvent::Uploading { file: file.name.clone(), bytes: file.bytes });
        let id = match context.vendor.upload(file).await.map_err(RunEnd::without_token) {
            Ok(id) => id,
            Err(Ok(end)) => return self.end(end),
            // Another file, or a video, would wait as long for the same error.
            Err(Err(CallError::Unreachable(reason))) => return self.end(RunEnd::Unreachable(reason)),
            Err(Err(error)) => return self.add_error(file, &error),
        };
        let asset = Asset {
            asset: file.upload_key().into(),
            id: id.clone(),
            host: Arc::clone(&context.options.host),
            at: (context.now)(),
        };
        let line = Record::Asset(asset);
        match context.writer.write(vec![line.clone()]).await {
            Ok(()) => {
                self.made.written.push(line);
                context.progress.event(&ApplyEvent::Uploaded { file: file.name.clone(), id: id.clone() });
                self.made.ids.insert(file.upload_key(), id);
            }
            Err(message) => {
                self.end(RunEnd::LockFailure(LockfileWriteFailure { message, records: vec![line] }));
            }
        }
    }

    fn add_error(&mut self, file: &LocalFile, error: &CallError) {
        let message = match error {
            CallError::FileChanged | CallError::File(_) => error.to_string(),
            _ => format!("upload failed: {error}"),
        };
        self.made.obstacles.insert(file.upload_key(), format!("`{}`: {message}", file.name));
        self.context.progress.event(&ApplyEvent::UploadFailed { file: file.name.clone(), message });
    }
}
