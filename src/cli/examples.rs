//! The `Examples:` on each help screen: lines to copy, each with its purpose.

use std::fmt::Write as _;

use clap::Command;
use clap::builder::styling::Style;

/// The purpose and the command line.
type Example = (&'static str, &'static str);

/// The examples by command. A test parses the command lines of all of them from the screens.
const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "",
        &[
            ("start a project in this folder", "callsheet init"),
            ("see what would be submitted, and why; no credentials, no network", "callsheet plan"),
            ("try it out on the built-in sandbox: nothing is paid for", "callsheet apply --env sandbox --yes"),
            ("submit what is new, then save the videos when they are made", "callsheet apply && callsheet pull --wait"),
        ],
    ),
    (
        "init",
        &[
            ("a project in this folder", "callsheet init"),
            ("a project in a folder of its own", "callsheet init -C onboarding"),
        ],
    ),
    (
        "validate",
        &[
            ("check everything that this folder's project holds", "callsheet validate"),
            ("check again whenever something is saved", "callsheet validate --watch"),
            ("ids and emotions too; `callsheet catalog sync` fetches the lists", "callsheet validate --catalog"),
            ("a log for code scanning", "callsheet validate --format sarif > callsheet.sarif"),
        ],
    ),
    (
        "render",
        &[
            ("every video with every field, defaults filled in", "callsheet render"),
            ("one of them, for programs", "callsheet render 'onboarding[de,pro]' --format json"),
            ("the very request that apply would send", "callsheet render --limit 1 --format curl"),
        ],
    ),
    (
        "explain",
        &[
            ("each value, the preset and the manifest line it came from", "callsheet explain 'onboarding[de,pro]'"),
            ("no value cut short", "callsheet explain 'onboarding[de,pro]' --verbose"),
        ],
    ),
    (
        "plan",
        &[
            ("what apply would submit", "callsheet plan"),
            ("the German videos only", "callsheet plan 'onboarding[de,*]'"),
            ("save it, so that apply does exactly this", "callsheet plan --out onboarding.plan"),
            ("a comment for a pull request", "callsheet plan --format markdown > plan.md"),
        ],
    ),
    (
        "show",
        &[
            ("read a plan that `plan --out` saved", "callsheet show onboarding.plan"),
            ("the same, for programs", "callsheet show onboarding.plan --format json"),
        ],
    ),
    (
        "apply",
        &[
            ("show the plan, ask, submit", "callsheet apply"),
            ("a canary: the first video only", "callsheet apply --limit 1"),
            ("in a pipeline: do not ask, spend 200 credits at most", "callsheet apply --yes --max-credits 200"),
            ("exactly what was planned, or nothing", "callsheet apply --yes onboarding.plan"),
        ],
    ),
    (
        "status",
        &[
            ("ask the vendor how the videos stand", "callsheet status"),
            ("ask nobody: what the lockfile knows", "callsheet status --offline"),
            ("look again until nothing is under way", "callsheet status --watch"),
            ("a nightly job that fails before a result is lost", "callsheet status --fail-on-expiring 48h"),
        ],
    ),
    (
        "wait",
        &[
            ("until all videos are made, 30 minutes at most", "callsheet wait"),
            ("only some, and not so long", "callsheet wait 'onboarding[de,*]' --timeout 10m"),
        ],
    ),
    (
        "pull",
        &[
            ("save what is finished into `dist`", "callsheet pull"),
            ("wait for the rest first", "callsheet pull --wait --timeout 20m"),
            ("a folder for each entry", "callsheet pull --name '{base}/{key}.{ext}'"),
        ],
    ),
    (
        "preview",
        &[
            ("frames of all videos, and a page to open in a browser", "callsheet preview"),
            (
                "safe areas drawn over some of them, in full size",
                "callsheet preview 'onboarding[de,*]' --guides --scale 1",
            ),
            ("drafts to watch", "callsheet preview --limit 1 --video"),
            ("remote backgrounds too, into the folder `site`", "callsheet preview --fetch --out site"),
        ],
    ),
    (
        "lock",
        &[
            ("what was paid for", "callsheet lock show"),
            ("a check for pipelines", "callsheet lock verify"),
            ("mend a merge that git left with conflict markers", "callsheet lock merge"),
        ],
    ),
    (
        "lock show",
        &[
            ("all takes", "callsheet lock show"),
            ("some, with their specs", "callsheet lock show 'onboarding[de,*]' --format json"),
        ],
    ),
    (
        "lock verify",
        &[
            ("exit code 1 when something must not stay", "callsheet lock verify"),
            ("the findings for programs", "callsheet lock verify --format json"),
            ("every lockfile that the next commit would have", "callsheet lock verify --staged"),
        ],
    ),
    ("lock forget", &[("buy a video again that no manifest wants any more", "callsheet lock forget 'teaser[de]'")]),
    (
        "lock merge",
        &[
            ("both sides of a git merge", "callsheet lock merge"),
            (
                "lines that an apply could not write into the lockfile",
                "callsheet lock merge --from callsheet.lock.rescue",
            ),
        ],
    ),
    (
        "lock missing",
        &[
            ("what the pushed lockfile does not have yet", "callsheet lock missing pushed.lock"),
            ("keep it, for `lock merge --from`", "callsheet lock missing pushed.lock > unrecorded.lock"),
        ],
    ),
    ("lock settle", &[("find out what became of lost answers; nothing is sent", "callsheet lock settle")]),
    (
        "lock adopt",
        &[
            ("the vendor has it: this is its task", "callsheet lock adopt 'onboarding[de,pro]' OFZ2MTI5"),
            ("the same by its id in the vendor's list", "callsheet lock adopt 'onboarding[de,pro]' --video 8812345"),
        ],
    ),
    (
        "lock free",
        &[
            ("the vendor does not have it: send it again", "callsheet lock free 'onboarding[de,pro]'"),
            ("one of several in doubt", "callsheet lock free 'onboarding[de,pro]' --digest v1:9f3a"),
        ],
    ),
    (
        "lock reuse",
        &[
            ("the old German videos will do, whatever changed", "callsheet lock reuse 'onboarding[de,*]'"),
            ("a video that was made by hand", "callsheet lock reuse 'onboarding[fr,pro]' --video 8812345"),
        ],
    ),
    ("lock rebuild", &[("the lockfile is lost: ask the vendor what there is", "callsheet lock rebuild")]),
    (
        "lock report",
        &[
            ("what each month cost", "callsheet lock report"),
            ("the last 30 days, by language", "callsheet lock report --since 30d --by locale"),
            ("for a spreadsheet", "callsheet lock report --by preset --format csv > credits.csv"),
        ],
    ),
    (
        "catalog",
        &[
            ("fetch the vendor's lists", "callsheet catalog sync"),
            ("look for a voice, offline", "callsheet catalog voices german female"),
        ],
    ),
    (
        "catalog sync",
        &[
            ("fetch all lists anew", "callsheet catalog sync"),
            ("the sandbox's, without a key", "callsheet catalog sync --env sandbox"),
        ],
    ),
    (
        "catalog avatars",
        &[
            ("all avatars", "callsheet catalog avatars"),
            ("some, for programs", "callsheet catalog avatars female --format json"),
        ],
    ),
    (
        "catalog voices",
        &[
            ("all voices of a language", "callsheet catalog voices german"),
            ("those that know an emotion", "callsheet catalog voices english cheerful"),
        ],
    ),
    ("catalog templates", &[("all templates", "callsheet catalog templates")]),
    (
        "doctor",
        &[
            ("check the project, git, the network and the credentials", "callsheet doctor"),
            ("the same for programs, of another environment", "callsheet doctor --env sandbox --format json"),
            ("measure the vendor by one silent second, which costs credits", "callsheet doctor --spend --yes"),
        ],
    ),
    (
        "sandbox",
        &[
            ("the vendor's double on port 8787", "callsheet sandbox"),
            ("as quick as it can be, on a free port", "callsheet sandbox --port 0 --rate 0 --queue 0 --render 0"),
            (
                "a bad day: answers are lost, and all is too fast",
                "callsheet sandbox --fault accept-then-drop:5% --fault 803:3",
            ),
        ],
    ),
    (
        "schema",
        &[
            ("of manifests", "callsheet schema > callsheet.schema.json"),
            ("of manifests with this project's names, where editors look", "callsheet schema --project --write"),
            ("of what another command writes", "callsheet schema events"),
        ],
    ),
    (
        "completions",
        &[
            ("bash, in ~/.bashrc", "source <(callsheet completions bash)"),
            ("zsh, in ~/.zshrc", "source <(callsheet completions zsh)"),
            ("fish, in ~/.config/fish/config.fish", "callsheet completions fish | source"),
        ],
    ),
    (
        "man",
        &[
            ("read the manual page", "callsheet man | man -l -"),
            ("a page for each command, where `man` finds them", "callsheet man --out ~/.local/share/man/man1"),
        ],
    ),
];

