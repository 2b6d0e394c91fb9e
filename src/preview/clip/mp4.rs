//! Writes a minimal playable MP4: a video track, an optional sound track, and the index before the data.

use super::FrameSize;
use super::h264::{PROFILE, parameters, sequence};

/// Ticks per second, of the movie and its video track.
pub const TIMESCALE: u32 = 1_000;
/// Sound samples per second, fixed by Opus.
pub const SOUND_SCALE: u32 = 48_000;
/// Sound samples in a packet of 20 ms.
pub const PACKET: u32 = 960;
/// Packets per chunk: one second of sound.
const PACKETS_PER_CHUNK: usize = 50;
const UNITY_MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// One video track.
#[derive(Debug)]
pub struct Track<'a> {
    /// The size of the video.
    pub picture: FrameSize,
    /// NAL unit and duration of each frame. Only the first is a key frame.
    pub frames: &'a [(Vec<u8>, u32)],
}

/// One track of Opus, mono.
#[derive(Debug)]
pub struct AudioTrack {
    /// Packets of 20 ms each.
    pub packets: Vec<Vec<u8>>,
    /// Samples of [`SOUND_SCALE`] that players must skip at the start.
    pub skip: u16,
}

/// The chunks of a track: the position of each in the file, and its number of samples.
type Chunks = Vec<(usize, u32)>;

/// Returns the complete file.
pub fn file(track: &Track<'_>, sound: Option<&AudioTrack>) -> Vec<u8> {
    let kind = atom(*b"ftyp", &[b"isom", &be(512), b"isom", b"iso2", b"avc1", b"mp41"]);
    let Some(sound) = sound else {
        let start = |places: Chunks| movie(track, None, &places, &Vec::new());
        let count = track.frames.len() as u32;
        let offset = kind.len() + start(vec![(0, count)]).len() + 8;
        let data: Vec<u8> = track.frames.iter().flat_map(|(unit, _)| sized(unit)).collect();
        return [kind, start(vec![(offset, count)]), atom(*b"mdat", &[&data])].concat();
    };
    let (mut pictures, mut sounds, data) = interleave(track, sound);
    let offset = kind.len() + movie(track, Some(sound), &pictures, &sounds).len() + 8;
    for (place, _) in pictures.iter_mut().chain(&mut sounds) {
        *place += offset;
    }
    [kind, movie(track, Some(sound), &pictures, &sounds), atom(*b"mdat", &[&data])].concat()
}

/// Interleaves frames and sound in playing order, so that players need not seek.
fn interleave(track: &Track<'_>, sound: &AudioTrack) -> (Chunks, Chunks, Vec<u8>) {
    let (mut pictures, mut sounds, mut data) = (Chunks::new(), Chunks::new(), Vec::new());
    let mut seconds = sound.packets.chunks(PACKETS_PER_CHUNK);
    let mut heard = 0;
    let mut seen = 0;
    let mut put_sound = |data: &mut Vec<u8>, sounds: &mut Chunks| {
        let packets = seconds.next()?;
        sounds.push((data.len(), packets.len() as u32));
        data.extend(packets.iter().flatten());
        Some(packets.len() as u32 * 20)
    };
    for (unit, duration) in track.frames {
        pictures.push((data.len(), 1));
        data.extend(sized(unit));
        seen += duration;
        while heard < seen
            && let Some(more) = put_sound(&mut data, &mut sounds)
        {
            heard += more;
        }
    }
    while put_sound(&mut data, &mut sounds).is_some() {}
    (pictures, sounds, data)
}

fn sized(unit: &[u8]) -> Vec<u8> {
    [&be(unit.len())[..], unit].concat()
}

fn movie(track: &Track<'_>, sound: Option<&AudioTrack>, pictures: &Chunks, sounds: &Chunks) -> Vec<u8> {
    let duration: u32 = track.frames.iter().map(|(_, duration)| duration).sum();
    let header = numbers(&[0, 0, 0, TIMESCALE, duration, 0x1_0000]);
    let rest = [&[1, 0][..], &[0; 10]].concat();
    let next = if sound.is_some() { 3 } else { 2 };
    let movie_header = atom(*b"mvhd", &[&header, &rest, &numbers(&UNITY_MATRIX), &[0; 24], &be(next)]);
    let heard = sound.map(|sound| sound_trak(sound, duration, sounds)).unwrap_or_default();
    atom(*b"moov", &[&movie_header, &trak(track, duration, pictures), &heard])
}

fn trak(track: &Track<'_>, duration: u32, chunks: &Chunks) -> Vec<u8> {
    let FrameSize { width, height } = track.picture;
    // Flags 7: enabled, used in the movie, used in its preview.
    let header = atom(
        *b"tkhd",
        &[
            &numbers(&[7, 0, 0, 1, 0, duration, 0, 0, 0, 0]),
            &numbers(&UNITY_MATRIX),
            &numbers(&[u32::from(width) << 16, u32::from(height) << 16]),
        ],
    );
    let video = atom(*b"vmhd", &[&be(1), &[0; 8]]);
    let table = samples(track, chunks);
    let media = media((TIMESCALE, duration), (*b"vide", b"callsheet sandbox\0"), &video, &table);
    atom(*b"trak", &[&header, &media])
}

