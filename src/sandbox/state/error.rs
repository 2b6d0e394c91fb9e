//! Errors of the disk and the network that stop a sandbox.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// Why a sandbox did not start.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// Another process uses the state directory.
    #[error("another sandbox is running on `{}`; stop it, or choose another state folder", .0.display())]
    InUse(PathBuf),
    /// The state directory or a file in it is unusable.
    #[error("cannot use `{}`: {source}", path.display())]
    State {
        /// The file or directory.
        path: PathBuf,
        /// The system error.
        source: io::Error,
    },
    /// The journal cannot be read.
    #[error("`{}:{line}` is broken: {reason}; move the folder away to start again", path.display())]
    Broken {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why the line is invalid.
        reason: String,
    },
    /// Other machines can reach the address.
    #[error("`{0}` can be reached from other machines; the sandbox listens only on loopback by default")]
    NotLoopback(SocketAddr),
    /// The address is unavailable.
    #[error("cannot listen on `{address}`: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system error.
        source: io::Error,
    },
}

/// Why nothing was stored.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum StateError {
    /// Not enough credits are left.
    #[error("not enough credits: {wanted:.2} needed, {left:.2} left")]
    Credits {
        /// The cost of the task.
        wanted: f64,
        /// The remaining credits.
        left: f64,
    },
    /// The disk failed.
    #[error("the journal cannot be written: {0}")]
    Disk(String),
    /// The sandbox is shutting down.
    #[error("the sandbox is shutting down")]
    Closed,
}
