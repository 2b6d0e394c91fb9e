//! What the machine can refuse a sandbox.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// Why a sandbox did not start.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// Another process holds the state folder.
    #[error("another sandbox is running on `{}`; stop it, or choose another state folder", .0.display())]
    InUse(PathBuf),
    /// The state folder or a file in it.
    #[error("cannot use `{}`: {source}", path.display())]
    State {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The journal cannot be read.
    #[error("`{}:{line}` is broken: {reason}; move the folder away to start afresh", path.display())]
    Broken {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The address is not on this machine alone.
    #[error("`{0}` can be reached from other machines; the sandbox listens on loopback unless told otherwise")]
    NotLoopback(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on `{address}`: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's words.
        source: io::Error,
    },
}

/// Why nothing was stored.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum StoreError {
    /// The credits do not reach.
    #[error("not enough credits: {wanted:.2} wanted, {left:.2} left")]
    Credits {
        /// What the task costs.
        wanted: f64,
        /// What is left.
        left: f64,
    },
    /// The disk refused.
    #[error("the journal cannot be written: {0}")]
    Disk(String),
    /// The sandbox is going down.
    #[error("the sandbox is going down")]
    Closed,
}
