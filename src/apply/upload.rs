//! Local files to the vendor, each content once, before the videos that need it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::gate::Gate;
use super::{Clock, Event, Ledger, LockFailure, Means, NotSent, Work};
use crate::lock::{Asset, Lockfile, Record};
use crate::spec::{LocalFile, VideoSpec};
use crate::vendor::{CallError, MediaKind, Vendor, local_files, upload_form};

/// What is known of the local files of the work.
#[derive(Clone, Debug, Default)]
pub struct Uploads {
    /// Asset ids by content.
    ids: HashMap<String, String>,
    /// Why a content could not be uploaded.
    obstacles: HashMap<String, String>,
    /// What was durably written.
    pub written: Vec<Record>,
    /// The vendor's words, if it refused the key.
    pub key_refused: Option<String>,
    /// Whether, and why, the lockfile could not be written: then nothing may be sent.
    pub lock_failure: Option<LockFailure>,
}

impl Uploads {
    /// The asset id of a content.
    pub fn id(&self, sha256: &str) -> Option<&str> {
        self.ids.get(sha256).map(String::as_str)
    }

    /// Why a video cannot be sent, when a local file of it could not be uploaded.
    pub fn obstacle(&self, spec: &VideoSpec) -> Option<String> {
        local_files(spec).find_map(|(file, _)| self.obstacles.get(&file.sha256).cloned())
    }
}

/// Uploads the local files of the work that the vendor does not have, one after the other; each id is durably written.
///
/// A file is hashed again as it is read: one that changed since the plan is not uploaded. An upload that fails is not
/// tried again here, and keeps only the videos that need it.
pub async fn upload_missing<V: Vendor, L: Ledger, C: Clock>(
    means: Means<'_, V, L, C>,
    work: &[Work],
    lockfile: &Lockfile,
) -> Uploads {
    let gate = Gate::new(means.stop);
    let mut made = Uploads::default();
    let mut seen = HashSet::new();
    for (file, kind) in work.iter().flat_map(|one| local_files(&one.spec)) {
        if !seen.insert(&file.sha256) {
            continue;
        }
        if let Some(asset) = lockfile.asset(&means.options.host, &file.sha256) {
            made.ids.insert(file.sha256.clone(), asset.id.clone());
        } else if gate.is_shut().is_none() {
            upload(means, &gate, &mut made, file, kind).await;
        }
    }
    made
}

async fn upload<V: Vendor, L: Ledger, C: Clock>(
    means: Means<'_, V, L, C>,
    gate: &Gate<'_>,
    made: &mut Uploads,
    file: &LocalFile,
    kind: MediaKind,
) {
    let bytes = match read(file).await {
        Ok(bytes) => bytes,
        Err(message) => return obstacle(means, made, file, &message),
    };
    means.progress.event(&Event::Uploading { file: file.name.clone(), bytes: file.bytes });
    let id = match means.vendor.upload(&upload_form(&file.name, kind, bytes)).await {
        Ok(id) => id,
        Err(CallError::Key(message)) => {
            gate.close(NotSent::KeyRefused);
            means.progress.event(&Event::KeyRefused { message: message.clone() });
            made.key_refused = Some(message);
            return;
        }
        Err(error) => return obstacle(means, made, file, &format!("upload failed: {error}")),
    };
    let asset = Asset {
        asset: file.sha256.as_str().into(),
        id: id.clone(),
        host: Arc::clone(&means.options.host),
        at: means.clock.now(),
    };
    let line = Record::Asset(asset);
    match means.ledger.write(vec![line.clone()]).await {
        Ok(()) => {
            made.written.push(line);
            means.progress.event(&Event::Uploaded { file: file.name.clone(), id: id.clone() });
            made.ids.insert(file.sha256.clone(), id);
        }
        Err(error) => {
            gate.close(NotSent::LockFailure);
            means.progress.event(&Event::LockFailure { message: error.to_string() });
            made.lock_failure = Some(LockFailure { message: error.to_string(), records: vec![line] });
        }
    }
}

fn obstacle<V, L, C>(means: Means<'_, V, L, C>, made: &mut Uploads, file: &LocalFile, message: &str) {
    means.progress.event(&Event::UploadFailed { file: file.name.clone(), message: message.to_owned() });
    made.obstacles.insert(file.sha256.clone(), format!("`{}`: {message}", file.name));
}

/// The bytes of a file, proved to be the content that was planned.
async fn read(file: &LocalFile) -> Result<Vec<u8>, String> {
    let changed = || "the file changed since the plan was made; plan again".to_owned();
    let size = tokio::fs::metadata(&file.path).await.map_err(|error| error.to_string())?.len();
    if size != file.bytes {
        return Err(changed());
    }
    let bytes = tokio::fs::read(&file.path).await.map_err(|error| error.to_string())?;
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
    if hash == file.sha256 { Ok(bytes) } else { Err(changed()) }
}
