//! Reads the tracks of a WebM file: their types, and the duration in its segment information.
//!
//! The crates that read WebM either read the complete file or allocate the memory that a header declares.

use std::io::{Read, Seek};

use super::tracks::{Damage, Tracks, fill, skip};

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const ENCODINGS: u32 = 0x6d80;
const ENCODING: u32 = 0x6240;
const ENCRYPTION: u32 = 0x5035;
const CLUSTER: u32 = 0x1f43_b675;
const CLUSTER_TIMESTAMP: u32 = 0xe7;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const SIMPLE_BLOCK: u32 = 0xa3;

/// The type of a track with sound.
const SOUND: u64 = 2;
/// Nanoseconds per unit of time, if the file sets no other.
const DEFAULT_SCALE: f64 = 1e6;
/// Maximum number of elements to read: an hour in blocks of 20 ms has 180,000.
const MAX_ELEMENTS: usize = 500_000;

/// The values of a file.
#[derive(Default)]
struct Movie {
    scale: Option<f64>,
    duration: Option<f64>,
    /// Type of each track, and whether it is encrypted.
    tracks: Vec<(u64, bool)>,
    has_content: bool,
    /// Time of the current cluster, and of the latest block before and at the current one.
    cluster: u64,
    before: u64,
    last: u64,
}

/// Returns the tracks of a file of `bytes` bytes.
///
/// The recording of a browser has no duration. Its length is the time of its last block, and the step to it once more.
///
/// # Errors
/// If the file is incomplete or damaged.
pub(super) fn tracks(reader: &mut (impl Read + Seek), bytes: u64) -> Result<Tracks, Damage> {
    let mut movie = Movie::default();
    let is_complete = match movie.walk(reader, bytes) {
        Err(Damage::TooMany) if movie.has_content => false,
        walked => walked.map(|()| true)?,
    };
    if movie.tracks.is_empty() || !movie.has_content {
        return Err(Damage::Missing);
    }
    let scale = movie.scale.unwrap_or(DEFAULT_SCALE) / 1e9;
    let blocks = movie.last.saturating_add(movie.last.saturating_sub(movie.before)) as f64;
    let length = movie.duration.unwrap_or(blocks);
    let sound = || movie.tracks.iter().filter(|(kind, _)| *kind == SOUND);
    Ok(Tracks {
        has_sound: sound().next().is_some(),
        is_protected: sound().any(|(_, is_protected)| *is_protected),
        seconds: Some(length * scale).filter(|seconds| is_complete && *seconds > 0.0),
    })
}

impl Movie {
    fn walk(&mut self, reader: &mut (impl Read + Seek), bytes: u64) -> Result<(), Damage> {
        let mut at = 0;
        for _ in 0..MAX_ELEMENTS {
            if at >= bytes {
                return Ok(());
            }
            let (id, id_bytes, _) = number(reader, true)?;
            let (size, size_bytes, is_unknown) = number(reader, false)?;
            at += id_bytes + size_bytes;
            let id = u32::try_from(id).map_err(|_| Damage::Unreadable)?;
            let parent = matches!(id, SEGMENT | CLUSTER);
            if !(parent && is_unknown) && size > bytes.saturating_sub(at) {
                return Err(if is_unknown { Damage::Unreadable } else { Damage::Cut });
            }
            match id {
                TRACK_ENTRY => self.tracks.push((0, false)),
                CLUSTER => self.has_content = true,
                ENCRYPTION => self.tracks.last_mut().into_iter().for_each(|track| track.1 = true),
                _ => {}
            }
            if id == CLUSTER && self.duration.is_some() && !self.tracks.is_empty() {
                return Ok(());
            }
            // The elements of these follow.
            if parent || matches!(id, INFO | TRACKS | TRACK_ENTRY | ENCODINGS | ENCODING | BLOCK_GROUP) {
                continue;
            }
            let used = self.take(reader, id, size)?;
            skip(reader, size - used)?;
            at += size;
        }
        Err(Damage::TooMany)
    }

    /// Reads the value of an element. Returns the number of bytes read.
    fn take(&mut self, reader: &mut impl Read, id: u32, size: u64) -> Result<u64, Damage> {
        match (id, size) {
            (TIMESTAMP_SCALE, 1..=8) => self.scale = Some(unsigned(reader, size)? as f64),
            (DURATION, 4) => self.duration = Some(f64::from(f32::from_be_bytes(bytes(reader)?))),
            (DURATION, 8) => self.duration = Some(f64::from_be_bytes(bytes(reader)?)),
            (TRACK_TYPE, 1..=8) => {
                let kind = unsigned(reader, size)?;
                self.tracks.last_mut().into_iter().for_each(|track| track.0 = kind);
            }
            (CLUSTER_TIMESTAMP, 1..=8) => self.cluster = unsigned(reader, size)?,
            (BLOCK | SIMPLE_BLOCK, 4..) => {
                let (_, used, _) = number(reader, false)?;
                if used + 2 > size {
                    return Err(Damage::Unreadable);
                }
                let time = self.cluster.saturating_add_signed(i16::from_be_bytes(bytes(reader)?).into());
                if time > self.last {
                    (self.before, self.last) = (self.last, time);
                }
                return Ok(used + 2);
            }
            _ => return Ok(0),
        }
        Ok(size)
    }
}

/// Reads a number of variable length. Returns it with its number of bytes, and whether it means an unknown size. An
/// identifier includes the bit that marks its length.
fn number(reader: &mut impl Read, keeps_marker: bool) -> Result<(u64, u64, bool), Damage> {
    let [first] = bytes(reader)?;
    let more = first.leading_zeros();
    let marker = 0x80_u8.checked_shr(more).ok_or(Damage::Unreadable)?;
    let head = if keeps_marker { first } else { first & !marker };
    let mut number = u64::from(head);
    let mut is_unknown = first | !(marker - 1) == u8::MAX;
    for _ in 0..more {
        let [next] = bytes(reader)?;
        number = number << 8 | u64::from(next);
        is_unknown &= next == u8::MAX;
    }
    Ok((number, u64::from(more) + 1, is_unknown))
}

fn unsigned(reader: &mut impl Read, size: u64) -> Result<u64, Damage> {
    (0..size).try_fold(0, |number, _| Ok(number << 8 | u64::from(bytes::<1>(reader)?[0])))
}

fn bytes<const COUNT: usize>(reader: &mut impl Read) -> Result<[u8; COUNT], Damage> {
    let mut bytes = [0; COUNT];
    // Before a header is read, its size is unknown. So mostly a cut file ends here.
    fill(reader, &mut bytes).map_err(|damage| if damage == Damage::Unreadable { Damage::Cut } else { damage })?;
    Ok(bytes)
}
