//! Manual pages, with the examples in a part of their own.

use std::io;
use std::path::Path;

use clap::Command;
use clap_mangen::Man;

use super::args::command;
use crate::source::write_output;

/// What clap's page has before what a help screen ends with.
const ENDING: &str = ".SH EXTRA\nExamples:\n";

/// The page of the program.
///
/// # Errors
/// When clap refuses to write it.
pub fn page() -> io::Result<String> {
    page_of(&Man::new(command()))
}

/// Writes the page of the program and one of each command.
///
/// # Errors
/// When the system refuses to write one.
pub fn write_pages(folder: &Path) -> io::Result<()> {
    let mut command = command().disable_help_subcommand(true);
    command.build();
    write(&command, folder)
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
    Ok(with_examples(&String::from_utf8_lossy(&bytes)))
}

/// A page whose examples, and what follows them, have their headings.
fn with_examples(page: &str) -> String {
    let Some((head, tail)) = page.split_once(ENDING) else { return page.to_owned() };
    let more = tail.match_indices("\n\n").find(|(at, _)| !tail[at + 2..].starts_with(' '));
    match more {
        Some((at, _)) => format!("{head}.SH EXAMPLES\n{}\n.SH NOTES\n{}", &tail[..at], &tail[at + 2..]),
        None => format!("{head}.SH EXAMPLES\n{tail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_and_notes_have_their_headings() {
        let page = with_examples("a\n.SH EXTRA\nExamples:\n  # b\n  $ c\n\n  # d\n  $ e\n\nMore.\n.SH VERSION\n");
        assert_eq!(page, "a\n.SH EXAMPLES\n  # b\n  $ c\n\n  # d\n  $ e\n.SH NOTES\nMore.\n.SH VERSION\n");
        assert_eq!(with_examples("a\n.SH EXTRA\nExamples:\n  # b\n"), "a\n.SH EXAMPLES\n  # b\n");
        let all = page_of(&Man::new(command())).unwrap();
        assert!(all.contains("\n.SH EXAMPLES\n") && all.contains("\n.SH NOTES\nExit codes: "), "{all}");
    }
}
