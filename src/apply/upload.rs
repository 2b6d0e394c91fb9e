//! Uploads local files to the vendor, each content once per use, before the videos that need it.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::cancellation::Cancellation;
use super::{ApplyContext, ApplyEvent, Halt, LockfileWriteFailure, PlannedSubmission, RecordWriter, RunEnd};
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
    let cancellation = Cancellation::new(context.stop);
    let mut made = Uploads::default();
    let mut seen = HashSet::new();
    let files: Vec<&LocalFile> =
        work.iter().flat_map(|one| one.spec.files()).filter(|file| seen.insert(file.upload_key())).collect();
    let mut held = RemoteAssets::default();
    for file in files {
        match lockfile.asset(&context.options.host, &file.upload_key()) {
            Some(asset) if held.has(context, &cancellation, &mut made, file, &asset.id).await => {
                tracing::debug!(file = file.name, asset = asset.id, "uploaded before, not again");
                made.ids.insert(file.upload_key(), asset.id.clone());
            }
            _ if cancellation.reason().is_none() => upload(context, &cancellation, &mut made, file).await,
            _ => {}
        }
    }
    made
}

/// The ids of uploaded files that the vendor still has, by kind. `None` for a kind that it does not list.
#[derive(Default)]
struct RemoteAssets {
    ids: HashMap<MediaKind, Option<HashSet<String>>>,
}

impl RemoteAssets {
    /// Whether the vendor still has an uploaded file. `true` if that cannot be checked.
    async fn has<V: Vendor, L: RecordWriter>(
        &mut self,
        context: ApplyContext<'_, V, L>,
        cancellation: &Cancellation<'_>,
        made: &mut Uploads,
        file: &LocalFile,
        id: &str,
    ) -> bool {
        if !context.options.check_remote || cancellation.reason().is_some() {
            return true;
        }
        let kind = file.kind;
        if let Entry::Vacant(unasked) = self.ids.entry(kind) {
            let listed = cancellation.or_cancelled(context.vendor.list_assets(kind)).await;
            let ids = match listed {
                Some(Ok(ids)) => Some(ids),
                Some(Err(CallError::Key(message))) => {
                    end(context, cancellation, made, RunEnd::KeyRefused(message));
                    None
                }
                Some(Err(CallError::NoToken(reason))) => {
                    end(context, cancellation, made, RunEnd::Halted(Halt::NoToken(reason)));
                    None
                }
                Some(Err(error)) => {
                    let message = format!(
                        "the vendor's uploaded files could not be listed, so callsheet assumes that those in the lockfile still exist: {error}"
                    );
                    context.progress.event(&ApplyEvent::Warning { message });
                    None
                }
                None => None,
            };
            unasked.insert(ids);
        }
        let has = self.ids.get(&kind).and_then(Option::as_ref).is_none_or(|ids| ids.contains(id));
        if !has {
            let message = format!("the vendor no longer has `{}` (asset {id}); it is uploaded again", file.name);
            context.progress.event(&ApplyEvent::Warning { message });
        }
        has
    }
}

/// Ends the run: no further file is uploaded, and nothing is sent.
fn end<V, L>(context: ApplyContext<'_, V, L>, cancellation: &Cancellation<'_>, made: &mut Uploads, end: RunEnd) {
    cancellation.cancel(end.reason());
    context.progress.event(&ApplyEvent::from(&end));
    made.ended = Some(end);
}

async fn upload<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    cancellation: &Cancellation<'_>,
    made: &mut Uploads,
    file: &LocalFile,
) {
    context.progress.event(&ApplyEvent::Uploading { file: file.name.clone(), bytes: file.bytes });
    let id = match context.vendor.upload(file).await {
        Ok(id) => id,
        Err(CallError::Key(message)) => return end(context, cancellation, made, RunEnd::KeyRefused(message)),
        Err(CallError::NoToken(reason)) => {
            return end(context, cancellation, made, RunEnd::Halted(Halt::NoToken(reason)));
        }
        // Another file, or a video, would wait as long for the same error.
        Err(CallError::Unreachable(reason)) => return end(context, cancellation, made, RunEnd::Unreachable(reason)),
        Err(error @ (CallError::FileChanged | CallError::File(_))) => {
            return add_upload_error(context, made, file, &error.to_string());
        }
        Err(error) => return add_upload_error(context, made, file, &format!("upload failed: {error}")),
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
            made.written.push(line);
            context.progress.event(&ApplyEvent::Uploaded { file: file.name.clone(), id: id.clone() });
            made.ids.insert(file.upload_key(), id);
        }
        Err(error) => {
            let failure = LockfileWriteFailure { message: error.to_string(), records: vec![line] };
            end(context, cancellation, made, RunEnd::LockFailure(failure));
        }
    }
}

fn add_upload_error<V, L>(context: ApplyContext<'_, V, L>, made: &mut Uploads, file: &LocalFile, message: &str) {
    context.progress.event(&ApplyEvent::UploadFailed { file: file.name.clone(), message: message.to_owned() });
    made.obstacles.insert(file.upload_key(), format!("`{}`: {message}", file.name));
}
