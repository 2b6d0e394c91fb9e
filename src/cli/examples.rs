//! The `Examples:` on each help screen: lines to copy, each with its purpose.

use std::fmt::Write as _;

use clap::Command;
use clap::builder::styling::Style;

/// The examples of each command, as its help shows them. A test parses the command lines of all of them.
const EXAMPLES: &str = include_str!("examples.txt");

/// Adds the examples to a command and all its subcommands.
pub fn with_examples(command: Command) -> Command {
    let header = *command.get_styles().get_header();
    attach(command, "callsheet", header)
}

fn attach(command: Command, words: &str, header: Style) -> Command {
    let command = command.mut_subcommands(|inner| {
        let words = format!("{words} {}", inner.get_name());
        attach(inner, &words, header)
    });
    let sections = EXAMPLES.split("## ").filter_map(|section| section.split_once('\n'));
    let Some((_, examples)) = sections.into_iter().find(|(name, _)| name.trim_end() == words) else { return command };
    let mut text = format!("{header}Examples:{header:#}\n{}", examples.trim_end());
    if let Some(more) = command.get_after_help() {
        let _infallible = write!(text, "\n\n{}", more.ansi());
    }
    command.after_help(text)
}

#[cfg(test)]
mod tests {
    use super::*;

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
