//! Writes subtitles next to saved videos.

use std::path::Path;
use std::sync::Arc;

use super::saved_files::write;
use super::{PullContext, PullItem, Pulled, ResultsEvent, check_mp4, cues};
use crate::source::open_regular;

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
        outcome.wordless.push(Arc::clone(key));
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
                outcome.unsubtitled.push(Arc::clone(key));
            }
        }
    }
}
