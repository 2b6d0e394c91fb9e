//! The names of faults, their arguments, and the functions that build them.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::model::InjectionPoint;
use super::{EndpointScope, FaultKind};

/// A known fault.
pub struct FaultDefinition {
    /// The name, as in `--fault`.
    pub name: &'static str,
    /// What happens, as a short phrase.
    pub what: &'static str,
    /// The arguments it accepts, as a phrase.
    pub takes: &'static str,
    /// The default scope.
    pub scope: EndpointScope,
    /// The stage of a request at which it applies.
    pub stage: InjectionPoint,
    /// Builds the kind of fault.
    pub build: FaultBuilder,
}

/// Builds a kind of fault from an argument.
pub enum FaultBuilder {
    /// From no argument.
    Plain(FaultKind),
    Span(fn(Duration) -> FaultKind),
    Shift(fn(i64) -> FaultKind),
    /// From a number in a range, with an optional default.
    Number(Option<u64>, RangeInclusive<u64>, fn(u64) -> FaultKind),
    /// From a number of requests, a duration or nothing. Returns `None` for a duration without meaning.
    Burst(fn(Option<Duration>) -> Option<FaultKind>),
}

const SHIFT: &str = "needs a duration with its sign, such as `-90s` or `+2h`";

/// Every number.
const ANY: RangeInclusive<u64> = 0..=u64::MAX;
/// Default size of an oversized response, in megabytes.
const OVERSIZED: u64 = 64;
/// Default number of bytes that a short file lacks.
const SHORT: u64 = 100;
/// Default size of a cut response, in bytes: the cut is within its head.
const CUT: u64 = 60;

macro_rules! known {
    ($name:literal, $scope:ident, $stage:ident, $what:literal, $takes:expr, $build:expr) => {
        FaultDefinition {
            name: $name,
            what: $what,
            takes: $takes,
            scope: EndpointScope::$scope,
            stage: InjectionPoint::$stage,
            build: $build,
        }
    };
}

macro_rules! plain {
    ($name:literal, $scope:ident, $stage:ident, $kind:ident, $what:literal) => {
        known!($name, $scope, $stage, $what, "takes no argument", FaultBuilder::Plain(FaultKind::$kind))
    };
}

macro_rules! timed {
    ($name:literal, $scope:ident, $stage:ident, $kind:ident, $what:literal) => {
        known!($name, $scope, $stage, $what, "needs a duration, such as `2s`", FaultBuilder::Span(FaultKind::$kind))
    };
}

macro_rules! shifted {
    ($name:literal, $scope:ident, $stage:ident, $kind:ident, $what:literal) => {
        known!($name, $scope, $stage, $what, SHIFT, FaultBuilder::Shift(|seconds| FaultKind::$kind { seconds }))
    };
}

