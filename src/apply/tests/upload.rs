//! Local files: uploaded once per content, hashed again, and a failure blocks only their videos.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::fakes::{Fakes, HOST, WriteBehavior, after, options, spec, work};
use crate::apply::{ApplyEvent, Outcome, PlannedSubmission, RunEnd, SkipReason, Uploads, submit_all, upload_missing};
use crate::lockfile::{Asset, Lockfile, Record};
use crate::spec::{LocalFile, MediaFormat, MediaKind, digest};
use crate::vendor::{CallError, StopToken};

fn local(path: &Path, content: &[u8]) -> Arc<LocalFile> {
    std::fs::write(path, content).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(content));
    let (path, bytes) = (path.to_owned(), content.len() as u64);
    Arc::new(LocalFile { name, path, sha256, bytes, format: MediaFormat::Mp3, kind: MediaKind::Audio, seconds: None })
}

fn voiced(key: &str, file: &Arc<LocalFile>, take: u32) -> PlannedSubmission {
    let mut made = work(key);
    made.spec = spec(key).with("take", take).with_file("voice.file.path", file);
    made.digest = digest(&made.spec);
    made
}

async fn sent(fakes: &Fakes, work: &[PlannedSubmission], lockfile: &Lockfile) -> (Uploads, Outcome) {
    let (options, stop) = (options(), StopToken::never());
    let uploads = upload_missing(fakes.context(&options, &stop), work, lockfile).await;
    let outcome = submit_all(fakes.context(&options, &stop), work, (&uploads, lockfile)).await;
    (uploads, outcome)
}

#[tokio::test(start_paused = true)]
async fn one_content_is_uploaded_once_and_the_lockfile_knows_it_first() {
    let directory = tempfile::tempdir().unwrap();
    let fakes = Fakes::new();
    let voice = local(&directory.path().join("voice.mp3"), b"sound");
    let copy = local(&directory.path().join("copy.mp3"), b"sound");
    let work = [voiced("a", &voice, 1), voiced("b", &copy, 2)];
    let (uploads, outcome) = sent(&fakes, &work, &Lockfile::default()).await;
    assert_eq!(fakes.uploaded.lock().unwrap().len(), 1);
    assert_eq!(uploads.id(&voice.sha256), Some("asset-1"));
    assert!(matches!(fakes.lines.lock().unwrap()[0], Record::Asset(_)));
    assert_eq!(outcome.submitted.len(), 2);
    let (_, _) = sent(&fakes, &work, &fakes.lockfile()).await;
    assert_eq!(fakes.uploaded.lock().unwrap().len(), 1, "known from the lockfile");
}

#[tokio::test(start_paused = true)]
async fn a_video_that_is_a_voice_too_is_uploaded_once_for_each_use() {
    let directory = tempfile::tempdir().unwrap();
    let fakes = Fakes::new();
    let voice = Arc::new(LocalFile {
        format: MediaFormat::Mp4,
        ..(*local(&directory.path().join("talk.mp4"), b"talk")).clone()
    });
    let picture = Arc::new(LocalFile { kind: MediaKind::Video, ..(*voice).clone() });
    let mut both = voiced("a", &voice, 1);
    both.spec = both.spec.with_file("background.media.path", &picture);
    both.digest = digest(&both.spec);
    let work = [both, voiced("b", &voice, 2)];
    fakes.uploads.lock().unwrap().extend([Ok("heard".to_owned()), Ok("seen".to_owned())]);
    let (uploads, outcome) = sent(&fakes, &work, &Lockfile::default()).await;
    let kinds: Vec<MediaKind> = fakes.uploaded.lock().unwrap().iter().map(|file| file.kind).collect();
    assert_eq!((kinds, outcome.submitted.len()), (vec![MediaKind::Audio, MediaKind::Video], 2));
    assert_eq!(uploads.id(&voice.upload_key()), Some("heard"));
    assert_eq!(uploads.id(&picture.sha256), Some("seen"), "a background keeps the hash of its content");
    let (_, _) = sent(&fakes, &work, &fakes.lockfile()).await;
    assert_eq!(fakes.uploaded.lock().unwrap().len(), 2, "both are known from the lockfile");
}

