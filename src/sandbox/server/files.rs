//! Files at signed addresses: uploads, and clips, which are rendered at the first request.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::app_state::AppState;
use super::response::{Query, Succeeded, bytes, set_header};
use crate::fields::{KINDS, VENDOR};
use crate::sandbox::fault::{EndpointScope, FaultKind, InjectionPoint};
use crate::sandbox::form::{ReceivedPart, submitted_video};
use crate::sandbox::state::{Task, TaskLife, TaskStage};
use crate::source::open_regular;
use crate::spec::Spec;

/// Bytes of an upload read per chunk.
const CHUNK: usize = 64 << 10;
/// Number of pieces that a dribbled file is sent in.
const PIECES: usize = 40;

/// `GET /results/{id}.mp4`.
pub async fn clip(
    State(app): State<Arc<AppState>>,
    Path(file): Path<String>,
    query: Query,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if headers.contains_key(header::AUTHORIZATION) {
        // Object stores do the same. It also reveals a client that sends its API key to a download host.
        return error(StatusCode::BAD_REQUEST, "OnlyOneAuthMechanismAllowed");
    }
    if let Some(answer) = refused(&app, &uri, &query) {
        return answer;
    }
    let task = file.strip_suffix(".mp4").and_then(|id| app.store.tables().video(id).cloned());
    let life = task.as_ref().map(|task| TaskLife::of(task, app.options.clock.now()));
    match (task, life) {
        (Some(task), Some(TaskLife { stage: TaskStage::Done, expired: false })) => {
            serve(&app, clip_of(&app, &task).await.to_vec(), &uri, headers).await
        }
        _ => error(StatusCode::NOT_FOUND, "NoSuchKey"),
    }
}

/// `GET /assets/{id}`.
pub async fn asset(State(app): State<Arc<AppState>>, Path(id): Path<String>, query: Query, uri: Uri) -> Response {
    if let Some(answer) = refused(&app, &uri, &query) {
        return answer;
    }
    // Only ids in the table become paths.
    let asset = app.store.tables().asset(&id).cloned();
    let Some(asset) = asset else { return error(StatusCode::NOT_FOUND, "NoSuchKey") };
    let Ok(file) = open_regular(&super::assets::path_of(&app.store.directory, &asset.id)) else {
        return error(StatusCode::NOT_FOUND, "NoSuchKey");
    };
    let file = tokio::fs::File::from_std(file);
    let chunks = stream::try_unfold(file, |mut file| async move {
        let mut chunk = vec![0; CHUNK];
        let count = file.read(&mut chunk).await?;
        chunk.truncate(count);
        Ok::<_, std::io::Error>((count > 0).then_some((Bytes::from(chunk), file)))
    });
    let mut answer = bytes(StatusCode::OK, "application/octet-stream", Body::from_stream(chunks));
    answer.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(asset.bytes));
    answer.extensions_mut().insert(Succeeded);
    answer
}

/// Returns the clip of a task.
pub async fn clip_of(app: &Arc<AppState>, task: &Arc<Task>) -> Bytes {
    let (app, task) = (Arc::clone(app), Arc::clone(task));
    // The semaphore is never closed. Even without a permit, the clip must be rendered.
    let permit = app.clips.makers.acquire().await.ok();
    let work = {
        let (app, task) = (Arc::clone(&app), Arc::clone(&task));
        move || {
            app.clips.stored(&task).unwrap_or_else(|| {
                let bytes = app.clips.render(&task, submitted(&app, &task).as_ref());
                app.clips.store(&task, &bytes);
                bytes
            })
        }
    };
    let made = tokio::task::spawn_blocking(work).await;
    drop(permit);
    let bytes = made.unwrap_or_else(|error| {
        tracing::warn!(%error, "a clip of the sandbox was not rendered");
        app.clips.render(&task, None)
    });
    bytes.into()
}

/// Reads the submitted spec again from its parts, which only a form of its kind accepts.
fn submitted(app: &AppState, task: &Task) -> Option<Spec> {
    let part = |(name, value): &(String, String)| ReceivedPart {
        name: name.clone(),
        content_type: None,
        file: false,
        value: value.clone().into_bytes(),
    };
    let parts: Vec<ReceivedPart> = task.work.parts.iter().map(part).collect();
    let tables = app.store.tables();
    KINDS.iter().find_map(|kind| submitted_video(&VENDOR, kind, &parts, &*tables).ok())
}

/// Serves a clip with the faults applied.
async fn serve(app: &AppState, mut clip: Vec<u8>, uri: &Uri, mut headers: HeaderMap) -> Response {
    let mut pieces = None;
    for fault in app.faults.matching(InjectionPoint::File, EndpointScope::Result) {
        match fault {
            FaultKind::NoRange => drop(headers.remove(header::RANGE)),
            FaultKind::ShortFile { bytes } => {
                clip.truncate(clip.len().saturating_sub(usize::try_from(*bytes).unwrap_or(usize::MAX)));
            }
            FaultKind::ChangingFile => change_one_byte(&mut clip),
            FaultKind::Dribble(span) => pieces = Some(*span),
            // Redirects to another name of this machine, on the same port.
            FaultKind::OtherHost if !is_host_of(&headers, "localhost") => {
                return moved(&format!("{}{uri}", app.base_url.replacen("127.0.0.1", "localhost", 1)));
            }
            FaultKind::PlainHost => return moved(&format!("http://files.example.com{uri}")),
            _ => {}
        }
    }
    let answer = part_of(&clip.into(), "video/mp4", &headers);
    match pieces {
        Some(span) if answer.status().is_success() => dribble(answer, span).await,
        _ => answer,
    }
}

