//! A client id and secret, tokens that expire, and every way in which credentials can be wrong.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::faults::TEN;
use crate::fixture::{Scene, Shown, repository, shown};
use crate::server::{KEY, Server};

const SECRET: &str = "s3cret-0123456789abcdef";
const YES: [&str; 2] = ["apply", "--yes"];

/// Returns a command with a client id and secret, and no token.
fn paired(server: &Server, scene: &Scene, args: &[&str]) -> Command {
    let mut command = server.command(scene, args);
    command.env_remove("VIDNOZ_API_KEY").env("VIDNOZ_CLIENT_ID", "client-4711").env("VIDNOZ_CLIENT_SECRET", SECRET);
    command
}

/// Runs a command and checks its exit code. The output must never contain a credential.
fn exits(command: &mut Command, code: i32) -> Shown {
    let shown = shown(command);
    let all = format!("{}{}", shown.out, shown.err);
    assert_eq!(shown.code, code, "{all}");
    assert!(![SECRET, "client-4711", KEY, "sandbox-token-"].iter().any(|value| all.contains(value)), "{all}");
    shown
}

fn exchanges(shown: &Shown) -> usize {
    shown.err.matches("access token received").count()
}

fn sixty(settings: &str) -> Scene {
    let rows: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    let scene = Scene::manifest(&format!(
        "callsheet: 1
defaults: {{ avatar: {{ id: A1 }}, voice: {{ tts: {{ id: V1 }} }}, background: {{ color: \"#f4f4f4\" }} }}
videos: {{ row: {{ rows: {{ path: rows.csv, key: \"{{{{ row.id }}}}\" }}, script: \"Hello {{{{ row.id }}}}\" }} }}
environments: {{ production: {{ rate: 0, concurrency: 4, settle_grace: 1s, {settings} }} }}
"
    ));
    scene.write("rows.csv", &format!("id\n{}\n", rows.join("\n")));
    scene
}

#[test]
fn sixty_submissions_arrive_once_each_though_tokens_live_a_second_and_a_half() {
    let scene = sixty("timeout: 10s");
    let server = Server::start(&scene, &["token-life:1500ms", "slow:250ms@submit"]);
    let done = exits(&mut paired(&server, &scene, &["-v", "apply", "--yes"]), 0);
    assert!(exchanges(&done) > 1, "{}", done.err);
    let accepted = server.accepted();
    let names: BTreeSet<_> = accepted.iter().map(|one| one.name.clone()).collect();
    assert_eq!((accepted.len(), names.len()), (60, 60));
    let lock = scene.read("callsheet.lock");
    assert_eq!(lock.matches("\"state\":\"submitted\"").count(), 60);
    assert!(!lock.contains("sandbox-token-") && !lock.contains(SECRET));
}

#[test]
fn a_token_that_the_vendor_refuses_costs_one_repetition_and_one_exchange() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["unauthorized@submit:first=1"]);
    let done = exits(&mut paired(&server, &scene, &["-v", "apply", "--yes"]), 0);
    assert_eq!((done.err.matches("(try 2)").count(), exchanges(&done)), (1, 2), "{}", done.err);
    let contents: BTreeSet<_> = server.accepted().iter().map(crate::server::Accepted::content).collect();
    assert_eq!((server.accepted().len(), contents.len()), (10, 10));
    drop(server);
    // At a vendor that rejects every token, each of the four submissions in flight is sent at most twice.
    scene.edit("callsheet.yaml", "Hello", "Hi");
    let server = Server::start(&scene, &["unauthorized@submit"]);
    let done = exits(&mut paired(&server, &scene, &["-v", "apply", "--yes"]), 3);
    assert!(!done.err.contains("(try 3)") && done.err.contains("a token that it had just issued"), "{}", done.err);
    assert_eq!(server.accepted().len(), 10);
    assert!(!scene.read("callsheet.lock").contains("\"intent\""), "certainly not accepted");
}

#[test]
fn a_command_makes_one_exchange() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    for args in [&["-v", "apply", "--yes", "--wait"][..], &["-v", "status"], &["-v", "pull"], &["-v", "lock", "settle"]]
    {
        let done = exits(&mut paired(&server, &scene, args), 0);
        assert!(exchanges(&done) <= 1, "{args:?}: {}", done.err);
    }
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn an_exchange_that_never_works_ends_with_1_and_nothing_sent() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["429:0s@token"]);
    let done = exits(&mut paired(&server, &scene, &YES), 1);
    assert_eq!(done.err, "error: no access token: the vendor answered code 429: too many requests; nothing was sent\n");
    assert!(server.accepted().is_empty() && !scene.path().join("callsheet.lock").exists());
    drop(server);
    let server = Server::start(&scene, &["http:503@token:first=1", "803@token:first=1"]);
    exits(&mut paired(&server, &scene, &YES), 0);
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn a_401_that_names_a_task_is_in_doubt_and_the_next_run_adopts_it() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["401-after-accept:first=1"]);
    let done = exits(paired(&server, &scene, &YES).env("CALLSHEET_ENV", "production"), 3);
    assert!(done.err.contains("in doubt") && done.err.contains("with code 401"), "{}", done.err);
    let lock = scene.read("callsheet.lock");
    assert!(lock.contains("\"state\":\"intent\""), "{lock}");
    let sent = server.accepted().len();
    assert!(sent <= 4, "nothing further starts: {sent}");
    drop(server);
    let server = Server::start(&scene, &[]);
    let done = exits(&mut paired(&server, &scene, &YES), 0);
    assert!(done.err.contains("adopted"), "{}", done.err);
    let contents: BTreeSet<_> = server.accepted().iter().map(crate::server::Accepted::content).collect();
    assert_eq!((server.accepted().len(), contents.len()), (10, 10));
}

#[test]
fn a_token_in_key_env_still_works_and_names_the_pair_when_it_dies() {
    let scene = Scene::manifest(&TEN.replace("production: {", "production: { key_env: OURS, client_id_env: OUR_ID,"));
    let server = Server::start(&scene, &[]);
    exits(server.command(&scene, &YES).env("OURS", "static"), 0);
    // The sandbox never issued this token, so it treats it as expired.
    scene.edit("callsheet.yaml", "Hello", "Hi");
    let dead = exits(server.command(&scene, &YES).env("OURS", "sandbox-token-0"), 3);
    for said in ["the token in `OURS`", "98 minutes", "`OUR_ID` and `VIDNOZ_CLIENT_SECRET`", "nothing was sent"] {
        assert!(dead.err.contains(said), "{said}: {}", dead.err);
    }
}

#[test]
fn the_sandbox_inside_a_command_needs_no_credentials() {
    let scene = Scene::manifest(TEN);
    let mut command = scene.command(&["--env", "sandbox", "apply", "--yes"]);
    exits(command.env("VIDNOZ_CLIENT_ID", "half a pair"), 0);
}

/// Checks the screens of `docs/how-to/credentials.md`.
#[test]
fn the_page_shows_what_wrong_credentials_show() {
    let pair = [("VIDNOZ_CLIENT_ID", "client-4711"), ("VIDNOZ_CLIENT_SECRET", SECRET)];
    let token = ("VIDNOZ_API_KEY", KEY);
    let mut text = String::new();
    for (heading, args, variables, code) in [
        ("Nothing is set:", &YES[..], &[][..], 1),
        ("Half of the pair is set:", &YES, &pair[..1], 1),
        ("The secret is wrong:", &YES, &pair, 3),
        (
            "The pair and a token are set, so the pair is used:",
            &["-v", "apply", "--yes"],
            &[pair[0], pair[1], token],
            3,
        ),
        ("A ready token is dead:", &YES, &[("VIDNOZ_API_KEY", "sandbox-token-0")], 3),
    ] {
        let scene = Scene::manifest(TEN);
        let server = Server::with(&scene, &["--client-secret", "another-secret"]);
        let mut command = server.command(&scene, args);
        command.env_remove("VIDNOZ_API_KEY").envs(variables.iter().copied());
        let shown = exits(&mut command, code);
        assert!(server.accepted().is_empty());
        // Only the notes about credentials.
        let lines = shown
            .err
            .lines()
            .filter(|line| !line.starts_with("debug: ") || line.contains("pair_from") || line.contains("ignored"));
        let lines = lines.collect::<Vec<_>>().join("\n");
        write!(text, "{heading}\n\n```text\n$ callsheet {}\n{lines}\n[exit {code}]\n```\n\n", args.join(" ")).unwrap();
    }
    keep(&text);
}

/// The marks around the screens in the page.
const MARKS: (&str, &str) = ("<!-- screens: made by tests/cli/credentials.rs -->\n\n", "<!-- end of screens -->\n");

fn keep(made: &str) {
    let path = repository().join("docs/how-to/credentials.md");
    let page = fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once(MARKS.0).expect("the page has the mark where the screens begin");
    let (kept, tail) = rest.split_once(MARKS.1).expect("the page has the mark where the screens end");
    if std::env::var_os("CALLSHEET_UPDATE").is_some() {
        fs::write(&path, format!("{head}{}{made}{}{tail}", MARKS.0, MARKS.1)).unwrap();
    } else {
        crate::doc_screens::similar_or_panic("docs/how-to/credentials.md", kept, made);
    }
}
