//! Builds the arguments of a command when it is used, so that no command waits for those of all others.

use std::cell::Cell;

use clap::{ArgMatches, Args, Command, CommandFactory, Error, FromArgMatches, Id, Subcommand};

thread_local! {
    /// `true` while a complete command with all arguments is built.
    static WHOLE: Cell<bool> = const { Cell::new(false) };
}

/// Returns the command with all arguments of all subcommands, for help, completions and manuals.
pub fn whole<T: CommandFactory>() -> Command {
    WHOLE.set(true);
    let command = T::command();
    WHOLE.set(false);
    command
}

/// The arguments or subcommands of a command, built when it is used.
#[derive(Clone, Debug)]
pub struct Late<T>(pub T);

impl<T: Args> Args for Late<T> {
    fn group_id() -> Option<Id> {
        T::group_id()
    }

    fn augment_args(command: Command) -> Command {
        later(command, T::augment_args)
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}

impl<T: Subcommand> Subcommand for Late<T> {
    fn augment_subcommands(command: Command) -> Command {
        later(command, T::augment_subcommands)
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        T::augment_subcommands_for_update(command)
    }

    fn has_subcommand(name: &str) -> bool {
        T::has_subcommand(name)
    }
}

impl<T: FromArgMatches> FromArgMatches for Late<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

fn later(command: Command, augment: fn(Command) -> Command) -> Command {
    if WHOLE.get() { augment(command) } else { command.defer(augment) }
}