/// Changes a clip without changing its size: increments a letter of a name that no player shows.
fn change_one_byte(clip: &mut [u8]) {
    static COUNT: AtomicU8 = AtomicU8::new(0);
    if let Some(at) = clip.windows(9).position(|name| name == b"callsheet") {
        clip[at] = b'a' + COUNT.fetch_add(1, Ordering::Relaxed) % 26;
    }
}

fn is_host_of(headers: &HeaderMap, name: &str) -> bool {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(|host| host.starts_with(name))
}

fn moved(place: &str) -> Response {
    let mut answer = error(StatusCode::FOUND, "Found");
    set_header(&mut answer, header::LOCATION, place);
    answer
}

/// Sends the same response in small pieces, spread over a time span.
async fn dribble(answer: Response, span: Duration) -> Response {
    let (mut head, body) = answer.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, usize::MAX).await else {
        return error(StatusCode::INTERNAL_SERVER_ERROR, "InternalError");
    };
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let size = whole.len().div_ceil(PIECES).max(1);
    let pieces: Vec<Bytes> = whole.chunks(size).map(Bytes::copy_from_slice).collect();
    let pause = span / PIECES as u32;
    let pieces = stream::iter(pieces).then(move |piece| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, std::convert::Infallible>(piece)
    });
    Response::from_parts(head, Body::from_stream(pieces))
}

/// Returns the error for an address without a valid signature, or with an expired one.
fn refused(app: &AppState, uri: &Uri, query: &Query) -> Option<Response> {
    let signed = app.signed(uri.path(), &query.0, app.options.clock.now());
    (!signed).then(|| error(StatusCode::FORBIDDEN, "AccessDenied"))
}

/// Returns an error in the format of object stores.
fn error(status: StatusCode, code: &str) -> Response {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>\n");
    bytes(status, "application/xml", body)
}

/// Returns the complete file, or the requested range.
fn part_of(whole: &Bytes, content_type: &'static str, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", &data_encoding::HEXLOWER.encode(&Sha256::digest(whole))[..32]);
    let asked = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let same = |name| asked(name).is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag));
    let mut answer = if same(header::IF_NONE_MATCH) {
        bytes(StatusCode::NOT_MODIFIED, content_type, Body::empty())
    } else {
        let changed = headers.contains_key(header::IF_RANGE) && !same(header::IF_RANGE);
        match asked(header::RANGE).filter(|_| !changed).and_then(|text| range(text, whole.len())) {
            None => bytes(StatusCode::OK, content_type, whole.clone()),
            Some(part) if part.is_empty() => {
                let mut answer = bytes(StatusCode::RANGE_NOT_SATISFIABLE, content_type, Body::empty());
                set_header(&mut answer, header::CONTENT_RANGE, &format!("bytes */{}", whole.len()));
                answer
            }
            Some(part) => {
                let told = format!("bytes {}-{}/{}", part.start, part.end - 1, whole.len());
                let mut answer = bytes(StatusCode::PARTIAL_CONTENT, content_type, whole.slice(part));
                set_header(&mut answer, header::CONTENT_RANGE, &told);
                answer
            }
        }
    };
    set_header(&mut answer, header::ETAG, &tag);
    set_header(&mut answer, header::ACCEPT_RANGES, "bytes");
    if answer.status().is_success() {
        answer.extensions_mut().insert(Succeeded);
    }
    answer
}

/// Parses one range of bytes, which is empty outside the file. Other forms are ignored, as the HTTP standard requires.
fn range(text: &str, length: usize) -> Option<Range<usize>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    Some(match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Ok(first), Err(_)) if last.is_empty() => first..length,
        (Err(_), Ok(count)) if first.is_empty() => length.saturating_sub(count)..length,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        assert_eq!(range("bytes=0-9", 100), Some(0..10));
        assert_eq!(range("bytes=90-", 100), Some(90..100));
        assert_eq!(range("bytes=-10", 100), Some(90..100));
        assert_eq!(range("bytes=-1000", 100), Some(0..100));
        assert_eq!(range("bytes=50-1000", 100), Some(50..100));
        assert!(range("bytes=100-", 100).unwrap().is_empty());
        assert!(range("bytes=-0", 100).unwrap().is_empty());
        for ignored in ["bytes=9-0", "bytes=0-1,5-6", "bytes=-", "bytes=a-b", "lines=0-9", ""] {
            assert_eq!(range(ignored, 100), None, "{ignored}");
        }
    }
}
