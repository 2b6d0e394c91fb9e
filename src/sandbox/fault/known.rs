//! The names of faults, their arguments, and the functions that build them.

use std::time::Duration;

use super::{FaultKind, Scope};

/// The argument after the name, parsed by its form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Argument {
    /// No argument.
    Absent,
    /// Digits only.
    Number(u64),
    /// Digits with a unit: `200ms`, `1.5s`, `2m`, `1h`.
    Span(Duration),
    /// A duration with a sign, in whole seconds.
    Shift(i64),
}

/// A known fault.
pub struct Known {
    /// The name, as in `--fault`.
    pub name: &'static str,
    /// What happens, as a short phrase.
    pub what: &'static str,
    /// The arguments it accepts, as a phrase.
    pub takes: &'static str,
    /// The default scope.
    pub scope: Scope,
    /// Builds the kind of fault and, for a burst, its number of requests. Returns `None` for an invalid argument.
    pub build: fn(Argument) -> Option<(FaultKind, Option<u64>)>,
}

const NOTHING: &str = "takes no argument";
const DURATION: &str = "wants a duration, such as `2s`";

/// Default size of an oversized response, in megabytes.
const OVERSIZED: u64 = 64;
/// Default number of bytes that a short file lacks.
const SHORT: u64 = 100;
/// Default size of a cut response, in bytes: the cut is within its head.
const CUT: u64 = 60;

macro_rules! plain {
    ($name:literal, $scope:ident, $kind:ident, $what:literal) => {
        Known {
            name: $name,
            what: $what,
            takes: NOTHING,
            scope: Scope::$scope,
            build: |argument| (argument == Argument::Absent).then_some((FaultKind::$kind, None)),
        }
    };
}

macro_rules! timed {
    ($name:literal, $scope:ident, $kind:ident, $what:literal) => {
        Known {
            name: $name,
            what: $what,
            takes: DURATION,
            scope: Scope::$scope,
            build: |argument| match argument {
                Argument::Span(span) => Some((FaultKind::$kind(span), None)),
                _ => None,
            },
        }
    };
}

macro_rules! shifted {
    ($name:literal, $scope:ident, $kind:ident, $what:literal) => {
        Known {
            name: $name,
            what: $what,
            takes: "wants a duration with its sign, such as `-90s` or `+2h`",
            scope: Scope::$scope,
            build: |argument| match argument {
                Argument::Shift(seconds) => Some((FaultKind::$kind { seconds }, None)),
                _ => None,
            },
        }
    };
}

