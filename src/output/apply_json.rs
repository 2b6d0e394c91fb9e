//! `apply`, `wait`, `pull`, `lock settle`, `lock rebuild` with `--format json`: JSON Lines, format 1; the last event is
//! `summary`. `sandbox` has one event.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

use super::doctor::MeasuredV1;
use crate::{apply, results};

/// One line of `apply`, `wait`, `pull`, `doctor --spend`, `lock settle`, `lock rebuild` or `sandbox` with `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum EventV1 {
    /// The plan, before anything is sent.
    Plan {
        /// 1.
        format_version: u32,
        /// The environment's name.
        environment: String,
        /// The vendor's host.
        host: String,
        /// Submissions planned.
        submit: u64,
        /// Takes in doubt.
        in_doubt: u64,
    },
    /// The observations of `doctor --spend`.
    Measured(Box<MeasuredV1>),
    /// The sandbox serves, until it is stopped.
    Listening {
        /// 1.
        format_version: u32,
        /// The base URL.
        base_url: String,
    },
    /// The error that ended the run. The summary follows.
    Error {
        /// The message.
        message: String,
    },
    /// The end: always the last line.
    Summary(SummaryV1),
}

/// The result of a run.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct SummaryV1 {
    /// 1.
    pub format_version: u32,
    /// The results of the submissions.
    #[serde(flatten)]
    pub counts: apply::ApplySummary,
    /// Videos with nothing to do.
    pub unchanged: u64,
    /// Estimated seconds of the submitted videos, without audio files of unknown length.
    pub seconds: f64,
    /// Estimated credits that this run spent, without audio files of unknown length.
    pub credits: f64,
    /// The upper estimate of `credits`, with 10 minutes for each audio file of unknown length.
    pub credits_at_most: f64,
    /// Finished takes, of those that were waited for.
    pub done: usize,
    /// Takes that were not finished when the wait ended.
    pub open: usize,
    /// Takes that failed at the vendor, of those that were waited for or pulled.
    pub failed: usize,
    /// Files that were saved.
    pub saved: usize,
    /// Files that were already complete.
    pub kept: usize,
    /// Files that could not be saved.
    pub not_saved: usize,
    /// Bytes downloaded for files.
    pub moved: u64,
    /// Whether it was stopped.
    pub interrupted: bool,
    /// The exit code of the process.
    pub exit_code: u8,
}

/// The type of a line: an event of one of three kinds.
pub struct AnyEvent;

impl JsonSchema for AnyEvent {
    fn schema_name() -> Cow<'static, str> {
        EventV1::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut of_results = results::ResultsEvent::json_schema(generator);
        let mut of_apply = apply::ApplyEvent::json_schema(generator);
        let mut schema = EventV1::json_schema(generator);
        // In the order of a run: the plan, submissions, results, what ends it.
        let warning = |event: &Value| event["properties"]["event"]["const"] == "warning";
        let end = variants(&mut of_apply).iter().position(warning).unwrap_or_default();
        variants(&mut of_apply).splice(end..end, variants(&mut of_results).drain(..));
        variants(&mut schema).splice(1..1, variants(&mut of_apply).drain(..));
        schema
    }
}

/// Returns the variants of an enum's schema.
fn variants(schema: &mut Schema) -> &mut Vec<Value> {
    schema.get_mut("oneOf").and_then(Value::as_array_mut).expect("an enum has variants")
}
