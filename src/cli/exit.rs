//! The exit codes, which are documented API.

/// The result of a run. Its number is the exit code of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing to do.
    Success = 0,
    /// The manifests are invalid, or an error has no other code.
    Error = 1,
    /// Something would be submitted (only `plan --detailed-exitcode`).
    Pending = 2,
    /// The vendor rejected the credentials.
    ApiKeyRejected = 3,
    /// The wait timed out. The task ids were printed.
    TimedOut = 4,
    /// A guard blocked the run.
    GuardBlocked = 5,
    /// Some videos failed or are in doubt.
    Incomplete = 6,
    /// The command line is invalid.
    Usage = 64,
    /// Interrupted.
    Interrupted = 130,
}

impl Exit {
    /// Returns the exit code of the process.
    pub const fn code(self) -> u8 {
        self as u8
    }
}
