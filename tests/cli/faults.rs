//! Never pay twice: an apply of ten videos under each fault of the sandbox, then an apply without it. The results are
//! the table of `docs/reliability.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::fixture::{Scene, Shown, repository, shown};
use crate::server::{Accepted, KEY, Server};

/// Ten videos, with settings that keep tests fast.
pub const TEN: &str = r##"callsheet: 1
avatars: { anna: { id: A1 } }
voices: { narrator: { tts: { id: V1 } } }
defaults: { avatar: anna, voice: narrator, background: { color: "#f4f4f4" } }
videos:
  hello:
    matrix: { locale: [en, de, fr, es, it], tier: [free, pro] }
    script: "Hello {{ matrix.locale }}, {{ matrix.tier }}!"
environments:
  production: { rate: 0, concurrency: 4, timeout: 2s, settle_grace: 1s }
"##;

/// Number of videos in the manifest.
const WANTED: usize = 10;
/// Number of concurrent runs.
const SIDE_BY_SIDE: usize = 4;
/// The marks around the table in the page.
const MARKS: (&str, &str) = ("<!-- faults: made by tests/cli/faults.rs -->\n", "<!-- end of faults -->\n");

/// Every fault of `src/sandbox/fault`. Faults of the list are combined with others that make apply search the list.
const FAULTS: &[&str] = &[
    "drop-before-accept:first=3",
    "drop-before-accept",
    "error-before-accept:first=3",
    "garbage-before:first=3",
    "slow:3s@submit:first=3",
    "803@submit:first=3",
    "429:1s@submit:first=3",
    "redirect:first=3",
    "unauthorized",
    "unauthorized@submit",
    "refuse:402:first=3",
    "refuse:500:first=3",
    "http:404:first=3",
    "http:503:first=3",
    "accept-then-drop:first=3",
    "accept-then-drop",
    "error-after-accept:first=3",
    "slow-after-accept:3s:first=3",
    "garbage:first=3",
    "cut-answer:first=3",
    "oversized:first=3",
    "no-task-id:first=3",
    "same-task-id",
    "refuse:1234",
    "401-after-accept:first=1",
    "redirect-after-accept:first=3",
    "list-error:first=6 accept-then-drop:first=3",
    "late-list:1h accept-then-drop:first=3",
    "late-list:1h drop-before-accept:first=3",
    "list-by-post accept-then-drop:first=3",
    "list-task-ids accept-then-drop:first=3",
    "duplicate-list accept-then-drop:first=3",
    "looping-cursor accept-then-drop:first=3",
    "cursor-at-end accept-then-drop:first=3",
    "token-life:2s slow:1s@submit",
    "name-cut:14 accept-then-drop:first=3",
    "name-cut:14 drop-before-accept:first=3",
    "name-lower accept-then-drop:first=3",
    "name-trim accept-then-drop:first=3",
    "name-escape accept-then-drop:first=3",
    "clock-skew:-2h accept-then-drop:first=3",
    "clock-skew:-2h drop-before-accept:first=3",
    "gzip accept-then-drop:first=3",
];

/// Faults that end a run. One submission at a time keeps the screen the same in every run.
const ONE_BY_ONE: [&str; 3] = ["same-task-id", "refuse:1234", "401-after-accept:first=1"];

/// The result of one fault.
struct Row {
    faults: &'static str,
    seen: String,
    exit: i32,
    later: String,
    later_exit: i32,
    accepted: usize,
    duplicates: usize,
    lost: usize,
}

#[test]
fn no_fault_makes_a_video_paid_twice_or_lost() {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(faults) = FAULTS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let row = strike(faults);
                    rows.lock().unwrap().push(row);
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by_key(|row| FAULTS.iter().position(|faults| *faults == row.faults));
    assert_eq!(rows.len(), FAULTS.len());
    let sum = |of: fn(&Row) -> usize| rows.iter().map(of).sum::<usize>();
    assert_eq!((sum(|row| row.duplicates), sum(|row| row.lost)), (0, 0));
    keep(MARKS, &table(&rows));
}

#[test]
fn every_fault_of_the_sandbox_has_its_row() {
    let table = fs::read_to_string(repository().join("src/sandbox/fault/mod.rs")).unwrap();
    let names = table.lines().filter_map(|line| line.strip_prefix("//! | `")?.split('`').next());
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        // Faults of downloads have a separate table.
        let struck = FAULTS.iter().chain(crate::downloads::FAULTS).flat_map(|faults| faults.split(' '));
        assert!(struck.map(|fault| fault.split([':', '@']).next().unwrap()).any(|known| known == name), "{name}");
    }
}

fn strike(faults: &'static str) -> Row {
    let concurrency = if ONE_BY_ONE.contains(&faults) { "concurrency: 1" } else { "concurrency: 4" };
    // Only slow answers should be late: on a busy machine, others can take more than two seconds.
    let timeout = if faults.contains("slow") { "timeout: 2s" } else { "timeout: 30s" };
    let scene = Scene::manifest(&TEN.replace("concurrency: 4", concurrency).replace("timeout: 2s", timeout));
    let server = Server::start(&scene, &faults.split(' ').collect::<Vec<_>>());
    let mut first = server.command(&scene, &["apply", "--yes"]);
    if faults.contains("token") {
        first.env("VIDNOZ_CLIENT_ID", "client").env("VIDNOZ_CLIENT_SECRET", KEY);
    }
    let first = shown(&mut first);
    check(faults, &scene, &first, &server.accepted());
    drop(server);
    let server = Server::start(&scene, &[]);
    let second = server.run(&scene, &["apply", "--yes"]);
    check(faults, &scene, &second, &server.accepted());
    let accepted = server.accepted();
    if second.code == 0 {
        assert_eq!(accepted.len(), WANTED, "{faults}\n{}{}", second.out, second.err);
        let third = server.ok(&scene, &["apply", "--yes"]);
        assert_eq!(third.out, "Applied: nothing to do, 10 unchanged\n", "{faults}");
    }
    Row {
        faults,
        seen: seen(&first),
        exit: first.code,
        later: seen(&second),
        later_exit: second.code,
        accepted: accepted.len(),
        duplicates: duplicates(&accepted),
        lost: lost(&scene, &accepted).len(),
    }
}

