//! Attacks with texts and names in a hostile pull request: `docs/explanation/hostile-pull-requests.md`, row by row.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use crate::fixture::{Scene, Shown, shown};
use crate::results::TWO;
use crate::server::Server;

#[test]
fn no_secret_of_the_root_is_read() {
    let with = |rest: &str| {
        format!(
            "callsheet: 1\ndefaults: {{ avatar: {{ id: A }}, voice: {{ tts: {{ id: V }} }}, background: {{ color: \"#ffffff\" }} }}\n{rest}"
        )
    };
    for (rest, says) in [
        ("videos: { a: { script: { path: .env } } }", "`.env` is hidden"),
        ("videos: { a: { script: { path: .git/config } } }", "`.git/config` is hidden"),
        ("videos: { a: { script: { path: scripts/../.git/config } } }", "is hidden"),
        ("videos: { a: { script: { path: \"{{ '.' }}env\" } } }", "`.env` is hidden"),
        ("videos: { a: { script: { path: linked/config } } }", "`linked/config` is hidden"),
        ("videos: { a: { script: { path: env.txt } } }", "`env.txt` is hidden"),
        ("videos: { a: { rows: { path: .data.csv, key: x }, script: Hi } }", "`.data.csv` is hidden"),
        ("videos: { a: { script: Hi, background: { media: { path: .git/a.png } } } }", "`.git/a.png` is hidden"),
        ("videos: { a: { script: Hi } }\ninclude: [.git/config]", "names a hidden file"),
        ("videos: { a: { script: Hi } }\ninclude: [linked/*]", "is a link to a hidden"),
        ("videos: { a: { script: Hi } }\ninclude: [env.txt]", "is a link to a hidden"),
    ] {
        let scene = Scene::new();
        scene.write(".work/callsheet.yaml", &with(rest));
        for hidden in [".env", ".git/config", ".data.csv"] {
            scene.write(&format!(".work/{hidden}"), "PASSWORD=hunter2\n");
        }
        scene.write(".work/scripts/a.txt", "Hello");
        symlink(".git", scene.path().join(".work/linked")).unwrap();
        symlink(".env", scene.path().join(".work/env.txt")).unwrap();
        let shown = scene.run(&["-C", ".work", "validate"]);
        assert_eq!(shown.code, 1, "{rest}");
        assert!(shown.err.contains(says) && !shown.err.contains("hunter2"), "{rest}: {}", shown.err);
        scene.write(".work/callsheet.yaml", &with("videos: { a: { script: { path: scripts/a.txt } } }\n"));
        assert_eq!(scene.run(&["-C", ".work", "validate"]).code, 0, "the root itself may be below a hidden directory");
    }
    let scene = Scene::new();
    scene.write("project/scripts/a.txt", "Hello");
    scene.write("secret", "PASSWORD hunter2: [");
    symlink("../secret", scene.path().join("project/callsheet.yaml")).unwrap();
    let shown = scene.run(&["-C", "project", "validate"]);
    assert_eq!(shown.code, 1);
    assert!(shown.err.contains("leaves the project root") && !shown.err.contains("hunter2"), "{}", shown.err);
}

#[test]
fn a_variable_that_says_secret_is_allowed_only_by_the_environment() {
    let scene = Scene::manifest(&format!("env: [DB_PASSWORD]\n{TWO}").replace("Hello", "{{ env.DB_PASSWORD }}"));
    let validate = |allowed: &str| {
        shown(scene.command(&["validate"]).env("DB_PASSWORD", "hunter2").env("CALLSHEET_ALLOW_ENV", allowed))
    };
    for (allowed, code) in [("", 1), ("OTHER,DB_PASS", 1), ("db_password", 1), ("OTHER, DB_PASSWORD", 0)] {
        let shown = validate(allowed);
        assert_eq!(shown.code, code, "{allowed}: {}", shown.err);
        assert!(!shown.err.contains("hunter2"), "{}", shown.err);
    }
    assert!(validate("").err.contains("`CALLSHEET_ALLOW_ENV=DB_PASSWORD`"));
}

#[test]
fn a_credential_of_another_program_is_never_sent() {
    let scene = Scene::manifest(&TWO.replace("production: {", "production: { key_env: GITHUB_TOKEN,"));
    let server = Server::start(&scene, &[]);
    let run = |args: &[&str], allowed: &str| {
        let mut command = server.command(&scene, args);
        shown(
            command
                .env("GITHUB_TOKEN", "ghp-precious")
                .env("CALLSHEET_ALLOW_ENV", allowed)
                .env_remove("VIDNOZ_API_KEY"),
        )
    };
    for args in [&["validate"][..], &["apply", "--yes"], &["catalog", "sync"], &["lock", "rebuild"]] {
        let shown = run(args, "");
        assert_eq!(shown.code, 1, "{args:?}: {}{}", shown.out, shown.err);
    }
    assert!(
        run(&["validate"], "")
            .err
            .contains("`key_env` names `GITHUB_TOKEN`, which belongs to the system or to another")
    );
    assert!(server.accepted().is_empty());
    let allowed = run(&["apply", "--yes"], "GITHUB_TOKEN");
    assert_eq!(allowed.code, 0, "{}", allowed.err);
}