/// All known faults, in the order of the table in the module docs.
pub const ALL: &[Known] = &[
    plain!("drop-before-accept", Submit, DropBeforeAccept, "the connection closes, nothing is stored"),
    plain!("error-before-accept", Submit, ErrorBeforeAccept, "HTTP 500, nothing is stored"),
    plain!("garbage-before", Submit, GarbageBefore, "an unreadable answer, nothing is stored"),
    timed!("slow", Any, Slow, "the request is looked at late"),
    Known {
        name: "803",
        what: "code 803, too fast; a count is a burst",
        takes: "wants a count of requests, or nothing",
        scope: Scope::Any,
        build: |argument| match argument {
            Argument::Absent => Some((FaultKind::TooFast, None)),
            Argument::Number(burst) => Some((FaultKind::TooFast, Some(burst))),
            _ => None,
        },
    },
    Known {
        name: "429",
        what: "HTTP 429, too fast; a duration is its `Retry-After`",
        takes: "wants a count of requests, a duration to wait, or nothing",
        scope: Scope::Any,
        build: |argument| {
            let second = Duration::from_secs(1);
            match argument {
                Argument::Absent => Some((FaultKind::TooMany { retry_after: second }, None)),
                Argument::Number(burst) => Some((FaultKind::TooMany { retry_after: second }, Some(burst))),
                Argument::Span(retry_after) => Some((FaultKind::TooMany { retry_after }, None)),
                Argument::Shift(_) => None,
            }
        },
    },
    plain!("redirect", Submit, Redirect, "HTTP 307, nothing is stored"),
    plain!("unauthorized", Any, Unauthorized, "the token is rejected"),
    Known {
        name: "refuse",
        what: "refused with that code",
        takes: "wants a code, such as `402`",
        scope: Scope::Submit,
        build: |argument| match argument {
            Argument::Number(code) => Some((FaultKind::Refuse(i64::try_from(code).ok()?), None)),
            _ => None,
        },
    },
    Known {
        name: "http",
        what: "that HTTP status with a page of HTML",
        takes: "wants an HTTP status from 400 to 599",
        scope: Scope::Submit,
        build: |argument| match argument {
            Argument::Number(status @ 400..=599) => Some((FaultKind::Http(u16::try_from(status).ok()?), None)),
            _ => None,
        },
    },
    plain!("accept-then-drop", Submit, AcceptThenDrop, "stored, but the answer is lost"),
    plain!("error-after-accept", Submit, ErrorAfterAccept, "stored, but HTTP 500"),
    timed!("slow-after-accept", Submit, SlowAfterAccept, "stored, the answer comes late"),
    plain!("garbage", Submit, Garbage, "stored, but an unreadable answer"),
    Known {
        name: "cut-answer",
        what: "stored, but the answer is cut",
        takes: "wants a count of bytes, or nothing",
        scope: Scope::Submit,
        build: |argument| match argument {
            Argument::Absent => Some((FaultKind::CutAnswer { bytes: CUT }, None)),
            Argument::Number(bytes) => Some((FaultKind::CutAnswer { bytes }, None)),
            _ => None,
        },
    },
    Known {
        name: "oversized",
        what: "stored, but an answer of 64 MB",
        takes: "wants a count of megabytes, at most 1024, or nothing",
        scope: Scope::Submit,
        build: |argument| match argument {
            Argument::Absent => Some((FaultKind::Oversized { megabytes: OVERSIZED }, None)),
            Argument::Number(megabytes @ 1..=1024) => Some((FaultKind::Oversized { megabytes }, None)),
            _ => None,
        },
    },
    plain!("no-task-id", Submit, NoTaskId, "stored, but no task id"),
    plain!("same-task-id", Submit, SameTaskId, "stored, but the task id of the first submission"),
    plain!("401-after-accept", Submit, UnauthorizedAfterAccept, "stored, but HTTP 401 with its task id"),
    plain!("redirect-after-accept", Submit, RedirectAfterAccept, "stored, but HTTP 307"),
    plain!("list-error", List, ErrorBeforeAccept, "the list answers HTTP 500"),
    timed!("late-list", List, LateList, "the list shows a video late"),
    plain!("list-by-post", List, ListByPost, "the list is served by POST alone, GET answers HTTP 405"),
    plain!("list-task-ids", List, ListTaskIds, "the list shows task ids instead of its own"),
    plain!("duplicate-list", List, DuplicateList, "the list shows a video twice"),
    plain!("looping-cursor", List, LoopingCursor, "the list never ends"),
    plain!("cursor-at-end", List, CursorAtEnd, "the list ends in an empty page"),
    Known {
        name: "name-cut",
        what: "the list cuts names",
        takes: "wants a count of characters",
        scope: Scope::List,
        build: |argument| match argument {
            Argument::Number(characters) => Some((FaultKind::NameCut(usize::try_from(characters).ok()?), None)),
            _ => None,
        },
    },
    plain!("name-lower", List, NameLower, "the list has names in lower case"),
    plain!("name-trim", List, NameTrim, "the list trims blanks of names"),
    plain!("name-escape", List, NameEscape, "the list has names escaped as for HTML"),
    shifted!("clock-skew", List, ClockSkew, "the list's times are off"),
    plain!("no-range", Result, NoRange, "a result is always sent whole"),
    Known {
        name: "short-file",
        what: "a result lacks its end",
        takes: "wants a count of bytes, or nothing",
        scope: Scope::Result,
        build: |argument| match argument {
            Argument::Absent => Some((FaultKind::ShortFile { bytes: SHORT }, None)),
            Argument::Number(bytes) => Some((FaultKind::ShortFile { bytes }, None)),
            _ => None,
        },
    },
    plain!("changing-file", Result, ChangingFile, "a result is another file each time"),
    timed!("dribble", Result, Dribble, "a result comes in small pieces"),
    plain!("other-host", Result, OtherHost, "a result lies under another name of this machine"),
    timed!("token-life", Token, TokenLife, "tokens die after that time"),
    plain!("plain-host", Result, PlainHost, "a result lies on another machine, over plain http"),
    timed!("late-task", Detail, LateTask, "a task is unknown for a while after its submission"),
    timed!("late-file", Any, LateFile, "a video is called done a while before its file is named"),
    plain!("other-numbers", Detail, OtherNumbers, "statuses 0, 2, 1, -3 for queued, running, done, failed"),
    plain!("strange-url", Any, StrangeUrl, "a result has an address without scheme and host"),
    plain!("list-draft", List, ListDraft, "the list calls every video a draft, status 0"),
    shifted!("date-skew", Any, DateSkew, "the header `Date` is off"),
    plain!("gzip", Any, Gzip, "answers and results are sent compressed, whatever the request says"),
];
