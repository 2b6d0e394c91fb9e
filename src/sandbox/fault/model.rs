//! A fault as a value.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};
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
    if name.is_empty() { "a fault needs a name;".to_owned() } else { format!("`{name}` is not a fault;{hint}") }
}

/// An invalid fault argument.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FaultError {
    /// An unknown name.
    #[error("{} known faults:\n{known}", unknown(name, hint))]
    Unknown {
        /// The name as written.
        name: String,
        /// ` did you mean …?`, or an empty text.
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

/// The faults of a sandbox, with the number of requests that each has seen.
#[derive(Debug)]
pub struct FaultInjector {
    seed: u64,
    faults: Vec<(Fault, AtomicU64)>,
}

impl FaultInjector {
    /// Creates the faults of a sandbox with this seed.
    pub fn new(seed: u64, faults: Vec<Fault>) -> FaultInjector {
        FaultInjector { seed, faults: faults.into_iter().map(|fault| (fault, AtomicU64::new(0))).collect() }
    }

    /// Returns all faults.
    pub fn all(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().map(|(fault, _)| fault)
    }

    /// Returns the lifetime of a token issued now. `None` if no fault sets it.
    pub fn token_life(&self) -> Option<Duration> {
        self.matching(InjectionPoint::Token, EndpointScope::Token).into_iter().find_map(|kind| match kind {
            FaultKind::TokenLife(life) => Some(*life),
            _ => None,
        })
    }

    /// Returns the faults of the video with this number, each time it is listed.
    pub fn for_video(&self, video: u64) -> impl Iterator<Item = &FaultKind> {
        self.of_number(InjectionPoint::Listed, EndpointScope::List, video)
    }

    /// Returns `true` if a fault applies to single videos of the list, so that each video must be checked.
    pub fn hide_videos(&self) -> bool {
        self.all().any(|fault| matches!(fault.kind, FaultKind::LateList(_) | FaultKind::DuplicateList))
    }

    /// Returns the faults that apply now, at a stage of a request.
    pub fn matching(&self, stage: InjectionPoint, endpoint: EndpointScope) -> Vec<&FaultKind> {
        self.at(stage, endpoint)
            .filter(|(index, (fault, seen))| self.applies(*index, fault, seen.fetch_add(1, Ordering::Relaxed)))
            .map(|(_, (fault, _))| &fault.kind)
            .collect()
    }

    /// Returns the faults of the video or task with this number, each time an endpoint reports it.
    pub fn of_number(
        &self,
        stage: InjectionPoint,
        endpoint: EndpointScope,
        number: u64,
    ) -> impl Iterator<Item = &FaultKind> {
        let struck = self.at(stage, endpoint).filter(move |(index, (fault, _))| self.applies(*index, fault, number));
        struck.map(|(_, (fault, _))| &fault.kind)
    }

    fn at(&self, stage: InjectionPoint, endpoint: EndpointScope) -> impl Iterator<Item = (usize, &(Fault, AtomicU64))> {
        self.faults
            .iter()
            .enumerate()
            .filter(move |(_, (fault, _))| fault.stage == stage && fault.scope.includes(endpoint))
    }

    fn applies(&self, index: usize, fault: &Fault, number: u64) -> bool {
        match fault.when {
            Frequency::Always => true,
            Frequency::First(count) => number < count,
            Frequency::Share(share) => self.chance(index, number) < share,
        }
    }

    /// Returns a number from 0 up to but not including 1, evenly distributed.
    fn chance(&self, index: usize, number: u64) -> f64 {
        let hash = Sha256::digest(format!("fault {} {index} {number}", self.seed));
        let top = hash.iter().take(6).fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        top as f64 / (1_u64 << 48) as f64
    }
}