/// Checks what must hold after every run: nothing is paid twice, everything paid is in the lockfile, and each take in
/// doubt is reported with its recovery.
fn check(faults: &str, scene: &Scene, shown: &Shown, accepted: &[Accepted]) {
    let screen = format!("{faults}: exit {}\n{}{}", shown.code, shown.out, shown.err);
    assert_eq!(duplicates(accepted), 0, "{screen}");
    assert_eq!(lost(scene, accepted), Vec::<String>::new(), "{screen}");
    let doubtful = takes(scene).into_iter().filter(|take| take["state"] == "intent");
    for take in doubtful {
        let key = take["key"].as_str().unwrap();
        assert!(shown.err.contains(&format!("callsheet lock free '{key}'")), "{key} is not named: {screen}");
        // Rejected credentials take precedence over other errors.
        assert!([3, 6].contains(&shown.code), "{screen}");
    }
    assert!([0, 3, 6].contains(&shown.code), "{screen}");
}

fn takes(scene: &Scene) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(scene.path().join("callsheet.lock")).unwrap_or_default();
    text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn duplicates(accepted: &[Accepted]) -> usize {
    accepted.len() - accepted.iter().map(Accepted::content).collect::<BTreeSet<_>>().len()
}

/// Returns accepted submissions that the lockfile has neither as paid nor as in doubt.
fn lost(scene: &Scene, accepted: &[Accepted]) -> Vec<String> {
    let takes = takes(scene);
    let held = |one: &&Accepted| {
        let mut same = takes.iter().filter(|take| take["name"] == one.name.as_str());
        same.any(|take| {
            let own = |id: &str| id == one.task || id == one.video;
            let by_its_own_id = ["task", "video"].iter().any(|name| take[*name].as_str().is_some_and(own));
            take["state"] == "intent" || (take["state"] == "submitted" && by_its_own_id)
        })
    };
    accepted.iter().filter(|one| !held(one)).map(|one| one.name.clone()).collect()
}

/// Returns a summary of the screen: each kind of line once, without keys, and the last sentence.
fn seen(shown: &Shown) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for line in shown.err.lines() {
        let kind = match line.split_once(' ') {
            Some(("in", rest)) if rest.starts_with("doubt ") => {
                format!("in doubt: {}", without_task(rest.split_once(": ").map_or("", |(_, reason)| reason)))
            }
            Some(("waiting", rest)) => format!("waiting: {}", rest.split_once(": ").map_or("", |(_, reason)| reason)),
            Some(("refused", rest)) => format!("refused: {}", rest.split_once(": ").map_or("", |(_, reason)| reason)),
            Some(("adopted", _)) => "adopted: found at the vendor; nothing is sent".to_owned(),
            Some(("the", _)) if line.contains("rejected") => line.to_owned(),
            Some(("freed", _)) => "freed: proved not to have been accepted".to_owned(),
            Some(("warning:" | "error:", _)) => line.to_owned(),
            _ => continue,
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if !shown.out.is_empty() {
        kinds.push(format!("**{}**", shown.out.trim_end()));
    }
    kinds.join("<br>").replace('|', "\\|")
}

/// Returns a reason without the task id, which differs in each run.
fn without_task(reason: &str) -> String {
    let Some((head, rest)) = reason.split_once("task `") else { return reason.to_owned() };
    format!("{head}task `T…`{}", rest.split_once('`').map_or("", |(_, tail)| tail))
}

fn table(rows: &[Row]) -> String {
    let mut text =
        "| fault | what the user sees | exit | then, without the fault | exit | accepted | duplicates | lost |\n\
                    |---|---|---|---|---|---|---|---|\n"
            .to_owned();
    for row in rows {
        let faults = row.faults.replace(' ', "` `");
        let Row { seen, exit, later, later_exit, accepted, duplicates, lost, .. } = row;
        writeln!(
            text,
            "| `{faults}` | {seen} | {exit} | {later} | {later_exit} | {accepted} of {WANTED} | {duplicates} | {lost} |"
        )
        .unwrap();
    }
    text
}

/// Checks or rewrites the part of `docs/reliability.md` between two marks.
pub fn keep(marks: (&str, &str), table: &str) {
    let path = repository().join("docs/reliability.md");
    let page = fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once(marks.0).expect("the page has the mark where the table begins");
    let (kept, tail) = rest.split_once(marks.1).expect("the page has the mark where the table ends");
    if std::env::var_os("CALLSHEET_UPDATE").is_some() {
        fs::write(&path, format!("{head}{}{table}{}{tail}", marks.0, marks.1)).unwrap();
    } else {
        crate::doc_screens::similar_or_panic("docs/reliability.md", kept, table);
    }
}
