//! `lock report`: counts the paid takes.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::plan::{guards, warn_torn};
use super::{Call, Failure, shared};
use crate::cli::exit::Exit;
use crate::cli::format::Format;
use crate::cli::results_args::ReportBy;
use crate::cli::shared_args::GuardArgs;
use crate::cli::span::parse_span;
use crate::lockfile::Store;
use crate::output::{ReportView, report_csv, report_json, report_text};
use crate::plan::{Month, Plan};
use crate::project::{LocalePositions, PresetNames, submission_month};
use crate::results::report;

pub fn run(call: &mut Call, since: Option<&str>, by: ReportBy) -> Result<Exit, Failure> {
    let since = since.map(|text| first_moment(text, call.process_env.now)).transpose()?;
    let (compiled, environment, path) = call.lockfile_context()?;
    let mut store = Store::open(&path)?;
    warn_torn(call, &store)?;
    if let Some(warning) = shared::know(call, (&compiled, &environment), &mut store.lockfile, false)? {
        call.view.warning(&warning)?;
    }
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
        report: &counted,
        budget: budget.as_ref(),
    };
    let text = match call.global.format {
        Format::Json => report_json(&view),
        Format::Csv => report_csv(&view).map_err(|error| Failure::Other(format!("cannot write CSV: {error}")))?,
        Format::Human => report_text(&view, call.view.shape.color_out),
        Format::Yaml | Format::Curl | Format::Markdown | Format::Github | Format::Sarif => {
            return Err(call.unknown_format());
        }
    };
    call.view.data(&text)?;
    Ok(Exit::Ok)
}

/// Returns the start of the report: the start of a day in UTC, or a duration before now.
fn first_moment(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let wrong =
        || Failure::Usage(format!("--since `{text}` is neither a day such as `2026-11-01` nor a time such as `30d`"));
    if let Ok(day) = text.parse::<Date>() {
        return day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(|_| wrong());
    }
    let span = parse_span(text).map_err(|_| wrong())?;
    now.checked_sub(SignedDuration::try_from(span).map_err(|_| wrong())?).map_err(|_| wrong())
}
