//! The exit codes, as documented API.

/// How a run ended; the number is the process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; nothing to do.
    Ok,
    /// Manifests invalid, or any error without a code of its own.
    Failed,
    /// Something would be submitted (only `plan --detailed-exitcode`).
    Pending,
    /// The vendor rejected the credentials.
    KeyRefused,
    /// Waiting ran out; the task ids were printed.
    OutOfTime,
    /// A guard refused.
    Guarded,
    /// Some videos failed or are in doubt.
    Unfinished,
    /// Bad command line.
    Usage,
    /// Interrupted.
    Interrupted,
}

impl Exit {
    /// The process's exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Pending => 2,
            Self::KeyRefused => 3,
            Self::OutOfTime => 4,
            Self::Guarded => 5,
            Self::Unfinished => 6,
            Self::Usage => 64,
            Self::Interrupted => 130,
        }
    }
}
