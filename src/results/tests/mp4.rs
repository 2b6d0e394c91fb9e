//! Complete and broken containers.

use std::io::Cursor;

use crate::results::check_mp4;

fn atom(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    [&u32::try_from(content.len() + 8).unwrap().to_be_bytes()[..], &kind, content].concat()
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// Returns a movie of 90 seconds with a track of 1920×1080, whose only chunk starts at an offset.
fn movie(chunk: u32) -> Vec<u8> {
    let header = atom(*b"mvhd", &words(&[0, 0, 0, 1000, 90_000]));
    let mut track_header = words(&[0; 19]);
    track_header.extend(words(&[1920 << 16, 1080 << 16]));
    let places = atom(*b"stbl", &atom(*b"stco", &words(&[0, 1, chunk])));
    let media = atom(*b"mdia", &atom(*b"minf", &places));
    let track = atom(*b"trak", &[atom(*b"tkhd", &track_header), media].concat());
    atom(*b"moov", &[header, track].concat())
}

fn file(chunk: u32) -> Vec<u8> {
    [atom(*b"ftyp", b"isom\0\0\x02\0isom"), movie(chunk), atom(*b"mdat", b"pictures")].concat()
}

fn fault(bytes: &[u8]) -> String {
    check_mp4(&mut Cursor::new(bytes)).unwrap_err()
}

#[test]
fn a_whole_container_tells_its_length_and_picture() {
    let found = check_mp4(&mut Cursor::new(file(40))).unwrap();
    assert_eq!((found.seconds, found.picture, found.height()), (Some(90.0), Some((1920, 1080)), Some(1080)));
    // The data may be first, extend to the end, or have a 64-bit size.
    let first = [atom(*b"ftyp", b"isom"), atom(*b"mdat", b"x"), movie(12)].concat();
    assert!(check_mp4(&mut Cursor::new(first)).is_ok());
    let open = [atom(*b"ftyp", b"isom"), movie(12), words(&[0]), b"mdatpictures".to_vec()].concat();
    assert!(check_mp4(&mut Cursor::new(open)).is_ok());
    let wide = [atom(*b"ftyp", b"isom"), movie(12), words(&[1]), b"mdat".to_vec(), words(&[0, 17]), vec![0]].concat();
    assert!(check_mp4(&mut Cursor::new(wide)).is_ok());
}

#[test]
fn no_beginning_of_a_file_is_a_whole_one() {
    let whole = file(40);
    for length in 0..whole.len() {
        assert!(check_mp4(&mut Cursor::new(&whole[..length])).is_err(), "{length} of {} bytes pass", whole.len());
    }
    for more in [&b"\0"[..], b"more than there was", b"\0\0\0\0\0\0\0\0"] {
        let longer = [&whole[..], more].concat();
        assert!(check_mp4(&mut Cursor::new(longer)).is_err(), "{more:?} passes at the end");
    }
}

#[test]
fn what_is_wrong_is_said() {
    assert_eq!(fault(b""), "it is empty");
    assert_eq!(fault(b"<html><body>gone</body></html>"), "it ends in the middle of a box, at byte 30");
    assert_eq!(fault(&[atom(*b"free", b""), file(40)].concat()), "it is not an MP4: it does not begin with its kind");
    assert_eq!(fault(&[atom(*b"ftyp", b"isom"), atom(*b"mdat", b"x")].concat()), "its index is missing");
    assert_eq!(fault(&[atom(*b"ftyp", b"isom"), movie(9)].concat()), "it holds no pictures");
    assert_eq!(fault(&file(9_999)), "its index points beyond its end");
    let torn = [atom(*b"ftyp", b"isom"), atom(*b"moov", b"\0\0\0\x40trak"), atom(*b"mdat", b"x")].concat();
    assert_eq!(fault(&torn), "its index is incomplete");
    let bare = [atom(*b"ftyp", b"isom"), atom(*b"moov", b""), atom(*b"mdat", b"x")].concat();
    assert_eq!(fault(&bare), "it has no track");
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400), at in 0_usize..120) {
        drop(check_mp4(&mut Cursor::new(&bytes)));
        let mut whole = file(40);
        let end = whole.len().min(at + bytes.len());
        whole[at.min(end)..end].copy_from_slice(&bytes[..end - at.min(end)]);
        drop(check_mp4(&mut Cursor::new(whole)));
    }
}
