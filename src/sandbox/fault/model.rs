//! A fault as a value.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// What goes wrong, where, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// At which endpoints.
    pub scope: Scope,
    /// How often.
    pub when: When,
    pub(super) text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// What goes wrong; the room's face describes each.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the table of the room's face describes each")]
pub enum FaultKind {
    DropBeforeAccept,
    ErrorBeforeAccept,
    GarbageBefore,
    Slow(Duration),
    TooFast,
    TooMany { retry_after: Duration },
    Redirect,
    Unauthorized,
    Refuse(i64),
    Http(u16),
    AcceptThenDrop,
    ErrorAfterAccept,
    SlowAfterAccept(Duration),
    Garbage,
    CutAnswer { bytes: u64 },
    Oversized { megabytes: u64 },
    NoTaskId,
    SameTaskId,
    UnauthorizedAfterAccept,
    RedirectAfterAccept,
    ListByPost,
    ListTaskIds,
    LateList(Duration),
    DuplicateList,
    LoopingCursor,
    CursorAtEnd,
    NameCut(usize),
    NameLower,
    NameTrim,
    NameEscape,
    ClockSkew { seconds: i64 },
    NoRange,
    ShortFile { bytes: u64 },
    ChangingFile,
    Dribble(Duration),
    OtherHost,
    PlainHost,
    LateTask(Duration),
    LateFile(Duration),
    OtherNumbers,
    StrangeUrl,
    ListDraft,
    DateSkew { seconds: i64 },
    Gzip,
    TokenLife(Duration),
}

/// When a fault gets its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before the request is looked at.
    Before,
    /// After a request that succeeded.
    After,
    /// While a list is drawn, request by request.
    Listing,
    /// While a list is drawn, video by video.
    Listed,
    /// While a task is reported, in its detail or in the list.
    Task,
    /// While a result file is served.
    File,
    /// While a token is issued.
    Token,
}

impl FaultKind {
    pub(super) fn stage(&self) -> Stage {
        match self {
            FaultKind::DropBeforeAccept
            | FaultKind::ErrorBeforeAccept
            | FaultKind::GarbageBefore
            | FaultKind::Slow(_)
            | FaultKind::TooFast
            | FaultKind::TooMany { .. }
            | FaultKind::Redirect
            | FaultKind::Unauthorized
            | FaultKind::Refuse(_)
            | FaultKind::ListByPost
            | FaultKind::Http(_) => Stage::Before,
            FaultKind::AcceptThenDrop
            | FaultKind::ErrorAfterAccept
            | FaultKind::SlowAfterAccept(_)
            | FaultKind::Garbage
            | FaultKind::CutAnswer { .. }
            | FaultKind::Oversized { .. }
            | FaultKind::NoTaskId
            | FaultKind::RedirectAfterAccept
            | FaultKind::DateSkew { .. }
            | FaultKind::Gzip
            | FaultKind::SameTaskId
            | FaultKind::UnauthorizedAfterAccept => Stage::After,
            FaultKind::LoopingCursor | FaultKind::CursorAtEnd => Stage::Listing,
            FaultKind::LateList(_)
            | FaultKind::ListTaskIds
            | FaultKind::DuplicateList
            | FaultKind::NameCut(_)
            | FaultKind::NameLower
            | FaultKind::NameTrim
            | FaultKind::NameEscape
            | FaultKind::ClockSkew { .. }
            | FaultKind::ListDraft => Stage::Listed,
            FaultKind::LateTask(_) | FaultKind::LateFile(_) | FaultKind::OtherNumbers | FaultKind::StrangeUrl => {
                Stage::Task
            }
            FaultKind::NoRange
            | FaultKind::ShortFile { .. }
            | FaultKind::ChangingFile
            | FaultKind::Dribble(_)
            | FaultKind::OtherHost
            | FaultKind::PlainHost => Stage::File,
            FaultKind::TokenLife(_) => Stage::Token,
        }
    }
}

/// A group of endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Both kinds of submission.
    Submit,
    /// The state of a task.
    Detail,
    /// The list of videos.
    List,
    /// Uploads.
    Upload,
    /// Avatars, voices, templates, assets.
    Catalog,
    /// Result files.
    Result,
    /// The exchange of a client id and secret.
    Token,
    /// All of them.
    Any,
}

impl Scope {
    /// All, with their words.
    pub(super) const WORDS: [(&'static str, Scope); 8] = [
        ("submit", Scope::Submit),
        ("detail", Scope::Detail),
        ("list", Scope::List),
        ("upload", Scope::Upload),
        ("catalog", Scope::Catalog),
        ("result", Scope::Result),
        ("token", Scope::Token),
        ("any", Scope::Any),
    ];

    pub(super) fn holds(self, endpoint: Scope) -> bool {
        self == Scope::Any || self == endpoint
    }
}

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    /// Each time.
    Always,
    /// This share of the times, 0 to 1.
    Share(f64),
    /// The first so many times.
    First(u64),
}

/// What is wrong with a name that no fault has.
fn unknown(name: &str, hint: &str) -> String {
    if name.is_empty() { "a fault wants a name.".to_owned() } else { format!("`{name}` is not a fault{hint}") }
}

/// A fault that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FaultError {
    /// No such name.
    #[error("{} There are:\n{known}", unknown(name, hint))]
    Unknown {
        /// As written.
        name: String,
        /// `, did you mean …?`, or a full stop.
        hint: String,
        /// All names, each with a few words, a line each.
        known: String,
    },
    /// The argument is missing, unreadable or not wanted.
    #[error("fault `{name}` {reason}")]
    Argument {
        /// The fault.
        name: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// No such scope, or one where this fault makes no sense.
    #[error("`@{scope}` is no scope of fault `{name}`; it takes {known}")]
    Scope {
        /// The fault.
        name: &'static str,
        /// As written.
        scope: String,
        /// What it takes.
        known: String,
    },
    /// An unreadable share.
    #[error("`{text}` is no share; write a percentage from 0% to 100%, or `first=N`")]
    Share {
        /// As written.
        text: String,
    },
}
