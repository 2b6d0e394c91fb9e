//! Output formats.

use clap::ValueEnum;

/// Output formats. Each command supports some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Human-readable text
    Human,
    /// JSON for programs; long commands stream JSON Lines
    Json,
    /// YAML, for `render` only
    Yaml,
    /// Runnable curl commands, for `render` only
    Curl,
    /// A pull-request comment, for `plan` only
    Markdown,
    /// Annotations, step outputs and summary of GitHub Actions, for `validate` and `plan`
    Github,
    /// SARIF 2.1.0 for code scanning, for `validate` only
    Sarif,
    /// CSV, for `lock report` only
    Csv,
}
