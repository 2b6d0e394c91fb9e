//! Output formats, and which command has which.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgMatches, Command, Error, ValueEnum};

/// Output formats. Each command has some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Human-readable text
    Human,
    /// JSON for programs; long commands stream JSON Lines
    Json,
    /// Specs as YAML
    Yaml,
    /// Runnable curl commands
    Curl,
    /// A pull-request comment
    Markdown,
    /// Annotations, step outputs and summary of GitHub Actions
    Github,
    /// SARIF 2.1.0 for code scanning
    Sarif,
    /// CSV for spreadsheets
    Csv,
}

/// The id of the option in clap, which is the name of its field.
const OPTION: &str = "format";

/// The formats of the commands that have others than text for humans and JSON.
const FORMATS: &[(&str, &[OutputFormat])] = &[
    ("init", &[OutputFormat::Human]),
    ("validate", &[OutputFormat::Human, OutputFormat::Json, OutputFormat::Github, OutputFormat::Sarif]),
    ("render", &[OutputFormat::Human, OutputFormat::Json, OutputFormat::Yaml, OutputFormat::Curl]),
    ("plan", &[OutputFormat::Human, OutputFormat::Json, OutputFormat::Markdown, OutputFormat::Github]),
    ("show", &[OutputFormat::Human, OutputFormat::Json, OutputFormat::Markdown, OutputFormat::Github]),
    ("lock merge", &[OutputFormat::Human]),
    ("lock missing", &[OutputFormat::Human]),
    ("lock share", &[OutputFormat::Human]),
    ("lock unshare", &[OutputFormat::Human]),
    ("lock fetch", &[OutputFormat::Human]),
    ("lock report", &[OutputFormat::Human, OutputFormat::Json, OutputFormat::Csv]),
    ("completions", &[OutputFormat::Human]),
    ("man", &[OutputFormat::Human]),
];

/// Returns the formats of a command, named by its words.
fn formats_of(words: &str) -> &'static [OutputFormat] {
    let found = FORMATS.iter().find(|(command, _)| *command == words);
    found.map_or(&[OutputFormat::Human, OutputFormat::Json], |(_, formats)| formats)
}

/// Restricts the option of each command to its formats, so that help, completions and errors list only these.
pub fn with_formats(root: Command) -> Command {
    let Some(option) = root.get_arguments().find(|one| one.get_id() == OPTION).cloned() else { return root };
    root.mut_subcommands(|command| restricted(command, "", &option))
}

/// A command with subcommands has the formats of all of these.
fn restricted(command: Command, parent: &str, option: &Arg) -> Command {
    let words = format!("{parent} {}", command.get_name()).trim_start().to_owned();
    let mut formats = formats_of(&words).to_vec();
    let inner = command.get_subcommands().map(|inner| formats_of(&format!("{words} {}", inner.get_name())));
    formats.extend(inner.flatten());
    let names = OutputFormat::value_variants()
        .iter()
        .filter(|one| formats.contains(one))
        .filter_map(OutputFormat::to_possible_value);
    let parser = PossibleValuesParser::new(names).try_map(|name| OutputFormat::from_str(&name, false));
    let command = command.mut_subcommands(|inner| restricted(inner, &words, option));
    command.arg(option.clone().value_parser(parser))
}

/// Checks the format of a command again, because an option before the command is parsed without it.
///
/// # Errors
///
/// Returns the error of clap for an invalid value.
pub fn check_format(command: &Command, matches: &ArgMatches) -> Result<(), Error> {
    let mut words = Vec::new();
    let mut inner = matches;
    while let Some((name, next)) = inner.subcommand() {
        words.push(name);
        inner = next;
    }
    let formats = formats_of(&words.join(" "));
    let wrong = matches.get_one::<OutputFormat>(OPTION).filter(|format| !formats.contains(format));
    let Some(wrong) = wrong.and_then(OutputFormat::to_possible_value) else { return Ok(()) };
    let names = formats.iter().filter_map(OutputFormat::to_possible_value).map(|one| one.get_name().to_owned());
    let mut error = Error::new(ErrorKind::InvalidValue).with_cmd(command);
    error.insert(ContextKind::InvalidArg, ContextValue::String("--format <FORMAT>".to_owned()));
    error.insert(ContextKind::InvalidValue, ContextValue::String(wrong.get_name().to_owned()));
    error.insert(ContextKind::ValidValue, ContextValue::Strings(names.collect()));
    Err(error)
}
