//! Adds the flags that select a project and an environment to the commands in messages.

use std::borrow::Cow;

use super::text::quote;

/// The programs that messages name, each with the flags that select a project and an environment.
///
/// Modules that write `callsheet plan` do not know the flags. Without them, the command would act on another project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    /// `callsheet -C shop --env staging`
    pub callsheet: String,
    /// `git -C shop`
    pub git: String,
}

impl Programs {
    /// Returns the programs for a project and an environment. `None` needs no flag.
    pub fn new(directory: Option<&str>, environment: Option<&str>) -> Self {
        let flag = |name: &str, value: Option<&str>| value.map(|value| format!(" {name} {}", quote(value)));
        let directory = flag("-C", directory).unwrap_or_default();
        let environment = flag("--env", environment).unwrap_or_default();
        Self { callsheet: format!("callsheet{directory}{environment}"), git: format!("git{directory}") }
    }

    /// Returns a message with the flags in every command in backticks. Only some commands of git are about files of the
    /// project.
    pub fn insert_into<'a>(&self, message: &'a str) -> Cow<'a, str> {
        let callsheet = |rest: &str| rest.starts_with(|one: char| one.is_ascii_lowercase());
        let git = |rest: &str| ["add", "checkout", "diff", "lfs"].iter().any(|word| rest.starts_with(word));
        insert(insert(Cow::Borrowed(message), ("callsheet", &self.callsheet), callsheet), ("git", &self.git), git)
    }
}

/// Replaces a program at the start of each command for which `applies` returns `true`.
fn insert<'a>(message: Cow<'a, str>, (name, with): (&str, &str), applies: impl Fn(&str) -> bool) -> Cow<'a, str> {
    let start = format!("`{name} ");
    if with == name || !message.contains(&start) {
        return message;
    }
    let mut parts = message.split(&*start);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.extend(["`", if applies(part) { with } else { name }, " ", part]);
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
            ("`callsheet init`, `callsheet.yaml`", "`callsheet -C 'a b' --env x init`, `callsheet.yaml`"),
            ("`git status`", "`git status`"),
            ("another callsheet apply is running", "another callsheet apply is running"),
        ] {
            assert_eq!(programs.insert_into(message), expected);
            assert_eq!(Programs::new(None, None).insert_into(message), message);
        }
    }
}
