//! The `Examples:` on each help screen, and the manual pages with them in a separate section.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use clap::Command;
use clap::builder::styling::Style;
use clap_mangen::Man;

use crate::source::write_output;

/// The heading of clap's page for the text at the end of a help screen.
const EXTRA_HEADING: &str = ".SH EXTRA\nExamples:\n";

/// Returns the page of a program.
///
/// # Errors
///
/// Returns an error if clap cannot write the page.
pub fn page(program: Command) -> io::Result<String> {
    page_of(&Man::new(program))
}

/// Writes the page of a program and one page per command.
///
/// # Errors
///
/// Returns an error if the system cannot write a file.
pub fn write_pages(program: Command, folder: &Path) -> io::Result<()> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    write(&program, folder)
}

fn write(command: &Command, folder: &Path) -> io::Result<()> {
    for inner in command.get_subcommands() {
        write(inner, folder)?;
    }
    let man = Man::new(command.clone());
    write_output(&folder.join(man.get_filename()), page_of(&man)?.as_bytes())
}

fn page_of(man: &Man) -> io::Result<String> {
    let mut bytes = Vec::new();
    man.render(&mut bytes)?;
    Ok(with_headings(&String::from_utf8_lossy(&bytes)))
}

/// Adds headings for the examples and for the text after them.
fn with_headings(page: &str) -> String {
    let Some((head, tail)) = page.split_once(EXTRA_HEADING) else { return page.to_owned() };
    let more = tail.match_indices("\n\n").find(|(at, _)| !tail[at + 2..].starts_with(' '));
    match more {
        Some((at, _)) => format!("{head}.SH EXAMPLES\n{}\n.SH NOTES\n{}", &tail[..at], &tail[at + 2..]),
        None => format!("{head}.SH EXAMPLES\n{tail}"),
    }
}

/// The examples of each command, as its help shows them. A test parses the command lines of all of them.
const EXAMPLES: &str = include_str!("examples.txt");

/// Adds the examples to a command and all its subcommands.
pub fn with_examples(command: Command) -> Command {
    let header = *command.get_styles().get_header();
    let sections = EXAMPLES.split("## ").filter_map(|section| section.split_once('\n'));
    let examples = sections.map(|(words, text)| (words.trim_end(), text.trim_end())).collect();
    attach(command, "callsheet", &examples, header)
}

fn attach(command: Command, words: &str, examples: &HashMap<&str, &str>, header: Style) -> Command {
    let command = command.mut_subcommands(|inner| {
        let words = format!("{words} {}", inner.get_name());
        attach(inner, &words, examples, header)
    });
    let Some(examples) = examples.get(words) else { return command };
    let mut text = format!("{header}Examples:{header:#}\n{examples}");
    if let Some(more) = command.get_after_help() {
        let _infallible = write!(text, "\n\n{}", more.ansi());
    }
    command.after_help(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::command;

    #[test]
    fn examples_and_notes_have_their_headings() {
        let page = with_headings("a\n.SH EXTRA\nExamples:\n  # b\n  $ c\n\n  # d\n  $ e\n\nMore.\n.SH VERSION\n");
        assert_eq!(page, "a\n.SH EXAMPLES\n  # b\n  $ c\n\n  # d\n  $ e\n.SH NOTES\nMore.\n.SH VERSION\n");
        assert_eq!(with_headings("a\n.SH EXTRA\nExamples:\n  # b\n"), "a\n.SH EXAMPLES\n  # b\n");
        let all = page_of(&Man::new(command())).unwrap();
        assert!(all.contains("\n.SH EXAMPLES\n") && all.contains("\n.SH NOTES\nExit codes: "), "{all}");
    }

    fn check(command: &Command, words: &str) -> usize {
        let known = EXAMPLES.lines().filter(|line| line.strip_prefix("## ") == Some(words)).count();
        assert_eq!(known, 1, "`{words}` has {known} lists of examples");
        let inner = command.get_subcommands().map(|inner| check(inner, &format!("{words} {}", inner.get_name())));
        1 + inner.sum::<usize>()
    }

    #[test]
    fn every_command_has_its_examples_and_no_list_is_left_over() {
        assert_eq!(check(&crate::cli::command(), "callsheet"), EXAMPLES.matches("## ").count());
    }
}
