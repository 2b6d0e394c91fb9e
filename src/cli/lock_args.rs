//! The command line of `lock`.

use std::path::PathBuf;

use clap::Subcommand;
use clap_complete::ArgValueCompleter;

use super::complete::{keys, taken_keys};
use super::results_args::ReportBy;

/// `lock …`
#[derive(Debug, Subcommand)]
pub enum LockCommand {
    /// List the takes
    Show {
        /// Keys or globs of keys
        #[arg(value_name = "KEY-GLOB", add = ArgValueCompleter::new(taken_keys))]
        globs: Vec<String>,
    },
    /// Check the lockfile, for CI
    Verify {
        /// Check every lockfile staged in git below the current directory or `-C`, for hooks
        #[arg(long)]
        staged: bool,
    },
    /// Give takes up: they no longer count as paid for
    Forget {
        /// Keys
        #[arg(value_name = "KEY", required = true, add = ArgValueCompleter::new(taken_keys))]
        keys: Vec<String>,
    },
    /// Resolve conflict markers to the union of all sides, and unite further files
    Merge {
        /// Files to unite with the lockfile: rescue files, other branches' lockfiles
        #[arg(long, value_name = "FILE")]
        from: Vec<PathBuf>,
    },
    /// Print the records that another lockfile lacks, as a lockfile
    Missing {
        /// The other lockfile, such as the last one that was pushed
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Settle what is in doubt, from the vendor's list of videos
    Settle,
    /// Say that a take in doubt was accepted, and which task or video it is
    Adopt {
        /// The key
        #[arg(add = ArgValueCompleter::new(taken_keys))]
        key: String,
        /// The vendor's task id, where its answer named one
        #[arg(required_unless_present = "video")]
        task: Option<String>,
        /// The id in the vendor's list of videos
        #[arg(long, value_name = "ID", conflicts_with = "task")]
        video: Option<String>,
        /// Which take, where the key has several in doubt: the beginning of its digest
        #[arg(long, value_name = "START")]
        digest: Option<String>,
    },
    /// Say that a take in doubt was not accepted
    Free {
        /// The key
        #[arg(add = ArgValueCompleter::new(taken_keys))]
        key: String,
        /// Which take, where the key has several in doubt: the beginning of its digest
        #[arg(long, value_name = "START")]
        digest: Option<String>,
    },
    /// Treat present specs as submitted: the old videos will do
    #[command(
        after_help = "With --task or --video a video that was made by hand is taken for its one key: nothing is sent."
    )]
    Accept {
        /// Keys
        #[arg(value_name = "KEY", required = true, add = ArgValueCompleter::new(keys))]
        keys: Vec<String>,
        /// The vendor's task id of a video that the lockfile does not know
        #[arg(long, value_name = "ID")]
        task: Option<String>,
        /// Its id in the vendor's list of videos
        #[arg(long, value_name = "ID", conflicts_with = "task")]
        video: Option<String>,
    },
    /// Find the takes of a lost lockfile again at the vendor
    Rebuild,
    /// Count what was paid for: takes, seconds, credits
    Report {
        /// Only what was submitted since a day (`2026-11-01`, UTC) or within a time (`30d`)
        #[arg(long, value_name = "DATE|TIME")]
        since: Option<String>,
        /// What a line stands for
        #[arg(long, value_enum, default_value = "month")]
        by: ReportBy,
    },
}
