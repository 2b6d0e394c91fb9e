//! Adds the flags that select a project and an environment to the commands in messages.

use std::borrow::Cow;

use super::text::quote;

/// The commands that act the same in all environments, except with `--catalog` and `--format curl`.
const WITHOUT_ENVIRONMENT: [&str; 5] = ["init", "render", "sandbox", "schema", "validate"];

/// The programs that messages name, each with the flags that select a project and an environment.
///
/// Modules that write `callsheet plan` do not know the flags. Without them, the command would act on another project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    /// `callsheet -C shop --env staging`
    pub callsheet: String,
    /// `callsheet -C shop`
    pub without_environment: String,
    /// `git -C shop`
    pub git: String,
}

impl Programs {
    /// Returns the programs for a project and an environment. `None` needs no flag.
    pub fn new(directory: Option<&str>, environment: Option<&str>) -> Self {
        let flag = |name: &str, value: Option<&str>| value.map(|value| format!(" {name} {}", quote(value)));
        let directory = flag("-C", directory).unwrap_or_default();
        let environment = flag("--env", environment).unwrap_or_default();
        Self {
            callsheet: format!("callsheet{directory}{environment}"),
            without_environment: format!("callsheet{directory}"),
            git: format!("git{directory}"),
        }
    }

    /// Returns a message with the flags in every command in backticks. Only some commands of git are about files of the
    /// project.
    pub fn insert_into<'a>(&self, message: &'a str) -> Cow<'a, str> {
        let callsheet = |rest: &str| {
            let command = rest.split('`').next().unwrap_or_default();
            let mut words = command.split(' ');
            let first = words.next().unwrap_or_default();
            let by_option = words.any(|word| matches!(word, "--catalog" | "curl"));
            match first.starts_with(|one: char| one.is_ascii_lowercase()) {
                true if WITHOUT_ENVIRONMENT.contains(&first) && !by_option => &*self.without_environment,
                true => &*self.callsheet,
                false => "callsheet",
            }
        };
        let of_project = |rest: &str| ["add", "checkout", "diff", "lfs"].iter().any(|word| rest.starts_with(word));
        let git = |rest: &str| if of_project(rest) { &*self.git } else { "git" };
        insert(insert(Cow::Borrowed(message), "callsheet", callsheet), "git", git)
    }
}

/// Replaces a program at the start of each command with what `with` returns for the rest of the command.
fn insert<'a, 'p>(message: Cow<'a, str>, name: &str, with: impl Fn(&str) -> &'p str) -> Cow<'a, str> {
    let start = format!("`{name} ");
    if !message.contains(&start) {
        return message;
    }
    let mut parts = message.split(&*start);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.extend(["`", with(part), " ", part]);
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_get_the_flags_once_and_only_those_in_backticks() {
        let programs = Programs::new(Some("a b"), Some("x"));
        for (message, expected) in [
            ("run `callsheet lock merge`", "run `callsheet -C 'a b' --env x lock merge`"),
            (
                "`callsheet plan`, `callsheet pull`",
                "`callsheet -C 'a b' --env x plan`, `callsheet -C 'a b' --env x pull`",
            ),
            ("`git diff -- callsheet.lock`", "`git -C 'a b' diff -- callsheet.lock`"),
            ("`callsheet -C c plan`", "`callsheet -C c plan`"),
            ("`callsheet init`, `callsheet.yaml`", "`callsheet -C 'a b' init`, `callsheet.yaml`"),
            ("`callsheet validate --watch`", "`callsheet -C 'a b' validate --watch`"),
            ("`callsheet validate --catalog`", "`callsheet -C 'a b' --env x validate --catalog`"),
            ("`git status`", "`git status`"),
            ("another callsheet apply is running", "another callsheet apply is running"),
        ] {
            assert_eq!(programs.insert_into(message), expected);
            assert_eq!(Programs::new(None, None).insert_into(message), message);
        }
    }
}
