//! Decides whether a downloaded file is moved into place: it must be complete. Collects warnings about it.

use std::io::{Seek as _, SeekFrom};
use std::path::Path;

use super::mp4::{Mp4Info, check_mp4};
use super::saved_files::{FileHash, hash};
use crate::source::open_regular;
use crate::vendor::TaskResult;

/// Ratio between actual and estimated length that gives a warning. Different voices and scripts vary less.
const MAX_LENGTH_RATIO: f64 = 3.0;
/// Difference in seconds that never gives a warning.
const IGNORED_SECONDS: f64 = 3.0;

/// The check of a complete file.
#[derive(Clone, Debug)]
pub(super) struct FileCheck {
    pub facts: FileHash,
    /// The properties of the container, or why it is invalid.
    pub container: Result<Mp4Info, String>,
}

/// Hashes and inspects a file.
pub(super) fn check_file(path: &Path) -> std::io::Result<FileCheck> {
    let mut file = open_regular(path)?;
    let facts = hash(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(FileCheck { facts, container: check_mp4(&mut file) })
}

impl FileCheck {
    /// Returns why the file must not be moved into place.
    ///
    /// The vendor's own size helps to explain a truncated file. But it does not outweigh a container that is complete
    /// to its last byte, because the vendor does not document what it counts.
    pub fn rejection(&self, told: &TaskResult) -> Option<String> {
        let why = self.container.as_ref().err()?;
        let size = told.bytes.filter(|bytes| *bytes != self.facts.bytes);
        let size = size.map(|bytes| format!(" ({} bytes were received, the vendor says {bytes})", self.facts.bytes));
        Some(format!("the received file is not a complete video: {why}{}", size.unwrap_or_default()))
    }

    /// Returns the warnings about a valid file.
    pub fn warnings(&self, told: &TaskResult, estimate: Option<f64>) -> Vec<String> {
        let Ok(container) = &self.container else { return Vec::new() };
        let mut warnings = Vec::new();
        if let Some(bytes) = told.bytes.filter(|bytes| *bytes != self.facts.bytes) {
            warnings.push(format!(
                "the vendor says {bytes} bytes, but {} were received; the video is complete and is kept",
                self.facts.bytes
            ));
        }
        let Some(seconds) = container.seconds else { return warnings };
        if let Some(said) = told.seconds.filter(|said| (seconds - said).abs() > 1.0 + said * 0.05) {
            warnings.push(format!("it lasts {seconds:.1} s, the vendor says {said:.1} s"));
        }
        if let Some(thought) = estimate.filter(|thought| is_far_off(seconds, *thought)) {
            warnings.push(format!("it lasts {seconds:.1} s, far from its estimate of {thought:.1} s; check it"));
        }
        warnings
    }
}

fn is_far_off(seconds: f64, thought: f64) -> bool {
    let (short, long) = if seconds < thought { (seconds, thought) } else { (thought, seconds) };
    long - short > IGNORED_SECONDS && long > short * MAX_LENGTH_RATIO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_far_off_is_worth_a_look() {
        assert!(!is_far_off(2.0, 4.5));
        assert!(!is_far_off(1.0, 3.9), "too short to matter");
        assert!(!is_far_off(20.0, 55.0));
        assert!(is_far_off(20.0, 61.0) && is_far_off(61.0, 20.0));
    }

    fn told(bytes: Option<u64>, seconds: Option<f64>) -> TaskResult {
        TaskResult { height: None, url: String::new(), bytes, seconds }
    }

    #[test]
    fn the_vendors_size_is_not_believed_against_a_whole_container() {
        let facts = FileHash { sha256: "0".repeat(64), bytes: 100 };
        let whole = FileCheck { facts: facts.clone(), container: Ok(Mp4Info { seconds: Some(9.0), picture: None }) };
        assert_eq!(whole.rejection(&told(Some(90), None)), None);
        assert_eq!(whole.warnings(&told(Some(100), Some(9.4)), Some(10.0)), Vec::<String>::new());
        let warnings = whole.warnings(&told(Some(90), Some(12.0)), Some(40.0));
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert!(warnings[0].starts_with("the vendor says 90 bytes, but 100 were received"), "{warnings:?}");
        let broken = FileCheck { facts, container: Err("it has no track".to_owned()) };
        let why = broken.rejection(&told(Some(110), None)).unwrap();
        assert_eq!(
            why,
            "the received file is not a complete video: it has no track (100 bytes were received, the vendor says 110)"
        );
    }
}
