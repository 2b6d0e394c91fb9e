//! The smallest MP4 that players take: one video track, the index before the data.

use super::h264::PROFILE;

/// Ticks a second, in the movie and its track.
pub const TIMESCALE: u32 = 1_000;
const UNITY_MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// One video track.
#[derive(Debug)]
pub struct Track<'a> {
    /// Pixels across and down.
    pub size: (u16, u16),
    /// The sequence parameter set, as a NAL unit.
    pub sequence: &'a [u8],
    /// The picture parameter set, as a NAL unit.
    pub parameters: &'a [u8],
    /// NAL unit and duration of each frame; only the first is a key frame.
    pub frames: &'a [(Vec<u8>, u32)],
}

/// The whole file.
pub fn file(track: &Track<'_>) -> Vec<u8> {
    let kind = atom(*b"ftyp", &[b"isom", &be(512), b"isom", b"iso2", b"avc1", b"mp41"]);
    let data_offset = kind.len() + movie(track, 0).len() + 8;
    let mut data = Vec::new();
    for (unit, _) in track.frames {
        data.extend(be(unit.len()));
        data.extend(unit);
    }
    [kind, movie(track, data_offset), atom(*b"mdat", &[&data])].concat()
}

fn movie(track: &Track<'_>, data_offset: usize) -> Vec<u8> {
    let duration: u32 = track.frames.iter().map(|(_, duration)| duration).sum();
    let header = numbers(&[0, 0, 0, TIMESCALE, duration, 0x1_0000]);
    let rest = [&[1, 0][..], &[0; 10]].concat();
    let movie_header = atom(*b"mvhd", &[&header, &rest, &numbers(&UNITY_MATRIX), &[0; 24], &be(2)]);
    atom(*b"moov", &[&movie_header, &trak(track, duration, data_offset)])
}

fn trak(track: &Track<'_>, duration: u32, data_offset: usize) -> Vec<u8> {
    let (width, height) = track.size;
    // Flags 7: enabled, in the movie, in its preview.
    let header = atom(
        *b"tkhd",
        &[
            &numbers(&[7, 0, 0, 1, 0, duration, 0, 0, 0, 0]),
            &numbers(&UNITY_MATRIX),
            &numbers(&[u32::from(width) << 16, u32::from(height) << 16]),
        ],
    );
    // 0x55c4 is the language `und`.
    let media_header = atom(*b"mdhd", &[&numbers(&[0, 0, 0, TIMESCALE, duration, 0x55c4_0000])]);
    let handler = atom(*b"hdlr", &[&[0; 8], b"vide", &[0; 12], b"callsheet sandbox\0"]);
    let here = atom(*b"url ", &[&be(1)]);
    let places = atom(*b"dinf", &[&atom(*b"dref", &[&numbers(&[0, 1]), &here])]);
    let video = atom(*b"vmhd", &[&be(1), &[0; 8]]);
    let information = atom(*b"minf", &[&video, &places, &samples(track, data_offset)]);
    atom(*b"trak", &[&header, &atom(*b"mdia", &[&media_header, &handler, &information])])
}

fn samples(track: &Track<'_>, data_offset: usize) -> Vec<u8> {
    let mut durations: Vec<(u32, u32)> = Vec::new();
    for (_, duration) in track.frames {
        match durations.last_mut() {
            Some((count, known)) if known == duration => *count += 1,
            _ => durations.push((1, *duration)),
        }
    }
    let count = be(track.frames.len());
    let durations: Vec<u32> = [0, durations.len() as u32]
        .into_iter()
        .chain(durations.iter().flat_map(|(count, duration)| [*count, *duration]))
        .collect();
    let sizes: Vec<u8> = track.frames.iter().flat_map(|(unit, _)| be(unit.len() + 4)).collect();
    atom(
        *b"stbl",
        &[
            &atom(*b"stsd", &[&numbers(&[0, 1]), &entry(track)]),
            &atom(*b"stts", &[&numbers(&durations)]),
            &atom(*b"stss", &[&numbers(&[0, 1, 1])]),
            &atom(*b"stsc", &[&numbers(&[0, 1, 1]), &count, &be(1)]),
            &atom(*b"stsz", &[&numbers(&[0, 0]), &count, &sizes]),
            &atom(*b"stco", &[&numbers(&[0, 1]), &be(data_offset)]),
        ],
    )
}

fn entry(track: &Track<'_>) -> Vec<u8> {
    let length = |unit: &[u8]| (unit.len() as u16).to_be_bytes();
    let decoder = atom(
        *b"avcC",
        &[
            &[1],
            &PROFILE,
            &[0xff, 0xe1], // lengths of four bytes; one sequence parameter set
            &length(track.sequence),
            track.sequence,
            &[1],
            &length(track.parameters),
            track.parameters,
        ],
    );
    // BT.709, limited range: the same as in the sequence parameter set.
    let colour = atom(*b"colr", &[b"nclx", &[0, 1, 0, 1, 0, 1, 0]]);
    let (width, height) = track.size;
    atom(
        *b"avc1",
        &[
            &[0, 0, 0, 0, 0, 0, 0, 1],
            &[0; 16],
            &width.to_be_bytes(),
            &height.to_be_bytes(),
            &numbers(&[0x48_0000, 0x48_0000, 0]), // 72 dots an inch
            &[0, 1],                              // one frame a sample
            &[0; 32],
            &[0, 0x18, 0xff, 0xff],
            &decoder,
            &colour,
        ],
    )
}

fn atom(kind: [u8; 4], contents: &[&[u8]]) -> Vec<u8> {
    let contents = contents.concat();
    let mut bytes = Vec::with_capacity(contents.len() + 8);
    bytes.extend(be(contents.len() + 8));
    bytes.extend(kind);
    bytes.extend(contents);
    bytes
}

fn numbers(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// A size as the format keeps it; a file here is some kilobytes.
fn be(value: usize) -> [u8; 4] {
    (value as u32).to_be_bytes()
}
