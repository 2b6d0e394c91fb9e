//! Manual pages, with the examples in a separate section.

use std::io;
use std::path::Path;

use clap::Command;
use clap_mangen::Man;

use super::args::command;
use crate::source::write_output;

/// The heading of clap's page for the text at the end of a help screen.
const EXTRA_HEADING: &str = ".SH EXTRA\nExamples:\n";

/// Returns the page of the program.
///
/// # Errors
///
/// Returns an error if clap cannot write the page.
pub fn page() -> io::Result<String> {
    page_of(&Man::new(command()))
}

/// Writes the page of the program and one page per command.
///
/// # Errors
///
/// Returns an error if the system cannot write a file.
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

/// Adds headings for the examples and for the text after them.
fn with_examples(page: &str) -> String {
    let Some((head, tail)) = page.split_once(EXTRA_HEADING) else { return page.to_owned() };
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