/// All known faults, in the order of the table in the module docs.
pub const ALL: &[FaultDefinition] = &[
    plain!("drop-before-accept", Submit, Before, DropBeforeAccept, "the connection closes, nothing is stored"),
    plain!("error-before-accept", Submit, Before, ErrorBeforeAccept, "HTTP 500, nothing is stored"),
    plain!("garbage-before", Submit, Before, GarbageBefore, "an unreadable answer, nothing is stored"),
    timed!("slow", Any, Before, Slow, "the request is handled late"),
    known!(
        "803",
        Any,
        Before,
        "code 803, too fast; a count is a burst",
        "needs a number of requests, or nothing",
        FaultBuilder::Burst(|span| span.is_none().then_some(FaultKind::TooFast))
    ),
    known!(
        "429",
        Any,
        Before,
        "HTTP 429, too fast; a duration is its `Retry-After`",
        "needs a number of requests, a duration to wait, or nothing",
        FaultBuilder::Burst(|span| Some(FaultKind::TooMany { retry_after: span.unwrap_or(Duration::from_secs(1)) }))
    ),
    plain!("redirect", Submit, Before, Redirect, "HTTP 307, nothing is stored"),
    plain!("unauthorized", Any, Before, Unauthorized, "the token is rejected"),
    known!(
        "refuse",
        Submit,
        Before,
        "refused with that code",
        "needs a code, such as `402`",
        FaultBuilder::Number(None, 0..=i64::MAX.cast_unsigned(), |code| FaultKind::Refuse(code.cast_signed()))
    ),
    known!(
        "http",
        Submit,
        Before,
        "that HTTP status with a page of HTML",
        "needs an HTTP status from 400 to 599",
        FaultBuilder::Number(None, 400..=599, |status| FaultKind::Http(status as u16))
    ),
    plain!("accept-then-drop", Submit, After, AcceptThenDrop, "stored, but the answer is lost"),
    plain!("error-after-accept", Submit, After, ErrorAfterAccept, "stored, but HTTP 500"),
    timed!("slow-after-accept", Submit, After, SlowAfterAccept, "stored, but the answer is late"),
    plain!("garbage", Submit, After, Garbage, "stored, but an unreadable answer"),
    known!(
        "cut-answer",
        Submit,
        After,
        "stored, but the answer is cut",
        "needs a number of bytes, or nothing",
        FaultBuilder::Number(Some(CUT), ANY, |bytes| FaultKind::CutAnswer { bytes })
    ),
    known!(
        "oversized",
        Submit,
        After,
        "stored, but an answer of 64 MB",
        "needs a number of megabytes, at most 1024, or nothing",
        FaultBuilder::Number(Some(OVERSIZED), 1..=1024, |megabytes| FaultKind::Oversized { megabytes })
    ),
    plain!("no-task-id", Submit, After, NoTaskId, "stored, but no task id"),
    plain!("same-task-id", Submit, After, SameTaskId, "stored, but the task id of the first submission"),
    plain!("401-after-accept", Submit, After, UnauthorizedAfterAccept, "stored, but HTTP 401 with its task id"),
    plain!("redirect-after-accept", Submit, After, RedirectAfterAccept, "stored, but HTTP 307"),
    plain!("list-error", List, Before, ErrorBeforeAccept, "the list answers HTTP 500"),
    timed!("late-list", List, Listed, LateList, "the list shows a video late"),
    plain!("list-by-post", List, Before, ListByPost, "the list is served by POST alone, GET answers HTTP 405"),
    plain!("list-task-ids", List, Listed, ListTaskIds, "the list shows task ids instead of list ids"),
    plain!("duplicate-list", List, Listed, DuplicateList, "the list shows a video twice"),
    plain!("looping-cursor", List, Listing, LoopingCursor, "the list never ends"),
    plain!("cursor-at-end", List, Listing, CursorAtEnd, "the list ends in an empty page"),
    known!(
        "name-cut",
        List,
        Listed,
        "the list cuts names",
        "needs a number of characters",
        FaultBuilder::Number(None, ANY, |characters| FaultKind::NameCut(characters as usize))
    ),
    plain!("name-lower", List, Listed, NameLower, "the list has names in lower case"),
    plain!("name-trim", List, Listed, NameTrim, "the list trims names"),
    plain!("name-escape", List, Listed, NameEscape, "the list has names escaped as for HTML"),
    shifted!("clock-skew", List, Listed, ClockSkew, "the list's times are off"),
    plain!("no-range", Result, File, NoRange, "a result is always sent in full"),
    known!(
        "short-file",
        Result,
        File,
        "a result lacks its end",
        "needs a number of bytes, or nothing",
        FaultBuilder::Number(Some(SHORT), ANY, |bytes| FaultKind::ShortFile { bytes })
    ),
    plain!("changing-file", Result, File, ChangingFile, "a result is another file each time"),
    timed!("dribble", Result, File, Dribble, "a result is sent in small pieces"),
    plain!("other-host", Result, File, OtherHost, "a result is under another name of this machine"),
    timed!("token-life", Token, Token, TokenLife, "tokens expire after that time"),
    plain!("plain-host", Result, File, PlainHost, "a result is on another machine, over plain http"),
    timed!("late-task", Detail, Task, LateTask, "a task is unknown for a while after its submission"),
    timed!("late-file", Any, Task, LateFile, "a video is reported as done a while before its file is named"),
    plain!("other-numbers", Detail, Task, OtherNumbers, "statuses 0, 2, 1, -3 for queued, running, done, failed"),
    plain!("strange-url", Any, Task, StrangeUrl, "a result has an address without scheme and host"),
    plain!("list-draft", List, Listed, ListDraft, "the list shows every video as a draft, status 0"),
    shifted!("date-skew", Any, After, DateSkew, "the header `Date` is off"),
    plain!("gzip", Any, After, Gzip, "answers and results are sent compressed, whatever the request says"),
];
