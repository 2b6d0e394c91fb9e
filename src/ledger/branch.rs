//! The place of a ledger: a file on a branch of the git remote, read and swapped by plumbing alone.
//!
//! Work tree, index, HEAD, branches and hooks of the user stay untouched. Objects are in the user's repository: a push
//! moves remote-tracking refs too, which must not name objects that are gone.

use std::path::Path;

use super::error::LedgerError;
use super::git::{GitCommand, without_user};
use super::run::{home_of, run_id};

/// Where a manifest says that the ledger is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchSetting {
    /// A branch, or a full ref.
    pub branch: String,
    /// The name of a remote.
    pub remote: String,
    /// The folder of the project's files on the branch; empty for its root.
    pub name: String,
}

/// The branch of a remote.
#[derive(Debug)]
pub struct Branch {
    git: GitCommand,
    remote: String,
    /// The branch, as the manifest names it.
    named: String,
    /// `refs/heads/callsheet/ledger`
    reference: String,
    name: String,
    /// The remote, as host and path.
    pub home: String,
    /// Whether the user's repository is shallow: then fetches keep it so.
    is_shallow: bool,
    /// The variables that name an author, where git knows none.
    identity: Vec<(&'static str, &'static str)>,
}

/// The content of a place.
#[derive(Clone, Debug, Default)]
pub struct BranchVersion {
    /// The commit, which is the version. `None` if there is no branch.
    pub commit: Option<String>,
    /// The text of the file. `None` if there is none.
    pub text: Option<Vec<u8>>,
}

impl Branch {
    /// Opens the place, without network.
    ///
    /// # Errors
    /// If there is no git, no repository or no such remote.
    pub fn open(root: &Path, setting: &BranchSetting) -> Result<Self, LedgerError> {
        let place = location_of(&setting.branch, &setting.remote);
        let unusable = |words: String| LedgerError::Unusable { place: place.clone(), words };
        let git = GitCommand::new(root).map_err(|error| unusable(error.to_string()))?;
        let chosen = git.run(&["config", "--get", "callsheet.remote"], b"").map_err(unusable)?;
        let remote = if chosen.is_ok() && !chosen.first_line().is_empty() {
            chosen.first_line()
        } else {
            setting.remote.clone()
        };
        // Git would take an unknown name for a path or an address.
        let address = git.run(&["remote", "get-url", "--", &remote], b"").map_err(unusable)?;
        if !address.is_ok() {
            let inside = git.run(&["rev-parse", "--git-dir"], b"").map_err(unusable)?;
            return Err(unusable(if inside.is_ok() {
                format!("git has no remote `{remote}`; add it with `git remote add {remote} URL`")
            } else {
                inside.error_message()
            }));
        }
        let shallow = git.run(&["rev-parse", "--is-shallow-repository"], b"").map_err(unusable)?;
        let author =
            git.run(&["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"], b"").map_err(unusable)?;
        let identity = if author.is_ok() { Vec::new() } else { OWN_IDENTITY.to_vec() };
        let branch = &setting.branch;
        let reference = if branch.starts_with("refs/") { branch.clone() } else { format!("refs/heads/{branch}") };
        let name = setting.name.trim_matches('/').to_owned();
        Ok(Self {
            git,
            remote,
            named: branch.clone(),
            reference,
            name,
            home: home_of(&address.first_line()),
            is_shallow: shallow.first_line() == "true",
            identity,
        })
    }

    /// The place, for messages: `callsheet/ledger at origin`.
    pub fn location(&self) -> String {
        location_of(&self.named, &self.remote)
    }

    /// The path of a file on the branch.
    pub fn path(&self, file: &str) -> String {
        if self.name.is_empty() { file.to_owned() } else { format!("{}/{file}", self.name) }
    }

    /// Who commits here by git's configuration, and the commit of HEAD.
    pub fn user(&self) -> (Option<String>, Option<String>) {
        let line = |args: &[&str]| {
            let done = self.git.run(args, b"").ok().filter(super::git::GitOutput::is_ok)?;
            Some(done.first_line()).filter(|line| !line.is_empty())
        };
        (line(&["config", "--get", "user.name"]), line(&["rev-parse", "--short", "HEAD"]))
    }

