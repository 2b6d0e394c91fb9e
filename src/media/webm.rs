//! Reads the length of a WebM file: the duration in its segment information.
//!
//! `lofty` does not read WebM. The crates that do either read the complete file or allocate the memory that a header
//! declares.

use std::io::{Read, Seek};

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
const DURATION: u32 = 0x4489;
/// Nanoseconds per unit of the duration, if the file sets no other.
const DEFAULT_SCALE: f64 = 1e6;
/// Maximum number of elements to read. The segment information is among the first.
const MAX_ELEMENTS: usize = 1_000;

/// Returns the length in seconds, or `None` if the file does not contain it. Browser recordings do not.
pub(super) fn seconds(reader: &mut (impl Read + Seek)) -> Option<f64> {
    let (mut scale, mut duration, mut info_end) = (DEFAULT_SCALE, None, None);
    for _ in 0..MAX_ELEMENTS {
        let here = reader.stream_position().ok()?;
        if info_end.is_some_and(|end| here >= end) {
            break;
        }
        let (id, size) = (number(reader, true)?, number(reader, false)?);
        match (u32::try_from(id).ok()?, size) {
            // Their elements follow.
            (SEGMENT, _) => {}
            (INFO, size) => info_end = Some(reader.stream_position().ok()?.checked_add(size)?),
            (TIMESTAMP_SCALE, size) => scale = unsigned(reader, size)? as f64,
            (DURATION, 4) => duration = Some(f64::from(f32::from_be_bytes(bytes(reader)?))),
            (DURATION, 8) => duration = Some(f64::from_be_bytes(bytes(reader)?)),
            (_, size) => reader.seek_relative(i64::try_from(size).ok()?).ok()?,
        }
    }
    Some(duration? * scale / 1e9)
}

/// Reads a number of variable length. An identifier includes the bit that marks its length.
fn number(reader: &mut impl Read, keeps_marker: bool) -> Option<u64> {
    let [first] = bytes(reader)?;
    let more = first.leading_zeros();
    let marker = 0x80_u8.checked_shr(more).filter(|marker| *marker > 0)?;
    let head = if keeps_marker { first } else { first & !marker };
    (0..more).try_fold(u64::from(head), |number, _| Some(number << 8 | u64::from(bytes::<1>(reader)?[0])))
}

fn unsigned(reader: &mut impl Read, size: u64) -> Option<u64> {
    (size <= 8).then_some(())?;
    (0..size).try_fold(0, |number, _| Some(number << 8 | u64::from(bytes::<1>(reader)?[0])))
}

fn bytes<const COUNT: usize>(reader: &mut impl Read) -> Option<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    reader.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Cursor;

    use super::*;

    /// A file with a duration in milliseconds and some sound.
    pub fn file(milliseconds: f64, held: usize) -> Vec<u8> {
        let mut info = b"\x2a\xd7\xb1\x83\x0f\x42\x40\x4d\x80\x84test\x44\x89\x88".to_vec();
        info.extend(milliseconds.to_be_bytes());
        let mut file = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm".to_vec();
        // The segment has an unknown size, as in live recordings.
        file.extend(b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff\xec\x82\0\0\x15\x49\xa9\x66");
        file.push(0x80 | info.len() as u8);
        file.extend(info);
        file.extend(b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff");
        file.resize(file.len() + held, 1);
        file
    }

    #[test]
    fn the_duration_of_the_segment_is_read() {
        assert_eq!(seconds(&mut Cursor::new(file(2_500.0, 100))), Some(2.5));
        let without = file(2_500.0, 100);
        let place = without.windows(2).position(|part| part == b"\x44\x89").unwrap();
        let without = [&without[..place], b"\x44\x88", &without[place + 2..]].concat();
        assert_eq!(seconds(&mut Cursor::new(without)), None);
    }
}
