//! Decodes the shared ledger's setting. A merged manifest must not send anything elsewhere: a remote is a name.

use std::sync::Arc;

use super::decoder::Decoder;
use super::settings::setting;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{LedgerDecl, Setting};
use crate::yaml::Entry;

/// Decodes the ledger. Reports each value that git or the ledger cannot use.
pub(super) fn ledger(reader: &mut Decoder<'_>, entry: &Entry) -> Option<LedgerDecl> {
    let map = reader.map(&entry.value)?;
    let mut checked = |key: &str, check: fn(&str) -> Result<(), String>, help: &str| {
        let made: Option<Setting<Arc<str>>> = setting(reader, map, key);
        let made = made?;
        match check(&made.value) {
            Ok(()) => Some(made),
            Err(why) => {
                reader.report_error(Diagnostic::new(Code::BadLedger, format!("`{key}` {why}"), made.origin).help(help));
                None
            }
        }
    };
    let branch = checked("branch", branch, "write a name such as `callsheet/ledger`");
    let remote = checked("remote", remote, "write the name of a remote, as `git remote` lists it: `origin`");
    let name = checked("name", folder, "write the directory of the project on the branch, such as `videos`");
    let is_lost = (map.get("remote").is_some() && remote.is_none()) || (map.get("name").is_some() && name.is_none());
    Some(LedgerDecl { branch: branch.filter(|_| !is_lost)?, remote, name })
}

fn branch(text: &str) -> Result<(), String> {
    if text.starts_with('-') {
        return Err(format!("must not begin with `-`, as `{text}` does"));
    }
    if !text.starts_with("refs/") && text == "HEAD" {
        return Err("must be a branch, not `HEAD`".to_owned());
    }
    reference(text).map_err(|why| format!("must be a valid branch name, but `{text}` {why}"))
}

fn remote(text: &str) -> Result<(), String> {
    if text.contains("://") || text.contains('@') || text.contains(':') || text.starts_with(['/', '.', '-']) {
        return Err("must be the name of a remote, not an address".to_owned());
    }
    reference(text).map_err(|why| format!("must be the name of a remote, and `{text}` {why}"))
}

fn folder(text: &str) -> Result<(), String> {
    let part = |part: &str| part.is_empty() || part == "." || part == ".." || part.eq_ignore_ascii_case(".git");
    if text.chars().any(|one| one.is_control() || one == '\\') || text.trim_matches('/').split('/').any(part) {
        return Err(format!("must be a directory on the branch, not `{text}`"));
    }
    Ok(())
}

/// The rules of `git check-ref-format --branch`, or of a full ref.
fn reference(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.starts_with('/') || text.ends_with('/') || text.contains("//") {
        return Err("has an empty part");
    }
    if text.contains("..") || text.contains("@{") || text == "@" || text.ends_with('.') {
        return Err("has `..`, `@{`, or a `.` at its end");
    }
    if text.chars().any(|one| one.is_control() || " ~^:?*[\\".contains(one)) {
        return Err("has a character that git does not allow");
    }
    if text.split('/').any(|part| part.starts_with('.') || part.strip_suffix(".lock").is_some()) {
        return Err("has a part that begins with `.` or ends with `.lock`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_refuses_is_refused() {
        for good in ["callsheet/ledger", "refs/callsheet/ledger", "übersicht", "a-b_c.d"] {
            assert_eq!(branch(good), Ok(()), "{good}");
        }
        for bad in [
            "", "-f", "HEAD", "a..b", "a b", "a:b", "a.lock", "a/.b", "/a", "a/", "a//b", "@", "a@{1}", "a.", "a\tb",
            "a*",
        ] {
            assert!(branch(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_remote_is_a_name() {
        assert_eq!(remote("upstream"), Ok(()));
        for bad in ["https://evil.example/x", "git@evil.example:x", "/tmp/x", "../x", "-x", "file:x", "evil:x"] {
            assert!(remote(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_folder_stays_on_the_branch() {
        assert_eq!(folder("a b/ü"), Ok(()));
        for bad in ["..", "a/../b", ".git/x", "/", "a//b", "a\nb", "a\\b"] {
            assert!(folder(bad).is_err(), "{bad}");
        }
    }
}
