//! Checks that a downloaded file is a complete MP4: complete boxes to the last byte, an index, and all data that the index
//! refers to. The content of frames is not checked.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::file_hash::{FileHash, hash};
use crate::source::open_regular;
use crate::vendor::TaskResult;

/// Maximum size of an index that is read: hours of video.
const MAX_INDEX_BYTES: u64 = 256 << 20;
/// Maximum number of top-level boxes: an hour in fragments of a tenth of a second has fewer.
const MAX_BOXES: usize = 100_000;

/// The properties of a complete container.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mp4Info {
    /// Seconds of video.
    pub seconds: Option<f64>,
    /// Width and height of the largest track, in pixels.
    pub picture: Option<(u32, u32)>,
}

impl Mp4Info {
    /// Returns the usual name of the resolution: 720 for 1280×720 and for 720×1280.
    pub fn height(&self) -> Option<u32> {
        self.picture.map(|(width, height)| width.min(height))
    }
}

/// Checks a file from its start.
///
/// # Errors
/// The text says what is wrong with it, or is the system's error.
pub fn check_mp4(file: &mut (impl Read + Seek)) -> Result<Mp4Info, String> {
    let broken = |error: io::Error| format!("it cannot be read: {error}");
    let length = file.seek(SeekFrom::End(0)).map_err(broken)?;
    let mut found = Mp4Info::default();
    let (mut at, mut boxes, mut data, mut index) = (0, 0, false, None);
    while at < length {
        let (kind, start, end) = header(file, at, length)?;
        if boxes == 0 && kind != *b"ftyp" && kind != *b"styp" {
            return Err("it is not an MP4: it does not begin with its kind".to_owned());
        }
        match &kind {
            b"mdat" => data = true,
            b"moov" if end - start <= MAX_INDEX_BYTES => {
                let mut bytes = vec![0; usize::try_from(end - start).unwrap_or_default()];
                file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut bytes)).map_err(broken)?;
                index = Some(bytes);
            }
            b"moov" => return Err("its index is larger than any video's".to_owned()),
            _ => {}
        }
        boxes += 1;
        if boxes > MAX_BOXES {
            return Err("it has more boxes than any video".to_owned());
        }
        at = end;
    }
    let Some(index) = index else {
        return Err(if length == 0 { "it is empty" } else { "its index is missing" }.to_owned());
    };
    if !data {
        return Err("it holds no pictures".to_owned());
    }
    movie(&index, length, &mut found)?;
    Ok(found)
}

/// Returns kind, start of the content and end of the box at an offset.
fn header(file: &mut (impl Read + Seek), at: u64, length: u64) -> Result<([u8; 4], u64, u64), String> {
    let cut = || format!("it ends in the middle of a box, at byte {length}");
    let mut head = [0; 16];
    let room = usize::try_from(length - at).unwrap_or(usize::MAX).min(head.len());
    if room < 8 {
        return Err(cut());
    }
    let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut head[..room]));
    read.map_err(|error| format!("it cannot be read: {error}"))?;
    let (kind, content, size) = sizes(&head[..room], length - at).ok_or_else(cut)?;
    // Apple's kinds start with a copyright sign.
    if !kind.iter().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | 0xa9)) {
        return Err(format!("no box begins at byte {at}"));
    }
    if size < content {
        return Err(format!("the box at byte {at} has no size"));
    }
    match at.checked_add(size).filter(|end| *end <= length) {
        Some(end) => Ok((kind, at + content, end)),
        None => Err(cut()),
    }
}

/// Returns kind, start of the content and size of the box with this header, if it fits in `left` bytes from its first
/// on.
fn sizes(head: &[u8], left: u64) -> Option<([u8; 4], u64, u64)> {
    let kind = head.get(4..8)?.try_into().ok()?;
    Some(match be32(head, 0)? {
        0 => (kind, 8, left),
        1 if head.len() >= 16 => (kind, 16, be64(head, 8)?),
        size => (kind, 8, size.into()),
    })
}

/// Returns the boxes within a box that is in memory. `None` if one does not fit.
fn children(bytes: &[u8]) -> Option<Vec<([u8; 4], &[u8])>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while rest.len() >= 8 {
        let (kind, content, size) = sizes(rest, rest.len() as u64)?;
        found.push((kind, rest.get(content as usize..usize::try_from(size).ok()?)?));
        rest = &rest[size as usize..];
    }
    // Four zeros may end a list of boxes.
    rest.iter().all(|byte| *byte == 0).then_some(found)
}

fn child<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, wanted| {
        children(bytes)?.into_iter().find(|(kind, _)| kind == *wanted).map(|(_, content)| content)
    })
}

fn movie(index: &[u8], length: u64, found: &mut Mp4Info) -> Result<(), String> {
    let torn = || "its index is incomplete".to_owned();
    let boxes = children(index).ok_or_else(torn)?;
    let mut tracks = 0;
    for (kind, content) in boxes {
        match &kind {
            b"mvhd" => found.seconds = seconds(content),
            b"trak" => {
                tracks += 1;
                children(content).ok_or_else(torn)?;
                found.picture = found.picture.max(child(content, &[b"tkhd"]).and_then(picture));
                if let Some(samples) = child(content, &[b"mdia", b"minf", b"stbl"])
                    && last_sample_end(samples).is_some_and(|last| last >= length)
                {
                    return Err("its index points beyond its end".to_owned());
                }
            }
            _ => {}
        }
    }
    if tracks == 0 { Err("it has no track".to_owned()) } else { Ok(()) }
}

/// Returns the length in a movie header. A fragmented movie may set it to zero.
fn seconds(header: &[u8]) -> Option<f64> {
    let (scale, duration) = match header.first()? {
        0 => (be32(header, 12)?, u64::from(be32(header, 16)?)),
        _ => (be32(header, 20)?, be64(header, 24)?),
    };
    let seconds = duration as f64 / f64::from(scale);
    (scale > 0 && duration > 0 && duration != u64::MAX && seconds.is_finite()).then_some(seconds)
}

/// Returns the size in a track header, in integers of 16.16 numbers. `None` for an audio track.
fn picture(header: &[u8]) -> Option<(u32, u32)> {
    let at = if *header.first()? == 0 { 76 } else { 88 };
    let (width, height) = (be32(header, at)? >> 16, be32(header, at + 4)? >> 16);
    (width > 0 && height > 0).then_some((width, height))
}

/// Returns the last offset that a sample table refers to.
fn last_sample_end(samples: &[u8]) -> Option<u64> {
    for (kind, content) in children(samples)? {
        let count = be32(content, 4).map(|count| count as usize);
        match (&kind, count) {
            (b"stco", Some(count)) => return (0..count).map_while(|at| be32(content, 8 + at * 4)).map(u64::from).max(),
            (b"co64", Some(count)) => return (0..count).map_while(|at| be64(content, 8 + at * 8)).max(),
            _ => {}
        }
    }
    None
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

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
