//! Lengths and tracks of real files, which ffmpeg made, and of damaged ones.

use std::io::Write as _;

use proptest::prelude::*;

use super::*;

fn read(bytes: &[u8], format: MediaFormat) -> Result<Tracks, Damage> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    super::tracks(file, bytes.len() as u64, format)
}

fn length(bytes: &[u8], format: MediaFormat) -> Option<f64> {
    read(bytes, format).ok()?.seconds
}

/// Mono sound of 8,000 bytes per second, with a declared number of bytes.
fn wav(claimed: u32, held: usize) -> Vec<u8> {
    let mut bytes = b"RIFF".to_vec();
    bytes.extend(claimed.saturating_add(36).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data");
    bytes.extend(claimed.to_le_bytes());
    bytes.resize(bytes.len() + held, 128);
    bytes
}

/// Frames of 128 kbit/s at 44.1 kHz: 1,152 samples in 417 bytes each.
fn mp3(frames: usize) -> Vec<u8> {
    let mut frame = b"\xff\xfb\x90\x64".to_vec();
    frame.resize(417, 0);
    frame.repeat(frames)
}

fn near(found: Option<f64>, wanted: f64) -> bool {
    found.is_some_and(|found| (found - wanted).abs() < 0.06)
}

/// A tone of 2.5 seconds in each format, and files without sound. ffmpeg made them.
const FILES: [(&str, &[u8]); 11] = [
    ("talk.m4a", include_bytes!("../../../../tests/cases/spec/recorded-voices/talk.m4a")),
    ("talk.mp4", include_bytes!("../../../../tests/cases/spec/recorded-voices/talk.mp4")),
    ("talk.mov", include_bytes!("../../../../tests/cases/spec/recorded-voices/talk.mov")),
    ("talk.webm", include_bytes!("../../../../tests/cases/spec/recorded-voices/talk.webm")),
    ("talk.aac", include_bytes!("../../../../tests/cases/spec/recorded-voices/talk.aac")),
    // With a picture too.
    ("clip.webm", include_bytes!("../../../../tests/cases/spec/recorded-voices/clip.webm")),
    // As a browser records: no length in any header.
    ("live.webm", include_bytes!("../../../../tests/cases/spec/recorded-voices/live.webm")),
    ("fragments.mp4", include_bytes!("../../../../tests/cases/spec/recorded-voices/fragments.mp4")),
    ("protected.m4a", include_bytes!("../../../../tests/cases/template/bad-voice/protected.m4a")),
    ("silent.mp4", include_bytes!("../../../../tests/cases/template/bad-voice/silent.mp4")),
    ("silent.webm", include_bytes!("../../../../tests/cases/template/bad-voice/silent.webm")),
];

fn fixture(name: &str) -> (Vec<u8>, MediaFormat) {
    let bytes = FILES.iter().find(|(known, _)| *known == name).unwrap().1.to_vec();
    let format = MediaFormat::sniff(&bytes).unwrap();
    (bytes, format)
}

/// Returns the place of a text in a file.
fn place(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|part| part == wanted).unwrap()
}

#[test]
fn lengths_are_read_from_headers() {
    assert!(near(length(&wav(16_000, 16_000), MediaFormat::Wav), 2.0));
    assert!(near(length(&mp3(200), MediaFormat::Mp3), 5.22));
    assert_eq!(length(b"\x89PNG\r\n\x1a\n", MediaFormat::Png), None);
    for (name, format) in [
        ("talk.m4a", MediaFormat::M4a),
        ("talk.mp4", MediaFormat::Mp4),
        ("talk.mov", MediaFormat::Mov),
        ("talk.webm", MediaFormat::Webm),
        ("talk.aac", MediaFormat::Aac),
        ("clip.webm", MediaFormat::Webm),
        ("live.webm", MediaFormat::Webm),
        ("fragments.mp4", MediaFormat::Mp4),
    ] {
        let (bytes, sniffed) = fixture(name);
        let tracks = read(&bytes, sniffed).unwrap();
        assert_eq!((sniffed, tracks.has_sound, tracks.is_protected), (format, true, false), "{name}");
        // An encoder adds up to two frames of silence.
        assert!(tracks.seconds.is_some_and(|seconds| (2.5..2.63).contains(&seconds)), "{name} {tracks:?}");
    }
}

