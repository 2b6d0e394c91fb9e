//! `Cargo.toml` decides the repository and the version. Pages, examples, schemas and releases say the same.

use std::fs;
use std::path::{Path, PathBuf};

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
/// What precedes the repository's name where callsheet's own is meant.
const MARKS: &[&str] = &["uses: ", "repo: https://github.com/", "--git https://github.com/", "https://github.com/"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// Returns the text files of a directory.
fn texts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else if path
            .extension()
            .is_some_and(|ending| ["md", "yml", "yaml", "sh", "json"].iter().any(|one| ending == *one))
        {
            found.push(path);
        }
    }
}

/// Returns each name of callsheet's repository in a text: before `@v0`, before `/releases`, or in a pre-commit or `--git` address.
fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, mark) in MARKS.iter().enumerate() {
        for rest in text.split(mark).skip(1) {
            let end = rest.find(|one: char| !(one.is_alphanumeric() || "-_.{}$/".contains(one))).unwrap_or(rest.len());
            let parts: Vec<&str> = rest[..end].split('/').collect();
            let ours = match at {
                0 => rest[end..].starts_with("@v0"),
                3 => parts.get(2) == Some(&"releases"),
                _ => true,
            };
            if let (true, [owner, name, ..]) = (ours && !rest.starts_with('@'), &parts[..]) {
                names.push(format!("{owner}/{name}"));
            }
        }
    }
    names
}

#[test]
fn the_repository_is_the_one_that_cargo_toml_names() {
    let wanted = REPOSITORY.strip_prefix("https://github.com/").expect("a repository on GitHub");
    let mut files = vec![root().join("README.md"), root().join("action.yml"), root().join(".pre-commit-hooks.yaml")];
    for folder in ["docs", "examples/ci", ".github", "schema"] {
        texts(&root().join(folder), &mut files);
    }
    let mut seen = 0;
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let found = names(&text);
        seen += found.len();
        let others: Vec<&String> = found.iter().filter(|name| *name != wanted).collect();
        if std::env::var_os("CALLSHEET_UPDATE").is_some() && !others.is_empty() {
            let updated = others.iter().fold(text, |text, other| text.replace(other.as_str(), wanted));
            fs::write(&path, updated).unwrap();
        } else {
            let file = path.display();
            assert!(others.is_empty(), "{file} names {others:?}, not `{wanted}`; CALLSHEET_UPDATE=1 rewrites it");
        }
    }
    assert!(seen > 20, "{seen} names were found: README, CI, hooks, installer and schemas have more");
}

#[test]
fn names_are_found_where_the_repository_is_meant() {
    let text = "uses: a/b@v0\nuses: actions/checkout@v4\nrepo: https://github.com/c/d\nhttps://github.com/e/f/releases/x\n\
                [a page](https://github.com/newren/git-filter-repo) cargo binstall --git https://github.com/g/h callsheet";
    assert_eq!(names(text), ["a/b", "c/d", "g/h", "e/f"]);
}

#[test]
fn what_a_release_uploads_is_what_installers_download() {
    let workflow = read(".github/workflows/release.yml");
    assert!(workflow.contains("tar -czf \"out/callsheet-$TARGET.tar.gz\""));
    assert!(
        read("Cargo.toml")
            .contains("pkg-url = \"{ repo }/releases/download/v{ version }/callsheet-{ target }.tar.gz\"")
    );
    // `$id` of the schemas.
    assert!(workflow.contains("cp schema/*.schema.json out"));
    for installer in [".github/install.sh", "action.yml"] {
        let text = read(installer);
        let targets: Vec<&str> =
            text.split("target=").skip(1).filter_map(|rest| rest.split([' ', ';', '\n']).next()).collect();
        assert!(targets.len() >= 4, "{installer}: {targets:?}");
        for target in targets {
            assert!(workflow.contains(&format!("target: {target} }}")), "{installer}: no release has `{target}`");
        }
    }
}

#[test]
fn pages_install_the_version_of_this_repository() {
    let page = read("docs/how-to/pre-commit.md");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(page.matches("callsheet==").count(), page.matches(&format!("callsheet=={version}]")).count());
    assert!(page.contains(&format!("rev: v{version}\n")));
}
