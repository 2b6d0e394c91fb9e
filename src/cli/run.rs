//! Runs a command line: parses it, dispatches it, shows errors, and returns the exit code.

use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::args::{command, parse};
use super::commands::{self, CliError, Context};
use super::complete;
use super::exit::Exit;
use super::format::OutputFormat;
use super::shared_args::ColorWhen;
use crate::output::{CommandEscaper, View, ViewOptions, start_log};
use crate::preview::{DRAW_ARGUMENT, DrawProcess, draw_as_child};
use crate::project::{ProcessEnv, environment_name};
use crate::source::sanitize_lines;

/// Maximum number of commands that a suggestion lists.
const MAX_LISTED: usize = 3;

/// The inputs of a process: streams, directory, environment and clock.
pub struct Streams {
    /// The stream for data.
    pub out: Box<dyn Write + Send>,
    /// The stream for messages.
    pub err: Box<dyn Write + Send>,
    /// The stream with answers to questions.
    pub input: Box<dyn BufRead + Send>,
    /// Whether stdin, stdout and stderr are terminals.
    pub terminals: [bool; 3],
    /// The working directory.
    pub working_directory: PathBuf,
    /// Environment variables and clock.
    pub process_env: ProcessEnv,
    /// The place where images from unknown sources are decoded.
    pub draw_in: DrawProcess,
}

impl Streams {
    /// Returns the inputs of the current process.
    pub fn of_process() -> Self {
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            input: Box::new(io::BufReader::new(io::stdin())),
            terminals: [io::stdin().is_terminal(), io::stdout().is_terminal(), io::stderr().is_terminal()],
            working_directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            process_env: ProcessEnv::from_process(),
            draw_in: DrawProcess::children(),
        }
    }
}

/// Runs one command line to completion.
pub fn run(args: impl IntoIterator<Item = OsString>, mut streams: Streams) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    // Only the script from `completions` passes such words. Another use of the variable does not stop the program.
    if let (Some(shell), Some(words)) = (streams.process_env.var(complete::VARIABLE), words(&args)) {
        let answer = complete::complete(shell, words, &streams.working_directory);
        return answer.map_or(Exit::Error, |answer| answered(&answer, Exit::Success, &mut streams));
    }
    if args.get(1).is_some_and(|word| word == DRAW_ARGUMENT) {
        // The image, or the reason why there is none.
        return match draw_as_child(&args[2..], &mut streams.input) {
            Ok(picture) => answered(&picture, Exit::Success, &mut streams),
            Err(why) => answered(why.as_bytes(), Exit::Error, &mut streams),
        };
    }
    let cli = match parse(args) {
        Ok(cli) => cli,
        Err(error) => return usage(error, &mut streams),
    };
    let shape = ViewOptions {
        color_out: color(cli.global.color, streams.terminals[1], &streams.process_env),
        color_err: color(cli.global.color, streams.terminals[2], &streams.process_env),
        width: width(&streams.process_env),
        quiet: cli.global.quiet,
        verbose: cli.global.verbose,
        progress_bars: streams.terminals[2] && can_redraw(&streams.process_env),
        json: cli.global.format == OutputFormat::Json,
        github_actions: in_github_actions(&streams.process_env),
    };
    let view = View::new(streams.out, streams.err, shape);
    start_log(&view);
    let mut call = Context {
        global: cli.global,
        process_env: streams.process_env,
        working_directory: streams.working_directory,
        view,
        input: streams.input,
        interactive: streams.terminals[0],
        draw_in: streams.draw_in,
        root_logged: std::cell::Cell::new(false),
        clock_warned: std::cell::Cell::new(false),
        tokens: std::cell::OnceCell::new(),
    };
    let environment = environment_name(call.global.env.as_deref(), &call.process_env);
    call.view.programs = call.programs(environment);
    let ended = commands::dispatch(cli.command, &mut call);
    finish(ended, &mut call)
}

/// Returns the command line to complete, after `--`.
fn words(args: &[OsString]) -> Option<Vec<OsString>> {
    args.get(1).filter(|word| *word == "--").map(|_| args[2..].to_vec())
}

/// Writes the answer to another program: a shell, or the parent process.
fn answered(answer: &[u8], exit: Exit, streams: &mut Streams) -> Exit {
    let written = streams.out.write_all(answer).and_then(|()| streams.out.flush());
    if written.is_ok() { exit } else { Exit::Error }
}

fn finish(ended: Result<Exit, CliError>, call: &mut Context) -> Exit {
    match ended {
        Ok(exit) => exit,
        // The reader has closed the stream, so there is nothing to report.
        Err(CliError::Stream(error)) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
        Err(failure) => {
            let exit = failure.exit();
            drop(call.view.error(&failure.to_string()));
            exit
        }
    }
}

fn usage(error: clap::Error, streams: &mut Streams) -> Exit {
    let (to_out, exit) = if error.use_stderr() { (false, Exit::Usage) } else { (true, Exit::Success) };
    let terminal = streams.terminals[if to_out { 1 } else { 2 }];
    let text = with_hint(error).render();
    let plain = text.to_string();
    let safe = sanitize_lines(&plain);
    let colored = color(ColorWhen::Auto, terminal, &streams.process_env) && safe == plain;
    let text = if colored { text.ansi().to_string() } else { safe };
    let text = if in_github_actions(&streams.process_env) { CommandEscaper::default().defuse(&text) } else { text };
    let stream = if to_out { &mut streams.out } else { &mut streams.err };
    drop(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()));
    exit
}

