//! Each download that can fail, with its screen: the table of `docs/results.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use crate::fixture::{Scene, Shown, copy, repository};
use crate::results::{TWO, all_good, saved};
use crate::server::Server;

/// Every `--fault` of downloads. `docs/results.md` shows the screen of each.
pub const FAULTS: &[&str] = &[
    "dribble:1s",
    "cut-answer:3000@result:first=3",
    "cut-answer:3000@result",
    "cut-answer:3000@result no-range",
    "cut-answer:3000@result:first=2 no-range",
    "cut-answer:3000@result:first=2 changing-file",
    "short-file:first=1",
    "short-file",
    "slow:5s@result",
    "drop-before-accept@result:first=2",
    "http:400@result:first=1",
    "http:403@result:first=1",
    "http:403@result",
    "http:404@result",
    "http:503@result:first=2",
    "429:1s@result:first=2",
    "other-host",
    "plain-host",
    "gzip",
    "gzip@result cut-answer:3000@result:first=2",
    "list-draft",
    "other-numbers",
    "late-file:1h",
    "late-file:1h@detail",
    "late-task:1h",
    "strange-url",
    "date-skew:+2h",
];

/// The marks around the table in the page.
const MARKS: (&str, &str) = ("<!-- downloads: made by tests/cli/downloads.rs -->\n", "<!-- end of downloads -->\n");

struct Row {
    fault: &'static str,
    seen: String,
    exit: i32,
    files: usize,
    later: String,
    later_exit: i32,
}

/// Creates a project whose two videos are done. The sandbox has already drawn them, and nothing is downloaded.
fn done() -> Scene {
    // A script of half the length is long enough to be cut, and renders in half the time.
    let scene = Scene::manifest(&TWO.replace(" of some length, so that it can be cut in", ", cut in"));
    let plain = Server::start(&scene, &[]);
    plain.ok(&scene, &["apply", "--yes", "--wait"]);
    let lock = scene.read("callsheet.lock");
    plain.ok(&scene, &["pull"]);
    assert_eq!(saved(&scene.path().join(".vendor/films")).len(), 2);
    fs::remove_dir_all(scene.path().join("dist")).unwrap();
    scene.write("callsheet.lock", &lock);
    scene
}

fn rehearse(done: &Scene, fault: &'static str) -> Row {
    let scene = Scene::new();
    copy(done.path(), scene.path());
    let faults: Vec<&str> = fault.split(' ').collect();
    let server = Server::start(&scene, &faults);
    let first = server.run(&scene, &["pull"]);
    let dist = scene.path().join("dist");
    all_good(&dist, &scene.read("callsheet.lock"));
    let files = saved(&dist).len();
    drop(server);
    let server = Server::start(&scene, &[]);
    let later = server.run(&scene, &["pull"]);
    all_good(&dist, &scene.read("callsheet.lock"));
    assert_eq!(saved(&dist).len(), 2, "{fault}: {}{}", later.out, later.err);
    let shown = format!("{}{}{}{}{}", first.out, first.err, later.out, later.err, scene.read("callsheet.lock"));
    assert!(!shown.contains("X-Amz") && !shown.contains("/results/"), "an address is shown: {shown}");
    Row { fault, seen: screen(&first), exit: first.code, files, later: screen(&later), later_exit: later.code }
}

/// Returns the screen, each line once and failures last, without parts that differ from run to run.
fn screen(shown: &Shown) -> String {
    let mut lines = BTreeSet::new();
    for line in shown.err.lines().filter(|line| !line.starts_with("saved ")) {
        lines.insert((line.starts_with("not saved"), stable(line)));
    }
    let mut text = lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("<br>");
    let sum = shown.out.trim().split(" · ").next().unwrap_or_default().to_owned();
    let _infallible = write!(text, "{}**{sum}**", if text.is_empty() { "" } else { "<br>" });
    text
}

fn stable(line: &str) -> String {
    let line = line.replace("hello[de]", "hello[…]").replace("hello[en]", "hello[…]").replace('|', "\\|");
    let line = line.replace("hello.de.", "hello.….").replace("hello.en.", "hello.….");
    // Names of hidden files contain a digest. The size of a partial download depends on timing, and that of a file on
    // speech.
    let mut made = String::new();
    for word in line.split(' ') {
        let bare = word.trim_matches(['(', ')', ';', ',']);
        let number = bare.parse::<u64>().is_ok_and(|number| number > 1000);
        let masked = word.replace(bare, "N");
        let hex =
            word.split(['.', '-']).any(|part| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let word = if number {
            &masked
        } else if hex {
            "`.hello.….mp4.….rejected`"
        } else {
            word
        };
        if !made.is_empty() {
            made.push(' ');
        }
        made.push_str(word);
    }
    made
}

#[test]
fn every_download_that_goes_wrong_ends_in_whole_files_or_none() {
    let done = &done();
    let rows: Vec<Row> = std::thread::scope(|scope| {
        let threads: Vec<_> = FAULTS.iter().map(|fault| scope.spawn(move || rehearse(done, fault))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut table = String::from(
        "| fault | what the user sees | exit | files | then, without the fault | exit |\n|---|---|---|---|---|---|\n",
    );
    for Row { fault, seen, exit, files, later, later_exit } in &rows {
        let fault = fault.split(' ').map(|one| format!("`{one}`")).collect::<Vec<_>>().join(" ");
        let _infallible = writeln!(table, "| {fault} | {seen} | {exit} | {files} of 2 | {later} | {later_exit} |");
        assert_eq!(*later_exit, 0, "{fault}");
        assert_eq!(*exit == 0, *files == 2, "{fault}: {seen}");
    }
    let path = repository().join("docs/results.md");
    let page = fs::read_to_string(&path).unwrap();
    let start = page.find(MARKS.0).unwrap() + MARKS.0.len();
    let end = page.find(MARKS.1).unwrap();
    if std::env::var_os("CALLSHEET_UPDATE").is_some() {
        fs::write(&path, format!("{}{table}{}", &page[..start], &page[end..])).unwrap();
    } else {
        crate::doc_screens::similar_or_panic("docs/results.md", &page[start..end], &table);
    }
}