fn sound_trak(sound: &AudioTrack, duration: u32, chunks: &Chunks) -> Vec<u8> {
    // Volume 1.0 is the upper half of the number before the matrix.
    let header = atom(
        *b"tkhd",
        &[&numbers(&[7, 0, 0, 2, 0, duration, 0, 0, 0, 0x0100_0000]), &numbers(&UNITY_MATRIX), &numbers(&[0, 0])],
    );
    let edit = atom(*b"elst", &[&numbers(&[0, 1, duration, u32::from(sound.skip), 0x1_0000])]);
    let count = sound.packets.len();
    let sizes: Vec<u32> = sound.packets.iter().map(|packet| packet.len() as u32).collect();
    let opus = atom(*b"dOps", &[&[0, 1], &sound.skip.to_be_bytes(), &SOUND_SCALE.to_be_bytes(), &[0, 0], &[0]]);
    let entry = atom(
        *b"Opus",
        &[&[0, 0, 0, 0, 0, 0, 0, 1], &[0; 8], &[0, 1, 0, 16, 0, 0, 0, 0], &be((SOUND_SCALE as usize) << 16), &opus],
    );
    let table = sample_table(&entry, &[0, 1, count as u32, PACKET], &[], &sizes, chunks);
    let head = atom(*b"smhd", &[&[0; 8]]);
    let media = media((SOUND_SCALE, count as u32 * PACKET), (*b"soun", b"callsheet sound\0"), &head, &table);
    atom(*b"trak", &[&header, &atom(*b"edts", &[&edit]), &media])
}

fn media((scale, duration): (u32, u32), (kind, name): ([u8; 4], &[u8]), head: &[u8], table: &[u8]) -> Vec<u8> {
    // 0x55c4 is the language `und`.
    let media_header = atom(*b"mdhd", &[&numbers(&[0, 0, 0, scale, duration, 0x55c4_0000])]);
    let handler = atom(*b"hdlr", &[&[0; 8], &kind, &[0; 12], name]);
    let here = atom(*b"url ", &[&be(1)]);
    let places = atom(*b"dinf", &[&atom(*b"dref", &[&numbers(&[0, 1]), &here])]);
    let information = atom(*b"minf", &[head, &places, table]);
    atom(*b"mdia", &[&media_header, &handler, &information])
}

fn samples(track: &Track<'_>, chunks: &Chunks) -> Vec<u8> {
    let mut durations: Vec<(u32, u32)> = Vec::new();
    for (_, duration) in track.frames {
        match durations.last_mut() {
            Some((count, known)) if known == duration => *count += 1,
            _ => durations.push((1, *duration)),
        }
    }
    let durations: Vec<u32> = [0, durations.len() as u32]
        .into_iter()
        .chain(durations.iter().flat_map(|(count, duration)| [*count, *duration]))
        .collect();
    let sizes: Vec<u32> = track.frames.iter().map(|(unit, _)| unit.len() as u32 + 4).collect();
    let key_frames = atom(*b"stss", &[&numbers(&[0, 1, 1])]);
    sample_table(&entry(track), &durations, &key_frames, &sizes, chunks)
}

/// Returns the index of a track. Without `key_frames`, every sample is one.
fn sample_table(entry: &[u8], durations: &[u32], key_frames: &[u8], sizes: &[u32], chunks: &Chunks) -> Vec<u8> {
    atom(
        *b"stbl",
        &[
            &atom(*b"stsd", &[&numbers(&[0, 1]), entry]),
            &atom(*b"stts", &[&numbers(durations)]),
            key_frames,
            &chunk_table(chunks),
            &atom(*b"stsz", &[&numbers(&[0, 0]), &be(sizes.len()), &numbers(sizes)]),
            &offsets(chunks),
        ],
    )
}

/// Encodes the number of samples per chunk, as runs of equal numbers.
fn chunk_table(chunks: &Chunks) -> Vec<u8> {
    let mut runs: Vec<[u32; 3]> = Vec::new();
    for (number, (_, count)) in chunks.iter().enumerate() {
        if runs.last().is_none_or(|last| last[1] != *count) {
            runs.push([number as u32 + 1, *count, 1]);
        }
    }
    let mut table = vec![0, runs.len() as u32];
    table.extend(runs.iter().flatten());
    atom(*b"stsc", &[&numbers(&table)])
}

fn offsets(chunks: &Chunks) -> Vec<u8> {
    let places: Vec<u8> = chunks.iter().flat_map(|(place, _)| be(*place)).collect();
    atom(*b"stco", &[&numbers(&[0, chunks.len() as u32]), &places])
}

fn entry(track: &Track<'_>) -> Vec<u8> {
    let length = |unit: &[u8]| (unit.len() as u16).to_be_bytes();
    let (sequence, parameters) = (sequence(track.picture), parameters());
    let decoder = atom(
        *b"avcC",
        &[
            &[1],
            &PROFILE,
            &[0xff, 0xe1], // lengths of four bytes; one sequence parameter set
            &length(&sequence),
            &sequence,
            &[1],
            &length(&parameters),
            &parameters,
        ],
    );
    // BT.709, limited range, as in the sequence parameter set.
    let color = atom(*b"colr", &[b"nclx", &[0, 1, 0, 1, 0, 1, 0]]);
    let FrameSize { width, height } = track.picture;
    atom(
        *b"avc1",
        &[
            &[0, 0, 0, 0, 0, 0, 0, 1],
            &[0; 16],
            &width.to_be_bytes(),
            &height.to_be_bytes(),
            &numbers(&[0x48_0000, 0x48_0000, 0]), // 72 dots per inch
            &[0, 1],                              // one frame per sample
            &[0; 32],
            &[0, 0x18, 0xff, 0xff],
            &decoder,
            &color,
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

/// Encodes a size. It always fits: files have a few megabytes.
fn be(value: usize) -> [u8; 4] {
    (value as u32).to_be_bytes()
}