/// An encoder that writes to a pipe cannot go back to its first frame and declare a length there.
#[test]
fn mp3_length_is_the_sum_of_its_frames() {
    let frame = |head: &[u8], size: usize| [head, &vec![0; size - head.len()]].concat();
    // 32 kbit/s, then 320 kbit/s, of 1,152 samples at 44.1 kHz each.
    let variable = [frame(b"\xff\xfb\x10\x64", 104).repeat(100), frame(b"\xff\xfb\xe0\x64", 1044).repeat(100)].concat();
    assert!(near(length(&variable, MediaFormat::Mp3), 5.22));
    // MPEG 2 at 22.05 kHz, 64 kbit/s, of 576 samples each.
    let slow = frame(b"\xff\xf3\x80\x64", 208).repeat(100);
    assert!(near(length(&slow, MediaFormat::Mp3), 2.61));
    // Layer II, 192 kbit/s at 48 kHz.
    let broadcast = frame(b"\xff\xfd\xa4\x64", 576).repeat(100);
    assert!(near(length(&broadcast, MediaFormat::Mp3), 2.4));
    let tag = |size: u8| [&b"ID3\x04\0\0\0\0\x01"[..], &[size], &vec![0xff; 128 + usize::from(size)]].concat();
    let end = [&b"TAG"[..], &[b' '; 125]].concat();
    let joined = [tag(3), mp3(100), end.clone(), tag(100), mp3(100), end].concat();
    assert!(near(length(&joined, MediaFormat::Mp3), 5.22));
    // Some programs leave zeros after the tag, or append tags of other kinds.
    let padded = [tag(3), vec![0; 500], mp3(200), b"APETAGEX".repeat(20)].concat();
    assert!(near(length(&padded, MediaFormat::Mp3), 5.22));
    assert!(near(length(&[mp3(200), b"\xff\xfb\x90\x64cut".to_vec()].concat(), MediaFormat::Mp3), 5.22));
    for foreign in
        [[mp3(20), vec![7; 10_000]].concat(), frame(b"\xff\xfb\x00\x64", 417).repeat(9), tag(0)[..60].to_vec()]
    {
        assert_eq!(length(&foreign, MediaFormat::Mp3), None);
    }
}

#[test]
fn sound_is_found_in_the_tracks() {
    for name in ["silent.mp4", "silent.webm"] {
        let (bytes, format) = fixture(name);
        assert_eq!(read(&bytes, format).map(|tracks| tracks.has_sound), Ok(false), "{name}");
    }
    let (bytes, format) = fixture("protected.m4a");
    assert!(read(&bytes, format).unwrap().is_protected);
    let encoding = element(b"\x6d\x80", &element(b"\x62\x40", &element(b"\x50\x35", b"")));
    for (encoding, is_protected) in [(encoding, true), (Vec::new(), false)] {
        let track = element(b"\xae", &[element(b"\x83", b"\x02"), encoding].concat());
        let cluster = element(b"\x1f\x43\xb6\x75", &element(b"\xe7", b"\0"));
        let segment = [element(b"\x16\x54\xae\x6b", &track), cluster].concat();
        let bytes = [&b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm"[..], &element(b"\x18\x53\x80\x67", &segment)].concat();
        let found = Tracks { has_sound: true, is_protected, seconds: None };
        assert_eq!(read(&bytes, MediaFormat::Webm), Ok(found));
    }
}

/// An element of WebM, with its size in four bytes.
fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    [id, &(0x1000_0000 | content.len() as u32).to_be_bytes(), content].concat()
}

#[test]
fn an_incomplete_file_is_damage() {
    for (name, _) in FILES {
        let (bytes, format) = fixture(name);
        if matches!(format, MediaFormat::Aac) {
            continue;
        }
        for cut in [bytes.len() / 4, bytes.len() / 2, bytes.len() - 20] {
            assert!(read(&bytes[..cut], format).is_err(), "{name} cut at {cut}");
        }
        let (start, _) = bytes.split_at(40);
        assert!(read(start, format).is_err(), "{name}");
    }
    assert_eq!(read(b"\xff\xf1noise that is no frame", MediaFormat::Aac), Err(Damage::Unreadable));
    let (bytes, format) = fixture("talk.m4a");
    assert_eq!(read(&bytes[..bytes.len() - 20], format), Err(Damage::Cut));
    assert_eq!(read(&bytes[..28], format), Err(Damage::Missing));
    // A recorder that was stopped wrote no index.
    let index = place(&bytes, b"moov") - 4;
    assert_eq!(read(&bytes[..index], format), Err(Damage::Missing));
    // The parts of the index reach beyond it.
    let mut torn = bytes.clone();
    let track = place(&bytes, b"mdia") - 4;
    torn[track..track + 4].copy_from_slice(&[0, 1, 0, 0]);
    assert_eq!(read(&torn, format), Err(Damage::Unreadable));
    // Some programs append their own data to a complete file.
    assert!(read(&[&bytes[..], &[0; 20]].concat(), format).is_ok());
    assert!(read(&[&bytes[..], b"\x01\x02\x03"].concat(), format).is_ok());
}