fn color(when: ColorWhen, terminal: bool, process_env: &ProcessEnv) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto if process_env.var("NO_COLOR").is_some() => false,
        ColorWhen::Auto if process_env.var("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        ColorWhen::Auto => terminal && process_env.var("TERM") != Some("dumb"),
    }
}

/// Returns `true` if a runner of GitHub Actions, or a compatible one, reads the output.
fn in_github_actions(process_env: &ProcessEnv) -> bool {
    process_env.var("GITHUB_ACTIONS").is_some()
}

/// Returns `true` if the terminal can overwrite its output. Another one gets lines, without losing any. CI systems
/// may offer a terminal, but store its output as a log.
fn can_redraw(process_env: &ProcessEnv) -> bool {
    process_env.var("CI").is_none_or(str::is_empty)
        && process_env.var("TERM").map_or(cfg!(windows), |term| term != "dumb")
}

fn width(process_env: &ProcessEnv) -> usize {
    let told = process_env.var("COLUMNS").and_then(|columns| columns.parse().ok());
    told.or_else(|| terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0)))
        .unwrap_or(100)
        .clamp(40, 400)
}

/// Replaces clap's tip with ours if the word comes from another tool, or is a flag of another command.
pub(super) fn with_hint(mut error: Error) -> Error {
    let is_unknown = error.kind() == ErrorKind::UnknownArgument;
    if is_unknown {
        // It would not help: `-- --yes` would select a video with that name.
        error.remove(ContextKind::Suggested);
    }
    let word = [ContextKind::InvalidArg, ContextKind::InvalidSubcommand].into_iter().find_map(|kind| {
        let Some(ContextValue::String(word)) = error.get(kind) else { return None };
        Some(word.split('=').next().unwrap_or(word).to_owned())
    });
    let Some(word) = word else { return error };
    let tip = if let Some(tip) = hint(&word) {
        for guess in [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue] {
            error.remove(guess);
        }
        Some(tip.to_owned())
    } else {
        is_unknown.then(|| flag_hint(&word)).flatten()
    };
    if let Some(tip) = tip {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
    error
}

/// Returns the commands that have a flag: "`--yes` is a flag of `apply`, `doctor`".
fn flag_hint(word: &str) -> Option<String> {
    fn find(command: &clap::Command, path: &str, flag: &str, found: &mut Vec<String>) {
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            let path = format!("{path}{}", inner.get_name());
            if inner.get_arguments().any(|arg| !arg.is_hide_set() && arg.get_long() == Some(flag)) {
                found.push(format!("`{path}`"));
            }
            find(inner, &format!("{path} "), flag, found);
        }
    }
    let mut found = Vec::new();
    find(&command(), "", word.strip_prefix("--")?, &mut found);
    let more = found.len().saturating_sub(MAX_LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    found.truncate(MAX_LISTED);
    (!found.is_empty()).then(|| format!("`{word}` is a flag of {}{more}", found.join(", ")))
}

/// Returns the suggestion for a word.
fn hint(word: &str) -> Option<&'static str> {
    Some(match word {
        "--dry-run" | "--check" | "diff" => "`callsheet plan` shows what apply would submit, and sends nothing",
        "--json" => "write `--format json`",
        "--auto-approve" | "--force" | "--assume-yes" => {
            "`--yes` applies without asking; guards are lifted by their own flags"
        }
        "--target" | "--filter" | "--select" => {
            "name the videos as arguments, or with `--only`: keys or globs such as `onboarding[de,*]`"
        }
        "--no-color" | "--no-colour" | "--colour" => "write `--color never`, or set NO_COLOR",
        "--environment" | "--profile" | "--sandbox" => "write `--env NAME`; `--env sandbox` is built in",
        "--watch" => "`callsheet validate --watch` validates whenever a file is saved; it submits nothing",
        "version" => "write `callsheet --version`",
        "check" | "lint" => "`callsheet validate` checks all manifests, scripts and data",
        "run" | "submit" | "deploy" | "up" | "push" | "create" => {
            "`callsheet apply` submits new and changed videos, after confirmation"
        }
        "accept" => "`lock accept` is now `lock reuse`: it keeps the existing video for a changed spec",
        "download" | "fetch" | "get" => "`callsheet pull` saves finished videos",
        "list" | "ls" => "`callsheet status` lists videos with their state; `callsheet render` shows them in full",
        "new" => "`callsheet init` starts a project",
        "destroy" | "delete" | "rm" => {
            "submitted videos are paid for and cannot be undone; a video that is removed from the manifest is no longer submitted"
        }
        "unlock" | "force-unlock" => "the lock of a machine ends with the process that holds it",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_that_can_draw_over_itself_gets_bars() {
        let with = |env: &[(&str, &str)]| ProcessEnv {
            env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..ProcessEnv::from_process()
        };
        let process_env = |term: Option<&str>| with(&term.map(|term| ("TERM", term)).into_iter().collect::<Vec<_>>());
        assert!(can_redraw(&process_env(Some("xterm"))));
        assert!(!can_redraw(&process_env(Some("dumb"))));
        assert_eq!(can_redraw(&process_env(None)), cfg!(windows));
        assert!(!can_redraw(&with(&[("TERM", "xterm"), ("CI", "true")])));
        assert!(can_redraw(&with(&[("TERM", "xterm"), ("CI", "")])));
    }
}
