//! Uploads: streamed to disk and hashed in one pass, then listed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use super::app_state::AppState;
use super::response::{PageRequest, Query, cursor, http_error, ok, vendor_error};
use crate::fields::MediaKind;
use crate::media::inspect;
use crate::sandbox::state::{SandboxError, StoredAsset};
use crate::source::{make_directory, temporary_file};

/// The vendor's limit, in bytes.
const MAX_FILE_BYTES: u64 = 200 << 20;
/// Maximum size of the parts other than the file, in bytes.
const MAX_VALUE_BYTES: usize = 4 << 10;
/// Prefix of the names of incomplete uploads.
const UNFINISHED: &str = ".upload-";

/// Returns the path of the content of an asset.
pub fn path_of(directory: &Path, id: &str) -> PathBuf {
    directory.join("assets").join(id)
}

/// Creates the directory of assets, and removes uploads that an earlier run left incomplete.
///
/// # Errors
/// If the disk fails.
pub fn prepare_directory(directory: &Path) -> Result<(), SandboxError> {
    let assets = directory.join("assets");
    let swept = make_directory(directory, &assets).and_then(|()| {
        for entry in fs::read_dir(&assets)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    });
    swept.map_err(|source| SandboxError::State { path: assets, source })
}

/// Why an upload was rejected.
enum UploadError {
    /// It breaks a rule of the form.
    Form(String),
    /// The disk failed.
    Disk(io::Error),
}

impl From<io::Error> for UploadError {
    fn from(error: io::Error) -> UploadError {
        UploadError::Disk(error)
    }
}

/// The parts received so far.
#[derive(Default)]
struct Upload {
    file: Option<ReceivedFile>,
    kind: Option<MediaKind>,
    name: Option<String>,
}

struct ReceivedFile {
    file: NamedTempFile,
    name: String,
    bytes: u64,
    sha256: String,
}

/// `POST /v2/asset/upload`.
pub async fn upload(State(app): State<Arc<AppState>>, mut request: Request) -> Response {
    DefaultBodyLimit::disable().apply(&mut request);
    let Ok(form) = Multipart::from_request(request, &()).await else {
        return vendor_error(400, "the body must be multipart/form-data with a boundary");
    };
    let stored = match receive(&app, form).await {
        Ok(upload) => store_asset(&app, upload).await,
        Err(rejected) => Err(rejected),
    };
    match stored {
        Ok(asset) => ok(&listed_asset(&app, &asset)),
        Err(UploadError::Form(reason)) => vendor_error(400, &reason),
        Err(UploadError::Disk(error)) => http_error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// Reads all parts. After an error it still reads the rest, because a client may read the response only after sending
/// all.
async fn receive(app: &AppState, mut form: Multipart) -> Result<Upload, UploadError> {
    let mut upload = Upload::default();
    let mut fault = None;
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return fault.map_or(Ok(upload), Err),
            Err(error) => return Err(broken(&error)),
        };
        // The next part is read only after the previous one is consumed, so continuing skips its bytes.
        if fault.is_none() {
            fault = take(app, &mut upload, field).await.err();
        }
    }
}

async fn take(app: &AppState, upload: &mut Upload, field: Field<'_>) -> Result<(), UploadError> {
    let name = field.name().unwrap_or_default().to_owned();
    let twice = match name.as_str() {
        "file" => upload.file.replace(receive_file(app, field).await?).is_some(),
        "filetype" => {
            let text = value(field).await?;
            let kind = MediaKind::from_vendor_code(&text).ok_or_else(|| {
                UploadError::Form("`filetype` must be 1 for an image, 2 for a video or 3 for audio".to_owned())
            })?;
            upload.kind.replace(kind).is_some()
        }
        "name" => upload.name.replace(value(field).await?).is_some(),
        _ => return Err(UploadError::Form(format!("`{name}` is not a part of this form"))),
    };
    if twice { Err(UploadError::Form(format!("`{name}` occurs twice"))) } else { Ok(()) }
}

async fn value(mut field: Field<'_>) -> Result<String, UploadError> {
    let name = field.name().unwrap_or_default().to_owned();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunk(&mut field).await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_VALUE_BYTES {
            return Err(UploadError::Form(format!("`{name}` is larger than {MAX_VALUE_BYTES} bytes")));
        }
    }
    String::from_utf8(bytes).map_err(|_| UploadError::Form(format!("`{name}` is not UTF-8")))
}

async fn receive_file(app: &AppState, mut field: Field<'_>) -> Result<ReceivedFile, UploadError> {
    let name = field.file_name().unwrap_or_default().to_owned();
    let file = temporary_file(&app.store.directory.join("assets"), UNFINISHED, "")?;
    let mut out = tokio::fs::File::from_std(file.reopen()?);
    let mut hash = Sha256::new();
    let mut bytes = 0;
    while let Some(chunk) = chunk(&mut field).await? {
        bytes += chunk.len() as u64;
        if bytes > MAX_FILE_BYTES {
            return Err(UploadError::Form("`file` is larger than 200 MB".to_owned()));
        }
        hash.update(&chunk);
        out.write_all(&chunk).await?;
    }
    out.flush().await?;
    out.sync_all().await?;
    Ok(ReceivedFile { file, name, bytes, sha256: data_encoding::HEXLOWER.encode(&hash.finalize()) })
}

async fn chunk(field: &mut Field<'_>) -> Result<Option<axum::body::Bytes>, UploadError> {
    field.chunk().await.map_err(|error| broken(&error))
}

fn broken(error: &MultipartError) -> UploadError {
    UploadError::Form(format!("the multipart body is unreadable: {}", error.body_text()))
}

