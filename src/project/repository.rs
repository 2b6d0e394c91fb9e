//! Where a project lies in its git repository: what code hosts count paths from.

use std::path::Path;

/// The way from the repository's root to the project's, `/` after each part: `videos/`; empty where both are one or
/// where there is no repository.
pub fn folder_in_repository(root: &Path) -> String {
    let Ok(real) = root.canonicalize() else { return String::new() };
    // A worktree and a submodule have a file of that name.
    let Some(top) = real.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok()) else {
        return String::new();
    };
    let parts = real.strip_prefix(top).map(Path::components).into_iter().flatten();
    parts.fold(String::new(), |way, part| way + &part.as_os_str().to_string_lossy() + "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_the_nearest_repository() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("a/b c");
        std::fs::create_dir_all(&project).unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(folder_in_repository(&project), "a/b c/");
        assert_eq!(folder_in_repository(folder.path()), "");
        std::fs::write(folder.path().join("a/.git"), "gitdir: elsewhere").unwrap();
        assert_eq!(folder_in_repository(&project), "b c/");
        assert_eq!(folder_in_repository(&project.join("missing")), "");
    }
}
