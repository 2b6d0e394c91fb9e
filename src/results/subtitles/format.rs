//! Writes cues as `SubRip` and `WebVTT`, in UTF-8.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::Cue;

/// A format of subtitles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubtitleFormat {
    /// `SubRip`, for players and editors.
    Srt,
    /// `WebVTT`, for browsers.
    Vtt,
}

impl SubtitleFormat {
    /// All formats.
    pub const ALL: [Self; 2] = [Self::Srt, Self::Vtt];

    /// Returns the format of a word: `srt`, `vtt`.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == word)
    }

    /// Returns the extension of the file.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Srt => "srt",
            Self::Vtt => "vtt",
        }
    }

    /// Returns the file next to a video: in place of `.mp4`, or after any other name.
    pub fn path(self, video: &Path) -> PathBuf {
        match video.extension() {
            Some(word) if word == "mp4" => video.with_extension(self.extension()),
            _ => {
                let mut name = video.as_os_str().to_owned();
                name.push(".");
                name.push(self.extension());
                name.into()
            }
        }
    }

    /// Returns the text of the file.
    pub fn text(self, cues: &[Cue]) -> String {
        let mut text = if self == Self::Vtt { "WEBVTT\n\n".to_owned() } else { String::new() };
        for (number, cue) in (1..).zip(cues) {
            let [from, to] = [cue.from, cue.to].map(|time| self.time(time));
            let lines = cue.lines.iter().map(|line| self.line(line)).collect::<Vec<_>>().join("\n");
            // A `String` takes every text.
            let _ = write!(text, "{number}\n{from} --> {to}\n{lines}\n\n");
        }
        // One newline ends the file.
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    fn time(self, milliseconds: u64) -> String {
        let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
        let mark = if self == Self::Srt { ',' } else { '.' };
        format!("{:02}:{:02}:{:02}{mark}{rest:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// Returns a line without what a player reads as markup.
    fn line(self, line: &str) -> String {
        match self {
            // `SubRip` has no escapes, and players take tags and braces as styles.
            Self::Srt => {
                line.replace("-->", "→").replace('<', "‹").replace('>', "›").replace('{', "(").replace('}', ")")
            }
            Self::Vtt => line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        }
    }
}
