//! The comment on a pull request, against a stub of GitHub's API as an Enterprise host serves it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::fixture::Shown;
use crate::runner::Pipeline;

const BOT: &str = "github-actions[bot]";
const COMMENTS: &str = "/api/v3/repos/acme/videos/issues/7/comments";

#[derive(Clone, Debug, PartialEq, Eq)]
struct Comment {
    id: usize,
    author: String,
    body: String,
}

#[derive(Default)]
struct State {
    comments: Vec<Comment>,
    /// The account of the token. `None` if the API does not report it.
    viewer: Option<&'static str>,
    /// The status with which the API refuses writes, and reads.
    refuses_writes: Option<u16>,
    refuses_reads: Option<u16>,
    requests: Vec<String>,
}

/// The API of an Enterprise host.
struct Api {
    url: String,
    state: Arc<Mutex<State>>,
}

impl Api {
    fn start(viewer: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { viewer, ..State::default() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &shared);
            }
        });
        Self { url, state }
    }

    fn write(&self, author: &str, body: &str) {
        add(&mut self.state.lock().unwrap().comments, author, body);
    }

    fn of(&self, author: &str) -> Vec<Comment> {
        let state = self.state.lock().unwrap();
        state.comments.iter().filter(|one| one.author == author).cloned().collect()
    }

    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    /// Runs the step `comment` of a planned project.
    fn comment(&self, pipeline: &Pipeline, marker: &str) -> Shown {
        let known = [
            ("github.event.pull_request.number", "7"),
            ("github.repository", "acme/videos"),
            ("inputs.token", "t"),
            ("steps.plan.outputs.marker", marker),
        ];
        let mut step = pipeline.step_command("comment", "runner", &known);
        step.env("GITHUB_API_URL", format!("{}/api/v3", self.url));
        step.env("GITHUB_GRAPHQL_URL", format!("{}/api/graphql", self.url));
        let shown = crate::fixture::shown(&mut step);
        assert_eq!(shown.code, 0, "a comment never fails the build: {}{}", shown.out, shown.err);
        shown
    }
}