/// Returns the status line of the response to a raw request.
fn status(address: &str, head: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn the_sandbox_answers_only_this_machines_names() {
    let scene = Scene::new();
    let server = Server::start(&scene, &[]);
    let address = server.url.strip_prefix("http://").unwrap();
    let get =
        |path: &str, host: &str| status(address, &format!("GET {path} HTTP/1.1\r\n{host}connection: close\r\n\r\n"));
    for own in ["host: localhost\r\n", "host: 127.0.0.1:80\r\n", "Host: [::1]:8787\r\n"] {
        assert_eq!(get("/", own), "HTTP/1.1 200 OK", "{own}");
    }
    for other in ["host: evil.example\r\n", "host: localhost.evil.example\r\n", "host: 10.0.0.1\r\n", ""] {
        assert_eq!(get("/", other), "HTTP/1.1 421 Misdirected Request", "{other}");
        assert_eq!(get("/no/such/path", other), "HTTP/1.1 421 Misdirected Request", "{other}");
    }
}

#[test]
fn a_preview_asks_no_service_of_the_runner() {
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    service.set_nonblocking(true).unwrap();
    let port = service.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"] {
        for scheme in ["http", "https"] {
            let media = format!("background: {{ media: {{ url: \"{scheme}://{host}:{port}/a.png\" }} }}");
            let scene = Scene::manifest(&TWO.replace("background: { color: \"#f4f4f4\" }", &media));
            let shown = scene.run(&["preview", "--fetch", "--limit", "1"]);
            assert!(shown.err.contains("is not fetched: its address is on this machine"), "{host}: {}", shown.err);
        }
    }
    for host in ["169.254.169.254", "10.0.0.1", "[fd00::1]", "0.0.0.0", "100.64.0.1", "[64:ff9b::a00:1]"] {
        let media = format!("background: {{ media: {{ url: \"https://{host}/latest/meta-data/a.png\" }} }}");
        let scene = Scene::manifest(&TWO.replace("background: { color: \"#f4f4f4\" }", &media));
        let shown = scene.run(&["preview", "--fetch", "--limit", "1"]);
        assert!(shown.err.contains("is in a private or reserved network"), "{host}: {}", shown.err);
    }
    assert!(service.accept().is_err(), "nothing was asked");
}

#[test]
fn a_script_gives_a_runner_no_commands() {
    let hostile =
        TWO.replace("script: \"Hello", "script: \"Hi\\n::error title=x::y\\n  ::add-mask::z\\n##[error]w Hello");
    let scene = Scene::manifest(&hostile);
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    let run = |args: &[&str]| shown(scene.command(args).env("GITHUB_ACTIONS", "true"));
    let commands = |shown: &Shown| {
        let text = format!("{}\n{}", shown.out, shown.err);
        text.split(['\n', '\r']).filter(|line| is_command(line)).map(str::to_owned).collect::<Vec<_>>()
    };
    for args in [
        &["render"][..],
        &["render", "--format", "curl"],
        &["render", "--format", "json"],
        &["plan"],
        &["plan", "-v"],
        &["plan", "--format", "markdown"],
        &["plan", "--format", "json"],
        &["explain", "hello[de]"],
        &["preview", "::error::x"],
        &["plan", "::error::x\n##[error]y"],
        &["::error::x"],
        &["apply", "--env", "sandbox", "--yes", "-v"],
        &["lock", "show", "--env", "sandbox"],
    ] {
        let shown = run(args);
        assert_eq!(commands(&shown), [""; 0], "{args:?}");
    }
    let json = run(&["render", "--format", "json"]).out;
    assert_eq!(json, scene.ok(&["render", "--format", "json"]).out, "machine formats are the same everywhere");
    assert!(json.contains("#\\u0023[error]w") && serde_json::from_str::<serde_json::Value>(&json).is_ok());
    assert!(scene.ok(&["render"]).out.contains("##[error]w"), "elsewhere nothing is changed");
    scene.edit("callsheet.yaml", "id: A1", "idd: A1");
    assert!(run(&["validate", "--format", "github"]).out.starts_with("::error "), "annotations are commands");
}

#[test]
fn a_name_that_is_not_utf8_is_reported() {
    let scene = Scene::manifest(&format!("include: [\"videos/*.yaml\"]\n{TWO}"));
    scene.write("videos/good.yaml", "vars: { a: b }\n");
    fs::write(scene.path().join("videos").join(std::ffi::OsStr::from_bytes(b"b\xe4d.yaml")), "vars: {}\n").unwrap();
    let shown = scene.run(&["validate"]);
    assert_eq!(shown.code, 1);
    assert!(shown.err.contains("error[not-utf8]: the name of `videos/b\u{fffd}d.yaml` is not UTF-8"), "{}", shown.err);
}