/// Adds the examples to a command and all its subcommands.
pub fn with_examples(command: Command) -> Command {
    let header = *command.get_styles().get_header();
    attach(command, "", header)
}

fn attach(command: Command, words: &str, header: Style) -> Command {
    let command = command.mut_subcommands(|inner| {
        let words = format!("{words} {}", inner.get_name());
        attach(inner, words.trim_start(), header)
    });
    let Some((_, examples)) = EXAMPLES.iter().find(|(known, _)| *known == words) else { return command };
    let mut text = format!("{header}Examples:{header:#}");
    for (number, (what, line)) in examples.iter().enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        let _infallible = write!(text, "{gap}\n  # {what}\n  $ {line}");
    }
    if let Some(more) = command.get_after_help() {
        let _infallible = write!(text, "\n\n{}", more.ansi());
    }
    command.after_help(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &Command, words: &str) -> usize {
        let known = EXAMPLES.iter().filter(|(known, _)| *known == words).count();
        assert_eq!(known, 1, "`{words}` has {known} lists of examples");
        let inner = command.get_subcommands().map(|inner| check(inner, format!("{words} {}", inner.get_name()).trim()));
        1 + inner.sum::<usize>()
    }

    #[test]
    fn every_command_has_its_examples_and_no_list_is_left_over() {
        assert_eq!(check(&crate::cli::command(), ""), EXAMPLES.len());
    }
}
