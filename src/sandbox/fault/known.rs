//! The names of faults, what they take, and how they become values.

use std::time::Duration;

use super::{FaultKind, Scope};

/// What stands after the name, read by its form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Argument {
    /// Nothing.
    Absent,
    /// Digits alone.
    Number(u64),
    /// Digits with a unit: `200ms`, `1.5s`, `2m`, `1h`.
    Span(Duration),
    /// A duration with its sign; whole seconds.
    Shift(i64),
}

/// A known fault.
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// In words, what it takes.
    pub takes: &'static str,
    /// Where it strikes unless told.
    pub scope: Scope,
    /// The value; None if it does not take this argument. The number is a burst, if there is one.
    pub build: fn(Argument) -> Option<(FaultKind, Option<u64>)>,
}

const NOTHING: &str = "takes no argument";
const DURATION: &str = "wants a duration, such as `2s`";

/// The default size of an oversized answer.
const OVERSIZED: u64 = 64;
/// What a short file lacks unless told.
const SHORT: u64 = 100;
/// The default cut of an answer: within its head.
const CUT: u64 = 60;

macro_rules! plain {
    ($name:literal, $scope:ident, $kind:ident) => {
        Known {
            name: $name,
            takes: NOTHING,
            scope: Scope::$scope,
            build: |argument| (argument == Argument::Absent).then_some((FaultKind::$kind, None)),
        }
    };
}

macro_rules! timed {
    ($name:literal, $scope:ident, $kind:ident) => {
        Known {
            name: $name,
            takes: DURATION,
            scope: Scope::$scope,
            build: |argument| match argument {
                Argument::Span(span) => Some((FaultKind::$kind(span), None)),
                _ => None,
            },
        }
    };
}

/// All of them, in the order of the room's table.
pub const ALL: &[Known] = &[
    plain!("drop-before-accept", Submit, DropBeforeAccept),
    plain!("error-before-accept", Submit, ErrorBeforeAccept),
    plain!("garbage-before", Submit, GarbageBefore),
    timed!("slow", Any, Slow),
    Known {
        name: "803",
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
    plain!("redirect", Submit, Redirect),
    plain!("unauthorized", Any, Unauthorized),
    Known {
        name: "refuse",
        takes: "wants a code, such as `402`",
        scope: Scope::Submit,
        build: |argument| match argument {
            Argument::Number(code) => Some((FaultKind::Refuse(i64::try_from(code).ok()?), None)),
            _ => None,
        },
    },
    Known {
        name: "http",
        takes: "wants an HTTP status from 400 to 599",
        scope: Scope::Submit,
        build: |argument| match argument {
            Argument::Number(status @ 400..=599) => Some((FaultKind::Http(u16::try_from(status).ok()?), None)),
            _ => None,
        },
    },
    plain!("accept-then-drop", Submit, AcceptThenDrop),
    plain!("error-after-accept", Submit, ErrorAfterAccept),
    timed!("slow-after-accept", Submit, SlowAfterAccept),
    plain!("garbage", Submit, Garbage),
    Known {
        name: "cut-answer",
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
        takes: "wants a count of megabytes, at most 1024, or nothing",
        scope: Scope::Submit,
        build: |argument| match argument {
            Argument::Absent => Some((FaultKind::Oversized { megabytes: OVERSIZED }, None)),
            Argument::Number(megabytes @ 1..=1024) => Some((FaultKind::Oversized { megabytes }, None)),
            _ => None,
        },
    },
    plain!("no-task-id", Submit, NoTaskId),
    plain!("redirect-after-accept", Submit, RedirectAfterAccept),
    plain!("list-error", List, ErrorBeforeAccept),
    timed!("late-list", List, LateList),
    plain!("duplicate-list", List, DuplicateList),
    plain!("looping-cursor", List, LoopingCursor),
    plain!("cursor-at-end", List, CursorAtEnd),
    Known {
        name: "name-cut",
        takes: "wants a count of characters",
        scope: Scope::List,
        build: |argument| match argument {
            Argument::Number(characters) => Some((FaultKind::NameCut(usize::try_from(characters).ok()?), None)),
            _ => None,
        },
    },
    plain!("name-lower", List, NameLower),
    plain!("name-trim", List, NameTrim),
    plain!("name-escape", List, NameEscape),
    Known {
        name: "clock-skew",
        takes: "wants a duration with its sign, such as `-90s` or `+2h`",
        scope: Scope::List,
        build: |argument| match argument {
            Argument::Shift(seconds) => Some((FaultKind::ClockSkew { seconds }, None)),
            _ => None,
        },
    },
    plain!("no-range", Result, NoRange),
    Known {
        name: "short-file",
        takes: "wants a count of bytes, or nothing",
        scope: Scope::Result,
        build: |argument| match argument {
            Argument::Absent => Some((FaultKind::ShortFile { bytes: SHORT }, None)),
            Argument::Number(bytes) => Some((FaultKind::ShortFile { bytes }, None)),
            _ => None,
        },
    },
    plain!("changing-file", Result, ChangingFile),
    timed!("dribble", Result, Dribble),
    plain!("other-host", Result, OtherHost),
    plain!("plain-host", Result, PlainHost),
];
