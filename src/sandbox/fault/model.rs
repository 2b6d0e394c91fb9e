//! A fault as a value.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// A fault: what goes wrong, where, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The endpoints it applies to.
    pub scope: EndpointScope,
    /// How often it applies.
    pub when: Frequency,
    pub(super) stage: InjectionPoint,
    pub(super) text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// What goes wrong. The table in the module docs describes each kind.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the table in the module docs describes each")]
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

/// The stage of a request at which a fault applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectionPoint {
    /// Before the sandbox handles the request.
    Before,
    /// After a request succeeded.
    After,
    /// When the list is built, once per request.
    Listing,
    /// When the list is built, once per video.
    Listed,
    /// When a task is reported, in its detail or in the list.
    Task,
    /// When a result file is served.
    File,
    /// When a token is issued.
    Token,
}

/// A group of endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointScope {
    /// Avatar and template submissions.
    Submit,
    /// The detail of a task.
    Detail,
    /// The list of videos.
    List,
    /// Uploads.
    Upload,
    /// Avatars, voices, templates, assets.
    Catalog,
    /// Result files.
    Result,
    /// The exchange of a client id and secret for a token.
    Token,
    /// All endpoints.
    Any,
}

impl EndpointScope {
    /// All scopes with their names.
    pub(super) const WORDS: [(&'static str, EndpointScope); 8] = [
        ("submit", EndpointScope::Submit),
        ("detail", EndpointScope::Detail),
        ("list", EndpointScope::List),
        ("upload", EndpointScope::Upload),
        ("catalog", EndpointScope::Catalog),
        ("result", EndpointScope::Result),
        ("token", EndpointScope::Token),
        ("any", EndpointScope::Any),
    ];

    pub(super) fn includes(self, endpoint: EndpointScope) -> bool {
        self == EndpointScope::Any || self == endpoint
    }
}

/// How often a fault applies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Frequency {
    /// Every time.
    Always,
    /// A share of the times, from 0 to 1.
    Share(f64),
    /// The first N times.
    First(u64),
}

/// Describes an unknown name of a fault.
fn unknown(name: &str, hint: &str) -> String {
    if name.is_empty() { "a fault needs a name.".to_owned() } else { format!("`{name}` is not a fault{hint}") }
}

/// An invalid fault argument.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FaultError {
    /// An unknown name.
    #[error("{} There are:\n{known}", unknown(name, hint))]
    Unknown {
        /// The name as written.
        name: String,
        /// `, did you mean …?`, or a full stop.
        hint: String,
        /// All names, each with a short description, one per line.
        known: String,
    },
    /// A missing, unreadable or unexpected argument.
    #[error("fault `{name}` {reason}")]
    Argument {
        /// The name of the fault.
        name: &'static str,
        /// Why the argument is invalid.
        reason: String,
    },
    /// An unknown scope, or one that this fault does not support.
    #[error("`@{scope}` is not a scope of fault `{name}`; it takes {known}")]
    Scope {
        /// The name of the fault.
        name: &'static str,
        /// The scope as written.
        scope: String,
        /// The supported scopes.
        known: String,
    },
    /// An invalid share.
    #[error("`{text}` is not a share; write a percentage from 0% to 100%, or `first=N`")]
    Share {
        /// The share as written.
        text: String,
    },
}
