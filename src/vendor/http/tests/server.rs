//! A TCP server of scripted bytes: each connection plays the next entry of its script.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The behavior of one connection.
#[derive(Clone, Debug)]
pub enum Play {
    /// Reads the request, writes these bytes, closes.
    Answer(String),
    /// Like `Answer`, but keeps the connection open and closes it when another request arrives.
    KeepThenClose(String),
    /// Writes these bytes without reading, closes.
    Raw(String),
    /// Reads the request and closes.
    CloseAfterRequest,
    /// Closes without reading.
    CloseAtOnce,
    /// Resets without reading.
    ResetAtOnce,
    /// Reads the request and resets.
    ResetAfterRequest,
    /// Reads the request, writes these bytes, resets.
    ResetAfter(String),
    /// Writes these bytes after the first bytes of a request, then stays silent for a long time.
    Silent(String),
}

/// One request, as received.
#[derive(Clone, Debug)]
pub struct Request {
    /// Request line and headers.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

#[derive(Debug, Default)]
struct Seen {
    connections: usize,
    requests: Vec<Request>,
}

/// The server. It stops when dropped.
pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Seen>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(script: Vec<Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                let mut script = script.into_iter();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    seen.lock().unwrap().connections += 1;
                    // After the script ends, every connection is closed immediately.
                    let play = script.next().unwrap_or(Play::CloseAtOnce);
                    tokio::spawn(serve(stream, play, Arc::clone(&seen)));
                }
            }
        });
        Self { url, seen, task }
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().requests.clone()
    }
}

/// Returns a complete response that closes the connection. `headers` end in a line break.
pub fn answer(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} Said\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

/// Returns the URL of a port without a server.
pub async fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn serve(mut stream: TcpStream, play: Play, seen: Arc<Mutex<Seen>>) {
    let mut write = Vec::new();
    match &play {
        Play::CloseAtOnce => return,
        Play::ResetAtOnce => return reset(stream),
        Play::Raw(bytes) => {
            let _ = stream.write_all(bytes.as_bytes()).await;
            let _ = stream.shutdown().await;
            return;
        }
        Play::Silent(bytes) => {
            let mut some = [0; 1024];
            let _ = stream.read(&mut some).await;
            let _ = stream.write_all(bytes.as_bytes()).await;
            tokio::time::sleep(Duration::from_mins(1)).await;
            return;
        }
        Play::Answer(bytes) | Play::KeepThenClose(bytes) | Play::ResetAfter(bytes) => write.extend(bytes.bytes()),
        Play::CloseAfterRequest | Play::ResetAfterRequest => {}
    }
    let Some(request) = read_request(&mut stream).await else { return };
    seen.lock().unwrap().requests.push(request);
    // The client may close the connection during a very large response.
    let _ = stream.write_all(&write).await;
    match play {
        Play::ResetAfterRequest => reset(stream),
        Play::ResetAfter(_) => {
            // The bytes must arrive before the reset does.
            tokio::time::sleep(Duration::from_millis(50)).await;
            reset(stream);
        }
        Play::KeepThenClose(_) => {
            if let Some(request) = read_request(&mut stream).await {
                seen.lock().unwrap().requests.push(request);
            }
        }
        _ => {
            let _ = stream.shutdown().await;
        }
    }
}

fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
    drop(stream);
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        let mut some = [0; 4096];
        let count = stream.read(&mut some).await.ok().filter(|&count| count > 0)?;
        bytes.extend_from_slice(&some[..count]);
    };
    let mut body = bytes.split_off(head_end);
    let mut request = Request { head: String::from_utf8_lossy(&bytes).into_owned(), body: Vec::new() };
    let length: usize = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut rest = vec![0; length.saturating_sub(body.len())];
    stream.read_exact(&mut rest).await.ok()?;
    body.extend(rest);
    request.body = body;
    Some(request)
}
