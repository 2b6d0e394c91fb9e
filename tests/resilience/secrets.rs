//! Secrets that must never be written: the API key, and the signatures of presigned URLs.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use super::process::Running;
use super::project::Project;
use super::vendor::Vendor;

/// The API key, with characters that every encoding changes.
pub const KEY: &str = "sk/live+CANARYKEY?0123456789==";

/// Texts that must not appear in any file: the API key in all encodings, the signatures of all kinds.
const CANARIES: &[&str] = &[
    "CANARYKEY",
    "Q0FOQVJZS0VZ",
    "NBTkFSWUtFW",
    "DQU5BUllLRV",
    "CANARYAMZ",
    "CANARYTOKEN",
    "CANARYGOOG",
    "CANARYAZURE",
    "CANARYFRONT",
    "CANARYPOLICY",
];

const PLAIN: &[&str] = &[];

/// Returns a manifest of five videos whose pictures are presigned in every way, as of now.
fn manifest() -> String {
    let now = jiff::Timestamp::now().to_string();
    let date = format!("{}Z", &now[..19].replace(['-', ':'], ""));
    let amazon = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-Expires=604800&X-Amz-Security-Token=CANARYTOKEN&X-Amz-Signature=CANARYAMZ"
    );
    let google = format!("X-Goog-Date={date}&X-Goog-Expires=604800&X-Goog-Signature=CANARYGOOG");
    let azure = "sv=2024-01-01&se=2999-01-01T00%3A00%3A00Z&sp=r&sig=CANARYAZURE%3D";
    let front = "Expires=4000000000&Signature=CANARYFRONT~&Key-Pair-Id=K1&Policy=CANARYPOLICY";
    format!(
        "callsheet: 1
defaults: {{ avatar: {{ id: A1 }}, voice: {{ tts: {{ id: V1 }} }} }}
backgrounds:
  signed: {{ media: {{ url: \"https://b.example.com/p.jpg?{amazon}\" }} }}
  templated: {{ use: signed, media: {{ url: \"https://b.example.com/{{{{ 'p' }}}}.jpg?{google}\" }} }}
videos:
  amazon: {{ script: One, background: {{ media: {{ url: \"https://b.example.com/a.jpg?{amazon}\" }} }} }}
  google: {{ script: Two, background: {{ media: {{ url: \"https://b.example.com/b.jpg?{google}\" }} }} }}
  azure: {{ script: Three, background: {{ media: {{ url: \"https://b.example.com/c.jpg?{azure}\" }} }} }}
  front: {{ script: Four, background: {{ media: {{ url: \"https://b.example.com/d.jpg?{front}\" }} }} }}
  sound: {{ background: {{ color: \"#ffffff\" }}, voice: {{ file: {{ url: \"https://b.example.com/e.mp3?{amazon}\" }} }} }}
environments:
  production: {{ rate: 0, concurrency: 2, timeout: 2s, settle_grace: 100ms }}
"
    )
}

pub fn project() -> Project {
    let project = Project::of(1, "");
    project.write("callsheet.yaml", &manifest());
    project
}

/// Runs a command with maximum verbosity. Its streams remain in the logs.
fn run_loud(project: &Project, url: &str, args: &[&str]) -> (i32, String) {
    let loud = if args.contains(&"-v") { args.to_vec() } else { [&["-v"], args].concat() };
    let (code, shown) = run(project, url, &loud);
    assert!(shown.contains("debug: "), "{args:?} told nothing:\n{shown}");
    (code, shown)
}

/// Runs a command and returns its exit code and output. Its streams remain in the logs.
fn run(project: &Project, url: &str, args: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callsheet"));
    project.place_at(&mut command, url);
    command.args(args).env("VIDNOZ_API_KEY", KEY).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1");
    let shown = Running::finish(project.spawn(&mut command));
    (shown.code, shown.all())
}

/// Checks every written file, except those of the author and those of the emulated vendor.
pub fn nothing_leaked(project: &Project) {
    let mut looked_at = 0;
    search(project.path(), &mut looked_at);
    assert!(looked_at > 4, "the search looked at {looked_at} files only");
}

fn search(folder: &Path, looked_at: &mut usize) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            // `vendor` and `.callsheet/sandbox` belong to the emulated vendor.
            if name != "vendor" && !path.ends_with(".callsheet/sandbox") {
                search(&path, looked_at);
            }
            continue;
        }
        if name == "callsheet.yaml" || name == "broken.yaml" {
            continue;
        }
        *looked_at += 1;
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        for canary in CANARIES {
            if let Some(at) = text.find(canary) {
                let near: String = text[..at].chars().rev().take(300).collect::<Vec<_>>().into_iter().rev().collect();
                panic!("`{canary}` leaked into {}:\n…{near}{canary}…", path.display());
            }
        }
    }
}

/// Every command that shows a project, before and after apply.
const LOOKS: &[&[&str]] = &[
    &["validate"],
    &["--format", "json", "validate"],
    &["render"],
    &["--format", "json", "render"],
    &["--format", "curl", "render"],
    &["-v", "plan", "--out", "saved.plan"],
    &["--format", "json", "plan"],
    &["--format", "markdown", "plan"],
    &["show", "saved.plan"],
    &["lock", "show"],
    &["--format", "json", "lock", "show"],
    &["lock", "verify"],
    &["-v", "wait"],
    &["status"],
    &["--format", "json", "status", "--all"],
    &["-v", "pull"],
    &["--format", "json", "pull", "--name", "{digest}.{ext}"],
    &["--format", "csv", "lock", "report", "--by", "preset"],
    &["explain", "amazon"],
    &["explain", "backgrounds.signed"],
    &["--format", "json", "explain", "backgrounds.signed"],
    &["--format", "json", "explain", "backgrounds.templated"],
];

#[test]
fn nothing_that_is_written_holds_the_key_or_a_signature() {
    let project = project();
    let vendor = Vendor::start(project.path(), &["accept-then-drop:first=1"]);
    let url = vendor.url();
    for look in LOOKS {
        let (code, shown) = run(&project, &url, look);
        assert_eq!(code, 0, "{look:?}\n{shown}");
    }
    assert_eq!(run(&project, &url, &["-v", "apply", "--yes", "saved.plan"]).0, 0);
    for look in LOOKS.iter().filter(|look| look[0] != "show") {
        run_loud(&project, &url, look);
    }
    // Changes the URLs, so that the plan shows both old and new values.
    project.write("callsheet.yaml", &manifest().replace(".jpg?", "2.jpg?"));
    for look in LOOKS {
        run(&project, &url, look);
    }
    for look in LOOKS.iter().filter(|look| look[0] != "show") {
        run_loud(&project, &url, look);
    }
    let applied = run(&project, &url, &["--format", "json", "apply", "--yes"]);
    assert_eq!(applied.0, 0, "{}", applied.1);
    assert_eq!(run(&project, &url, &["-v", "apply", "--env", "sandbox", "--yes"]).0, 0);
    assert_eq!(vendor.accepted().len(), 9);
    nothing_leaked(&project);
}

#[test]
fn what_the_vendor_really_gets_holds_the_signature() {
    let project = project();
    let vendor = Vendor::start(project.path(), PLAIN);
    assert_eq!(run(&project, &vendor.url(), &["apply", "--yes"]).0, 0);
    let journal = fs::read_to_string(project.path().join("vendor/journal.jsonl")).unwrap();
    for canary in &CANARIES[4..] {
        assert!(journal.contains(canary), "`{canary}` is not sent: the search of the other tests proves nothing");
    }
}

#[test]
fn faults_in_the_manifest_are_drawn_without_signatures() {
    let project = project();
    let faults = [
        manifest().replace("media: {", "media: { fitt: cover,"),
        manifest().replace("https://b.example.com", "ftp://b.example.com"),
        manifest().replace("script: One", "script: \"{{ vars.nothing }}\""),
        manifest().replace("url:", "urll:"),
        manifest().replace("&X-Amz-Signature", "{{ vars.nothing }}&X-Amz-Signature"),
        manifest().replace("Date=20", "Date=19"),
        manifest().replace("\" } }", ""),
    ];
    // One of these errors is found only after the vendor has listed its videos: an expired URL.
    let lists = echo(|heard| unless_listing(heard, |heard| envelope(400, heard)));
    for fault in faults {
        assert_ne!(fault, manifest());
        project.write("callsheet.yaml", &fault);
        for format in ["human", "json", "github"] {
            run(&project, &lists, &["--format", format, "validate"]);
        }
        assert_ne!(run(&project, &lists, &["-v", "apply", "--yes"]).0, 0);
    }
    nothing_leaked(&project);
}

/// Starts a vendor whose response contains the complete request: head, API key and form.
fn echo(make: impl Fn(&str) -> String + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let make = make.clone();
            std::thread::spawn(move || answer(stream.unwrap(), make));
        }
    });
    url
}

fn answer(stream: TcpStream, make: impl Fn(&str) -> String) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let start = head.len();
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
            let line = head[start..].trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let heard = format!("{head}{}", String::from_utf8_lossy(&body));
        reader.get_mut().write_all(make(&heard).as_bytes()).ok()?;
    }
}

fn http(status: &str, extra: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{extra}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn envelope(code: i64, heard: &str) -> String {
    http("200 OK", "", &serde_json::json!({ "code": code, "message": heard, "data": { "echo": heard } }).to_string())
}

/// Answers a list request with an empty list. All other requests are answered by `make`.
fn unless_listing(heard: &str, make: impl Fn(&str) -> String) -> String {
    if heard.starts_with("GET") {
        return http("200 OK", "", r#"{"code":200,"message":"ok","data":{"total":0,"videos":[]}}"#);
    }
    make(heard)
}

/// The name submitted last, which the vendor lists.
static NAME: Mutex<String> = Mutex::new(String::new());

fn key_in(heard: &str) -> &str {
    heard.split("Bearer ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default().trim()
}

/// Returns the ways in which a vendor can repeat a request.
fn echoes() -> [fn(&str) -> String; 12] {
    [
        |heard| envelope(401, heard),
        |heard| unless_listing(heard, |heard| envelope(400, heard)),
        |heard| unless_listing(heard, |heard| envelope(402, heard)),
        |heard| unless_listing(heard, |heard| envelope(500, heard)),
        |heard| unless_listing(heard, |heard| envelope(200, heard)),
        |heard| unless_listing(heard, |heard| http("500 Internal Server Error", "", heard)),
        |heard| unless_listing(heard, |heard| http("200 OK", "", heard)),
        |heard| {
            let line: String = heard.chars().filter(|one| !one.is_control()).collect();
            unless_listing(heard, |_| {
                http("307 Temporary Redirect", &format!("Location: /{line}\r\nX-Echo: {line}\r\n"), "")
            })
        },
        |heard| {
            let field = heard.lines().find(|line| line.contains("CANARY")).unwrap_or("none");
            let task = serde_json::json!({ "code": 200, "message": field, "data": { "task_id": [field] } });
            unless_listing(heard, |_| http("200 OK", "", &task.to_string()))
        },
        // The API key as the id of a task, and as the id of a listed video with our name.
        |heard| {
            let task = serde_json::json!({ "code": 200, "data": { "task_id": key_in(heard) } });
            unless_listing(heard, |_| http("200 OK", "", &task.to_string()))
        },
        |heard| {
            let name = heard.split("\r\n\r\n").find(|part| part.contains(" #")).unwrap_or_default();
            let name = name.lines().next().unwrap_or_default().to_owned();
            if !name.is_empty() {
                *NAME.lock().unwrap() = name;
            }
            let video = serde_json::json!({ "id": key_in(heard), "name": *NAME.lock().unwrap(), "status": 1 });
            let list = serde_json::json!({ "code": 200, "data": { "total": 1, "videos": [video] } });
            if heard.starts_with("GET") { http("200 OK", "", &list.to_string()) } else { envelope(500, heard) }
        },
        // The list request fails too, with a long message.
        |heard| http("403 Forbidden", "", heard),
    ]
}

#[test]
fn a_vendor_that_echoes_everything_puts_no_secret_anywhere() {
    for make in echoes() {
        let project = project();
        let url = echo(make);
        for args in [&["-v", "apply", "--yes"][..], &["--format", "json", "apply", "--yes"], &["lock", "settle"]] {
            let (code, shown) = run(&project, &url, args);
            assert!(code != -1 && code != 101, "{shown}");
        }
        run(&project, &url, &["--format", "json", "lock", "show"]);
        nothing_leaked(&project);
    }
}

/// A token that is recognizable in every encoding.
const TOKEN: &str = "tok/live+CANARYKEY?9876543210==";

fn is_exchange(heard: &str) -> bool {
    heard.starts_with("POST /v1/oauth/token")
}

/// Runs commands with a client id and secret against a vendor, and searches for the secret and the token.
fn nothing_leaks_of_a_pair(make: impl Fn(&str) -> String + Clone + Send + 'static) {
    let project = project();
    let url = echo(make);
    for args in [&["-v", "apply", "--yes"][..], &["--format", "json", "apply", "--yes"], &["lock", "settle"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callsheet"));
        project.place_at(&mut command, &url);
        command.args(args).env_remove("VIDNOZ_API_KEY").env("RUST_LOG", "trace");
        command.env("VIDNOZ_CLIENT_ID", "client-4711").env("VIDNOZ_CLIENT_SECRET", KEY);
        let shown = Running::finish(project.spawn(&mut command));
        assert!(shown.code != -1 && shown.code != 101, "{}", shown.all());
    }
    nothing_leaked(&project);
}

#[test]
fn a_vendor_that_echoes_a_pair_or_its_token_puts_neither_anywhere() {
    for make in echoes() {
        nothing_leaks_of_a_pair(move |heard| {
            if is_exchange(heard) {
                let data = serde_json::json!({ "access_token": TOKEN, "expires_in": 5909 });
                let token = serde_json::json!({ "code": 200, "message": heard, "data": data });
                return http("200 OK", "", &token.to_string());
            }
            make(heard)
        });
    }
    let refusals: [fn(&str) -> String; 5] = [
        |heard| envelope(401, heard),
        |heard| envelope(400, heard),
        |heard| envelope(1234, heard),
        |heard| http("403 Forbidden", "", heard),
        |heard| http("200 OK", "", heard),
    ];
    refusals.into_iter().for_each(nothing_leaks_of_a_pair);
}