    /// Fetches the branch, and reads a file of it.
    ///
    /// # Errors
    /// If the remote gives no answer.
    pub fn read(&self, file: &str) -> Result<BranchVersion, LedgerError> {
        let unreachable = |words| LedgerError::Unreachable(self.location(), words);
        let local = self.local_ref();
        let refspec = format!("+{}:{local}", self.reference);
        let mut args = vec![
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
        ];
        // Elsewhere it would make the user's repository shallow.
        if self.is_shallow {
            args.push("--depth=1");
        }
        args.extend([self.remote.as_str(), &refspec]);
        let fetched = self.git.run(&args, b"").map_err(unreachable)?;
        if !fetched.is_ok() {
            // Words cannot tell an absent branch from a failure; the exit code of `ls-remote` does.
            let listed = self.git.run(&["ls-remote", "--exit-code", &self.remote, &self.reference], b"");
            return match listed.map_err(unreachable)? {
                listed if listed.code == Some(2) => Ok(BranchVersion::default()),
                listed => {
                    Err(unreachable(if listed.is_ok() { fetched.error_message() } else { listed.error_message() }))
                }
            };
        }
        Ok(self.read_at_ref(&local, file)?.unwrap_or_default())
    }

    /// Returns the texts of a file in what was fetched before, by this program or by `git fetch`; without network.
    ///
    /// # Errors
    /// If git does not answer.
    pub fn fetched_texts(&self, file: &str) -> Result<Vec<Vec<u8>>, LedgerError> {
        let heads = self.reference.strip_prefix("refs/heads/");
        let tracking = heads.map(|branch| format!("refs/remotes/{}/{branch}", self.remote));
        let references = tracking.into_iter().chain([self.local_ref()]);
        let found =
            references.map(|reference| Ok(self.read_at_ref(&reference, file)?.and_then(|reading| reading.text)));
        found.filter_map(Result::transpose).collect()
    }