#[test]
fn a_recording_with_more_parts_than_are_read_has_an_unknown_length() {
    let unknown = Ok(Tracks { has_sound: true, is_protected: false, seconds: None });
    let (bytes, format) = fixture("fragments.mp4");
    assert_eq!(read(&[bytes, b"\0\0\0\x08free".repeat(110_000)].concat(), format), unknown);
    let (bytes, format) = fixture("live.webm");
    assert_eq!(read(&[bytes, b"\xa3\x84\x81\0\0\0".repeat(510_000)].concat(), format), unknown);
    let (bytes, format) = fixture("talk.aac");
    assert_eq!(read(&[bytes, b"\xff\xf1\x50\x80\x01\x1f\xfc\0".repeat(350_000)].concat(), format), unknown);
    // Nothing is known of its tracks.
    let boxes = [&b"\0\0\0\x14ftypM4A \0\0\x02\0M4A "[..], &b"\0\0\0\x08free".repeat(110_000)].concat();
    assert_eq!(read(&boxes, MediaFormat::M4a), Err(Damage::TooMany));
}

#[test]
fn other_wav_formats_have_the_samples_that_they_declare() {
    const MP3: u16 = 0x55;
    let declared = |size: u32| {
        let bytes = wav_of(MP3, (80_050, size), 1_000, 8_000);
        let at = place(&bytes, b"LIST");
        [&bytes[..at], b"fact\x04\0\0\0\x80\x3e\0\0", &bytes[at..]].concat()
    };
    assert!(near(length(&declared(8_000), MediaFormat::Wav), 2.0));
    assert_eq!(length(&declared(80_000), MediaFormat::Wav), None);
}

#[test]
fn a_claim_that_the_file_cannot_hold_is_unknown() {
    let (bytes, format) = fixture("talk.m4a");
    let (track, movie) = (place(&bytes, b"mdhd") + 16, place(&bytes, b"mvhd") + 16);
    for (scale, units) in [(1, u32::MAX - 1), (u32::MAX, 1), (0, 5)] {
        let mut claimed = bytes.clone();
        for at in [track, movie] {
            claimed[at..at + 4].copy_from_slice(&u32::to_be_bytes(scale));
            claimed[at + 4..at + 8].copy_from_slice(&u32::to_be_bytes(units));
        }
        assert_eq!(read(&claimed, format).unwrap().seconds, None, "{scale} {units}");
    }
    let (bytes, format) = fixture("talk.webm");
    let at = place(&bytes, b"\x44\x89\x88") + 3;
    for claimed in [3.6e15, f64::NAN, f64::INFINITY, -1.0, 0.0] {
        let mut bytes = bytes.clone();
        bytes[at..at + 8].copy_from_slice(&f64::to_be_bytes(claimed));
        assert_eq!(read(&bytes, format).unwrap().seconds, None, "{claimed}");
    }
}

/// The start of a WAV file: its format, a list of tags, and the declared sizes. The sound has 8,000 bytes per second.
fn wav_of(format: u16, sizes: (u32, u32), rate: u32, held: usize) -> Vec<u8> {
    let mut bytes = [b"RIFF", &sizes.0.to_le_bytes()[..], b"WAVEfmt \x10\0\0\0"].concat();
    bytes.extend([format.to_le_bytes(), 1_u16.to_le_bytes()].concat());
    bytes.extend([8_000_u32.to_le_bytes(), rate.to_le_bytes()].concat());
    bytes.extend(b"\x01\0\x08\0LIST\x05\0\0\0INFOx\0data");
    bytes.extend(sizes.1.to_le_bytes());
    bytes.resize(bytes.len() + held, 128);
    bytes
}

