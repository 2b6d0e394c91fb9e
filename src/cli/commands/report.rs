//! `lock report`: counts the paid takes.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::plan::guards;
use super::{CliError, Context, shared_ledger};
use crate::cli::exit::Exit;
use crate::cli::format::OutputFormat;
use crate::cli::lock_args::ReportBy;
use crate::cli::shared_args::{GuardArgs, parse_duration_argument};
use crate::output::{ReportView, report_csv, report_text, versioned};
use crate::plan::{Month, Plan};
use crate::project::{LocalePositions, PresetNames, submission_month};
use crate::results::report;

pub fn run(call: &mut Context, since: Option<&str>, by: ReportBy) -> Result<Exit, CliError> {
    let since = since.map(|text| parse_since(text, call.process_env.now)).transpose()?;
    let (compiled, environment, path) = call.lockfile_context()?;
    let store = shared_ledger::open_known(call, (&compiled, &environment), &path, false)?;
    let presets = PresetNames::from_manifest(&compiled.manifest);
    let locales = LocalePositions::from_videos(&compiled.manifest);
    let counted = report(&store.lockfile, &environment.host, since, |take| match by {
        ReportBy::Month => submission_month(take),
        ReportBy::Preset => presets.group(take),
        ReportBy::Locale => locales.group(take),
    });
    let by = by.to_possible_value();
    let guards = guards(&compiled, &environment, &GuardArgs::default());
    let mut month = Month::starting_with(call.process_env.now);
    month.add(&store.lockfile, &environment.host);
    // A report has no plan.
    let budget = guards.budget(&Plan::default(), &month);
    let view = ReportView {
        environment: &environment.name,
        host: &environment.host,
        by: by.as_ref().map_or("", PossibleValue::get_name),
        since,
        groups: &counted.groups,
        total: &counted.total,
        in_doubt: counted.in_doubt,
        budget: budget.as_ref(),
    };
    let text = match call.global.format {
        OutputFormat::Json => versioned(&view),
        OutputFormat::Csv => {
            report_csv(&view).map_err(|error| CliError::Other(format!("cannot write CSV: {error}")))?
        }
        OutputFormat::Human => report_text(&view, call.view.shape.color_out),
        _ => return Err(call.unknown_format()),
    };
    call.view.data(&text)?;
    Ok(Exit::Success)
}

/// Returns the start of the report: the start of a day in UTC, or a duration before now.
fn parse_since(text: &str, now: Timestamp) -> Result<Timestamp, CliError> {
    let wrong =
        || CliError::Usage(format!("--since `{text}` is neither a day such as `2026-11-01` nor a time such as `30d`"));
    if let Ok(day) = text.parse::<Date>() {
        return day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(|_| wrong());
    }
    let span = parse_duration_argument(text).map_err(|_| wrong())?;
    now.checked_sub(SignedDuration::try_from(span).map_err(|_| wrong())?).map_err(|_| wrong())
}
