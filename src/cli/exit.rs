//! The exit codes, which are documented API.

/// The result of a run. Its number is the exit code of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Ok,
    /// The manifests are invalid, or an error has no other code.
    Failed,
    /// Something would be submitted (only `plan --detailed-exitcode`).
    Pending,
    /// The vendor rejected the credentials.
    KeyRefused,
    /// The wait timed out. The task ids were printed.
    OutOfTime,
    /// A guard blocked the run.
    Guarded,
    /// Some videos failed or are in doubt.
    Unfinished,
    /// The command line is invalid.
    Usage,
    /// Interrupted.
    Interrupted,
}

impl Exit {
    /// Returns the exit code of the process.
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
