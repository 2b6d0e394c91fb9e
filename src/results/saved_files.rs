//! Saved files on disk, and the files next to them: hashes them, finds them under other names, and moves them into
//! place without overwriting a file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file_hash::{FileHash, hash, hash_file, is_same};
use super::{PullContext, PullItem, Pulled, ResultsEvent, check_mp4, cues};
use crate::source::{make_directory, open_regular, parent_directory, sync_directory, temporary_file};

/// The directory of files whose name another file needed.
const REPLACED: &str = ".replaced";
/// Maximum depth of the directories that are searched below the output directory.
const MAX_DEPTH: usize = 8;

/// The sizes of all files below a directory, including replaced ones: a saved file may have another name.
#[derive(Debug, Default)]
pub struct SavedVideos(Vec<(u64, PathBuf)>);

impl SavedVideos {
    fn of_size(&self, bytes: u64) -> impl Iterator<Item = &Path> {
        let start = self.0.partition_point(|(size, _)| *size < bytes);
        self.0[start..].iter().take_while(move |(size, _)| *size == bytes).map(|(_, path)| path.as_path())
    }

    /// Searches a directory. An unreadable file counts as missing.
    pub fn in_directory(directory: &Path) -> Self {
        let mut files = Vec::new();
        walk(directory, 0, &mut files);
        files.sort();
        Self(files)
    }

    /// Returns a file with this size and hash.
    pub(super) fn find(&self, wanted: &FileHash) -> Option<&Path> {
        self.of_size(wanted.bytes).find(|path| is_same(path, wanted).unwrap_or(false))
    }

    /// Returns the file of a saved video. A size that only one file has is enough; of several, the hash decides.
    pub fn find_saved(&self, sha256: &str, bytes: u64) -> Option<PathBuf> {
        match self.of_size(bytes).collect::<Vec<_>>()[..] {
            [] => None,
            [only] => Some(only.to_owned()),
            _ => self.find(&FileHash { sha256: sha256.to_owned(), bytes }).map(Path::to_path_buf),
        }
    }
}

fn walk(directory: &Path, depth: usize, files: &mut Vec<(u64, PathBuf)>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        match entry.metadata() {
            Ok(meta) if meta.is_file() => files.push((meta.len(), entry.path())),
            Ok(meta) if meta.is_dir() && depth < MAX_DEPTH => walk(&entry.path(), depth + 1, files),
            _ => {}
        }
    }
}

/// Moves a complete, synced file to its name. Another file that has the name moves to `.replaced/HASH.EXT` in `out`.
pub(super) fn move_into_place(whole: &Path, facts: &FileHash, target: &Path, out: &Path) -> io::Result<()> {
    if let Some(old) = hash_file(target)?.filter(|old| old != facts) {
        let directory = out.join(REPLACED);
        make_directory(out, &directory)?;
        let ending = target.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
        fs::rename(target, directory.join(format!("{}{ending}", &old.sha256[..16])))?;
        sync_directory(&directory)?;
    }
    fs::rename(whole, target)?;
    sync_directory(parent_directory(target))
}

/// Copies a file that was saved before to a new name, atomically.
pub(super) fn copy(from: &Path, facts: &FileHash, target: &Path, out: &Path) -> io::Result<()> {
    let directory = parent_directory(target);
    make_directory(out, directory)?;
    let mut fresh = temporary_file(directory, ".copy.", ".part")?;
    io::copy(&mut open_regular(from)?, fresh.as_file_mut())?;
    fresh.as_file().sync_all()?;
    let path = fresh.into_temp_path();
    if !is_same(&path, facts)? {
        return Err(io::Error::other("the file changed while it was copied"));
    }
    move_into_place(&path, facts, target, out)?;
    // It was renamed, so the temporary file no longer exists.
    drop(path.keep());
    Ok(())
}

/// Gives new content a name, atomically. Another file that has the name moves as in [`move_into_place`].
pub(super) fn write(target: &Path, bytes: &[u8], out: &Path) -> io::Result<()> {
    let directory = parent_directory(target);
    make_directory(out, directory)?;
    let mut fresh = temporary_file(directory, ".new.", ".part")?;
    io::Write::write_all(fresh.as_file_mut(), bytes)?;
    fresh.as_file().sync_all()?;
    let facts = hash(&mut &*bytes)?;
    let path = fresh.into_temp_path();
    move_into_place(&path, &facts, target, out)?;
    drop(path.keep());
    Ok(())
}

/// When subtitles replace those that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RewriteRule {
    /// The video is new here.
    Always,
    /// The video was here before, and the user may have corrected its subtitles.
    IfMissing,
}

/// Writes the subtitles of a video, whose length is that of `media`. A failure leaves the video as it is.
pub(super) fn write_subtitles<V>(
    context: &PullContext<'_, V>,
    (item, media): (&PullItem, &Path),
    rewrite: RewriteRule,
    outcome: &mut Pulled,
) {
    let options = context.options;
    if options.subtitles.is_empty() {
        return;
    }
    let key = &item.row.key;
    let Some(heard) = &item.heard else {
        outcome.wordless.insert(Arc::clone(key));
        return;
    };
    let files = options.subtitles.iter().map(|format| (*format, format.path(&item.target)));
    let files: Vec<_> =
        files.filter(|(_, file)| rewrite == RewriteRule::Always || file.symlink_metadata().is_err()).collect();
    if files.is_empty() {
        return;
    }
    let known = item.row.take.as_ref().and_then(|take| take.seconds).or(item.row.seconds);
    let found = open_regular(media).ok().and_then(|mut file| check_mp4(&mut file).ok()?.seconds);
    let cues = cues(heard, found.or(known).unwrap_or_default());
    for (format, target) in files {
        let file = format.path(Path::new(&item.display_path)).display().to_string();
        let written = match cues.len() {
            0 => Err(std::io::Error::other("the length of the video is unknown")),
            _ => write(&target, format.text(&cues).as_bytes(), &options.out),
        };
        match written {
            Ok(()) => {
                outcome.subtitled += 1;
                context.progress.event(&ResultsEvent::Subtitled { key: Arc::clone(key), file, cues: cues.len() });
            }
            Err(error) => {
                let reason = format!("the subtitles cannot be written: {error}; the video is not affected");
                context.progress.event(&ResultsEvent::NotSaved { key: Arc::clone(key), file, reason });
                outcome.unsubtitled.insert(Arc::clone(key));
            }
        }
    }
}