/// Stores a complete upload: first the file, then its line in the journal.
async fn store_asset(app: &Arc<AppState>, upload: Upload) -> Result<StoredAsset, UploadError> {
    let missing = |name: &str| UploadError::Form(format!("`{name}` is required"));
    let received = upload.file.ok_or_else(|| missing("file"))?;
    let kind = upload.kind.ok_or_else(|| missing("filetype"))?;
    let format = Path::new(&received.name).extension().and_then(|format| format.to_str()).unwrap_or_default();
    let format = format.to_ascii_lowercase();
    let known: Vec<&str> = kind.extensions().collect();
    if !known.contains(&format.as_str()) {
        let known = known.join(", ");
        let reason = format!("`file` needs a file name that fits `filetype` {}: {known}", kind.vendor_code());
        return Err(UploadError::Form(reason));
    }
    if received.bytes == 0 {
        return Err(UploadError::Form("`file` is empty".to_owned()));
    }
    let (number, id) = app.store.new_asset_id();
    let target = path_of(&app.store.directory, &id);
    let file = received.file;
    let measured = tokio::task::spawn_blocking(move || {
        let measured = measure(file.path());
        file.persist(&target).map_err(|error| error.error)?;
        // The file name must be as durable as the journal's line.
        target.parent().map_or(Ok(()), |directory| fs::File::open(directory)?.sync_all())?;
        Ok::<_, io::Error>(measured)
    });
    let (size, seconds) = measured.await.map_err(io::Error::other)??;
    let asset = StoredAsset {
        number,
        id,
        name: upload.name.filter(|name| !name.is_empty()).unwrap_or(received.name),
        kind,
        format,
        bytes: received.bytes,
        sha256: received.sha256,
        at: app.options.clock.now(),
        size,
        seconds,
    };
    app.store.add_asset(asset.clone()).await.map_err(|error| UploadError::Disk(io::Error::other(error)))?;
    Ok(asset)
}

/// Returns the pixels of an image, and the seconds of sound or video, if the file shows them.
fn measure(path: &Path) -> (Option<(u32, u32)>, Option<f64>) {
    let Ok(file) = inspect("", path, &[]) else { return (None, None) };
    let size = imagesize::size(path).ok().filter(|_| file.kind == MediaKind::Image);
    (size.and_then(|size| Some((size.width.try_into().ok()?, size.height.try_into().ok()?))), file.seconds)
}

/// `GET /v2/asset/list`.
pub async fn list(State(app): State<Arc<AppState>>, page: PageRequest, Query(query): Query) -> Response {
    let kind = match query.get("filetype").map(|text| MediaKind::from_vendor_code(text)) {
        Some(None) => return vendor_error(400, "`filetype` must be 1, 2 or 3"),
        kind => kind.flatten(),
    };
    let fits = |asset: &&Arc<StoredAsset>| kind.is_none_or(|kind| kind == asset.kind);
    let (mut assets, total): (Vec<Arc<StoredAsset>>, usize) = {
        let tables = app.store.tables();
        let found = tables.assets_before(page.before).filter(fits).take(page.limit.saturating_add(1)).cloned();
        (found.collect(), tables.assets_before(u64::MAX).filter(fits).count())
    };
    let more = assets.len() > page.limit;
    assets.truncate(page.limit);
    let end_cursor = assets.last().filter(|_| more).map(|last| cursor(last.number)).unwrap_or_default();
    let assets: Vec<Value> = assets.iter().map(|asset| listed_asset(&app, asset)).collect();
    ok(&json!({ "total": total, "end_cursor": end_cursor, "assets": assets }))
}

fn listed_asset(app: &AppState, asset: &StoredAsset) -> Value {
    // The vendor sends an empty string for an unknown size.
    let dimension = asset.size.map_or(json!(""), |(width, height)| json!({ "width": width, "height": height }));
    json!({
        "id": asset.id,
        "name": asset.name,
        "filetype": asset.kind.vendor_code(),
        "filesize": asset.bytes,
        "format": asset.format,
        "dimension": dimension,
        "duration": asset.seconds.unwrap_or(0.0),
        "download_url": app.sign(&format!("/assets/{}", asset.id), app.options.clock.now()),
    })
}

#[cfg(test)]
mod tests {
    use super::measure;
    use crate::preview::{Color, FrameSize, still_clip};
    use crate::spec::Aspect;

    fn measured(bytes: &[u8]) -> (Option<(u32, u32)>, Option<f64>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        measure(file.path())
    }

    #[test]
    fn sizes_and_lengths_are_read_from_the_file() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x40\0\0\0\xb2";
        assert_eq!(measured(png).0, Some((320, 178)));
        assert_eq!(measured(b"GIF89a\x40\x01\xb2\0\0\0\0").0, Some((320, 178)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\0\xb2\x01\x40";
        assert_eq!(measured(jpeg).0, Some((320, 178)));
        let head = b"RIFF\x24\x7d\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\x7d\0\0";
        assert_eq!(measured(&[&head[..], &vec![0; 32_000]].concat()).1, Some(2.0));
        let clip = still_clip(FrameSize::fitting(Aspect::Wide), Color::WHITE, 3.5);
        assert_eq!(measured(&clip).1, Some(3.5));
    }

    #[test]
    fn cut_and_false_files_show_nothing() {
        let clip = still_clip(FrameSize::fitting(Aspect::Wide), Color::WHITE, 3.5);
        for bytes in [&b""[..], b"x", b"\xff\xd8\xff", b"RIFF", b"\0\0\0\x01moov", &clip[..60], &[0; 64], &[255; 64]] {
            assert_eq!(measured(bytes), (None, None), "{bytes:?}");
        }
    }
}
