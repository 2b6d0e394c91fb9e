//! Submits with intents and answers on disk, compared with a bare client that stores nothing: `cargo bench --bench
//! apply`.
//!
//! A server on loopback accepts every submission, either immediately or after 50 ms. Three clients send the same
//! bodies: a bare one with persistent connections, a bare one with a new connection per request, and ours. Arguments:
//! the number of submissions per client, and the rows to measure, such as `50/32`; all if there are none.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]
#![expect(clippy::items_after_statements, reason = "each helper stands where it is used")]

#[expect(dead_code, reason = "the generator serves all benches")]
mod projects;

use std::time::{Duration, Instant};

use axum::Router;
use callsheet::apply::{ApplyContext, ApplyOptions, PlannedSubmission, Uploads, submit_all};
use callsheet::lockfile::{Journal, Lockfile, Store};
use callsheet::project::{ProcessEnv, compile};
use callsheet::spec::{marker, submitted_name};
use callsheet::vendor::{Encoded, HttpOptions, HttpVendor, NoProgress, StopToken, submission_form};
use futures_util::stream::{self, StreamExt};
use secrecy::SecretString;

fn main() {
    // The only possible error is that a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let count = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(64);
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    projects::write(folder.path(), projects::Shape::Single, count, 0);
    let world = ProcessEnv { env: std::collections::BTreeMap::new(), now: jiff::Timestamp::now() };
    let compiled = compile(folder.path(), &world).expect("a project");
    let work: Vec<PlannedSubmission> =
        compiled.videos.iter().map(|video| PlannedSubmission::new(&video.into(), 1)).collect();
    println!(
        "| response after | concurrency | bare, kept | bare, fresh | ours | ours / kept | ours / fresh | syncs per response | bytes written / final |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let rows: Vec<String> = std::env::args().skip(1).filter(|word| word.contains('/')).collect();
    for (delay, concurrency) in [(0, 8), (0, 32), (50, 8), (50, 32)] {
        if !rows.is_empty() && !rows.contains(&format!("{delay}/{concurrency}")) {
            continue;
        }
        let server = runtime();
        let address = server.block_on(serve(Duration::from_millis(delay)));
        let url = format!("http://{address}");
        let bodies = bodies(&work);
        let kept = runtime().block_on(bare(&url, &bodies, concurrency, usize::MAX));
        let fresh = runtime().block_on(bare(&url, &bodies, concurrency, 0));
        let path = folder.path().join(format!("{delay}-{concurrency}.lock"));
        let ours = runtime().block_on(ours(&url, &work, concurrency, &path));
        let rate = |time: Duration| count as f64 / time.as_secs_f64();
        println!(
            "| {delay} ms | {concurrency} | {:.0}/s | {:.0}/s | {:.0}/s | **{:.2}** | {:.2} | {:.2} | {:.2} |",
            rate(kept),
            rate(fresh),
            rate(ours.time),
            kept.as_secs_f64() / ours.time.as_secs_f64(),
            fresh.as_secs_f64() / ours.time.as_secs_f64(),
            ours.syncs as f64 / count as f64,
            ours.written as f64 / ours.last as f64,
        );
    }
}

async fn serve(delay: Duration) -> std::net::SocketAddr {
    let answer = move || async move {
        tokio::time::sleep(delay).await;
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        format!(r#"{{"code":200,"message":"success","data":{{"task_id":"T{number:012}"}}}}"#)
    };
    let app = Router::new().fallback(move |_body: axum::body::Bytes| answer());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

fn bodies(work: &[PlannedSubmission]) -> Vec<Encoded> {
    let encoded = |one: &PlannedSubmission| {
        let name = submitted_name(one.spec.name(), &marker(&one.digest, 1));
        submission_form(&one.spec, &name, |_| None).expect("a form").encode_with(|| 7)
    };
    work.iter().map(encoded).collect()
}

async fn bare(url: &str, bodies: &[Encoded], concurrency: usize, idle: usize) -> Duration {
    let client = reqwest::Client::builder().http1_only().no_proxy().tls_certs_only([]).pool_max_idle_per_host(idle);
    let client = client.build().expect("a client");
    let requests: Vec<_> = bodies
        .iter()
        .map(|body| {
            let request = client.post(format!("{url}/v2/task/generate-video"));
            request.header("content-type", &body.content_type).body(axum::body::Bytes::from(body.body.clone()))
        })
        .collect();
    let start = Instant::now();
    let sent = stream::iter(requests).map(|request| async { request.send().await?.bytes().await });
    let failed = sent.buffer_unordered(concurrency).filter(|one| std::future::ready(one.is_err())).count().await;
    assert_eq!(failed, 0);
    start.elapsed()
}

struct Ours {
    time: Duration,
    syncs: u64,
    written: u64,
    last: u64,
}

async fn ours(url: &str, work: &[PlannedSubmission], concurrency: usize, path: &std::path::Path) -> Ours {
    let options = HttpOptions { rate: 0.0, ..HttpOptions::new(url, SecretString::from("key")) };
    let vendor = HttpVendor::new(&options).expect("a client");
    let store = Store::open(path).expect("a lockfile");
    let before = store.syncs();
    let settings = ApplyOptions {
        host: "127.0.0.1".into(),
        concurrency,
        settle_grace: Duration::from_mins(2),
        check_remote: false,
        run: None,
    };
    let stop = StopToken::never();
    let start = Instant::now();
    let journal = Journal::start(store);
    let means = ApplyContext {
        vendor: &vendor,
        writer: &journal,
        now: &jiff::Timestamp::now,
        random: || 7,
        options: &settings,
        progress: &NoProgress,
        stop: &stop,
        shared: None,
    };
    let outcome = submit_all(means, work, (&Uploads::default(), &Lockfile::default())).await;
    let mut store = journal.finish().await.expect("the store");
    let journalled = std::fs::metadata(path).expect("a lockfile").len();
    store.compact().expect("it compacts");
    let time = start.elapsed();
    assert_eq!(outcome.submitted.len(), work.len(), "{outcome:?}");
    let last = std::fs::metadata(path).expect("a lockfile").len();
    Ours { time, syncs: store.syncs() - before, written: journalled + last, last }
}
