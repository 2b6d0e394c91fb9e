//! Reads the tracks of an ISO media file: MP4, M4A, M4V and MOV.
//!
//! Boxes are read one after the other. The content of media is skipped, and nothing is allocated by a declared size.

use std::io::{Read, Seek};

use super::tracks::{Damage, Tracks, fill, skip};

/// Maximum number of boxes to read: an hour in fragments of a second has 30,000.
const MAX_BOXES: usize = 100_000;
/// Maximum depth of boxes to read. Sample descriptions are at depth 6.
const MAX_DEPTH: usize = 8;
/// Maximum number of tracks: a film has a few for each language. Each fragment looks for its track.
const MAX_TRACKS: usize = 1_000;
/// Maximum number of samples of fragments to read: ten minutes of sound have 30,000.
const MAX_SAMPLES: u64 = 1_000_000;
/// Bytes of a box that are read. All values that matter are among them.
const HEAD: usize = 64;

/// The values of a movie.
#[derive(Default)]
struct Movie {
    tracks: Vec<Track>,
    /// Units per second and length in the movie header.
    scale: u32,
    duration: u64,
    /// The track of the current fragment, and the default length of its samples.
    fragment: Option<(usize, u64)>,
    has_index: bool,
    has_content: bool,
    samples: u64,
}

#[derive(Default)]
struct Track {
    id: u32,
    has_sound: bool,
    is_protected: bool,
    scale: u32,
    duration: u64,
    /// Default length of a sample in a fragment.
    sample: u64,
    /// End of the last fragment.
    end: u64,
}

/// Returns the tracks of a file of `bytes` bytes.
///
/// # Errors
/// If the file is incomplete or damaged.
pub(super) fn tracks(reader: &mut (impl Read + Seek), bytes: u64) -> Result<Tracks, Damage> {
    let mut movie = Movie::default();
    let is_complete = match movie.walk(reader, bytes) {
        // A long recording in many fragments has its index first.
        Err(Damage::TooMany) if movie.has_index => false,
        walked => walked.map(|()| true)?,
    };
    if !movie.has_index || !movie.has_content {
        return Err(Damage::Missing);
    }
    let sound = || movie.tracks.iter().filter(|track| track.has_sound);
    let length = |duration: u64, scale: u32| (duration > 0 && scale > 0).then(|| duration as f64 / f64::from(scale));
    let seconds = sound().filter_map(|track| length(track.duration.max(track.end), track.scale)).reduce(f64::max);
    let seconds = seconds.or_else(|| length(movie.duration, movie.scale)).filter(|_| is_complete);
    Ok(Tracks { has_sound: sound().next().is_some(), is_protected: sound().any(|track| track.is_protected), seconds })
}