    /// The versions of a file of the project on all branches of the remote that are known here.
    ///
    /// # Errors
    /// If git does not answer.
    pub fn on_all_branches(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, LedgerError> {
        let below = format!("refs/remotes/{}/", self.remote);
        let listed = self.run_git(&["for-each-ref", "--format=%(refname)", &below], b"")?;
        let mut found = Vec::new();
        for reference in String::from_utf8_lossy(&listed.out).lines() {
            let Some(commit) = self.commit(reference)? else { continue };
            if let Some(text) = self.blob(&commit, path)? {
                found.push((reference.trim_start_matches("refs/remotes/").to_owned(), text));
            }
        }
        Ok(found)
    }

    fn local_ref(&self) -> String {
        format!("refs/callsheet/{}/ledger", self.remote)
    }

    /// Returns the content of a reference. `None` if there is no such reference.
    fn read_at_ref(&self, reference: &str, file: &str) -> Result<Option<BranchVersion>, LedgerError> {
        let Some(commit) = self.commit(reference)? else { return Ok(None) };
        let text = self.blob(&commit, &self.path(file))?;
        Ok(Some(BranchVersion { commit: Some(commit), text }))
    }

    fn commit(&self, reference: &str) -> Result<Option<String>, LedgerError> {
        let name = format!("{reference}^{{commit}}");
        let found = self.run_git(&["rev-parse", "--verify", "--quiet", &name], b"")?;
        Ok(Some(found.first_line()).filter(|line| found.is_ok() && !line.is_empty()))
    }

    /// The bytes of a file in a commit, as git stores them.
    fn blob(&self, commit: &str, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let found = self.run_git(&["cat-file", "--batch"], format!("{commit}:{path}\n").as_bytes())?;
        let Some(end) = found.out.iter().position(|byte| *byte == b'\n') else {
            return Err(LedgerError::Unreachable(self.location(), found.error_message()));
        };
        let head = String::from_utf8_lossy(&found.out[..end]).into_owned();
        let size: Option<usize> = head.rsplit(' ').next().and_then(|size| size.parse().ok());
        match size.filter(|_| head.contains(" blob ")) {
            Some(size) => match found.out.get(end + 1..end + 1 + size) {
                Some(text) => Ok(Some(text.to_vec())),
                None => Err(LedgerError::Unreachable(self.location(), "git gave only part of it".to_owned())),
            },
            None if head.ends_with(" missing") => Ok(None),
            None => Err(LedgerError::Unreachable(self.location(), without_user(&head))),
        }
    }

    fn run_git(&self, args: &[&str], input: &[u8]) -> Result<super::git::GitOutput, LedgerError> {
        self.git.run(args, input).map_err(|words| LedgerError::Unreachable(self.location(), words))
    }

    /// Puts texts in place of what a version holds: a plain fast-forward of the branch, or nothing.
    ///
    /// `run` signs the commit. Its nonce makes every try another commit: of two equal ones, both pushes would succeed.
    /// Returns whether the branch was gone, and is complete again.
    ///
    /// # Errors
    /// Why it is not certain: lost, refused, timed out or the connection gone. What the ledger holds decides, never what
    /// the answer said.
    pub fn swap(
        &self,
        old: Option<&str>,
        files: &[(String, String)],
        (note, run): (&str, &str),
    ) -> Result<bool, String> {
        let index = self.git.index();
        // Left by a try that was cut off.
        drop(std::fs::remove_file(&index));
        let shown = index.display().to_string();
        let own = [("GIT_INDEX_FILE", shown.as_str())];
        let must = |args: &[&str], input: &[u8], env: &[(&str, &str)]| -> Result<String, String> {
            let done = self.git.run_with(args, input, env)?;
            if done.is_ok() { Ok(done.first_line()) } else { Err(done.error_message()) }
        };
        if let Some(old) = old {
            must(&["read-tree", old], b"", &own)?;
        }
        for (file, text) in files {
            // Without a path no attribute and no filter changes the text.
            let blob = must(&["hash-object", "-w", "--stdin"], text.as_bytes(), &[])?;
            let entry = format!("100644,{blob},{}", self.path(file));
            must(&["update-index", "--add", "--cacheinfo", &entry], b"", &own)?;
        }
        let tree = must(&["write-tree"], b"", &own)?;
        let message = format!("callsheet: {note} [skip ci]\n\nRun: {run} {}\n", run_id());
        let mut args = vec!["commit-tree", &tree];
        if let Some(old) = old {
            args.extend(["-p", old]);
        }
        let commit = must(&args, message.as_bytes(), &self.identity)?;
        let refspec = format!("{commit}:{}", self.reference);
        let pushed = self.git.run(
            &[
                "-c",
                "push.gpgSign=false",
                "push",
                "--porcelain",
                "--no-verify",
                "--no-follow-tags",
                "--recurse-submodules=no",
                &self.remote,
                &refspec,
            ],
            b"",
        )?;
        swap_outcome(&String::from_utf8_lossy(&pushed.out), pushed.is_ok(), pushed.error_message())
    }
}

/// Judges the output of a push: only a fast-forward or a new branch is certain. An up-to-date branch is not.
fn swap_outcome(porcelain: &str, is_ok: bool, words: String) -> Result<bool, String> {
    let line = porcelain.lines().find(|line| line.contains('\t') && line.contains(':'));
    let mut parts = line.unwrap_or_default().split('\t');
    let (flag, summary) = (parts.next(), parts.nth(1).unwrap_or_default());
    match flag {
        Some(" ") if is_ok => Ok(false),
        Some("*") if is_ok => Ok(true),
        Some("!" | "=") if !summary.is_empty() => Err(without_user(summary)),
        _ => Err(words),
    }
}

/// The author of the ledger's commits where git knows none.
const OWN_IDENTITY: [(&str, &str); 4] = [
    ("GIT_AUTHOR_NAME", "callsheet"),
    ("GIT_AUTHOR_EMAIL", "callsheet@users.noreply.github.com"),
    ("GIT_COMMITTER_NAME", "callsheet"),
    ("GIT_COMMITTER_EMAIL", "callsheet@users.noreply.github.com"),
];

fn location_of(branch: &str, remote: &str) -> String {
    format!("{branch} at {remote}")
}

/// The texts of a project's lockfile in ledgers that were fetched into this repository, whatever the manifest says: an
/// old branch must not spend past a ledger. Nothing if git does not answer.
pub fn known_ledgers(root: &Path, path: &str) -> Vec<Vec<u8>> {
    let Ok(git) = GitCommand::new(root) else { return Vec::new() };
    let listed = git.run(
        &["for-each-ref", "--format=%(objectname)", "refs/callsheet/*/ledger", "refs/remotes/*/callsheet/ledger"],
        b"",
    );
    let Some(listed) = listed.ok().filter(super::git::GitOutput::is_ok) else { return Vec::new() };
    let commits = String::from_utf8_lossy(&listed.out).into_owned();
    let texts = commits.lines().filter_map(|commit| {
        let shown = git.run(&["cat-file", "blob", &format!("{commit}:{path}")], b"").ok()?;
        shown.is_ok().then_some(shown.out)
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_fast_forward_or_a_new_branch_is_certain() {
        let line = |flag: &str| format!("To origin\n{flag}\tabc:refs/heads/l\t[words]\nDone\n");
        let judged = |flag: &str, ok| swap_outcome(&line(flag), ok, "gone".to_owned());
        assert_eq!(judged(" ", true), Ok(false));
        assert_eq!(judged("*", true), Ok(true));
        for (flag, ok) in [(" ", false), ("*", false), ("=", true), ("!", false), ("+", true), ("-", true)] {
            assert!(judged(flag, ok).is_err(), "{flag}");
        }
        assert_eq!(swap_outcome("", true, "gone".to_owned()), Err("gone".to_owned()));
    }

    #[test]
    fn no_message_holds_a_password() {
        let words = "unable to access 'https://user:secret@host.example/x.git/': gone";
        assert_eq!(without_user(words), "unable to access 'https://host.example/x.git/': gone");
    }
}