#[tokio::test(start_paused = true)]
async fn an_asset_of_another_host_is_not_ours() {
    let directory = tempfile::tempdir().unwrap();
    let fakes = Fakes::new();
    let voice = local(&directory.path().join("voice.mp3"), b"sound");
    let mut lockfile = Lockfile::default();
    let elsewhere = |host: &str| {
        let asset = voice.sha256.as_str().into();
        Record::Asset(Asset { asset, id: "other".into(), host: host.into(), at: after(0) })
    };
    lockfile.insert(elsewhere("127.0.0.1"));
    let (uploads, _) = sent(&fakes, &[voiced("a", &voice, 1)], &lockfile).await;
    assert_eq!(uploads.id(&voice.sha256), Some("asset-1"));
    lockfile.insert(elsewhere(HOST));
    let (uploads, _) = sent(&fakes, &[voiced("a", &voice, 1)], &lockfile).await;
    assert_eq!(uploads.id(&voice.sha256), Some("other"));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_changed_since_the_plan_holds_its_videos_up() {
    for changed in [&b"other"[..], b"longer than before"] {
        let directory = tempfile::tempdir().unwrap();
        let fakes = Fakes::new();
        let path = directory.path().join("voice.mp3");
        let voice = local(&path, b"sound");
        std::fs::write(&path, changed).unwrap();
        let (_, outcome) = sent(&fakes, &[voiced("a", &voice, 1), work("b")], &Lockfile::default()).await;
        assert!(fakes.uploaded.lock().unwrap().is_empty());
        assert!(outcome.refused[0].message.contains("`voice.mp3`: the file changed"), "{outcome:?}");
        assert_eq!(&*outcome.submitted[0].key, "b");
        assert_eq!(fakes.written(), ["b 1 intent", "b 1 submitted"], "no intent for what cannot be sent");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_upload_holds_only_its_videos_up() {
    let directory = tempfile::tempdir().unwrap();
    let fakes = Fakes::new();
    let voice = local(&directory.path().join("voice.mp3"), b"sound");
    fakes.uploads.lock().unwrap().push(Err(CallError::Refused { code: 400, message: "bad file".into() }));
    let (_, outcome) = sent(&fakes, &[voiced("a", &voice, 1), work("b")], &Lockfile::default()).await;
    assert_eq!(outcome.refused[0].message, "`voice.mp3`: upload failed: the vendor answered code 400: bad file");
    assert_eq!(&*outcome.submitted[0].key, "b");
    assert!(fakes.events.lock().unwrap().iter().any(|event| matches!(event, ApplyEvent::UploadFailed { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_key_refused_at_an_upload_stops_everything() {
    let directory = tempfile::tempdir().unwrap();
    let fakes = Fakes::new();
    let voice = local(&directory.path().join("voice.mp3"), b"sound");
    fakes.uploads.lock().unwrap().push(Err(CallError::Key("no".into())));
    let (uploads, outcome) = sent(&fakes, &[voiced("a", &voice, 1), work("b")], &Lockfile::default()).await;
    assert!(matches!(uploads.ended, Some(RunEnd::KeyRefused(message)) if message == "no"));
    assert_eq!(fakes.sent(), 0);
    assert!(outcome.not_sent.iter().all(|one| one.reason == SkipReason::KeyRefused));
}

#[tokio::test(start_paused = true)]
async fn a_vendor_out_of_reach_is_not_asked_for_the_next_file() {
    let directory = tempfile::tempdir().unwrap();
    let fakes = Fakes::new();
    let [voice, other] = ["voice.mp3", "other.mp3"].map(|name| local(&directory.path().join(name), name.as_bytes()));
    fakes.uploads.lock().unwrap().push(Err(CallError::Unreachable("no route".into())));
    let wanted = [voiced("a", &voice, 1), voiced("b", &other, 1), work("c")];
    let (uploads, outcome) = sent(&fakes, &wanted, &Lockfile::default()).await;
    assert!(matches!(uploads.ended, Some(RunEnd::Unreachable(reason)) if reason == "no route"));
    assert_eq!((fakes.sent(), fakes.uploaded.lock().unwrap().len()), (0, 1));
    let unsent: Vec<_> = outcome.not_sent.iter().map(|one| (&*one.key, one.reason)).collect();
    assert_eq!(unsent, ["a", "b", "c"].map(|key| (key, SkipReason::Unreachable)));
}

#[tokio::test(start_paused = true)]
async fn an_asset_that_cannot_be_written_stops_everything_and_is_handed_over() {
    let directory = tempfile::tempdir().unwrap();
    let fakes = Fakes::new();
    let voice = local(&directory.path().join("voice.mp3"), b"sound");
    fakes.ink.lock().unwrap().push_back(WriteBehavior::Fails);
    let (uploads, outcome) = sent(&fakes, &[voiced("a", &voice, 1), work("b")], &Lockfile::default()).await;
    assert!(matches!(uploads.ended, Some(RunEnd::LockFailure(failure)) if failure.records.len() == 1));
    assert_eq!(fakes.sent(), 0);
    assert_eq!(outcome.not_sent.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_lost_is_uploaded_again_and_what_it_will_not_list_is_taken_to_be_there() {
    let directory = tempfile::tempdir().unwrap();
    let fakes = Fakes::new();
    let voice = local(&directory.path().join("voice.mp3"), b"sound");
    let other = local(&directory.path().join("other.mp3"), b"other sound");
    let mut lockfile = Lockfile::default();
    for (file, id) in [(&voice, "kept"), (&other, "lost")] {
        let asset = file.sha256.as_str().into();
        lockfile.insert(Record::Asset(Asset { asset, id: id.into(), host: HOST.into(), at: after(-60) }));
    }
    let work = [voiced("a", &voice, 1), voiced("b", &other, 1)];
    let (uploads, outcome) = sent(&fakes, &work, &lockfile).await;
    assert_eq!((uploads.id(&voice.sha256), uploads.id(&other.sha256)), (Some("kept"), Some("lost")));
    assert!(
        fakes
            .events
            .lock()
            .unwrap()
            .iter()
            .any(|one| matches!(one, ApplyEvent::Warning { message } if message.ends_with("still exist: no list")))
    );
    assert_eq!((outcome.submitted.len(), *fakes.asked.lock().unwrap()), (2, 1), "asked once for a kind");

    *fakes.assets.lock().unwrap() = Some(["kept".to_owned()].into());
    let (uploads, _) = sent(&fakes, &work, &lockfile).await;
    assert_eq!((uploads.id(&voice.sha256), uploads.id(&other.sha256)), (Some("kept"), Some("asset-1")));
    assert_eq!(fakes.uploaded.lock().unwrap().len(), 1);
    lockfile.insert(uploads.written[0].clone());
    assert_eq!(lockfile.asset(HOST, &other.sha256).unwrap().id, "asset-1", "the later line holds");
}

#[tokio::test(start_paused = true)]
async fn nothing_known_asks_for_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let fakes = Fakes::new();
    let voice = local(&directory.path().join("voice.mp3"), b"sound");
    sent(&fakes, &[voiced("a", &voice, 1)], &Lockfile::default()).await;
    assert_eq!(*fakes.asked.lock().unwrap(), 0);
}