#[test]
fn a_wav_file_that_ends_early_has_the_length_of_its_sound() {
    const PCM: u16 = 1;
    const MU_LAW: u16 = 7;
    for (format, sizes) in [
        // ffmpeg to a pipe, arecord to a pipe, GStreamer while it records, and a copy that was cut.
        (PCM, (u32::MAX, u32::MAX)),
        (PCM, (0x7FFF_FFFF, 0x7FFF_FFDA)),
        (PCM, (0, 0)),
        (PCM, (80_050, 80_000)),
        (MU_LAW, (u32::MAX, u32::MAX)),
        (MU_LAW, (80_050, 80_000)),
    ] {
        let found = length(&wav_of(format, sizes, 8_000, 24_000), MediaFormat::Wav);
        assert!(near(found, 3.0), "{format} {sizes:?} {found:?}");
    }
    // Blocks of 256 bytes with 505 samples, at a rate that the encoder declared wrongly.
    let mut adpcm =
        b"RIFF\xff\xff\xff\xffWAVEfmt \x14\0\0\0\x11\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\0\x01\x04\0\x02\0\xf9\x01"
            .to_vec();
    adpcm.extend(b"data\xff\xff\xff\xff");
    adpcm.resize(adpcm.len() + 256 * 48, 0);
    assert!(near(length(&adpcm, MediaFormat::Wav), 48.0 * 505.0 / 8_000.0));
    // Followed by tags, which do not count as sound.
    let tagged = [wav_of(PCM, (u32::MAX, 16_000), 8_000, 16_000), b"LIST\x04\0\0\0INFO".to_vec()].concat();
    assert!(near(length(&tagged, MediaFormat::Wav), 2.0));
    // A rate that contradicts the format, and no sound.
    assert_eq!(wav_seconds(&mut io::Cursor::new(wav_of(PCM, (0, 0), 16_000, 24_000)), 24_058), None);
    assert_eq!(length(&wav_of(PCM, (u32::MAX, u32::MAX), 8_000, 0), MediaFormat::Wav), None);
    assert_eq!(length(&wav_of(MU_LAW, (u32::MAX, u32::MAX), 0, 24_000), MediaFormat::Wav), None);
    assert_eq!(length(&wav_of(PCM, (u32::MAX, u32::MAX), 8_000, 24_000)[..30], MediaFormat::Wav), None);
}

/// A box that claims any size, nested or repeated as often as the file has room, ends soon and takes no memory.
#[test]
fn a_hostile_file_costs_little() {
    let start = b"\0\0\0\x14ftypM4A \0\0\x02\0M4A ".to_vec();
    let boxes = |part: &[u8]| [&start[..], &part.repeat(8_000_000 / part.len())].concat();
    let nested: Vec<u8> =
        (0..900_000_u32).rev().flat_map(|left| [&(left * 8 + 8).to_be_bytes()[..], b"moov"].concat()).collect();
    let run = [&b"\x7f\xff\xff\xfftrun\0\0\x0f\x05\xff\xff\xff\xff"[..], &[0; 64]].concat();
    let segment = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff".to_vec();
    let elements = |part: &[u8]| [&segment[..], &part.repeat(8_000_000 / part.len())].concat();
    for (bytes, format) in [
        (boxes(b"\0\0\0\x08free"), MediaFormat::M4a),
        (boxes(b"\0\0\0\x08trak"), MediaFormat::M4a),
        (boxes(&run), MediaFormat::M4a),
        ([boxes(b"\0\0\0\x08trak"), b"\0\0\0\x08trex".repeat(40_000)].concat(), MediaFormat::M4a),
        ([start.clone(), nested].concat(), MediaFormat::M4a),
        (boxes(b"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff"), MediaFormat::M4a),
        (elements(b"\xec\x80"), MediaFormat::Webm),
        (elements(b"\xae\x80"), MediaFormat::Webm),
        (elements(b"\xa3\x84\x81\0\0\0"), MediaFormat::Webm),
        (elements(b"\xa3\x08\xff\xff\xff\xff"), MediaFormat::Webm),
        (b"\xff\xf1\x50\x80\x01\x1f\xfc\0".repeat(1_000_000), MediaFormat::Aac),
    ] {
        let found = read(&bytes, format);
        assert!(found.is_err() || found.unwrap().seconds.is_none_or(|seconds| seconds < 1_000_000.0), "{format:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    /// Without `catch_unwind`: the readers of containers are ours.
    #[test]
    fn damage_is_no_panic(kind in 0..FILES.len() + 2, places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), is_start in any::<bool>(), cut in any::<prop::sample::Index>()) {
        let (mut bytes, format) = match FILES.get(kind) {
            Some((name, _)) => fixture(name),
            None if kind == FILES.len() => (wav(800, 800), MediaFormat::Wav),
            None => (mp3(6), MediaFormat::Mp3),
        };
        let head = bytes.len().min(if is_start { 256 } else { usize::MAX });
        for (place, byte) in places {
            bytes[place.index(head)] = byte;
        }
        bytes.truncate(bytes.len() - cut.index(bytes.len() / 2));
        if let Ok(tracks) = read(&bytes, format) {
            prop_assert!(tracks.seconds.is_none_or(|found| found > 0.0 && found <= bytes.len() as f64 / MIN_BYTES));
        }
    }
}