impl Movie {
    fn walk(&mut self, reader: &mut (impl Read + Seek), bytes: u64) -> Result<(), Damage> {
        let (mut at, mut ends) = (0_u64, vec![bytes]);
        for _ in 0..MAX_BOXES {
            // Four zeros may end a list of boxes.
            while let Some(end) = ends.last().copied().filter(|end| end - at < 8) {
                ends.pop();
                skip(reader, end - at)?;
                at = end;
            }
            let Some(limit) = ends.last().copied() else { return Ok(()) };
            let size = u32::from_be_bytes(array(reader)?);
            let kind: [u8; 4] = array(reader)?;
            // Apple's kinds start with a copyright sign.
            if !kind.iter().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | 0xa9)) {
                // Some programs append their own data to a complete file.
                return if ends.len() == 1 && self.has_index { Ok(()) } else { Err(Damage::Unreadable) };
            }
            let (head, size) = match size {
                0 => (8, limit - at),
                1 => (16, u64::from_be_bytes(array(reader)?)),
                size => (8, u64::from(size)),
            };
            let end = at.checked_add(size).filter(|_| size >= head).ok_or(Damage::Unreadable)?;
            if end > limit {
                return Err(if ends.len() == 1 { Damage::Cut } else { Damage::Unreadable });
            }
            let content = end - at - head;
            if self.opens(kind) {
                if ends.len() > MAX_DEPTH || self.tracks.len() > MAX_TRACKS {
                    return Err(Damage::Unreadable);
                }
                ends.push(end);
                at += head;
                continue;
            }
            let used = if kind == *b"trun" { self.run(reader, content)? } else { self.take(reader, kind, content)? };
            skip(reader, content - used)?;
            at = end;
        }
        Err(Damage::TooMany)
    }

    /// Returns `true` if a box consists of boxes that matter.
    fn opens(&mut self, kind: [u8; 4]) -> bool {
        match &kind {
            b"moov" => self.has_index = true,
            b"trak" => self.tracks.push(Track::default()),
            b"traf" => self.fragment = None,
            b"mdia" | b"minf" | b"stbl" | b"mvex" | b"moof" => {}
            _ => return false,
        }
        true
    }

    /// Reads the values of a box. Returns the number of bytes read.
    fn take(&mut self, reader: &mut impl Read, kind: [u8; 4], content: u64) -> Result<u64, Damage> {
        const KINDS: [&[u8; 4]; 9] = [b"mvhd", b"mehd", b"tkhd", b"mdhd", b"hdlr", b"stsd", b"trex", b"tfhd", b"tfdt"];
        if kind == *b"mdat" {
            self.has_content |= content > 0;
        }
        if !KINDS.contains(&&kind) {
            return Ok(0);
        }
        let mut head = [0; HEAD];
        let used = content.min(HEAD as u64) as usize;
        fill(reader, &mut head[..used])?;
        let is_wide = head[0] == 1;
        let long = |at: usize| u64::from(be32(&head, at)) << 32 | u64::from(be32(&head, at + 4));
        // All ones means an unknown length.
        let duration = |at: usize| match be32(&head, at) {
            u32::MAX => 0,
            units => u64::from(units),
        };
        let known = |units: u64| if units == u64::MAX { 0 } else { units };
        match &kind {
            b"mvhd" if is_wide => (self.scale, self.duration) = (be32(&head, 20), known(long(24))),
            b"mvhd" => (self.scale, self.duration) = (be32(&head, 12), duration(16)),
            b"mehd" => self.duration = if is_wide { known(long(4)) } else { duration(4) },
            b"trex" => {
                let (id, sample) = (be32(&head, 4), be32(&head, 12).into());
                self.tracks.iter_mut().filter(|track| track.id == id).for_each(|track| track.sample = sample);
            }
            b"tfhd" => self.fragment = self.fragment(be32(&head, 0), be32(&head, 4), &head),
            b"tfdt" => {
                let start = if is_wide { long(4) } else { be32(&head, 4).into() };
                if let Some((track, _)) = self.fragment {
                    self.tracks[track].end = start;
                }
            }
            _ => {
                let Some(track) = self.tracks.last_mut() else { return Ok(used as u64) };
                match &kind {
                    b"tkhd" => track.id = be32(&head, if is_wide { 20 } else { 12 }),
                    b"mdhd" if is_wide => (track.scale, track.duration) = (be32(&head, 20), known(long(24))),
                    b"mdhd" => (track.scale, track.duration) = (be32(&head, 12), duration(16)),
                    // A second handler, in QuickTime files, says where the data is.
                    b"hdlr" => track.has_sound |= head[8..12] == *b"soun",
                    b"stsd" => track.is_protected |= matches!(&head[12..16], b"enca" | b"drms"),
                    _ => {}
                }
            }
        }
        Ok(used as u64)
    }

    fn fragment(&self, flags: u32, id: u32, head: &[u8; HEAD]) -> Option<(usize, u64)> {
        let track = self.tracks.iter().position(|track| track.id == id)?;
        let before = if flags & 1 == 0 { 0 } else { 8 } + if flags & 2 == 0 { 0 } else { 4 };
        let own = (flags & 8 != 0).then(|| u64::from(be32(head, 8 + before)));
        Some((track, own.unwrap_or(self.tracks[track].sample)))
    }

    /// Adds the samples of a fragment to the end of its track. Returns the number of bytes read.
    fn run(&mut self, reader: &mut impl Read, content: u64) -> Result<u64, Damage> {
        let Some((track, sample)) = self.fragment.filter(|_| content >= 8) else { return Ok(0) };
        let flags = u32::from_be_bytes(array(reader)?);
        let count = u64::from(u32::from_be_bytes(array(reader)?));
        let words = |bits: u32| u64::from((flags & bits).count_ones());
        let (before, each) = (4 * words(0x5), 4 * words(0xf00));
        let mut used = 8;
        let mut length = sample.saturating_mul(count);
        if flags & 0x100 != 0 {
            self.samples = self.samples.saturating_add(count);
            if count * each + before > content - used {
                return Err(Damage::Unreadable);
            }
            if self.samples > MAX_SAMPLES {
                return Err(Damage::TooMany);
            }
            // At most two numbers before the samples, and three after the length of each.
            let mut rest = [0; 12];
            fill(reader, &mut rest[..before as usize])?;
            length = 0;
            for _ in 0..count {
                length += u64::from(u32::from_be_bytes(array(reader)?));
                fill(reader, &mut rest[..each as usize - 4])?;
            }
            used += before + count * each;
        }
        let end = &mut self.tracks[track].end;
        *end = end.saturating_add(length);
        Ok(used)
    }
}

fn array<const COUNT: usize>(reader: &mut impl Read) -> Result<[u8; COUNT], Damage> {
    let mut bytes = [0; COUNT];
    fill(reader, &mut bytes)?;
    Ok(bytes)
}

fn be32(bytes: &[u8; HEAD], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}
