//! Parses one line, or explains why it is invalid.

use std::sync::Arc;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Asset, Record, Run, StoredSpec, Take, TakeId, TakeSource, TakeState};
use crate::spec::Digest;

/// The latest format that this program reads. It writes version 1 unless the lockfile belongs to a shared ledger.
pub const FORMAT_VERSION: u32 = 2;

/// The content of the first line.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(tag = "callsheet", rename = "lock")]
pub(super) struct Header {
    /// The format version: above 1 in the lockfile of a shared ledger.
    pub version: u64,
    /// Where the ledger is: the remote, as host and path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<Arc<str>>,
    /// When the ledger was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<jiff::Timestamp>,
}

/// The content of a line.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "lives for one line, and nearly all lines are records")]
pub(super) enum ParsedLine {
    /// The header of a format version.
    Header(Header),
    /// A take, an asset or a run.
    Record(Record),
}

/// The kind of a line, whatever the order of its fields.
#[derive(Deserialize)]
struct LineKind {
    callsheet: Option<IgnoredAny>,
    asset: Option<IgnoredAny>,
    key: Option<IgnoredAny>,
    run: Option<IgnoredAny>,
}

const TAKE_FIELDS: [&str; 17] = [
    "key", "digest", "attempt", "state", "task", "video", "name", "host", "at", "how", "seconds", "sha256", "bytes",
    "message", "until", "run", "spec",
];
const ASSET_FIELDS: [&str; 4] = ["asset", "id", "host", "at"];
const RUN_FIELDS: [&str; 6] = ["run", "who", "url", "commit", "clock", "at"];

/// Returns the text of a line without line break, surrounding whitespace and byte order mark.
pub(super) fn trim_line(piece: &[u8]) -> &[u8] {
    piece.strip_prefix("\u{feff}".as_bytes()).unwrap_or(piece).trim_ascii()
}

impl TakeId {
    /// Parses the take of a line of any version. `None` if the line is not a take.
    pub fn from_line(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(trim_line(line)).ok()
    }
}

/// Parses one line without its line break. The error names the invalid field and the reason.
pub(super) fn read(text: &str) -> Result<ParsedLine, String> {
    if text.starts_with("{\"key\"") {
        return take(text);
    }
    let kind: LineKind = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    if kind.callsheet.is_some() {
        header(text)
    } else if kind.asset.is_some() {
        record(text, (&ASSET_FIELDS, &ASSET_FIELDS), Record::Asset)
    } else if kind.key.is_none() && kind.run.is_some() {
        record(text, (&RUN_FIELDS, &["run", "who", "at"]), Record::Run)
    } else {
        take(text)
    }
}

/// Whether a text is one complete JSON value.
pub(super) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn header(text: &str) -> Result<ParsedLine, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    match value.get("callsheet").and_then(Value::as_str) {
        Some("lock") => {}
        Some(other) => return Err(format!("this is a `{other}` of callsheet, not a lockfile")),
        None => return Err("`callsheet` must be `lock`".to_owned()),
    }
    let Some(version) = value.get("version").and_then(Value::as_u64).filter(|version| *version > 0) else {
        return Err("`version` must be a number from 1".to_owned());
    };
    let known: &[&str] = match version {
        1 => &["callsheet", "version"],
        _ => &["callsheet", "version", "home", "closed"],
    };
    if version > u64::from(FORMAT_VERSION) {
        return Ok(ParsedLine::Header(Header { version, home: None, closed: None }));
    }
    unknown_fields(&value, known)?;
    let home = match value.get("home") {
        None => None,
        Some(Value::String(home)) => {
            check_text("home", home)?;
            Some(Arc::from(home.as_str()))
        }
        Some(_) => return Err("`home` must be a text".to_owned()),
    };
    let closed = value.get("closed").map(jiff::Timestamp::deserialize).transpose();
    let closed = closed.map_err(|_| "`closed` must be a time like `2026-11-22T11:00:00Z`".to_owned())?;
    Ok(ParsedLine::Header(Header { version, home, closed }))
}

/// Parses a record with some fields, of which some are required.
fn record<T: for<'de> Deserialize<'de>>(
    text: &str,
    (fields, required): (&[&str], &[&str]),
    wrap: impl Fn(T) -> Record,
) -> Result<ParsedLine, String> {
    let record = wrap(serde_json::from_str(text).map_err(|error| explain(text, fields, required, &error))?);
    check(&record)?;
    Ok(ParsedLine::Record(record))
}

fn check_run(run: &Run) -> Result<(), String> {
    check_text("run", &run.run)?;
    for (field, value) in [("who", Some(&run.who)), ("url", run.url.as_ref()), ("commit", run.commit.as_ref())] {
        value.map_or(Ok(()), |value| check_text(field, value))?;
    }
    if run.clock.is_some_and(|clock| !clock.is_finite()) {
        return Err("`clock` must be a number of seconds".to_owned());
    }
    Ok(())
}

