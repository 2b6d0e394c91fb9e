//! A client of raw bytes, and a sandbox whose clock the test controls.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::preview::DrawProcess;
use crate::sandbox::{Fault, Sandbox, SandboxClock, SandboxOptions};

/// The timeout of every wait.
const PATIENCE: Duration = Duration::from_secs(20);
/// The start time of the clock: 2027-01-15 08:00:00.
const START: i64 = 1_800_000_000_000;

/// A sandbox under test.
pub struct Stage {
    pub sandbox: Sandbox,
    pub directory: TempDir,
    now: Arc<AtomicI64>,
}

/// A response.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn code(&self) -> i64 {
        self.json()["code"].as_i64().expect("a code")
    }

    pub fn message(&self) -> String {
        self.json()["message"].as_str().expect("a message").to_owned()
    }

    pub fn data(&self) -> Value {
        assert_eq!((self.status, self.code()), (200, 200), "{}", self.text());
        self.json()["data"].clone()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let line = |line: &&str| line.to_lowercase().starts_with(&format!("{name}:"));
        self.head.lines().find(line).and_then(|line| line.split_once(':')).map(|(_, value)| value.trim())
    }
}

pub fn options(directory: &Path, faults: &[&str]) -> SandboxOptions {
    SandboxOptions {
        seed: Some(1),
        faults: faults.iter().map(|fault| Fault::parse(fault).expect("a fault")).collect(),
        ..SandboxOptions::new(directory, DrawProcess::ThisProcess)
    }
}

impl Stage {
    /// Returns the address that the sandbox listens on.
    pub fn address(&self) -> std::net::SocketAddr {
        self.sandbox.base_url()["http://".len()..].parse().unwrap()
    }

    pub async fn new(faults: &[&str]) -> Stage {
        Stage::with(faults, |_| {}).await
    }

    pub async fn with(faults: &[&str], change: impl FnOnce(&mut SandboxOptions)) -> Stage {
        let directory = tempfile::tempdir().expect("a folder");
        Stage::on(directory, faults, change).await
    }

    pub async fn on(directory: TempDir, faults: &[&str], change: impl FnOnce(&mut SandboxOptions)) -> Stage {
        let now = Arc::new(AtomicI64::new(START));
        let told = Arc::clone(&now);
        let mut options = options(directory.path(), faults);
        options.clock =
            SandboxClock::new(move || Timestamp::from_millisecond(told.load(Ordering::SeqCst)).expect("a time"));
        change(&mut options);
        let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into(), options).await.expect("a sandbox");
        Stage { sandbox, directory, now }
    }

    pub fn pass(&self, milliseconds: i64) {
        self.now.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Returns all bytes received until the sandbox closed the connection. Empty if the connection was reset.
    pub async fn raw(&self, request: &[u8]) -> Vec<u8> {
        let exchange = async {
            let mut stream = TcpStream::connect(self.address()).await.expect("a connection");
            stream.write_all(request).await.expect("sent");
            let mut answer = Vec::new();
            // After a reset, `read_to_end` fails but keeps what it read before.
            drop(stream.read_to_end(&mut answer).await);
            answer
        };
        tokio::time::timeout(PATIENCE, exchange).await.expect("an end in time")
    }

    pub async fn send(&self, request: &[u8]) -> Reply {
        parse(&self.raw(request).await)
    }

    pub async fn get(&self, target: &str) -> Reply {
        self.get_with(target, &[("authorization", "Bearer k")]).await
    }

    pub async fn get_with(&self, target: &str, headers: &[(&str, &str)]) -> Reply {
        let target = target.strip_prefix(&self.sandbox.base_url()).unwrap_or(target);
        self.send(&request("GET", target, headers, b"")).await
    }

    pub async fn post(&self, target: &str, parts: &[(&str, &str)]) -> Reply {
        self.send(&form_request(target, parts)).await
    }

    pub async fn submit(&self, parts: &[(&str, &str)]) -> Reply {
        self.post(crate::vendor::wire::SUBMIT, parts).await
    }

    /// Submits a minimal video with this name and returns its task id.
    pub async fn shoot(&self, name: &str) -> String {
        self.submit(&plain(name)).await.data()["task_id"].as_str().expect("an id").to_owned()
    }

    pub fn names(&self) -> Vec<String> {
        self.sandbox.accepted().iter().map(|task| task.name.clone()).collect()
    }
}

pub fn plain(name: &str) -> Vec<(&str, &str)> {
    vec![
        ("name", name),
        ("avatar[id]", "QQ=="),
        ("voice[tts][id]", "Vg=="),
        ("voice[tts][text]", "Hello there, this takes two sec"),
        ("background[color]", "#336699"),
    ]
}

pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    let length = body.len();
    [format!("{head}content-length: {length}\r\n\r\n").as_bytes(), body].concat()
}

pub fn form_request(target: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let headers = [("authorization", "Bearer k"), ("content-type", "multipart/form-data; boundary=B")];
    request("POST", target, &headers, &form_body(parts))
}

pub fn form_body(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in parts {
        body.extend(["--B\r\ncontent-disposition: form-data; name=\"", name, "\"\r\n"]);
        if name.contains('[') {
            body.push_str("content-type: application/json\r\n");
        }
        body.extend(["\r\n", value, "\r\n"]);
    }
    body.push_str("--B--\r\n");
    body.into_bytes()
}

pub fn parse(answer: &[u8]) -> Reply {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(answer)));
    let head = String::from_utf8(answer[..end].to_vec()).expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Reply { status, head, body: answer[end + 4..].to_vec() }
}
