//! The command line of `lock`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use clap_complete::ArgValueCompleter;

use super::project_words::{keys, taken_keys};
use super::shared_args::FetchArgs;

#[derive(Debug, Subcommand)]
pub enum LockCommand {
    /// List takes
    Show {
        /// Select by key or glob
        #[arg(value_name = "KEY-GLOB", add = ArgValueCompleter::new(taken_keys))]
        globs: Vec<String>,
        #[command(flatten)]
        fetch: FetchArgs,
    },
    /// Check the lockfile; for CI
    Verify {
        /// Check every lockfile staged in git below the current directory or `-C`; for hooks
        #[arg(long)]
        staged: bool,
        #[command(flatten)]
        fetch: FetchArgs,
    },
    /// Forget takes, so that their content counts as unpaid
    Forget {
        /// Select takes by key
        #[arg(value_name = "KEY", required = true, add = ArgValueCompleter::new(taken_keys))]
        keys: Vec<String>,
    },
    /// Resolve conflict markers to the union of all sides; add rescue files
    Merge {
        /// Add the records of this file: a rescue file, or another branch's lockfile
        #[arg(long, value_name = "FILE")]
        from: Vec<PathBuf>,
    },
    /// Print the records that another lockfile does not have, as a lockfile
    Missing {
        /// Compare with this lockfile, for example the last one that was pushed
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Settle takes in doubt from the vendor's list; submits nothing
    Settle,
    /// Record that the vendor accepted a take in doubt, by its task or video id
    Adopt {
        /// Select the take by key
        #[arg(add = ArgValueCompleter::new(taken_keys))]
        key: String,
        /// Record this task id of the vendor, if the response had one
        #[arg(required_unless_present = "video")]
        task: Option<String>,
        /// Record this id from the vendor's list of videos
        #[arg(long, value_name = "ID", conflicts_with = "task")]
        video: Option<String>,
        /// Select one of several takes in doubt, by the start of its digest
        #[arg(long, value_name = "START")]
        digest: Option<String>,
    },
    /// Record that the vendor never accepted a take in doubt, so it may be submitted again
    Free {
        /// Select the take by key
        #[arg(required_unless_present = "run", add = ArgValueCompleter::new(taken_keys))]
        key: Option<String>,
        /// Settle all claims of this run of the shared ledger: adopt what the vendor lists, free the rest
        #[arg(long, value_name = "ID", conflicts_with_all = ["key", "digest"])]
        run: Option<String>,
        /// Select one of several takes in doubt, by the start of its digest
        #[arg(long, value_name = "START")]
        digest: Option<String>,
    },
    /// Keep the existing video for a changed spec; submits nothing
    #[command(
        alias = "accept",
        after_help = "With --task or --video, a video made outside callsheet becomes the take of one key. Nothing is sent."
    )]
    Reuse {
        /// Select videos by key
        #[arg(value_name = "KEY", required = true, add = ArgValueCompleter::new(keys))]
        keys: Vec<String>,
        /// Record this task id of the vendor, for a video that is not in the lockfile
        #[arg(long, value_name = "ID")]
        task: Option<String>,
        /// Record this id from the vendor's list of videos
        #[arg(long, value_name = "ID", conflicts_with = "task")]
        video: Option<String>,
    },
    /// Recover the takes of a lost lockfile from the vendor's list
    Rebuild,
    /// Create the shared ledger from the lockfiles of all known branches
    Share,
    /// Close the shared ledger for everyone, and copy its takes into the lockfile
    Unshare,
    /// Read the shared ledger, and publish the records that it does not have
    Fetch,
    /// Report takes, length and credits
    Report {
        /// Report only takes submitted since a day (`2026-11-01`, UTC) or within a time (`30d`)
        #[arg(long, value_name = "DATE|TIME")]
        since: Option<String>,
        /// Group the lines by month, preset or locale
        #[arg(long, value_enum, default_value = "month")]
        by: ReportBy,
    },
}

/// The group of a line in `lock report`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportBy {
    /// The month of the submission, UTC
    Month,
    /// Avatar and voice, by their preset names if the manifest has them
    Preset,
    /// The value of the matrix axis `locale`, `language` or `lang`
    Locale,
}