fn take(text: &str) -> Result<ParsedLine, String> {
    record(text, (&TAKE_FIELDS, &["key", "digest", "attempt", "state", "host", "at"]), Record::Take)
}

/// Checks a record by the rules of its line. The error says which field is wrong, and how.
pub(super) fn check(record: &Record) -> Result<(), String> {
    match record {
        Record::Take(take) => check_take(take),
        Record::Asset(asset) => check_asset(asset),
        Record::Run(run) => check_run(run),
    }
}

fn check_asset(asset: &Asset) -> Result<(), String> {
    hash("asset", &asset.asset)?;
    check_text("id", &asset.id)?;
    host(&asset.host)
}

fn check_take(take: &Take) -> Result<(), String> {
    check_text("key", &take.key)?;
    if take.attempt == 0 {
        return Err("`attempt` counts from 1".to_owned());
    }
    host(&take.host)?;
    let [task, video, name] = [&take.task, &take.video, &take.name].map(Option::as_deref);
    for (field, value) in [("task", task), ("video", video), ("name", name), ("run", take.run.as_deref())] {
        value.map_or(Ok(()), |value| check_text(field, value))?;
    }
    if take.seconds.is_some_and(|seconds| !seconds.is_finite() || seconds < 0.0) {
        return Err("`seconds` must be a length of time".to_owned());
    }
    take.sha256.as_deref().map_or(Ok(()), |value| hash("sha256", value))?;
    if take.spec.as_ref().and_then(StoredSpec::in_memory).is_some_and(|spec| !spec.starts_with('{')) {
        return Err("`spec` must be an object".to_owned());
    }
    Ok(())
}

fn check_text(field: &str, value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Err(format!("`{field}` is empty"));
    }
    if value.chars().any(char::is_control) {
        return Err(format!("`{field}` holds a control character"));
    }
    Ok(())
}

/// Checks a host. It may be empty: an intent saved from a torn line may lack it.
fn host(value: &str) -> Result<(), String> {
    if value.chars().any(|one| one.is_control() || one.is_whitespace() || one == '/') {
        return Err("`host` must be a host name".to_owned());
    }
    Ok(())
}

fn hash(field: &str, value: &str) -> Result<(), String> {
    let fits = value.len() == 64 && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if fits { Ok(()) } else { Err(format!("`{field}` must be 64 lower-case hex digits")) }
}

/// Adds the invalid field to an error. serde names only the value.
fn explain(text: &str, fields: &[&str], required: &[&str], error: &serde_json::Error) -> String {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return not_json(error) };
    let Value::Object(map) = &value else { return "a line must be an object".to_owned() };
    if let Err(why) = unknown_fields(&value, fields) {
        return why;
    }
    let wrong = map.iter().find_map(|(field, value)| wrong_type(field, value));
    let missing =
        || required.iter().find(|field| !map.contains_key(**field)).map(|field| format!("`{field}` is missing"));
    wrong.or_else(missing).unwrap_or_else(|| without_location(error))
}

fn unknown_fields(value: &Value, fields: &[&str]) -> Result<(), String> {
    let unknown =
        value.as_object().into_iter().flat_map(|map| map.keys()).find(|field| !fields.contains(&field.as_str()));
    unknown.map_or(Ok(()), |field| Err(format!("`{field}` is not a field of a line")))
}

fn wrong_type(field: &str, value: &Value) -> Option<String> {
    let optional = !["key", "digest", "attempt", "state", "host", "at", "asset", "id"].contains(&field);
    if optional && value.is_null() {
        return None;
    }
    let (fits, wanted) = match field {
        "attempt" => (value.as_u64().is_some_and(|number| u32::try_from(number).is_ok()), "a whole number from 1"),
        "bytes" => (value.is_u64(), "a whole number"),
        "digest" => (Digest::deserialize(value).is_ok(), "`v1:` and 32 lower-case hex digits"),
        "seconds" | "clock" => (value.is_number(), "a number"),
        "spec" => (value.is_object(), "an object"),
        "state" => (
            TakeState::deserialize(value).is_ok(),
            "one of `intent`, `freed`, `submitted`, `failed`, `done`, `pulled`, `forgotten`",
        ),
        "how" => (TakeSource::deserialize(value).is_ok(), "`adopted` or `accepted`"),
        "at" | "until" => (jiff::Timestamp::deserialize(value).is_ok(), "a time like `2026-11-22T11:00:00Z`"),
        _ => (value.is_string(), "a text"),
    };
    if fits { None } else { Some(format!("`{field}` must be {wanted}")) }
}

fn not_json(error: &serde_json::Error) -> String {
    format!("not JSON at column {}: {}", error.column(), without_location(error))
}

fn without_location(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(words, _)| words.to_owned())
}
