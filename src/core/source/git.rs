//! What git leaves in place of a file's content: pointers of Git LFS and conflict markers; and the variables that steer it.

use std::ops::Range;

/// Variables that make git look at another repository than the one around a folder (`git rev-parse --local-env-vars`).
pub const REDIRECTING_VARIABLES: [&str; 14] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_CONFIG",
];

/// Whether a file that begins so is a pointer of Git LFS, not the content it stands for.
pub fn is_lfs_pointer(head: &[u8]) -> bool {
    head.starts_with(b"version https://git-lfs.github.com/spec/")
}

/// Returns `true` if a line starts a conflict: `<<<<<<< ours`.
pub fn opens_conflict(line: &str) -> bool {
    line.starts_with("<<<<<<< ")
}

/// Returns the line, from 1, on which the first unresolved conflict starts.
///
/// A conflict has all three markers: its start, `=======`, and its end. A text about conflicts rarely has them all.
pub fn conflict_line(text: &str) -> Option<u64> {
    let mut opened = None;
    let mut divided = false;
    for (line, number) in text.lines().zip(1..) {
        if opens_conflict(line) {
            (opened, divided) = (Some(number), false);
        } else if line == "=======" {
            divided = opened.is_some();
        } else if divided && line.starts_with(">>>>>>> ") {
            return opened;
        }
    }
    None
}

/// Returns the bytes of the line that starts the first unresolved conflict.
pub fn conflict_range(text: &str) -> Option<Range<usize>> {
    range_of_line(text, conflict_line(text)?)
}

/// Returns the bytes of the first conflict marker of a text that has two kinds of markers, but no complete conflict: an
/// author removed only some of the lines. A single kind may be a heading or a quotation.
pub fn leftover_conflict_range(text: &str) -> Option<Range<usize>> {
    if conflict_line(text).is_some() {
        return None;
    }
    let kind = |line: &str| match line {
        "=======" => Some(1_u8),
        _ if opens_conflict(line) => Some(0),
        _ if line.starts_with(">>>>>>> ") || line == ">>>>>>>" => Some(2),
        _ => None,
    };
    let mut markers = text.lines().zip(1..).filter_map(|(line, number)| Some((kind(line)?, number)));
    let (first, number) = markers.next()?;
    markers.any(|(kind, _)| kind != first).then(|| range_of_line(text, number))?
}

fn range_of_line(text: &str, number: u64) -> Option<Range<usize>> {
    let line = text.split('\n').nth(usize::try_from(number).ok()? - 1)?;
    let start = line.as_ptr().addr() - text.as_ptr().addr();
    Some(start..start + line.trim_end().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_is_found_where_it_opens() {
        assert_eq!(conflict_line("a: 1\n<<<<<<< ours\nb: 1\n=======\nb: 2\n>>>>>>> theirs\n"), Some(2));
        assert_eq!(conflict_line("<<<<<<< a\r\n||||||| base\r\n=======\r\n>>>>>>> b\r\n"), Some(1));
        for whole in ["<<<<<<< ours\n", "Title\n=======\ntext\n>>>>>>> quoted\n", "a\n <<<<<<< a\n=======\n>>>>>>> b\n"]
        {
            assert_eq!(conflict_line(whole), None, "{whole:?}");
        }
    }

    #[test]
    fn a_pointer_is_known_by_its_first_line() {
        assert!(is_lfs_pointer(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"));
        assert!(!is_lfs_pointer(b"version,https://git-lfs.github.com/spec/v1\n"));
    }

    #[test]
    fn markers_that_were_removed_only_in_part_are_found() {
        let found = |text: &str| leftover_conflict_range(text).map(|range| text[range].to_owned());
        assert_eq!(found("Hello\nHi\n=======\nHo\n>>>>>>> theirs\n").as_deref(), Some("======="));
        assert_eq!(found("<<<<<<< HEAD\r\nHi\r\n=======\r\nHo\r\n").as_deref(), Some("<<<<<<< HEAD"));
        assert_eq!(found("<<<<<<< HEAD\nHi\n>>>>>>> theirs\n").as_deref(), Some("<<<<<<< HEAD"));
        for fine in [
            "Title\n=======\nText\n=======\n",
            ">>>>>>> quoted\n",
            "a =======\n >>>>>>> b",
            "========\n>>>>>>>>\n",
            "",
            "<<<<<<< a\n=======\n>>>>>>> b\n",
        ] {
            assert_eq!(found(fine), None, "{fine:?}");
        }
    }
}