fn add(comments: &mut Vec<Comment>, author: &str, body: &str) {
    let id = comments.len() + 1000;
    comments.push(Comment { id, author: author.to_owned(), body: body.to_owned() });
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let Some(request) = head.first().cloned() else { return };
    let header = |name: &str| {
        let found =
            head.iter().find_map(|line| line.to_lowercase().strip_prefix(&format!("{name}: ")).map(str::to_owned));
        found.unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let (status, link, answer) = if header("authorization") == "bearer t" {
        answer(&request, &body, &mut state.lock().unwrap())
    } else {
        (401, String::new(), json!({}))
    };
    let answer = answer.to_string();
    let text = format!(
        "HTTP/1.1 {status} Word\r\nContent-Type: application/json\r\n{link}Content-Length: {}\r\nConnection: close\r\n\r\n{answer}",
        answer.len()
    );
    reader.get_mut().write_all(text.as_bytes()).unwrap();
}

fn answer(request: &str, body: &[u8], state: &mut State) -> (u16, String, Value) {
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    state.requests.push(format!("{method} {target}"));
    let plain = |status, value| (status, String::new(), value);
    let written = || serde_json::from_slice::<Value>(body).unwrap()["body"].as_str().unwrap().to_owned();
    let refused = if method == "GET" { state.refuses_reads } else { state.refuses_writes };
    match (method, path) {
        ("POST", "/api/graphql") => match state.viewer {
            Some(login) => plain(200, json!({ "data": { "viewer": { "login": login } } })),
            None => plain(403, json!({ "message": "Resource not accessible by integration" })),
        },
        _ if refused.is_some() => plain(refused.unwrap(), json!({ "message": "refused" })),
        ("GET", COMMENTS) => {
            let number = |name: &str| {
                let found =
                    query.split('&').find_map(|one| one.strip_prefix(&format!("{name}="))?.parse::<usize>().ok());
                found.unwrap()
            };
            let (page, size) = (number("page"), number("per_page").min(100));
            let shown: Vec<Value> = state.comments.iter().skip((page - 1) * size).take(size).map(to_json).collect();
            let more = state.comments.len() > page * size;
            let link =
                format!("link: <https://x{COMMENTS}?page={}>; rel=\"next\", <https://x/>; rel=\"last\"\r\n", page + 1);
            (200, if more { link } else { String::new() }, json!(shown))
        }
        ("POST", COMMENTS) => {
            let author = state.viewer.unwrap_or(BOT);
            add(&mut state.comments, author, &written());
            plain(201, json!({}))
        }
        ("PATCH", path) => {
            let id: usize = path.rsplit('/').next().unwrap().parse().unwrap();
            assert_eq!(path, format!("/api/v3/repos/acme/videos/issues/comments/{id}"));
            state.comments.iter_mut().find(|one| one.id == id).unwrap().body = written();
            plain(200, json!({}))
        }
        _ => panic!("no such request: {request}"),
    }
}

fn to_json(comment: &Comment) -> Value {
    // The account of a deleted user is null.
    let user = if comment.author == "ghost" { Value::Null } else { json!({ "login": comment.author }) };
    json!({ "id": comment.id, "user": user, "body": comment.body })
}

/// Returns a project that was planned in `runner`, and its marker.
fn planned() -> (Pipeline, String) {
    let pipeline = Pipeline::new();
    pipeline.clone("runner");
    let marker = plan(&pipeline, ".");
    (pipeline, marker)
}

fn plan(pipeline: &Pipeline, directory: &str) -> String {
    let (planned, outputs) = pipeline.step("plan", "runner", &[("inputs.directory", directory)]);
    assert_eq!(planned.code, 0, "{}{}", planned.out, planned.err);
    outputs["marker"].clone()
}

#[test]
fn a_pull_request_has_one_comment_that_is_kept_up_to_date() {
    let (pipeline, marker) = planned();
    let api = Api::start(Some(BOT));
    api.comment(&pipeline, &marker);
    let first = api.of(BOT);
    assert_eq!(first.len(), 1);
    assert!(first[0].body.starts_with(&format!("{marker}\n<!-- callsheet plan production -->\n### ")), "{first:?}");
    pipeline.scene.edit("runner/callsheet.yaml", "Hello", "Good morning");
    plan(&pipeline, ".");
    api.comment(&pipeline, &marker);
    let second = api.of(BOT);
    assert!(second.len() == 1 && second[0].id == first[0].id && second[0].body != first[0].body, "{second:?}");
}

#[test]
fn a_comment_is_found_on_any_page_and_only_if_its_author_is_the_token() {
    // The workflow's own token, an app, a user's token, and a host that does not report the account.
    for (viewer, author) in [(Some(BOT), BOT), (Some("acme[bot]"), "acme[bot]"), (Some("anna"), "anna"), (None, BOT)] {
        let (pipeline, marker) = planned();
        let api = Api::start(viewer);
        let forged = format!("{marker}\nall is well, and free");
        for number in 0..250 {
            let other = ["mallory", "github-actions", "ghost", "anna[bot]"][number % 4];
            api.write(other, if number % 2 == 0 { &forged } else { "a word" });
        }
        api.write(author, &format!("a quotation: {marker}"));
        api.write(author, &forged);
        for _ in 0..60 {
            api.write("mallory", &forged);
        }
        let before = api.of(author);
        api.comment(&pipeline, &marker);
        let after = api.of(author);
        assert_eq!((after.len(), &after[0]), (2, &before[0]), "{viewer:?}");
        assert!(after[1].body.contains("Plan: 10 to submit"), "{after:?}");
        assert!(api.of("mallory").iter().all(|one| one.body == forged || one.body == "a word"));
        let pages = api.requests().iter().filter(|line| line.starts_with("GET")).count();
        assert_eq!(pages, 4);
    }
}

#[test]
fn a_forged_marker_is_never_written_to() {
    let (pipeline, marker) = planned();
    let api = Api::start(Some(BOT));
    api.write("mallory", &format!("{marker}\nfree"));
    api.write("mallory", "<!-- callsheet plan production -->\nfree");
    api.comment(&pipeline, &marker);
    assert_eq!(api.of("mallory").iter().filter(|one| one.body.ends_with("\nfree")).count(), 2);
    assert_eq!(api.of(BOT).len(), 1);
}

#[test]
fn two_projects_and_two_environments_keep_their_comments_apart() {
    let pipeline = Pipeline::new();
    let manifest = crate::faults::TEN;
    let names = ["videos", "videos --> x", "übung/a=b", "videos/-->"];
    for name in names {
        pipeline.scene.write(&format!("author/{name}/callsheet.yaml"), manifest);
    }
    pipeline.commit_and_push("author", "main");
    pipeline.clone("runner");
    let api = Api::start(Some(BOT));
    for _ in 0..2 {
        for name in names {
            let marker = plan(&pipeline, name);
            assert_eq!((marker.matches("-->").count(), marker.is_ascii()), (1, true), "{marker}");
            api.comment(&pipeline, &marker);
        }
        // The same directory by another name.
        let marker = plan(&pipeline, "./videos/");
        api.comment(&pipeline, &marker);
        let (_, staging) =
            pipeline.step("plan", "runner", &[("inputs.directory", "videos"), ("inputs.environment", "sandbox")]);
        api.comment(&pipeline, &staging["marker"]);
    }
    assert_eq!(api.of(BOT).len(), names.len() + 1);
    // A checkout without git, as in a container without git: the directories still distinguish the comments.
    std::fs::remove_dir_all(pipeline.scene.path().join("runner/.git")).unwrap();
    assert_eq!(plan(&pipeline, "übung/a=b"), plan(&pipeline, "./übung/a=b/"));
    assert_ne!(plan(&pipeline, "videos"), plan(&pipeline, "videos/-->"));
}

#[test]
fn a_comment_of_an_earlier_version_is_taken_over_once() {
    let (pipeline, marker) = planned();
    let api = Api::start(Some(BOT));
    api.write(BOT, "<!-- callsheet plan staging -->\nanother environment");
    api.write(BOT, "<!-- callsheet plan production -->\nan earlier version");
    api.comment(&pipeline, &marker);
    let after = api.of(BOT);
    assert!(after.len() == 2 && after[1].body.starts_with(&marker), "{after:?}");
    // A second project no longer finds a comment of an earlier version.
    api.comment(&pipeline, &marker.replace("directory=.", "directory=b"));
    assert_eq!(api.of(BOT).len(), 3);
    // For a binary that writes no marker, the step uses the first line.
    api.comment(&pipeline, "");
    api.comment(&pipeline, "");
    assert_eq!(api.of(BOT).len(), 4);
}

#[test]
fn a_token_that_may_not_write_or_read_gives_a_warning() {
    let (pipeline, marker) = planned();
    let api = Api::start(Some(BOT));
    api.state.lock().unwrap().refuses_writes = Some(403);
    let shown = api.comment(&pipeline, &marker);
    assert!(shown.out.contains("::warning::the plan could not be put on the pull request"), "{}", shown.out);
    // If the comments cannot be listed, no comment is written.
    let mut state = api.state.lock().unwrap();
    (state.refuses_writes, state.refuses_reads) = (None, Some(404));
    drop(state);
    let shown = api.comment(&pipeline, &marker);
    assert!(shown.out.contains("::warning::"), "{}", shown.out);
    assert_eq!(api.of(BOT), []);
}
